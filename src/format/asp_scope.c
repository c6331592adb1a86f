#include "format/asp_flow.h"

enum {
    NATIVE_TOKENS = 48, /* of a declaration of a native function */
    FEW_SLOTS = 256,    /* for variables, at first */
};

/* What is worth another pass, where a variable gets it. */
static const uint32_t FLOWS =
    ~(uint32_t)(V_NUMBER | V_UNSET | V_METHOD | V_TAIL | V_OWN | V_CLASS);

/* --- names --------------------------------------------------------------------------------- */

struct asp_per_name *flow_per_name(struct asp_flow *w, uint32_t name)
{
    while (w->n_names <= name) {
        w->names =
            arena_grow(w->budget.arena, w->names, w->n_names, &w->cap_names, sizeof *w->names);
        w->names[w->n_names++] = (struct asp_per_name){-1, false};
    }
    return &w->names[name];
}

int32_t flow_function(const struct asp_flow *w)
{
    return w->n_scopes ? w->scope[w->n_scopes - 1] : FLOW_GLOBAL;
}

/* Where the number of a variable stands, or would. */
static size_t slot_of(const struct asp_flow *w, uint32_t name, int32_t function)
{
    uint32_t hash = name * 0x9e3779b1U ^ ((uint32_t)function + 1) * 0x85ebca6bU;
    size_t at = (hash ^ hash >> 15) & (w->n_var_slots - 1);
    while (w->var_slots[at]) {
        const struct asp_variable *v = &w->vars[w->var_slots[at] - 1];
        if (v->name == name && v->function == function)
            break;
        at = (at + 1) & (w->n_var_slots - 1);
    }
    return at;
}

static void more_slots(struct asp_flow *w)
{
    w->n_var_slots = w->n_var_slots ? w->n_var_slots * 4 : FEW_SLOTS;
    w->var_slots = ARENA_ARRAY(w->budget.arena, uint32_t, w->n_var_slots);
    for (size_t i = 0; i < w->n_vars; i++)
        w->var_slots[slot_of(w, w->vars[i].name, w->vars[i].function)] = (uint32_t)i + 1;
}

/* The variable that a name means here, from the function that is followed outwards; -1 if it is
 * none yet. */
int32_t flow_find(struct asp_flow *w, uint32_t name)
{
    if (!flow_per_name(w, name)->variable)
        return -1;
    for (size_t i = w->n_scopes + 1; i > 0; i--) {
        int32_t function = i > 1 ? w->scope[i - 2] : FLOW_GLOBAL;
        uint32_t number = w->var_slots[slot_of(w, name, function)];
        if (number)
            return (int32_t)number - 1;
    }
    return -1;
}

int32_t flow_variable(struct asp_flow *w, uint32_t name, int32_t function)
{
    if (w->n_vars * 2 >= w->n_var_slots)
        more_slots(w);
    size_t slot = slot_of(w, name, function);
    if (w->var_slots[slot])
        return (int32_t)w->var_slots[slot] - 1;
    w->vars = arena_grow(w->budget.arena, w->vars, w->n_vars, &w->cap_vars, sizeof *w->vars);
    int32_t number = (int32_t)w->n_vars++;
    w->vars[number] = (struct asp_variable){
        .name = name, .function = function, .array = -1, .value = ASP_NOTHING};
    w->vars[number].value.var = number;
    w->vars[number].value.flags = V_UNSET;
    w->var_slots[slot] = (uint32_t)number + 1;
    flow_per_name(w, name)->variable = true;
    return number;
}

int32_t flow_element_of(struct asp_flow *w, int32_t array, struct str index)
{
    struct str name = arena_printf(w->budget.arena, "%d[%.*s", array,
                                   STR_ARG(str_part(index, 0, FLOW_PASSWORD_BYTES)));
    int32_t var = flow_variable(w, asp_name(w->code, name), FLOW_GLOBAL);
    w->vars[var].array = array;
    return var;
}

