#include "format/asp_flow.h"

enum { GROWS_TOKENS = 64 }; /* of a value in which its variable is looked for */

/* How tightly an operator binds; 0 if it is none. */
int flow_level_of(const struct asp_flow *w, const struct asp_token *t)
{
    bool vb = t->lang == ASP_VB;
    if (t->kind == ASP_NAME) {
        switch (w->code->names[t->name].word) {
        case W_or:
        case W_orelse:
            return 3;
        case W_and:
        case W_andalso:
            return 4;
        case W_xor:
            return 5;
        case W_is:
        case W_isnot:
        case W_like:
        case W_instanceof:
            return 6;
        case W_as:
            return vb ? 0 : 6;
        case W_mod:
            return 10;
        default:
            return 0;
        }
    }
    if (t->kind != ASP_OPERATOR)
        return 0;
    switch (t->op) {
    case '=':
        return vb ? 6 : 1;
    case ASP_OP_PLUS_SET:
    case ASP_OP_SET:
    case ASP_OP_ARROW:
        return 1;
    case '?':
        return vb ? 0 : 2;
    case ASP_OP_ELSE:
        return 2;
    case ASP_OP_OR:
        return 3;
    case ASP_OP_AND:
        return 4;
    case '|':
        return 5;
    case '&':
        return vb ? 8 : 5;
    case '^':
        return vb ? 11 : 5;
    case ASP_OP_EQ:
    case ASP_OP_NE:
    case '<':
    case '>':
    case ASP_OP_LE:
    case ASP_OP_GE:
        return 6;
    case ASP_OP_SHIFT:
        return 7;
    case '+':
    case '-':
        return 9;
    case '*':
    case '/':
    case '%':
    case '\\':
        return 10;
    default:
        return 0;
    }
}

static struct asp_value arithmetic(struct asp_flow *w, unsigned op, const struct asp_value *a,
                                   const struct asp_value *b)
{
    struct asp_value none = asp_union(a, b);
    if (!(a->flags & V_NUMBER) || !(b->flags & V_NUMBER)) {
        none.flags &= ~(uint32_t)V_LEAD;
        return none;
    }
    uint64_t x = (uint64_t)a->number;
    uint64_t y = (uint64_t)b->number;
    (void)w;
    switch (op) {
    case '+':
        return asp_number((int64_t)(x + y));
    case '-':
        return asp_number((int64_t)(x - y));
    case '*':
        return asp_number((int64_t)(x * y));
    case '/':
    case '\\':
        return b->number > 0 ? asp_number((int64_t)(a->number / b->number)) : none;
    case '%':
        return b->number > 0 ? asp_number((int64_t)(a->number % b->number)) : none;
    case '^':
        return asp_number((int64_t)(x ^ y));
    default:
        return none;
    }
}

/* "object.field = value": of a class of the page's own, of which the fields are variables and
 * the properties functions. */
static void assign_field(struct asp_flow *w, const struct asp_token *field,
                         struct asp_value value, const struct asp_token *at)
{
    if (field->kind != ASP_NAME || w->code->names[field->name].word != W_NONE)
        return;
    int32_t var = flow_find(w, field->name);
    int32_t function = flow_per_name(w, field->name)->function;
    if (var >= 0)
        flow_set(w, var, value);
    struct asp_call call = {.at = at, .bare = true, .arguments = &value, .n = 1};
    if (function >= 0)
        (void)flow_call_function(w, function, &call);
}

void flow_set_property(struct asp_flow *w, const struct asp_token *name, struct asp_value value)
{
    int32_t k = flow_per_name(w, name->name)->function;
    struct asp_call call = {.at = name, .bare = true, .arguments = &value, .n = 1};
    while (k >= 0 && !w->functions[k].setter)
        k = w->functions[k].next;
    if (k >= 0)
        (void)flow_call_function(w, k, &call);
}

bool flow_grows(const struct asp_flow *w, uint32_t name, const struct asp_token *at)
{
    if (at->op == ASP_OP_PLUS_SET || at->op == ASP_OP_SET)
        return true;
    for (size_t i = w->at; i > 0 && w->at - i < GROWS_TOKENS; i--) {
        const struct asp_token *t = &w->code->tokens[i - 1];
        if (t->kind <= ASP_NEWLINE || flow_is_op(t, '='))
            return false;
        if (t->kind == ASP_NAME && t->name == name)
            return true;
    }
    return false;
}

/* What a variable holds that each turn of a loop adds to: not what one turn gives. */
static struct asp_value of_loop(struct asp_variable *var, struct asp_value value)
{
    bool same = (var->value.flags & V_KNOWN) && str_eq(var->value.text, value.text);
    var->counts |= (value.flags & V_NUMBER) != 0;
    if (!(value.flags & (V_KNOWN | V_NUMBER)) || same)
        return value;
    value.flags |= value.flags & V_KNOWN ? V_HIDDEN : 0;
    value.flags &= ~(uint32_t)(V_KNOWN | V_NUMBER);
    value.text = STR("");
    return value;
}

