/* map_evtx.h - the records of a Windows event log as normal events.
 *
 * In two steps, as source.h has it: next gives the head, fill adds the fields. System
 * fields are named by element and attribute (Provider_Name, EventID, Execution_ProcessID;
 * the time is TimeCreated); EventData by the Name of its Data, or Data where it has none;
 * UserData and the rest by the leaf element; attributes as Element_Attribute.
 *
 * Source: docs/formats/evtx.md, "Field names".
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/event_key.h"
#include "format/evtx_recover.h"

enum evtx_events_option {
    EVTX_CHECK_CRC = 1, /* verify checksums, so that MARK_CRC_BAD can be set */
};

struct evtx_events;

/* Opens the part [from, to) of an event log.
 *
 * file     the whole file; must outlive the reader
 * options  enum evtx_events_option, or-ed together
 * arena    lives as long as the reader
 */
struct evtx_events *evtx_events_open(struct bytes file, uint64_t from, uint64_t to,
                                     unsigned options, struct arena *arena);

/* The next event's head; no fields yet.
 *
 * arena   for this event only: reset it between events
 * ret     its texts live as long as `arena`, at most until the next call
 * returns 1 event, 0 end, -1 something unreadable: *err says what, *gap where; the next
 *         call goes on behind it. An event of which only a part is readable comes first,
 *         its gap after it
 */
int evtx_events_next(struct evtx_events *e, struct arena *arena, struct event *ret,
                     struct evtx_gap *gap, struct err *err);

/* Opens the records outside the chunks' own, as evtx_recovery_open does: they are events like
 * others, with MARK_RECOVERED. The arena lives as long as the reader. */
struct evtx_events *evtx_events_recover(struct bytes file, uint64_t from, uint64_t to,
                                        bool image, const struct evtx_elsewhere *elsewhere,
                                        struct arena *arena);

/* Of a reader of recovered records: how many so far. */
struct evtx_recovery_counts evtx_events_recovered(const struct evtx_events *e);

/* Whether something like a record was passed that is none of the chunks' own. */
bool evtx_events_has_shells(const struct evtx_events *e);

/* The templates that were learned: evtx_templates_learned. */
bool evtx_events_definition(const struct evtx_events *e, unsigned i,
                            struct evtx_definition *ret);

/* Adds the fields to the event that evtx_events_next gave last. Those of a recovered one say
 * from where it is: RecoveredFrom, and RecoveredTemplate if that was not at its place. */
void evtx_events_fill(struct evtx_events *e, struct arena *arena, struct event *ev);

/* Adds the fields that are wished for, those derived of them included (map_windows.h), and what
 * evtx_events_also asks for; answers the wish in the event.
 *
 * returns false, and nothing added, where all fields must be filled to know
 */
bool evtx_events_fill_some(struct evtx_events *e, struct arena *arena, struct event *ev,
                           const struct wish *wish);

/* What evtx_events_fill_some makes the fields from (event_key.h). False where that is not known. */
bool evtx_events_key(struct evtx_events *e, const struct event *ev, const struct wish *wish,
                     struct event_key *ret);

/* Fields to be filled besides those of any wish. Kept; NULL: none. */
void evtx_events_also(struct evtx_events *e, const struct wish *also);

/* The chunk of the event that evtx_events_next gave last: all that its texts are made from, but for
 * numbers and other values that are no text in it. {0} if it is of no chunk. */
struct bytes evtx_events_chunk(const struct evtx_events *e);