void flow_add_flags(struct asp_flow *w, int32_t var, uint32_t flags, struct str key)
{
    if (var < 0)
        return;
    struct asp_value *v = &w->vars[var].value;
    if (flags & ~v->flags & FLOWS)
        w->changed++;
    if ((flags & V_REQ) && !(v->flags & V_REQ))
        v->key = key;
    if (flags & (V_REQ | V_FILE | V_UPLOAD))
        v->flags &= ~(uint32_t)(V_KNOWN | V_NUMBER | V_UNSET);
    v->flags |= flags;
}

int32_t flow_unset_variable(struct asp_flow *w, uint32_t name)
{
    int32_t var = flow_variable(w, name, FLOW_GLOBAL);
    w->vars[var].value.flags |= V_UNSET;
    return var;
}

/* What a variable held of the request it keeps: which branch ran is not known. */
void flow_set(struct asp_flow *w, int32_t var, struct asp_value value)
{
    if (var < 0)
        return;
    struct asp_value *v = &w->vars[var].value;
    uint32_t before = v->flags;
    w->vars[var].outside |= flow_function(w) == FLOW_GLOBAL;
    value.flags &= w->vars[var].counts ? ~(uint32_t)V_NUMBER : UINT32_MAX;
    uint32_t kept = v->flags & ~(uint32_t)(V_KNOWN | V_NUMBER | V_LONG | V_UNSET | V_METHOD);
    if (value.flags & V_REQ)
        kept &= ~(uint32_t)(V_LEAD | V_MAPPED | V_ITEM | V_HERE);
    if (value.flags & V_P_REQ)
        kept &= ~(uint32_t)(V_P_LEAD | V_P_MAPPED);
    struct str key = (value.flags & V_REQ) ? value.key : v->key;
    uint16_t object = value.object ? value.object : v->object;
    int32_t function = value.function;
    *v = value;
    v->flags = (v->flags & ~(uint32_t)V_UNSET) | kept;
    v->key = key;
    v->object = object;
    v->function = function;
    v->var = var;
    w->vars[var].set = true;
    if (v->flags & ~before & FLOWS)
        w->changed++;
}

/* --- functions of the page -------------------------------------------------------------------- */

/* Room for what is known of each token, more than are there. */
static void grow_match(struct asp_flow *w, size_t n)
{
    if (n < w->cap_match)
        return;
    size_t cap = n * 2 + 1;
    uint32_t *match = ARENA_ARRAY(w->budget.arena, uint32_t, cap);
    uint8_t *inside = ARENA_ARRAY(w->budget.arena, uint8_t, cap);
    uint32_t *open = ARENA_ARRAY(w->budget.arena, uint32_t, cap);
    if (w->n_match) {
        memcpy(match, w->match, w->n_match * sizeof *match);
        memcpy(inside, w->inside, w->n_match);
    }
    w->match = match;
    w->inside = inside;
    w->open = open;
    w->cap_match = cap;
}

void flow_match(struct asp_flow *w, size_t from)
{
    size_t n = w->code->n_tokens;
    size_t depth = 0;
    grow_match(w, n);
    uint32_t *open = w->open;
    w->n_match = n;
    for (size_t i = from; i < n; i++) {
        const struct asp_token *t = &w->code->tokens[i];
        w->match[i] = FLOW_NONE;
        if (t->kind != ASP_OPERATOR)
            continue;
        if (t->op == '(' || t->op == '[' || t->op == '{')
            open[depth++] = (uint32_t)i;
        else if ((t->op == ')' || t->op == ']' || t->op == '}') && depth)
            w->match[open[--depth]] = (uint32_t)i;
    }
}

struct parameter { /* as far as it was read */
    uint32_t name;
    uint8_t object;
    bool done; /* what follows is its type, or its value */
    bool reference;
};

static void add_parameter(struct asp_function *fn, const struct parameter *p)
{
    if (p->name == FLOW_NONE || fn->n_parameters >= FLOW_PARAMETERS)
        return;
    fn->objects[fn->n_parameters] = p->object;
    fn->by_reference |= (uint16_t)(p->reference ? 1U << fn->n_parameters : 0);
    fn->parameters[fn->n_parameters++] = p->name;
}

