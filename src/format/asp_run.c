#include "format/asp_run.h"

#include "base/utf.h"

enum {
    RUN_LOOP_TOKENS = 600, /* of a loop that may be run */
    RUN_FUNCTION_TOKENS = 1200,
};

static void statement(struct run *r);

/* --- variables ------------------------------------------------------------------------------ */

static struct run_value *in_frame(struct run_frame *f, uint32_t name)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->vars[i].name == name)
            return &f->vars[i].value;
    return NULL;
}

static struct run_value value_in(struct run_frame *f, uint32_t name)
{
    struct run_value *v = in_frame(f, name);
    return v ? *v : (struct run_value){0};
}

static struct run_value *add_to(struct run *r, struct run_frame *f, uint32_t name, bool own)
{
    struct run_value *old = in_frame(f, name);
    if (old)
        return old;
    f->vars = arena_grow(r->arena, f->vars, f->n, &f->cap, sizeof *f->vars);
    f->vars[f->n] = (struct run_variable){.name = name, .own = own};
    return &f->vars[f->n++].value;
}

struct run_value *run_new_variable(struct run *r, uint32_t name, bool own)
{
    struct run_frame *f = &r->frames[r->n_frames - 1];
    struct run_value *v = in_frame(f, name);
    if (v)
        return v;
    return add_to(r, own || f->function == name ? f : &r->frames[0], name, own);
}

struct run_value *run_variable(struct run *r, uint32_t name)
{
    struct run_value *v = in_frame(&r->frames[r->n_frames - 1], name);
    if (!v)
        v = in_frame(&r->frames[0], name);
    if (v)
        return v;
    int32_t var = flow_find(r->w, name);
    bool function = flow_per_name(r->w, name)->function >= 0;
    if (var < 0 || (function && (r->w->vars[var].value.flags & V_UNSET)))
        return NULL;
    struct run_value value = {0};
    const struct asp_value *known = &r->w->vars[var].value;
    bool is_known = (known->flags & (V_KNOWN | V_NUMBER)) && r->w->vars[var].outside;
    if (is_known || r->n_frames == 1) /* else it is one of a function, and new */
        value = run_from_known(r, known);
    if (r->stop)
        return NULL;
    v = add_to(r, &r->frames[0], name, false);
    *v = value;
    return v;
}

/* --- where blocks end ------------------------------------------------------------------------ */

static bool ends_statement(const struct asp_token *t)
{
    return t->kind <= ASP_NEWLINE;
}

static bool ends_line(const struct asp_token *t)
{
    return t->kind == ASP_END || (t->kind == ASP_NEWLINE && t->p[-1] != ':');
}

static void to_end(struct run *r)
{
    while (r->at < r->end && !ends_statement(run_token(r, 0)))
        r->at++;
}

/* Whether a branch of an If that begins in its own line goes on to an "End If" in that line. */
static bool has_end_if(const struct run *r, size_t at)
{
    const struct asp_flow *w = r->w;
    for (; at + 1 < r->end && !ends_line(&w->code->tokens[at]); at++)
        if (flow_word_of(w, at) == W_end && flow_word_of(w, at + 1) == W_if)
            return true;
    return false;
}

/* "If a Then" that an "End If" closes. */
static bool is_block_if(const struct run *r, size_t at)
{
    const struct asp_flow *w = r->w;
    for (; at + 1 < r->end && !ends_statement(&w->code->tokens[at]); at++)
        if (flow_word_of(w, at) == W_then)
            return ends_statement(&w->code->tokens[at + 1]) || has_end_if(r, at + 1);
    return true;
}

/* Whether a block opens or closes at the statement that begins here: 1, -1, 0. */
static int opens(const struct run *r)
{
    enum asp_word next = run_word(r, 1);
    switch ((int)run_word(r, 0)) {
    case W_if:
        return is_block_if(r, r->at);
    case W_for:
    case W_do:
    case W_while:
    case W_select:
    case W_with:
        return 1;
    case W_next:
    case W_loop:
    case W_wend:
        return -1;
    case W_end:
        return next == W_if || next == W_select || next == W_with ? -1 : 0;
    default:
        return 0;
    }
}

