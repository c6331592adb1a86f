/* porting.h - the parent's side of reading carriers: which are open, what is asked of their
 * porters (scan/porter.h), and how much of their members lies in memory.
 *
 * Carriers are read side by side, each by a process of its own; a carrier inside another is read
 * at its place among the members, so that what is told of one carrier comes in an order that
 * depends on it alone. Members are told as they are met; what lies in memory for the workers is
 * bounded, and a large member passes through it window by window.
 */
#pragma once

#include "detect/findings.h"
#include "event/source.h"
#include "sys/proc.h"

enum {
    PORTING_DEPTH = 3,     /* carriers inside carriers, the outermost one counted */
    PORTING_LANES_MAX = 8, /* read side by side */
};

#define PORTING_WHOLE_MAX ((uint64_t)2 << 30)  /* of a member that must lie in memory whole */
#define PORTING_HELD_MAX ((uint64_t)512 << 20) /* bytes of members, for all lanes */

struct ported {               /* a member */
    struct evidence evidence; /* path, below, root, modified, format; size, when it is known;
                                 its carrier is the outermost one */
    size_t ordinal;           /* so many members of that carrier come before it */
    struct ported *first;     /* in a second reading: what was told of it in the first one */
    struct ported *in;        /* the carrier it is a member of; NULL: one of the caller's */
    size_t top;               /* the carrier it came in, as the caller numbers them */
    int file;                 /* its bytes, for reading; negative: none are there */
    uint64_t filled;          /* so far they go */
    uint64_t head;            /* once it has ended: so much of its start is still there */
    bool hashed;              /* then this is their digest */
    uint8_t sha256[32];
    void *of; /* the caller's */

    /* porting.c's own */
    int whole; /* for writing; negative: none any more */
    size_t lane;
    uint64_t lies;        /* in memory up to here */
    uint64_t let_go;      /* no longer in memory up to here */
    uint64_t cut;         /* spans were told up to here */
    uint64_t next_layout; /* of the span behind */
    size_t out;           /* calls that are not answered by porting_done */
    bool told;            /* no further call comes */
    bool nested;          /* kept for being opened itself */
    uint64_t held;        /* bytes of memory, as counted */
};

/* What the caller does. Of one carrier the calls come in the order of what they tell; `ready`,
 * `span` and `ended` are each answered by porting_done. */
struct porting_calls {
    void (*met)(void *context, struct ported *m); /* a member: the first call for it */
    /* All of it is there. */
    void (*ready)(void *context, struct ported *m);
    /* A span of an event log or a log of lines is there; others follow. */
    void (*span)(void *context, struct ported *m, struct span span);
    /* A member that was not `ready` is over: size and digest are known. */
    void (*ended)(void *context, struct ported *m);
    /* Of member m, or of the carrier itself where m is NULL. */
    void (*gap)(void *context, size_t top, struct ported *m, uint64_t from, uint64_t to,
                struct str why);
    void (*closed)(void *context, size_t top); /* nothing more comes of this carrier */
};

struct porting;

/* Adds porters to a pool.
 *
 * lanes     carriers read side by side: 1..PORTING_LANES_MAX
 * password  of encrypted members; NULL: none
 * arena     owns it and all members
 */
struct porting *porting_new(struct proc_pool *pool, size_t lanes, const char *password,
                            const struct porting_calls *calls, void *context,
                            struct arena *arena);

/* How many carriers to read side by side, beside so many workers. */
size_t porting_lanes(size_t jobs);

/* Nothing but events is wanted: of members that hold none only the start is read, and no digest
 * is taken of those in windows. */
void porting_events_only(struct porting *p);

/* Fewer bytes of members may lie in memory than PORTING_HELD_MAX; the largest member that must
 * lie there whole is as large. */
void porting_hold(struct porting *p, uint64_t bytes);

/* A carrier to be read: its number among the evidence, larger than those before. What is said
 * of it is copied; further segments of an image are found by their names. */
void porting_add(struct porting *p, size_t top, const struct findings *f);

/* The same for some of its members, once more: those that an earlier porting told of, in its
 * order. They are told, and `ready`, whatever they are, or gaps; `first` says which is which. */
void porting_add_some(struct porting *p, size_t top, const struct findings *f,
                      struct ported *const *members, size_t n);

/* Asks for what there is room for. errors ERR_IO (the pool's) */
int porting_ask(struct porting *p, struct err *err);

/* Whether a worker of the pool is a porter; what proc_wait said of one is taken in here.
 * died: NULL if it answered */
bool porting_is(const struct porting *p, int worker);
void porting_hear(struct porting *p, int worker, const struct err *died);

/* Answers one call: the caller needs no byte before `to` any more, but what a span's layout
 * names and the first of the file; UINT64_MAX: none at all.
 * layout  where the layout lies that the next spans may need */
void porting_done(struct porting *p, struct ported *m, uint64_t to, uint64_t layout);

/* Whether nothing is left to be told. */
bool porting_over(const struct porting *p);

void porting_close(struct porting *p); /* NULL is fine; closes all files */
