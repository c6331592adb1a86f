/* asp_reach.h - what of a page in the old language a stranger gets to: internal to asp_own.c,
 * asp_reach*.c.
 *
 * A page that reads items of the session which it never sets, or calls what it does not declare,
 * is a part of an application: its other files do. Where it ends itself for a visitor of whom
 * the session holds nothing, or at a name that is nowhere declared, what stands behind is not for
 * strangers; nor is a procedure that nothing calls.
 *
 * asp_own.c: names and items. asp_reach_if.c: conditions. asp_reach.c: the walk over a page.
 *
 * Source: docs/web-shells.md, "Parts of an application"
 */
#pragma once

#include "format/asp_value.h"

enum {
    REACH_BLOCKS = 64,   /* inside each other */
    REACH_DEPTH = 40,    /* of a condition */
    REACH_WALKS = 3,     /* over a page: a procedure may be called before it is read */
    REACH_BRACKET = 512, /* tokens between two brackets */
};

#define REACH_NONE UINT32_MAX

enum own_bit {
    OWN_LOOKED = 1,   /* it was asked whether the language or the server has it */
    OWN_KNOWN = 2,    /* and they have */
    OWN_DECLARED = 4, /* or the page declares it, or gives it a value */
    OWN_ALTERED = 8,  /* an argument: it may be given another value there */
    OWN_SET = 16,     /* an item that the page sets */
    OWN_READ = 32,    /* an item that it reads */
    OWN_CALLED = 64,  /* a procedure to which a stranger gets */
    OWN_STOPS = 128,  /* a procedure that never comes back for him */
};

struct own_name {
    uint8_t bits;
    uint8_t given;      /* how often it is given a value; 2 is more than once */
    uint32_t copied;    /* token of the item that it is a copy of; REACH_NONE */
    uint32_t procedure; /* the last one of this name, or REACH_NONE */
};

struct procedure {
    uint32_t name, next; /* next: of the same name */
    size_t at, from, to; /* its name, its body */
    bool returns;        /* a stranger comes back from it */
};

struct reach {
    struct asp_code *code;
    struct own_name *names;
    size_t n_names;
    struct procedure *procedures;
    size_t n_procedures, cap_procedures;
    bool runs_text; /* which may declare names */
    size_t first_run;
    bool resumes;   /* On Error Resume Next: an error ends nothing */
    bool sets_any;  /* an item that is not known is set */
    bool constants; /* of a library of types are declared */
    bool flushes;   /* what was sent already forbids a redirection */
    bool lost;      /* its blocks do not fit together */

    size_t at, end; /* in a condition */
    unsigned depth;
    bool js;
};

enum reach_truth { REACH_NO, REACH_YES, REACH_MAYBE };

static inline enum asp_word reach_word(const struct reach *r, size_t at)
{
    if (at >= r->code->n_tokens || r->code->tokens[at].kind != ASP_NAME)
        return W_NONE;
    return (enum asp_word)r->code->names[r->code->tokens[at].name].word;
}

static inline bool reach_is_op(const struct reach *r, size_t at, unsigned op)
{
    return at < r->code->n_tokens && r->code->tokens[at].kind == ASP_OPERATOR &&
           r->code->tokens[at].op == op;
}

/* Whether the name at a token is this one, which is no word of ours. */
static inline bool reach_is_name(const struct reach *r, size_t at, struct str name)
{
    return at < r->code->n_tokens && r->code->tokens[at].kind == ASP_NAME &&
           str_eq(r->code->names[r->code->tokens[at].name].text, name);
}

static inline bool reach_ends(const struct reach *r, size_t at)
{
    return at >= r->code->n_tokens || r->code->tokens[at].kind <= ASP_NEWLINE;
}

/* The bracket that closes the one at `open`, or where the statement ends or it is given up. */
size_t reach_close(const struct reach *r, size_t open);

/* "Session("key")" at a token: the number of the item's name, or REACH_NONE; where it closes. */
uint32_t own_item(struct reach *r, size_t at, size_t *ret_close);

/* Whether an item of the session is one that other files set. */
bool own_is_foreign(const struct reach *r, size_t at, uint32_t item);

/* Whether nothing in the page says what a name is, nor the language. */
bool own_is_undeclared(struct reach *r, size_t at);

/* Reads which names and items are the page's own, and marks what it uses and does not declare.
 * Gives whether there is any such name or item. */
bool own_find(struct reach *r, const struct asp_page *page);

/* The condition from `from` to `to`, for a visitor of whom the session holds nothing. */
enum reach_truth reach_condition(struct reach *r, size_t from, size_t to);

/* Whether what "Select Case" looks at is empty then, and what "Case a, b" says of that. */
bool reach_is_empty(struct reach *r, size_t from, size_t to);
enum reach_truth reach_case(struct reach *r, size_t from, size_t to);

/* --- the walk ------------------------------------------------------------------------------ */

enum block_kind { BLOCK_IF, BLOCK_LOOP, BLOCK_SELECT, BLOCK_PROCEDURE, BLOCK_CLASS };

struct block {
    enum block_kind kind;
    bool before;      /* whether a stranger got to it */
    bool falls;       /* and behind one of its branches */
    bool done;        /* one of its conditions was true */
    bool line;        /* it ends with its line */
    bool empty;       /* what its cases are compared with is */
    size_t procedure; /* its number */
};

struct walk {
    struct reach *r;
    struct block blocks[REACH_BLOCKS];
    size_t n;
    bool reached; /* whether a stranger gets here */
    bool element; /* in <script runat=server>, which runs before or after the rest */
    size_t procedures;
    unsigned deep; /* statements of JScript inside each other */
};

struct block *walk_push(struct walk *k, enum block_kind kind);
void walk_pop(struct walk *k, enum block_kind kind);

/* Where a stranger does not get, the tokens are marked. */
void walk_mark(struct walk *k, size_t from, size_t to);

/* "Response.End", "Response.Redirect a", "Server.Transfer a"; a procedure of the page that ends
 * it: at the start of a statement. */
bool walk_ends_page(const struct reach *r, size_t at);
bool walk_calls_end(const struct reach *r, size_t at);

/* A procedure of the page, whose name is token `at`, and whose body begins at `from`. */
void walk_open_procedure(struct walk *k, size_t at, size_t from);
void walk_close_procedure(struct walk *k, size_t at);

/* "Exit Sub", "return" */
void walk_return(struct walk *k);

/* A statement of JScript: gives where the next begins. */
size_t walk_js(struct walk *k, size_t at);
