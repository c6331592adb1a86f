/* matcher_int.h - what the files of matching share: classes of events, and the rules that may
 * match events of a class. */
#pragma once

#include "rule/rules_int.h"
#include "rule/sigma_eval.h"

struct row_needs;
struct unit;
struct unit_work;
struct text_set;

struct candidate { /* a rule that may match events of a class */
    uint32_t rule;
    bool reduced; /* what it leaves out asks for fields that the feed lacks */
    const struct feed *feed;
};

enum { CLASSES_RECENT = 256 };

struct class
{ /* events with the same kind, channel and EventID */
    enum event_kind kind;
    uint32_t event_id;
    struct str channel;
    uint64_t hash;
    struct candidate *candidates; /* by rule, and by feed for each rule */
    size_t n;
    struct unit *unit; /* of the fast matcher, when it was first asked for; else NULL */
    struct row_needs *row_needs; /* of a log of lines, when it was first asked for; else NULL */
    uint32_t text_turn;          /* of the text that row_needs was asked about last */
    struct class *next;          /* in its bucket */
};

struct matcher {
    const struct ruleset *set;
    bool plain; /* no units: every candidate over the whole event */
    struct arena *arena;
    struct arena *class_arena;
    struct eval eval;
    struct class **buckets;
    size_t n_classes;
    struct class *recent[CLASSES_RECENT]; /* by EventID: met last */
    struct unit_work *work;
    struct bytes raw;  /* what the next events are made from */
    uint32_t raw_turn; /* counts them */
    struct bytes text; /* that rows are parts of */
    uint32_t text_turn;
    struct text_set *text_sets;
    uint32_t wish_id;            /* of the newest unit */
    struct row_needs *row_needs; /* of the row that was asked for last */
    struct verdicts *verdicts;
    struct candidate *scratch; /* room for the candidates of one class */
    uint32_t *matches;
    unsigned *marks;              /* beside `matches` */
    const struct feed **feeds;    /* beside `matches`: the mapping in force */
    const struct value **decoded; /* for each match: what made it; NULL: the plain text */
};

/* Whether the plain evaluator says that the event in force satisfies a candidate. What made it
 * is in m->eval.decoded. */
bool matcher_satisfies(struct matcher *m, const struct candidate *c);
