/* asp_flow.h - following the data through a page's script: internal to asp_*.c.
 *
 * One struct asp_flow walks over the tokens, statement by statement, and keeps what is known of
 * each variable. asp_scope.c: names and the page's functions. asp_source.c: what comes with a
 * request. asp_call.c: calls. asp_list.c, asp_operand.c, asp_expr.c, asp_forms.c: values. asp_stmt.c:
 * statements. asp_flow.c: the passes, and script in strings.
 */
#pragma once

#include "format/asp_value.h"

enum {
    FLOW_PASSES = 3,           /* over a page: what is made below may be used above */
    FLOW_DEEP_PASSES = 8,      /* and while functions give the request's data on */
    FLOW_DEPTH = 100,          /* expressions and blocks inside each other */
    FLOW_PARAMETERS = 12,      /* of a function that are followed */
    FLOW_SCOPES = 32,          /* functions inside functions */
    FLOW_WITHS = 16,           /* With ... End With */
    FLOW_EVALS = 4,            /* script inside script */
    FLOW_EVAL_BYTES = 1 << 20, /* of such a script */
    FLOW_EVAL_TOTAL = 256,     /* such scripts */
    FLOW_STEPS = 40 << 20,     /* tokens looked at, in all passes: a few seconds at most */
    FLOW_RUN_STEPS = 12 << 20, /* of the page's own loops that are run: asp_run.h */
    FLOW_RAN = 32,             /* runs that are remembered */
    FLOW_COSTLY =
        1 << 14,    /* steps behind which a run that came to nothing is not tried again */
    FLOW_VAIN = 16, /* loops of which that is remembered */
    FLOW_PASSWORD_BYTES = 128,
    FLOW_GENERIC = 32, /* tokens of "<A, B<C>>" */
    FLOW_HIDING = 12,  /* bytes of a constant in which something may be hidden */
    FLOW_GLOBAL = -1,
};

#define FLOW_NONE UINT32_MAX

/* What is followed through as many functions as there are. */
static const uint32_t FLOW_DEEP = V_REQ | V_CODE | V_UPLOAD | V_P_REQ | V_METHOD;

struct asp_variable {
    uint32_t name;
    int32_t function; /* FLOW_GLOBAL, or where it is declared */
    bool set;         /* in this pass */
    bool counts;      /* a loop adds to it: no number is known */
    bool outside;     /* set outside of all functions */
    bool elements;    /* of it are variables of their own */
    int32_t array;    /* the variable that it is an element of; -1 if none */
    uint32_t given;   /* flags of what its function gives it */
    struct asp_value value;
};

struct asp_function {
    size_t at, from, to; /* its name, its body */
    uint32_t name;
    int32_t next; /* of the same name */
    uint32_t parameters[FLOW_PARAMETERS];
    uint8_t objects[FLOW_PARAMETERS];
    size_t n_parameters;
    uint16_t by_reference; /* bits of the parameters */
    bool extension;        /* "this string a": called as a method of its first argument */
    bool rest;             /* the last parameter is a list of all that are left */
    struct asp_value result;
    uint16_t native; /* the function of the operating system that it is */
    bool web;        /* requests call it */
    bool expression; /* "=> value" */
    bool property;   /* it is called without brackets */
    bool setter;     /* "name = a" gives it a */
    uint8_t pure;    /* whether it works on texts only: enum flow_pure */
};

enum flow_inside {
    FLOW_LOOP = 1, /* what is made here may be made again */
    FLOW_MAYBE = 2 /* a branch that is perhaps not taken */
};

enum flow_pure { FLOW_PURE_UNKNOWN, FLOW_PURE, FLOW_NOT_PURE };

/* A function that was run, and what it gave. */
struct flow_ran {
    int32_t function;
    struct str argument;
    struct asp_value result;
};

struct asp_per_name {
    int32_t function;
    bool variable; /* there is one of that name */
};

