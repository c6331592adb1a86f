#include "format/asp_value.h"

enum {
    PASSES = 3,           /* over a page: what is made below may be used above */
    DEPTH = 100,          /* expressions and blocks inside each other */
    PARAMETERS = 12,      /* of a function that are followed */
    SCOPES = 32,          /* functions inside functions */
    WITHS = 16,           /* With ... End With */
    EVALS = 4,            /* script inside script */
    EVAL_BYTES = 1 << 20, /* of such a script */
    EVAL_TOTAL = 64,      /* such scripts */
    STEPS = 40 << 20,     /* tokens looked at, in all passes: a few seconds at most */
    PASSWORD_BYTES = 128,
    GENERIC = 32, /* tokens of "<A, B<C>>" */
    GLOBAL = -1,
    NONE = UINT32_MAX,
};

struct variable {
    uint32_t name;
    int32_t function; /* GLOBAL, or where it is declared */
    int32_t next;     /* of the same name */
    bool set;         /* in this pass */
    struct asp_value value;
};

struct function {
    size_t at, from, to; /* its name, its body */
    uint32_t name;
    int32_t next; /* of the same name */
    uint32_t parameters[PARAMETERS];
    uint8_t objects[PARAMETERS];
    size_t n_parameters;
    struct asp_value result;
    bool called;
    bool web; /* requests call it */
};

struct per_name {
    int32_t variable, function;
};

struct asp_flow {
    struct asp_code *code;
    struct asp_findings *f;
    struct asp_budget budget;
    struct variable *vars;
    size_t n_vars, cap_vars;
    struct function *functions;
    size_t n_functions, cap_functions;
    struct per_name *names;
    size_t n_names, cap_names;
    uint32_t *match; /* the bracket that closes each one */
    size_t n_match;

    size_t at, end;
    int32_t scope[SCOPES];
    size_t scope_end[SCOPES];
    size_t n_scopes;
    struct asp_value with[WITHS];
    size_t n_with;
    unsigned depth, evals;
    size_t evals_done;
    size_t steps;
    size_t changed; /* variables that got new flags in this pass */

    struct asp_call last; /* the last call, for VB's arguments without brackets */
    struct asp_value last_arguments[ASP_ARGUMENTS];
    bool has_last;
};

static struct asp_value expression(struct asp_flow *w, int level);
static void statement(struct asp_flow *w);

/* --- tokens -------------------------------------------------------------------------------- */

static const struct asp_token END = {.p = "", .kind = ASP_END};

static const struct asp_token *token(const struct asp_flow *w, size_t ahead)
{
    return w->at + ahead < w->end ? &w->code->tokens[w->at + ahead] : &END;
}

static enum asp_word word_at(const struct asp_flow *w, size_t ahead)
{
    const struct asp_token *t = token(w, ahead);
    return t->kind == ASP_NAME ? (enum asp_word)w->code->names[t->name].word : W_NONE;
}

static bool is_op(const struct asp_token *t, unsigned op)
{
    return t->kind == ASP_OPERATOR && t->op == op;
}

static bool take_op(struct asp_flow *w, unsigned op)
{
    if (!is_op(token(w, 0), op))
        return false;
    w->at++;
    return true;
}

static bool is_vb(const struct asp_flow *w)
{
    return token(w, 0)->lang == ASP_VB;
}

/* --- names --------------------------------------------------------------------------------- */

static struct per_name *per_name(struct asp_flow *w, uint32_t name)
{
    while (w->n_names <= name) {
        w->names =
            arena_grow(w->budget.arena, w->names, w->n_names, &w->cap_names, sizeof *w->names);
        w->names[w->n_names++] = (struct per_name){-1, -1};
    }
    return &w->names[name];
}

static int32_t current_function(const struct asp_flow *w)
{
    return w->n_scopes ? w->scope[w->n_scopes - 1] : GLOBAL;
}

/* The variable that a name means here; -1 if it is none yet. */
static int32_t find_variable(struct asp_flow *w, uint32_t name)
{
    int32_t function = current_function(w);
    int32_t global = -1;
    for (int32_t i = per_name(w, name)->variable; i >= 0; i = w->vars[i].next) {
        if (w->vars[i].function == function)
            return i;
        if (w->vars[i].function == GLOBAL)
            global = i;
    }
    return global;
}

static int32_t add_variable(struct asp_flow *w, uint32_t name, int32_t function)
{
    struct per_name *p = per_name(w, name);
    for (int32_t i = p->variable; i >= 0; i = w->vars[i].next)
        if (w->vars[i].function == function)
            return i;
    w->vars = arena_grow(w->budget.arena, w->vars, w->n_vars, &w->cap_vars, sizeof *w->vars);
    int32_t number = (int32_t)w->n_vars++;
    w->vars[number] = (struct variable){
        .name = name, .function = function, .next = p->variable, .value = ASP_NOTHING};
    w->vars[number].value.var = number;
    w->vars[number].value.flags = V_UNSET;
    p->variable = number;
    return number;
}

static void add_flags(struct asp_flow *w, int32_t var, uint32_t flags, struct str key)
{
    if (var < 0)
        return;
    struct asp_value *v = &w->vars[var].value;
    if (flags & ~v->flags)
        w->changed++;
    if ((flags & V_REQ) && !(v->flags & V_REQ))
        v->key = key;
    if (flags & (V_REQ | V_FILE | V_UPLOAD))
        v->flags &= ~(uint32_t)(V_KNOWN | V_NUMBER);
    v->flags |= flags;
}

/* What a variable held of the request it keeps: which branch ran is not known. */
static void set_variable(struct asp_flow *w, int32_t var, struct asp_value value)
{
    if (var < 0)
        return;
    struct asp_value *v = &w->vars[var].value;
    uint32_t before = v->flags;
    uint32_t kept = v->flags & ~(uint32_t)(V_KNOWN | V_NUMBER | V_LONG | V_UNSET);
    if (value.flags & V_REQ)
        kept &= ~(uint32_t)(V_LEAD | V_MAPPED);
    if (value.flags & V_P_REQ)
        kept &= ~(uint32_t)(V_P_LEAD | V_P_MAPPED);
    struct str key = (value.flags & V_REQ) ? value.key : v->key;
    uint16_t object = value.object ? value.object : v->object;
    int32_t function = value.function;
    *v = value;
    v->flags = (v->flags & ~(uint32_t)V_UNSET) | kept;
    v->key = key;
    v->object = object;
    v->function = function;
    v->var = var;
    w->vars[var].set = true;
    if (v->flags & ~before)
        w->changed++;
}

/* --- functions of the page -------------------------------------------------------------------- */

static void match_brackets(struct asp_flow *w)
{
    size_t n = w->code->n_tokens;
    uint32_t *open = ARENA_ARRAY(w->budget.arena, uint32_t, n + 1);
    size_t depth = 0;
    w->match = ARENA_ARRAY(w->budget.arena, uint32_t, n + 1);
    w->n_match = n;
    for (size_t i = 0; i < n; i++) {
        const struct asp_token *t = &w->code->tokens[i];
        w->match[i] = NONE;
        if (t->kind != ASP_OPERATOR)
            continue;
        if (t->op == '(' || t->op == '[' || t->op == '{')
            open[depth++] = (uint32_t)i;
        else if ((t->op == ')' || t->op == ']' || t->op == '}') && depth)
            w->match[open[--depth]] = (uint32_t)i;
    }
}

static enum asp_word word_of(const struct asp_flow *w, size_t at)
{
    const struct asp_token *t = &w->code->tokens[at];
    return t->kind == ASP_NAME ? (enum asp_word)w->code->names[t->name].word : W_NONE;
}

/* Parameters between the brackets: the last name of each, or in VB the one before "As". */
static void read_parameters(struct asp_flow *w, struct function *fn, size_t from, size_t to)
{
    uint32_t name = NONE;
    uint8_t object = 0;
    bool done = false;
    for (size_t i = from; i <= to; i++) {
        const struct asp_token *t = &w->code->tokens[i];
        enum asp_word word = word_of(w, i);
        if (i == to || is_op(t, ',')) {
            if (name != NONE && fn->n_parameters < PARAMETERS) {
                fn->objects[fn->n_parameters] = object;
                fn->parameters[fn->n_parameters++] = name;
            }
            name = NONE;
            object = 0;
            done = false;
        } else if (is_op(t, '=') || word == W_as) {
            done = true;
        } else if (t->kind == ASP_NAME && word != W_byval && word != W_byref) {
            object = asp_object_of_word(word) && object == 0 ? (uint8_t)asp_object_of_word(word)
                                                             : object;
            name = done ? name : t->name;
        }
    }
}

