/* map_access.h - rows of access logs as events: the NCSA forms and IIS's own.
 *
 * Fields have the names of the W3C format: c-ip, cs-username, cs-method, cs-uri-stem,
 * cs-uri-query, cs-version, cs-host, sc-status, sc-bytes, cs-referer, cs-user-agent;
 * c-ident, x-forwarded-for; cs-request where the request is none that HTTP knows; extra-1
 * and so on for what the program was told to write besides. A "-" is FIELD_NULL. Derived
 * fields are those of IIS rows (map_iis.h).
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/source.h"

struct access_events;

/* These are source_open, source_next, source_fill and source_row for access logs. */
struct access_events *access_events_open(struct bytes file, enum format format, struct str path,
                                         struct span span, struct arena *arena);
int access_events_next(struct access_events *s, struct arena *arena, struct event *ret,
                       struct span *gap, struct err *err);
void access_events_fill(struct access_events *s, struct arena *arena, struct event *ev);
bool access_events_row(struct access_events *s, struct arena *arena, struct log_row *ret);
bool access_events_key(struct access_events *s, struct arena *arena, const struct wish *wish,
                       struct row_key *ret);
