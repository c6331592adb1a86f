/* side.h - what one source says of a thing that another source has too.
 *
 * A scheduled task is a file and a key of the registry; IIS's configuration lies there in several
 * versions. Each is read alone, in any order; what they say is kept for a later phase, which
 * compares them.
 */
#pragma once

#include "detect/signal.h"

/* Whether an event may be such a side, told from its head. */
bool side_may(const struct event *ev);

/* What kind of setting an element of IIS's configuration is, of those that decide who answers a
 * request and what is kept of it: "modules", "handlers", ...; "" if it is none. */
struct str side_setting(const struct event *ev);

/* Writes it, with its fields, as SIGNAL_LATER, LATER_SIDE. An event that turns out to be none is not
 * written, and is no failure.
 * returns false, and nothing is written, where it is too long */
bool side_write(struct buf *out, const struct event *ev);

/* Reads it back; the table of fields is the arena's, the texts are borrowed from the signal.
 * errors  ERR_CORRUPT */
int side_read(const struct signal *s, struct arena *arena, struct event *ret, struct err *err);