/* Parameters between the brackets: the last name of each, or in VB the one before "As". */
void flow_read_parameters(const struct asp_flow *w, struct asp_function *fn, size_t from,
                          size_t to)
{
    struct parameter p = {.name = FLOW_NONE};
    for (size_t i = from; i <= to; i++) {
        const struct asp_token *t = &w->code->tokens[i];
        enum asp_word word = flow_word_of(w, i);
        if (i == to || flow_is_op(t, ',')) {
            add_parameter(fn, &p);
            p = (struct parameter){.name = FLOW_NONE};
        } else if (word == W_out || word == W_ref) {
            p.reference = true;
        } else if (word == W_this && t->lang == ASP_CSHARP && i == from) {
            fn->extension = true;
        } else if ((word == W_params && t->lang == ASP_CSHARP) || word == W_paramarray) {
            fn->rest = true;
        } else if (flow_is_op(t, '=') || word == W_as ||
                   (flow_is_op(t, ':') && t->lang == ASP_JSCRIPT)) {
            p.done = true;
        } else if (t->kind == ASP_NAME && word != W_byval && word != W_byref) {
            if (p.object == 0)
                p.object = (uint8_t)asp_object_of_word(word);
            if (!p.done)
                p.name = t->name;
        }
    }
}

/* Whether what calls it is a request: "[WebMethod] public string F(string a)". */
static bool is_web_method(const struct asp_flow *w, size_t at)
{
    for (size_t i = at + 1; i > 0 && at - i + 1 < FLOW_GENERIC; i--) {
        const struct asp_token *t = &w->code->tokens[i - 1];
        enum asp_word word = flow_word_of(w, i - 1);
        if (t->kind <= ASP_NEWLINE || flow_is_op(t, '{') || flow_is_op(t, '}'))
            return false;
        if (word == W_onget || word == W_onpost || word == W_actionresult ||
            word == W_iactionresult || word == W_jsonresult || word == W_httpget ||
            word == W_httppost || word == W_webmethod || word == W_operationcontract ||
            word == W_webinvoke || word == W_webget || word == W_operationcontractattribute)
            return true;
    }
    return false;
}

static void add_function(struct asp_flow *w, struct asp_function fn)
{
    struct asp_per_name *p = flow_per_name(w, fn.name);
    w->functions = arena_grow(w->budget.arena, w->functions, w->n_functions, &w->cap_functions,
                              sizeof *w->functions);
    fn.next = p->function;
    fn.web = is_web_method(w, fn.at);
    fn.result = ASP_NOTHING;
    fn.result.flags = V_UNSET; /* empty, where it adds to itself */
    p->function = (int32_t)w->n_functions;
    w->functions[w->n_functions++] = fn;
}

static bool is_word_before(enum asp_word word)
{
    return word == W_new || word == W_return || word == W_else || word == W_throw ||
           word == W_await || word == W_case || word == W_in || word == W_async;
}

static bool is_control(enum asp_word word)
{
    return word == W_if || word == W_for || word == W_foreach || word == W_while ||
           word == W_switch || word == W_catch || word == W_using || word == W_lock ||
           word == W_fixed || word == W_function || word == W_new || word == W_typeof ||
           word == W_return || word == W_delegate;
}

/* "Name(...) => value;", "Name => value;" */
static void member_of_arrow(struct asp_flow *w, struct asp_function *fn, size_t arrow)
{
    w->code->tokens[arrow].name = FLOW_NONE; /* it is no lambda's */
    fn->expression = true;
    fn->from = arrow + 1;
    for (fn->to = fn->from; fn->to < w->n_match; fn->to++) {
        if (w->code->tokens[fn->to].kind <= ASP_NEWLINE)
            return;
        if (w->match[fn->to] != FLOW_NONE)
            fn->to = w->match[fn->to];
    }
}

static bool is_typed(const struct asp_flow *w, size_t i)
{
    const struct asp_token *before = &w->code->tokens[i - 1];
    return (before->kind == ASP_NAME && !is_word_before(flow_word_of(w, i - 1)) &&
            !is_control(flow_word_of(w, i - 1)) && flow_word_of(w, i - 1) != W_class) ||
           flow_is_op(before, ']') || flow_is_op(before, '>');
}

