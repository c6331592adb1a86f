/* source.h - one piece of evidence as a stream of normal events.
 *
 * Reading is in two steps so that events no rule asks for cost little: source_next gives
 * the head of an event; source_fill adds its fields.
 *
 * A file is read in spans. A span of EVTX starts and ends on a chunk boundary; a span of a
 * text log starts behind a newline and ends behind one. Formats that cannot be split are
 * one span.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/event_key.h"
#include "event/row.h"
#include "event/wish.h"
#include "format/evtx_recover.h"
#include "format/format.h"

struct source;

struct span {
    uint64_t from;   /* bytes into the file */
    uint64_t to;     /* first byte that is not part of the span */
    uint64_t layout; /* where the "#Fields" line in force at `from` starts, for text logs
                        whose span does not start the file; else 0 */
};

/* Opens a span.
 *
 * file    the whole file; must outlive the source
 * format  as sniffed (format.h)
 * path    of the evidence, '/'-separated; some formats tell their part from it
 * arena   lives as long as the source
 * errors  none: a damaged start is met by source_next
 */
struct source *source_open(struct bytes file, enum format format, struct str path,
                           struct span span, struct arena *arena);

/* The next event's head; no fields yet.
 *
 * arena   for this event only: reset it between events
 * returns 1 event, 0 end of the span, -1 damage: *err says what, *gap where; the caller
 *         records it and calls again to go on behind it
 */
int source_next(struct source *s, struct arena *arena, struct event *ret, struct span *gap,
                struct err *err);

/* Adds the fields, derived ones included, to the event that source_next gave last. */
void source_fill(struct source *s, struct arena *arena, struct event *ev);

/* Adds at least the fields that are wished for, derived ones included: for those names
 * event_find then gives what it would give for the whole event. The texts of keywords are
 * not complete. Where ev->wish is then the wish's id, ev->wished has the answers.
 *
 * wish  NULL: all fields
 */
void source_fill_some(struct source *s, struct arena *arena, struct event *ev,
                      const struct wish *wish);

/* Fields that source_fill_some adds whatever is wished for. Kept; NULL: none. */
void source_also(struct source *s, const struct wish *also);

/* What stands in the line that source_next gave last, where that can be said without its
 * fields. Borrowed from the evidence, from `arena` or from the source; valid until source_next.
 *
 * returns false where the event has to be filled to know anything of it
 */
bool source_row(struct source *s, struct arena *arena, struct log_row *ret);

/* The key of that row for a wish (event/row.h): where two rows of this source have the same,
 * source_fill_some adds the same fields. False where none is known, or it is too long. */
bool source_row_key(struct source *s, struct arena *arena, const struct wish *wish,
                    struct row_key *ret);

/* The key of the event given last, of an event log, for a wish (event/event_key.h). False where
 * none is known, or it is too long. */
bool source_event_key(struct source *s, const struct event *ev, const struct wish *wish,
                      struct event_key *ret);

/* The bytes that the texts of the event given last are made from, those of its neighbours too:
 * the chunk of an event log. {0} if that is not known. */
struct bytes source_raw(const struct source *s);

/* --- records outside the chunks of an event log (docs/formats/evtx.md, "Recovery") --- */

/* Whether source_next passed something like a record that is none of the chunks' own. */
bool source_has_shells(const struct source *s);

/* Template definition number `i` that source_next learned, where its evidence is an event
 * log that is not compressed; false behind the last. */
bool source_definition(const struct source *s, unsigned i, struct evtx_definition *ret);

/* The records outside the chunks of the log that `read` is of, in its span: events as those of
 * source_open, with MARK_RECOVERED. NULL if it is no event log.
 *
 * read       stays open as long
 * elsewhere  templates known; kept. NULL: those that `read` has learned
 */
struct source *source_recover(struct source *read, const struct evtx_elsewhere *elsewhere,
                              struct arena *arena);

/* The records in any file: an image of a disk or of memory. As above. */
struct source *source_carve(struct bytes file, struct span span,
                            const struct evtx_elsewhere *elsewhere, struct arena *arena);

/* How many of them so far. */
struct evtx_recovery_counts source_recovered(const struct source *s);

/* Ends the reading. The memory is the arena's. */
void source_close(struct source *s);
