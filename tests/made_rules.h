/* made_rules.h - rules made at random of few letters, for tests that hold the fast engine against
 * the plain one. */
#pragma once

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum {
    SELECTIONS = 3,
    ITEMS = 3,
    VALUES = 4,
};

struct made_names { /* what rules are made of */
    const char *const *sources;
    size_t n_sources;
    const char *const *fields;
    size_t n_fields;
};

struct random {
    uint64_t state;
    const struct made_names *names;
};

static inline uint64_t next(struct random *r)
{
    r->state ^= r->state << 13;
    r->state ^= r->state >> 7;
    r->state ^= r->state << 17;
    return r->state * UINT64_C(0x2545f4914f6cdd1d) >> 16;
}

static inline size_t below(struct random *r, size_t n)
{
    return (size_t)(next(r) % n);
}

static const char *one_of(struct random *r, const char *const *list, size_t n)
{
    return list[below(r, n)];
}

#define ONE_OF(r, list) one_of(r, list, sizeof(list) / sizeof *(list))

/* ---- rules ---- */

struct item {
    struct str key;
    struct str values[VALUES]; /* as YAML */
    size_t n;
};

struct selection {
    struct item items[ITEMS];
    size_t n;
    bool list; /* the items are maps of a list: any of them */
};

struct made_rule {
    const char *source;
    struct selection selections[SELECTIONS];
    size_t n;
    struct str condition;
};

static const char *const pieces[] = {"a",        "A",
                                     "b",        "ab",
                                     "aB",       "bA",
                                     "abab",     "\\",
                                     "/",        "-",
                                     ".",        " ",
                                     "0",        "1",
                                     "2",        "0x1",
                                     "aab",      "-a",
                                     "/b",       "\xc3\xa4",
                                     "\xc3\x84", "\xe2\x84\xaa",
                                     "k",        "\xc5\xbf",
                                     "s",        "\xe2\x80\x93",
                                     "::",       "qab::",
                                     "qq",       "%61",
                                     "{",        "}",
                                     "+",        "YWI",
                                     "C:\\",     "powershell",
                                     "abababab", "\xff",
                                     "\n"};

static inline struct str text_of(struct random *r, struct arena *arena, size_t most)
{
    struct str s = STR("");
    for (size_t n = below(r, most + 1); n > 0; n--) {
        struct str more = str_of(ONE_OF(r, pieces));
        s = arena_printf(arena, "%.*s%.*s", STR_ARG(s), STR_ARG(more));
    }
    return s;
}

/* A text in YAML; bytes that are no UTF-8 are left out. */
static inline struct str quoted(struct str s, struct arena *arena)
{
    struct str to = STR("\"");
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '\n')
            to = arena_printf(arena, "%.*s\\n", STR_ARG(to));
        else if (c == '"' || c == '\\')
            to = arena_printf(arena, "%.*s\\%c", STR_ARG(to), c);
        else if (c != 0xff)
            to = arena_printf(arena, "%.*s%c", STR_ARG(to), c);
    }
    return arena_printf(arena, "%.*s\"", STR_ARG(to));
}

static inline struct str wild_text(struct random *r, struct arena *arena)
{
    static const char *const wild[] = {"*", "?", "\\*", "\\?", "\\\\", "*a*", "b?a"};
    struct str s = text_of(r, arena, 3);
    if (below(r, 3) == 0)
        s = arena_printf(arena, "%.*s%s%.*s", STR_ARG(s), ONE_OF(r, wild),
                         STR_ARG(text_of(r, arena, 2)));
    return quoted(s, arena);
}

static inline struct str number_value(struct random *r, struct arena *arena)
{
    static const char *const numbers[] = {"0",   "1",   "2",  "10",  "-1",
                                          "1.5", "0x1", "21", "2021"};
    (void)arena;
    return str_of(ONE_OF(r, numbers));
}

static inline struct str regex_value(struct random *r, struct arena *arena)
{
    static const char *const regexes[] = {
        "a.b",      "^ab",     "ab$",          "(a|b)b+", "[ab]{2,}",      "a.*b.*a",
        "(?i)AB",   "\\\\d+",  "a(b|ab)\\\\.", "qab::|k", "power(shell)?", "^.{3,}$",
        "abab|0x1", "(ab){2}", "s$",           "[^a]b",   "a\\\\\\\\b",    "\\\\bab\\\\b"};
    return arena_printf(arena, "\"%s\"", ONE_OF(r, regexes));
}

static inline struct str network_value(struct random *r, struct arena *arena)
{
    static const char *const networks[] = {"10.0.0.0/8", "192.0.2.0/24", "::1/128", "10.1.2.3"};
    return arena_printf(arena, "\"%s\"", ONE_OF(r, networks));
}

static inline struct str field_value(struct random *r, struct arena *arena)
{
    return quoted(str_of(one_of(r, r->names->fields, r->names->n_fields)), arena);
}

static inline struct str flag_value(struct random *r, struct arena *arena)
{
    (void)arena;
    return below(r, 2) ? STR("true") : STR("false");
}

static inline struct str bare_value(struct random *r, struct arena *arena)
{
    static const char *const bare[] = {"null", "true", "false", "1",
                                       "0",    "4624", "\"\"",  "1.50"};
    return below(r, 2) ? str_of(ONE_OF(r, bare)) : wild_text(r, arena);
}