/* "type Name { set {...} }": what is given to the property is "value" there. Its number is kept
 * in the bracket. */
static void find_c_setter(struct asp_flow *w, size_t i, size_t close)
{
    for (size_t k = i + 2; close < w->n_match && k + 1 < close; k++) {
        struct asp_token *t = &w->code->tokens[k + 1];
        if (flow_word_of(w, k) == W_set && flow_is_op(t, '{') && w->match[k + 1] != FLOW_NONE) {
            struct asp_function fn = {.at = SIZE_MAX,
                                      .from = k + 2,
                                      .to = w->match[k + 1],
                                      .setter = true,
                                      .name = w->code->tokens[i].name};
            fn.parameters[fn.n_parameters++] = asp_name(w->code, STR("value"));
            add_function(w, fn);
            t->name = (uint32_t)w->n_functions;
            return;
        }
        if (w->match[k] != FLOW_NONE)
            k = w->match[k];
    }
}

/* "type Name { get {...} }", "type Name { get => value; }", "type Name => value;" */
static void find_c_property(struct asp_flow *w, size_t i, size_t from)
{
    const struct asp_token *t = &w->code->tokens[i];
    struct asp_function fn = {.at = i, .name = t->name, .property = true};
    if (i <= from || !is_typed(w, i) || is_control(flow_word_of(w, i)))
        return;
    if (flow_is_op(t + 1, ASP_OP_ARROW)) {
        member_of_arrow(w, &fn, i + 1);
        add_function(w, fn);
        return;
    }
    uint32_t close = w->match[i + 1];
    find_c_setter(w, i, close);
    for (size_t k = i + 2; close != FLOW_NONE && k + 1 < close && k < i + FLOW_GENERIC; k++) {
        if (flow_word_of(w, k) != W_get)
            continue;
        if (flow_is_op(&w->code->tokens[k + 1], ASP_OP_ARROW))
            member_of_arrow(w, &fn, k + 1);
        else if (flow_is_op(&w->code->tokens[k + 1], '{') && w->match[k + 1] != FLOW_NONE) {
            fn.from = k + 2;
            fn.to = w->match[k + 1];
        } else {
            return;
        }
        add_function(w, fn);
        return;
    }
}

/* "(string a, int b) Name(...)": what stands before token i. */
static bool is_tuple_type(const struct asp_flow *w, size_t i)
{
    bool list = false;
    if (!flow_is_op(&w->code->tokens[i - 1], ')') || w->code->tokens[i].lang != ASP_CSHARP)
        return false;
    for (size_t k = i - 1; k > 0 && i - k < FLOW_GENERIC; k--) {
        if (w->match[k - 1] == i - 1)
            return list && (k < 2 || w->code->tokens[k - 2].kind != ASP_NAME ||
                            !is_control(flow_word_of(w, k - 2)));
        list |= flow_is_op(&w->code->tokens[k - 1], ',');
    }
    return false;
}

/* The "{" or "=>" of a function, behind ": base(a)" or "where T : class, new()". */
static size_t body_of(const struct asp_flow *w, size_t close)
{
    size_t open = close + 1;
    bool clause = open < w->n_match &&
                  (flow_is_op(&w->code->tokens[open], ':') || flow_word_of(w, open) == W_where);
    for (; open < w->n_match && open < close + FLOW_GENERIC; open++) {
        const struct asp_token *t = &w->code->tokens[open];
        if (clause && flow_is_op(t, '(') && w->match[open] != FLOW_NONE &&
            t->lang == ASP_CSHARP)
            open = w->match[open];
        else if (t->kind != ASP_NAME && !flow_is_op(t, ':') &&
                 !(clause && (flow_is_op(t, ',') || flow_is_op(t, '.') || flow_is_op(t, '<') ||
                              flow_is_op(t, '>'))))
            break;
    }
    return open;
}

