/* sigma_eval.h - the plain evaluator: one event against compiled rules.
 *
 * Each field that some rule asks for is looked up, decoded and folded once for an event.
 */
#pragma once

#include "rule/logsource.h"
#include "rule/shape.h"
#include "rule/sigma_int.h"

struct value {
    struct str raw;
    const char *how; /* what was done to the evidence's text to get this; NULL: nothing */
    struct str folded;
    enum field_type type;
    bool is_folded;
};

struct values {
    uint64_t epoch; /* of the event they belong to */
    size_t own;     /* the field's own values; behind them come further forms */
    size_t n;
    struct value *v;
    bool has_grams;
    const uint64_t *grams; /* of all folded values; NULL if they are too short to pay */
};

struct eval { /* one worker's state */
    const struct names *names;
    struct arena *arena; /* the event's; reset for each */
    struct regex_scratch *scratch;
    struct values *fields; /* by field number */
    struct values *views;  /* by view, of all feeds */
    uint64_t epoch;
    const struct event *ev;
    const struct feed *feed; /* the mapping in force; NULL: none */
    struct values texts;     /* what keywords see */
    uint64_t limits;         /* regular expressions given up */
    /* Where some fields of the event are, if that was found out already; else NULL. */
    const struct places *places;
    const uint32_t *sources; /* their numbers, beside `places` */
    uint32_t n_sources;
    const struct value *decoded; /* the last value that matched though the evidence's own
                                    text did not; NULL: none since sigma_eval_feed */
};

/* Starts an event. `ev` must live until the next. */
void sigma_eval_event(struct eval *e, const struct event *ev);

/* Puts a feed's mapping in force. */
void sigma_eval_feed(struct eval *e, const struct feed *feed);

bool sigma_eval(struct eval *e, const struct node *node);

/* Whether one pattern, without its other forms (or_else), holds for any value of a field;
 * FIELD_KEYWORD: for any text. */
bool sigma_eval_pattern(struct eval *e, const struct pattern *p, uint32_t field);

enum tri { TRI_NO, TRI_MAYBE, TRI_YES };

/* What can be said from the head alone, where EventID and Channel are known. The event in
 * force is a head without fields. */
enum tri sigma_eval_head(struct eval *e, const struct node *node);
