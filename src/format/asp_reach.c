#include "format/asp_reach.h"

/* --- blocks ---------------------------------------------------------------------------------------- */

static struct block *top(struct walk *k, enum block_kind kind)
{
    if (k->n && k->blocks[k->n - 1].kind == kind)
        return &k->blocks[k->n - 1];
    k->r->lost = true;
    return NULL;
}

struct block *walk_push(struct walk *k, enum block_kind kind)
{
    if (k->n >= REACH_BLOCKS) {
        k->r->lost = true;
        k->n--;
    }
    k->blocks[k->n] = (struct block){.kind = kind, .before = k->reached};
    return &k->blocks[k->n++];
}

void walk_pop(struct walk *k, enum block_kind kind)
{
    const struct block *b = top(k, kind);
    if (!b)
        return;
    if (kind == BLOCK_IF)
        k->reached = b->falls || k->reached || (!b->done && b->before);
    else
        k->reached = b->before;
    k->n--;
}

static bool in_line(const struct walk *k)
{
    return k->n && k->blocks[k->n - 1].line;
}

/* Whether the line ends with this token: ":" ends statements only. */
static bool ends_line(const struct reach *r, size_t at)
{
    const struct asp_token *t = &r->code->tokens[at];
    if (t->kind == ASP_END || at + 1 >= r->code->n_tokens)
        return true;
    if (t->kind != ASP_NEWLINE)
        return false;
    if (t->p[-1] != ':')
        return true;
    for (const char *p = t->p; p < t[1].p; p++)
        if (*p == '\n' || *p == '\r')
            return true;
    return false;
}

/* "If a Then" that goes on behind its line. then: the word */
static bool is_block_if(const struct reach *r, size_t then)
{
    size_t i = then + 1;
    if (ends_line(r, i) || reach_ends(r, i))
        return true;
    for (; !ends_line(r, i); i++)
        if (reach_word(r, i) == W_end && reach_word(r, i + 1) == W_if)
            return true;
    return false;
}

/* --- statements ------------------------------------------------------------------------------------ */

/* Where the statement ends that begins here. */
static size_t end_of(const struct walk *k, size_t at)
{
    size_t from = at;
    if (reach_word(k->r, at) == W_else)
        return at + 1;
    while (!reach_ends(k->r, at) && reach_word(k->r, at) != W_then &&
           !(at > from && in_line(k) && reach_word(k->r, at) == W_else))
        at++;
    return at + (reach_word(k->r, at) == W_then);
}

/* Whether something is called in it that is nowhere declared: the page ends with an error. */
static bool fails(const struct reach *r, size_t from, size_t to)
{
    if (r->resumes)
        return false;
    for (size_t i = from; i < to; i++)
        if (r->code->tokens[i].marks & ASP_MARK_FOREIGN)
            return true;
    return false;
}

/* Where errors end nothing, a redirection must be one that works: to a constant address. */
static bool redirects(const struct reach *r, size_t at)
{
    at += reach_is_op(r, at, '(');
    bool constant = at + 1 < r->code->n_tokens && r->code->tokens[at].kind == ASP_STRING &&
                    (reach_ends(r, at + 1) || reach_is_op(r, at + 1, ')') ||
                     reach_word(r, at + 1) == W_else || reach_word(r, at + 1) == W_end);
    return !r->resumes || (constant && !r->flushes);
}

bool walk_ends_page(const struct reach *r, size_t at)
{
    at += reach_word(r, at) == W_call;
    if (!reach_is_op(r, at + 1, '.'))
        return false;
    if (reach_word(r, at) == W_server)
        return reach_word(r, at + 2) == W_transfer && !r->resumes;
    if (reach_word(r, at) != W_response)
        return false;
    return reach_word(r, at + 2) == W_end ||
           (reach_is_name(r, at + 2, STR("redirect")) && redirects(r, at + 3));
}