/* Up to the statement of this block that begins with one of the words, or that closes the block. */
static enum asp_word skip_to(struct run *r, enum asp_word a, enum asp_word b)
{
    int depth = 0;
    while (r->at < r->end && run_step(r)) {
        if (ends_statement(run_token(r, 0))) {
            r->at++;
            continue;
        }
        enum asp_word word = run_word(r, 0);
        int step = opens(r);
        if (depth == 0 && (step < 0 || (word != W_NONE && (word == a || word == b))))
            return word;
        depth += step;
        to_end(r);
    }
    run_stop(r);
    return W_NONE;
}

/* Whether a statement that begins here ends what is being run. */
static bool closes(const struct run *r)
{
    enum asp_word word = run_word(r, 0);
    return word == W_next || word == W_loop || word == W_wend || word == W_else ||
           word == W_elseif || word == W_case || (word == W_end && opens(r) < 0);
}

static void block(struct run *r)
{
    while (r->at < r->end && r->leave == RUN_GO && run_step(r)) {
        if (ends_statement(run_token(r, 0)))
            r->at++;
        else if (closes(r))
            return;
        else
            statement(r);
    }
}

/* What is left of a line, or of its branch before "Else". */
static void line(struct run *r)
{
    while (r->at < r->end && r->leave == RUN_GO && run_step(r)) {
        if (ends_line(run_token(r, 0)) || run_word(r, 0) == W_else)
            return;
        if (ends_statement(run_token(r, 0)))
            r->at++;
        else
            statement(r);
    }
}

/* --- Visual Basic --------------------------------------------------------------------------- */

static bool holds(struct run *r)
{
    struct run_value v = run_expression(r, 0);
    return run_as_number(r, &v) != 0 && !r->stop;
}

static void line_if(struct run *r, bool yes)
{
    if (yes)
        line(r);
    while (!r->stop && r->leave == RUN_GO && !ends_line(run_token(r, 0)) && r->at < r->end &&
           run_word(r, 0) != W_else)
        r->at++;
    if (r->leave == RUN_GO && run_word(r, 0) == W_else) {
        r->at++;
        if (!yes)
            line(r);
    }
    while (r->at < r->end && !ends_line(run_token(r, 0)))
        r->at++;
}

static void vb_if(struct run *r)
{
    bool lines = is_block_if(r, r->at);
    bool done = false;
    enum asp_word word = W_if;
    while (!r->stop && r->leave == RUN_GO && word != W_end) {
        r->at++;
        bool yes = word == W_else || (!done && holds(r));
        if (word != W_else && (r->stop || run_word(r, 0) != W_then)) {
            run_stop(r);
            return;
        }
        r->at += word != W_else;
        if (!lines) {
            line_if(r, yes);
            return;
        }
        if (yes && !done)
            block(r);
        if (r->leave != RUN_GO)
            return;
        done |= yes;
        word = skip_to(r, W_elseif, W_else);
    }
    to_end(r);
}

static void vb_select(struct run *r)
{
    bool done = false;
    r->at += 2; /* Select Case */
    struct run_value v = run_expression(r, 0);
    to_end(r);
    while (run_step(r) && r->leave == RUN_GO && skip_to(r, W_case, W_NONE) == W_case) {
        r->at++;
        bool yes = run_word(r, 0) == W_else;
        while (!r->stop && !yes && !ends_statement(run_token(r, 0))) {
            struct run_value one = run_expression(r, 0);
            yes = run_compare(r, &v, &one) == 0;
            if (!run_take(r, ','))
                break;
        }
        to_end(r);
        if (yes && !done)
            block(r);
        done |= yes;
    }
    if (r->leave == RUN_GO)
        to_end(r);
}

/* One turn of a loop's body, which begins at `from`. False if it is left. */
static bool turn(struct run *r, size_t from, enum run_leave leave)
{
    r->at = from;
    block(r);
    if (r->leave == leave) {
        r->leave = RUN_GO;
        return false;
    }
    return r->leave == RUN_GO && !r->stop;
}

