/* decode_event.h - an event as it reads when what it hides is decoded.
 *
 * Fields that carry code (command lines, scripts, registry values, service and task commands,
 * queries of web requests) are decoded one by one. Each layer of each gives an event of its
 * own: a copy with the decoded text in the field's place, and with the decoded pieces alone as
 * the derived field `Decoded`. Rules see these events besides the plain one, never instead:
 * decoding may add a match and never takes one away.
 */
#pragma once

#include "event/decode_known.h"
#include "event/event.h"

enum { DECODE_EVENTS = 32 }; /* made of one event */

struct decoded_event {
    struct event ev;    /* marked MARK_DECODED */
    struct str how;     /* "CommandLine: base64, utf-16" */
    struct str decoded; /* the pieces alone, or the whole text where it was only rewritten */
};

struct decoded_events {
    struct decoded_event *at;
    size_t n;
    bool cut; /* a limit was reached: there may be more inside */
};

/* The names of the fields that are looked at, in events of one kind.
 *
 * ret      room for DECODE_CARRIERS
 * returns  how many */
enum { DECODE_CARRIERS = 32 };
size_t decode_event_names(enum event_kind kind, struct str *ret);

/* Whether decode_event makes anything of the event, or reaches a limit in it.
 *
 * ev     with the fields that decode_event_names tells
 * known  asked and added to, in a new turn; NULL: none
 * arena  for scratch
 */
bool decode_event_may(const struct event *ev, struct decode_known *known, struct arena *arena);

/* arena  owns *ret, which also borrows from ev */
void decode_event(const struct event *ev, struct arena *arena, struct decoded_events *ret);

/* The same with a table of texts that were looked into before. *ret is valid until its next turn.
 * known  NULL: none */
void decode_event_known(const struct event *ev, struct decode_known *known, struct arena *arena,
                        struct decoded_events *ret);

/* Whether decode_event looks at fields of this name in events of this kind. */
bool decode_event_looks(enum event_kind kind, struct str name);

/* Whether decode_event makes anything of a field of a row of a log, or cuts anything short:
 * not so for nearly all texts, and then this costs little. */
bool decode_row_has(struct str text, struct arena *arena);