/* An element that was set: any element may be that one. */
void flow_assign_element(struct asp_flow *w, int32_t element, const struct asp_value *value)
{
    int32_t array = w->vars[element].array;
    if (array < 0)
        return;
    struct asp_value any = asp_union(value, &ASP_NOTHING);
    any.flags |= (value->flags & V_KNOWN) && value->text.n >= FLOW_HIDING ? V_HIDDEN : 0;
    w->vars[array].elements = true;
    w->vars[array].value.flags &= ~(uint32_t)V_UNSET;
    w->vars[array].value.function =
        flow_either_function(w, w->vars[array].value.function, value->function);
    flow_add_flags(w, array, any.flags, any.key);
}

void flow_assign(struct asp_flow *w, const struct asp_value *to, enum asp_word member_word,
                 struct asp_value value, const struct asp_token *at)
{
    uint32_t flags = 0;
    if (member_word != W_NONE) {
        asp_act_set(w->f, to, member_word, &value, at, &flags);
        flow_add_flags(w, to->var, flags, value.key);
        if (value.object == K_EVAL && to->var >= 0) /* o.e = eval */
            w->vars[to->var].value.object = K_EVAL;
        assign_field(w, &at[-1], value, at);
        return;
    }
    if (to->var < 0)
        return;
    uint8_t inside = w->at - 1 < w->n_match ? w->inside[w->at - 1] : 0;
    w->vars[to->var].given |= value.flags;
    bool grows =
        ((inside & FLOW_LOOP) || !value.flags) && flow_grows(w, w->vars[to->var].name, at);
    if ((inside & FLOW_LOOP) && grows)
        value = of_loop(&w->vars[to->var], value);
    bool empty = grows && !value.flags && (w->vars[to->var].value.flags & V_UNSET);
    if ((inside & FLOW_MAYBE) && (w->vars[to->var].value.flags & V_REQ) &&
        !(value.flags & V_REQ)) /* what else it may be takes nothing from that */
        value.flags &= ~(uint32_t)(V_LEAD | V_MAPPED | V_P_LEAD | V_P_MAPPED | V_TAIL);
    flow_set(w, to->var, value);
    if (empty) /* and something that is not known yet */
        w->vars[to->var].value.flags |= V_UNSET;
    flow_assign_element(w, to->var, &value);
}

static struct asp_value binary(struct asp_flow *w, const struct asp_token *t,
                               struct asp_value a, struct asp_value b)
{
    enum asp_word word =
        t->kind == ASP_NAME ? (enum asp_word)w->code->names[t->name].word : W_NONE;
    struct asp_value v = ASP_NOTHING;
    if (word == W_as && b.object && a.object == K_NONE) {
        a.object = b.object;
        return a;
    }
    if (word == W_as)
        return a;
    if (word == W_xor)
        return arithmetic(w, '^', &a, &b);
    if (word == W_mod)
        return arithmetic(w, '%', &a, &b);
    if (word != W_NONE)
        return ASP_NOTHING;
    switch (t->op) {
    case ASP_OP_EQ:
    case ASP_OP_NE:
    case '=':
        flow_note_password(w, &a, &b);
        return ASP_NOTHING;
    case '<':
    case '>':
    case ASP_OP_LE:
    case ASP_OP_GE:
        return ASP_NOTHING;
    case '+':
        if ((a.flags & V_NUMBER) && (b.flags & V_NUMBER))
            return arithmetic(w, '+', &a, &b);
        return asp_concat(&w->budget, &a, &b);
    case '&':
        if (t->lang == ASP_VB)
            return asp_concat(&w->budget, &a, &b);
        return arithmetic(w, '&', &a, &b);
    case '-':
    case '*':
    case '/':
    case '%':
    case '\\':
    case '^':
    case '|':
    case ASP_OP_SHIFT:
        return arithmetic(w, t->op, &a, &b);
    default:
        v = asp_union(&a, &b);
        v.object = a.object ? a.object : b.object;
        if ((b.flags & V_KNOWN) && !(v.flags & V_REQ) && !(a.flags & V_KNOWN)) {
            v.text = b.text;
        }
        return v;
    }
}

/* The word of the member that was named last, where the value is "object.member". */
enum asp_word flow_member_of(const struct asp_flow *w, size_t from)
{
    size_t at = w->at;
    if (at < from + 3 || at > w->code->n_tokens)
        return W_NONE;
    const struct asp_token *t = &w->code->tokens[at - 1];
    if (t->kind != ASP_NAME || !flow_is_op(t - 1, '.'))
        return W_NONE;
    enum asp_word word = (enum asp_word)w->code->names[t->name].word;
    return word == W_NONE ? W_item : word;
}

