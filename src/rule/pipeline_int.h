/* pipeline_int.h - what the files of the pipelines share.
 *
 * A pipeline is a row of *steps*; a step is a transformation and the conditions under which
 * it applies. A rule is taken apart into *parts*: an item (one field with its values), all
 * of some parts, or any of some parts. Steps work on parts.
 */
#pragma once

#include "base/buf.h"
#include "rule/pipeline.h"
#include "rule/regex.h"

enum {
    PL_STEPS_MAX = 4096,    /* steps of one pipeline, nested ones counted */
    PL_NEST_MAX = 8,        /* nested rows of steps; conditions in parentheses */
    PL_DEPTH_MAX = 32,      /* parts inside parts of a selection */
    PL_WORK_MAX = 16 << 20, /* work for one rule: bytes made, plus what parts and tests cost */
    PL_COST_PART = 64,
    PL_COST_TEST = 16,
    PL_COST_REGEX = 128,
    PL_GROUPS_MAX = 32, /* groups of one regular expression */
};

/* ---- a rule taken apart ---- */

struct pl_ids { /* ids of the steps that were applied to a thing */
    struct str id;
    const struct pl_ids *next;
};

enum pl_kind {
    PL_ITEM,
    PL_ALL,
    PL_ANY,
    PL_GONE, /* dropped */
};

struct pl_part {
    enum pl_kind kind;
    struct pl_part *child; /* PL_ALL, PL_ANY */
    struct pl_part *next;  /* sibling */
    /* PL_ITEM */
    struct str field;          /* "" for keywords */
    struct str modifiers;      /* "|contains|all": as written, with the first bar */
    const struct yaml *values; /* one, or a list */
    const struct pl_ids *applied;
    unsigned line;
};

struct pl_selection {
    struct str name;
    struct pl_part *part;
    unsigned line;
    struct pl_selection *next;
};

struct pl_name { /* a text in a list */
    struct str text;
    struct pl_name *next;
};

struct pl_field { /* steps that renamed something to this field, in the rule's `fields` */
    struct str field;
    const struct pl_ids *applied;
    struct pl_field *next;
};

struct pl_pair {
    struct str key;
    const struct yaml *value;
    struct pl_pair *next;
};

struct pl_rule {
    const struct yaml *document;
    bool is_correlation;
    const struct yaml *correlation; /* rewritten where fields were renamed */
    struct str category, product, service;
    bool new_logsource;
    struct pl_selection *selections;
    struct pl_name *conditions;
    struct pl_name *fields;
    const struct pl_ids *applied;
    struct pl_pair *attributes; /* set by steps */
    struct pl_pair *state;
    struct pl_name *mapped;         /* fields that are source or target of a mapping */
    struct pl_field *field_applied; /* of names in `fields` and in references */
    unsigned added;                 /* selections added, for their names */
};

/* ---- a pipeline ---- */

struct pl_step;
struct pl_run;
struct pl_condition;
struct pl_value;

enum pl_about { PL_ABOUT_RULE, PL_ABOUT_ITEM, PL_ABOUT_FIELD, PL_ABOUTS };

struct pl_subject {             /* what a condition is asked about */
    const struct pl_part *item; /* NULL: a name that stands in no selection */
    struct str field;
    bool by_name; /* the field alone, not those that the item's values refer to */
};

struct pl_condition_type {
    const char *name;
    const char *params; /* "needed! optional" */
    int (*check)(struct pipeline *p, struct pl_condition *c, struct err *err);
    bool (*holds)(struct pl_run *run, const struct pl_condition *c,
                  const struct pl_subject *on);
};

struct pl_condition {
    const struct pl_condition_type *type;
    struct str name; /* where conditions are named */
    const struct yaml *params;
    struct regex **regexes; /* from its patterns */
    size_t n_regexes;
};

struct pl_test { /* an expression over conditions, in the order of evaluation */
    enum { PL_TEST_NAME, PL_TEST_NOT, PL_TEST_AND, PL_TEST_OR } kind;
    const struct pl_test *left, *right;
    size_t condition;
};

struct pl_conditions {
    struct pl_condition *list;
    size_t n;
    bool any; /* else all */
    bool negate;
    const struct pl_test *test; /* NULL: `any` says */
};

struct pl_step_type {
    const char *name;
    const char *params;
    int (*check)(struct pipeline *p, struct pl_step *s, struct err *err);
    int (*on_rule)(struct pl_run *run, const struct pl_step *s);
    /* 1 changed, 0 not, -1 refused; the item may become several, or nothing */
    int (*on_item)(struct pl_run *run, const struct pl_step *s, struct pl_part *item);
    /* New names for a field; NULL: the step says nothing about it. */
    struct pl_name *(*rename)(struct pl_run *run, const struct pl_step *s, struct str field);
    /* 1: adds what takes the value's place at *tail and moves that on; 0 leaves it; -1 */
    int (*on_value)(struct pl_run *run, const struct pl_step *s, const struct pl_value *v,
                    struct pl_value ***tail);
    const char *refused; /* why it cannot be */
};

struct pl_step {
    const struct pl_step_type *type;
    struct str id;
    const struct yaml *params;
    struct pl_conditions conditions[PL_ABOUTS];
    struct regex *regex;
    struct pl_step *nested;
    size_t n_nested;
};

struct pl_regex { /* to be freed with the pipeline */
    struct regex *regex;
    struct pl_regex *next;
};

struct pipeline {
    struct arena *arena;
    struct str name;
    int64_t priority;
    const struct yaml *vars;
    struct pl_step *steps;
    size_t n;
    size_t n_all;   /* nested ones too */
    unsigned depth; /* while it is read */
    struct pl_regex *regexes;
    struct regex_scratch *scratch;
    struct str *notices;
    size_t n_notices;
    size_t cap_notices;
};

