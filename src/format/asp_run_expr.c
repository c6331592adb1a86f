#include "format/asp_run.h"

static bool is_vb(const struct run *r)
{
    return run_token(r, 0)->lang == ASP_VB;
}

size_t run_arguments(struct run *r, unsigned close, struct run_value *ret, uint32_t *ret_names)
{
    size_t n = 0;
    while (!r->stop && !run_take(r, close)) {
        const struct asp_token *t = run_token(r, 0);
        if (t->kind == ASP_END || n == RUN_ARGUMENTS) {
            run_stop(r);
            break;
        }
        if (t->kind == ASP_NEWLINE || flow_is_op(t, ',')) {
            r->at++;
            continue;
        }
        size_t from = r->at;
        ret[n] = run_expression(r, 0);
        if (ret_names)
            ret_names[n] = t->kind == ASP_NAME && r->at == from + 1 ? t->name : FLOW_NONE;
        n++;
    }
    return n;
}

/* "[a, b]", "Array(a, b)", of which the bracket is taken: of any length. */
static struct run_value list_of(struct run *r, unsigned close)
{
    struct run_value list = run_new_list(r, 0);
    while (list.list && run_step(r) && !run_take(r, close)) {
        const struct asp_token *t = run_token(r, 0);
        if (t->kind == ASP_END)
            return run_stop(r);
        if (t->kind == ASP_NEWLINE || flow_is_op(t, ','))
            r->at++;
        else
            run_add(r, list.list, run_expression(r, 0));
    }
    return list;
}

static struct run_value element(struct run *r, const struct run_value *base,
                                const struct run_value *a, size_t n)
{
    double at = n == 1 ? run_as_number(r, &a[0]) : -1;
    if (base->kind == RUN_TEXT && at >= 0 && at < (double)base->n)
        return run_part(base, (size_t)at, 1);
    if (base->kind != RUN_LIST || at < 0 || at >= (double)base->list->n)
        return run_stop(r);
    return base->list->items[(size_t)at];
}

