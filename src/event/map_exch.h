/* map_exch.h - rows of Exchange's comma-separated logs as events.
 *
 * Fields are the log's own columns; an empty cell is FIELD_NULL; a cell that the header has
 * no column for is Column<N>. What is derived from them: docs/formats/event.md. The parts:
 * map_exch.c reads rows, map_exch_fields.c derives from the logs of requests and cmdlets,
 * map_exch_mail.c from those of the transport, map_exch_audit.c from the audit queue.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/source.h"

struct exch_events;

/* These are source_open, source_next, source_fill, source_fill_some and source_row for these logs.
 * format  one that exch_log_of (format/exch_log.h) knows */
struct exch_events *exch_events_open(struct bytes file, enum format format, struct str path,
                                     struct span span, struct arena *arena);
int exch_events_next(struct exch_events *s, struct arena *arena, struct event *ret,
                     struct span *gap, struct err *err);
void exch_events_fill(struct exch_events *s, struct arena *arena, struct event *ev);
void exch_events_fill_some(struct exch_events *s, struct arena *arena, struct event *ev,
                           const struct wish *wish);
bool exch_events_key(struct exch_events *s, struct arena *arena, const struct wish *wish,
                     struct row_key *ret);
bool exch_events_row(struct exch_events *s, struct arena *arena, struct log_row *ret);
