/* map_hive.h - a registry hive as events: one for each value, one for each key without any.
 *
 * The event's time is that of the last write to the key. A value that holds a list of things of
 * their own (the cache of programs, packages that are loaded) has an event more for each.
 * Fields and what is derived from them: docs/formats/registry.md.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/row.h"
#include "event/source.h"

struct hive_events;

/* These are source_open, source_next, source_fill and source_row for hives. */
struct hive_events *hive_events_open(struct bytes file, struct arena *arena);
int hive_events_next(struct hive_events *r, struct arena *arena, struct event *ret,
                     struct span *gap, struct err *err);
void hive_events_fill(struct hive_events *r, struct arena *arena, struct event *ev);
bool hive_events_row(struct hive_events *r, struct arena *arena, struct log_row *ret);