/* Where the loop's last statement stands, of which the body begins here. */
static size_t end_of_loop(struct run *r)
{
    size_t from = r->at;
    skip_to(r, W_NONE, W_NONE);
    size_t end = r->at;
    r->at = from;
    return end;
}

static void for_each_of(struct run *r)
{
    uint32_t name = run_token(r, 0)->name;
    r->at++;
    if (run_word(r, 0) != W_in) {
        run_stop(r);
        return;
    }
    r->at++;
    struct run_value list = run_expression(r, 0);
    size_t from = r->at;
    size_t end = end_of_loop(r);
    if (list.kind != RUN_LIST)
        run_stop(r);
    for (size_t i = 0; !r->stop && i < list.list->n; i++) {
        *run_new_variable(r, name, false) = list.list->items[i];
        if (!turn(r, from, RUN_LEAVE_FOR))
            break;
    }
    r->at = end;
    to_end(r);
}

static void vb_for(struct run *r)
{
    r->at++;
    if (run_word(r, 0) == W_each) {
        r->at++;
        for_each_of(r);
        return;
    }
    uint32_t name = run_token(r, 0)->name;
    if (run_token(r, 0)->kind != ASP_NAME || !flow_is_op(run_token(r, 1), '=')) {
        run_stop(r);
        return;
    }
    r->at += 2;
    struct run_value v = run_expression(r, 0);
    double i = run_as_number(r, &v);
    if (run_word(r, 0) != W_to)
        run_stop(r);
    r->at++;
    v = run_expression(r, 0);
    double to = run_as_number(r, &v);
    double step = 1;
    if (run_word(r, 0) == W_step) {
        r->at++;
        v = run_expression(r, 0);
        step = run_as_number(r, &v);
    }
    size_t from = r->at;
    size_t end = end_of_loop(r);
    while (!r->stop && (step < 0 ? i >= to : i <= to)) {
        *run_new_variable(r, name, false) = run_number(i);
        if (!turn(r, from, RUN_LEAVE_FOR))
            break;
        i = run_as_number(r, run_new_variable(r, name, false)) + step;
    }
    if (!r->stop && r->leave == RUN_GO)
        *run_new_variable(r, name, false) = run_number(i);
    r->at = end;
    to_end(r);
}

/* "While c", "Until c": whether the loop goes on. Without either it does. */
static bool goes_on(struct run *r)
{
    enum asp_word word = run_word(r, 0);
    if (word != W_while && word != W_until)
        return true;
    r->at++;
    return holds(r) == (word == W_while);
}

/* "Do [While c] ... Loop [While c]", "While c ... Wend" */
static void vb_while(struct run *r)
{
    r->at += run_word(r, 0) == W_do;
    size_t condition = r->at;
    to_end(r);
    size_t end = end_of_loop(r);
    while (run_step(r)) {
        r->at = condition;
        if (!goes_on(r) || !turn(r, r->at, RUN_LEAVE_DO))
            break;
        r->at = end + 1; /* behind "Loop" */
        if (!goes_on(r))
            break;
    }
    r->at = end;
    to_end(r);
}

static void vb_exit(struct run *r)
{
    enum asp_word what = run_word(r, 1);
    r->leave = what == W_for ? RUN_LEAVE_FOR : what == W_do ? RUN_LEAVE_DO : RUN_LEAVE_FUNCTION;
}

static void resize(struct run *r, struct run_value *v, bool keep)
{
    struct run_value a[RUN_ARGUMENTS];
    size_t n = run_arguments(r, ')', a, NULL);
    double size = n == 1 ? run_as_number(r, &a[0]) : n == 0 ? -1 : RUN_ELEMENTS;
    if (r->stop || size < -1 || size >= RUN_ELEMENTS) {
        run_stop(r);
        return;
    }
    struct run_value list = run_new_list(r, (size_t)(size + 1));
    for (size_t i = 0; list.list && keep && v->kind == RUN_LIST && i < v->list->n; i++)
        if (i < list.list->n)
            list.list->items[i] = v->list->items[i];
    *v = list;
}