/* ---- applying it ---- */

struct pl_run {
    struct arena *arena;
    struct pipeline *const *pipelines; /* by priority */
    size_t n;
    const struct pipeline *pipeline; /* whose step is at work */
    struct pl_rule *rule;
    size_t work; /* left */
    bool failed;
    struct err *err;
};

/* Takes work from what is left. Once there is none, the run has failed; so no loop needs to
 * ask. Returns whether it still goes on. */
bool pl_spend(struct pl_run *run, size_t work);

/* Records why the rule must not be used. Returns -1. */
int pl_fail(struct pl_run *run, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A text that lives with the new document. */
struct str pl_join(struct pl_run *run, struct str a, struct str b);
struct str pl_keep(struct pl_run *run, struct buf *b); /* takes and frees the buffer */
struct buf pl_buf(const struct pl_run *run);

const struct pl_ids *pl_ids_add(struct pl_run *run, const struct pl_ids *ids, struct str id);
bool pl_ids_have(const struct pl_ids *ids, struct str id);
void pl_mark(struct pl_run *run, struct pl_part *part, struct str id);
void pl_name_add(struct pl_run *run, struct pl_name **list, struct str text);
bool pl_name_has(const struct pl_name *list, struct str text);

/* The first of a list, or the one value itself; then its siblings. */
const struct yaml *pl_first(const struct yaml *values);
const struct yaml *pl_after(const struct yaml *values, const struct yaml *at);

/* pipeline_doc.c */
int pl_take_apart(struct pl_run *run, const struct yaml *document, struct pl_rule *ret);
int pl_put_together(struct pl_run *run, const struct yaml **ret);
struct pl_part *pl_part_of(struct pl_run *run, const struct yaml *definition);
struct pl_part *pl_part_new(struct pl_run *run, enum pl_kind kind);
struct yaml *pl_yaml(struct pl_run *run, enum yaml_type type, struct str key, struct str text);
/* A node that can stand in another place; it shares its children with the first. */
struct yaml *pl_moved(struct pl_run *run, const struct yaml *from, struct str key);
/* Messages about `node` tell of the place of `like`. */
void pl_place(struct yaml *node, const struct yaml *like);

/* pipeline_steps.c */
int pl_apply_steps(struct pl_run *run, const struct pl_step *steps, size_t n);

/* pipeline_test.c: conditions */
int pl_conditions_read(struct pipeline *p, const struct yaml *step, enum pl_about about,
                       struct pl_conditions *ret, struct err *err);
bool pl_holds(struct pl_run *run, const struct pl_conditions *c, const struct pl_subject *on);
int pl_test_parse(struct str text, const struct yaml *at, const struct pl_conditions *c,
                  struct arena *arena, const struct pl_test **ret, struct err *err);

/* pipeline_read.c */
int pl_fail_at(struct err *err, const struct yaml *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int pl_params_check(const struct yaml *map, const char *params, const char *always,
                    struct err *err);
struct regex *pl_regex_new(struct pipeline *p, const struct yaml *pattern, struct err *err);
bool pl_true(const struct yaml *map, const char *key);
int pl_steps_read(struct pipeline *p, const struct yaml *list, struct pl_step **ret,
                  size_t *ret_n, struct err *err);

/* Tables of transformations, each ended by a row without a name. */
extern const struct pl_step_type pl_rule_steps[], pl_field_steps[], pl_value_steps[],
    pl_split_steps[], pl_placeholder_steps[], pl_refused_steps[];
const struct pl_condition_type *pl_condition_types(enum pl_about about);

/* ---- values as pySigma sees them: behind the modifiers ---- */

enum { CODED_HOLE = 0xfc }; /* around the name of a placeholder, in a coded text */

enum pl_value_kind {
    PL_TEXT,
    PL_NUMBER,
    PL_BOOL,
    PL_NULL,
    PL_REGEX,
    PL_FIELDREF,
    PL_OPAQUE, /* networks, comparisons, and values that stand for several */
};

struct pl_value {
    enum pl_value_kind kind;
    struct str coded;        /* PL_TEXT (sigma_value.h); PL_REGEX made: its modifiers */
    const struct yaml *node; /* else, and for PL_TEXT as written */
    bool made;               /* by a step: `node` is no longer what it was */
    struct pl_value *next;
};

/* The values of an item. For PL_TEXT the modifiers that place, wrap or encode are part of
 * the value. */
struct pl_value *pl_values(struct pl_run *run, const struct pl_part *item);
struct pl_value *pl_value_new(struct pl_run *run, enum pl_value_kind kind);

/* Gives an item new values. It becomes several parts where the values are of kinds that no
 * one item can hold. */
int pl_set_values(struct pl_run *run, struct pl_part *item, struct pl_value *values);

bool pl_has_modifier(struct str modifiers, const char *name);

/* A coded text as people write it: wildcards as `*` and `?`, the same characters as text
 * with a backslash, backslashes as they are (what regular expressions of pipelines see). */
struct str pl_shown(struct pl_run *run, struct str coded);

/* A coded text as it must stand in a rule to be read back the same. */
struct str pl_source(struct pl_run *run, struct str coded, bool percents);

/* A text that is a number, as one; NULL if it is none. */
const struct yaml *pl_number(struct pl_run *run, struct str text);

/* A value as written, with %name% turned into holes; "\\%" is a percent sign. In a
 * regular expression (`is_plain`) stars are no wildcards, which no name has. */
struct str pl_holes(struct pl_run *run, struct str text, bool is_plain);
bool pl_has_hole(struct str coded);

/* The stretch from `at` that is all text, or one wildcard, or one whole placeholder. */
struct str pl_stretch(struct str coded, size_t at);