/* "Name<T, U>(": the bracket. SIZE_MAX if it is none. */
static size_t generic_bracket(const struct asp_flow *w, size_t i)
{
    size_t depth = 0;
    if (!flow_is_op(&w->code->tokens[i + 1], '<'))
        return SIZE_MAX;
    for (size_t k = i + 1; k + 1 < w->n_match && k < i + FLOW_GENERIC; k++) {
        const struct asp_token *t = &w->code->tokens[k];
        if (flow_is_op(t, '<'))
            depth++;
        else if (flow_is_op(t, '>') && --depth == 0)
            return flow_is_op(t + 1, '(') ? k + 1 : SIZE_MAX;
        else if (t->kind != ASP_NAME && !flow_is_op(t, '>') && !flow_is_op(t, ','))
            return SIZE_MAX;
    }
    return SIZE_MAX;
}

/* "type Name(...) {", "type Name<T>(...) {", "function name(...) {".
 * bracket  the one that opens its parameters */
static void find_c_function(struct asp_flow *w, size_t i, size_t bracket)
{
    const struct asp_token *t = &w->code->tokens[i];
    if (i == 0 || is_control(flow_word_of(w, i)))
        return;
    const struct asp_token *before = t - 1;
    bool typed = (before->kind == ASP_NAME && !is_word_before(flow_word_of(w, i - 1))) ||
                 flow_is_op(before, ']') || flow_is_op(before, '>') || is_tuple_type(w, i);
    uint32_t close = w->match[bracket];
    if (!typed || close == FLOW_NONE || close + 1 >= w->n_match)
        return;
    size_t open = body_of(w, close);
    struct asp_function fn = {.at = i, .from = open + 1, .name = t->name};
    if (open >= w->n_match)
        return;
    if (flow_is_op(&w->code->tokens[open], ASP_OP_ARROW)) {
        member_of_arrow(w, &fn, open);
    } else {
        if (!flow_is_op(&w->code->tokens[open], '{') || w->match[open] == FLOW_NONE)
            return;
        fn.to = w->match[open];
    }
    flow_read_parameters(w, &fn, bracket + 1, close);
    add_function(w, fn);
}

/* "x = function (...) {", "x: function (...) {": it is found by that name. */
static void find_nameless(struct asp_flow *w, size_t i)
{
    const struct asp_token *t = &w->code->tokens[i];
    uint32_t close = w->match[i + 1];
    if (i < 2 || t[-2].kind != ASP_NAME ||
        (!flow_is_op(t - 1, '=') && !flow_is_op(t - 1, ':')) || close == FLOW_NONE ||
        close + 1 >= w->n_match || w->match[close + 1] == FLOW_NONE ||
        !flow_is_op(&w->code->tokens[close + 1], '{'))
        return;
    struct asp_function fn = {
        .at = i, .from = close + 2, .to = w->match[close + 1], .name = t[-2].name};
    flow_read_parameters(w, &fn, i + 2, close);
    add_function(w, fn);
}

/* A function of the operating system under a name of the page's own:
 * [DllImport("kernel32", EntryPoint = "WinExec")] static extern int Name(...)
 * Declare Function Name Lib "kernel32" Alias "WinExec" (...) */
static void find_native(struct asp_flow *w, size_t i)
{
    bool vb = w->code->tokens[i].lang == ASP_VB;
    size_t end = i + NATIVE_TOKENS < w->n_match ? i + NATIVE_TOKENS : w->n_match;
    struct asp_function fn = {0};
    bool declared = vb;
    for (size_t k = i + 1; k + 1 < end; k++) {
        const struct asp_token *t = &w->code->tokens[k];
        enum asp_word word = flow_word_of(w, k);
        bool alias =
            t->kind == ASP_NAME &&
            (word == W_alias || str_ieq(w->code->names[t->name].text, STR("entrypoint")));
        size_t text = flow_is_op(t + 1, '=') ? k + 2 : k + 1;
        if (alias && text < end && w->code->tokens[text].kind == ASP_STRING) {
            uint32_t name =
                asp_name(w->code, asp_string(&w->code->tokens[text], w->budget.arena));
            fn.native = w->code->names[name].word;
        }
        declared |= word == W_extern;
        if (!declared || t->kind != ASP_NAME ||
            (vb ? flow_word_of(w, k + 1) != W_lib : !flow_is_op(t + 1, '(')))
            continue;
        fn.name = t->name;
        fn.at = k;
        fn.native = fn.native ? fn.native : w->code->names[t->name].word;
        fn.from = fn.to = k + 1;
        if (!vb) {
            add_function(w, fn);
            return;
        }
    }
    if (vb && fn.from)
        add_function(w, fn);
}

