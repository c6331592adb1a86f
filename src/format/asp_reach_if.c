#include "format/asp_reach.h"

enum seen_kind { SEEN_UNKNOWN, SEEN_EMPTY, SEEN_TEXT, SEEN_NUMBER };

struct seen {
    enum seen_kind kind;
    struct str text;
    double number;
};

static const struct seen UNKNOWN = {.kind = SEEN_UNKNOWN};
static const struct seen EMPTY = {.kind = SEEN_EMPTY};
static const struct seen BLANK = {.kind = SEEN_TEXT, .text = {"", 0}};

static struct seen any(struct reach *r);
static struct seen negated(struct reach *r);

static struct seen number(double n)
{
    return (struct seen){.kind = SEEN_NUMBER, .number = n};
}

static struct seen truth(bool yes)
{
    return number(yes ? -1 : 0);
}

static enum reach_truth truth_of(const struct seen *v)
{
    if (v->kind == SEEN_EMPTY)
        return REACH_NO;
    if (v->kind != SEEN_NUMBER)
        return REACH_MAYBE;
    return v->number != 0 ? REACH_YES : REACH_NO;
}

static struct seen seen_of(enum reach_truth t)
{
    return t == REACH_MAYBE ? UNKNOWN : truth(t == REACH_YES);
}

static bool take_op(struct reach *r, unsigned op)
{
    bool is = r->at < r->end && reach_is_op(r, r->at, op);
    r->at += is;
    return is;
}

static bool take_word(struct reach *r, enum asp_word word)
{
    bool is = r->at < r->end && reach_word(r, r->at) == word;
    r->at += is;
    return is;
}

/* --- values ---------------------------------------------------------------------------------------- */

static struct seen digits(const struct asp_token *t)
{
    double n = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (t->p[i] < '0' || t->p[i] > '9')
            return UNKNOWN;
        n = n * 10 + (t->p[i] - '0');
    }
    return number(n);
}

/* What the language's functions make of nothing. */
static struct seen call(const struct reach *r, size_t at, const struct seen *a)
{
    bool nothing = a->kind == SEEN_EMPTY || (a->kind == SEEN_TEXT && a->text.n == 0);
    if (reach_is_name(r, at, STR("isempty")))
        return a->kind == SEEN_UNKNOWN ? UNKNOWN : truth(a->kind == SEEN_EMPTY);
    if (reach_is_name(r, at, STR("isnull")) || reach_is_name(r, at, STR("isobject")))
        return a->kind == SEEN_UNKNOWN ? UNKNOWN : truth(false);
    switch ((int)reach_word(r, at)) {
    case W_len:
        return nothing ? number(0) : UNKNOWN;
    case W_trim:
    case W_ltrim:
    case W_rtrim:
    case W_lcase:
    case W_ucase:
    case W_cstr:
        return nothing ? BLANK : UNKNOWN;
    case W_cint:
    case W_clng:
    case W_cdbl:
    case W_cbool:
        return a->kind == SEEN_EMPTY ? number(0) : UNKNOWN;
    default:
        return UNKNOWN;
    }
}

