/* rules_int.h - what a rule set is made of, for the files that fill it and that match by it. */
#pragma once

#include "rule/documents.h"
#include "rule/filters.h"
#include "rule/logsource.h"
#include "rule/pipeline.h"
#include "rule/rules.h"
#include "rule/sigma_int.h"

struct compiled {
    const struct node *node;
    const struct feed **feeds;
    size_t n_feeds;
};

struct named { /* a document under its id or name */
    struct str key;
    struct document *document;
};

struct ruleset {
    struct arena *arena;
    struct names names;
    struct compiler compiler;
    struct logsource_map map;
    struct documents documents;
    struct named *by_id; /* documents that have one, sorted; correlations look there */
    struct named *by_name;
    size_t n_by_id, n_by_name;
    struct tapped *tapped; /* beside `rules`, of those that stand in documents */
    size_t n_tapped;       /* 0: there is no correlation */
    struct rule *rules;
    struct compiled *compiled; /* beside `rules` */
    size_t n;
    size_t cap;
    struct filter *filters;
    struct refusal_list {
        struct refusal *p;
        size_t n;
        size_t cap;
    } refusals, notices;
    const struct choice *choice;
    struct pipeline **pipelines;
    size_t n_pipelines;
    size_t cap_pipelines;
    size_t n_left_out;
    size_t n_others;
    size_t n_standing; /* rules that stand for findings of others */
    bool frozen;
};

/* rules.c, for the correlations */

/* Compiles a rule's document and appends it. errors the reason for refusing it */
int ruleset_compile(struct ruleset *set, const struct document *document, struct err *err);
void ruleset_append(struct ruleset *set, const struct rule *rule,
                    const struct compiled *compiled);
int ruleset_read_level(struct ruleset *set, const struct yaml *document, enum level *ret,
                       struct err *err);
void ruleset_refuse_document(struct ruleset *set, const struct document *document,
                             const struct err *why);
void ruleset_notice(struct ruleset *set, const struct document *document, const struct yaml *at,
                    struct str text);

/* correlation_link.c */

/* Looks at the correlations before any rule is compiled: finds out what they refer to, and
 * marks what is needed though it was not chosen. */
void correlations_prepare(struct ruleset *set);

/* Compiles them when all rules are. */
void correlations_link(struct ruleset *set);