/* Whether what calls it is a request: "[WebMethod] public string F(string a)". */
static bool is_web_method(const struct asp_flow *w, size_t at)
{
    for (size_t i = at; i > 0 && at - i < GENERIC; i--) {
        const struct asp_token *t = &w->code->tokens[i - 1];
        enum asp_word word = word_of(w, i - 1);
        if (t->kind <= ASP_NEWLINE || is_op(t, '{') || is_op(t, '}'))
            return false;
        if (word == W_webmethod || word == W_operationcontract || word == W_webinvoke ||
            word == W_webget || word == W_operationcontractattribute)
            return true;
    }
    return false;
}

static void add_function(struct asp_flow *w, struct function fn)
{
    struct per_name *p = per_name(w, fn.name);
    w->functions = arena_grow(w->budget.arena, w->functions, w->n_functions, &w->cap_functions,
                              sizeof *w->functions);
    fn.next = p->function;
    fn.web = is_web_method(w, fn.at);
    fn.result = ASP_NOTHING;
    p->function = (int32_t)w->n_functions;
    w->functions[w->n_functions++] = fn;
}

static bool is_word_before(enum asp_word word)
{
    return word == W_new || word == W_return || word == W_else || word == W_throw ||
           word == W_await || word == W_case || word == W_in;
}

static bool is_control(enum asp_word word)
{
    return word == W_if || word == W_for || word == W_foreach || word == W_while ||
           word == W_switch || word == W_catch || word == W_using || word == W_lock ||
           word == W_fixed || word == W_function || word == W_new || word == W_typeof ||
           word == W_return || word == W_delegate;
}

/* "type Name(...) {", "function name(...) {". */
static void find_c_function(struct asp_flow *w, size_t i)
{
    const struct asp_token *t = &w->code->tokens[i];
    if (i == 0 || is_control(word_of(w, i)))
        return;
    const struct asp_token *before = t - 1;
    bool typed = (before->kind == ASP_NAME && !is_word_before(word_of(w, i - 1))) ||
                 is_op(before, ']') || is_op(before, '>');
    uint32_t close = w->match[i + 1];
    if (!typed || close == NONE || close + 1 >= w->n_match)
        return;
    size_t open = close + 1;
    while (open < w->n_match && open < close + GENERIC && !is_op(&w->code->tokens[open], '{') &&
           (w->code->tokens[open].kind == ASP_NAME || is_op(&w->code->tokens[open], ':')))
        open++;
    if (!is_op(&w->code->tokens[open], '{') || w->match[open] == NONE)
        return;
    struct function fn = {.at = i, .from = open + 1, .to = w->match[open], .name = t->name};
    read_parameters(w, &fn, i + 2, close);
    add_function(w, fn);
}

/* "Function Name(...)" to "End Function". */
static void find_vb_function(struct asp_flow *w, size_t i)
{
    enum asp_word kind = word_of(w, i);
    enum asp_word before = i ? word_of(w, i - 1) : W_NONE;
    if (before == W_end || before == W_exit || before == W_declare || i + 1 >= w->n_match ||
        w->code->tokens[i + 1].kind != ASP_NAME)
        return;
    struct function fn = {.at = i + 1, .name = w->code->tokens[i + 1].name, .from = i + 2};
    if (i + 2 < w->n_match && is_op(&w->code->tokens[i + 2], '(') && w->match[i + 2] != NONE) {
        read_parameters(w, &fn, i + 3, w->match[i + 2]);
        fn.from = w->match[i + 2] + 1;
    }
    for (fn.to = fn.from; fn.to + 1 < w->n_match; fn.to++) {
        enum asp_word word = word_of(w, fn.to);
        if (word == W_end && word_of(w, fn.to + 1) == kind)
            break;
    }
    add_function(w, fn);
}

static void find_functions(struct asp_flow *w)
{
    size_t vb_until = 0;
    for (size_t i = 0; i + 1 < w->n_match; i++) {
        const struct asp_token *t = &w->code->tokens[i];
        if (t->kind != ASP_NAME)
            continue;
        enum asp_word word = word_of(w, i);
        if (t->lang == ASP_VB && i >= vb_until && (word == W_function || word == W_sub)) {
            size_t n = w->n_functions;
            find_vb_function(w, i);
            if (w->n_functions > n)
                vb_until = w->functions[n].to;
        } else if (t->lang != ASP_VB && is_op(t + 1, '('))
            find_c_function(w, i);
    }
}

/* --- sources ------------------------------------------------------------------------------- */

static struct asp_value from_request(struct str key)
{
    struct asp_value v = ASP_NOTHING;
    v.flags = V_REQ;
    v.key = key;
    return v;
}

static bool is_password(struct str key)
{
    return str_ifind(key, STR("pass"), 0) != SIZE_MAX ||
           str_ifind(key, STR("pwd"), 0) != SIZE_MAX;
}

/* An item of the request: the name of which is `name`. */
static struct asp_value request_item(struct asp_flow *w, const struct asp_value *name)
{
    struct str key = STR("");
    (void)asp_text_of(&w->budget, name, &key);
    struct asp_value v = from_request(str_part(key, 0, PASSWORD_BYTES));
    v.flags |= is_password(key) ? V_SECRET : 0;
    return v;
}

/* Variables of the server: those that a client decides. */
static struct asp_value server_variable(struct asp_flow *w, const struct asp_value *name)
{
    struct str key;
    if (!asp_text_of(&w->budget, name, &key))
        return from_request(STR(""));
    if (str_istarts(key, STR("http_")) && !str_ieq(key, STR("http_host")) &&
        !str_ieq(key, STR("http_referer")) && !str_ieq(key, STR("http_x_forwarded_for")) &&
        !str_ieq(key, STR("http_user_agent")))
        return from_request(key);
    if (str_ieq(key, STR("query_string")))
        return from_request(STR(""));
    return ASP_NOTHING;
}

/* "Request.x" */
static struct asp_value request_member(enum asp_word word)
{
    struct asp_value v = from_request(STR(""));
    v.word = (uint16_t)word;
    switch ((int)word) {
    case W_form:
    case W_querystring:
    case W_params:
    case W_headers:
    case W_cookies:
    case W_item:
    case W_get:
    case W_getvalues:
    case W_unvalidated:
        v.object = K_ITEMS;
        return v;
    case W_servervariables:
        v.object = K_ITEMS;
        return v;
    case W_files:
        v.object = K_FILES;
        v.flags |= V_UPLOAD;
        return v;
    case W_inputstream:
    case W_getbufferedinputstream:
    case W_body:
        v.flags |= V_UPLOAD;
        v.object = K_READER;
        return v;
    case W_binaryread:
        v.object = K_REQUEST;
        v.flags = 0;
        return v;
    case W_rawurl:
    case W_url:
    case W_useragent:
    case W_pathinfo:
    case W_urlreferrer:
        v.flags |= V_LEAD;
        return v;
    case W_mappath:
        v = ASP_NOTHING;
        v.word = W_mappath;
        v.object = K_SERVER;
        return v;
    case W_saveas:
        v.object = K_REQUEST;
        return v;
    default:
        return ASP_NOTHING;
    }
}

static struct asp_value posted_member(const struct asp_value *base, enum asp_word word)
{
    struct asp_value v = *base;
    v.word = (uint16_t)word;
    switch ((int)word) {
    case W_filename:
    case W_name:
        v.object = K_NONE;
        v.flags = V_REQ | V_CLIENT;
        return v;
    case W_saveas:
    case W_save:
    case W_postedfile:
    case W_get:
        v.object = K_POSTED;
        return v;
    case W_inputstream:
    case W_filebytes:
    case W_filecontent:
        v.object = K_READER;
        v.flags = V_REQ | V_UPLOAD;
        return v;
    default:
        return ASP_NOTHING;
    }
}

static struct asp_value control_member(const struct asp_value *base, enum asp_word word)
{
    struct asp_value v = *base;
    v.word = (uint16_t)word;
    switch ((int)word) {
    case W_text:
    case W_value:
    case W_selectedvalue:
    case W_selecteditem:
    case W_innertext:
        v.object = word == W_selecteditem ? K_CONTROL : K_NONE;
        v.flags = V_REQ;
        v.flags |= is_password(v.key) ? V_SECRET : 0;
        return v;
    case W_postedfile:
        v.object = K_POSTED;
        return v;
    default:
        return ASP_NOTHING;
    }
}