static const struct manner {
    const char *modifiers;
    struct str (*value)(struct random *r, struct arena *arena);
    bool keyword; /* may stand without a field */
    unsigned weight;
} manners[] = {
    {"", bare_value, false, 8},
    {"", wild_text, true, 6},
    {"|contains", wild_text, true, 10},
    {"|startswith", wild_text, true, 5},
    {"|endswith", wild_text, true, 6},
    {"|contains|all", wild_text, true, 5},
    {"|all", wild_text, true, 2},
    {"|neq", bare_value, false, 2},
    {"|contains|neq", wild_text, false, 2},
    {"|contains|all|neq", wild_text, false, 1},
    {"|cased", wild_text, true, 2},
    {"|contains|cased", wild_text, true, 2},
    {"|endswith|cased", wild_text, true, 1},
    {"|contains|windash", wild_text, true, 3},
    {"|windash", wild_text, true, 1},
    {"|contains|all|windash", wild_text, true, 1},
    {"|base64offset|contains", wild_text, true, 1},
    {"|base64|contains", wild_text, true, 1},
    {"|wide|base64offset|contains", wild_text, true, 1},
    {"|re", regex_value, true, 5},
    {"|re|i", regex_value, true, 2},
    {"|re|all", regex_value, true, 1},
    {"|cidr", network_value, false, 2},
    {"|lt", number_value, false, 1},
    {"|gte", number_value, false, 2},
    {"|exists", flag_value, false, 2},
    {"|fieldref", field_value, false, 2},
    {"|fieldref|contains", field_value, false, 1},
    {"|fieldref|startswith|cased", field_value, false, 1},
    {"|hour", number_value, false, 1},
    {"|year|gte", number_value, false, 1},
};

static const struct manner *manner_of(struct random *r)
{
    size_t all = 0;
    for (size_t i = 0; i < sizeof manners / sizeof *manners; i++)
        all += manners[i].weight;
    size_t at = below(r, all);
    const struct manner *m = manners;
    while (at >= m->weight)
        at -= (m++)->weight;
    return m;
}

static inline struct item make_item(struct random *r, struct arena *arena)
{
    const struct manner *m = manner_of(r);
    bool keyword = m->keyword && below(r, 8) == 0;
    struct item item = {0};
    item.key = arena_printf(arena, "%s%s",
                            keyword ? "" : one_of(r, r->names->fields, r->names->n_fields),
                            m->modifiers);
    item.n = 1 + below(r, VALUES);
    if (m->value == flag_value)
        item.n = 1;
    for (size_t i = 0; i < item.n; i++)
        item.values[i] = m->value(r, arena);
    return item;
}

static const char *const conditions[] = {
    "s0",
    "s0",
    "s0 and s1",
    "s0 and s1",
    "s0 and not s1",
    "s0 and not s1",
    "s0 or s1",
    "not s0",
    "s0 and (s1 or not s2)",
    "(s0 or s1) and not s2",
    "s0 or s1 and s2",
    "1 of s*",
    "all of s*",
    "all of them",
    "2 of s*",
    "not 1 of s*",
    "not (s0 and s1) or s2",
    "s0 and not 1 of (s1)",
};

static inline struct made_rule make_rule(struct random *r, struct arena *arena)
{
    struct made_rule rule = {.source = one_of(r, r->names->sources, r->names->n_sources),
                             .n = SELECTIONS};
    rule.condition = str_of(ONE_OF(r, conditions));
    for (size_t s = 0; s < SELECTIONS; s++) {
        struct selection *sel = &rule.selections[s];
        sel->list = below(r, 6) == 0;
        sel->n = 1 + below(r, ITEMS);
        for (size_t i = 0; i < sel->n; i++)
            sel->items[i] = make_item(r, arena);
    }
    return rule;
}

static inline struct str item_text(const struct item *item, struct arena *arena)
{
    struct str to = STR("");
    for (size_t i = 0; i < item->n; i++)
        to = arena_printf(arena, "%.*s%s%.*s", STR_ARG(to), i ? ", " : "",
                          STR_ARG(item->values[i]));
    return arena_printf(arena, "\"%.*s\": [%.*s]", STR_ARG(item->key), STR_ARG(to));
}

static inline struct str rule_text(const struct made_rule *rule, size_t number,
                                   struct arena *arena)
{
    struct str to = arena_printf(arena,
                                 "title: t%zu\nid: %zu\nlogsource: %s\ndetection:\n"
                                 "  condition: %.*s\n",
                                 number, number, rule->source, STR_ARG(rule->condition));
    for (size_t s = 0; s < rule->n; s++) {
        const struct selection *sel = &rule->selections[s];
        struct str body = STR("");
        for (size_t i = 0; i < sel->n; i++)
            body = arena_printf(arena, sel->list ? "%.*s%s{%.*s}" : "%.*s%s%.*s", STR_ARG(body),
                                i ? ", " : "", STR_ARG(item_text(&sel->items[i], arena)));
        to = arena_printf(arena, sel->list ? "%.*s  s%zu: [%.*s]\n" : "%.*s  s%zu: {%.*s}\n",
                          STR_ARG(to), s, STR_ARG(body));
    }
    return to;
}
