#include "format/asp_reach.h"

#include <stdlib.h>

/* --- what the languages and the server have ----------------------------------------------------- */

/* clang-format off */
static const char *const KNOWN[] = { /* in order */
    "abs", "activexobject", "and", "application", "arguments", "array", "asc", "ascb", "ascw", "atn",
    "boolean", "break", "byref", "byval", "call", "case", "catch", "cbool", "cbyte", "ccur", "cdate",
    "cdbl", "chr", "chrb", "chrw", "cint", "class", "clng", "const", "continue", "cos", "createobject",
    "csng", "cstr", "date", "dateadd", "datediff", "datepart", "dateserial", "datevalue", "day",
    "decodeuri", "decodeuricomponent", "default", "delete", "dim", "do", "each", "else", "elseif",
    "empty", "encodeuri", "encodeuricomponent", "end", "enumerator", "eqv", "erase", "err", "error",
    "escape", "eval", "execute", "executeglobal", "exit", "exp", "explicit", "false", "filter",
    "finally", "fix", "for", "formatcurrency", "formatdatetime", "formatnumber", "formatpercent",
    "function", "functionconstructor", "get", "getlocale", "getobject", "getref", "goto", "hex", "hour",
    "if", "imp", "in", "inputbox", "instanceof", "instr", "instrb", "instrrev", "int", "is", "isarray",
    "isdate", "isempty", "isfinite", "isnan", "isnull", "isnumeric", "isobject", "join", "json",
    "lbound", "lcase", "left", "leftb", "len", "lenb", "let", "loadpicture", "log", "loop", "ltrim",
    "math", "me", "mid", "midb", "minute", "mod", "month", "monthname", "msgbox", "new", "next", "not",
    "nothing", "now", "null", "number", "object", "objectcontext", "oct", "on", "option", "or",
    "parsefloat", "parseint", "preserve", "private", "property", "public", "randomize", "redim",
    "regexp", "rem", "replace", "request", "response", "resume", "return", "rgb", "right", "rightb",
    "rnd", "round", "rtrim", "scriptengine", "scriptenginebuildversion", "scriptenginemajorversion",
    "scriptengineminorversion", "scriptingcontext", "second", "select", "server", "session", "set",
    "setlocale", "sgn", "sin", "space", "split", "sqr", "step", "stop", "strcomp", "string",
    "strreverse", "sub", "switch", "tan", "then", "this", "throw", "time", "timer", "timeserial",
    "timevalue", "to", "trim", "true", "try", "typeerror", "typename", "typeof", "ubound", "ucase",
    "undefined", "unescape", "until", "var", "vartype", "vbarray", "void", "weekday", "weekdayname",
    "wend", "while", "with", "xor", "year",
};
/* clang-format on */

static int compare_known(const void *key, const void *one)
{
    return str_cmp(*(const struct str *)key, str_of(*(const char *const *)one));
}

static struct own_name *own_of(struct reach *r, size_t at)
{
    uint32_t number = r->code->tokens[at].name;
    return &r->names[number];
}

/* Whether the language or the server has a name. */
static bool is_known(struct reach *r, size_t at)
{
    struct own_name *own = own_of(r, at);
    struct str name = r->code->names[r->code->tokens[at].name].text;
    if (!(own->bits & OWN_LOOKED)) {
        bool known =
            str_starts(name, STR("vb")) || bsearch(&name, KNOWN, sizeof KNOWN / sizeof *KNOWN,
                                                   sizeof *KNOWN, compare_known) != NULL;
        own->bits |= OWN_LOOKED | (known ? OWN_KNOWN : 0);
    }
    return (own->bits & OWN_KNOWN) != 0;
}

bool own_is_undeclared(struct reach *r, size_t at)
{
    return !is_known(r, at) && !(own_of(r, at)->bits & OWN_DECLARED);
}

/* --- tokens --------------------------------------------------------------------------------------- */

size_t reach_close(const struct reach *r, size_t open)
{
    size_t depth = 0;
    size_t i = open;
    for (; i < r->code->n_tokens && i < open + REACH_BRACKET; i++) {
        const struct asp_token *t = &r->code->tokens[i];
        if (t->kind == ASP_END || (t->kind == ASP_NEWLINE && t->lang == ASP_VB))
            return i;
        if (t->kind != ASP_OPERATOR)
            continue;
        if (t->op == '(' || t->op == '[' || t->op == '{')
            depth++;
        else if ((t->op == ')' || t->op == ']' || t->op == '}') && --depth == 0)
            return i;
    }
    return i;
}