/* "base[index]", "base(index)" of things that are looked into. False if base is none. */
static bool look_up(struct asp_flow *w, const struct asp_value *base,
                    const struct asp_value *index, struct asp_value *ret)
{
    struct str key;
    switch (base->object) {
    case K_REQUEST:
        *ret = request_item(w, index);
        return true;
    case K_ITEMS:
        *ret = base->word == W_servervariables ? server_variable(w, index)
                                               : request_item(w, index);
        return true;
    case K_FILES:
        *ret = *base;
        ret->object = K_POSTED;
        return true;
    case K_SESSION:
        *ret = ASP_NOTHING;
        if (asp_text_of(&w->budget, index, &key)) {
            struct str name = arena_printf(w->budget.arena, "session:%.*s",
                                           STR_ARG(str_part(key, 0, PASSWORD_BYTES)));
            int32_t var = add_variable(w, asp_name(w->code, name), GLOBAL);
            *ret = w->vars[var].value;
        }
        return true;
    default:
        return false;
    }
}

/* --- calls ----------------------------------------------------------------------------------- */

static struct asp_value run_text(struct asp_flow *w, struct str text, enum asp_lang lang);

/* Calls a function of the page: its parameters get the values. */
static struct asp_value call_function(struct asp_flow *w, int32_t number,
                                      const struct asp_call *call)
{
    struct asp_value result = ASP_NOTHING;
    bool constant = call->n > 0;
    for (size_t i = 0; i < call->n; i++)
        constant &= (call->arguments[i].flags & (V_KNOWN | V_NUMBER | V_HIDDEN)) != 0;
    for (int32_t k = number; k >= 0; k = w->functions[k].next) {
        struct function *fn = &w->functions[k];
        fn->called = true;
        for (size_t i = 0; i < call->n && i < fn->n_parameters; i++) {
            int32_t var = add_variable(w, fn->parameters[i], k);
            struct variable *v = &w->vars[var];
            struct asp_value value = call->arguments[i];
            bool same = (value.flags & V_KNOWN) && (v->value.flags & V_KNOWN) &&
                        str_eq(value.text, v->value.text);
            if (v->set && !same) { /* called with other constants too */
                value.flags |= value.flags & V_KNOWN ? V_HIDDEN : 0;
                value.flags &= ~(uint32_t)(V_KNOWN | V_NUMBER);
            }
            set_variable(w, var, value);
        }
        struct asp_value out = fn->result;
        result = k == number ? out : asp_union(&result, &out);
    }
    if (!(result.flags & (V_KNOWN | V_NUMBER)) && constant && !(result.flags & V_REQ)) {
        struct asp_value all = ASP_NOTHING;
        for (size_t i = 0; i < call->n; i++)
            all = asp_union(&all, &call->arguments[i]);
        result.flags |= V_HIDDEN | (all.flags & V_LONG);
    }
    result.var = -1;
    return result;
}

/* A comparison of the request's data with a constant: a password. */
static void note_password(struct asp_flow *w, const struct asp_value *a,
                          const struct asp_value *b)
{
    const struct asp_value *req = a->flags & V_REQ ? a : b;
    const struct asp_value *constant = a->flags & V_REQ ? b : a;
    if (!(req->flags & V_REQ) || !(constant->flags & V_KNOWN) || constant->text.n == 0 ||
        constant->text.n > PASSWORD_BYTES)
        return;
    bool secret = (req->flags & V_SECRET) || is_password(req->key) || constant->text.n >= 32;
    if (secret && !w->f->secret.n)
        w->f->secret = constant->text;
    if (!w->f->password.n)
        w->f->password = constant->text;
}

static bool mutates_arguments(enum asp_word word)
{
    return word == W_read || word == W_copyto || word == W_blockcopy || word == W_copy ||
           word == W_readblock || word == W_receive || word == W_transformblock ||
           word == W_getbytes || word == W_readasync || word == W_base64tostream;
}

static uint32_t flowing(uint32_t flags)
{
    return flags &
           (V_REQ | V_FILE | V_HIDDEN | V_LONG | V_UPLOAD | V_SECRET | V_CODE | V_CLIENT);
}

/* What a call that is not known does: what goes in comes out, and stays in its object. */
static struct asp_value unknown_call(struct asp_flow *w, const struct asp_call *call)
{
    struct asp_value all = ASP_NOTHING;
    bool constant = false;
    for (size_t i = 0; i < call->n; i++) {
        constant |= (call->arguments[i].flags & V_KNOWN) != 0;
        all = asp_union(&all, &call->arguments[i]);
    }
    if (!call->bare && flowing(all.flags))
        add_flags(w, call->base.var, flowing(all.flags), all.key);
    struct asp_value out = all;
    if (!call->bare)
        out = asp_union(&call->base, &all);
    if (mutates_arguments(call->word))
        for (size_t i = 0; i < call->n; i++)
            add_flags(w, call->arguments[i].var, flowing(out.flags), out.key);
    if (call->is_new)
        out.object = (uint16_t)asp_object_of_word(call->word);
    else if (!call->bare && call->base.object == K_PSHELL)
        out.object = K_PSHELL;
    else if (!call->bare && (call->base.object == K_ASSEMBLY || call->base.object == K_TYPE) &&
             call->word != W_tostring)
        out.object = call->word == W_getmethod ? K_METHOD : call->base.object;
    if (!call->bare && call->word == W_getmethod && call->n) {
        struct str method;
        out.object = K_METHOD;
        if (asp_text_of(&w->budget, &call->arguments[0], &method) && method.n < 64) {
            uint32_t number = asp_name(w->code, method);
            out.number = (int64_t)call->base.object << 16 | w->code->names[number].word;
        }
    }
    (void)constant;
    return out;
}

static struct asp_value reader_call(struct asp_flow *w, const struct asp_call *call);

static struct asp_value do_call(struct asp_flow *w, const struct asp_call *call, uint32_t name)
{
    struct asp_value out = ASP_NOTHING;
    uint32_t base_flags = 0;
    w->last = *call;
    memcpy(w->last_arguments, call->arguments, call->n * sizeof *call->arguments);
    w->last.arguments = w->last_arguments;
    w->has_last = true;
    if (call->word == W_equals && call->n == 1)
        note_password(w, &call->base, &call->arguments[0]);
    if (call->word == W_NONE || call->bare) {
        int32_t fn = name == NONE ? -1 : per_name(w, name)->function;
        if (fn >= 0 && !call->is_new)
            return call_function(w, fn, call);
    } else if (!call->is_new && name != NONE && call->base.object == K_NONE &&
               per_name(w, name)->function >= 0 && !(call->base.flags & V_CLASS)) {
        return call_function(w, per_name(w, name)->function, call);
    }
    if (call->n == 1 && !call->bare && !call->is_new &&
        look_up(w, &call->base, &call->arguments[0], &out) &&
        (call->word == W_get || call->word == W_getvalues || call->word == W_item))
        return out;
    if (call->word != W_NONE && asp_fold(&w->budget, call, &out))
        return out;
    if (call->word != W_NONE && asp_act(w->f, &w->budget, call, &out, &base_flags)) {
        add_flags(w, call->base.var, base_flags, call->n ? call->arguments[0].key : STR(""));
        const struct asp_value *code = call->n ? &call->arguments[0] : NULL;
        bool runs = call->word == W_eval || call->word == W_execute ||
                    call->word == W_executeglobal || call->word == W_executestatement ||
                    call->word == W_addcode;
        if (runs && code && (code->flags & V_KNOWN) && call->base.object != K_ADOCONN)
            out = run_text(w, code->text, (enum asp_lang)call->at->lang);
        return out;
    }
    return reader_call(w, call);
}

/* Readers give what they read of. */
static struct asp_value reader_call(struct asp_flow *w, const struct asp_call *call)
{
    struct asp_value out = unknown_call(w, call);
    if (!call->bare && (call->base.object == K_READER || call->base.object == K_TEXTFILE ||
                        call->base.object == K_STREAM))
        out.flags &= ~(uint32_t)(V_P_REQ | V_P_LEAD | V_P_MAPPED);
    return out;
}

/* --- operands ---------------------------------------------------------------------------------- */

/* Arguments up to the closing bracket, which is taken. */
static size_t arguments(struct asp_flow *w, unsigned close, struct asp_value *ret)
{
    size_t n = 0;
    while (w->at < w->end && !is_op(token(w, 0), close)) {
        const struct asp_token *t = token(w, 0);
        if (t->kind == ASP_END)
            break;
        if (t->kind == ASP_NEWLINE || is_op(t, ',')) {
            w->at++;
            continue;
        }
        if (is_op(t, ')') || is_op(t, ']') || is_op(t, '}'))
            break;
        size_t before = w->at;
        struct asp_value v = expression(w, 0);
        if (w->at == before)
            w->at++;
        if (n < ASP_ARGUMENTS)
            ret[n++] = v;
        else
            ret[n - 1] = asp_union(&ret[n - 1], &v);
    }
    take_op(w, close);
    return n;
}