/* "name", "name(a)", "name.member(a)" */
static struct seen name(struct reach *r)
{
    size_t at = r->at++;
    size_t close;
    uint32_t item = own_item(r, at, &close);
    const struct own_name *own = &r->names[r->code->tokens[at].name];
    if (reach_word(r, at) == W_true || reach_word(r, at) == W_false)
        return truth(reach_word(r, at) == W_true);
    if (r->js ? reach_word(r, at) == W_null || reach_is_name(r, at, STR("undefined"))
              : reach_is_name(r, at, STR("empty")))
        return EMPTY;
    if (reach_is_name(r, at, STR("vbnullstring")))
        return BLANK;
    if (own_is_foreign(r, at, item)) {
        r->at = close + 1;
        return EMPTY;
    }
    bool alone = !reach_is_op(r, r->at, '(') && !reach_is_op(r, r->at, '.');
    bool copy = own->given == 1 && own->copied != REACH_NONE && !(own->bits & OWN_ALTERED);
    if (alone && copy) {
        item = own_item(r, own->copied, &close);
        return own_is_foreign(r, own->copied, item) ? EMPTY : UNKNOWN;
    }
    if (alone && !r->js && !r->runs_text && !r->constants &&
        own_is_undeclared(r, at)) /* nothing gives it a value */
        return EMPTY;
    struct seen v = UNKNOWN;
    if (take_op(r, '(')) {
        struct seen a = any(r);
        bool one = reach_is_op(r, r->at, ')');
        v = one && !r->js && !(own->bits & OWN_DECLARED) ? call(r, at, &a) : UNKNOWN;
        r->at = reach_close(r, at + 1) + 1;
    }
    while (r->at < r->end && (reach_is_op(r, r->at, '.') || reach_is_op(r, r->at, '('))) {
        r->at = reach_is_op(r, r->at, '.') ? r->at + 2 : reach_close(r, r->at) + 1;
        v = UNKNOWN;
    }
    return v;
}

static struct seen operand(struct reach *r)
{
    if (r->at >= r->end)
        return UNKNOWN;
    const struct asp_token *t = &r->code->tokens[r->at];
    if (t->kind == ASP_NAME)
        return name(r);
    if (take_op(r, '(')) {
        struct seen v = any(r);
        return take_op(r, ')') ? v : UNKNOWN;
    }
    if (r->js && reach_is_op(r, r->at, '!'))
        return negated(r);
    r->at++;
    if (t->kind == ASP_STRING)
        return (struct seen){.kind = SEEN_TEXT, .text = {t->p, t->n}};
    return t->kind == ASP_NUMBER ? digits(t) : UNKNOWN;
}

/* "a & """: nothing else is joined. */
static struct seen joined(struct reach *r)
{
    struct seen v = operand(r);
    for (;;) {
        const struct asp_token *t = &r->code->tokens[r->at < r->end ? r->at : r->end];
        if (r->at >= r->end || t->kind != ASP_OPERATOR || !memchr("&+-*/\\^", t->op, 7))
            return v;
        r->at++;
        struct seen b = operand(r);
        bool nothing = v.kind == SEEN_EMPTY || (v.kind == SEEN_TEXT && v.text.n == 0);
        bool text = t->op == '&' && !r->js && nothing && b.kind == SEEN_TEXT;
        v = text ? b : UNKNOWN;
    }
}

/* --- comparisons ----------------------------------------------------------------------------------- */

/* Empty is "" beside a text and 0 beside a number. False if the two are not compared here. */
static bool alike(struct seen *a, struct seen *b)
{
    if (a->kind == SEEN_UNKNOWN || b->kind == SEEN_UNKNOWN)
        return false;
    if (a->kind == SEEN_EMPTY)
        *a = b->kind == SEEN_TEXT ? BLANK : number(0);
    if (b->kind == SEEN_EMPTY)
        *b = a->kind == SEEN_TEXT ? BLANK : number(0);
    return a->kind == b->kind;
}

/* In JScript, what is undefined is like nothing else. */
static struct seen compared_js(unsigned op, const struct seen *a, const struct seen *b)
{
    bool known = a->kind != SEEN_UNKNOWN && b->kind != SEEN_UNKNOWN;
    bool same = a->kind == SEEN_EMPTY && b->kind == SEEN_EMPTY;
    if (!known || (a->kind != SEEN_EMPTY && b->kind != SEEN_EMPTY))
        return UNKNOWN;
    return op == ASP_OP_EQ ? truth(same) : op == ASP_OP_NE ? truth(!same) : UNKNOWN;
}