/* "a += b": of texts, or functions that an event calls. */
static struct asp_value add_to(struct asp_flow *w, const struct asp_value *a,
                               const struct asp_value *b)
{
    struct asp_value both = asp_concat(&w->budget, a, b);
    if (b->function >= 0)
        both.function = flow_either_function(w, a->function, b->function);
    return both;
}

/* "v = b", "v += b", "v.target = b"; gives what is assigned. */
static struct asp_value assignment(struct asp_flow *w, const struct asp_token *first,
                                   enum asp_word target, const struct asp_token *op,
                                   struct asp_value v, struct asp_value b)
{
    if (op->op == ASP_OP_PLUS_SET)
        b = add_to(w, &v, &b);
    else if (op->op == ASP_OP_SET)
        b = asp_union(&v, &b);
    if (target == W_NONE && v.var < 0 && first->kind == ASP_NAME)
        v.var = flow_variable(w, first->name, FLOW_GLOBAL);
    if (target == W_NONE && first->kind == ASP_NAME)
        flow_set_property(w, first, b);
    flow_assign(w, &v, target, b, op);
    return b;
}

/* Whether an operator belongs to an expression of this level; assignments bind to the right. */
static bool goes_on(int binds, int level)
{
    return binds > level || (binds == 1 && level == 1);
}

static bool is_lambda(const struct asp_flow *w, const struct asp_token *t)
{
    return flow_is_op(t, ASP_OP_ARROW) && t->name && t->name <= w->n_functions;
}

/* "x + ".as" + "px"": texts that stand side by side are one, whatever stands before them.
 * t  the operator before b */
static void join_texts(struct asp_flow *w, const struct asp_token *t, int binds,
                       struct asp_value *b)
{
    bool joins = flow_is_op(t, '+') || (flow_is_op(t, '&') && t->lang == ASP_VB);
    while (joins && (b->flags & V_KNOWN) && w->code->tokens[w->at - 1].kind == ASP_STRING &&
           flow_is_op(flow_token(w, 0), t->op) && flow_token(w, 1)->kind == ASP_STRING) {
        w->at++;
        struct asp_value next = flow_expression(w, binds);
        *b = asp_concat(&w->budget, b, &next);
    }
}

/* What stands behind an operator and is no value: a function's body, a pattern, a tuple that is
 * taken apart.
 * t     the operator, which has been taken
 * from  where the expression begins */
static bool other_form(struct asp_flow *w, const struct asp_token *t, size_t from,
                       struct asp_value *v)
{
    if (is_lambda(w, t)) {
        *v = flow_lambda(w, t->name);
        return true;
    }
    if (t->kind == ASP_NAME && t->lang == ASP_CSHARP && w->code->names[t->name].word == W_is) {
        flow_pattern(w, v);
        *v = ASP_NOTHING;
        return true;
    }
    return flow_is_op(t, '=') && t->lang == ASP_CSHARP && flow_deconstruct(w, from, v);
}

/* "a ? b : c", of which c is next. */
static struct asp_value either(struct asp_flow *w, const struct asp_value *b, int binds)
{
    struct asp_value c = flow_expression(w, binds);
    struct asp_value both = asp_union(b, &c);
    both.object = b->object ? b->object : c.object;
    both.function = flow_either_function(w, b->function, c.function);
    return both;
}

struct asp_value flow_expression(struct asp_flow *w, int level)
{
    if (w->depth >= FLOW_DEPTH || w->steps >= FLOW_STEPS) {
        w->at++;
        return ASP_NOTHING;
    }
    w->depth++;
    size_t from = w->at;
    struct asp_value v = flow_operand(w);
    for (;;) {
        const struct asp_token *t = flow_token(w, 0);
        int binds = flow_level_of(w, t);
        w->steps++;
        if (t->kind == ASP_NAME && w->at > from && flow_switch(w, &v))
            continue;
        if (!goes_on(binds, level) || w->at == from)
            break;
        enum asp_word target = binds == 1 ? flow_member_of(w, from) : W_NONE;
        w->at++;
        if (other_form(w, t, from, &v))
            continue;
        struct asp_value b = flow_expression(w, binds == 1 ? 1 : binds);
        join_texts(w, t, binds, &b);
        if (t->kind == ASP_OPERATOR && t->op == '?' && flow_take_op(w, ':')) {
            v = either(w, &b, binds);
            continue;
        }
        if (binds != 1 || t->op == ASP_OP_ARROW) {
            v = t->op == ASP_OP_ARROW ? b : binary(w, t, v, b);
            continue;
        }
        v = assignment(w, &w->code->tokens[from], target, t, v, b);
    }
    w->depth--;
    return v;
}
