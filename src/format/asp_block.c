#include "format/asp_flow.h"

/* --- C#, JScript ----------------------------------------------------------------------------- */

struct c_blocks {
    size_t loop_end, branch_end; /* of the outermost ones */
    size_t statement_end;        /* that was looked for last */
};

/* Where the statement or block ends that a word like "for" or "if" rules. */
static size_t c_end(const struct asp_flow *w, size_t i, struct c_blocks *b)
{
    size_t body = i + 1;
    if (body < w->n_match && flow_is_op(&w->code->tokens[body], '(') &&
        w->match[body] != FLOW_NONE)
        body = w->match[body] + 1;
    if (body < w->n_match && flow_is_op(&w->code->tokens[body], '{') &&
        w->match[body] != FLOW_NONE)
        return w->match[body];
    if (body <= b->statement_end)
        return b->statement_end;
    while (body < w->n_match && w->code->tokens[body].kind > ASP_NEWLINE)
        body++;
    b->statement_end = body;
    return body;
}

static uint8_t c_kind(enum asp_word word)
{
    switch ((int)word) {
    case W_for:
    case W_foreach:
    case W_while:
    case W_do:
        return FLOW_LOOP | FLOW_MAYBE;
    case W_if:
    case W_else:
    case W_switch:
    case W_catch:
        return FLOW_MAYBE;
    default:
        return 0;
    }
}

/* --- Visual Basic ---------------------------------------------------------------------------- */

struct vb_blocks {
    size_t loops, branches;
    bool line; /* If a Then b, in one line */
};

static void less(size_t *n)
{
    *n -= *n > 0;
}

/* Whether the branch of an If goes on behind its line. */
static bool is_vb_block_if(const struct asp_flow *w, size_t i)
{
    for (; i + 1 < w->n_match && w->code->tokens[i].kind > ASP_NEWLINE; i++)
        if (flow_word_of(w, i) == W_then)
            return w->code->tokens[i + 1].kind <= ASP_NEWLINE;
    return true;
}

static void vb_end(struct vb_blocks *b, enum asp_word of)
{
    if (of == W_while)
        less(&b->loops);
    else if (of == W_if || of == W_select)
        less(&b->branches);
    else if (of == W_function || of == W_sub || of == W_property)
        *b = (struct vb_blocks){0};
}

/* A word at the start of a statement. */
static void vb_word(const struct asp_flow *w, size_t i, struct vb_blocks *b)
{
    switch ((int)flow_word_of(w, i)) {
    case W_for:
    case W_do:
    case W_while:
        b->loops++;
        break;
    case W_next:
    case W_loop:
    case W_wend:
        less(&b->loops);
        break;
    case W_if:
        if (is_vb_block_if(w, i))
            b->branches++;
        else
            b->line = true;
        break;
    case W_select:
        b->branches++;
        break;
    case W_end:
        vb_end(b, i + 1 < w->n_match ? flow_word_of(w, i + 1) : W_NONE);
        break;
    default:
        break;
    }
}

static uint8_t c_inside(const struct asp_flow *w, size_t i, struct c_blocks *b)
{
    uint8_t kind = w->code->tokens[i].kind == ASP_NAME ? c_kind(flow_word_of(w, i)) : 0;
    size_t to = kind ? c_end(w, i, b) : 0;
    if ((kind & FLOW_LOOP) && to > b->loop_end)
        b->loop_end = to;
    if (to > b->branch_end)
        b->branch_end = to;
    return (uint8_t)((i < b->loop_end ? FLOW_LOOP : 0) | (i < b->branch_end ? FLOW_MAYBE : 0));
}

static uint8_t vb_inside(const struct asp_flow *w, size_t i, struct vb_blocks *b)
{
    b->line &= w->code->tokens[i].kind > ASP_NEWLINE;
    if (w->code->tokens[i].kind == ASP_NAME)
        vb_word(w, i, b);
    bool maybe = b->loops || b->branches || b->line;
    return (uint8_t)((b->loops ? FLOW_LOOP : 0) | (maybe ? FLOW_MAYBE : 0));
}

void flow_find_blocks(struct asp_flow *w, size_t from)
{
    struct vb_blocks vb = {0};
    struct c_blocks c = {0};
    bool starts = true;
    uint8_t now = 0;
    for (size_t i = from; i < w->n_match; i++) {
        const struct asp_token *t = &w->code->tokens[i];
        bool end = t->kind <= ASP_NEWLINE;
        if (t->lang != ASP_VB)
            now = c_inside(w, i, &c);
        else if (starts || end)
            now = vb_inside(w, i, &vb);
        w->inside[i] = now;
        starts = end;
    }
}