/* "Dim a, b(3)", "ReDim Preserve a(n)", "Const a = 1" */
static void declare(struct run *r)
{
    bool own = run_word(r, 0) != W_redim;
    r->at++;
    bool keep = run_word(r, 0) == W_preserve;
    r->at += keep;
    while (run_step(r) && run_token(r, 0)->kind == ASP_NAME) {
        uint32_t name = run_token(r, 0)->name;
        struct run_value *v = own ? NULL : run_variable(r, name);
        v = v ? v : run_new_variable(r, name, own);
        r->at++;
        if (run_take(r, '('))
            resize(r, v, keep);
        if (run_take(r, '=')) {
            struct run_value value = run_expression(r, 0);
            *run_new_variable(r, name, own) = value;
        }
        if (!run_take(r, ','))
            break;
    }
}

/* --- assignments and calls -------------------------------------------------------------------- */

static void run_later(struct run *r, const struct run_value *v)
{
    struct run_value text = run_as_text(r, v);
    if (!r->stop && r->n_executed < RUN_EXECUTED)
        r->executed[r->n_executed++] = run_bytes_of(r, &text, r->w->budget.arena);
}

/* "name(1) = v", of which the bracket is taken. */
static void assign_element(struct run *r, uint32_t name, unsigned close)
{
    struct run_value a[RUN_ARGUMENTS];
    struct run_value *list = run_variable(r, name);
    size_t n = run_arguments(r, close, a, NULL);
    double at = n == 1 ? run_as_number(r, &a[0]) : -1;
    if (r->stop || !list || list->kind != RUN_LIST || at < 0 || at > RUN_ELEMENTS ||
        !run_take(r, '=')) {
        run_stop(r);
        return;
    }
    struct run_list *items = list->list;
    struct run_value v = run_expression(r, 0);
    while (!r->stop && (double)items->n <= at)
        run_add(r, items, (struct run_value){0});
    if (!r->stop)
        items->items[(size_t)at] = v;
}

/* "name value, value": a procedure of the page. */
static void vb_procedure(struct run *r)
{
    struct run_value a[RUN_ARGUMENTS];
    uint32_t names[RUN_ARGUMENTS];
    uint32_t name = run_token(r, 0)->name;
    int32_t function = flow_per_name(r->w, name)->function;
    size_t n = 0;
    r->at++;
    while (run_step(r) && n < RUN_ARGUMENTS && !ends_statement(run_token(r, 0))) {
        const struct asp_token *t = run_token(r, 0);
        size_t from = r->at;
        a[n] = run_expression(r, 0);
        names[n++] = t->kind == ASP_NAME && r->at == from + 1 ? t->name : FLOW_NONE;
        if (!run_take(r, ','))
            break;
    }
    if (function < 0)
        run_stop(r);
    if (!r->stop)
        run_function(r, function, a, names, n);
}

static void vb_name(struct run *r)
{
    const struct asp_token *t = run_token(r, 0);
    const struct asp_token *next = run_token(r, 1);
    int32_t function = flow_per_name(r->w, t->name)->function;
    if (flow_is_op(next, '=')) {
        r->at += 2;
        struct run_value v = run_expression(r, 0);
        if (!r->stop)
            *run_new_variable(r, t->name, false) = v;
    } else if (flow_is_op(next, '(') && function < 0) {
        r->at += 2;
        assign_element(r, t->name, ')');
    } else if (flow_is_op(next, '(')) {
        (void)run_expression(r, 0);
    } else {
        vb_procedure(r);
    }
}

static void vb_statement(struct run *r)
{
    enum asp_word word = run_word(r, 0);
    struct run_value v;
    switch ((int)word) {
    case W_if:
        vb_if(r);
        return;
    case W_select:
        vb_select(r);
        return;
    case W_for:
        vb_for(r);
        return;
    case W_do:
    case W_while:
        vb_while(r);
        return;
    case W_exit:
        vb_exit(r);
        return;
    case W_dim:
    case W_redim:
    case W_const:
    case W_public:
    case W_private:
        declare(r);
        return;
    case W_execute:
    case W_executeglobal:
        r->at++;
        v = run_expression(r, 0);
        run_later(r, &v);
        return;
    case W_call:
        r->at++;
        (void)run_expression(r, 0);
        return;
    case W_on:
    case W_response:
        to_end(r);
        return;
    default:
        vb_name(r);
        return;
    }
}