/* "CheckLogin", "Call CheckLogin(a)": a procedure of the page that ends it. */
bool walk_calls_end(const struct reach *r, size_t at)
{
    at += reach_word(r, at) == W_call;
    if (at >= r->code->n_tokens || r->code->tokens[at].kind != ASP_NAME)
        return false;
    return (r->names[r->code->tokens[at].name].bits & OWN_STOPS) != 0;
}

void walk_mark(struct walk *k, size_t from, size_t to)
{
    for (size_t i = from; !k->reached && i < to; i++)
        k->r->code->tokens[i].marks |= ASP_MARK_GUARDED;
}

/* "If a Then", "ElseIf a Then": gives where the branch begins. */
static size_t branch(struct walk *k, size_t at, bool first)
{
    size_t then = at;
    struct block *b;
    while (!reach_ends(k->r, then) && reach_word(k->r, then) != W_then)
        then++;
    if (reach_word(k->r, then) != W_then) {
        k->r->lost = true;
        return then;
    }
    if (first) {
        if (fails(k->r, at, then))
            k->reached = false;
        b = walk_push(k, BLOCK_IF);
        b->line = !is_block_if(k->r, then);
    } else {
        b = top(k, BLOCK_IF);
    }
    if (!b)
        return then;
    b->falls |= !first && k->reached;
    enum reach_truth t = reach_condition(k->r, at + 1, then);
    k->reached = b->before && !b->done && t != REACH_NO;
    b->done |= t == REACH_YES;
    return then + 1;
}

static void otherwise(struct walk *k)
{
    struct block *b = top(k, BLOCK_IF);
    if (!b)
        return;
    b->falls |= k->reached;
    k->reached = b->before && !b->done;
    b->done = true;
}

/* "Case a, b", "Case Else" */
static void one_case(struct walk *k, size_t at, size_t to)
{
    const struct block *b = top(k, BLOCK_SELECT);
    if (b)
        k->reached = b->before && (!b->empty || reach_word(k->r, at + 1) == W_else ||
                                   reach_case(k->r, at + 1, to) != REACH_NO);
}

/* --- procedures ------------------------------------------------------------------------------------ */

/* The procedures are numbered in their order, the same in each walk. */
void walk_open_procedure(struct walk *k, size_t at, size_t from)
{
    struct reach *r = k->r;
    size_t number = k->procedures++;
    if (number == r->n_procedures) {
        uint32_t name = r->code->tokens[at].name;
        r->procedures = arena_grow(r->code->arena, r->procedures, r->n_procedures,
                                   &r->cap_procedures, sizeof *r->procedures);
        r->procedures[r->n_procedures++] = (struct procedure){
            .name = name, .next = r->names[name].procedure, .at = at, .from = from, .to = from};
        r->names[name].procedure = (uint32_t)number;
    }
    r->procedures[number].returns = false;
    walk_push(k, BLOCK_PROCEDURE)->procedure = number;
    k->reached = true;
}

static void open_procedure(struct walk *k, size_t at)
{
    struct reach *r = k->r;
    enum asp_word next = reach_word(r, at + 1);
    if (reach_word(r, at) == W_property && (next == W_get || next == W_let || next == W_set))
        at++;
    if (reach_ends(r, at + 1) || r->code->tokens[at + 1].kind != ASP_NAME)
        r->lost = true;
    else
        walk_open_procedure(k, at + 1, at + 2);
}

void walk_return(struct walk *k)
{
    for (size_t i = k->n; i > 0; i--)
        if (k->blocks[i - 1].kind == BLOCK_PROCEDURE) {
            k->r->procedures[k->blocks[i - 1].procedure].returns |= k->reached;
            return;
        }
}

void walk_close_procedure(struct walk *k, size_t at)
{
    const struct block *b = top(k, BLOCK_PROCEDURE);
    if (b) {
        walk_return(k);
        k->r->procedures[b->procedure].to = at;
        walk_pop(k, BLOCK_PROCEDURE);
    }
}

