/* asp_run.h - running a page's own loops and functions on constants: internal to asp_run*.c.
 *
 * Pages that hide script decode it in a loop of their own. Where all that such a loop or function
 * works on is known, it is run: numbers, texts and lists only, no objects, and never longer than
 * RUN_STEPS. asp_run.c: statements. asp_run_expr.c: expressions. asp_run_call.c: the language's
 * functions. asp_run_value.c: values.
 *
 * Texts are characters, as VBScript counts them: a page that is not valid UTF-8 is read as a code
 * page of two bytes.
 *
 * Source: docs/web-shells.md, "Flow"
 */
#pragma once

#include "format/asp_flow.h"

enum {
    RUN_BYTES = 48 << 20,     /* of memory of one run */
    RUN_CHARACTERS = 1 << 20, /* of a text */
    RUN_ELEMENTS = 1 << 16,   /* of a list */
    RUN_NESTED = 48,          /* blocks, expressions and functions inside each other */
    RUN_CALLS = 12,
    RUN_ARGUMENTS = 12,
    RUN_EXECUTED = 4, /* texts that are run by what is run */
};

enum run_kind { RUN_EMPTY, RUN_TEXT, RUN_NUMBER, RUN_LIST };

/* Where texts stand; one that ends where the room does can grow. */
struct run_room {
    uint16_t *p;
    size_t from, to, cap;
};

struct run_list;

struct run_value {
    enum run_kind kind;
    double number;
    struct run_room *room;
    size_t at, n; /* of a text, in its room */
    struct run_list *list;
};

struct run_list {
    struct run_value *items;
    size_t n, cap;
};

struct run_variable {
    uint32_t name;
    bool own; /* declared here, or a parameter */
    struct run_value value;
};

struct run_frame {
    struct run_variable *vars;
    size_t n, cap;
    uint32_t function; /* its name; FLOW_NONE outside of all */
};

enum run_leave { RUN_GO, RUN_LEAVE_FOR, RUN_LEAVE_DO, RUN_LEAVE_FUNCTION, RUN_AGAIN };

struct run {
    struct asp_flow *w;
    struct arena *arena;
    size_t at, end; /* the next token; behind the last */
    unsigned nested;
    bool stop; /* something that is not known, or a limit */
    bool wide; /* bytes above ASCII are pairs */
    enum run_leave leave;
    struct run_frame frames[RUN_CALLS];
    size_t n_frames;
    struct run_value result; /* of "return x" */
    struct str executed[RUN_EXECUTED];
    size_t n_executed;
};

/* --- asp_run_value.c ------------------------------------------------------------------------ */

struct run_value run_number(double number);
struct run_value run_truth(bool truth);
struct run_value run_stop(struct run *r);

/* Room for n characters, which are the caller's to write. p is NULL where there is none. */
struct run_value run_text(struct run *r, size_t n, uint16_t **ret_p);
struct run_value run_part(const struct run_value *text, size_t from, size_t n);
struct run_value run_text_of(struct run *r, struct str bytes);
struct str run_bytes_of(struct run *r, const struct run_value *text, struct arena *arena);

static inline const uint16_t *run_characters(const struct run_value *v)
{
    static const uint16_t nothing = 0;
    return v->n ? v->room->p + v->at : &nothing;
}

/* A value as a text, a number. What is none stops the run. */
struct run_value run_as_text(struct run *r, const struct run_value *v);
double run_as_number(struct run *r, const struct run_value *v);
bool run_is_number(struct run *r, const struct run_value *v, double *ret);

struct run_value run_join(struct run *r, const struct run_value *a, const struct run_value *b);
int run_compare(struct run *r, const struct run_value *a, const struct run_value *b);
struct run_value run_new_list(struct run *r, size_t n);
bool run_add(struct run *r, struct run_list *list, struct run_value v);

/* The place of a text in another; SIZE_MAX if it is not there. */
size_t run_find(struct run *r, const struct run_value *text, const struct run_value *part,
                size_t from);

struct run_value run_from_known(struct run *r, const struct asp_value *v);
bool run_to_known(struct run *r, const struct run_value *v, struct asp_value *ret);

/* --- asp_run_call.c, asp_run_expr.c, asp_run.c ----------------------------------------------- */

/* A function of the language. False if the word is none. */
bool run_builtin(struct run *r, enum asp_word word, const struct run_value *a, size_t n,
                 struct run_value *ret);

/* "text.word(a)", as JScript has it. */
bool run_method(struct run *r, const struct run_value *base, enum asp_word word,
                const struct run_value *a, size_t n, struct run_value *ret);

struct run_value run_expression(struct run *r, int level);
size_t run_arguments(struct run *r, unsigned close, struct run_value *ret, uint32_t *ret_names);

/* The variable of that name: of the function, or of the page; NULL if it has none yet. */
struct run_value *run_variable(struct run *r, uint32_t name);
struct run_value *run_new_variable(struct run *r, uint32_t name, bool own);

/* A function of the page. names: of the variables that the arguments are; FLOW_NONE if none */
struct run_value run_function(struct run *r, int32_t number, const struct run_value *a,
                              const uint32_t *names, size_t n);

static inline const struct asp_token *run_token(const struct run *r, size_t ahead)
{
    return r->at + ahead < r->end ? &r->w->code->tokens[r->at + ahead] : &FLOW_END;
}

static inline enum asp_word run_word(const struct run *r, size_t ahead)
{
    const struct asp_token *t = run_token(r, ahead);
    return t->kind == ASP_NAME ? (enum asp_word)r->w->code->names[t->name].word : W_NONE;
}

static inline bool run_take(struct run *r, unsigned op)
{
    if (!flow_is_op(run_token(r, 0), op))
        return false;
    r->at++;
    return true;
}

/* One step of the page's budget. False if it is spent. */
static inline bool run_step(struct run *r)
{
    if (r->stop || r->w->run_steps >= FLOW_RUN_STEPS || arena_used(r->arena) > RUN_BYTES)
        r->stop = true;
    r->w->run_steps++;
    return !r->stop;
}
