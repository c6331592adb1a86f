#include "format/asp_flow.h"

/* "out a", "ref a", "out string a": it is declared there. Whether it is "out". */
static bool by_reference(struct asp_flow *w)
{
    enum asp_word word = flow_word_at(w, 0);
    if (flow_is_vb(w) || (word != W_out && word != W_ref) || flow_token(w, 1)->kind != ASP_NAME)
        return false;
    w->at++;
    if (word == W_out && flow_token(w, 1)->kind == ASP_NAME) {
        w->at++;
        (void)flow_variable(w, flow_token(w, 0)->name, flow_function(w));
    }
    return word == W_out;
}

uint32_t flow_argument_name(struct asp_flow *w)
{
    const struct asp_token *t = flow_token(w, 0);
    if (t->kind != ASP_NAME || !flow_is_op(flow_token(w, 1), ':') || t->lang == ASP_JSCRIPT ||
        flow_is_op(flow_token(w, 2), ':') || flow_is_op(flow_token(w, 2), ')'))
        return FLOW_NONE;
    w->at += 2;
    return t->name;
}

/* Whether an argument that is named first is the second of those that files and programs have. */
static bool is_second(const struct asp_flow *w, uint32_t name)
{
    static const char *const names[] = {"arguments", "contents", "bytes", "destfilename",
                                        "text",      "value",    "data"};
    for (size_t i = 0; name != FLOW_NONE && i < sizeof names / sizeof *names; i++)
        if (str_ieq(w->code->names[name].text, str_of(names[i])))
            return true;
    return false;
}

/* Arguments up to the closing bracket, which is taken. */
size_t flow_arguments(struct asp_flow *w, unsigned close, struct asp_value *ret)
{
    size_t n = 0;
    uint32_t names[ASP_ARGUMENTS];
    bool named = false;
    while (w->at < w->end && !flow_is_op(flow_token(w, 0), close)) {
        const struct asp_token *t = flow_token(w, 0);
        if (t->kind == ASP_END)
            break;
        if (t->kind == ASP_NEWLINE || flow_is_op(t, ',')) {
            w->at++;
            continue;
        }
        if (flow_is_op(t, ')') || flow_is_op(t, ']') || flow_is_op(t, '}'))
            break;
        uint32_t name = flow_argument_name(w);
        bool second = close == ')' && is_second(w, name) && n == 0;
        named |= name != FLOW_NONE;
        bool out = by_reference(w);
        size_t before = w->at;
        struct asp_value v = flow_expression(w, 0);
        if (w->at == before)
            w->at++;
        v.word = out ? W_out : v.word;
        if (second && flow_is_op(flow_token(w, 0), ',') &&
            flow_is_op(flow_token(w, 2), ':')) { /* f(contents: a, path: b) */
            w->at++;
            names[n] = flow_argument_name(w);
            ret[n++] = flow_expression(w, 0);
        }
        if (n < ASP_ARGUMENTS) {
            names[n] = name;
            ret[n++] = v;
        } else
            ret[n - 1] = asp_union(&ret[n - 1], &v);
    }
    flow_take_op(w, close);
    w->named = named;
    if (named)
        memcpy(w->argument_names, names, n * sizeof *names);
    return n;
}

struct asp_value flow_union(const struct asp_value *a, size_t n)
{
    struct asp_value all = ASP_NOTHING;
    for (size_t i = 0; i < n; i++)
        all = asp_union(&all, &a[i]);
    return all;
}

static bool all_texts(const struct asp_value *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(a[i].flags & V_KNOWN))
            return false;
    return true;
}

/* "{a, b}" of constants is a known array. */
struct asp_value flow_array_of(struct asp_flow *w, const struct asp_value *a, size_t n)
{
    struct asp_value all = flow_union(a, n);
    struct asp_value known = asp_known(STR(""));
    struct asp_value between = asp_known(STR("\1"));
    for (size_t i = 0; i < n; i++) {
        struct str text;
        if (n == ASP_ARGUMENTS || !asp_text_of(&w->budget, &a[i], &text))
            return all;
        if (i)
            known = asp_concat(&w->budget, &known, &between);
        known = asp_concat(&w->budget, &known, &a[i]);
    }
    if (n == 0)
        return all;
    known.object = K_ARRAY;
    known.number = all_texts(a, n) ? ASP_TEXTS : 0;
    return known;
}

