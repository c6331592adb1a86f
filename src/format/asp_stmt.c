#include "format/asp_flow.h"

static bool is_skipped(enum asp_word word)
{
    switch ((int)word) {
    case W_if:
    case W_while:
    case W_switch:
    case W_using:
    case W_lock:
    case W_else:
    case W_do:
    case W_try:
    case W_finally:
    case W_catch:
    case W_public:
    case W_private:
    case W_protected:
    case W_internal:
    case W_static:
    case W_readonly:
    case W_virtual:
    case W_override:
    case W_sealed:
    case W_abstract:
    case W_async:
    case W_unsafe:
    case W_extern:
    case W_set:
    case W_let:
    case W_call:
    case W_then:
    case W_elseif:
    case W_case:
    case W_loop:
    case W_wend:
    case W_until:
    case W_next:
    case W_break:
    case W_continue:
    case W_exit:
    case W_on:
    case W_shared:
    case W_friend:
    case W_option:
    case W_imports:
    case W_checked:
    case W_to:
    case W_step:
    case W_get:
    case W_default:
    case W_out:
    case W_ref:
    case W_import:
    case W_yield:
        return true;
    default:
        return false;
    }
}

void flow_result(struct asp_flow *w, struct asp_value v)
{
    int32_t fn = flow_function(w);
    if (fn < 0)
        return;
    struct asp_value *result = &w->functions[fn].result;
    uint32_t before = result->flags;
    uint32_t kept =
        result->flags & ~(uint32_t)(V_KNOWN | V_NUMBER | V_LEAD | V_MAPPED | V_UNSET);
    struct str key = v.flags & V_REQ ? v.key : result->key;
    uint16_t object = v.object ? v.object : result->object;
    *result = v;
    result->flags |= kept;
    result->key = key;
    result->object = object;
    result->var = -1;
    if (result->flags & ~before)
        w->changed++;
    if (result->flags & ~before & FLOW_DEEP)
        w->deep++;
}

/* Whether a function's name stands there. */
static bool is_entered(struct asp_flow *w, size_t ahead)
{
    const struct asp_token *t = flow_token(w, ahead);
    int32_t k = t->kind == ASP_NAME ? flow_per_name(w, t->name)->function : -1;
    while (k >= 0 && w->functions[k].at != w->at + ahead)
        k = w->functions[k].next;
    return k >= 0;
}

/* "Dim a, b(3) As New T(x) = y" */
static void vb_declaration(struct asp_flow *w)
{
    while (flow_token(w, 0)->kind == ASP_NAME && !is_skipped(flow_word_at(w, 0))) {
        uint32_t name = flow_token(w, 0)->name;
        if (flow_word_at(w, 0) == W_function || flow_word_at(w, 0) == W_sub ||
            flow_word_at(w, 0) == W_class)
            return;
        if (flow_word_at(w, 0) == W_property && is_entered(w, 1))
            return;
        if (flow_word_at(w, 0) == W_const || flow_word_at(w, 0) == W_withevents ||
            flow_word_at(w, 0) == W_dim || flow_word_at(w, 0) == W_property) {
            w->at++;
            continue;
        }
        int32_t var = flow_variable(w, name, flow_function(w));
        w->at++;
        if (flow_is_op(flow_token(w, 0), '(')) {
            struct asp_value a[ASP_ARGUMENTS];
            w->at++;
            (void)flow_arguments(w, ')', a);
        }
        if (flow_word_at(w, 0) == W_as) {
            w->at++;
            bool made = flow_word_at(w, 0) == W_new;
            struct asp_value type = flow_expression(w, 9);
            struct asp_value v = ASP_NOTHING;
            v.function = made ? type.function : -1;
            v.object = type.object;
            v.flags = type.flags & ~(uint32_t)(V_CLASS | V_KNOWN);
            v.key = type.key;
            flow_set(w, var, v);
        }
        if (flow_take_op(w, '=')) {
            struct asp_value v = flow_expression(w, 0);
            flow_set(w, var, v);
        }
        if (!flow_take_op(w, ','))
            return;
    }
}

