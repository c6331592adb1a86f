#include "format/asp_flow.h"

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
    size_t close = open < w->n_match ? w->match[open] : FLOW_NONE;
    if (close == FLOW_NONE || close + 1 >= w->end || close - open > FLOW_GENERIC ||
        close == open + 1)
        return false;
    for (size_t i = open + 1; i < close; i++) {
        const struct asp_token *t = &w->code->tokens[i];
        if (t->kind == ASP_NAME && t[-1].kind == ASP_NAME) /* (a is b) */
            return false;
        if (t->kind != ASP_NAME && !flow_is_op(t, '.') && !flow_is_op(t, '[') &&
            !flow_is_op(t, ']') && !flow_is_op(t, '<') && !flow_is_op(t, '>') &&
            !flow_is_op(t, ','))
            return false;
    }
    const struct asp_token *next = &w->code->tokens[close + 1];
    if (next->kind == ASP_NAME) {
        enum asp_word word = (enum asp_word)w->code->names[next->name].word;
        return word != W_is && word != W_as && word != W_and && word != W_or && word != W_in;
    }
    return next->kind == ASP_STRING || next->kind == ASP_NUMBER || flow_is_op(next, '(');
}

static struct asp_value parenthesis(struct asp_flow *w)
{
    struct asp_value a[ASP_ARGUMENTS];
    if (!flow_is_vb(w) && is_cast(w, w->at)) {
        enum asp_word type = W_NONE;
        size_t close = w->match[w->at];
        for (size_t i = w->at + 1; i < close; i++)
            type = flow_word_of(w, i) != W_NONE ? flow_word_of(w, i) : type;
        w->at = close + 1;
        struct asp_value v = flow_expression(w, 12);
        enum asp_object object = asp_object_of_word(type);
        if (object && object != K_STRINGCLASS && v.object == K_NONE)
            v.object = (uint16_t)object;
        if (type == W_char && (v.flags & V_DIGITS))
            v.flags |= V_REQ | V_OWN;
        if (type == W_char) {
            struct asp_call call = {
                .at = flow_token(w, 0), .bare = true, .word = W_chr, .arguments = &v, .n = 1};
            struct asp_value c;
            if (asp_fold(&w->budget, &call, &c))
                return c;
        }
        return v;
    }
    w->at++;
    size_t n = flow_arguments(w, ')', a);
    if (n == 1) {
        return a[0];
    }
    struct asp_value all = flow_union(a, n);
    if (n && a[n - 1].object == K_EVAL) /* (0, eval) */
        all.object = K_EVAL;
    return all;
}

static bool is_generic(const struct asp_flow *w, size_t *ret_to)
{
    size_t depth = 0;
    for (size_t i = 0; i < FLOW_GENERIC; i++) {
        const struct asp_token *t = flow_token(w, i);
        if (flow_is_op(t, '<'))
            depth++;
        else if (flow_is_op(t, '>') && depth > 1)
            depth--;
        else if (flow_is_op(t, '>')) {
            const struct asp_token *next = flow_token(w, i + 1);
            *ret_to = i + 1;
            return next->kind == ASP_NAME || flow_is_op(next, '(') || flow_is_op(next, '.') ||
                   flow_is_op(next, ')') || flow_is_op(next, '[') || flow_is_op(next, '{') ||
                   flow_is_op(next, ',') || flow_is_op(next, '>');
        } else if (t->kind != ASP_NAME && !flow_is_op(t, ',') && !flow_is_op(t, '.') &&
                   !flow_is_op(t, '[') && !flow_is_op(t, ']') && !flow_is_op(t, '?'))
            return false;
    }
    return false;
}

/* A name that nothing in a page's code declares, and what is asked of it is what controls have:
 * one of the page's. */
static bool control_elsewhere(struct asp_flow *w, uint32_t name, struct asp_value *ret)
{
    if (!w->f->code || !asp_has_word(w->code, W_page) || !flow_is_op(flow_token(w, 0), '.'))
        return false;
    enum asp_word member = flow_word_at(w, 1);
    bool file = member == W_postedfile || member == W_saveas || member == W_filebytes ||
                member == W_filecontent;
    if (!file && member != W_text && member != W_value && member != W_selectedvalue &&
        member != W_innertext)
        return false;
    *ret = ASP_NOTHING;
    ret->object = file ? K_POSTED : K_CONTROL;
    ret->flags = file ? V_UPLOAD : 0;
    ret->key = w->code->names[name].text;
    return true;
}

