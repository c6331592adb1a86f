/* map_json.h - Windows events written as JSON, as normal events.
 *
 * Plain or compressed, in the wrappings of json_stream.h and the shapes of winjson.h.
 * JSON that is no Windows event is counted and told as one gap at the end.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/source.h"

struct json_events;

/* Opens a span.
 *
 * file    the whole file; must outlive the reader
 * format  FORMAT_JSON_LINES, FORMAT_JSON; FORMAT_GZIP or FORMAT_ZSTD, of which the content
 *         is sniffed and the span is not used: they are one span
 * arena   owns the reader; json_events_close is needed all the same
 */
struct json_events *json_events_open(struct bytes file, enum format format, struct span span,
                                     struct arena *arena);

/* The next event's head; no fields yet.
 *
 * arena   for this event only: reset it between events
 * ret     its texts live as long as `arena`, at most until the next call. Offsets are in the
 *         unpacked content
 * returns 1 event, 0 end, -1 damage: *err says what, *gap where; call again to go on
 * errors  those of json_stream_next; ERR_UNSUPPORTED for objects that are no Windows events
 *         and for a compressed file that holds something else
 */
int json_events_next(struct json_events *s, struct arena *arena, struct event *ret,
                     struct span *gap, struct err *err);

/* Adds the fields to the event that json_events_next gave last. */
void json_events_fill(struct json_events *s, struct arena *arena, struct event *ev);

void json_events_close(struct json_events **s);