struct asp_flow {
    struct asp_code *code;
    struct asp_findings *f;
    struct asp_budget budget;
    struct asp_variable *vars;
    size_t n_vars, cap_vars;
    uint32_t *var_slots; /* numbers of variables + 1, by their name and function */
    size_t n_var_slots;
    struct asp_function *functions;
    size_t n_functions, cap_functions;
    struct asp_per_name *names;
    size_t n_names, cap_names;
    uint32_t *match; /* the bracket that closes each one */
    uint32_t *open;  /* those that are open, while they are matched */
    size_t n_match, cap_match;
    uint8_t *inside; /* of each token: enum flow_inside */

    size_t at, end;
    int32_t scope[FLOW_SCOPES];
    size_t scope_end[FLOW_SCOPES];
    size_t n_scopes;
    struct asp_value subject; /* of the switch that is followed */
    struct asp_value with[FLOW_WITHS];
    size_t n_with;
    unsigned depth, evals;
    size_t evals_done;
    size_t steps;
    size_t run_steps;
    struct flow_ran ran[FLOW_RAN];
    size_t n_ran;
    size_t vain[FLOW_VAIN]; /* where loops begin that were run in vain */
    size_t n_vain;
    uint8_t wide;   /* whether bytes above ASCII are pairs: 0 not known yet, 1 no, 2 yes */
    size_t changed; /* variables that got new flags in this pass */
    size_t deep;    /* functions that the request's data got into, or out of, in this pass */

    struct asp_call last; /* the last call, for VB's arguments without brackets */
    struct asp_value last_arguments[ASP_ARGUMENTS];
    bool has_last;

    uint32_t argument_names[ASP_ARGUMENTS]; /* of the arguments that were read last */
    bool named;
};

/* --- tokens -------------------------------------------------------------------------------- */

static const struct asp_token FLOW_END = {.p = "", .kind = ASP_END};

static inline const struct asp_token *flow_token(const struct asp_flow *w, size_t ahead)
{
    return w->at + ahead < w->end ? &w->code->tokens[w->at + ahead] : &FLOW_END;
}

static inline enum asp_word flow_word_at(const struct asp_flow *w, size_t ahead)
{
    const struct asp_token *t = flow_token(w, ahead);
    return t->kind == ASP_NAME ? (enum asp_word)w->code->names[t->name].word : W_NONE;
}

/* The word of token `at`, which there is. */
static inline enum asp_word flow_word_of(const struct asp_flow *w, size_t at)
{
    const struct asp_token *t = &w->code->tokens[at];
    return t->kind == ASP_NAME ? (enum asp_word)w->code->names[t->name].word : W_NONE;
}

static inline bool flow_is_op(const struct asp_token *t, unsigned op)
{
    return t->kind == ASP_OPERATOR && t->op == op;
}

static inline bool flow_take_op(struct asp_flow *w, unsigned op)
{
    if (!flow_is_op(flow_token(w, 0), op))
        return false;
    w->at++;
    return true;
}

static inline bool flow_is_vb(const struct asp_flow *w)
{
    return flow_token(w, 0)->lang == ASP_VB;
}

/* --- asp_scope.c: names ---------------------------------------------------------------------- */

struct asp_per_name *flow_per_name(struct asp_flow *w, uint32_t name);

/* The function that is being followed; FLOW_GLOBAL outside of all. */
int32_t flow_function(const struct asp_flow *w);

/* The variable that a name means here; -1 if it is none yet. */
int32_t flow_find(struct asp_flow *w, uint32_t name);

/* The variable of a name in a function, made where there is none. */
int32_t flow_variable(struct asp_flow *w, uint32_t name, int32_t function);

/* The variable of a name that nothing has been given yet. */
int32_t flow_unset_variable(struct asp_flow *w, uint32_t name);

/* var  -1: nothing is done */
void flow_add_flags(struct asp_flow *w, int32_t var, uint32_t flags, struct str key);
void flow_set(struct asp_flow *w, int32_t var, struct asp_value value);