static void end_block(struct walk *k, size_t at)
{
    switch ((int)reach_word(k->r, at + 1)) {
    case W_if:
        walk_pop(k, BLOCK_IF);
        return;
    case W_select:
        walk_pop(k, BLOCK_SELECT);
        return;
    case W_class:
        walk_pop(k, BLOCK_CLASS);
        return;
    case W_function:
    case W_sub:
    case W_property:
        walk_close_procedure(k, at);
        return;
    default:
        return;
    }
}

/* --- the walk -------------------------------------------------------------------------------------- */

/* A statement that opens or closes a block. Gives where the next begins; `at` if it is none. */
static size_t block_statement(struct walk *k, size_t at, size_t to)
{
    switch ((int)reach_word(k->r, at)) {
    case W_if:
        return branch(k, at, true);
    case W_elseif:
        return branch(k, at, false);
    case W_else:
        otherwise(k);
        return at + 1;
    case W_for:
    case W_do:
    case W_while:
        walk_push(k, BLOCK_LOOP);
        return to;
    case W_next:
    case W_loop:
    case W_wend:
        walk_pop(k, BLOCK_LOOP);
        return to;
    case W_select:
        walk_push(k, BLOCK_SELECT)->empty = reach_is_empty(k->r, at + 2, to);
        return to;
    case W_case:
        one_case(k, at, to);
        return to;
    case W_class:
        walk_push(k, BLOCK_CLASS);
        return to;
    case W_function:
    case W_sub:
    case W_property:
        open_procedure(k, at);
        return to;
    case W_end:
        end_block(k, at);
        return to;
    default:
        return at;
    }
}

/* Statements that declare, and do nothing where they stand. */
static bool is_declaration(enum asp_word word)
{
    return word == W_dim || word == W_const || word == W_option || word == W_private ||
           word == W_public || word == W_function || word == W_sub || word == W_class ||
           word == W_end;
}

/* "Public Default Function": the word that it is. */
static size_t past_modifiers(const struct reach *r, size_t at)
{
    size_t i = at;
    while (reach_word(r, i) == W_public || reach_word(r, i) == W_private ||
           reach_word(r, i) == W_default)
        i++;
    enum asp_word word = reach_word(r, i);
    bool procedure =
        word == W_function || word == W_sub || word == W_property || word == W_class;
    return procedure ? i : at;
}

static size_t vb_statement(struct walk *k, size_t at)
{
    struct reach *r = k->r;
    size_t to = end_of(k, at);
    walk_mark(k, at, to);
    if (k->element && k->n == 0 && !is_declaration(reach_word(r, at)))
        r->lost = true;
    at = past_modifiers(r, at);
    size_t next = block_statement(k, at, to);
    if (next != at)
        return next;
    if (reach_word(r, at) == W_exit) {
        enum asp_word what = reach_word(r, at + 1);
        if (what == W_sub || what == W_function || what == W_property)
            walk_return(k);
        k->reached = false;
    } else if (walk_ends_page(r, at) || walk_calls_end(r, at) || fails(r, at, to)) {
        k->reached = false;
    }
    return to > at ? to : at + 1;
}

static void walk(struct reach *r)
{
    struct walk k = {.r = r, .reached = true};
    for (size_t i = 0; i < r->code->n_tokens && !r->lost;) {
        struct asp_token *t = &r->code->tokens[i];
        k.element |= (t->marks & ASP_MARK_ELEMENT) != 0;
        if (t->lang == ASP_JSCRIPT) {
            i = walk_js(&k, i);
        } else if (t->lang != ASP_VB) {
            i++;
        } else if (t->kind <= ASP_NEWLINE) {
            while (in_line(&k) && ends_line(r, i))
                walk_pop(&k, BLOCK_IF);
            k.element &= t->kind != ASP_END;
            i++;
        } else {
            i = vb_statement(&k, i);
        }
    }
    r->lost |= k.n != 0;
}

static void unmark(struct reach *r)
{
    for (size_t i = 0; i < r->code->n_tokens; i++)
        r->code->tokens[i].marks &= (uint8_t)~ASP_MARK_GUARDED;
}