/* "Property A As String" without "Get" or "Set" behind it. */
static bool is_auto_property(const struct asp_flow *w, size_t i)
{
    size_t end = i + NATIVE_TOKENS < w->n_match ? i + NATIVE_TOKENS : w->n_match;
    if (flow_word_of(w, i) != W_property) /* VBScript: Property Get A */
        return false;
    for (size_t k = i + 1; k + 1 < end; k++) {
        enum asp_word word = flow_word_of(w, k + 1);
        if (w->code->tokens[k].kind == ASP_NEWLINE)
            return word != W_get && word != W_set && word != W_private && word != W_protected;
    }
    return false;
}

/* "<Extension()> Public Function Name(a)" */
static bool is_vb_extension(const struct asp_flow *w, size_t i)
{
    enum { ATTRIBUTE = 8 };
    for (size_t k = i; k > 0 && i - k < ATTRIBUTE; k--) {
        const struct asp_token *t = &w->code->tokens[k - 1];
        if (t->kind == ASP_NAME && str_eq(w->code->names[t->name].text, STR("extension")))
            return true;
        if (t->kind <= ASP_NEWLINE)
            return false;
    }
    return false;
}

/* "Function Name(...)" to "End Function", "Property Let Name(...)" to "End Property". */
static void find_vb_function(struct asp_flow *w, size_t i)
{
    enum asp_word next = i + 1 < w->n_match ? flow_word_of(w, i + 1) : W_NONE;
    enum asp_word kind = flow_word_of(w, i);
    enum asp_word before = i ? flow_word_of(w, i - 1) : W_NONE;
    if (kind == W_property && (next == W_get || next == W_let || next == W_set))
        i++;
    if (before == W_end || before == W_exit || before == W_declare || before == W_delegate ||
        i + 1 >= w->n_match || (kind == W_property && is_auto_property(w, i)) ||
        w->code->tokens[i + 1].kind != ASP_NAME ||
        (i + 2 < w->n_match && flow_word_of(w, i + 2) == W_lib))
        return;
    struct asp_function fn = {.at = i + 1, .name = w->code->tokens[i + 1].name, .from = i + 2};
    fn.extension = kind != W_property && is_vb_extension(w, i);
    if (i + 2 < w->n_match && flow_is_op(&w->code->tokens[i + 2], '(') &&
        w->match[i + 2] != FLOW_NONE) {
        flow_read_parameters(w, &fn, i + 3, w->match[i + 2]);
        fn.from = w->match[i + 2] + 1;
    }
    size_t lambdas = 0;
    for (fn.to = fn.from; fn.to + 1 < w->n_match; fn.to++) {
        enum asp_word word = flow_word_of(w, fn.to);
        if (kind == W_property && word == W_set && fn.n_parameters == 0 &&
            flow_is_op(&w->code->tokens[fn.to + 1], '(') && w->match[fn.to + 1] != FLOW_NONE) {
            flow_read_parameters(w, &fn, fn.to + 2, w->match[fn.to + 1]);
            fn.setter = true;
        }
        if (word == W_end && flow_word_of(w, fn.to + 1) == kind && lambdas-- == 0)
            break;
        lambdas +=
            word == kind && flow_word_of(w, fn.to - 1) != W_end && flow_is_vb_lambda(w, fn.to);
    }
    add_function(w, fn);
}

/* "f(function (a) {...})": a function of JScript that has no name, and is given to another. */
static bool is_value(const struct asp_flow *w, size_t i, size_t from)
{
    const struct asp_token *t = &w->code->tokens[i];
    return i > from && flow_is_op(t + 1, '(') &&
           (flow_is_op(t - 1, '(') || flow_is_op(t - 1, ',') || flow_is_op(t - 1, '[') ||
            flow_is_op(t - 1, '!'));
}