/* "read 1, x" where `read` is a function of the page: it may give something by x. The name has been
 * taken. */
static bool is_handed_on(struct asp_flow *w)
{
    enum { BACK = 16 };
    const struct asp_token *next = flow_token(w, 0);
    if (next->lang != ASP_VB ||
        (next->kind > ASP_NEWLINE && !flow_is_op(next, ',') && !flow_is_op(next, ')')))
        return false;
    for (size_t i = 2; i <= w->at && i < BACK; i++) {
        const struct asp_token *t = &w->code->tokens[w->at - i];
        if (t->kind == ASP_NAME && flow_per_name(w, t->name)->function >= 0)
            return true;
        if (t->kind <= ASP_NEWLINE || (t->kind == ASP_OPERATOR && t->op != ',' && t->op != '('))
            return false;
    }
    return false;
}

/* A name that stands alone, and is no variable. */
static void other_name(struct asp_flow *w, uint32_t name, enum asp_word word,
                       struct asp_value *ret)
{
    *ret = ASP_NOTHING;
    if (word == W_NONE && control_elsewhere(w, name, ret))
        return;
    if (word == W_vbcrlf || word == W_vbnewline) {
        *ret = asp_known(STR("\r\n"));
        return;
    }
    enum asp_object object = asp_object_of_word(word);
    w->f->asks |= object == K_REQUEST;
    ret->word = (uint16_t)word;
    ret->object = word == W_querystring || word == W_form ? K_NONE : (uint16_t)object;
    ret->flags = object ? V_CLASS : word == W_this ? 0 : V_UNSET;
    ret->flags |= object == K_REQUEST ? (uint32_t)V_REQ : 0;
    ret->function = flow_per_name(w, name)->function;
    if (word == W_NONE && ret->function < 0 && is_handed_on(w))
        ret->var = flow_unset_variable(w, name);
}

/* A name that stands alone. */
static void bare_name(struct asp_flow *w, uint32_t name, enum asp_word word,
                      struct asp_value *ret)
{
    int32_t var = flow_find(w, name);
    if (var < 0) {
        other_name(w, name, word, ret);
        return;
    }
    *ret = w->vars[var].value;
    if (ret->object == K_EVAL)
        ret->word = W_eval;
    else if (ret->function < 0)
        ret->word = 0;
    ret->var = var;
}

/* "Request.Form.x" */
static struct asp_value item_member(const struct asp_value *base, enum asp_word word)
{
    struct asp_value v = *base;
    v.word = (uint16_t)word;
    if (word == W_item || word == W_get || word == W_getvalues)
        v.word = base->word == W_servervariables ? W_servervariables : W_item;
    else if (word != W_value && word != W_tostring)
        v.object = K_NONE;
    return word == W_count ? ASP_NOTHING : v;
}

/* "System.IO.File", "context.Request": a class, or one of the page's own objects. */
static bool class_member(const struct asp_value *base, enum asp_word word,
                         struct asp_value *ret)
{
    enum asp_object object = asp_object_of_word(word);
    bool place = base->object == K_NONE || base->object == K_CONTEXT ||
                 base->object == K_APPDOMAIN || base->object == K_SESSION ||
                 base->object == K_REGISTRY;
    bool own = word == W_request || word == W_response || word == W_session || word == W_server;
    bool named = object && place && base->var < 0;
    if ((base->flags & V_REQ) || (!named && !own))
        return false;
    *ret = ASP_NOTHING;
    ret->object = (uint16_t)object;
    ret->flags = V_CLASS;
    if (named) {
        ret->flags |= object == K_REQUEST ? (uint32_t)V_REQ : 0;
        ret->word = (uint16_t)word;
    }
    return true;
}

