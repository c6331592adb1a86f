/* trace.h - how a rule came to its answer for one event, clause by clause.
 *
 * The plain evaluator says yes or no; this walks the rule as it is written (its condition, the
 * selections, their fields and values) and asks the plain evaluator for each part. It is for
 * people: a few events, not all.
 */
#pragma once

#include "rule/rules.h"

enum trace_kind {
    TRACE_ITEM,      /* a field with its values, or keywords */
    TRACE_SELECTION, /* a named part of the detection: one child */
    TRACE_NOT,       /* one child */
    TRACE_ALL,
    TRACE_ANY,
    TRACE_AT_LEAST, /* `need` of the children */
    TRACE_FILTER,   /* a filter document that is joined to the rule: one child */
};

struct trace_asked { /* a value of the rule */
    struct str text;
    bool hit;
};

struct trace_value {  /* a value of the event, as the rule sees it */
    struct str field; /* the event's own name for it; "" where it is none of its fields */
    struct str text;
    struct str how; /* what was done to the evidence's text to get this; "": nothing */
    bool hit;       /* some value of the rule matches it */
    size_t at;      /* byte where what matched begins, as far as that is known; else 0 */
};

struct trace {
    enum trace_kind kind;
    bool result;
    uint32_t need;
    struct str name; /* ITEM: "Image|endswith", "" for keywords; SELECTION: its name */
    bool all;        /* ITEM: every value is wanted; else any */
    struct trace_asked *asked;
    size_t n_asked;
    struct trace_value *values; /* of keywords: only those that match */
    size_t n_values;
    struct trace **child;
    size_t n;
};

struct tracer;

/* Takes a rule of a frozen set apart. It is compiled anew, which adds to the set: the set must
 * not be in use by another process's matcher that shares memory.
 *
 * errors  those of compiling; none are expected of a rule that is in the set
 */
int tracer_new(struct ruleset *set, size_t rule, struct tracer **ret, struct err *err);
void tracer_free(struct tracer *t); /* NULL is fine */

/* How many kinds of event feed the rule, and one of them in words: "Security, EventID 4688". */
size_t tracer_feeds(const struct tracer *t);
struct str tracer_feed_text(const struct tracer *t, size_t feed, struct arena *arena);

enum trace_feed {
    FEED_OTHER,     /* the event is not of this kind, channel or EventID */
    FEED_CONDITION, /* it is, but lacks what the mapping asks for besides */
    FEED_TAKES,
};

/* Walks the rule over an event.
 *
 * feed   whose mapping is in force; >= tracer_feeds: none, the event's own names
 * arena  owns *ret, which borrows from the event too, until the next call
 */
enum trace_feed tracer_run(struct tracer *t, size_t feed, const struct event *ev,
                           struct arena *arena, struct trace **ret);

/* The values of an event that made the rule true: those of items that are true and stand
 * under no `not`. returns how many of them were written to `list` (at most `most`), in the
 * order of the rule; the same value once. */
size_t trace_hits(const struct trace *t, struct trace_value *list, size_t most);

/* The fields that the rule asks for, as it writes them, each once; for keywords none. */
size_t tracer_fields(const struct tracer *t, const struct str **ret);

/* Marks those of them that the event has, by the mapping of a feed that takes it.
 *
 * seen     beside the list of tracer_fields
 * returns  whether any feed takes the event
 */
bool tracer_see(struct tracer *t, const struct event *ev, bool *seen);