/* At a token of C# or JScript. */
static void find_c(struct asp_flow *w, size_t i, size_t from)
{
    const struct asp_token *t = &w->code->tokens[i];
    enum asp_word word = flow_word_of(w, i);
    bool sharp = t->lang == ASP_CSHARP;
    if (sharp && flow_is_op(t, ASP_OP_ARROW))
        flow_find_lambda(w, i, from);
    if (t->kind != ASP_NAME)
        return;
    if (sharp ? word == W_delegate : word == W_function && is_value(w, i, from))
        flow_find_delegate(w, i);
    else if (word == W_dllimport)
        find_native(w, i);
    else if (flow_is_op(t + 1, '(') && word == W_function)
        find_nameless(w, i);
    else if (flow_is_op(t + 1, '('))
        find_c_function(w, i, i + 1);
    else if (sharp && generic_bracket(w, i) != SIZE_MAX)
        find_c_function(w, i, generic_bracket(w, i));
    else if (sharp && (flow_is_op(t + 1, '{') || flow_is_op(t + 1, ASP_OP_ARROW)))
        find_c_property(w, i, from);
}

/* At a name of Visual Basic. class: that it stands in. Gives where the function ends. */
static size_t find_vb(struct asp_flow *w, size_t i, uint32_t class)
{
    size_t n = w->n_functions;
    find_vb_function(w, i);
    if (w->n_functions == n)
        return 0;
    if (i > 0 && flow_word_of(w, i - 1) == W_default &&
        class != FLOW_NONE) /* what an object of the class gives: object(a) */
        flow_per_name(w, class)->function = (int32_t)n;
    return w->functions[n].to;
}

void flow_find_functions(struct asp_flow *w, size_t from)
{
    size_t vb_until = 0;
    uint32_t class = FLOW_NONE;
    for (size_t i = from; i + 1 < w->n_match; i++) {
        const struct asp_token *t = &w->code->tokens[i];
        enum asp_word word = flow_word_of(w, i);
        if (word == W_class)
            class = t[1].kind == ASP_NAME ? t[1].name : FLOW_NONE;
        if (t->lang != ASP_VB)
            find_c(w, i, from);
        else if ((word == W_function || word == W_sub) && flow_is_op(t + 1, '('))
            flow_find_vb_lambda(w, i);
        else if (word == W_declare || word == W_dllimport)
            find_native(w, i);
        else if (i >= vb_until && (word == W_function || word == W_sub || word == W_property)) {
            size_t to = find_vb(w, i, class);
            vb_until = to ? to : vb_until;
        }
    }
}

void flow_declare_parameters(struct asp_flow *w, int32_t function)
{
    const struct asp_function *fn = &w->functions[function];
    for (size_t i = 0; i < fn->n_parameters; i++) {
        int32_t var = flow_variable(w, fn->parameters[i], function);
        if (fn->objects[i] && fn->objects[i] != K_STRINGCLASS)
            w->vars[var].value.object = fn->objects[i];
        if (fn->web)
            flow_add_flags(w, var, V_REQ, w->code->names[fn->parameters[i]].text);
    }
}

bool flow_enter_setter(struct asp_flow *w)
{
    const struct asp_token *t = flow_token(w, 1);
    if (!flow_is_op(t, '{') || !t->name || t->name > w->n_functions ||
        w->n_scopes >= FLOW_SCOPES)
        return false;
    int32_t k = (int32_t)t->name - 1;
    w->scope[w->n_scopes] = k;
    w->scope_end[w->n_scopes++] = w->functions[k].to;
    w->at += 2;
    return true;
}

bool flow_enter(struct asp_flow *w, uint32_t name)
{
    for (int32_t k = flow_per_name(w, name)->function; k >= 0; k = w->functions[k].next) {
        w->steps++; /* a page may declare a name very often */
        const struct asp_function *fn = &w->functions[k];
        w->steps++;
        if (fn->at != w->at)
            continue;
        if (w->n_scopes < FLOW_SCOPES) {
            w->scope[w->n_scopes] = k;
            w->scope_end[w->n_scopes++] = fn->to;
        }
        flow_declare_parameters(w, k);
        w->at = fn->from;
        if (fn->expression)
            flow_result(w, flow_expression(w, 0));
        return true;
    }
    return false;
}
