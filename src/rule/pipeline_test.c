/* pipeline_test.c - the conditions of a step: how they are named, linked and negated. */
#include "rule/pipeline_int.h"

/* ---- expressions: names, not, and, or, parentheses ---- */

struct reader {
    struct str text;
    size_t at;
    unsigned depth;
    const struct yaml *where;
    const struct pl_conditions *conditions;
    bool *used;
    struct arena *arena;
    struct err *err;
};

static const struct pl_test *read_or(struct reader *r);

static bool is_name(char c)
{
    return (unsigned char)((c | 32) - 'a') < 26 || (unsigned char)(c - '0') < 10 || c == '_' ||
           c == '-';
}

/* The next word, or one parenthesis; "" at the end. */
static struct str peek(struct reader *r)
{
    while (r->at < r->text.n && strchr(" \t\r\n", r->text.p[r->at]))
        r->at++;
    size_t end = r->at;
    while (end < r->text.n && is_name(r->text.p[end]))
        end++;
    if (end == r->at && end < r->text.n)
        end++;
    return str_part(r->text, r->at, end);
}

static bool take(struct reader *r, struct str word)
{
    struct str next = peek(r);
    if (!str_eq(next, word))
        return false;
    r->at += next.n;
    return true;
}

static const struct pl_test *node(struct reader *r, int kind, const struct pl_test *left,
                                  const struct pl_test *right)
{
    struct pl_test *t = ARENA_NEW(r->arena, struct pl_test);
    t->kind = kind == PL_TEST_NOT   ? PL_TEST_NOT
              : kind == PL_TEST_AND ? PL_TEST_AND
                                    : PL_TEST_OR;
    t->left = left;
    t->right = right;
    return t;
}

static const struct pl_test *fail(struct reader *r, const char *what)
{
    (void)pl_fail_at(r->err, r->where, "condition expression, character %zu: %s", r->at + 1,
                     what);
    return NULL;
}

static const struct pl_test *read_name(struct reader *r)
{
    struct str name = peek(r);
    for (size_t i = 0; i < r->conditions->n; i++) {
        if (name.n == 0 || !str_eq(r->conditions->list[i].name, name))
            continue;
        struct pl_test *t = ARENA_NEW(r->arena, struct pl_test);
        r->at += name.n;
        r->used[i] = true;
        t->kind = PL_TEST_NAME;
        t->condition = i;
        return t;
    }
    return fail(r, "no condition of that name");
}

static const struct pl_test *read_not(struct reader *r)
{
    const struct pl_test *inner;
    if (r->depth == PL_NEST_MAX)
        return fail(r, "nested too deeply");
    r->depth++;
    if (take(r, STR("not"))) {
        inner = read_not(r);
        inner = inner ? node(r, PL_TEST_NOT, inner, NULL) : NULL;
    } else if (take(r, STR("("))) {
        inner = read_or(r);
        if (inner && !take(r, STR(")")))
            inner = fail(r, "')' is missing");
    } else {
        inner = read_name(r);
    }
    r->depth--;
    return inner;
}

static const struct pl_test *read_and(struct reader *r)
{
    const struct pl_test *left = read_not(r);
    while (left && take(r, STR("and"))) {
        const struct pl_test *right = read_not(r);
        left = right ? node(r, PL_TEST_AND, left, right) : NULL;
    }
    return left;
}

static const struct pl_test *read_or(struct reader *r)
{
    const struct pl_test *left = read_and(r);
    while (left && take(r, STR("or"))) {
        const struct pl_test *right = read_and(r);
        left = right ? node(r, PL_TEST_OR, left, right) : NULL;
    }
    return left;
}

enum { EXPRESSION_MAX = 4096 }; /* bytes: also bounds the depth of the tree */

int pl_test_parse(struct str text, const struct yaml *at, const struct pl_conditions *c,
                  struct arena *arena, const struct pl_test **ret, struct err *err)
{
    struct reader r = {.text = text,
                       .where = at,
                       .conditions = c,
                       .used = ARENA_ARRAY(arena, bool, c->n),
                       .arena = arena,
                       .err = err};
    if (text.n > EXPRESSION_MAX)
        return pl_fail_at(err, at, "a condition expression of more than %d bytes",
                          EXPRESSION_MAX);
    const struct pl_test *test = read_or(&r);
    if (test && peek(&r).n)
        test = fail(&r, "what follows is no part of it");
    for (size_t i = 0; test && i < c->n; i++) {
        if (!r.used[i])
            return pl_fail_at(err, c->list[i].params, "the expression does not use '%.*s'",
                              (int)(c->list[i].name.n > 60 ? 60 : c->list[i].name.n),
                              c->list[i].name.p);
    }
    if (!test)
        return -1;
    *ret = test;
    return 0;
}

/* ---- reading ---- */

