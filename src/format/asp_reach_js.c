#include "format/asp_reach.h"

/* --- tokens ---------------------------------------------------------------------------------- */

/* Where the bracket closes, in any part of the page; the number of tokens if it does not. */
static size_t closing(const struct reach *r, size_t open)
{
    size_t depth = 0;
    for (size_t i = open; i < r->code->n_tokens; i++) {
        const struct asp_token *t = &r->code->tokens[i];
        if (t->kind != ASP_OPERATOR)
            continue;
        if (t->op == '(' || t->op == '[' || t->op == '{')
            depth++;
        else if ((t->op == ')' || t->op == ']' || t->op == '}') && --depth == 0)
            return i;
    }
    return r->code->n_tokens;
}

/* Whether a line ends before a token, and so the statement: "a()" and in the next line "b()". */
static bool begins_line(const struct reach *r, size_t at)
{
    const struct asp_token *t = &r->code->tokens[at];
    const struct asp_token *before = t - 1;
    enum asp_word word = reach_word(r, at);
    bool ended = before->kind != ASP_OPERATOR || before->op == ')' || before->op == ']' ||
                 before->op == '}';
    if (t->kind != ASP_NAME || word == W_in || word == W_instanceof || !ended ||
        t->p < before->p)
        return false;
    for (const char *p = before->p; p < t->p; p++)
        if (*p == '\n')
            return true;
    return false;
}

/* Where an expression ends that begins here. What functions hold that stand in it is a part. */
static size_t end_of(struct walk *k, size_t at)
{
    const struct reach *r = k->r;
    size_t from = at;
    while (!reach_ends(r, at) && !reach_is_op(r, at, '}')) {
        if (at > from && begins_line(r, at))
            return at;
        const struct asp_token *t = &r->code->tokens[at];
        bool opens = t->kind == ASP_OPERATOR && (t->op == '(' || t->op == '[' || t->op == '{');
        at = opens ? closing(r, at) : at;
        if (at >= r->code->n_tokens) {
            k->r->lost = true;
            return at;
        }
        at++;
    }
    return at;
}

static size_t past_ends(const struct reach *r, size_t at)
{
    while (at < r->code->n_tokens && r->code->tokens[at].kind <= ASP_NEWLINE)
        at++;
    return at;
}

/* --- statements ------------------------------------------------------------------------------ */

static size_t statement(struct walk *k, size_t at);

static size_t block(struct walk *k, size_t at)
{
    at = past_ends(k->r, at);
    while (!k->r->lost && at < k->r->code->n_tokens && !reach_is_op(k->r, at, '}'))
        at = past_ends(k->r, statement(k, at));
    k->r->lost |= at >= k->r->code->n_tokens;
    return at + 1;
}

/* "(...)" behind a word: gives where it closes. */
static size_t head(struct walk *k, size_t at)
{
    size_t close = reach_is_op(k->r, at + 1, '(') ? closing(k->r, at + 1) : SIZE_MAX;
    k->r->lost |= close >= k->r->code->n_tokens;
    walk_mark(k, at, k->r->lost ? at : close + 1);
    return close;
}

static size_t branches(struct walk *k, size_t at)
{
    size_t close = head(k, at);
    if (k->r->lost)
        return at;
    struct reach *r = k->r;
    bool before = k->reached;
    enum reach_truth t = reach_condition(r, at + 2, close);
    k->reached = before && t != REACH_NO;
    at = statement(k, past_ends(r, close + 1));
    bool falls = k->reached;
    k->reached = before && t != REACH_YES;
    if (reach_word(r, past_ends(r, at)) == W_else)
        at = statement(k, past_ends(r, past_ends(r, at) + 1));
    k->reached |= falls;
    return at;
}

/* What may run often, or not at all. */
static size_t maybe(struct walk *k, size_t at)
{
    bool before = k->reached;
    at = statement(k, past_ends(k->r, at));
    k->reached = before;
    return at;
}