/* A long list of constants, as machine code or text is written. It stands before '}' or ')'. */
bool flow_constant_list(struct asp_flow *w, size_t close, struct asp_value *ret)
{
    size_t from = w->at;
    struct asp_value known = asp_known(STR(""));
    if (close == FLOW_NONE || close >= w->end || close - from < 3 || close - from > (1U << 20))
        return false;
    for (size_t i = from; i < close; i++) {
        const struct asp_token *t = &w->code->tokens[i];
        if (t->kind != ASP_NUMBER && t->kind != ASP_STRING && t->kind != ASP_NEWLINE &&
            !flow_is_op(t, ',') && !flow_is_op(t, '-'))
            return false;
    }
    enum { FOLDED = 4096 };
    struct asp_value between = asp_known(STR("\1"));
    bool texts = true;
    for (size_t i = from, n = 0; i < close && n < FOLDED; i++) {
        const struct asp_token *t = &w->code->tokens[i];
        if (t->kind != ASP_NUMBER && t->kind != ASP_STRING)
            continue;
        texts &= t->kind == ASP_STRING;
        struct asp_value one = asp_known(t->kind == ASP_STRING ? asp_string(t, w->budget.arena)
                                                               : (struct str){t->p, t->n});
        if (n++)
            known = asp_concat(&w->budget, &known, &between);
        known = asp_concat(&w->budget, &known, &one);
    }
    known.object = K_ARRAY;
    known.number = texts ? ASP_TEXTS : 0;
    w->at = close + 1;
    *ret = known;
    return true;
}

int32_t flow_either_function(struct asp_flow *w, int32_t a, int32_t b)
{
    if (a < 0 || b < 0 || a == b)
        return b < 0 ? a : b;
    int32_t last = a > b ? a : b;
    int32_t first = a > b ? b : a;
    if (w->functions[last].at == SIZE_MAX && w->functions[last].next < 0)
        w->functions[last].next = first; /* which one is called is not known */
    return last;
}

/* ".Name = value" of "New T With {...}". */
static struct asp_value vb_member(struct asp_flow *w)
{
    const struct asp_token *op = flow_token(w, 2);
    enum asp_word word = flow_word_at(w, 1);
    w->at += 3;
    struct asp_value v = flow_expression(w, 0);
    flow_assign(w, &ASP_NOTHING, word == W_NONE ? W_item : word, v, op);
    return v;
}

/* "{ ... }" where a value is due: a list, or a block of statements. */
struct asp_value flow_braces(struct asp_flow *w, bool list)
{
    size_t open = w->at++;
    size_t close = open < w->n_match ? w->match[open] : FLOW_NONE;
    struct asp_value v;
    struct asp_value all = ASP_NOTHING;
    if (flow_constant_list(w, close, &v))
        return v;
    if (w->depth >= FLOW_DEPTH) {
        w->at = close < w->end ? close : w->end;
        return ASP_NOTHING;
    }
    w->depth++;
    while (w->at < w->end && flow_token(w, 0)->kind != ASP_END &&
           !flow_is_op(flow_token(w, 0), '}')) {
        size_t before = w->at;
        const struct asp_token *t = flow_token(w, 0);
        bool keyed =
            (t->kind == ASP_STRING || t->kind == ASP_NAME) && flow_is_op(flow_token(w, 1), ':');
        if (keyed)
            w->at += 2;
        if (list || keyed || t->kind == ASP_STRING || t->kind == ASP_NUMBER) {
            uint16_t object = all.object;
            int32_t function = all.function;
            v = t->lang == ASP_VB && flow_is_op(t, '.') && flow_is_op(flow_token(w, 2), '=')
                    ? vb_member(w)
                    : flow_expression(w, 0);
            all = asp_union(&all, &v);
            all.object = v.object == K_EVAL ? v.object : object;
            all.function = flow_either_function(w, function, v.function);
        } else {
            flow_statement(w);
        }
        if (w->at == before)
            w->at++;
    }
    w->depth--;
    flow_take_op(w, '}');
    return all;
}

bool flow_dictionary(struct asp_flow *w, const struct asp_call *call, struct asp_value *ret)
{
    struct str key;
    int32_t var = call->base.var;
    bool adds = call->word == W_add && call->n == 2;
    if (call->bare || call->base.object != K_DICTIONARY || var < 0 ||
        (!adds && (call->word != W_item || call->n != 1)) ||
        !asp_text_of(&w->budget, &call->arguments[0], &key))
        return false;
    int32_t element = flow_element_of(w, var, key);
    *ret = w->vars[element].value;
    ret->var = element;
    if (adds) {
        flow_set(w, element, call->arguments[1]);
        flow_assign_element(w, element, &call->arguments[1]);
    }
    return adds || !(ret->flags & V_UNSET);
}

/* An element of a known array. */
bool flow_element(struct asp_flow *w, const struct asp_value *base,
                  const struct asp_value *index, struct asp_value *ret)
{
    struct str text;
    if (base->object != K_ARRAY || !(base->flags & V_KNOWN) ||
        !asp_text_of(&w->budget, index, &text) || text.n == 0 || text.n > 6)
        return false;
    size_t wanted = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        wanted = wanted * 10 + (size_t)(text.p[i] - '0');
    }
    size_t at = 0;
    while (wanted-- && at != SIZE_MAX) {
        at = str_find(base->text, STR("\1"), at);
        at += at != SIZE_MAX;
    }
    if (at == SIZE_MAX)
        return false;
    *ret = asp_known(str_part(base->text, at, str_find(base->text, STR("\1"), at)));
    return true;
}