/* Whether a procedure turned out to end the page. Of one name, all must. */
static bool finds_ends(struct reach *r)
{
    bool found = false;
    for (size_t i = 0; i < r->n_procedures; i++) {
        uint8_t *bits = &r->names[r->procedures[i].name].bits;
        found |= !r->procedures[i].returns && !(*bits & OWN_STOPS);
        *bits |= OWN_STOPS;
    }
    for (size_t i = 0; i < r->n_procedures; i++)
        if (r->procedures[i].returns)
            r->names[r->procedures[i].name].bits &= (uint8_t)~OWN_STOPS;
    return found;
}

/* --- what is called -------------------------------------------------------------------------------- */

/* The server or the language calls it, or an object's name does. */
static bool is_called_anyway(const struct reach *r, const struct procedure *p)
{
    struct str name = r->code->names[p->name].text;
    size_t at = p->at;
    bool property = at >= 2 && reach_word(r, at - 2) == W_property;
    bool standard = at >= 2 && reach_word(r, at - 2) == W_default;
    return property || standard || str_istarts(name, STR("class_")) ||
           str_istarts(name, STR("ontransaction")) || str_iends(name, STR("_onstart")) ||
           str_iends(name, STR("_onend"));
}

static void call_name(struct reach *r, uint32_t name, uint32_t *calls, size_t *n)
{
    if (name >= r->n_names || r->names[name].procedure == REACH_NONE ||
        (r->names[name].bits & OWN_CALLED))
        return;
    r->names[name].bits |= OWN_CALLED;
    calls[(*n)++] = name;
}

/* GetRef("Name"), this["name"]() */
static bool may_name(const struct reach *r, const struct asp_token *t)
{
    return t->kind == ASP_STRING && t->n && t->n < 64 &&
           (t->lang == ASP_JSCRIPT || asp_has_word(r->code, W_getref));
}

static void call_names(struct reach *r, size_t from, size_t to, uint32_t *calls, size_t *n)
{
    for (size_t i = from; i < to; i++) {
        const struct asp_token *t = &r->code->tokens[i];
        if (t->kind == ASP_NAME && asp_is_reached(t))
            call_name(r, t->name, calls, n);
        else if (may_name(r, t))
            call_name(r, asp_find_name(r->code, (struct str){t->p, t->n}), calls, n);
    }
}

/* Marks procedures that a stranger's request does not call. */
static void find_called(struct reach *r)
{
    uint32_t *calls = ARENA_ARRAY(r->code->arena, uint32_t, r->n_procedures + 1);
    size_t n = 0;
    size_t at = 0;
    for (size_t i = 0; i < r->n_procedures; i++) {
        const struct procedure *p = &r->procedures[i];
        if (is_called_anyway(r, p))
            call_name(r, p->name, calls, &n);
        call_names(r, at, p->at, calls, &n); /* what stands between them */
        at = p->to;
    }
    call_names(r, at, r->code->n_tokens, calls, &n);
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = r->names[calls[i]].procedure; k != REACH_NONE;
             k = r->procedures[k].next)
            call_names(r, r->procedures[k].from, r->procedures[k].to, calls, &n);
    for (size_t i = 0; i < r->n_procedures; i++) {
        const struct procedure *p = &r->procedures[i];
        for (size_t k = p->from; !(r->names[p->name].bits & OWN_CALLED) && k < p->to; k++)
            r->code->tokens[k].marks |= ASP_MARK_GUARDED;
    }
}

bool asp_find_reach(struct asp_code *code, const struct asp_page *page, struct str text)
{
    struct reach r = {.code = code};
    r.constants = str_ifind(text, STR("typelib"), 0) != SIZE_MAX;
    bool foreign = own_find(&r, page);
    for (size_t i = 0; i < REACH_WALKS && !r.lost; i++) {
        unmark(&r);
        walk(&r);
        if (r.lost || !finds_ends(&r))
            break;
    }
    if (r.lost)
        unmark(&r);
    else if (!r.runs_text)
        find_called(&r);
    return foreign;
}
