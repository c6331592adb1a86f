/* filters.h - filter documents: conditions that are added to rules of others.
 *
 * A filter is joined to a rule by `and`, as it is written: what shall be left out is told by
 * "condition: not selection".
 *
 * Source: Sigma specification 2.1.0, "Sigma Filters"; where it is silent (any, a log source
 * that says less, how it is joined), what pySigma does.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "rule/documents.h"

struct filter_target { /* one rule that a filter names */
    struct str name;
    bool known; /* some rule is called so */
};

struct filter {
    const struct document *document;
    const struct yaml *detection; /* its selections and condition, as a rule's */
    bool any;                     /* every rule with a fitting log source */
    struct filter_target *targets;
    size_t n_targets;
    size_t used;     /* rules that it is for */
    bool meets_pack; /* it names rules of a pack, which it does not reach */
    struct filter *next;
};

/* Reads a filter document.
 *
 * errors  ERR_INVALID: no log source, rules, selection or condition
 */
int filter_parse(const struct document *document, struct arena *arena, struct filter *ret,
                 struct err *err);

/* Whether the filter is meant for a rule; notes that the rule exists. */
bool filter_applies(struct filter *filter, const struct yaml *rule);

/* The rule's document with the filter's detection in place of its own. */
const struct yaml *filter_on(const struct filter *filter, const struct yaml *rule,
                             struct arena *arena);