static struct asp_value union_all(const struct asp_value *a, size_t n)
{
    struct asp_value all = ASP_NOTHING;
    for (size_t i = 0; i < n; i++)
        all = asp_union(&all, &a[i]);
    return all;
}

/* "{a, b}" of constants is a known array. */
static struct asp_value array_of(struct asp_flow *w, const struct asp_value *a, size_t n)
{
    struct asp_value all = union_all(a, n);
    struct asp_value known = asp_known(STR(""));
    struct asp_value between = asp_known(STR("\1"));
    for (size_t i = 0; i < n; i++) {
        struct str text;
        if (n == ASP_ARGUMENTS || !asp_text_of(&w->budget, &a[i], &text))
            return all;
        if (i)
            known = asp_concat(&w->budget, &known, &between);
        known = asp_concat(&w->budget, &known, &a[i]);
    }
    if (n == 0)
        return all;
    known.object = K_ARRAY;
    return known;
}

/* A long list of constants, as machine code or text is written. It stands before '}' or ')'. */
static bool constant_list(struct asp_flow *w, size_t close, struct asp_value *ret)
{
    size_t from = w->at;
    struct asp_value known = asp_known(STR(""));
    if (close == NONE || close >= w->end || close - from < 3 || close - from > (1U << 20))
        return false;
    for (size_t i = from; i < close; i++) {
        const struct asp_token *t = &w->code->tokens[i];
        if (t->kind != ASP_NUMBER && t->kind != ASP_STRING && t->kind != ASP_NEWLINE &&
            !is_op(t, ',') && !is_op(t, '-'))
            return false;
    }
    enum { FOLDED = 4096 };
    struct asp_value between = asp_known(STR("\1"));
    for (size_t i = from, n = 0; i < close && n < FOLDED; i++) {
        const struct asp_token *t = &w->code->tokens[i];
        if (t->kind != ASP_NUMBER && t->kind != ASP_STRING)
            continue;
        struct asp_value one = asp_known(t->kind == ASP_STRING ? asp_string(t, w->budget.arena)
                                                               : (struct str){t->p, t->n});
        if (n++)
            known = asp_concat(&w->budget, &known, &between);
        known = asp_concat(&w->budget, &known, &one);
    }
    known.object = K_ARRAY;
    w->at = close + 1;
    *ret = known;
    return true;
}

/* "{ ... }" where a value is due: a list, or a block of statements. */
static struct asp_value braces(struct asp_flow *w, bool list)
{
    size_t open = w->at++;
    size_t close = open < w->n_match ? w->match[open] : NONE;
    struct asp_value v;
    struct asp_value all = ASP_NOTHING;
    if (constant_list(w, close, &v))
        return v;
    if (w->depth >= DEPTH) {
        w->at = close < w->end ? close : w->end;
        return ASP_NOTHING;
    }
    w->depth++;
    while (w->at < w->end && token(w, 0)->kind != ASP_END && !is_op(token(w, 0), '}')) {
        size_t before = w->at;
        const struct asp_token *t = token(w, 0);
        bool keyed = (t->kind == ASP_STRING || t->kind == ASP_NAME) && is_op(token(w, 1), ':');
        if (keyed)
            w->at += 2;
        if (list || keyed || t->kind == ASP_STRING || t->kind == ASP_NUMBER) {
            uint16_t object = all.object;
            v = expression(w, 0);
            all = asp_union(&all, &v);
            all.object = v.object == K_EVAL ? v.object : object;
        } else {
            statement(w);
        }
        if (w->at == before)
            w->at++;
    }
    w->depth--;
    take_op(w, '}');
    return all;
}

static int64_t number_of(const struct asp_token *t, bool *ret_ok)
{
    struct asp_value v = asp_known((struct str){t->p, t->n});
    struct asp_value out;
    struct asp_budget none = {0};
    struct asp_call call = {.at = t, .bare = true, .word = W_cint, .arguments = &v, .n = 1};
    *ret_ok = asp_fold(&none, &call, &out) && (out.flags & V_NUMBER);
    return *ret_ok ? out.number : 0;
}

/* Whether "(...)" is a cast: a type, and behind it a value. */
static bool is_cast(const struct asp_flow *w, size_t open)
{
    size_t close = open < w->n_match ? w->match[open] : NONE;
    if (close == NONE || close + 1 >= w->end || close - open > GENERIC || close == open + 1)
        return false;
    for (size_t i = open + 1; i < close; i++) {
        const struct asp_token *t = &w->code->tokens[i];
        if (t->kind != ASP_NAME && !is_op(t, '.') && !is_op(t, '[') && !is_op(t, ']') &&
            !is_op(t, '<') && !is_op(t, '>') && !is_op(t, ','))
            return false;
    }
    const struct asp_token *next = &w->code->tokens[close + 1];
    if (next->kind == ASP_NAME) {
        enum asp_word word = (enum asp_word)w->code->names[next->name].word;
        return word != W_is && word != W_as && word != W_and && word != W_or && word != W_in;
    }
    return next->kind == ASP_STRING || next->kind == ASP_NUMBER || is_op(next, '(');
}

static struct asp_value parenthesis(struct asp_flow *w)
{
    struct asp_value a[ASP_ARGUMENTS];
    if (!is_vb(w) && is_cast(w, w->at)) {
        enum asp_word type = W_NONE;
        size_t close = w->match[w->at];
        for (size_t i = w->at + 1; i < close; i++)
            type = word_of(w, i) != W_NONE ? word_of(w, i) : type;
        w->at = close + 1;
        struct asp_value v = expression(w, 12);
        enum asp_object object = asp_object_of_word(type);
        if (object && object != K_STRINGCLASS && v.object == K_NONE)
            v.object = (uint16_t)object;
        if (type == W_char) {
            struct asp_call call = {
                .at = token(w, 0), .bare = true, .word = W_chr, .arguments = &v, .n = 1};
            struct asp_value c;
            if (asp_fold(&w->budget, &call, &c))
                return c;
        }
        return v;
    }
    w->at++;
    size_t n = arguments(w, ')', a);
    if (n == 1) {
        return a[0];
    }
    return union_all(a, n);
}

static bool is_generic(const struct asp_flow *w, size_t *ret_to)
{
    size_t depth = 0;
    for (size_t i = 0; i < GENERIC; i++) {
        const struct asp_token *t = token(w, i);
        if (is_op(t, '<'))
            depth++;
        else if (is_op(t, '>') && --depth == 0) {
            const struct asp_token *next = token(w, i + 1);
            *ret_to = i + 1;
            return next->kind == ASP_NAME || is_op(next, '(') || is_op(next, '.') ||
                   is_op(next, ')') || is_op(next, '[') || is_op(next, '{') ||
                   is_op(next, ',') || is_op(next, '>');
        } else if (t->kind != ASP_NAME && !is_op(t, ',') && !is_op(t, '.') && !is_op(t, '[') &&
                   !is_op(t, ']') && !is_op(t, '?'))
            return false;
    }
    return false;
}

/* A name that stands alone. */
static struct asp_value bare_name(struct asp_flow *w, uint32_t name, enum asp_word word)
{
    int32_t var = find_variable(w, name);
    struct asp_value v = ASP_NOTHING;
    if (var >= 0) {
        v = w->vars[var].value;
        v.word = v.function >= 0 || v.object == K_EVAL ? v.word : (uint16_t)0;
        v.var = var;
        if (v.object == K_EVAL)
            v.word = W_eval;
        return v;
    }
    v.word = (uint16_t)word;
    v.object = (uint16_t)asp_object_of_word(word);
    v.flags = v.object ? V_CLASS : V_UNSET;
    v.flags |= v.object == K_REQUEST ? (uint32_t)V_REQ : 0;
    v.function = per_name(w, name)->function;
    if (word == W_vbcrlf || word == W_vbnewline)
        return asp_known(STR("\r\n"));
    if (word == W_null || word == W_nothing || word == W_true || word == W_false)
        v.flags |= 0;
    if (word == W_querystring || word == W_form)
        v.object = K_NONE;
    return v;
}

