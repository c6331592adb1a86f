/* tune.h - tuning lists: findings of rules that are known to be harmless here, put aside or
 * given another level. What packs say cannot be tuned: it is the verdict.
 *
 * Source: docs/formats/tuning.md
 */
#pragma once

#include "base/time.h"
#include "rule/rules.h"

struct tune_entry {
    const struct str *rules; /* ids or titles, as written */
    size_t n_rules;
    bool suppress; /* else: `level` */
    enum level level;
    const struct str *hosts; /* patterns, folded; none: every host */
    size_t n_hosts;
    const struct str *paths; /* patterns, folded, with '/'; none: every file */
    size_t n_paths;
    struct str reason;
    instant until; /* only events before it; INSTANT_NONE: all */
    struct str file;
    unsigned line;
};

struct tune_unknown { /* an entry names what no rule in use is called */
    const struct tune_entry *entry;
    struct str rule;
};

struct tuning {
    struct arena *arena;
    struct tune_entry **entries; /* each stays where it is */
    size_t n, cap;
    struct tune_list {
        const struct tune_entry **entries; /* in the order of the files */
        size_t n, cap;
    } * by_rule; /* by the number of the rule; made by tune_bind */
    struct tune_unknown *unknown;
    size_t n_unknown, cap_unknown;
};

struct tuning *tune_new(struct arena *arena);

/* Adds the entries of one list.
 *
 * file, text  the tuning borrows from neither
 * errors      ERR_INVALID "file:line:column: ..."
 */
int tune_add(struct tuning *t, struct str file, struct str text, struct err *err);

/* Finds the rules that the entries name, in a frozen set. Names of no rule are kept in
 * t->unknown. errors ERR_INVALID (an entry names a pack's rule) */
int tune_bind(struct tuning *t, const struct ruleset *rules, struct err *err);

struct tune_subject {       /* what a finding is about */
    struct str host;        /* as the record has it; "" if it has none */
    struct str path, below; /* of the evidence: as opened, and below the path that was given */
    instant time;           /* as recorded; INSTANT_NONE: not known */
};

/* The first entry for a finding of this rule; NULL if there is none.
 * t  bound; NULL is fine */
const struct tune_entry *tune_find(const struct tuning *t, uint32_t rule,
                                   const struct tune_subject *subject);

/* The same where neither host nor time is known any more (matches that were only counted):
 * NULL also where an entry would need to know. */
const struct tune_entry *tune_find_counted(const struct tuning *t, uint32_t rule,
                                           struct str path, struct str below);

/* The level of a finding under an entry; NULL: the rule's own. */
enum level tune_level(const struct tune_entry *entry, const struct rule *rule);

/* Whether a text is like a pattern of '*' (any text) and '?' (one character). */
bool tune_like(struct str pattern, struct str text);