/* "Type name" in C#: a declaration. The type has been read. */
static bool c_declaration(struct asp_flow *w, const struct asp_value *type, size_t from)
{
    if (w->at == from)
        return false;
    const struct asp_token *t = flow_token(w, 0);
    const struct asp_token *last = &w->code->tokens[w->at - 1];
    bool after_type = last->kind == ASP_NAME || flow_is_op(last, ']') ||
                      flow_is_op(last, '>') || flow_is_op(last, '?');
    enum asp_word word = flow_word_at(w, 0);
    if (t->kind != ASP_NAME || t->lang == ASP_VB || !after_type || word == W_in ||
        word == W_is || word == W_as || word == W_instanceof)
        return false;
    struct asp_per_name *p = flow_per_name(w, t->name);
    for (int32_t k = p->function; k >= 0; k = w->functions[k].next, w->steps++)
        if (w->functions[k].at == w->at)
            return true; /* the next statement enters it */
    int32_t var = flow_variable(w, t->name, flow_function(w));
    struct asp_value v = ASP_NOTHING;
    v.object = type->flags & V_CLASS ? type->object : K_NONE;
    if (v.object == K_STRINGCLASS)
        v.object = K_NONE;
    if (v.object == K_CONTROL || v.object == K_POSTED)
        v.key = (struct str){t->p, t->n};
    if (v.object)
        w->vars[var].value.object = v.object;
    return true;
}

/* The object of the member that stands before this token. False if it has none. */
static bool object_before(struct asp_flow *w, size_t from, struct asp_value *ret)
{
    const struct asp_token *last = &w->code->tokens[w->at - 1];
    *ret = ASP_NOTHING;
    if (w->at < from + 2 || !flow_is_op(last - 1, '.'))
        return false;
    if (w->at == from + 2) {
        if (w->n_with)
            *ret = flow_with(w);
        return w->n_with != 0;
    }
    size_t end = w->at;
    size_t limit = w->end;
    w->end = end - 2;
    w->at = from;
    *ret = flow_operand(w);
    w->end = limit;
    w->at = end;
    return true;
}

/* VB: "name value, value": a call without brackets. `from` is where the statement starts. */
static void vb_call(struct asp_flow *w, struct asp_value v, size_t from)
{
    const struct asp_token *t = flow_token(w, 0);
    struct asp_value a[ASP_ARGUMENTS];
    size_t n = 0;
    const struct asp_token *last = &w->code->tokens[w->at - 1];
    if (flow_is_op(t, ',') && flow_is_op(last, ')') && w->has_last) {
        n = w->last.n;
        memcpy(a, w->last_arguments, n * sizeof *a);
        struct asp_call call = w->last;
        while (flow_take_op(w, ',') && w->at < w->end) {
            struct asp_value one = flow_expression(w, 0);
            if (n < ASP_ARGUMENTS)
                a[n++] = one;
        }
        call.arguments = a;
        call.n = n;
        (void)flow_call(w, &call, FLOW_NONE);
        return;
    }
    bool starts = t->kind == ASP_STRING || t->kind == ASP_NUMBER || t->kind == ASP_NAME ||
                  flow_is_op(t, '-') || flow_is_op(t, '.');
    bool none = t->kind <= ASP_NEWLINE && (v.flags & V_METHOD); /* process.Start */
    if (last->kind != ASP_NAME || (!starts && !none) || is_skipped(flow_word_at(w, 0)) ||
        flow_level_of(w, t))
        return;
    struct asp_value base;
    bool bare = !object_before(w, from, &base);
    while (!none) {
        size_t before = w->at;
        flow_argument_name(w);
        struct asp_value one = flow_expression(w, 0);
        if (n < ASP_ARGUMENTS)
            a[n++] = one;
        if (w->at == before || !flow_take_op(w, ','))
            break;
        while (flow_take_op(w, ','))
            continue;
    }
    struct asp_call call = {.at = last,
                            .base = base,
                            .bare = bare,
                            .word = (enum asp_word)w->code->names[last->name].word,
                            .arguments = a,
                            .n = n};
    if (v.object == K_EVAL)
        call.word = W_eval;
    (void)flow_call(w, &call, last->name);
}