static struct asp_value member(struct asp_flow *w, const struct asp_value *base, uint32_t name,
                               enum asp_word word)
{
    struct asp_value v;
    switch (base->object) {
    case K_REQUEST:
        return request_member(word);
    case K_ITEMS:
        if (word == W_get || word == W_getvalues || word == W_item || word == W_value ||
            word == W_tostring) {
            v = *base;
            v.object = K_ITEMS;
            if (word == W_item || word == W_get || word == W_getvalues)
                v.word = base->word == W_servervariables ? W_servervariables : W_item;
            else
                v.word = (uint16_t)word;
            return v;
        }
        v = *base;
        v.object = K_NONE;
        v.word = (uint16_t)word;
        return word == W_count ? ASP_NOTHING : v;
    case K_FILES:
    case K_POSTED:
        v = posted_member(base, word);
        if (base->object == K_FILES && word == W_get)
            v.object = K_FILES;
        return v;
    case K_CONTROL:
        return control_member(base, word);
    default:
        break;
    }
    if (asp_object_of_word(word) && !(base->flags & V_REQ) && base->object != K_ADOCMD &&
        base->var < 0 &&
        (base->object == K_NONE || base->object == K_CONTEXT || base->object == K_APPDOMAIN ||
         base->object == K_SESSION || base->object == K_REGISTRY)) {
        v = ASP_NOTHING; /* System.IO.File, context.Request */
        v.object = (uint16_t)asp_object_of_word(word);
        v.flags = V_CLASS;
        v.flags |= v.object == K_REQUEST ? (uint32_t)V_REQ : 0;
        v.word = (uint16_t)word;
        return v;
    }
    if ((word == W_request || word == W_response || word == W_session || word == W_server) &&
        !(base->flags & V_REQ)) {
        v = ASP_NOTHING;
        v.object = (uint16_t)asp_object_of_word(word);
        v.flags = V_CLASS;
        return v;
    }
    v = *base;
    v.word = (uint16_t)word;
    v.text = STR("");
    if (word == W_length || word == W_count) {
        struct asp_call call = {.at = token(w, 0), .base = *base, .word = W_length};
        struct asp_value out;
        if (asp_fold(&w->budget, &call, &out))
            return out;
        return ASP_NOTHING;
    }
    if (!(base->flags & (V_REQ | V_FILE | V_HIDDEN | V_LONG | V_UPLOAD | V_P_REQ)) &&
        base->object == K_NONE)
        v.flags = base->flags & V_KNOWN;
    if (base->object == K_FOLDER && (word == W_files || word == W_subfolders))
        v.flags |= 0;
    v.function = base->object == K_NONE ? per_name(w, name)->function : -1;
    if (base->object == K_NONE && base->var < 0 && !(base->flags & (V_REQ | V_KNOWN))) {
        int32_t var = find_variable(w, name); /* this.field */
        if (var >= 0)
            v = w->vars[var].value;
    }
    v.var = base->var >= 0 ? base->var : v.var;
    return v;
}

/* The page's object for "x.Files" where a folder is listed by its members. */
static void note_listing(struct asp_flow *w, const struct asp_value *base, enum asp_word word,
                         const struct asp_token *at)
{
    if (base->object == K_FOLDER &&
        (word == W_files || word == W_subfolders || word == W_items)) {
        struct asp_value out;
        uint32_t flags;
        struct asp_call call = {.at = at, .base = *base, .word = W_getfiles};
        (void)asp_act(w->f, &w->budget, &call, &out, &flags);
    } else if (base->object == K_FSO && word == W_drives) {
        asp_tell(w->f, ASP_BROWSE, ASP_WEAK, "lists drives", base, at);
    }
}

/* An element of a known array. */
static bool element(struct asp_flow *w, const struct asp_value *base,
                    const struct asp_value *index, struct asp_value *ret)
{
    struct str text;
    if (base->object != K_ARRAY || !(base->flags & V_KNOWN) ||
        !asp_text_of(&w->budget, index, &text) || text.n == 0 || text.n > 6)
        return false;
    size_t wanted = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        wanted = wanted * 10 + (size_t)(text.p[i] - '0');
    }
    size_t at = 0;
    while (wanted-- && at != SIZE_MAX) {
        at = str_find(base->text, STR("\1"), at);
        at += at != SIZE_MAX;
    }
    if (at == SIZE_MAX)
        return false;
    *ret = asp_known(str_part(base->text, at, str_find(base->text, STR("\1"), at)));
    return true;
}

static struct asp_value index_value(struct asp_flow *w, const struct asp_value *base,
                                    struct asp_value *a, size_t n, const struct asp_token *at)
{
    struct asp_value out;
    if (n == 0)
        return *base;
    if (look_up(w, base, &a[0], &out) || element(w, base, &a[0], &out))
        return out;
    struct str name;
    if (asp_text_of(&w->budget, &a[0], &name) && name.n && name.n < 64 &&
        !(base->flags & V_KNOWN) && (a[0].flags & V_KNOWN)) { /* this["eval"] */
        uint32_t number = asp_name(w->code, name);
        enum asp_word word = (enum asp_word)w->code->names[number].word;
        if (at->lang == ASP_JSCRIPT && word != W_NONE && word != W_item && word != W_value &&
            word != W_text) {
            out = *base;
            out.word = (uint16_t)word;
            return out;
        }
    }
    out = *base;
    out.flags &= ~(uint32_t)(V_KNOWN | V_NUMBER);
    out.text = STR("");
    if (base->flags & V_KNOWN)
        out.flags |= base->text.n >= 16 ? V_HIDDEN : 0;
    return out;
}

/* "(...)" behind a value: a call, or in VB an index. */
static struct asp_value call_value(struct asp_flow *w, const struct asp_value *base,
                                   const struct asp_value *callee, uint32_t name, bool bare,
                                   const struct asp_token *at)
{
    struct asp_value a[ASP_ARGUMENTS];
    w->at++;
    size_t n = arguments(w, ')', a);
    enum asp_word word = (enum asp_word)callee->word;
    if (callee->object == K_EVAL)
        word = W_eval;
    bool looks = callee->object == K_REQUEST || callee->object == K_ITEMS ||
                 callee->object == K_FILES || callee->object == K_SESSION;
    if (looks && n && !(callee->object == K_REQUEST && word == W_binaryread) &&
        !(callee->object == K_REQUEST && word == W_saveas))
        return index_value(w, callee, a, n, at);
    if (callee->var >= 0 && bare && word == W_NONE && callee->function < 0)
        return index_value(w, callee, a, n, at);
    if (bare && word == W_array && n) {
        return array_of(w, a, n);
    }
    struct asp_call call = {
        .at = at, .base = *base, .bare = bare, .word = word, .arguments = a, .n = n};
    if (callee->object == K_METHOD && word == W_NONE)
        call.word = W_invoke;
    return do_call(w, &call, name);
}

static struct asp_value new_value(struct asp_flow *w)
{
    const struct asp_token *at = token(w, 0);
    enum asp_word word = W_NONE;
    uint32_t name = NONE;
    struct asp_value a[ASP_ARGUMENTS];
    struct asp_value v = ASP_NOTHING;
    size_t n = 0;
    size_t to;
    while (token(w, 0)->kind == ASP_NAME) {
        word = word_at(w, 0);
        name = token(w, 0)->name;
        at = token(w, 0);
        w->at++;
        if (is_op(token(w, 0), '<') && is_generic(w, &to))
            w->at += to;
        if (!take_op(w, '.'))
            break;
    }
    bool array = false;
    while (is_op(token(w, 0), '[')) {
        array = true;
        w->at++;
        (void)arguments(w, ']', a);
    }
    if (is_op(token(w, 0), '(')) {
        w->at++;
        n = arguments(w, ')', a);
    }
    if (is_op(token(w, 0), '{') && !is_vb(w)) {
        struct asp_value init = braces(w, true);
        if (array || word == W_byte || word == W_string || word == W_char)
            return init;
        if (n < ASP_ARGUMENTS)
            a[n++] = init;
    }
    if (array)
        return ASP_NOTHING;
    if (word == W_textbox || word == W_hiddenfield) {
        v.object = K_CONTROL;
        return v;
    }
    struct asp_call call = {.at = at,
                            .base = ASP_NOTHING,
                            .bare = true,
                            .word = word,
                            .arguments = a,
                            .n = n,
                            .is_new = true};
    v = do_call(w, &call, name);
    if (v.object == K_NONE)
        v.object = (uint16_t)asp_object_of_word(word);
    v.word = 0;
    return v;
}

