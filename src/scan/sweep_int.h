/* sweep_int.h - what the files of the sweep share: the queue of evidence on its way through the
 * workers. Included by sweep*.c only. */
#pragma once

#include "scan/memory.h"
#include "scan/porting.h"
#include "scan/sweep.h"
#include "scan/work.h"

enum note_type { NOTE_ITEM = 1, NOTE_GAP, NOTE_COUNT, NOTE_MORE, NOTE_SHELLS };

/* A reply is a row of these. */
struct note {
    enum note_type type;
    uint64_t a, b; /* GAP: bytes a to b; COUNT: a events, b recovered; MORE: a events read */
    instant first, last; /* COUNT */
    struct str text;     /* ITEM; GAP: why */
};

void sweep_note(struct buf *out, const struct note *n);

enum turn_kind {
    TURN_NONE, /* nothing is asked of a worker: the piece marks a place, or holds gaps */
    TURN_CUT,
    TURN_SPAN,
    TURN_RECOVER,
};

struct turn { /* what a worker is asked */
    enum turn_kind kind;
    struct span span;
    uint64_t seen; /* of a member that is read window by window: bytes that are there; else 0 */
    uint64_t skip; /* events at the start that were read in an earlier turn */
};

struct subject {           /* a piece of evidence on its way */
    size_t evidence;       /* its number; of a member, given when its turn comes */
    struct ported *member; /* NULL: a file */
    bool numbered;
    bool windows;   /* a member that is read window by window */
    bool shells;    /* it has records outside its chunks, which were not read yet */
    bool recovered; /* they were asked for */
    bool counted;   /* as done, for progress */
    size_t undone;  /* turns that are not taken over */
};

struct piece {
    struct turn turn;
    struct subject *of;
    bool sent, done;
    bool open;          /* further pieces may come before it */
    struct piece *more; /* of the same stretch, where the reply was full */
    struct buf reply;
    struct str died; /* why the worker died on it; "" if it did not */
    struct piece *prev, *next;
};

struct sweep {
    const struct sweep_options *options;
    struct arena *arena;  /* owns the result */
    struct arena *pieces; /* lives as long as the sweep */
    struct findings *listed;
    struct proc_pool *pool;
    struct memory_plan memory;
    struct porting *porting; /* NULL: no carrier is read */
    struct piece *head;     /* the first that is not taken over; in the order of the evidence */
    struct piece *tail;     /* the last planned */
    struct piece *from;     /* none before it is to be sent; NULL: the head */
    struct piece **running; /* per worker */
    struct piece **ends;    /* per file: of a carrier, the piece behind its members */
    struct subject **again; /* members in windows with records outside their chunks */
    size_t n_again, cap_again;
    size_t n_files; /* evidence that is no member */
    size_t planned; /* of it */
    size_t stored;  /* bytes of replies that wait */
    size_t ahead;   /* pieces sent and not taken over */
    struct scan_progress progress;
    bool enough;
};

/* --- sweep.c: the queue --- */

struct subject *sweep_subject(struct sweep *s, size_t evidence, struct ported *member);

/* Adds a piece before `end`, or as the last where that is NULL. */
struct piece *sweep_add(struct sweep *s, struct piece *end, struct subject *of,
                        const struct turn *turn);

/* Adds what is to be done with evidence that lies there whole. */
void sweep_plan(struct sweep *s, struct piece *end, struct subject *of,
                const struct evidence *e);

/* Counts a subject with nothing left to do as done, once, for progress. */
void sweep_count(struct sweep *s, struct subject *of);

/* --- sweep_carry.c: carriers --- */

/* Queues a carrier. */
void sweep_carry(struct sweep *s, size_t evidence);

/* Gives a member its number, when its turn comes first. */
void sweep_carry_number(struct sweep *s, struct subject *of);

/* A piece of a member was taken over: what it needed may go. */
void sweep_carry_done(struct sweep *s, const struct piece *p);

/* Queues what needs members to be read a second time. False: nothing does. */
bool sweep_carry_again(struct sweep *s);