/* --- JScript -------------------------------------------------------------------------------- */

static size_t js_behind(const struct run *r, size_t at)
{
    const struct asp_flow *w = r->w;
    for (int words = 0; at < r->end && words < RUN_CALLS; words++) {
        enum asp_word word = flow_word_of(w, at);
        size_t open = at + 1;
        if (word != W_if && word != W_for && word != W_while && word != W_else)
            break;
        at = word != W_else && open < r->end && w->match[open] != FLOW_NONE ? w->match[open] + 1
                                                                            : open;
    }
    if (at < r->end && flow_is_op(&w->code->tokens[at], '{') && w->match[at] != FLOW_NONE)
        return w->match[at] + 1;
    while (at < r->end && !ends_statement(&w->code->tokens[at]))
        at++;
    return at + 1;
}

/* Up to an operator of assignment: what is assigned to. */
static void js_assign(struct run *r)
{
    const struct asp_token *t = run_token(r, 0);
    const struct asp_token *op = run_token(r, 1);
    if (flow_is_op(t, ASP_OP_STEP)) {
        op = t;
        t = run_token(r, 1);
    }
    if (t->kind != ASP_NAME || (!flow_is_op(op, '=') && !flow_is_op(op, ASP_OP_PLUS_SET) &&
                                !flow_is_op(op, ASP_OP_STEP) && !flow_is_op(op, '['))) {
        (void)run_expression(r, 0);
        return;
    }
    r->at += 2;
    if (flow_is_op(op, '[')) {
        assign_element(r, t->name, ']');
        return;
    }
    struct run_value *old = flow_is_op(op, '=') ? NULL : run_variable(r, t->name);
    struct run_value v = old ? *old : (struct run_value){0};
    if (flow_is_op(op, ASP_OP_STEP)) {
        v = run_number(run_as_number(r, &v) + (op->p[0] == '+' ? 1 : -1));
    } else {
        struct run_value b = run_expression(r, 0);
        bool numbers = v.kind == RUN_NUMBER && b.kind == RUN_NUMBER;
        v = flow_is_op(op, '=') ? b
            : numbers           ? run_number(v.number + b.number)
                                : run_join(r, &v, &b);
    }
    if (!r->stop)
        *run_new_variable(r, t->name, false) = v;
}

static void js_list(struct run *r, size_t to)
{
    while (r->at < to && run_step(r)) {
        js_assign(r);
        if (!run_take(r, ','))
            break;
    }
}

static void js_body(struct run *r, size_t from)
{
    r->at = from;
    statement(r);
}

/* "for (a; b; c) body", "while (b) body" */
static void js_loop(struct run *r)
{
    bool is_for = run_word(r, 0) == W_for;
    size_t open = r->at + 1;
    size_t close = open < r->end ? r->w->match[open] : FLOW_NONE;
    if (close == FLOW_NONE || close + 1 >= r->end) {
        run_stop(r);
        return;
    }
    r->at = open + 1;
    if (is_for) {
        r->at += run_word(r, 0) == W_var;
        if (!ends_statement(run_token(r, 0)))
            js_list(r, close);
        r->at++;
    }
    size_t condition = r->at;
    size_t behind = js_behind(r, close + 1);
    while (run_step(r)) {
        r->at = condition;
        if (!ends_statement(run_token(r, 0)) && !holds(r))
            break;
        size_t next = r->at + 1;
        js_body(r, close + 1);
        if (r->leave == RUN_AGAIN)
            r->leave = RUN_GO;
        if (r->leave != RUN_GO)
            break;
        r->at = next;
        if (is_for && next < close)
            js_list(r, close);
    }
    if (r->leave == RUN_LEAVE_DO)
        r->leave = RUN_GO;
    r->at = behind;
}