static const struct {
    const char *conditions, *expression, *expression_long, *op, *negate;
} keys[] = {
    [PL_ABOUT_RULE] = {"rule_conditions", "rule_cond_expr", "rule_cond_expression",
                       "rule_cond_op", "rule_cond_not"},
    [PL_ABOUT_ITEM] = {"detection_item_conditions", "detection_item_cond_expr",
                       "detection_item_cond_expression", "detection_item_cond_op",
                       "detection_item_cond_not"},
    [PL_ABOUT_FIELD] = {"field_name_conditions", "field_name_cond_expr",
                        "field_name_cond_expression", "field_name_cond_op",
                        "field_name_cond_not"},
};

static int read_condition(struct pipeline *p, const struct yaml *y, enum pl_about about,
                          struct pl_condition *c, struct err *err)
{
    struct str name = yaml_text(y, "type");
    const struct yaml *type = yaml_get(y, "type");
    if (y->type != YAML_MAP || !type)
        return pl_fail_at(err, y, "a condition must be a map with a type");
    for (const struct pl_condition_type *t = pl_condition_types(about); t->name; t++) {
        if (str_eq(str_of(t->name), name))
            c->type = t;
    }
    if (!c->type)
        return pl_fail_at(err, type, "unknown condition '%.*s' among %s",
                          (int)(name.n > 60 ? 60 : name.n), name.p, keys[about].conditions);
    c->name = y->key;
    c->params = y;
    if (pl_params_check(y, c->type->params, "type", err) != 0)
        return -1;
    return c->type->check ? c->type->check(p, c, err) : 0;
}

static int read_linking(struct pipeline *p, const struct yaml *step, enum pl_about about,
                        const struct yaml *conditions, struct pl_conditions *c, struct err *err)
{
    const struct yaml *op = yaml_get(step, keys[about].op);
    const struct yaml *expression = yaml_get(step, keys[about].expression);
    const struct yaml *negate = yaml_get(step, keys[about].negate);
    if (!expression)
        expression = yaml_get(step, keys[about].expression_long);
    if (op && !str_eq(op->text, STR("and")) && !str_eq(op->text, STR("or")))
        return pl_fail_at(err, op, "%s must be 'and' or 'or'", keys[about].op);
    if (negate && negate->type != YAML_BOOL)
        return pl_fail_at(err, negate, "%s must be true or false", keys[about].negate);
    c->any = op && str_eq(op->text, STR("or"));
    c->negate = negate && negate->integer;
    if (!expression)
        return 0;
    if (op)
        return pl_fail_at(err, expression, "an expression and %s exclude each other",
                          keys[about].op);
    if (!conditions || conditions->type != YAML_MAP)
        return pl_fail_at(err, expression, "an expression needs %s that have names",
                          keys[about].conditions);
    return pl_test_parse(expression->text, expression, c, p->arena, &c->test, err);
}

int pl_conditions_read(struct pipeline *p, const struct yaml *step, enum pl_about about,
                       struct pl_conditions *ret, struct err *err)
{
    const struct yaml *list = yaml_get(step, keys[about].conditions);
    struct pl_conditions c = {0};
    size_t n = 0;
    if (list && list->type != YAML_LIST && list->type != YAML_MAP && list->type != YAML_NULL)
        return pl_fail_at(err, list, "%s must be a list or a map", keys[about].conditions);
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next)
        n++;
    c.list = ARENA_ARRAY(p->arena, struct pl_condition, n);
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next) {
        if (read_condition(p, y, about, &c.list[c.n++], err) != 0)
            return -1;
    }
    if (read_linking(p, step, about, list, &c, err) != 0)
        return -1;
    *ret = c;
    return 0;
}

/* ---- asking ---- */

static bool holds_one(struct pl_run *run, const struct pl_condition *c,
                      const struct pl_subject *on)
{
    return pl_spend(run, PL_COST_TEST) && c->type->holds(run, c, on);
}

static bool holds_test(struct pl_run *run, const struct pl_conditions *c,
                       const struct pl_test *t, const struct pl_subject *on)
{
    switch (t->kind) {
    case PL_TEST_NAME:
        return holds_one(run, &c->list[t->condition], on);
    case PL_TEST_NOT:
        return !holds_test(run, c, t->left, on);
    case PL_TEST_AND:
        return holds_test(run, c, t->left, on) && holds_test(run, c, t->right, on);
    case PL_TEST_OR:
        return holds_test(run, c, t->left, on) || holds_test(run, c, t->right, on);
    }
    return false;
}

bool pl_holds(struct pl_run *run, const struct pl_conditions *c, const struct pl_subject *on)
{
    bool result = !c->any;
    if (c->test) {
        result = holds_test(run, c, c->test, on);
    } else {
        for (size_t i = 0; i < c->n && result != c->any; i++)
            result = holds_one(run, &c->list[i], on);
    }
    return result != c->negate;
}