/* Any element of a list. */
struct asp_value flow_each(struct asp_value v)
{
    if (v.object == K_ARRAY)
        v.object = K_NONE;
    if (v.object == K_FILES)
        v.object = K_POSTED;
    if (v.object == K_ITEMS || v.object == K_REQUEST)
        v.object = K_NONE;
    v.flags |= (v.flags & V_KNOWN) && v.text.n >= FLOW_HIDING ? V_HIDDEN : 0;
    v.flags &= ~(uint32_t)(V_KNOWN | V_NUMBER);
    return v;
}

static void for_each(struct asp_flow *w, int32_t var)
{
    w->at++; /* in */
    flow_set(w, var, flow_each(flow_expression(w, 0)));
}

/* "For Each x As type In list"; any other loop is statements. */
/* "i = 1 To 9": i is any of them. */
static void vb_counter(struct asp_flow *w)
{
    const struct asp_token *name = flow_token(w, 0);
    if (name->kind != ASP_NAME || !flow_is_op(flow_token(w, 1), '='))
        return;
    uint32_t number = name->name;
    w->at += 2;
    struct asp_value v = flow_expression(w, 0);
    int32_t var = flow_find(w, number);
    v.flags &= ~(uint32_t)(V_KNOWN | V_NUMBER);
    flow_set(w, var >= 0 ? var : flow_variable(w, number, FLOW_GLOBAL), v);
}

static void vb_for(struct asp_flow *w)
{
    w->at++;
    if (flow_word_at(w, 0) != W_each) {
        vb_counter(w);
        return;
    }
    w->at++;
    if (flow_token(w, 0)->kind != ASP_NAME)
        return;
    int32_t var = flow_find(w, flow_token(w, 0)->name);
    var = var >= 0 ? var : flow_variable(w, flow_token(w, 0)->name, FLOW_GLOBAL);
    w->at++;
    if (flow_word_at(w, 0) == W_as) {
        w->at++;
        (void)flow_expression(w, 9);
    }
    if (flow_word_at(w, 0) == W_in)
        for_each(w, var);
}

struct asp_value flow_with(const struct asp_flow *w)
{
    struct asp_value v = w->with[w->n_with - 1];
    if (v.var >= 0) {
        v = w->vars[v.var].value;
        v.word = 0;
        v.var = w->with[w->n_with - 1].var;
    }
    return v;
}

/* A variable for the object of a With that stands here. */
static uint32_t with_name(struct asp_flow *w)
{
    return asp_name(w->code, arena_printf(w->budget.arena, "with:%zu", w->at));
}

static bool vb_keyword(struct asp_flow *w, enum asp_word word)
{
    switch ((int)word) {
    case W_dim:
    case W_const:
    case W_redim:
    case W_public:
    case W_private:
    case W_protected:
    case W_static:
    case W_shared:
        w->at++;
        if (flow_word_at(w, 0) == W_preserve)
            w->at++;
        vb_declaration(w);
        return true;
    case W_with:
        w->at++;
        if (w->n_with < FLOW_WITHS) {
            uint32_t name = with_name(w);
            struct asp_value v = flow_expression(w, 0);
            if (v.var < 0) { /* what is set of it is kept */
                int32_t var = flow_variable(w, name, FLOW_GLOBAL);
                flow_set(w, var, v);
                v.var = var;
            }
            w->with[w->n_with++] = v;
        }
        return true;
    case W_end:
        w->at++;
        if (flow_word_at(w, 0) == W_with && w->n_with)
            w->n_with--;
        if (flow_token(w, 0)->kind == ASP_NAME)
            w->at++;
        return true;
    case W_using: /* Using r As New StreamReader(a) */
        w->at++;
        if (flow_word_at(w, 1) == W_as || flow_is_op(flow_token(w, 1), '='))
            vb_declaration(w);
        return true;
    case W_for:
        vb_for(w);
        return true;
    case W_function:
    case W_sub:
    case W_property:
    case W_class:
    case W_declare:
        w->at++;
        return true;
    case W_if:
    case W_elseif:
    case W_while:
    case W_until:
    case W_case:
        w->at++;
        (void)flow_expression(w, 0);
        return true;
    default:
        return false;
    }
}

