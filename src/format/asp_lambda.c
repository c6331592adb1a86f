#include "format/asp_flow.h"

enum { LAMBDA_PARAMETERS = 64 }; /* tokens of "(a, b)" */

/* --- where they are ---------------------------------------------------------------------------- */

static uint32_t add_lambda(struct asp_flow *w, struct asp_function fn)
{
    w->functions = arena_grow(w->budget.arena, w->functions, w->n_functions, &w->cap_functions,
                              sizeof *w->functions);
    fn.next = -1;
    fn.name = FLOW_NONE;
    fn.at = SIZE_MAX; /* it is entered as a value */
    fn.result = ASP_NOTHING;
    fn.result.flags = V_UNSET;
    w->functions[w->n_functions++] = fn;
    return (uint32_t)w->n_functions;
}

/* The bracket that `close` closes; SIZE_MAX if it is not near. */
static size_t opening(const struct asp_flow *w, size_t close, size_t from)
{
    for (size_t i = close; i > from && close - i < LAMBDA_PARAMETERS; i--)
        if (w->match[i - 1] == close)
            return i - 1;
    return SIZE_MAX;
}

/* "a => ...", "(a, b) => ..."; the number of the function is kept in the token "=>". */
void flow_find_lambda(struct asp_flow *w, size_t arrow, size_t from)
{
    struct asp_token *t = &w->code->tokens[arrow];
    struct asp_function fn = {.from = arrow + 1, .to = w->n_match, .expression = true};
    if (arrow <= from || arrow + 1 >= w->n_match || t->name)
        return;
    if (t[-1].kind == ASP_NAME) {
        fn.parameters[fn.n_parameters++] = t[-1].name;
    } else if (flow_is_op(t - 1, ')')) {
        size_t open = opening(w, arrow - 1, from);
        if (open == SIZE_MAX)
            return;
        flow_read_parameters(w, &fn, open + 1, arrow - 1);
    }
    if (flow_is_op(t + 1, '{') && w->match[arrow + 1] != FLOW_NONE) {
        fn.expression = false;
        fn.from++;
        fn.to = w->match[arrow + 1];
    }
    t->name = add_lambda(w, fn);
}

/* "delegate (string a) {...}"; the number is kept in the token behind the word. */
void flow_find_delegate(struct asp_flow *w, size_t word)
{
    struct asp_token *t = &w->code->tokens[word + 1];
    struct asp_function fn = {0};
    size_t open = word + 1;
    if (flow_is_op(t, '(') && w->match[open] != FLOW_NONE) {
        flow_read_parameters(w, &fn, open + 1, w->match[open]);
        open = (size_t)w->match[open] + 1;
    }
    if (open >= w->n_match || !flow_is_op(&w->code->tokens[open], '{') ||
        w->match[open] == FLOW_NONE)
        return;
    fn.from = open + 1;
    fn.to = w->match[open];
    t->name = add_lambda(w, fn);
}

/* Where "Sub (a)" or "Function (a)" without a name ends that has more than a line. */
static size_t vb_end(struct asp_flow *w, size_t from, enum asp_word kind)
{
    size_t depth = 1;
    size_t to = from;
    for (; to + 1 < w->n_match && w->steps < FLOW_STEPS; to++, w->steps++) {
        enum asp_word word = flow_word_of(w, to);
        if (word == W_end && flow_word_of(w, to + 1) == kind && --depth == 0)
            break;
        depth += word == kind && flow_is_vb_lambda(w, to) &&
                 (to == from || flow_word_of(w, to - 1) != W_end);
    }
    return to;
}

bool flow_is_vb_lambda(const struct asp_flow *w, size_t word)
{
    size_t close = word + 1 < w->n_match && flow_is_op(&w->code->tokens[word + 1], '(')
                       ? w->match[word + 1]
                       : FLOW_NONE;
    while (close + 1 < w->n_match && flow_word_of(w, close + 1) == W_as) /* As List(Of T) */
        close += close + 3 < w->n_match && w->match[close + 3] != FLOW_NONE
                     ? w->match[close + 3] - close
                     : 2;
    return close + 1 < w->n_match && w->code->tokens[close + 1].kind <= ASP_NEWLINE;
}

