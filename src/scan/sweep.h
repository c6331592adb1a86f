/* sweep.h - one pass over all events below some paths, members of archives and files in images
 * among them, for commands that want the events themselves and not findings.
 *
 * Workers read them and give items (texts); the parent gets the items in the order of the
 * evidence, as soon as all before them are there. Memory is bounded: of a stretch with more
 * to give than fits into a reply, the rest is read in another turn.
 */
#pragma once

#include "base/buf.h"
#include "detect/findings.h"
#include "event/source.h"
#include "scan/progress.h"

/* What is done in the workers, with each stretch of a file that is read. */
struct sweep_reader {
    /* Starts a stretch. returns what `event` and `end` get
     *
     * context  the options': each worker has a copy of its own, kept from stretch to stretch
     * raw      the file's bytes; empty where they are not the text of its events
     * arena    of the stretch
     * out      for sweep_give
     */
    void *(*begin)(void *context, const struct evidence *evidence, struct bytes raw,
                   struct arena *arena, struct buf *out);
    /* One event: a head. `arena` is the event's. */
    void (*event)(void *reader, struct source *source, struct event *ev, struct arena *arena);
    void (*end)(void *reader);
};

/* Gives an item to the parent. What one event or `end` gives must be less than SWEEP_ITEMS. */
enum { SWEEP_ITEMS = 64 << 20 };
void sweep_give(struct buf *out, struct str item);

struct swept {
    struct findings listed; /* evidence (events, recovered and times are counted) and gaps;
                               nothing else is filled */
    bool stopped;           /* before the end, because `take` said so */
};

enum { SWEEP_NO_MEMORY = 2 }; /* the exit status where max_memory does not suffice */

struct sweep_options {
    const char *const *paths;
    size_t n_paths;
    size_t jobs;          /* 0: as many as there are processors */
    size_t max_memory;    /* bytes that all processes together may take; 0: any */
    bool no_recover;      /* leave records outside the chunks of event logs alone */
    const char *password; /* of encrypted members of archives; NULL: none */
    size_t room;          /* of a reply, after which no event is read: set by sweep_run */
    const struct sweep_reader *reader;
    void *context; /* of reader and take */
    /* Takes one item, written by a worker that nothing vouches for. The view ends with the
     * call. returns 0: go on, 1: enough, -1: failed, with *err set */
    int (*take)(void *context, const struct evidence *evidence, struct str item,
                struct err *err);
    void (*progress)(void *display, const struct scan_progress *now); /* NULL: none */
    void *display;
};

/* Sweeps. Does not read again what `take` needs no more.
 *
 * arena   owns the result
 * errors  ERR_IO, and those of `take`
 */
int sweep_run(const struct sweep_options *options, struct arena *arena, struct swept *ret,
              struct err *err);
