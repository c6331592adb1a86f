/* correlate.h - correlations over all that a scan has read, in order of time.
 *
 * Workers say where a member of a correlation matched and what the record's fields are
 * (SIGNAL_MATCH). Here these matches are kept as tuples, and evaluated when no more come. What
 * comes out depends neither on their order nor on how many of them fit into memory.
 */
#pragma once

#include "detect/correlated.h"
#include "detect/signal.h"
#include "rule/rules.h"

struct correlate_limits {
    size_t memory;      /* bytes of tuples held; 0: CORRELATE_MEMORY */
    size_t texts;       /* bytes of values; 0: CORRELATE_TEXTS */
    const char *folder; /* for a temporary file; NULL: none may be made */
    bool all;           /* what correlations find that are silent is told too */
};

enum {
    CORRELATE_MEMORY = 256 << 20,
    CORRELATE_TEXTS = 256 << 20,   /* bytes of different values of groups and fields */
    CORRELATE_GROUP_MAX = 2 << 20, /* matches of one group that are looked at together */
    CORRELATE_FOUND_MAX = 200000,  /* results of one correlation that are kept */
    CORRELATE_EVENTS_SHOWN = 10,   /* of a result, where its members are not more */
};

/* What was not counted in a correlation, and why. */
struct correlate_told {
    uint32_t rule;
    uint64_t matches; /* that were */
    uint64_t results;
    uint64_t without_time;
    uint64_t without_group; /* the record has not all fields of group-by */
    uint64_t without_value; /* or not the one that is counted, or not as a number */
    uint64_t copies;        /* of a record that was counted */
    uint64_t lost;          /* a limit was reached */
};

struct correlate_result {
    uint32_t rule;
    const struct correlated *found; /* its first event says where */
};

struct correlate;

/* rules   frozen; lives longer
 * arena   owns what comes out */
struct correlate *correlate_new(const struct ruleset *rules,
                                const struct correlate_limits *limits, struct arena *arena);
void correlate_free(struct correlate *c); /* NULL is fine */

/* Takes one match. */
void correlate_add(struct correlate *c, const struct matched *m, size_t evidence);

/* Matches of a rule that were not even handed on. */
void correlate_lost(struct correlate *c, uint32_t rule, uint64_t n);

/* Evaluates.
 *
 * same    for each piece of evidence: the first one with the same content
 * ret     by time
 * errors  ERR_IO (the temporary file)
 */
int correlate_run(struct correlate *c, const size_t *same, struct correlate_result **ret,
                  size_t *ret_n, struct err *err);

/* What is to be told of each correlation, in the order of the rules; also after correlate_run
 * has failed. returns how many */
size_t correlate_told(const struct correlate *c, const struct correlate_told **ret);