static void native_import(struct asp_flow *w)
{
    const struct asp_token *t = flow_token(w, 0);
    enum asp_word word = flow_word_at(w, 0);
    if (word == W_dllimport || (word == W_declare && t->lang == ASP_VB))
        asp_tell(w->f, ASP_NATIVE, ASP_WEAK, "calls the operating system", &ASP_NOTHING, t);
}

/* VB: "name = value", "object.member &= value"; the operator is next. */
static void vb_assignment(struct asp_flow *w, struct asp_value v, size_t from)
{
    const struct asp_token *first = &w->code->tokens[from];
    const struct asp_token *op = flow_token(w, 0);
    enum asp_word target = flow_member_of(w, from);
    bool named = target == W_NONE && first->kind == ASP_NAME;
    w->at++;
    struct asp_value b = flow_expression(w, 0);
    int32_t fn = flow_function(w);
    if (op->op == ASP_OP_PLUS_SET)
        b = asp_concat(&w->budget, &v, &b);
    if (fn >= 0 && named && w->functions[fn].name == first->name) {
        if (!b.flags && flow_grows(w, first->name, op)) /* and what is not known yet */
            b.flags |= w->functions[fn].result.flags & V_UNSET;
        flow_result(w, b);
        return;
    }
    if (named && v.var < 0)
        v.var = flow_variable(w, first->name, FLOW_GLOBAL);
    if (named)
        flow_set_property(w, first, b);
    flow_assign(w, &v, target, b, op);
}

static void plain_statement(struct asp_flow *w)
{
    size_t from = w->at;
    const struct asp_token *t = flow_token(w, 0);
    bool vb = t->lang == ASP_VB;
    struct asp_value v;
    w->has_last = false;
    if (!vb) {
        v = flow_expression(w, 0);
        if (!c_declaration(w, &v, from))
            return;
        if (flow_word_at(w, 1) == W_in) {
            int32_t var = flow_find(w, flow_token(w, 0)->name);
            w->at++;
            for_each(w, var);
        }
        return; /* the name is where the next statement starts */
    }
    enum asp_word next = t->kind == ASP_NAME ? flow_word_at(w, 1) : W_NONE;
    if (next == W_function || next == W_sub || next == W_property) {
        w->at++; /* Iterator Function, Overrides Sub */
        return;
    }
    v = flow_operand(w);
    const struct asp_token *op = flow_token(w, 0);
    if (flow_is_op(op, '=') ||
        (op->kind == ASP_OPERATOR && (op->op == ASP_OP_PLUS_SET || op->op == ASP_OP_SET))) {
        vb_assignment(w, v, from);
        return;
    }
    if (w->at > from)
        vb_call(w, v, from);
}

/* "var a : Type = value, b": a type may stand in JScript.NET. */
static void js_declaration(struct asp_flow *w)
{
    w->at++;
    while (flow_token(w, 0)->kind == ASP_NAME) {
        int32_t var = flow_variable(w, flow_token(w, 0)->name, flow_function(w));
        w->at++;
        if (flow_take_op(w, ':'))
            while (flow_token(w, 0)->kind == ASP_NAME || flow_is_op(flow_token(w, 0), '.') ||
                   flow_is_op(flow_token(w, 0), '[') || flow_is_op(flow_token(w, 0), ']'))
                w->at++;
        if (flow_take_op(w, '=')) {
            struct asp_value v = flow_expression(w, 1);
            flow_set(w, var, v);
        }
        if (!flow_take_op(w, ','))
            return;
    }
}

