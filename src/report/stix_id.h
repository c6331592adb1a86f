/* stix_id.h - identifiers of STIX objects, the same for the same thing in every export.
 *
 * Source: STIX 2.1 (OASIS Standard, 10 June 2021), 2.9 and 3.4; RFC 8785 for the JSON that observables'
 * identifiers are made of
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

/* Of a domain object or relationship: a UUIDv5 in a name space of this program's own, of the parts. */
struct str stix_id(struct arena *arena, const char *type, const struct str *parts, size_t n);

/* Of an observable: a UUIDv5 in OASIS's name space, of its contributing properties as canonical
 * JSON ("{"value":"..."}"). */
struct str stix_observable_id(struct arena *arena, const char *type, struct str canonical);

/* Only the UUID, in this program's own name space: another one for each type. */
struct str stix_uuid(struct arena *arena, const char *type, const struct str *parts, size_t n);

/* Appends a string as canonical JSON has it. text: valid UTF-8 */
void stix_canonical(struct buf *out, struct str text);