/* Which bracket closes which, of the tokens from `from` on. */
void flow_match(struct asp_flow *w, size_t from);

/* Which tokens stand in loops and branches. The brackets are matched. */
void flow_find_blocks(struct asp_flow *w, size_t from);

/* The variable of an array's element, its index as text. */
int32_t flow_element_of(struct asp_flow *w, int32_t array, struct str index);
void flow_find_functions(struct asp_flow *w, size_t from);

/* Goes into a function's body, where its name stands; false if it stands not there. `name` is
 * what it is found by: for "x = function() {}", x. */
bool flow_enter(struct asp_flow *w, uint32_t name);

/* The same of "set {", where the word stands. */
bool flow_enter_setter(struct asp_flow *w);

/* The names between the brackets, up to token `to`. */
void flow_read_parameters(const struct asp_flow *w, struct asp_function *fn, size_t from,
                          size_t to);

/* The parameters of a function that is entered. */
void flow_declare_parameters(struct asp_flow *w, int32_t function);

/* --- asp_lambda.c: functions without a name -------------------------------------------------- */

/* arrow, word  the token "=>" or "delegate"
 * from         where the script starts */
void flow_find_lambda(struct asp_flow *w, size_t arrow, size_t from);
void flow_find_delegate(struct asp_flow *w, size_t word);

/* word  "Sub", "Function", and a bracket behind it */
void flow_find_vb_lambda(struct asp_flow *w, size_t word);

/* Whether it has lines of its own, and ends with "End Sub". */
bool flow_is_vb_lambda(const struct asp_flow *w, size_t word);

/* Follows a function's body, which stands here; gives the function. number: of the token's name */
struct asp_value flow_lambda(struct asp_flow *w, uint32_t number);

/* "list.ForEach(a => ...)": functions that are arguments are called with what else there is. */
void flow_call_lambdas(struct asp_flow *w, const struct asp_call *call, struct asp_value *ret);

/* --- asp_source.c: what comes with a request ------------------------------------------------- */

bool flow_is_password(struct str key);

/* "Request.x", "file.x", "control.x" */
struct asp_value flow_request_member(enum asp_word word);
struct asp_value flow_posted_member(const struct asp_value *base, enum asp_word word);
struct asp_value flow_control_member(const struct asp_value *base, enum asp_word word);

/* "base[index]", "base(index)" of things that are looked into. False if base is none. */
bool flow_look_up(struct asp_flow *w, const struct asp_value *base,
                  const struct asp_value *index, struct asp_value *ret);

/* --- asp_call.c ------------------------------------------------------------------------------ */

/* name  of what is called; FLOW_NONE if it has none */
struct asp_value flow_call(struct asp_flow *w, const struct asp_call *call, uint32_t name);

/* A function of the page: its parameters get the values. */
struct asp_value flow_call_function(struct asp_flow *w, int32_t number,
                                    const struct asp_call *call);

/* A comparison of the request's data with a constant: a password. */
void flow_note_password(struct asp_flow *w, const struct asp_value *a,
                        const struct asp_value *b);

/* --- asp_list.c ------------------------------------------------------------------------------ */

/* Arguments up to the closing bracket, which is taken. Returns how many; the last is all that
 * are more than ASP_ARGUMENTS. */
size_t flow_arguments(struct asp_flow *w, unsigned close, struct asp_value *ret);

/* "name: value", "name:=value": takes the name; gives its number, FLOW_NONE if it is none. */
uint32_t flow_argument_name(struct asp_flow *w);

struct asp_value flow_union(const struct asp_value *a, size_t n);

/* "{a, b}" of constants is a known array. */
struct asp_value flow_array_of(struct asp_flow *w, const struct asp_value *a, size_t n);

/* A function that is one or the other: both are called. */
int32_t flow_either_function(struct asp_flow *w, int32_t a, int32_t b);