static bool is_member(const struct reach *r, size_t at)
{
    bool vb = r->code->tokens[at].lang == ASP_VB;
    return at > 0 && (reach_is_op(r, at - 1, '.') || (vb && reach_is_op(r, at - 1, '!')));
}

/* Whether a statement begins here; `<%= a %>` is none. */
static bool starts(const struct reach *r, size_t at)
{
    enum asp_word before = at ? reach_word(r, at - 1) : W_NONE;
    return !(r->code->tokens[at].marks & ASP_MARK_SHOWN) &&
           (at == 0 || r->code->tokens[at - 1].kind <= ASP_NEWLINE || before == W_then ||
            before == W_else);
}

/* --- items of the session and the application -------------------------------------------------- */

uint32_t own_item(struct reach *r, size_t at, size_t *ret_close)
{
    enum asp_word word = reach_word(r, at);
    *ret_close = at;
    if ((word != W_session && word != W_application) || is_member(r, at))
        return REACH_NONE;
    size_t i = at + 1;
    while (reach_is_op(r, i, '.') &&
           (reach_is_name(r, i + 1, STR("contents")) || reach_word(r, i + 1) == W_item ||
            reach_word(r, i + 1) == W_value))
        i += 2;
    if (!reach_is_op(r, i, '(') && !reach_is_op(r, i, '['))
        return REACH_NONE;
    *ret_close = reach_close(r, i);
    if (*ret_close != i + 2 || r->code->tokens[i + 1].kind != ASP_STRING)
        return REACH_NONE;
    struct str key = {r->code->tokens[i + 1].p, r->code->tokens[i + 1].n};
    return asp_name(r->code, arena_printf(r->code->arena, "%s:%.*s",
                                          word == W_session ? "session" : "application",
                                          STR_ARG(str_part(key, 0, 64))));
}

bool own_is_foreign(const struct reach *r, size_t at, uint32_t item)
{
    return reach_word(r, at) == W_session && item != REACH_NONE && item < r->n_names &&
           !r->sets_any && !(r->names[item].bits & OWN_SET);
}

static bool is_assigned(const struct reach *r, size_t at, size_t close)
{
    enum asp_word before = at ? reach_word(r, at - 1) : W_NONE;
    bool vb = r->code->tokens[at].lang == ASP_VB;
    bool first = !vb || starts(r, at) || before == W_set || before == W_let;
    return first &&
           (reach_is_op(r, close + 1, '=') || reach_is_op(r, close + 1, ASP_OP_PLUS_SET) ||
            reach_is_op(r, close + 1, ASP_OP_SET));
}

/* "Set a = Session", "With Session": its items may be set under another name. Settings of the
 * session are none: "Session.Timeout". */
static bool is_handed_on(const struct reach *r, size_t at)
{
    bool contents = reach_is_name(r, at + 2, STR("contents"));
    enum asp_word word = reach_word(r, at);
    if ((word != W_session && word != W_application) || is_member(r, at))
        return false;
    return !reach_is_op(r, at + 1, '.') ||
           (contents && !reach_is_op(r, at + 3, '.') && reach_word(r, at - (at > 0)) != W_in);
}

static void note_item(struct reach *r, size_t at)
{
    size_t close;
    uint32_t item = own_item(r, at, &close);
    if (close == at) {
        r->sets_any |= is_handed_on(r, at);
        return;
    }
    bool set = is_assigned(r, at, close);
    if (item == REACH_NONE)
        r->sets_any |= set;
    else
        r->names[item].bits |= set ? OWN_SET : OWN_READ;
}

/* --- what a page declares ---------------------------------------------------------------------- */

static void declare(struct reach *r, size_t at)
{
    if (at < r->code->n_tokens && r->code->tokens[at].kind == ASP_NAME)
        own_of(r, at)->bits |= OWN_DECLARED;
}

/* "Dim a, b(3)", "var a = f(b, c), d" */
static void declare_list(struct reach *r, size_t at)
{
    size_t depth = 0;
    bool name = true;
    for (; !reach_ends(r, at); at++) {
        const struct asp_token *t = &r->code->tokens[at];
        bool keyword = reach_word(r, at) == W_preserve || reach_word(r, at) == W_const ||
                       reach_word(r, at) == W_default || reach_word(r, at) == W_dim;
        if (t->kind == ASP_OPERATOR && (t->op == '(' || t->op == '[' || t->op == '{'))
            depth++;
        else if (t->kind == ASP_OPERATOR && (t->op == ')' || t->op == ']' || t->op == '}'))
            depth -= depth > 0;
        if (t->kind == ASP_NAME && name && depth == 0)
            declare(r, at);
        name = (name && keyword) || reach_is_op(r, at, ',');
    }
}

