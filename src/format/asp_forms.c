/* asp_forms.c - forms of values that C# and Visual Basic .NET have beyond the other languages:
 * patterns, switch as a value, tuples that are taken apart, queries.
 */
#include "format/asp_flow.h"

enum { CLAUSES = 64 /* of a query */ };

static bool is_query_word(enum asp_word word)
{
    return word == W_from || word == W_where || word == W_let || word == W_join ||
           word == W_orderby || word == W_select || word == W_group || word == W_into;
}

static void name_value(struct asp_flow *w, uint32_t name, struct asp_value v)
{
    flow_set(w, flow_variable(w, name, flow_function(w)), v);
}

/* --- patterns ---------------------------------------------------------------------------------- */

/* "System.Collections.Generic.List<string>[]"; gives its last word. */
static enum asp_word take_type(struct asp_flow *w)
{
    enum asp_word word = W_NONE;
    while (flow_token(w, 0)->kind == ASP_NAME) {
        word = flow_word_at(w, 0);
        w->at++;
        size_t depth = 0;
        for (size_t i = 0; i < FLOW_GENERIC; i++) {
            const struct asp_token *t = flow_token(w, i);
            depth += flow_is_op(t, '<');
            depth -= flow_is_op(t, '>') && depth;
            if (depth == 0) {
                w->at += flow_is_op(t, '>') ? i + 1 : 0;
                break;
            }
        }
        while (flow_is_op(flow_token(w, 0), '[') && flow_is_op(flow_token(w, 1), ']'))
            w->at += 2;
        if (!flow_take_op(w, '.'))
            break;
    }
    return word;
}

/* "{ Length: > 0, A: var a }", "(var a, string b)", "[var a]": what is named in it is a part of v. */
static bool part_patterns(struct asp_flow *w, const struct asp_value *v)
{
    const struct asp_token *t = flow_token(w, 0);
    size_t close = w->at < w->n_match ? w->match[w->at] : FLOW_NONE;
    if ((!flow_is_op(t, '{') && !flow_is_op(t, '(') && !flow_is_op(t, '[')) || close >= w->end)
        return false;
    for (size_t i = w->at + 2; i < close; i++) {
        const struct asp_token *name = &w->code->tokens[i];
        enum asp_word before = flow_word_of(w, i - 1);
        if (name->kind == ASP_NAME && name[-1].kind == ASP_NAME && before != W_and &&
            before != W_or && before != W_not)
            name_value(w, name->name, *v);
    }
    w->at = close + 1;
    return true;
}

/* The name that a pattern gives. */
static void designate(struct asp_flow *w, const struct asp_value *v, enum asp_word type)
{
    struct asp_value value = *v;
    enum asp_object object = asp_object_of_word(type);
    if (value.object == K_NONE && object != K_STRINGCLASS)
        value.object = (uint16_t)object;
    name_value(w, flow_token(w, 0)->name, value);
    w->at++;
}

void flow_pattern(struct asp_flow *w, const struct asp_value *v)
{
    enum asp_word type = W_NONE;
    bool typed = false;
    for (size_t i = 0; i < FLOW_GENERIC; i++) {
        const struct asp_token *t = flow_token(w, 0);
        enum asp_word word = flow_word_at(w, 0);
        if (word == W_not || word == W_and || word == W_or) {
            w->at++;
            typed = false;
        } else if (word == W_var) {
            w->at++;
            typed = true;
        } else if (t->kind == ASP_NAME && typed) {
            if (!is_query_word(word) && word != W_is && word != W_as &&
                !str_eq(w->code->names[t->name].text, STR("when")))
                designate(w, v, type);
            return;
        } else if (t->kind == ASP_NAME) {
            type = take_type(w);
            typed = true;
        } else if (part_patterns(w, v)) {
            typed = true;
        } else if (typed ||
                   (t->kind != ASP_STRING && t->kind != ASP_NUMBER && t->op != '<' &&
                    t->op != '>' && t->op != ASP_OP_LE && t->op != ASP_OP_GE && t->op != '-')) {
            return;
        } else {
            w->at += t->kind == ASP_OPERATOR;
            (void)flow_expression(w, 6);
            typed = true;
        }
    }
}

bool flow_switch(struct asp_flow *w, struct asp_value *v)
{
    struct asp_value all = ASP_NOTHING;
    struct asp_value subject = *v;
    if (flow_word_at(w, 0) != W_switch || !flow_is_op(flow_token(w, 1), '{') ||
        flow_token(w, 0)->lang != ASP_CSHARP)
        return false;
    w->at += 2;
    while (w->at < w->end && flow_token(w, 0)->kind > ASP_NEWLINE &&
           !flow_is_op(flow_token(w, 0), '}')) {
        size_t before = w->at;
        flow_pattern(w, &subject);
        if (flow_token(w, 0)->kind == ASP_NAME) { /* when */
            w->at++;
            (void)flow_expression(w, 2);
        }
        if (flow_take_op(w, ASP_OP_ARROW)) {
            struct asp_value one = flow_expression(w, 1);
            uint16_t object = one.object ? one.object : all.object;
            all = asp_union(&all, &one);
            all.object = object;
        }
        flow_take_op(w, ',');
        if (w->at == before)
            w->at++;
    }
    flow_take_op(w, '}');
    *v = all;
    return true;
}

