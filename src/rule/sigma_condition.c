/* sigma_condition.c - conditions: "selection and not 1 of filter_*". */
#include "base/num.h"
#include "rule/nearest.h"
#include "rule/sigma_int.h"

enum {
    CONDITION_DEPTH = 64,     /* parentheses and nots inside each other */
    CONDITION_TEXT = 1 << 16, /* bytes */
    CONDITION_NODES = 1 << 16,
};

struct parser {
    struct compiler *c;
    struct selection *selections;
    size_t n_selections;
    struct str text; /* the whole condition */
    struct str rest;
    struct str token; /* the next one; empty at the end */
    unsigned depth;
    size_t nodes;
    struct err *err;
};

struct node_list {
    const struct node **p;
    uint32_t n;
    size_t cap;
};

static bool is_mark(char c)
{
    return c == '(' || c == ')' || c == '|';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void advance(struct parser *p)
{
    struct str s = p->rest;
    size_t at = 0;
    while (at < s.n && is_blank(s.p[at]))
        at++;
    size_t end = at;
    if (end < s.n && is_mark(s.p[end]))
        end++;
    else
        while (end < s.n && !is_blank(s.p[end]) && !is_mark(s.p[end]))
            end++;
    p->token = (struct str){end > at ? s.p + at : "", end - at};
    p->rest = (struct str){s.p + end, s.n - end};
}

static bool is_word(struct str token, const char *word)
{
    return str_ieq(token, str_of(word));
}

static int fail(struct parser *p, const char *what)
{
    size_t n = p->token.n > 60 ? 60 : p->token.n;
    p->c->at.offset = p->token.n ? (size_t)(p->token.p - p->text.p) : p->text.n;
    return err_set(p->err, ERR_INVALID, "condition: %s%s'%.*s'", what,
                   p->token.n ? " at " : " at the end ", (int)n, p->token.p);
}

/* A selection of which nothing is left is no part of what it stands in. */
static int append(struct parser *p, struct node_list *list, const struct node *node)
{
    if (!node)
        return 0;
    if (++p->nodes > CONDITION_NODES)
        return err_set(p->err, ERR_LIMIT, "condition: too large");
    list->p =
        arena_grow(p->c->arena, list->p, list->n, &list->cap, sizeof(const struct node *));
    list->p[list->n++] = node;
    return 0;
}

/* Names with '*' anywhere; names are short, so the plain recursion-free walk does. */
static bool name_matches(struct str pattern, struct str name)
{
    size_t p = 0;
    size_t t = 0;
    size_t star = SIZE_MAX;
    size_t mark = 0;
    while (t < name.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.n && pattern.p[p] == name.p[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

/* Names with '_' in front are for what asks for them so. */
static bool is_meant(struct str pattern, struct str name)
{
    bool hidden = name.p[0] == '_';
    if (is_word(pattern, "them"))
        return !hidden;
    return name_matches(pattern, name) && (!hidden || pattern.p[0] == '_');
}

/* "1 of them", "all of selection_*", "2 of x*": the token is at the pattern. */
static int parse_of(struct parser *p, struct str count, const struct node **ret)
{
    struct node_list list = {0};
    bool any = false;
    if (p->token.n == 0 || is_mark(p->token.p[0]))
        return fail(p, "the name of a selection is missing");
    for (size_t i = 0; i < p->n_selections; i++) {
        bool meant = is_meant(p->token, p->selections[i].name);
        if (meant && append(p, &list, p->selections[i].node) != 0)
            return -1;
        p->selections[i].used = p->selections[i].used || meant;
        any = any || meant;
    }
    if (!any)
        return fail(p, "no selection is meant");
    advance(p);
    if (list.n == 0)
        return 0;
    uint64_t need = 1;
    (void)num_u64(count, &need);
    bool all = is_word(count, "all");
    if (!all && (need == 0 || need > list.n))
        return err_set(p->err, ERR_INVALID, "condition: %u selections cannot give %.*s", list.n,
                       STR_ARG(count));
    enum node_kind kind = all ? NODE_AND : need == 1 ? NODE_OR : NODE_AT_LEAST;
    struct node *node = ARENA_NEW(p->c->arena, struct node);
    *node = *sigma_node(p->c, kind, list.p, list.n);
    if (node->kind == NODE_AT_LEAST)
        node->need = (uint32_t)need;
    *ret = node;
    return 0;
}

static int parse_or(struct parser *p, const struct node **ret);

static int unknown(struct parser *p)
{
    struct nearest near = nearest_to(p->token);
    for (size_t i = 0; i < p->n_selections; i++)
        nearest_try(&near, p->selections[i].name);
    (void)fail(p, "unknown selection");
    return near.best.n ? err_behind(p->err, " (did you mean '%.*s'?)", STR_ARG(near.best)) : -1;
}

static int parse_name(struct parser *p, const struct node **ret)
{
    struct str name = p->token;
    uint64_t number = 0;
    if (is_word(name, "all") || is_word(name, "any") || num_u64(name, &number)) {
        struct parser before = *p;
        advance(p);
        if (is_word(p->token, "of")) {
            advance(p);
            return parse_of(p, name, ret);
        }
        p->rest = before.rest;
        p->token = before.token;
    }
    for (size_t i = 0; i < p->n_selections; i++) {
        if (str_eq(p->selections[i].name, name)) {
            p->selections[i].used = true;
            advance(p);
            *ret = p->selections[i].node;
            return 0;
        }
    }
    return unknown(p);
}

static int parse_primary(struct parser *p, const struct node **ret)
{
    if (p->token.n == 0 || is_word(p->token, ")"))
        return fail(p, "a selection is missing");
    if (!is_word(p->token, "("))
        return parse_name(p, ret);
    if (++p->depth > CONDITION_DEPTH)
        return err_set(p->err, ERR_LIMIT, "condition: nested too deeply");
    advance(p);
    if (parse_or(p, ret) != 0)
        return -1;
    p->depth--;
    if (!is_word(p->token, ")"))
        return fail(p, "')' is missing");
    advance(p);
    return 0;
}

static int parse_not(struct parser *p, const struct node **ret)
{
    bool negate = false;
    bool any = false;
    for (; is_word(p->token, "not"); advance(p)) {
        negate = !negate;
        any = true;
    }
    const struct node *inner = NULL;
    if (parse_primary(p, &inner) != 0)
        return -1;
    *ret = any && negate && inner ? sigma_node(p->c, NODE_NOT, &inner, 1) : inner;
    return 0;
}

/* not-terms or and-terms joined by one word. */
static int parse_list(struct parser *p, const char *word,
                      int (*part)(struct parser *, const struct node **), enum node_kind kind,
                      const struct node **ret)
{
    struct node_list list = {0};
    for (;;) {
        const struct node *node = NULL;
        if (part(p, &node) != 0 || append(p, &list, node) != 0)
            return -1;
        if (!is_word(p->token, word))
            break;
        advance(p);
    }
    *ret = list.n ? sigma_node(p->c, kind, list.p, list.n) : NULL;
    return 0;
}

static int parse_and(struct parser *p, const struct node **ret)
{
    return parse_list(p, "and", parse_not, NODE_AND, ret);
}

static int parse_or(struct parser *p, const struct node **ret)
{
    return parse_list(p, "or", parse_and, NODE_OR, ret);
}

int sigma_condition(struct compiler *c, struct str text, struct selection *selections, size_t n,
                    const struct node **ret, struct err *err)
{
    if (text.n > CONDITION_TEXT)
        return err_set(err, ERR_LIMIT, "condition: too long");
    struct parser p = {.c = c,
                       .selections = selections,
                       .n_selections = n,
                       .text = text,
                       .rest = text,
                       .err = err};
    advance(&p);
    if (parse_or(&p, ret) != 0)
        return -1;
    if (is_word(p.token, "|")) {
        c->at.offset = (size_t)(p.token.p - text.p);
        return err_set(err, ERR_UNSUPPORTED,
                       "an aggregation ('| count()') must be the only condition of its rule");
    }
    if (p.token.n)
        return fail(&p, "'and' or 'or' is missing");
    return *ret ? 0 : err_set(err, ERR_INVALID, "condition: nothing is left of it");
}
