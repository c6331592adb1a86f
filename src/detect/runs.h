/* runs.h - stretches of time in which something of a host was seen: a source's events, a build,
 * an offset of its clock. They are told when the span ends, or when there are many. */
#pragma once

#include "base/buf.h"
#include "detect/signal.h"

struct runs;

/* arena, out  live as long as the runs; they are written to `out` as signals */
struct runs *runs_new(struct arena *arena, struct buf *out);

/* Where the runs of one key (type, host, text, offset) are. All zero: not looked for yet. A
 * caller that meets the same key again and again keeps it, and spares the search. */
struct run_place {
    uint32_t slot;
    uint32_t turn;
};

struct run_key {
    enum signal_type type;
    struct str host, text; /* text: source and part, or build */
    int64_t offset;        /* of the clock; or what else sets runs apart */
};

/* Notes that the key was seen at time t: the newest run is drawn out, or a new one starts. Runs
 * of SIGNAL_COVER do not reach over more than five minutes of silence.
 * place  of this key */
void runs_note(struct runs *r, struct run_place *place, const struct run_key *key, instant t);

/* Notes a record's id: SIGNAL_IDS. What follows the last one draws the run out, unless its time
 * lies five minutes before that one's: there the clock went back. */
void runs_note_id(struct runs *r, struct run_place *place, const struct run_key *key, instant t,
                  uint64_t id);

/* Notes that the key is there, once, and counts nothing. */
void runs_note_once(struct runs *r, const struct run_key *key, instant t);

/* Writes what is still held. */
void runs_write(struct runs *r);