static struct seen compared(unsigned op, struct seen a, struct seen b)
{
    if (!alike(&a, &b))
        return UNKNOWN;
    int order = a.kind == SEEN_TEXT   ? str_cmp(a.text, b.text)
                : a.number < b.number ? -1
                : a.number > b.number ? 1
                                      : 0;
    switch (op) {
    case '=':
        return truth(order == 0);
    case ASP_OP_NE:
        return truth(order != 0);
    case '<':
        return truth(order < 0);
    case '>':
        return truth(order > 0);
    case ASP_OP_LE:
        return truth(order <= 0);
    case ASP_OP_GE:
        return truth(order >= 0);
    default:
        return UNKNOWN;
    }
}

static struct seen comparison(struct reach *r)
{
    struct seen v = joined(r);
    for (;;) {
        const struct asp_token *t = &r->code->tokens[r->at];
        if (take_word(r, W_is)) {
            (void)joined(r);
            v = UNKNOWN;
            continue;
        }
        if (r->at >= r->end || t->kind != ASP_OPERATOR ||
            (t->op != '=' && t->op != '<' && t->op != '>' && t->op != ASP_OP_NE &&
             t->op != ASP_OP_LE && t->op != ASP_OP_GE && t->op != ASP_OP_EQ))
            return v;
        r->at++;
        struct seen b = joined(r);
        v = r->js ? compared_js(t->op, &v, &b) : compared(t->op, v, b);
    }
}

static struct seen negated(struct reach *r)
{
    bool turned = false;
    while (r->js ? take_op(r, '!') : take_word(r, W_not))
        turned = !turned;
    struct seen v = r->js && turned ? operand(r) : comparison(r);
    enum reach_truth t = truth_of(&v);
    if (!turned)
        return v;
    return t == REACH_MAYBE ? UNKNOWN : truth(t == REACH_NO);
}

static enum reach_truth both(enum reach_truth a, enum reach_truth b)
{
    if (a == REACH_NO || b == REACH_NO)
        return REACH_NO;
    return a == REACH_YES && b == REACH_YES ? REACH_YES : REACH_MAYBE;
}

static enum reach_truth either(enum reach_truth a, enum reach_truth b)
{
    if (a == REACH_YES || b == REACH_YES)
        return REACH_YES;
    return a == REACH_NO && b == REACH_NO ? REACH_NO : REACH_MAYBE;
}

static struct seen all(struct reach *r)
{
    struct seen v = negated(r);
    while (r->js ? take_op(r, ASP_OP_AND) : take_word(r, W_and)) {
        struct seen b = negated(r);
        v = seen_of(both(truth_of(&v), truth_of(&b)));
    }
    return v;
}

static struct seen any(struct reach *r)
{
    if (r->depth >= REACH_DEPTH) {
        r->at = r->end;
        return UNKNOWN;
    }
    r->depth++;
    struct seen v = all(r);
    while (r->js ? take_op(r, ASP_OP_OR) : take_word(r, W_or)) {
        struct seen b = all(r);
        v = seen_of(either(truth_of(&v), truth_of(&b)));
    }
    r->depth--;
    return v;
}

static void start(struct reach *r, size_t from, size_t to)
{
    r->at = from;
    r->end = to;
    r->depth = 0;
    r->js = r->code->tokens[from].lang == ASP_JSCRIPT;
}

enum reach_truth reach_condition(struct reach *r, size_t from, size_t to)
{
    start(r, from, to);
    struct seen v = any(r);
    return r->at == to ? truth_of(&v) : REACH_MAYBE;
}

bool reach_is_empty(struct reach *r, size_t from, size_t to)
{
    start(r, from, to);
    struct seen v = any(r);
    return r->at == to && v.kind == SEEN_EMPTY;
}

enum reach_truth reach_case(struct reach *r, size_t from, size_t to)
{
    enum reach_truth t = REACH_NO;
    start(r, from, to);
    do {
        struct seen is = compared('=', EMPTY, any(r));
        t = either(t, truth_of(&is));
    } while (take_op(r, ','));
    return r->at == to ? t : REACH_MAYBE;
}
