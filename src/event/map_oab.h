/* map_oab.h - lines of the offline address book generator's log as events.
 *
 * Fields: the columns where the log names them; Message, the line without its time; and
 * what it holds of "name=value" items. Derived, from the message that a download failed:
 * TempFile, TempFileExpected ("true" only for a place in Exchange's own folder for it),
 * WebPath.
 *
 * Source: docs/formats/oab-generator.md
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/source.h"

struct oab_events;

/* These are source_open, source_next and source_fill for such logs. */
struct oab_events *oab_events_open(struct bytes file, struct str path, struct span span,
                                   struct arena *arena);
int oab_events_next(struct oab_events *s, struct arena *arena, struct event *ret,
                    struct span *gap, struct err *err);
void oab_events_fill(struct oab_events *s, struct arena *arena, struct event *ev);