/* "case a:", "default:" lie behind any of the others. */
static size_t cases(struct walk *k, size_t at)
{
    bool before = k->reached;
    size_t close = head(k, at);
    at = past_ends(k->r, close + 1);
    if (k->r->lost || !reach_is_op(k->r, at, '{')) {
        k->r->lost = true;
        return at;
    }
    for (at = past_ends(k->r, at + 1);
         !k->r->lost && at < k->r->code->n_tokens && !reach_is_op(k->r, at, '}');
         at = past_ends(k->r, at)) {
        if (reach_word(k->r, at) != W_case && reach_word(k->r, at) != W_default) {
            at = statement(k, at);
            continue;
        }
        while (!reach_ends(k->r, at) && !reach_is_op(k->r, at, ':'))
            at++;
        at++;
        k->reached = before;
    }
    k->r->lost |= at >= k->r->code->n_tokens;
    k->reached = before;
    return at + 1;
}

/* "function name(...) {...}" */
static size_t procedure(struct walk *k, size_t at)
{
    struct reach *r = k->r;
    size_t close = reach_is_op(r, at + 2, '(') ? closing(r, at + 2) : SIZE_MAX;
    if (close >= r->code->n_tokens || r->code->tokens[at + 1].kind != ASP_NAME ||
        !reach_is_op(r, past_ends(r, close + 1), '{')) {
        r->lost = true;
        return at;
    }
    size_t from = past_ends(r, close + 1) + 1;
    walk_open_procedure(k, at + 1, from);
    at = block(k, from);
    if (!r->lost)
        walk_close_procedure(k, at - 1);
    return at;
}

static size_t expression(struct walk *k, size_t at)
{
    struct reach *r = k->r;
    size_t to = end_of(k, at);
    walk_mark(k, at, to < r->code->n_tokens ? to : at);
    bool called = !r->resumes && (r->code->tokens[at].marks & ASP_MARK_FOREIGN);
    bool ends = walk_ends_page(r, at) && reach_is_op(r, at + 3, '(');
    if (ends || called || (walk_calls_end(r, at) && reach_is_op(r, at + 1, '(')))
        k->reached = false;
    return to > at ? to : at + 1;
}

static size_t leave(struct walk *k, size_t at)
{
    enum asp_word word = reach_word(k->r, at);
    size_t to = at + 1;
    if (!reach_ends(k->r, to) && !begins_line(k->r, to) && !reach_is_op(k->r, to, '}'))
        to = end_of(k, to);
    walk_mark(k, at, to < k->r->code->n_tokens ? to : at);
    if (word == W_return)
        walk_return(k);
    k->reached = false;
    return to;
}

static size_t tries(struct walk *k, size_t at)
{
    size_t catch = 0;
    at = maybe(k, at + 1);
    if (reach_word(k->r, past_ends(k->r, at)) == W_catch) {
        catch = past_ends(k->r, at);
        at = head(k, catch);
        at = k->r->lost ? at : maybe(k, at + 1);
    }
    if (reach_word(k->r, past_ends(k->r, at)) == W_finally)
        at = maybe(k, past_ends(k->r, at) + 1);
    return at;
}

static size_t statement_of(struct walk *k, size_t at)
{
    size_t close;
    if (reach_is_op(k->r, at, '{'))
        return block(k, at + 1);
    switch ((int)reach_word(k->r, at)) {
    case W_if:
        return branches(k, at);
    case W_function:
        return procedure(k, at);
    case W_for:
    case W_while:
    case W_with:
        close = head(k, at);
        return k->r->lost ? at : maybe(k, close + 1);
    case W_do:
        return maybe(k, at + 1);
    case W_switch:
        return cases(k, at);
    case W_try:
        return tries(k, at);
    case W_return:
    case W_throw:
    case W_break:
    case W_continue:
        return leave(k, at);
    default:
        return expression(k, at);
    }
}

static size_t statement(struct walk *k, size_t at)
{
    if (at >= k->r->code->n_tokens || k->r->code->tokens[at].lang != ASP_JSCRIPT) {
        k->r->lost = true;
        return at;
    }
    k->deep++;
    size_t next = k->deep > REACH_BLOCKS ? at : statement_of(k, at);
    k->r->lost |= k->deep > REACH_BLOCKS || next <= at;
    k->deep--;
    return next;
}

size_t walk_js(struct walk *k, size_t at)
{
    const struct asp_token *t = &k->r->code->tokens[at];
    if (t->kind <= ASP_NEWLINE) {
        k->element &= t->kind != ASP_END;
        return at + 1;
    }
    if (k->n)
        k->r->lost = true; /* in a block of another language */
    if (k->element && reach_word(k->r, at) != W_function)
        k->r->lost = true;
    return k->r->lost ? at : statement(k, at);
}