static struct asp_value length_of(struct asp_flow *w, const struct asp_value *base)
{
    struct asp_call call = {.at = flow_token(w, 0), .base = *base, .word = W_length};
    struct asp_value out;
    return asp_fold(&w->budget, &call, &out) ? out : ASP_NOTHING;
}

/* A member of which no more is known than of what it belongs to. */
static struct asp_value field(struct asp_flow *w, const struct asp_value *base, uint32_t name,
                              enum asp_word word)
{
    struct asp_value v = *base;
    if (base->object == K_ADORS || base->object == K_SQLCMD || base->object == K_SQLADAPTER)
        v.flags =
            (v.flags & ~(uint32_t)(V_REQ | V_OWN | V_UPLOAD)) | V_FILE; /* what is stored */
    v.word = (uint16_t)word;
    v.text = STR("");
    if (!(base->flags & (V_REQ | V_FILE | V_HIDDEN | V_LONG | V_UPLOAD | V_P_REQ)) &&
        base->object == K_NONE)
        v.flags = base->flags & V_KNOWN;
    v.function = base->object == K_NONE ? flow_per_name(w, name)->function : -1;
    if (base->object == K_NONE && base->var < 0 && !(base->flags & (V_REQ | V_KNOWN))) {
        int32_t var = flow_find(w, name); /* this.field */
        if (var >= 0)
            v = w->vars[var].value;
    }
    if (base->object == K_NONE && base->var >= 0 && base->function >= 0 && flow_is_vb(w)) {
        int32_t var = flow_find(w, name); /* an object in a field of a class of the page */
        if (var >= 0 && w->vars[var].value.object)
            return w->vars[var].value;
    }
    v.var = base->var >= 0 ? base->var : v.var;
    return v;
}

static struct asp_value member(struct asp_flow *w, const struct asp_value *base, uint32_t name,
                               enum asp_word word)
{
    struct asp_value v;
    switch (base->object) {
    case K_REQUEST:
        return flow_request_member(word);
    case K_ITEMS:
        return item_member(base, word);
    case K_FILES:
    case K_POSTED:
        v = flow_posted_member(base, word);
        if (base->object == K_FILES && word == W_get)
            v.object = K_FILES;
        return v;
    case K_CONTROL:
        return flow_control_member(base, word);
    default:
        break;
    }
    if (word == W_values && base->word == W_routedata) {
        v = flow_request_member(W_params);
        return v;
    }
    if (class_member(base, word, &v))
        return v;
    if (word == W_length || word == W_count)
        return length_of(w, base);
    return field(w, base, name, word);
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
    } else if ((base->object == K_FSO || base->object == K_VBFILES) && word == W_drives) {
        asp_tell(w->f, ASP_BROWSE, ASP_WEAK, "lists drives", base, at);
    }
}

/* "array(1)", where it is set, or was set before: a variable of its own. */
static bool element_variable(struct asp_flow *w, const struct asp_value *base,
                             const struct asp_value *a, size_t n, struct asp_value *ret)
{
    struct str index;
    struct str second = STR("");
    bool set = flow_is_op(flow_token(w, 0), '=');
    if (base->var < 0 || n > 2 || (!set && !w->vars[base->var].elements) ||
        !asp_text_of(&w->budget, &a[0], &index) ||
        (n == 2 && !asp_text_of(&w->budget, &a[1], &second)))
        return false;
    if (n == 2)
        index = arena_printf(w->budget.arena, "%.*s,%.*s", STR_ARG(str_part(index, 0, 64)),
                             STR_ARG(str_part(second, 0, 64)));
    int32_t var = flow_element_of(w, base->var, index);
    *ret = w->vars[var].value;
    ret->var = var;
    if (ret->flags & V_UNSET) { /* as much as is known of any */
        uint32_t flags = base->flags & ~(uint32_t)(V_KNOWN | V_NUMBER);
        ret->flags = flags;
        ret->key = base->key;
        ret->object = base->object;
    }
    return true;
}