/* What stands behind a value: members, calls, indexes. */
static struct asp_value postfix(struct asp_flow *w, struct asp_value v, uint32_t name,
                                const struct asp_token *at)
{
    struct asp_value base = ASP_NOTHING;
    struct asp_value a[ASP_ARGUMENTS];
    bool bare = true;
    size_t to;
    for (;;) {
        const struct asp_token *t = token(w, 0);
        if (t->kind != ASP_OPERATOR)
            return v;
        bool dot = t->op == '.' || (t->op == '!' && is_vb(w) && token(w, 1)->kind == ASP_NAME);
        if (dot && token(w, 1)->kind == ASP_NAME) {
            at = token(w, 1);
            name = at->name;
            enum asp_word word = word_at(w, 1);
            w->at += 2;
            base = v;
            bare = false;
            if (t->op == '!') {
                struct asp_value key = asp_known((struct str){at->p, at->n});
                v = index_value(w, &base, &key, 1, at);
                continue;
            }
            note_listing(w, &base, word, at);
            v = member(w, &base, name, word);
            bool call_follows = is_op(token(w, 0), '(');
            if (!call_follows && word != W_NONE && (word == W_documentelement))
                continue;
            if (!call_follows && is_vb(w) &&
                (word == W_getfiles || word == W_readall || word == W_readtoend)) {
                struct asp_call call = {.at = at, .base = base, .word = word, .arguments = a};
                v = do_call(w, &call, name);
            }
        } else if (t->op == '(') {
            v = call_value(w, &base, &v, name, bare, at);
            bare = true;
            base = ASP_NOTHING;
            name = NONE;
        } else if (t->op == '[') {
            w->at++;
            size_t n = arguments(w, ']', a);
            struct asp_value was = v;
            v = index_value(w, &was, a, n, at);
            if (v.word && v.word != was.word && at->lang == ASP_JSCRIPT) {
                base = was;
                bare = was.object == K_NONE || v.word == W_eval;
                name = NONE;
            }
        } else if (t->op == '<' && !is_vb(w) && is_generic(w, &to)) {
            w->at += to;
        } else if (t->op == ASP_OP_STEP) {
            w->at++;
        } else {
            return v;
        }
    }
}

static struct asp_value name_value(struct asp_flow *w)
{
    const struct asp_token *t = token(w, 0);
    enum asp_word word = word_at(w, 0);
    w->at++;
    switch ((int)word) {
    case W_new: {
        struct asp_value v = new_value(w);
        return postfix(w, v, NONE, t);
    }
    case W_not:
    case W_await:
    case W_typeof:
    case W_addressof:
    case W_yield:
    case W_throw:
    case W_delete:
    case W_void:
    case W_case:
    case W_return:
        if ((word == W_delete && is_op(token(w, 0), '(')) ||
            (word == W_void && t->lang != ASP_JSCRIPT))
            break;
        return expression(w, 11);
    case W_function:
    case W_delegate:
    case W_sub: {
        struct asp_value a[ASP_ARGUMENTS];
        if (token(w, 0)->kind == ASP_NAME)
            w->at++;
        if (take_op(w, '('))
            (void)arguments(w, ')', a);
        if (is_op(token(w, 0), '{')) {
            struct asp_value v = braces(w, false);
            return postfix(w, v, NONE, t);
        }
        return ASP_NOTHING;
    }
    case W_ctype:
    case W_directcast:
    case W_trycast:
        if (take_op(w, '(')) {
            struct asp_value a[ASP_ARGUMENTS];
            size_t n = arguments(w, ')', a);
            struct asp_value v = n ? a[0] : ASP_NOTHING;
            if (n > 1 && v.object == K_NONE)
                v.object = a[1].object;
            return postfix(w, v, NONE, t);
        }
        break;
    default:
        break;
    }
    struct asp_value v = bare_name(w, t->name, word);
    if (v.var < 0 && word == W_eval && !is_op(token(w, 0), '('))
        v.object = K_EVAL;
    int32_t fn = current_function(w);
    if (v.var < 0 && fn >= 0 && w->functions[fn].name == t->name && !is_op(token(w, 0), '('))
        v = w->functions[fn].result;
    else if (v.var < 0 && v.function >= 0 && is_vb(w) && !is_op(token(w, 0), '(') &&
             !is_op(token(w, 0), '='))
        v = w->functions[v.function].result;
    return postfix(w, v, t->name, t);
}

/* A style sheet with script in it, where style sheets are run. */
static bool has_style_sheet(const struct asp_flow *w, struct str text)
{
    return (asp_has_word(w->code, W_xslcompiledtransform) ||
            asp_has_word(w->code, W_xsltransform)) &&
           str_find(text, STR("implements-prefix"), 0) != SIZE_MAX;
}

static struct asp_value unary(struct asp_flow *w)
{
    const struct asp_token *t = token(w, 0);
    struct asp_value v = ASP_NOTHING;
    bool ok;
    switch (t->kind) {
    case ASP_STRING:
        w->at++;
        v = asp_known(asp_string(t, w->budget.arena));
        if (v.text.n > 64 && has_style_sheet(w, v.text))
            (void)run_text(w, v.text, ASP_JSCRIPT);
        return is_op(token(w, 0), '.') || is_op(token(w, 0), '[') ? postfix(w, v, NONE, t) : v;
    case ASP_NUMBER:
        w->at++;
        v = asp_number(number_of(t, &ok));
        if (!ok)
            v.flags = 0;
        return v;
    case ASP_NAME:
        return name_value(w);
    case ASP_OPERATOR:
        if (t->op == '(') {
            v = parenthesis(w);
            return postfix(w, v, NONE, t);
        }
        if (t->op == '{') {
            v = braces(w, false);
            return postfix(w, v, NONE, t);
        }
        if (t->op == '[') {
            struct asp_value a[ASP_ARGUMENTS];
            size_t close = w->at < w->n_match ? w->match[w->at] : NONE;
            w->at++;
            if (constant_list(w, close, &v))
                return postfix(w, v, NONE, t);
            size_t n = arguments(w, ']', a);
            return array_of(w, a, n);
        }
        if (t->op == '.' && w->n_with) /* With x: .y */
            return postfix(w, w->with[w->n_with - 1], NONE, t);
        if (t->op == '-' || t->op == '+' || t->op == '!' || t->op == '~' || t->op == '&' ||
            t->op == '*' || t->op == '^' || t->op == ASP_OP_STEP) {
            w->at++;
            v = expression(w, 11);
            if (t->op == '-' && (v.flags & V_NUMBER))
                v.number = -v.number;
            else if (t->op != '+')
                v.flags &= ~(uint32_t)(V_NUMBER | V_KNOWN);
            return v;
        }
        return ASP_NOTHING;
    default:
        return ASP_NOTHING;
    }
}

/* --- expressions --------------------------------------------------------------------------------- */

/* How tightly an operator binds; 0 if it is none. */
static int level_of(const struct asp_flow *w, const struct asp_token *t)
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
        return 1;
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