/* A long list of constants, as machine code or text is written. It stands before token `close`,
 * which is taken. */
bool flow_constant_list(struct asp_flow *w, size_t close, struct asp_value *ret);

/* "{ ... }" where a value is due: a list, or a block of statements. */
struct asp_value flow_braces(struct asp_flow *w, bool list);

/* "dictionary.Add key, value", "dictionary.Item(key)": its items are variables. False if the call is
 * none of these. */
bool flow_dictionary(struct asp_flow *w, const struct asp_call *call, struct asp_value *ret);

/* An element of a known array. */
bool flow_element(struct asp_flow *w, const struct asp_value *base,
                  const struct asp_value *index, struct asp_value *ret);

/* --- asp_operand.c, asp_expr.c --------------------------------------------------------------- */

/* A value with its members, calls and indexes, and signs before it. */
struct asp_value flow_operand(struct asp_flow *w);

/* Up to an operator that binds less tightly than `level`; 0 takes all. */
struct asp_value flow_expression(struct asp_flow *w, int level);

/* How tightly an operator binds; 0 if it is none. */
int flow_level_of(const struct asp_flow *w, const struct asp_token *t);

/* The word of the member that was named last, where the value is "object.member". */
enum asp_word flow_member_of(const struct asp_flow *w, size_t from);

/* Whether the value of "x = ... x ..." or "x += ...", which stands before the token that is next,
 * has the name in it. at: the operator */
bool flow_grows(const struct asp_flow *w, uint32_t name, const struct asp_token *at);

/* "Name = value", where Name is a property of the page. */
void flow_set_property(struct asp_flow *w, const struct asp_token *name,
                       struct asp_value value);

/* to          the variable, or the object of which `member` is set
 * member      W_NONE if it is no member */
void flow_assign_element(struct asp_flow *w, int32_t element, const struct asp_value *value);
void flow_assign(struct asp_flow *w, const struct asp_value *to, enum asp_word member,
                 struct asp_value value, const struct asp_token *at);

/* --- asp_forms.c: patterns, tuples, queries ---------------------------------------------------- */

/* "string s", "{ Length: > 0 } s", "not null", behind "is" or "case": what it names is `v`. */
void flow_pattern(struct asp_flow *w, const struct asp_value *v);

/* "v switch { "a" => b, _ => c }": v becomes what it gives. False if it is none. */
bool flow_switch(struct asp_flow *w, struct asp_value *v);

/* "(a, b) = (c, d)", "var (a, b) = f()", of which "=" has been taken: false if it is none.
 * from  the bracket */
bool flow_deconstruct(struct asp_flow *w, size_t from, struct asp_value *ret);

/* "var (a, b) in list" of foreach: false if it is none. */
bool flow_each_tuple(struct asp_flow *w);

/* "from a in list where b select c", of which the first word has been taken: false if it is none. */
bool flow_query(struct asp_flow *w, struct asp_value *ret);

/* --- asp_stmt.c, asp_flow.c ------------------------------------------------------------------ */

void flow_statement(struct asp_flow *w);

/* Any element of a list. */
struct asp_value flow_each(struct asp_value v);

/* The object of With, as it is now. */
struct asp_value flow_with(const struct asp_flow *w);

/* "return v", in the function that is followed. */
void flow_result(struct asp_flow *w, struct asp_value v);

/* --- asp_run.c -------------------------------------------------------------------------------- */

/* A function of the page with known arguments, run. False if it cannot be: then nothing is done. */
bool flow_run_function(struct asp_flow *w, int32_t number, const struct asp_call *call,
                       struct asp_value *ret);

/* The loop that begins here, run, if all is known that it works on: then it is behind us, and
 * the variables hold what it made. */
bool flow_run_loop(struct asp_flow *w);

/* Script that is a constant text: what it does, the page does. */
struct asp_value flow_run_text(struct asp_flow *w, struct str text, enum asp_lang lang);