static void declare_parameters(struct reach *r, size_t open)
{
    size_t close = reach_is_op(r, open, '(') ? reach_close(r, open) : open;
    for (size_t i = open; i < close; i++)
        if (r->code->tokens[i].kind == ASP_NAME)
            own_of(r, i)->bits |= OWN_DECLARED | OWN_ALTERED;
}

/* "Function Name(a, b)", "Property Get Name", "Class Name", of which the word stands here */
static void declare_procedure(struct reach *r, size_t at)
{
    enum asp_word before = at ? reach_word(r, at - 1) : W_NONE;
    enum asp_word next = reach_word(r, at + 1);
    if (before == W_end || before == W_exit)
        return;
    at++;
    if (reach_word(r, at - 1) == W_property &&
        (next == W_get || next == W_let || next == W_set))
        at++;
    declare(r, at);
    declare_parameters(r, at + 1);
}

/* "a = Session("b")", and no more. at: a */
static void note_copy(struct reach *r, size_t at)
{
    size_t close;
    uint32_t item = own_item(r, at + 2, &close);
    struct own_name *own = own_of(r, at);
    own->given = own->given ? 2 : 1;
    own->copied =
        item != REACH_NONE && reach_ends(r, close + 1) ? (uint32_t)(at + 2) : REACH_NONE;
}

/* "Trim(a)", "Response.Write a": what gives an argument no value. */
static bool only_reads(struct reach *r, size_t at)
{
    enum asp_word object = at >= 3 && is_member(r, at - 1) ? reach_word(r, at - 3) : W_NONE;
    if (object == W_response || object == W_server)
        return true;
    return at >= 2 && reach_is_op(r, at - 1, '(') && r->code->tokens[at - 2].kind == ASP_NAME &&
           !is_member(r, at - 2) && is_known(r, at - 2);
}

/* "f(a)", "f a, b": the argument may be given a value. */
static bool is_argument(struct reach *r, size_t at)
{
    const struct asp_token *before = at ? &r->code->tokens[at - 1] : NULL;
    bool last =
        reach_ends(r, at + 1) || reach_is_op(r, at + 1, ',') || reach_is_op(r, at + 1, ')');
    if (!last || !before || starts(r, at) || only_reads(r, at))
        return false;
    enum asp_word word = reach_word(r, at - 1);
    return reach_is_op(r, at - 1, '(') || reach_is_op(r, at - 1, ',') ||
           (before->kind == ASP_NAME && word != W_call && word != W_and && word != W_or &&
            word != W_not && word != W_loop);
}

static void declare_vb(struct reach *r, size_t at)
{
    enum asp_word before = at ? reach_word(r, at - 1) : W_NONE;
    if (is_member(r, at))
        return;
    switch ((int)reach_word(r, at)) {
    case W_dim:
    case W_redim:
    case W_private:
    case W_public:
    case W_const:
    case W_static:
        if (starts(r, at))
            declare_list(r, at + 1);
        return;
    case W_function:
    case W_sub:
    case W_property:
    case W_class:
        declare_procedure(r, at);
        return;
    default:
        break;
    }
    bool first = starts(r, at) || before == W_set || before == W_let || before == W_for;
    if (first && reach_is_op(r, at + 1, '=')) {
        declare(r, at);
        note_copy(r, at);
    } else if (before == W_each) {
        declare(r, at);
        own_of(r, at)->bits |= OWN_ALTERED;
    } else if (first && reach_is_op(r, at + 1, '(') &&
               reach_is_op(r, reach_close(r, at + 1) + 1, '=')) {
        declare(r, at);
    } else if (is_argument(r, at)) {
        own_of(r, at)->bits |= OWN_DECLARED | OWN_ALTERED;
    }
}

static void declare_js(struct reach *r, size_t at)
{
    enum asp_word word = reach_word(r, at);
    if (is_member(r, at))
        return;
    if (word == W_var) {
        declare_list(r, at + 1);
    } else if (word == W_function) {
        bool named = at + 1 < r->code->n_tokens && r->code->tokens[at + 1].kind == ASP_NAME;
        if (named)
            declare(r, at + 1);
        declare_parameters(r, at + 1 + named);
    } else if (word == W_catch) {
        declare_parameters(r, at + 1);
    } else if (reach_is_op(r, at + 1, '=')) {
        declare(r, at);
        note_copy(r, at);
    } else if (reach_is_op(r, at + 1, ASP_OP_SET) || reach_is_op(r, at + 1, ASP_OP_PLUS_SET) ||
               reach_word(r, at + 1) == W_in) {
        own_of(r, at)->bits |= OWN_DECLARED | OWN_ALTERED;
    }
}

