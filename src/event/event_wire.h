/* event_wire.h - an event as bytes, from a worker to its parent. */
#pragma once

#include "base/buf.h"
#include "base/cur.h"
#include "event/event.h"

/* Appends a number of `width` bytes, and a text with its length before it. */
void wire_number(struct buf *out, uint64_t v, size_t width);
void wire_text(struct buf *out, struct str text);

/* Reads a text; borrowed. Bytes that are no UTF-8 stay: output makes them safe. */
struct str wire_read_text(struct cur *in);

/* Appends the event: its head, and its fields if they are wanted. */
void event_wire(const struct event *ev, bool fields, struct buf *out);

/* Reads one back: in->bad if it is none.
 *
 * arena  owns the table of fields; texts are borrowed from the bytes
 */
void event_wire_read(struct cur *in, struct arena *arena, struct event *ret);