/* "Function (a) a & b", "Sub (a)", lines, "End Sub"; the number is kept in the bracket. */
void flow_find_vb_lambda(struct asp_flow *w, size_t word)
{
    struct asp_token *t = &w->code->tokens[word + 1];
    struct asp_function fn = {.expression = !flow_is_vb_lambda(w, word)};
    size_t close = w->match[word + 1];
    if (close == FLOW_NONE)
        return;
    flow_read_parameters(w, &fn, word + 2, close);
    fn.from = close + 1;
    fn.to = fn.expression ? w->n_match : vb_end(w, fn.from, flow_word_of(w, word));
    t->name = add_lambda(w, fn);
}

/* --- following them ---------------------------------------------------------------------------- */

static void follow_body(struct asp_flow *w, const struct asp_function *fn)
{
    size_t scopes = w->n_scopes;
    size_t to = fn->to;
    while (w->at < to && w->at < w->end && w->n_scopes >= scopes) {
        size_t before = w->at;
        flow_statement(w);
        if (w->at == before)
            w->at++;
    }
    w->at = to < w->end ? to : w->end;
    if (!flow_take_op(w, '}') && flow_word_at(w, 0) == W_end)
        w->at += 2; /* End Sub */
}

struct asp_value flow_lambda(struct asp_flow *w, uint32_t number)
{
    struct asp_value v = ASP_NOTHING;
    int32_t k = (int32_t)number - 1;
    struct asp_function fn = w->functions[k];
    size_t scopes = w->n_scopes;
    v.function = k;
    if (scopes >= FLOW_SCOPES || w->depth >= FLOW_DEPTH || fn.from > w->end)
        return v;
    w->scope[scopes] = k;
    w->scope_end[scopes] = fn.expression ? SIZE_MAX : fn.to;
    w->n_scopes++;
    w->depth++;
    flow_declare_parameters(w, k);
    w->at = fn.from;
    if (fn.expression)
        flow_result(w, flow_expression(w, 1));
    else
        follow_body(w, &fn);
    w->depth--;
    w->n_scopes = w->n_scopes > scopes ? scopes : w->n_scopes;
    return v;
}

/* Whether an argument is a method that the call may call: "list.ForEach(File.Delete)",
 * "text.replace(/a/, eval)". */
static bool is_method(const struct asp_call *call, const struct asp_value *v)
{
    if (call->at->lang == ASP_VB || call->is_new)
        return false;
    return (v->flags & V_METHOD) || (v->object == K_EVAL && (call->base.flags & V_REQ));
}

static void call_method(struct asp_flow *w, const struct asp_call *call,
                        const struct asp_value *method, struct asp_value *given,
                        struct asp_value *ret)
{
    struct asp_call inner = {.at = call->at, .base = ASP_NOTHING, .arguments = given, .n = 1};
    inner.word = (enum asp_word)(method->number & 0xffff);
    inner.base.object = (uint16_t)(method->number >> 16);
    if (method->object == K_EVAL) {
        inner.word = W_eval;
        inner.bare = true;
    }
    struct asp_value out = flow_call(w, &inner, FLOW_NONE);
    *ret = asp_union(ret, &out);
}

void flow_call_lambdas(struct asp_flow *w, const struct asp_call *call, struct asp_value *ret)
{
    struct asp_value given = call->bare ? ASP_NOTHING : call->base;
    bool any = false;
    for (size_t i = 0; i < call->n; i++) {
        any |= call->arguments[i].function >= 0 || is_method(call, &call->arguments[i]);
        given = asp_union(&given, &call->arguments[i]);
    }
    if (!any)
        return;
    struct asp_value same[FLOW_PARAMETERS];
    for (size_t i = 0; i < FLOW_PARAMETERS; i++)
        same[i] = given;
    for (size_t i = 0; i < call->n; i++) {
        int32_t k = call->arguments[i].function;
        if (is_method(call, &call->arguments[i]))
            call_method(w, call, &call->arguments[i], &given, ret);
        if (k < 0 || (call->at->lang == ASP_VB && w->functions[k].at != SIZE_MAX))
            continue;
        struct asp_call inner = {
            .at = call->at, .bare = true, .arguments = same, .n = w->functions[k].n_parameters};
        struct asp_value out = flow_call_function(w, k, &inner);
        *ret = asp_union(ret, &out);
    }
}