static void js_if(struct run *r)
{
    size_t open = r->at + 1;
    size_t close = open < r->end ? r->w->match[open] : FLOW_NONE;
    if (close == FLOW_NONE) {
        run_stop(r);
        return;
    }
    r->at = open + 1;
    bool yes = holds(r);
    size_t otherwise = js_behind(r, close + 1);
    size_t behind = otherwise;
    bool has_else = otherwise < r->end && flow_word_of(r->w, otherwise) == W_else;
    if (has_else)
        behind = js_behind(r, otherwise);
    if (yes)
        js_body(r, close + 1);
    else if (has_else)
        js_body(r, otherwise + 1);
    if (r->leave == RUN_GO)
        r->at = behind;
}

static void js_braces(struct run *r)
{
    size_t close = r->w->match[r->at];
    if (close == FLOW_NONE) {
        run_stop(r);
        return;
    }
    r->at++;
    while (r->at < close && r->leave == RUN_GO && run_step(r))
        statement(r);
    if (r->leave == RUN_GO)
        r->at = close + 1;
}

static void js_statement(struct run *r)
{
    enum asp_word word = run_word(r, 0);
    switch ((int)word) {
    case W_for:
    case W_while:
        js_loop(r);
        return;
    case W_if:
        js_if(r);
        return;
    case W_return:
        r->at++;
        if (!ends_statement(run_token(r, 0)) && !flow_is_op(run_token(r, 0), '}'))
            r->result = run_expression(r, 0);
        r->leave = RUN_LEAVE_FUNCTION;
        return;
    case W_break:
        r->leave = RUN_LEAVE_DO;
        return;
    case W_continue:
        r->leave = RUN_AGAIN;
        return;
    case W_response:
        to_end(r);
        return;
    case W_var:
        r->at++;
        break;
    default:
        break;
    }
    if (word == W_eval && flow_is_op(run_token(r, 1), '(')) {
        r->at += 2;
        struct run_value v = run_expression(r, 0);
        run_later(r, &v);
        to_end(r);
        return;
    }
    if (flow_is_op(run_token(r, 0), '{'))
        js_braces(r);
    else
        js_list(r, r->end);
}

static void statement(struct run *r)
{
    if (r->nested >= RUN_NESTED || !run_step(r)) {
        run_stop(r);
        return;
    }
    r->nested++;
    size_t from = r->at;
    if (ends_statement(run_token(r, 0)))
        r->at++;
    else if (run_token(r, 0)->lang == ASP_VB)
        vb_statement(r);
    else
        js_statement(r);
    if (r->at == from && r->leave == RUN_GO)
        run_stop(r);
    r->nested--;
}

/* --- functions ------------------------------------------------------------------------------- */

/* Whether the parameter is declared to be a copy. */
static bool is_copy(const struct run *r, const struct asp_function *fn, uint32_t name)
{
    for (size_t i = fn->at; i + 1 < fn->from; i++)
        if (flow_word_of(r->w, i) == W_byval && r->w->code->tokens[i + 1].name == name)
            return true;
    return false;
}

/* Whether a function's tokens are there, and do nothing but text. */
static bool may_run(struct asp_flow *w, const struct asp_function *fn)
{
    return !fn->native && fn->at != SIZE_MAX && fn->from <= fn->to && fn->to < w->n_match &&
           fn->to - fn->from < RUN_FUNCTION_TOKENS;
}

struct run_value run_function(struct run *r, int32_t number, const struct run_value *a,
                              const uint32_t *names, size_t n)
{
    const struct asp_function *fn = &r->w->functions[number];
    size_t at = r->at;
    size_t end = r->end;
    if (r->n_frames >= RUN_CALLS || r->nested >= RUN_NESTED || !may_run(r->w, fn) ||
        !run_step(r))
        return run_stop(r);
    struct run_frame *f = &r->frames[r->n_frames++];
    *f = (struct run_frame){.function = fn->name};
    for (size_t i = 0; i < fn->n_parameters; i++)
        *add_to(r, f, fn->parameters[i], true) = i < n ? a[i] : (struct run_value){0};
    r->at = fn->from;
    r->end = fn->to;
    r->result = (struct run_value){0};
    bool vb = r->w->code->tokens[fn->from].lang == ASP_VB;
    if (vb)
        *add_to(r, f, fn->name, true) = (struct run_value){0};
    while (r->at < r->end && r->leave == RUN_GO && run_step(r))
        statement(r);
    struct run_value ret = vb ? value_in(f, fn->name) : r->result;
    r->leave = RUN_GO;
    r->n_frames--;
    for (size_t i = 0; vb && i < n && i < fn->n_parameters && !r->stop; i++)
        if (names[i] != FLOW_NONE && !is_copy(r, fn, fn->parameters[i]))
            *run_new_variable(r, names[i], false) = value_in(f, fn->parameters[i]);
    r->at = at;
    r->end = end;
    return ret;
}