/* "class Name : Process": what is made of it is one. */
static void derived_class(struct asp_flow *w)
{
    const struct asp_token *name = flow_token(w, 1);
    if (name->kind != ASP_NAME || !flow_is_op(flow_token(w, 2), ':'))
        return;
    size_t at = 3;
    while (flow_token(w, at)->kind == ASP_NAME && flow_is_op(flow_token(w, at + 1), '.'))
        at += 2;
    enum asp_object base = asp_object_of_word(flow_word_at(w, at));
    if (base == K_NONE)
        return;
    int32_t var = flow_variable(w, name->name, FLOW_GLOBAL);
    w->vars[var].value.object = (uint16_t)base;
    w->vars[var].value.flags |= V_CLASS;
}

/* A statement of C# or JScript that begins with a word of its own. */
static bool c_keyword(struct asp_flow *w, enum asp_word word, unsigned lang)
{
    if (word == W_switch && lang == ASP_CSHARP && flow_is_op(flow_token(w, 1), '(')) {
        w->at++;
        w->subject = flow_expression(w, 11);
        return true;
    }
    if (word == W_set && lang == ASP_CSHARP)
        return flow_enter_setter(w);
    if (word == W_case && lang == ASP_CSHARP) {
        w->at++;
        flow_pattern(w, &w->subject);
        return true;
    }
    if (word != W_function && word != W_class && word != W_for && word != W_foreach &&
        word != W_var && word != W_const)
        return false;
    if (word == W_var && lang == ASP_JSCRIPT && flow_token(w, 1)->kind == ASP_NAME) {
        js_declaration(w);
        return true;
    }
    if (word == W_var && lang == ASP_CSHARP && flow_each_tuple(w))
        return true;
    if (word == W_var && lang == ASP_CSHARP && flow_token(w, 1)->kind == ASP_NAME) {
        (void)flow_variable(w, flow_token(w, 1)->name, flow_function(w));
        if (flow_word_at(w, 2) == W_in) {
            int32_t var = flow_find(w, flow_token(w, 1)->name);
            w->at += 2;
            for_each(w, var);
            return true;
        }
    }
    if (word == W_class)
        derived_class(w);
    w->at++;
    if (word == W_foreach) /* what stands in its brackets is a statement */
        (void)flow_take_op(w, '(');
    return true;
}

/* A statement that begins with a name: whether it was one of the language's words. */
static bool keyword(struct asp_flow *w, const struct asp_token *t)
{
    enum asp_word word = flow_word_at(w, 0);
    if ((word == W_for || word == W_do || word == W_while) && t->lang != ASP_CSHARP &&
        flow_run_loop(w))
        return true;
    if (t->lang == ASP_VB && vb_keyword(w, word))
        return true;
    if (word == W_return) {
        w->at++;
        if (flow_token(w, 0)->kind > ASP_NEWLINE)
            flow_result(w, flow_expression(w, 0));
        return true;
    }
    if (word == W_yield && t->lang == ASP_VB) {
        w->at++;
        flow_result(w, flow_expression(w, 0));
        return true;
    }
    if (t->lang != ASP_VB && c_keyword(w, word, t->lang))
        return true;
    if (!is_skipped(word))
        return false;
    w->at++;
    return true;
}

void flow_statement(struct asp_flow *w)
{
    const struct asp_token *t = flow_token(w, 0);
    size_t from = w->at;
    while (w->n_scopes && w->at >= w->scope_end[w->n_scopes - 1])
        w->n_scopes--;
    w->steps++;
    if (t->kind <= ASP_NEWLINE || (t->kind == ASP_OPERATOR && t->op != '(' && t->op != '.' &&
                                   t->op != ASP_OP_STEP && t->op != '[')) {
        w->at++;
        return;
    }
    native_import(w);
    if (t->kind == ASP_NAME && (flow_enter(w, t->name) || keyword(w, t)))
        return;
    plain_statement(w);
    if (w->at == from)
        w->at++;
}