/* Properties["AnonymousUserPass"]: a password that the server keeps. */
static void note_secret(struct asp_flow *w, const struct asp_value *index,
                        const struct asp_token *at)
{
    static const char *const names[] = {"AnonymousUserPass", "WAMUserPass", "UNCPassword",
                                        "LogonPassword"};
    if (!(index->flags & V_KNOWN) || index->text.n > 20)
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_ieq(index->text, str_of(names[i])))
            asp_tell(w->f, ASP_SECRETS, w->f->self_contained ? ASP_LIKELY : ASP_WEAK,
                     "reads passwords of the server's accounts", &ASP_NOTHING, at);
}

static struct asp_value index_value(struct asp_flow *w, const struct asp_value *base,
                                    struct asp_value *a, size_t n, const struct asp_token *at)
{
    struct asp_value out;
    if (n == 0)
        return *base;
    note_secret(w, &a[0], at);
    if (base->word == W_connectionstrings && base->object == K_NONE && (a[0].flags & V_REQ) &&
        !(a[0].flags & V_LEAD))
        asp_tell(w->f, ASP_SECRETS, w->f->self_contained && w->f->small ? ASP_LIKELY : ASP_WEAK,
                 "reads the connection of a database that the request names", &a[0], at);
    if (flow_look_up(w, base, &a[0], &out) || flow_element(w, base, &a[0], &out))
        return out;
    struct str name;
    if (at->lang == ASP_JSCRIPT && (a[0].flags & V_KNOWN) && !(base->flags & V_KNOWN) &&
        asp_text_of(&w->budget, &a[0], &name) && name.n && name.n < 64) { /* this["eval"] */
        uint32_t number = asp_name(w->code, name);
        enum asp_word word = (enum asp_word)w->code->names[number].word;
        if (word != W_NONE && word != W_item && word != W_value && word != W_text) {
            out = *base;
            out.word = (uint16_t)word;
            return out;
        }
    }
    if (element_variable(w, base, a, n, &out))
        return out;
    out = *base;
    out.flags &= ~(uint32_t)(V_KNOWN | V_NUMBER);
    out.text = STR("");
    if (base->flags & V_KNOWN)
        out.flags |= base->text.n >= 16 ? V_HIDDEN : 0;
    return out;
}

/* Whether brackets behind it name one of its items. */
static bool is_looked_into(const struct asp_value *v, enum asp_word word)
{
    if (v->object == K_REQUEST)
        return word != W_binaryread && word != W_saveas;
    return v->object == K_ITEMS || v->object == K_FILES || v->object == K_SESSION;
}

/* "(...)" behind a value: a call, or in VB an index. */
static struct asp_value call_value(struct asp_flow *w, const struct asp_value *base,
                                   const struct asp_value *callee, uint32_t name, bool bare,
                                   const struct asp_token *at)
{
    struct asp_value a[ASP_ARGUMENTS];
    struct asp_value list;
    size_t open = w->at++;
    enum asp_word word = (enum asp_word)callee->word;
    if (bare && word == W_array && open < w->n_match &&
        flow_constant_list(w, w->match[open], &list))
        return list;
    size_t n = 1;
    w->named = false;
    if (word == W_fromcharcode && open < w->n_match &&
        flow_constant_list(w, w->match[open], &list))
        a[0] = list; /* more than there are arguments */
    else
        n = flow_arguments(w, ')', a);
    if (callee->object == K_EVAL && word != W_call && word != W_apply)
        word = W_eval;
    if (n && is_looked_into(callee, word))
        return index_value(w, callee, a, n, at);
    if (bare && word == W_NONE && callee->var < 0 && callee->function < 0 &&
        name == FLOW_NONE &&
        (callee->flags & V_REQ)) /* Request("a")(), Request.Cookies("a")("b") */
        return *callee;
    bool indexed = callee->object == K_ARRAY && (callee->flags & V_KNOWN); /* Split(a, b)(0) */
    if ((callee->var >= 0 || indexed) && bare && word == W_NONE && callee->function < 0 &&
        !(callee->flags & V_METHOD) && callee->object != K_METHOD)
        return index_value(w, callee, a, n, at);
    if (bare && word == W_array && n) {
        return flow_array_of(w, a, n);
    }
    uint32_t names[ASP_ARGUMENTS];
    struct asp_call call = {
        .at = at, .base = *base, .bare = bare, .word = word, .arguments = a, .n = n};
    if (w->named)
        call.names = memcpy(names, w->argument_names, sizeof names);
    if (bare && name == FLOW_NONE && callee->function >= 0 && word == W_NONE)
        return flow_call_function(w, callee->function, &call);
    if (callee->object == K_METHOD && word == W_NONE) {
        call.word = W_invoke;
        if (bare && !(callee->flags & V_METHOD)) {
            call.base = *callee;
            call.bare = false;
        }
    }
    return flow_call(w, &call, name);
}