/* --- what is run ----------------------------------------------------------------------------- */

static bool does_more(enum asp_word word)
{
    switch ((int)word) {
    case W_request:
    case W_session:
    case W_application:
    case W_server:
    case W_createobject:
    case W_activexobject:
    case W_getobject:
    case W_new:
    case W_set:
        return true;
    default:
        return false;
    }
}

static bool makes_text(enum asp_word word)
{
    switch ((int)word) {
    case W_chr:
    case W_chrw:
    case W_chrb:
    case W_asc:
    case W_ascw:
    case W_ascb:
    case W_mid:
    case W_midb:
    case W_left:
    case W_right:
    case W_split:
    case W_replace:
    case W_strreverse:
    case W_instr:
    case W_fromcharcode:
    case W_charcodeat:
    case W_charat:
    case W_substr:
    case W_substring:
    case W_reverse:
    case W_push:
    case W_join:
        return true;
    default:
        return false;
    }
}

/* Whether tokens work on texts, and on nothing but values. */
static bool is_pure(const struct asp_flow *w, size_t from, size_t to)
{
    bool text = false;
    for (size_t i = from; i < to; i++) {
        enum asp_word word = flow_word_of(w, i);
        if (does_more(word))
            return false;
        text |= makes_text(word);
    }
    return text;
}

/* Pages in a code page of two bytes are not valid UTF-8, but by chance. */
static bool is_wide(struct asp_flow *w)
{
    for (size_t i = 0; w->wide == 0 && i < w->n_match; i++) {
        const struct asp_token *t = &w->code->tokens[i];
        if (t->kind == ASP_STRING && !utf8_valid((struct bytes){(const uint8_t *)t->p, t->n}))
            w->wide = 2;
    }
    w->wide = w->wide ? w->wide : 1;
    return w->wide == 2;
}

static bool start(struct asp_flow *w, struct run *r)
{
    if (w->run_steps >= FLOW_RUN_STEPS || w->evals >= FLOW_EVALS)
        return false;
    *r = (struct run){.w = w, .arena = arena_new(), .wide = is_wide(w), .n_frames = 1};
    r->frames[0].function = FLOW_NONE;
    return true;
}

/* What the page's variables hold now. */
static void keep(struct run *r)
{
    struct run_frame *f = &r->frames[0];
    for (size_t i = 0; i < f->n; i++) {
        struct asp_value v = ASP_NOTHING;
        int32_t var = flow_find(r->w, f->vars[i].name);
        if (f->vars[i].value.kind == RUN_EMPTY || !run_to_known(r, &f->vars[i].value, &v))
            continue;
        if (var < 0)
            var = flow_variable(r->w, f->vars[i].name, FLOW_GLOBAL);
        v.flags |= v.flags & V_KNOWN ? V_HIDDEN : 0;
        r->w->vars[var].counts = false;
        flow_set(r->w, var, v);
        r->w->vars[var].value.flags = v.flags;
        r->w->vars[var].value.object = v.object;
    }
}

static void run_executed(struct run *r, enum asp_lang lang, const struct asp_token *at)
{
    for (size_t i = 0; i < r->n_executed; i++) {
        asp_tell(r->w->f, ASP_EVAL, ASP_WEAK, "runs a constant text", &ASP_NOTHING, at);
        flow_run_text(r->w, r->executed[i], lang);
    }
}