static bool constant(struct run *r, const struct asp_token *t, struct run_value *ret)
{
    static const struct {
        const char *name, *text;
    } texts[] = {{"vbcrlf", "\r\n"}, {"vbnewline", "\r\n"}, {"vbcr", "\r"},
                 {"vblf", "\n"},     {"vbtab", "\t"},       {"vbnullstring", ""}};
    struct str name = r->w->code->names[t->name].text;
    if (str_eq(name, STR("true")) || str_eq(name, STR("false"))) {
        *ret = run_truth(str_eq(name, STR("true")));
        return true;
    }
    if (str_eq(name, STR("empty")) || str_eq(name, STR("null")) ||
        str_eq(name, STR("nothing"))) {
        *ret = (struct run_value){0};
        return true;
    }
    if (str_eq(name, STR("vbbinarycompare")) || str_eq(name, STR("vbtextcompare"))) {
        *ret = run_number(0);
        return true;
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (str_eq(name, str_of(texts[i].name))) {
            *ret = run_text_of(r, str_of(texts[i].text));
            return true;
        }
    return false;
}

static struct run_value call(struct run *r, const struct asp_token *t, enum asp_word word)
{
    struct run_value a[RUN_ARGUMENTS];
    uint32_t names[RUN_ARGUMENTS];
    struct run_value v = {0};
    int32_t function = flow_per_name(r->w, t->name)->function;
    size_t n = run_take(r, '(') ? run_arguments(r, ')', a, names) : 0;
    if (r->stop)
        return v;
    if (function >= 0)
        return run_function(r, function, a, names, n);
    if (run_builtin(r, word, a, n, &v) ||
        (word == W_parseint && run_method(r, &v, word, a, n, &v)))
        return v;
    return run_stop(r);
}

static struct run_value name(struct run *r)
{
    const struct asp_token *t = run_token(r, 0);
    enum asp_word word = run_word(r, 0);
    struct run_value v = {0};
    r->at++;
    bool called = flow_is_op(run_token(r, 0), '(');
    bool itself = r->n_frames && r->frames[r->n_frames - 1].function == t->name && called;
    struct run_value *var = itself ? NULL : run_variable(r, t->name);
    if (var)
        return *var;
    if (r->stop || constant(r, t, &v))
        return v;
    if (word == W_array && run_take(r, '('))
        return list_of(r, ')');
    if (called || flow_per_name(r->w, t->name)->function >= 0)
        return call(r, t, word);
    return word == W_string || (word == W_NONE && t->lang == ASP_VB) ? v : run_stop(r);
}

/* What stands behind a value: indexes and members. */
static struct run_value behind(struct run *r, struct run_value v)
{
    struct run_value a[RUN_ARGUMENTS];
    while (!r->stop) {
        if ((v.kind == RUN_LIST && run_take(r, '(')) || (!is_vb(r) && run_take(r, '['))) {
            size_t n =
                run_arguments(r, flow_is_op(run_token(r, 0) - 1, '(') ? ')' : ']', a, NULL);
            v = r->stop ? v : element(r, &v, a, n);
        } else if (flow_is_op(run_token(r, 0), '.') && run_token(r, 1)->kind == ASP_NAME) {
            enum asp_word word = run_word(r, 1);
            r->at += 2;
            size_t n = run_take(r, '(') ? run_arguments(r, ')', a, NULL) : 0;
            struct run_value base = v;
            if (r->stop || !run_method(r, &base, word, a, n, &v))
                return run_stop(r);
        } else {
            break;
        }
    }
    return v;
}

static struct run_value sign(struct run *r, const struct asp_token *t)
{
    r->at++;
    if (t->kind == ASP_NAME) { /* Not */
        struct run_value v = run_expression(r, 5);
        return run_number((double)~(int64_t)run_as_number(r, &v));
    }
    struct run_value v = run_expression(r, 10);
    double n = run_as_number(r, &v);
    return run_number(t->op == '-' ? -n : t->op == '!' ? (double)(n == 0) : n);
}

static struct run_value operand(struct run *r)
{
    const struct asp_token *t = run_token(r, 0);
    struct run_value v = {0};
    double number;
    switch (t->kind) {
    case ASP_STRING:
        r->at++;
        return run_text_of(r, asp_string(t, r->arena));
    case ASP_NUMBER:
        r->at++;
        v = run_text_of(r, (struct str){t->p, t->n});
        return run_is_number(r, &v, &number) ? run_number(number) : run_stop(r);
    case ASP_NAME:
        return run_word(r, 0) == W_not ? sign(r, t) : name(r);
    default:
        break;
    }
    if (run_take(r, '(')) {
        v = run_expression(r, 0);
        return run_take(r, ')') ? v : run_stop(r);
    }
    if (!is_vb(r) && run_take(r, '['))
        return list_of(r, ']');
    if (flow_is_op(t, '-') || flow_is_op(t, '+') || (flow_is_op(t, '!') && !is_vb(r)))
        return sign(r, t);
    return run_stop(r);
}

static struct run_value compare(struct run *r, unsigned op, const struct run_value *a,
                                const struct run_value *b)
{
    int order = run_compare(r, a, b);
    switch (op) {
    case '=':
    case ASP_OP_EQ:
        return run_truth(order == 0);
    case ASP_OP_NE:
        return run_truth(order != 0);
    case '<':
        return run_truth(order < 0);
    case '>':
        return run_truth(order > 0);
    case ASP_OP_LE:
        return run_truth(order <= 0);
    default:
        return run_truth(order >= 0);
    }
}

static struct run_value plus(struct run *r, bool vb, const struct run_value *a,
                             const struct run_value *b)
{
    double x;
    double y;
    bool texts = a->kind == RUN_TEXT && b->kind == RUN_TEXT;
    bool text = a->kind == RUN_TEXT || b->kind == RUN_TEXT;
    bool empty = a->kind == RUN_EMPTY || b->kind == RUN_EMPTY;
    if (texts || (text && (empty || !vb)))
        return run_join(r, a, b);
    return run_is_number(r, a, &x) && run_is_number(r, b, &y) ? run_number(x + y) : run_stop(r);
}

static struct run_value whole(struct run *r, unsigned op, double x, double y)
{
    if (x < -1e15 || x > 1e15 || y < -1e15 || y > 1e15)
        return run_stop(r);
    int64_t a = (int64_t)x;
    int64_t b = (int64_t)y;
    switch (op) {
    case '%':
    case '\\':
        if (b == 0)
            return run_stop(r);
        return run_number((double)(op == '%' ? a % b : a / b));
    case '&':
        return run_number((double)(a & b));
    case '|':
        return run_number((double)(a | b));
    default:
        return run_number((double)(a ^ b));
    }
}

static struct run_value power(struct run *r, double x, double y)
{
    double v = 1;
    if (y < 0 || y > 64 || y != (double)(int)y)
        return run_stop(r);
    for (int i = 0; i < (int)y; i++)
        v *= x;
    return run_number(v);
}

static unsigned word_operator(const struct run *r, const struct asp_token *t)
{
    if (t->kind != ASP_NAME)
        return t->op;
    switch ((int)r->w->code->names[t->name].word) {
    case W_xor:
        return '^';
    case W_mod:
        return '%';
    case W_and:
    case W_andalso:
        return '&';
    case W_or:
    case W_orelse:
        return '|';
    default:
        return 0;
    }
}

static struct run_value binary(struct run *r, const struct asp_token *t,
                               const struct run_value *a, const struct run_value *b)
{
    bool vb = t->lang == ASP_VB;
    unsigned op = word_operator(r, t);
    bool name = t->kind == ASP_NAME;
    if (op == ASP_OP_EQ || op == ASP_OP_NE || op == ASP_OP_LE || op == ASP_OP_GE || op == '=' ||
        op == '<' || op == '>')
        return compare(r, op, a, b);
    if (op == '+')
        return plus(r, vb, a, b);
    if (op == '&' && vb && !name)
        return run_join(r, a, b);
    double x = run_as_number(r, a);
    double y = run_as_number(r, b);
    if (r->stop)
        return *a;
    switch (op) {
    case '-':
        return run_number(x - y);
    case '*':
        return run_number(x * y);
    case '/':
        return y != 0 ? run_number(x / y) : run_stop(r);
    case '^':
        return vb && !name ? power(r, x, y) : whole(r, op, x, y);
    case '%':
    case '\\':
    case '&':
    case '|':
        return whole(r, op, x, y);
    case ASP_OP_AND:
        return run_truth(x != 0 && y != 0);
    case ASP_OP_OR:
        return run_truth(x != 0 || y != 0);
    default:
        return run_stop(r);
    }
}

struct run_value run_expression(struct run *r, int level)
{
    struct run_value v = {0};
    if (r->nested >= RUN_NESTED || !run_step(r))
        return run_stop(r);
    r->nested++;
    v = behind(r, operand(r));
    while (run_step(r)) {
        const struct asp_token *t = run_token(r, 0);
        int binds = flow_level_of(r->w, t);
        if (binds <= level || (binds == 1 && t->lang != ASP_VB))
            break;
        r->at++;
        struct run_value b = run_expression(r, binds);
        if (flow_is_op(t, '?')) {
            struct run_value c = run_take(r, ':') ? run_expression(r, binds) : run_stop(r);
            v = run_as_number(r, &v) != 0 ? b : c;
        } else if (!r->stop) {
            v = binary(r, t, &v, &b);
        }
    }
    r->nested--;
    return v;
}