/* --- what it uses ------------------------------------------------------------------------------ */

static bool is_between(enum asp_word word)
{
    return word == W_and || word == W_or || word == W_is || word == W_mod || word == W_xor ||
           word == W_in || word == W_to || word == W_then;
}

/* Whether a name is used as only what is declared somewhere can be: it is called, or a member of
 * it is named. */
static bool is_used(const struct reach *r, size_t at)
{
    enum asp_word before = at ? reach_word(r, at - 1) : W_NONE;
    const struct asp_token *next = &r->code->tokens[at + 1];
    if (is_member(r, at) || before == W_function || before == W_sub || before == W_class ||
        before == W_property || before == W_goto)
        return false;
    if (reach_is_op(r, at + 1, '.') || reach_is_op(r, at + 1, '('))
        return true;
    if (r->code->tokens[at].lang != ASP_VB)
        return before == W_new;
    if (before == W_call || before == W_new)
        return true;
    return starts(r, at) &&
           (next->kind <= ASP_NEWLINE || next->kind == ASP_STRING || next->kind == ASP_NUMBER ||
            (next->kind == ASP_NAME && !is_between(reach_word(r, at + 1))));
}

static bool is_script(const struct asp_token *t)
{
    return t->kind == ASP_NAME && (t->lang == ASP_VB || t->lang == ASP_JSCRIPT);
}

static void look_at(struct reach *r, size_t at)
{
    const struct asp_token *t = &r->code->tokens[at];
    enum asp_word word = reach_word(r, at);
    note_item(r, at);
    bool runs = (word == W_eval || word == W_execute || word == W_executeglobal ||
                 word == W_functionconstructor) &&
                !is_member(r, at);
    if (runs && !r->runs_text)
        r->first_run = at;
    r->runs_text |= runs;
    r->resumes |= word == W_resume && reach_word(r, at + 1) == W_next;
    r->resumes |= word == W_try && t->lang == ASP_JSCRIPT;
    r->flushes |= word == W_flush ||
                  (reach_is_name(r, at, STR("buffer")) && reach_word(r, at + 2) != W_true);
    if (t->lang == ASP_VB)
        declare_vb(r, at);
    else
        declare_js(r, at);
}

static void init_names(struct reach *r)
{
    size_t items = 0;
    for (size_t i = 0; i < r->code->n_tokens; i++)
        items += reach_word(r, i) == W_session || reach_word(r, i) == W_application;
    r->n_names = r->code->n_names + items;
    r->names = ARENA_ARRAY(r->code->arena, struct own_name, r->n_names + 1);
    for (size_t i = 0; i < r->n_names; i++)
        r->names[i] = (struct own_name){.copied = REACH_NONE, .procedure = REACH_NONE};
}

static bool is_declared(const struct reach *r, struct str name)
{
    uint32_t number = asp_find_name(r->code, name);
    return number < r->n_names && (r->names[number].bits & OWN_DECLARED);
}

bool own_find(struct reach *r, const struct asp_page *page)
{
    bool found = false;
    for (size_t i = 0; i < page->n_controls; i++)
        (void)asp_name(r->code, page->controls[i].id);
    init_names(r);
    for (size_t i = 0; i < page->n_parts; i++) /* what was encoded may have lost characters */
        r->resumes |= page->parts[i].encoded;
    for (size_t i = 0; i < page->n_controls; i++)
        r->names[asp_name(r->code, page->controls[i].id)].bits |= OWN_DECLARED;
    for (size_t i = 0; i + 1 < r->code->n_tokens; i++)
        if (is_script(&r->code->tokens[i]))
            look_at(r, i);
    r->sets_any |= r->runs_text;
    for (size_t i = 0; i < r->n_names && !r->sets_any; i++)
        found |= (r->names[i].bits & OWN_READ) && !(r->names[i].bits & OWN_SET);
    size_t to = !r->runs_text ? r->code->n_tokens - 1 : r->resumes ? 0 : r->first_run;
    for (size_t i = 0; i < to; i++)
        if (is_script(&r->code->tokens[i]) && is_used(r, i) && own_is_undeclared(r, i)) {
            r->code->tokens[i].marks |= ASP_MARK_FOREIGN;
            found = true;
        }
    r->lost |= is_declared(r, STR("response")) || is_declared(r, STR("server")) ||
               is_declared(r, STR("session"));
    return found;
}