/* A run with the same one text: each pass asks again. */
static struct flow_ran *ran_before(struct asp_flow *w, int32_t number,
                                   const struct asp_call *call)
{
    bool one = call->n == 1 && (call->arguments[0].flags & V_KNOWN);
    for (size_t i = 0; one && i < w->n_ran; i++)
        if (w->ran[i].function == number && str_eq(w->ran[i].argument, call->arguments[0].text))
            return &w->ran[i];
    return NULL;
}

static void remember(struct asp_flow *w, int32_t number, const struct asp_call *call,
                     const struct asp_value *result)
{
    if (call->n == 1 && (call->arguments[0].flags & V_KNOWN) && w->n_ran < FLOW_RAN)
        w->ran[w->n_ran++] = (struct flow_ran){number, call->arguments[0].text, *result};
}

bool flow_run_function(struct asp_flow *w, int32_t number, const struct asp_call *call,
                       struct asp_value *ret)
{
    struct run r;
    struct run_value a[RUN_ARGUMENTS];
    uint32_t names[RUN_ARGUMENTS];
    struct asp_function *fn = &w->functions[number];
    size_t n = call->n < RUN_ARGUMENTS ? call->n : RUN_ARGUMENTS;
    for (size_t i = 0; i < n; i++)
        if (!(call->arguments[i].flags & (V_KNOWN | V_NUMBER)))
            return false;
    if (!may_run(w, fn))
        return false;
    if (fn->pure == FLOW_PURE_UNKNOWN)
        fn->pure = is_pure(w, fn->from, fn->to) ? FLOW_PURE : FLOW_NOT_PURE;
    const struct flow_ran *before = fn->pure == FLOW_PURE ? ran_before(w, number, call) : NULL;
    if (before) {
        *ret = before->result;
        return true;
    }
    if (fn->pure != FLOW_PURE || !start(w, &r))
        return false;
    for (size_t i = 0; i < n; i++) {
        a[i] = run_from_known(&r, &call->arguments[i]);
        names[i] = FLOW_NONE;
    }
    r.end = w->n_match;
    size_t steps = w->run_steps;
    struct run_value v = run_function(&r, number, a, names, n);
    bool ok = !r.stop && (run_to_known(&r, &v, ret) || v.kind == RUN_EMPTY);
    if (ok) {
        ret->flags |= ret->flags & V_KNOWN ? V_HIDDEN : 0;
        keep(&r);
        run_executed(&r, (enum asp_lang)call->at->lang, call->at);
    }
    if (r.stop && w->run_steps - steps > FLOW_COSTLY)
        fn->pure = FLOW_NOT_PURE; /* so it will be again */
    ok = ok && v.kind != RUN_EMPTY;
    if (ok && r.n_executed == 0)
        remember(w, number, call, ret);
    arena_free(r.arena);
    return ok;
}

/* Where the loop ends that begins here, if it is not too long. */
static size_t loop_end(struct asp_flow *w)
{
    size_t i = w->at;
    while (i < w->end && i - w->at < RUN_LOOP_TOKENS && (w->inside[i] & FLOW_LOOP))
        i++;
    return i;
}

/* Each pass comes by the same loop: what cost much and ended at a limit does so again. */
static bool is_vain(const struct asp_flow *w)
{
    for (size_t i = 0; i < w->n_vain; i++)
        if (w->vain[i] == w->at)
            return true;
    return false;
}

bool flow_run_loop(struct asp_flow *w)
{
    struct run r;
    const struct asp_token *t = flow_token(w, 0);
    size_t end = loop_end(w);
    size_t steps = w->run_steps;
    if (w->evals == 0 && is_vain(w))
        return false;
    if (end - w->at >= RUN_LOOP_TOKENS || !is_pure(w, w->at, end) || !start(w, &r))
        return false;
    r.at = w->at;
    r.end = w->end;
    statement(&r);
    bool ok = !r.stop && r.leave == RUN_GO;
    if (ok) {
        keep(&r);
        run_executed(&r, (enum asp_lang)t->lang, t);
        w->at = r.at;
    } else if (w->run_steps - steps > FLOW_COSTLY && w->n_vain < FLOW_VAIN && w->evals == 0) {
        w->vain[w->n_vain++] = w->at;
    }
    arena_free(r.arena);
    return ok;
}