/* "New T With {", "New T From {" */
static void take_initializer(struct asp_flow *w)
{
    enum asp_word word = flow_word_at(w, 0);
    if (flow_is_vb(w) && (word == W_with || word == W_from) &&
        flow_is_op(flow_token(w, 1), '{'))
        w->at++;
}

/* What an object of Visual Basic is called as: a function that it was made with, or the default
 * property of its class. */
static void keep_default(struct asp_flow *w, uint32_t name, struct asp_value *v)
{
    if (name != FLOW_NONE && flow_is_vb(w) && v->object == K_NONE && v->function < 0)
        v->function = flow_per_name(w, name)->function;
}

static struct asp_value new_value(struct asp_flow *w)
{
    const struct asp_token *at = flow_token(w, 0);
    enum asp_word word = W_NONE;
    uint32_t name = FLOW_NONE;
    struct asp_value a[ASP_ARGUMENTS];
    struct asp_value v = ASP_NOTHING;
    size_t n = 0;
    size_t to;
    while (flow_token(w, 0)->kind == ASP_NAME && flow_word_at(w, 0) != W_with) {
        word = flow_word_at(w, 0);
        name = flow_token(w, 0)->name;
        at = flow_token(w, 0);
        w->at++;
        if (flow_is_op(flow_token(w, 0), '<') && is_generic(w, &to))
            w->at += to;
        if (!flow_take_op(w, '.'))
            break;
    }
    bool array = false;
    while (flow_is_op(flow_token(w, 0), '[')) {
        array = true;
        w->at++;
        (void)flow_arguments(w, ']', a);
    }
    if (flow_is_op(flow_token(w, 0), '(')) {
        w->at++;
        n = flow_arguments(w, ')', a);
    }
    take_initializer(w);
    if (flow_is_op(flow_token(w, 0), '{')) {
        struct asp_value init = flow_braces(w, true);
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
    v = flow_call(w, &call, name);
    if (v.object == K_NONE)
        v.object = (uint16_t)asp_object_of_word(word);
    int32_t class = word == W_NONE && name != FLOW_NONE ? flow_find(w, name) : -1;
    if (v.object == K_NONE && class >= 0 && (w->vars[class].value.flags & V_CLASS))
        v.object = w->vars[class].value.object;
    v.word = 0;
    if (word == W_NONE)
        keep_default(w, name, &v);
    return v;
}

/* "base.name", where the name is token `at`, which has been taken. */
static struct asp_value dot_value(struct asp_flow *w, const struct asp_value *base,
                                  const struct asp_token *at)
{
    enum asp_word word = (enum asp_word)w->code->names[at->name].word;
    note_listing(w, base, word, at);
    if ((word == W_validationkey || word == W_decryptionkey) &&
        asp_has_word(w->code, W_machinekeysection))
        asp_tell(w->f, ASP_SECRETS, w->f->self_contained ? ASP_LIKELY : ASP_WEAK,
                 "reads the keys with which the server signs", &ASP_NOTHING, at);
    if (base->object == K_IISADMIN && word == W_password)
        asp_tell(w->f, ASP_SECRETS, w->f->self_contained ? ASP_LIKELY : ASP_WEAK,
                 "reads passwords of the server's accounts", &ASP_NOTHING, at);
    if (base->object == K_ADSI && (word == W_anonymoususerpass || word == W_wamuserpass)) {
        struct asp_value index = asp_known(w->code->names[at->name].text);
        note_secret(w, &index, at);
    }
    struct asp_value v = member(w, base, at->name, word);
    if (flow_is_op(flow_token(w, 0), '('))
        return v;
    if (v.function >= 0 && w->functions[v.function].property && v.var < 0 &&
        !flow_is_op(flow_token(w, 0), '='))
        return w->functions[v.function].result;
    if (asp_is_act((enum asp_object)base->object, word)) {
        v.flags |= V_METHOD;
        v.number = (int64_t)base->object << 16 | word;
    }
    if (!flow_is_vb(w) || (word != W_getfiles && word != W_readall && word != W_readtoend &&
                           word != W_executedosapp))
        return v;
    struct asp_value none = ASP_NOTHING;
    struct asp_call call = {.at = at, .base = *base, .word = word, .arguments = &none};
    return flow_call(w, &call, at->name);
}

/* The value with what it belongs to, while what stands behind it is read. */
struct chain {
    struct asp_value base, v;
    const struct asp_token *at;
    uint32_t name;
    bool bare; /* nothing stands before the name */
};

/* ".name", "!key" */
static void chain_dot(struct asp_flow *w, struct chain *c, unsigned op)
{
    c->at = flow_token(w, 1);
    c->name = c->at->name;
    c->base = c->v;
    c->bare = false;
    w->at += 2;
    struct asp_value key = asp_known((struct str){c->at->p, c->at->n});
    c->v = op == '!' ? index_value(w, &c->base, &key, 1, c->at) : dot_value(w, &c->base, c->at);
}

static void chain_index(struct asp_flow *w, struct chain *c)
{
    struct asp_value a[ASP_ARGUMENTS];
    w->at++;
    size_t n = flow_arguments(w, ']', a);
    struct asp_value was = c->v;
    c->v = index_value(w, &was, a, n, c->at);
    if (c->v.word && c->v.word != was.word && c->at->lang == ASP_JSCRIPT) {
        c->base = was;
        c->bare = was.object == K_NONE || c->v.word == W_eval;
        c->name = FLOW_NONE;
    }
}

/* "f .x": the member of With is an argument. */
static bool is_argument(const struct asp_flow *w, const struct asp_token *t,
                        const struct asp_token *at)
{
    return t->op == '.' && t != at && w->n_with && flow_is_vb(w) &&
           (t->p[-1] == ' ' || t->p[-1] == '\t');
}

/* What stands behind a value: members, calls, indexes. */
static struct asp_value postfix(struct asp_flow *w, struct asp_value v, uint32_t name,
                                const struct asp_token *at)
{
    struct chain c = {.base = ASP_NOTHING, .v = v, .at = at, .name = name, .bare = true};
    size_t to;
    for (;;) {
        const struct asp_token *t = flow_token(w, 0);
        if (t->kind != ASP_OPERATOR || is_argument(w, t, c.at))
            return c.v;
        if ((t->op == '.' || (t->op == '!' && flow_is_vb(w))) &&
            flow_token(w, 1)->kind == ASP_NAME) {
            chain_dot(w, &c, t->op);
        } else if (t->op == '(') {
            c.v = call_value(w, &c.base, &c.v, c.name, c.bare, c.at);
            c.bare = true;
            c.base = ASP_NOTHING;
            c.name = FLOW_NONE;
        } else if (t->op == '[') {
            chain_index(w, &c);
        } else if (t->op == '<' && !flow_is_vb(w) && is_generic(w, &to)) {
            w->at += to;
        } else if (t->op == ASP_OP_STEP) {
            if (v.var >= 0) /* it counts */
                w->vars[v.var].value.flags &= ~(uint32_t)(V_KNOWN | V_NUMBER);
            w->at++;
        } else {
            return c.v;
        }
    }
}

/* "x = function (...) {...}": its body is followed, x is its name. The word has been taken. */
static bool nameless_function(struct asp_flow *w, struct asp_value *ret)
{
    size_t n = w->n_scopes;
    uint32_t name = w->at >= 3 ? w->code->tokens[w->at - 3].name : FLOW_NONE;
    if (w->at < 3 || w->code->tokens[w->at - 3].kind != ASP_NAME || w->depth >= FLOW_DEPTH)
        return false;
    w->at--;
    if (!flow_enter(w, name)) {
        w->at++;
        return false;
    }
    size_t to = w->functions[w->n_scopes > n ? w->scope[n] : 0].to;
    w->depth++;
    while (w->n_scopes > n && w->at < to && w->at < w->end) {
        size_t before = w->at;
        flow_statement(w);
        if (w->at == before)
            w->at++;
    }
    w->depth--;
    w->n_scopes = w->n_scopes > n ? n : w->n_scopes;
    flow_take_op(w, '}');
    *ret = ASP_NOTHING;
    ret->function = flow_per_name(w, name)->function;
    return true;
}

/* "function (...) {...}", "delegate {...}", of which the word has been taken. */
static struct asp_value function_value(struct asp_flow *w, const struct asp_token *t)
{
    struct asp_value v;
    struct asp_value a[ASP_ARGUMENTS];
    const struct asp_token *next = flow_token(w, 0);
    if (next->kind == ASP_OPERATOR && next->name && next->name <= w->n_functions)
        return postfix(w, flow_lambda(w, next->name), FLOW_NONE, t);
    if (nameless_function(w, &v))
        return postfix(w, v, FLOW_NONE, t);
    if (flow_token(w, 0)->kind == ASP_NAME)
        w->at++;
    if (flow_take_op(w, '('))
        (void)flow_arguments(w, ')', a);
    if (!flow_is_op(flow_token(w, 0), '{'))
        return ASP_NOTHING;
    v = flow_braces(w, false);
    return postfix(w, v, FLOW_NONE, t);
}

/* "CType(value, type)", of which the bracket has been taken. */
static struct asp_value cast_value(struct asp_flow *w, const struct asp_token *t)
{
    struct asp_value a[ASP_ARGUMENTS];
    size_t n = flow_arguments(w, ')', a);
    struct asp_value v = n ? a[0] : ASP_NOTHING;
    if (n > 1 && v.object == K_NONE)
        v.object = a[1].object;
    return postfix(w, v, FLOW_NONE, t);
}

/* "AddressOf Name": the function, not what it gives. */
static struct asp_value function_named(struct asp_flow *w)
{
    const struct asp_token *t = flow_token(w, 0);
    int32_t fn = t->kind == ASP_NAME ? flow_per_name(w, t->name)->function : -1;
    struct asp_value v = flow_expression(w, 11);
    if (fn >= 0 && &w->code->tokens[w->at - 1] == t) {
        v = ASP_NOTHING;
        v.function = fn;
    }
    return v;
}

static struct asp_value name_value(struct asp_flow *w)
{
    struct asp_value v;
    const struct asp_token *t = flow_token(w, 0);
    enum asp_word word = flow_word_at(w, 0);
    w->at++;
    switch ((int)word) {
    case W_new:
        v = new_value(w);
        return postfix(w, v, FLOW_NONE, t);
    case W_from:
        if (flow_query(w, &v))
            return postfix(w, v, FLOW_NONE, t);
        break;
    case W_async: /* "async a => ..." */
        if (t->lang == ASP_CSHARP)
            return flow_expression(w, 1);
        break;
    case W_addressof:
        return function_named(w);
    case W_not:
    case W_await:
    case W_typeof:
    case W_yield:
    case W_throw:
    case W_delete:
    case W_void:
    case W_case:
    case W_return:
        if ((word == W_delete && flow_is_op(flow_token(w, 0), '(')) ||
            (word == W_void && t->lang != ASP_JSCRIPT))
            break;
        return flow_expression(w, 11);
    case W_function:
    case W_delegate:
    case W_sub:
        return function_value(w, t);
    case W_ctype:
    case W_directcast:
    case W_trycast:
        if (flow_take_op(w, '('))
            return cast_value(w, t);
        break;
    default:
        break;
    }
    bare_name(w, t->name, word, &v);
    if (v.var < 0 && word == W_eval && !flow_is_op(flow_token(w, 0), '(')) {
        v.object = K_EVAL;
        if (t->lang == ASP_JSCRIPT) {
            w->f->runs_made = true;
            asp_tell(w->f, ASP_EVAL, ASP_WEAK, "keeps what runs text under another name", &v,
                     t);
        }
    }
    if (v.var < 0 && word == W_functionconstructor && !flow_is_op(flow_token(w, 0), '(') &&
        !flow_is_op(flow_token(w, 0), '.'))
        v.object = K_EVAL; /* f = Function */
    int32_t fn = flow_function(w);
    if (v.var < 0 && fn >= 0 && w->functions[fn].name == t->name &&
        !flow_is_op(flow_token(w, 0), '('))
        v = w->functions[fn].result;
    else if (v.var < 0 && v.function >= 0 &&
             (flow_is_vb(w) || w->functions[v.function].property) &&
             !flow_is_op(flow_token(w, 0), '(') && !flow_is_op(flow_token(w, 0), '='))
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

static struct asp_value string_value(struct asp_flow *w, const struct asp_token *t)
{
    w->at++;
    struct asp_value v = asp_known(asp_string(t, w->budget.arena));
    if (v.text.n > 64 && has_style_sheet(w, v.text))
        (void)flow_run_text(w, v.text, ASP_JSCRIPT);
    return flow_is_op(flow_token(w, 0), '.') || flow_is_op(flow_token(w, 0), '[')
               ? postfix(w, v, FLOW_NONE, t)
               : v;
}

static struct asp_value number_value(struct asp_flow *w, const struct asp_token *t)
{
    bool ok;
    w->at++;
    struct asp_value v = asp_number(number_of(t, &ok));
    if (!ok)
        v.flags = 0;
    return v;
}

/* "[a, b]" */
static struct asp_value list_value(struct asp_flow *w, const struct asp_token *t)
{
    struct asp_value v = ASP_NOTHING;
    struct asp_value a[ASP_ARGUMENTS];
    size_t close = w->at < w->n_match ? w->match[w->at] : FLOW_NONE;
    w->at++;
    if (flow_constant_list(w, close, &v))
        return postfix(w, v, FLOW_NONE, t);
    size_t n = flow_arguments(w, ']', a);
    return postfix(w, flow_array_of(w, a, n), FLOW_NONE, t);
}

/* "-a", "!a", "&a" */
static struct asp_value signed_value(struct asp_flow *w, const struct asp_token *t)
{
    w->at++;
    struct asp_value v = flow_expression(w, 11);
    if (t->op == '-' && (v.flags & V_NUMBER))
        v.number = -v.number;
    else if (t->op != '+')
        v.flags &= ~(uint32_t)(V_NUMBER | V_KNOWN);
    return v;
}

/* A value that begins with an operator or a bracket. */
static struct asp_value operator_value(struct asp_flow *w, const struct asp_token *t)
{
    struct asp_value v;
    switch (t->op) {
    case '(':
        v = parenthesis(w);
        return postfix(w, v, FLOW_NONE, t);
    case '{': /* byte[] a = {b, c} */
        v = flow_braces(w, t->lang == ASP_VB ||
                               (t->lang == ASP_CSHARP && w->at > 0 &&
                                (flow_is_op(t - 1, '=') || flow_is_op(t - 1, '{') ||
                                 flow_is_op(t - 1, ','))));
        return postfix(w, v, FLOW_NONE, t);
    case '[':
        return list_value(w, t);
    case '.': /* With x: .y */
        return w->n_with ? postfix(w, flow_with(w), FLOW_NONE, t) : ASP_NOTHING;
    case '-':
    case '+':
    case '!':
    case '~':
    case '&':
    case '*':
    case '^':
    case ASP_OP_STEP:
        return signed_value(w, t);
    default:
        return ASP_NOTHING;
    }
}

struct asp_value flow_operand(struct asp_flow *w)
{
    const struct asp_token *t = flow_token(w, 0);
    switch (t->kind) {
    case ASP_STRING:
        return string_value(w, t);
    case ASP_NUMBER:
        return number_value(w, t);
    case ASP_NAME:
        return name_value(w);
    case ASP_OPERATOR:
        return operator_value(w, t);
    default:
        return ASP_NOTHING;
    }
}
