/* signal.h - what leaves a worker: small statements about the span it read, never events.
 *
 * Signals are written one after the other into a reply and read back in the parent. The
 * parent trusts nothing in them: a worker may have been taken over by what it read.
 */
#pragma once

#include "base/cur.h"
#include "detect/correlated.h"
#include "detect/fact_spec.h"

enum signal_type {
    SIGNAL_HIT = 1,   /* a rule matched */
    SIGNAL_COVER,     /* a source of a host has events from, to */
    SIGNAL_BUILD,     /* a host's product ran this build from, to */
    SIGNAL_VOTES,     /* records of a host say that its clock text is off by so much */
    SIGNAL_HOST,      /* a host name seen, and how often */
    SIGNAL_GAP,       /* bytes that could not be read, and why */
    SIGNAL_SPAN,      /* what the span held: events, first, last */
    SIGNAL_FILE,      /* a file's digest, format and place */
    SIGNAL_CUT,       /* where a text log may be cut, and its layout there */
    SIGNAL_MORE,      /* matches of a rule that were counted only */
    SIGNAL_IDS,       /* a channel of a host has these record ids without a hole */
    SIGNAL_PUBLIC,    /* requests from a public address reached the host, from, to */
    SIGNAL_RECOVERED, /* records outside the chunks of a log: taken, copies, not readable */
    SIGNAL_LATER,     /* something for a later phase; what it is says `later` */
    SIGNAL_MATCH,     /* a rule matched, for correlations */
    SIGNAL_ALIVE, /* a table of files or a hive of a host's own disk was changed last, then */
    SIGNAL_UNMATCHED, /* so many of such matches were not handed on */
    SIGNALS,
};

enum later { /* what a later phase is for (scan/again.h) */
             LATER_NONE,
             LATER_TEMPLATE, /* an event template: where its definition lies */
             LATER_SLACK, /* a stretch of an event log with records outside the chunks' own */
             LATER_PART,  /* a part of a text that was logged in several records */
             LATER_HIVE,  /* a registry hive that needs its logs */
             LATER_SIDE,  /* what one source says of a thing that another has too */
             LATERS,
};

struct hit {
    uint32_t rule;
    enum event_kind kind;
    instant time;
    uint64_t offset, size, record;
    unsigned marks;
    struct str host, source; /* source: as in coverage, "windows:Security" */
    struct str excerpt;      /* the record as read, shortened; "" if not kept */
    struct str how;          /* what was decoded or joined before it matched; "" if nothing */
    struct str decoded;      /* the text that this gave, shortened; "" if not kept */
    uint32_t indicator;      /* which one was found, from 1; 0: the rule matched by itself */
    struct str field, found; /* where an indicator was found, and the text there */
    const struct seed *seeds;
    size_t n_seeds;
    const struct correlated *correlated; /* of a correlation; else NULL. No worker says it */
};

struct matched { /* a match of a correlation's member */
    uint32_t rule;
    enum event_kind kind;
    instant time;
    uint64_t offset, size, record;
    unsigned marks;
    bool part; /* the record is a part of a text that may be joined later */
    struct str host, source;
    const struct str *values; /* of ruleset_tapped's fields; "" where the record has none */
    size_t n_values;
};

struct signal {
    enum signal_type type;
    enum later later; /* LATER only; the other members are as its kind needs them */
    struct hit hit;
    struct matched matched;
    struct str host, text, format; /* GAP: text = why; BUILD: the build; COVER: the source */
    instant from, to;
    uint64_t a, b, c; /* HOST: a = count; GAP: bytes a to b; SPAN: a = events;
                         CUT: a = where, b = layout; IDS: a to b; FILE: a = size; MORE, UNMATCHED: a = rule, b = n;
                         VOTES: a = count, offset in `offset`; RECOVERED: a, b, c */
    int64_t offset;
    uint8_t digest[32];
    bool flag;
};

/* A value as correlations compare it: a long one by its beginning, its length and a hash of
 * all of it. */
struct str signal_value(struct str value, struct arena *arena);

void signal_write(struct buf *out, const struct signal *s);

/* Reads the next signal; text is copied into the arena.
 * returns 1, 0 at the end, -1 if the bytes are no signal. errors ERR_CORRUPT */
int signal_read(struct cur *in, struct arena *arena, struct signal *ret, struct err *err);
