#include "format/asp_flow.h"

enum { LAMBDA_PARAMETERS = 64 }; /* tokens of "(a, b)" */

/* --- where they are ---------------------------------------------------------------------------- */

static uint32_t add_lambda(struct asp_flow *w, struct asp_function fn)
{
    w->functions = arena_grow(w->budget.arena, w->functions, w->n_functions, &w->cap_functions,
                              sizeof *w->functions);
    fn.next = -1;
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
    flow_take_op(w, '}');
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

void flow_call_lambdas(struct asp_flow *w, const struct asp_call *call, struct asp_value *ret)
{
    struct asp_value given = call->bare ? ASP_NOTHING : call->base;
    bool any = false;
    for (size_t i = 0; i < call->n; i++) {
        any |= call->arguments[i].function >= 0;
        given = asp_union(&given, &call->arguments[i]);
    }
    if (!any || call->at->lang == ASP_VB)
        return;
    struct asp_value same[FLOW_PARAMETERS];
    for (size_t i = 0; i < FLOW_PARAMETERS; i++)
        same[i] = given;
    for (size_t i = 0; i < call->n; i++) {
        int32_t k = call->arguments[i].function;
        if (k < 0)
            continue;
        struct asp_call inner = {
            .at = call->at, .bare = true, .arguments = same, .n = w->functions[k].n_parameters};
        struct asp_value out = flow_call_function(w, k, &inner);
        *ret = asp_union(ret, &out);
    }
}
