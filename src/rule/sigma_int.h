/* sigma_int.h - what the files of the Sigma engine share: a rule compiled to a tree.
 *
 * A *field number* names a field as rules write it. It becomes a *slot* through the
 * log-source mapping in force: for 4688 the field Image is the slot NewProcessName.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "event/event.h"
#include "rule/network.h"
#include "rule/placeholder.h"
#include "rule/regex.h"
#include "rule/sigma_value.h"
#include "rule/yaml.h"

/* ---- names as numbers ---- */

struct names {
    struct arena *arena;
    struct str *list;
    uint32_t n;
    uint32_t cap;
    uint32_t *table; /* number + 1, 0 = free */
    uint32_t table_size;
};

uint32_t names_intern(struct names *names, struct str name); /* copies a new name */
bool names_known(const struct names *names, struct str name, uint32_t *ret);

/* ---- what a rule asks ---- */

static const uint32_t FIELD_KEYWORD = UINT32_MAX; /* no field: every text of the record */

enum op {
    OP_NULL,   /* missing or empty */
    OP_EXISTS, /* present, or not present, as `yes` says */
    OP_TEXT,   /* pattern.text */
    OP_NUMBER, /* equal as a number, or the same text */
    OP_LESS,   /* compared with pattern.number */
    OP_LESS_EQUAL,
    OP_GREATER,
    OP_GREATER_EQUAL,
    OP_REGEX,
    OP_NETWORK,
    OP_FIELD, /* compared with another field's text as `text.test` says */
};

enum time_part {
    PART_NONE,
    PART_MINUTE,
    PART_HOUR,
    PART_DAY,
    PART_WEEK,
    PART_MONTH,
    PART_YEAR
};

struct pattern { /* one value of an item */
    enum op op;
    bool cased;
    bool yes;
    enum time_part part; /* the number compared is this part of the field's time */
    struct text_pattern text;
    struct number number;
    struct network network;
    const struct regex *regex;
    uint32_t other;                /* OP_FIELD: its field number */
    const struct pattern *or_else; /* another form of the same value */
};

struct item { /* one field with its values, or keywords */
    uint32_t field;
    bool all;    /* every value must match; else any */
    bool negate; /* neq */
    struct pattern *patterns;
    size_t n;
};

enum node_kind { NODE_ITEM, NODE_NOT, NODE_AND, NODE_OR, NODE_AT_LEAST };

struct node {
    enum node_kind kind;
    uint32_t cost; /* rough order of evaluation: cheap first */
    uint32_t need; /* NODE_AT_LEAST */
    uint32_t n;
    const struct node **child;
    const struct item *item;
};

struct compile_place { /* what is being compiled: where a refusal points */
    const struct yaml *node;
    bool key;      /* at its key */
    size_t offset; /* into the key's or the scalar's text */
};

struct compiler { /* one for a rule set */
    struct arena *arena;
    struct names *names;
    struct regex_list { /* to be freed with the set */
        struct regex *regex;
        struct regex_list *next;
    } * regexes;
    struct compile_place at;
    struct placeholders placeholders;
    size_t expanded; /* patterns that values have become, besides the one for each */
};

/* A node over children; children are reordered by cost. One child alone is returned. */
const struct node *sigma_node(struct compiler *c, enum node_kind kind,
                              const struct node **child, uint32_t n);

/* One "field|modifier|...": value(s) of a selection.
 *
 * key     "" for keywords
 * returns 0 with *ret, or -1 with the reason for refusing the rule
 */
int sigma_item(struct compiler *c, struct str key, const struct yaml *value,
               const struct node **ret, struct err *err);

struct selection {
    struct str name;
    const struct node *node; /* NULL: a pipeline has left nothing of it */
    bool used;               /* some condition names it */
};

/* A condition over named selections. Source: Sigma specification 2.1.0, "Condition". */
int sigma_condition(struct compiler *c, struct str text, struct selection *selections, size_t n,
                    const struct node **ret, struct err *err);

/* A rule's whole `detection` part, or a mapping's `conditions`. */
int sigma_detection(struct compiler *c, const struct yaml *detection, const struct node **ret,
                    struct err *err);
int sigma_selection(struct compiler *c, const struct yaml *selection, const struct node **ret,
                    struct err *err);