/* --- tuples ------------------------------------------------------------------------------------ */

/* The names of "(string a, int b)" or "(a, b)" from token `from` on, up to `close`. */
static size_t tuple_names(const struct asp_flow *w, size_t from, size_t close, uint32_t *ret)
{
    size_t n = 0;
    uint32_t last = FLOW_NONE;
    for (size_t i = from; i <= close && n < ASP_ARGUMENTS; i++) {
        const struct asp_token *t = &w->code->tokens[i];
        if (i == close || flow_is_op(t, ',')) {
            ret[n++] = last;
            last = FLOW_NONE;
        } else if (t->kind == ASP_NAME) {
            last = t->name;
        } else {
            return 0;
        }
    }
    return n;
}

bool flow_deconstruct(struct asp_flow *w, size_t from, struct asp_value *ret)
{
    uint32_t names[ASP_ARGUMENTS];
    struct asp_value a[ASP_ARGUMENTS];
    const struct asp_token *open = &w->code->tokens[from];
    if (!flow_is_op(open, '(') || open->lang != ASP_CSHARP || w->at < from + 4 ||
        from >= w->n_match || w->match[from] != w->at - 2)
        return false;
    size_t n = tuple_names(w, from + 1, w->at - 2, names);
    if (n < 2)
        return false;
    size_t given = 0;
    if (flow_is_op(flow_token(w, 0), '(') && w->at < w->n_match &&
        w->match[w->at] + 1 < w->end &&
        w->code->tokens[w->match[w->at] + 1].kind <= ASP_NEWLINE) {
        w->at++;
        given = flow_arguments(w, ')', a);
        *ret = flow_union(a, given);
    }
    if (given != n)
        *ret = given ? *ret : flow_expression(w, 1);
    for (size_t i = 0; i < n; i++) {
        int32_t var = names[i] == FLOW_NONE ? -1 : flow_find(w, names[i]);
        struct asp_value one = given == n ? a[i] : asp_union(ret, &ASP_NOTHING);
        if (var >= 0)
            flow_set(w, var, one);
        else if (names[i] != FLOW_NONE)
            name_value(w, names[i], one);
    }
    return true;
}

bool flow_each_tuple(struct asp_flow *w)
{
    uint32_t names[ASP_ARGUMENTS];
    size_t close = w->at + 1 < w->n_match ? w->match[w->at + 1] : FLOW_NONE;
    if (!flow_is_op(flow_token(w, 1), '(') || close + 1 >= w->end ||
        flow_word_of(w, close + 1) != W_in)
        return false;
    size_t n = tuple_names(w, w->at + 2, close, names);
    w->at = close + 2;
    struct asp_value v = flow_each(flow_expression(w, 0));
    for (size_t i = 0; i < n; i++)
        if (names[i] != FLOW_NONE)
            name_value(w, names[i], v);
    return true;
}

/* --- queries ----------------------------------------------------------------------------------- */

/* "string a in list", "a As String In list": a is any element. False if it is none. */
static bool range(struct asp_flow *w, struct asp_value *ret)
{
    enum { RANGE = 8 };
    uint32_t name = FLOW_NONE;
    bool typed = false;
    size_t i = 0;
    for (; i < RANGE && flow_word_at(w, i) != W_in; i++) {
        const struct asp_token *t = flow_token(w, i);
        if (t->kind != ASP_NAME && !flow_is_op(t, '.'))
            return false;
        typed |= flow_word_at(w, i) == W_as;
        name = typed ? name : t->name;
    }
    if (i == RANGE || name == FLOW_NONE)
        return false;
    w->at += i + 1;
    *ret = flow_each(flow_expression(w, 1));
    name_value(w, name, *ret);
    return true;
}

/* The next clause, of which the word is next: false if none is. */
static bool clause(struct asp_flow *w, struct asp_value *last)
{
    enum asp_word word = flow_word_at(w, 0);
    uint32_t name = flow_token(w, 1)->name;
    if (!is_query_word(word))
        return false;
    w->at++;
    switch ((int)word) {
    case W_from:
    case W_join:
        return range(w, last);
    case W_let:
        w->at += 2;
        name_value(w, name, flow_expression(w, 1));
        return true;
    case W_into:
        w->at++;
        name_value(w, name, *last);
        return true;
    case W_select:
    case W_group:
        *last = flow_expression(w, 1);
        last->var = -1;
        return true;
    default:
        (void)flow_expression(w, 1);
        return true;
    }
}

/* Words between the values of clauses, and in Visual Basic lines. */
static bool between(struct asp_flow *w)
{
    enum asp_word word = flow_word_at(w, 0);
    if (flow_token(w, 0)->kind == ASP_NEWLINE && flow_is_vb(w) &&
        is_query_word(flow_word_at(w, 1))) {
        w->at++;
        return true;
    }
    if (word != W_on && word != W_equals && word != W_by)
        return false;
    w->at++;
    (void)flow_expression(w, 1);
    return true;
}

bool flow_query(struct asp_flow *w, struct asp_value *ret)
{
    struct asp_value last = ASP_NOTHING;
    if (flow_token(w, 0)->kind != ASP_NAME || !range(w, &last))
        return false;
    for (size_t i = 0; i < CLAUSES; i++)
        if (!between(w) && !clause(w, &last))
            break;
    *ret = last;
    return true;
}