static void assign(struct asp_flow *w, const struct asp_value *to, enum asp_word member_word,
                   struct asp_value value, const struct asp_token *at)
{
    uint32_t flags = 0;
    if (member_word != W_NONE) {
        asp_act_set(w->f, to, member_word, &value, at, &flags);
        add_flags(w, to->var, flags, value.key);
        return;
    }
    set_variable(w, to->var, value);
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
        note_password(w, &a, &b);
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
static enum asp_word member_of(const struct asp_flow *w, size_t from)
{
    size_t at = w->at;
    if (at < from + 3 || at > w->code->n_tokens)
        return W_NONE;
    const struct asp_token *t = &w->code->tokens[at - 1];
    if (t->kind != ASP_NAME || !is_op(t - 1, '.'))
        return W_NONE;
    enum asp_word word = (enum asp_word)w->code->names[t->name].word;
    return word == W_NONE ? W_item : word;
}

static struct asp_value expression(struct asp_flow *w, int level)
{
    if (w->depth >= DEPTH || w->steps >= STEPS) {
        w->at++;
        return ASP_NOTHING;
    }
    w->depth++;
    size_t from = w->at;
    struct asp_value v = unary(w);
    for (;;) {
        const struct asp_token *t = token(w, 0);
        int binds = level_of(w, t);
        w->steps++;
        if (binds == 0 || binds < level || (binds == level && binds != 1 && level != 0) ||
            w->at == from)
            break;
        enum asp_word target = binds == 1 ? member_of(w, from) : W_NONE;
        int32_t fn = current_function(w);
        w->at++;
        struct asp_value b = expression(w, binds == 1 ? 1 : binds);
        if (t->kind == ASP_OPERATOR && t->op == '?' && take_op(w, ':')) {
            struct asp_value c = expression(w, binds);
            struct asp_value either = asp_union(&b, &c);
            either.object = b.object ? b.object : c.object;
            v = either;
            continue;
        }
        if (binds != 1 || t->op == ASP_OP_ARROW) {
            v = t->op == ASP_OP_ARROW ? b : binary(w, t, v, b);
            continue;
        }
        if (t->op == ASP_OP_PLUS_SET)
            b = asp_concat(&w->budget, &v, &b);
        else if (t->op == ASP_OP_SET)
            b = asp_union(&v, &b);
        const struct asp_token *first = &w->code->tokens[from];
        if (target == W_NONE && v.var < 0 && first->kind == ASP_NAME)
            v.var = add_variable(w, first->name, GLOBAL);
        (void)fn;
        assign(w, &v, target, b, t);
        v = b;
    }
    w->depth--;
    return v;
}

/* --- statements ---------------------------------------------------------------------------------- */

static bool is_skipped(enum asp_word word)
{
    switch ((int)word) {
    case W_if:
    case W_while:
    case W_switch:
    case W_using:
    case W_lock:
    case W_else:
    case W_do:
    case W_try:
    case W_finally:
    case W_catch:
    case W_public:
    case W_private:
    case W_protected:
    case W_internal:
    case W_static:
    case W_readonly:
    case W_virtual:
    case W_override:
    case W_sealed:
    case W_abstract:
    case W_async:
    case W_unsafe:
    case W_extern:
    case W_set:
    case W_let:
    case W_call:
    case W_then:
    case W_elseif:
    case W_case:
    case W_loop:
    case W_wend:
    case W_until:
    case W_next:
    case W_break:
    case W_continue:
    case W_exit:
    case W_on:
    case W_shared:
    case W_friend:
    case W_option:
    case W_imports:
    case W_checked:
    case W_to:
    case W_step:
    case W_get:
    case W_default:
    case W_out:
    case W_ref:
    case W_import:
        return true;
    default:
        return false;
    }
}

static void result_of(struct asp_flow *w, struct asp_value v)
{
    int32_t fn = current_function(w);
    if (fn < 0)
        return;
    struct asp_value *result = &w->functions[fn].result;
    uint32_t before = result->flags;
    uint32_t kept = result->flags & ~(uint32_t)(V_KNOWN | V_NUMBER | V_LEAD | V_MAPPED);
    struct str key = v.flags & V_REQ ? v.key : result->key;
    uint16_t object = v.object ? v.object : result->object;
    *result = v;
    result->flags |= kept;
    result->key = key;
    result->object = object;
    result->var = -1;
    result->function = -1;
    if (result->flags & ~before)
        w->changed++;
}

/* "Dim a, b(3) As New T(x) = y" */
static void vb_declaration(struct asp_flow *w)
{
    while (token(w, 0)->kind == ASP_NAME && !is_skipped(word_at(w, 0))) {
        uint32_t name = token(w, 0)->name;
        if (word_at(w, 0) == W_function || word_at(w, 0) == W_sub || word_at(w, 0) == W_class)
            return;
        if (word_at(w, 0) == W_const || word_at(w, 0) == W_withevents ||
            word_at(w, 0) == W_dim) {
            w->at++;
            continue;
        }
        int32_t var = add_variable(w, name, current_function(w));
        w->at++;
        if (is_op(token(w, 0), '(')) {
            struct asp_value a[ASP_ARGUMENTS];
            w->at++;
            (void)arguments(w, ')', a);
        }
        if (word_at(w, 0) == W_as) {
            w->at++;
            struct asp_value type = expression(w, 9);
            struct asp_value v = ASP_NOTHING;
            v.object = type.object;
            v.flags = type.flags & ~(uint32_t)(V_CLASS | V_KNOWN);
            v.key = type.key;
            set_variable(w, var, v);
        }
        if (take_op(w, '=')) {
            struct asp_value v = expression(w, 0);
            set_variable(w, var, v);
        }
        if (!take_op(w, ','))
            return;
    }
}

/* "Type name" in C#: a declaration. The type has been read. */
static bool c_declaration(struct asp_flow *w, const struct asp_value *type, size_t from)
{
    const struct asp_token *t = token(w, 0);
    const struct asp_token *last = &w->code->tokens[w->at - 1];
    bool after_type =
        last->kind == ASP_NAME || is_op(last, ']') || is_op(last, '>') || is_op(last, '?');
    enum asp_word word = word_at(w, 0);
    if (t->kind != ASP_NAME || t->lang == ASP_VB || !after_type || w->at == from ||
        word == W_in || word == W_is || word == W_as || word == W_instanceof)
        return false;
    struct per_name *p = per_name(w, t->name);
    for (int32_t k = p->function; k >= 0; k = w->functions[k].next)
        if (w->functions[k].at == w->at)
            return true; /* the next statement enters it */
    int32_t var = add_variable(w, t->name, current_function(w));
    struct asp_value v = ASP_NOTHING;
    v.object = type->flags & V_CLASS ? type->object : K_NONE;
    if (v.object == K_STRINGCLASS)
        v.object = K_NONE;
    if (v.object == K_CONTROL || v.object == K_POSTED)
        v.key = (struct str){t->p, t->n};
    if (v.object)
        w->vars[var].value.object = v.object;
    return true;
}

/* VB: "name value, value": a call without brackets. `from` is where the statement starts. */
static void vb_call(struct asp_flow *w, struct asp_value v, size_t from)
{
    const struct asp_token *t = token(w, 0);
    struct asp_value a[ASP_ARGUMENTS];
    size_t n = 0;
    const struct asp_token *last = &w->code->tokens[w->at - 1];
    if (is_op(t, ',') && is_op(last, ')') && w->has_last) {
        n = w->last.n;
        memcpy(a, w->last_arguments, n * sizeof *a);
        struct asp_call call = w->last;
        while (take_op(w, ',') && w->at < w->end) {
            struct asp_value one = expression(w, 0);
            if (n < ASP_ARGUMENTS)
                a[n++] = one;
        }
        call.arguments = a;
        call.n = n;
        (void)do_call(w, &call, NONE);
        return;
    }
    bool starts = t->kind == ASP_STRING || t->kind == ASP_NUMBER || t->kind == ASP_NAME ||
                  is_op(t, '-') || is_op(t, '.');
    if (last->kind != ASP_NAME || !starts || is_skipped(word_at(w, 0)) || level_of(w, t))
        return;
    struct asp_value base = ASP_NOTHING;
    bool bare = true;
    if (w->at >= from + 3 &&
        is_op(last - 1, '.')) { /* the object is what the member came from */
        size_t end = w->at;
        size_t limit = w->end;
        w->end = end - 2;
        w->at = from;
        base = unary(w);
        w->end = limit;
        w->at = end;
        bare = false;
    } else if (w->at == from + 2 && is_op(last - 1, '.') && w->n_with) {
        base = w->with[w->n_with - 1];
        bare = false;
    }
    for (;;) {
        size_t before = w->at;
        struct asp_value one = expression(w, 0);
        if (n < ASP_ARGUMENTS)
            a[n++] = one;
        if (w->at == before || !take_op(w, ','))
            break;
        while (take_op(w, ','))
            continue;
    }
    struct asp_call call = {.at = last,
                            .base = base,
                            .bare = bare,
                            .word = (enum asp_word)w->code->names[last->name].word,
                            .arguments = a,
                            .n = n};
    if (v.object == K_EVAL)
        call.word = W_eval;
    (void)do_call(w, &call, last->name);
}

static bool enters_function(struct asp_flow *w)
{
    const struct asp_token *t = token(w, 0);
    if (t->kind != ASP_NAME)
        return false;
    for (int32_t k = per_name(w, t->name)->function; k >= 0; k = w->functions[k].next) {
        const struct function *fn = &w->functions[k];
        if (fn->at != w->at)
            continue;
        if (w->n_scopes < SCOPES) {
            w->scope[w->n_scopes] = k;
            w->scope_end[w->n_scopes++] = fn->to;
        }
        for (size_t i = 0; i < fn->n_parameters; i++) {
            int32_t var = add_variable(w, fn->parameters[i], k);
            if (fn->objects[i] && fn->objects[i] != K_STRINGCLASS)
                w->vars[var].value.object = fn->objects[i];
            if (fn->web)
                add_flags(w, var, V_REQ, w->code->names[fn->parameters[i]].text);
        }
        w->at = fn->from;
        return true;
    }
    return false;
}

static void for_each(struct asp_flow *w, int32_t var)
{
    w->at++; /* in */
    struct asp_value v = expression(w, 0);
    if (v.object == K_ARRAY)
        v.object = K_NONE;
    if (v.object == K_FILES)
        v.object = K_POSTED;
    if (v.object == K_ITEMS || v.object == K_REQUEST)
        v.object = K_NONE;
    v.flags &= ~(uint32_t)(V_KNOWN | V_NUMBER);
    set_variable(w, var, v);
}

static bool vb_keyword(struct asp_flow *w, enum asp_word word)
{
    switch ((int)word) {
    case W_dim:
    case W_const:
    case W_redim:
    case W_public:
    case W_private:
    case W_protected:
    case W_static:
    case W_shared:
        w->at++;
        if (word_at(w, 0) == W_preserve)
            w->at++;
        vb_declaration(w);
        return true;
    case W_with:
        w->at++;
        if (w->n_with < WITHS) {
            struct asp_value v = expression(w, 0);
            w->with[w->n_with++] = v;
        }
        return true;
    case W_end:
        w->at++;
        if (word_at(w, 0) == W_with && w->n_with)
            w->n_with--;
        if (token(w, 0)->kind == ASP_NAME)
            w->at++;
        return true;
    case W_for:
        w->at++;
        if (word_at(w, 0) == W_each) {
            w->at++;
            if (token(w, 0)->kind == ASP_NAME) {
                int32_t var = find_variable(w, token(w, 0)->name);
                var = var >= 0 ? var : add_variable(w, token(w, 0)->name, GLOBAL);
                w->at++;
                if (word_at(w, 0) == W_as) {
                    w->at++;
                    (void)expression(w, 9);
                }
                if (word_at(w, 0) == W_in)
                    for_each(w, var);
            }
        }
        return true;
    case W_function:
    case W_sub:
    case W_property:
    case W_class:
    case W_declare:
        w->at++;
        return true;
    case W_if:
    case W_elseif:
    case W_while:
    case W_until:
    case W_case:
        w->at++;
        (void)expression(w, 0);
        return true;
    default:
        return false;
    }
}

static void native_import(struct asp_flow *w)
{
    const struct asp_token *t = token(w, 0);
    enum asp_word word = word_at(w, 0);
    if (word == W_dllimport || (word == W_declare && t->lang == ASP_VB))
        asp_tell(w->f, ASP_NATIVE, ASP_WEAK, "calls the operating system", &ASP_NOTHING, t);
}

static void plain_statement(struct asp_flow *w)
{
    size_t from = w->at;
    const struct asp_token *t = token(w, 0);
    bool vb = t->lang == ASP_VB;
    struct asp_value v;
    w->has_last = false;
    if (!vb) {
        v = expression(w, 0);
        if (!c_declaration(w, &v, from))
            return;
        if (word_at(w, 1) == W_in) {
            int32_t var = find_variable(w, token(w, 0)->name);
            w->at++;
            for_each(w, var);
        }
        return; /* the name is where the next statement starts */
    }
    v = unary(w);
    const struct asp_token *op = token(w, 0);
    if (is_op(op, '=') ||
        (op->kind == ASP_OPERATOR && (op->op == ASP_OP_PLUS_SET || op->op == ASP_OP_SET))) {
        enum asp_word target = member_of(w, from);
        w->at++;
        struct asp_value b = expression(w, 0);
        int32_t fn = current_function(w);
        if (op->op == ASP_OP_PLUS_SET)
            b = asp_concat(&w->budget, &v, &b);
        if (fn >= 0 && t->kind == ASP_NAME && w->functions[fn].name == t->name &&
            target == W_NONE) {
            result_of(w, b);
            return;
        }
        if (target == W_NONE && v.var < 0 && t->kind == ASP_NAME)
            v.var = add_variable(w, t->name, GLOBAL);
        assign(w, &v, target, b, op);
        return;
    }
    if (w->at > from)
        vb_call(w, v, from);
}

/* "var a : Type = value, b": a type may stand in JScript.NET. */
static void js_declaration(struct asp_flow *w)
{
    w->at++;
    while (token(w, 0)->kind == ASP_NAME) {
        int32_t var = add_variable(w, token(w, 0)->name, current_function(w));
        w->at++;
        if (take_op(w, ':'))
            while (token(w, 0)->kind == ASP_NAME || is_op(token(w, 0), '.') ||
                   is_op(token(w, 0), '[') || is_op(token(w, 0), ']'))
                w->at++;
        if (take_op(w, '=')) {
            struct asp_value v = expression(w, 1);
            set_variable(w, var, v);
        }
        if (!take_op(w, ','))
            return;
    }
}

static void statement(struct asp_flow *w)
{
    const struct asp_token *t = token(w, 0);
    size_t from = w->at;
    while (w->n_scopes && w->at >= w->scope_end[w->n_scopes - 1])
        w->n_scopes--;
    w->steps++;
    if (t->kind <= ASP_NEWLINE || (t->kind == ASP_OPERATOR && t->op != '(' && t->op != '.' &&
                                   t->op != ASP_OP_STEP && t->op != '[')) {
        w->at++;
        return;
    }
    native_import(w);
    if (t->kind == ASP_NAME) {
        enum asp_word word = word_at(w, 0);
        if (enters_function(w))
            return;
        if (t->lang == ASP_VB && vb_keyword(w, word))
            return;
        if (word == W_return) {
            w->at++;
            if (token(w, 0)->kind > ASP_NEWLINE)
                result_of(w, expression(w, 0));
            return;
        }
        if (t->lang != ASP_VB &&
            (word == W_function || word == W_class || word == W_for || word == W_foreach ||
             word == W_var || word == W_const || word == W_new)) {
            if (word == W_var && token(w, 1)->kind == ASP_NAME && t->lang == ASP_JSCRIPT) {
                js_declaration(w);
                return;
            }
            if (word == W_var && t->lang == ASP_CSHARP && token(w, 1)->kind == ASP_NAME) {
                (void)add_variable(w, token(w, 1)->name, current_function(w));
                if (word_at(w, 2) == W_in) {
                    int32_t var = find_variable(w, token(w, 1)->name);
                    w->at += 2;
                    for_each(w, var);
                    return;
                }
            }
            if (word != W_new) {
                w->at++;
                return;
            }
        }
        if (is_skipped(word)) {
            w->at++;
            return;
        }
    }
    plain_statement(w);
    if (w->at == from)
        w->at++;
}

static void run(struct asp_flow *w, size_t from, size_t to)
{
    w->at = from;
    w->end = to;
    w->n_scopes = w->n_with = 0;
    while (w->at < w->end && w->steps < STEPS)
        statement(w);
}

/* Script that is a constant text: what it does, the page does. */
static struct asp_value run_text(struct asp_flow *w, struct str text, enum asp_lang lang)
{
    struct asp_value value = ASP_NOTHING;
    if (w->evals >= EVALS || w->evals_done >= EVAL_TOTAL || text.n > EVAL_BYTES || text.n < 4)
        return value;
    struct asp_flow outer = *w;
    size_t from = w->code->n_tokens;
    asp_lex(w->code, text, lang);
    w->evals++;
    w->evals_done++;
    match_brackets(w);
    uint32_t before = w->f->can;
    w->at = from;
    w->end = w->code->n_tokens;
    value = expression(w, 0);
    run(w, from, w->code->n_tokens);
    w->f->script_in_text |= w->f->can != before || w->f->best[ASP_EVAL].sure == ASP_CERTAIN;
    w->evals--;
    w->code->n_tokens = from;
    w->match = outer.match;
    w->n_match = outer.n_match;
    w->at = outer.at;
    w->end = outer.end;
    memcpy(w->scope, outer.scope, sizeof w->scope);
    memcpy(w->scope_end, outer.scope_end, sizeof w->scope_end);
    w->n_scopes = outer.n_scopes;
    w->n_with = outer.n_with;
    w->has_last = false;
    value.var = -1;
    return value;
}

static void add_controls(struct asp_flow *w, const struct asp_page *page)
{
    for (size_t i = 0; i < page->n_controls; i++) {
        const struct asp_control *c = &page->controls[i];
        int32_t var = add_variable(w, asp_name(w->code, c->id), GLOBAL);
        struct asp_value *v = &w->vars[var].value;
        v->key = c->id;
        v->object = c->kind == ASP_CONTROL_TEXT   ? K_CONTROL
                    : c->kind == ASP_CONTROL_FILE ? K_POSTED
                                                  : (uint16_t)asp_object_of_id(c->object);
        v->flags = c->kind == ASP_CONTROL_FILE ? V_UPLOAD : 0;
    }
}

void asp_follow(struct asp_code *code, const struct asp_page *page, struct asp_findings *f)
{
    struct asp_flow *w = ARENA_NEW(code->arena, struct asp_flow);
    w->code = code;
    w->f = f;
    w->budget.arena = code->arena;
    size_t n = code->n_tokens;
    match_brackets(w);
    find_functions(w);
    add_controls(w, page);
    for (int pass = 0; pass < PASSES; pass++) {
        w->changed = 0;
        for (size_t i = 0; i < w->n_vars; i++)
            w->vars[i].set = false;
        run(w, 0, n);
        if (w->changed == 0 || w->steps >= STEPS)
            break;
    }
    code->cut |= w->steps >= STEPS;
}
