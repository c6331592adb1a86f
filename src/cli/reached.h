/* reached.h - which rules could fire on the evidence given, and what would help: judged by
 * cmd_rules_coverage.c, told by reached_text.c and reached_table.c. */
#pragma once

#include "base/buf.h"
#include "cli/inventory.h"
#include "rule/advice.h"

enum { REACHED_LEVELS = LEVEL_CRITICAL + 1 };

struct help { /* what would help some rules */
    struct reach_need need;
    const struct advice *advice;   /* NULL: none is known */
    size_t levels[REACHED_LEVELS]; /* rules that could fire then */
    size_t enables;
    size_t completes; /* rules that could fire already, but not on all they ask for */
};

struct technique {
    struct str id;
    size_t rules, could_fire;
};

struct judged {
    uint32_t rule;
    struct reach reach;
};

struct reached {
    struct arena *arena;
    const struct ruleset *rules;
    struct inventory inventory;
    struct advices advices;
    size_t hosts;
    struct judged *judged; /* rules but the parts of others */
    size_t n_judged;
    size_t states[REACH_STATES][REACHED_LEVELS];
    struct help *help;
    size_t n_help, cap_help;
    struct technique *techniques; /* by id */
    size_t n_techniques, cap_techniques;
};

/* Rules of all levels. */
size_t reached_sum(const size_t levels[REACHED_LEVELS]);

/* The log's name as Windows writes it, where that is known: it is folded for comparing. */
struct str reached_channel(const struct reached *c, const struct reach_need *n);

/* "Security EventID 4698", "iis.w3c: field cs-user-agent". */
struct str reached_need(const struct reached *c, const struct reach_need *n);

/* For people. all: every host's logs, and all that would help. */
void reached_text(const struct reached *c, bool all, struct buf *out);

/* For programs (docs/coverage.md). */
void reached_json(const struct reached *c, struct buf *out);
void reached_csv(const struct reached *c, struct buf *out);
