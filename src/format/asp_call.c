#include "format/asp_flow.h"

enum {
    SCRIPT_HEAD = 4096, /* bytes of a decoded text that are looked at */
    WORD_BYTES = 32,
    BUILT = 512, /* of what leads in a StringBuilder */
};

static uint32_t flowing(uint32_t flags)
{
    return flags & (V_REQ | V_OWN | V_FILE | V_HIDDEN | V_LONG | V_UPLOAD | V_SECRET | V_CODE |
                    V_CLIENT);
}

/* Whether what a function makes of its arguments was hidden in them: constants, of which one at
 * least is long enough for that. */
static bool hides(const struct asp_call *call)
{
    bool any = false;
    for (size_t i = 0; i < call->n; i++) {
        const struct asp_value *a = &call->arguments[i];
        if (!(a->flags & (V_KNOWN | V_NUMBER | V_HIDDEN)))
            return false;
        any |= (a->flags & V_HIDDEN) || ((a->flags & V_KNOWN) && a->text.n >= FLOW_HIDING);
    }
    return any;
}

/* What a list of all arguments that are left gets: each is an element of it. */
static struct asp_value rest_of(struct asp_flow *w, int32_t var, const struct asp_call *call,
                                size_t from)
{
    struct asp_value all = ASP_NOTHING;
    if (from + 1 == call->n && call->arguments[from].object == K_ARRAY)
        return call->arguments[from];
    for (size_t i = from; i < call->n; i++) {
        struct asp_value index = asp_number((int64_t)(i - from));
        struct str text;
        all = asp_union(&all, &call->arguments[i]);
        if (!asp_text_of(&w->budget, &index, &text))
            continue;
        int32_t element = flow_element_of(w, var, text);
        flow_set(w, element, call->arguments[i]);
        flow_assign_element(w, element, &call->arguments[i]);
    }
    return all;
}

/* The parameter that argument i is for. */
static size_t place_of(const struct asp_function *fn, const struct asp_call *call, size_t i)
{
    for (size_t k = 0; call->names && call->names[i] != FLOW_NONE && k < fn->n_parameters; k++)
        if (fn->parameters[k] == call->names[i])
            return k;
    return i;
}

/* The parameter of function k that argument i is for gets what the call gives it. */
static void give_parameter(struct asp_flow *w, int32_t k, size_t i, const struct asp_call *call)
{
    const struct asp_function *fn = &w->functions[k];
    size_t place = place_of(fn, call, i);
    int32_t var = flow_variable(w, fn->parameters[place], k);
    bool rest = fn->rest && place + 1 == fn->n_parameters;
    struct asp_value value = rest ? rest_of(w, var, call, i) : call->arguments[i];
    struct asp_variable *v = &w->vars[var];
    value.flags &= ~(uint32_t)V_OWN;
    bool same = (value.flags & V_KNOWN) && (v->value.flags & V_KNOWN) &&
                str_eq(value.text, v->value.text);
    if (v->set && !same) { /* called with other constants too */
        value.flags |= value.flags & V_KNOWN ? V_HIDDEN : 0;
        value.flags &= ~(uint32_t)(V_KNOWN | V_NUMBER);
    }
    uint32_t before = v->value.flags;
    flow_set(w, var, value);
    v = &w->vars[var];
    w->deep += (v->value.flags & ~before & FLOW_DEEP) != 0;
    if (call->at->lang == ASP_VB || (fn->by_reference >> place & 1))
        flow_add_flags(w, call->arguments[i].var, flowing(v->given), v->value.key);
}

struct asp_value flow_call_function(struct asp_flow *w, int32_t number,
                                    const struct asp_call *call)
{
    struct asp_value result = ASP_NOTHING;
    if (flow_run_function(w, number, call, &result))
        return result;
    bool constant = hides(call);
    struct asp_value all = ASP_NOTHING;
    for (size_t i = 0; i < call->n; i++)
        all = asp_union(&all, &call->arguments[i]);
    for (int32_t k = number; k >= 0 && w->steps < FLOW_STEPS; k = w->functions[k].next) {
        w->steps++;
        for (size_t i = 0; i < call->n && i < w->functions[k].n_parameters; i++)
            give_parameter(w, k, i, call);
        struct asp_value out = w->functions[k].result;
        result = k == number ? out : asp_union(&result, &out);
    }
    if ((result.flags & V_REQ) && !(result.flags & V_OWN)) { /* as much as goes in */
        result.flags &= all.flags | ~(uint32_t)(V_REQ | V_UPLOAD | V_SECRET | V_CLIENT);
        result.flags |= all.flags & V_OWN;
        result.key = all.key;
    }
    if (!(result.flags & (V_KNOWN | V_NUMBER)) && constant && !(result.flags & V_REQ))
        result.flags |= V_HIDDEN | (all.flags & V_LONG);
    result.var = -1;
    return result;
}

/* A comparison of the request's data with a constant: a password. */
void flow_note_password(struct asp_flow *w, const struct asp_value *a,
                        const struct asp_value *b)
{
    const struct asp_value *req = a->flags & V_REQ ? a : b;
    const struct asp_value *constant = a->flags & V_REQ ? b : a;
    if (!(req->flags & V_REQ) || !(constant->flags & V_KNOWN) || constant->text.n == 0 ||
        constant->text.n > FLOW_PASSWORD_BYTES)
        return;
    bool secret =
        (req->flags & V_SECRET) || flow_is_password(req->key) || constant->text.n >= 32;
    if (secret && !w->f->secret.n)
        w->f->secret = constant->text;
    if (!w->f->password.n)
        w->f->password = constant->text;
}

static bool mutates_arguments(enum asp_word word)
{
    return word == W_read || word == W_copyto || word == W_blockcopy || word == W_copy ||
           word == W_readblock || word == W_receive || word == W_transformblock ||
           word == W_getbytes || word == W_readasync || word == W_base64tostream ||
           word == W_emit || word == W_trygetvalue || word == W_copytoasync;
}

/* Characters of their numbers. */
static bool makes_text(enum asp_word word)
{
    return word == W_chr || word == W_chrw || word == W_chrb || word == W_tochar ||
           word == W_fromcharcode || word == W_getstring;
}

/* Mid(constant, n, 1): a part of a constant, which one is not known. */
static bool cuts_text(const struct asp_call *call, const struct asp_value *all)
{
    const struct asp_value *text = call->bare && call->n ? call->arguments : &call->base;
    bool cuts = call->word == W_mid || call->word == W_substring || call->word == W_substr ||
                call->word == W_charat || call->word == W_left || call->word == W_right ||
                call->word == W_replace || call->word == W_split;
    if (!call->bare && call->n && !(text->flags & V_KNOWN)) /* re.Replace("...", "") */
        text = call->arguments;
    return cuts && (text->flags & V_KNOWN) && text->text.n >= FLOW_HIDING &&
           !(all->flags & V_REQ);
}

/* What a database gives is what is stored, not what was asked for. */
static void stored(const struct asp_call *call, struct asp_value *out)
{
    unsigned base = call->base.object;
    if (call->word == W_execute && !call->bare && base == K_NONE)
        out->object = K_ADORS; /* of a connection that another file makes */
    if (out->object == K_ADORS || base == K_ADORS || base == K_SQLCMD || base == K_SQLADAPTER)
        out->flags = (out->flags & ~(uint32_t)(V_REQ | V_OWN | V_UPLOAD)) | V_FILE;
}

/* The method of an object or class that a text names. */
static struct asp_value method_of(struct asp_flow *w, const struct asp_value *object,
                                  const struct asp_value *name)
{
    struct asp_value v = ASP_NOTHING;
    struct str text;
    v.object = K_METHOD;
    v.flags = (object->flags | name->flags) & V_HIDDEN;
    v.number = (int64_t)object->object << 16;
    if (asp_text_of(&w->budget, name, &text) && text.n < FLOW_PASSWORD_BYTES)
        v.number |= w->code->names[asp_name(w->code, text)].word;
    return v;
}

/* "new StringBuilder(a)", "b.Append(a)", which gives b, "b.ToString()": what stands in it leads
 * what is added later. */
static void build(struct asp_flow *w, const struct asp_call *call, struct asp_value *out)
{
    const struct asp_value *added = call->n ? &call->arguments[0] : NULL;
    bool leads = added && (!(added->flags & V_REQ) || (added->flags & V_LEAD));
    bool made = call->is_new && call->word == W_stringbuilder;
    if (made && leads) {
        out->flags |= V_LEAD;
        out->text = added->text;
        return;
    }
    if (call->bare || call->base.object != K_BUILDER)
        return;
    int32_t var = call->base.var;
    if (call->word == W_tostring || var < 0) {
        out->text = call->base.text;
        return;
    }
    struct asp_value *b = &w->vars[var].value;
    if (leads && !(call->base.flags & V_REQ)) {
        bool is_long = call->base.text.n > BUILT; /* what is said by how it ends is enough */
        struct asp_value was = asp_known(is_long ? STR("") : call->base.text);
        struct asp_value all = asp_concat(&w->budget, &was, added);
        b->flags |= V_LEAD;
        b->text = all.text;
    }
    *out = *b;
    out->object = K_BUILDER;
}

/* "new Func<string, string>(Method)" is the method. */
static void keep_method(const struct asp_value *method, struct asp_value *out)
{
    out->function = method->function;
    if (method->flags & V_METHOD) {
        out->number = method->number;
        out->flags |= V_METHOD;
    }
}

/* What gets into an object; and, of a stream around a stream, into the one that it writes to. */
static void flow_into(struct asp_flow *w, const struct asp_value *v, uint32_t flags,
                      struct str key)
{
    bool stream = v->object == K_READER || v->object == K_WRITER || v->object == K_STREAM;
    flow_add_flags(w, v->var, flags, key);
    if (stream && v->number > 0 && (uint64_t)v->number <= w->n_vars)
        flow_add_flags(w, (int32_t)v->number - 1, flags, key);
}

/* Functions that are wrapped, or put into a list. */
static void keep_function(struct asp_flow *w, const struct asp_call *call,
                          struct asp_value *out)
{
    int32_t list = call->word == W_add || call->word == W_push ? call->base.var : -1;
    if (call->is_new && call->n == 1)
        keep_method(&call->arguments[0], out);
    if (list >= 0 && call->n)
        w->vars[list].value.function =
            flow_either_function(w, call->base.function, call->arguments[call->n - 1].function);
}

/* Objects of which the members are of their kind too. */
static bool is_whole_kind(unsigned object)
{
    return object == K_PSHELL || object == K_WMI || object == K_SCHEDULER ||
           object == K_IISADMIN;
}

/* The kind of object that a call that is not known gives. */
static void give_object(struct asp_flow *w, const struct asp_call *call, struct asp_value *out)
{
    unsigned base = call->base.object;
    if (call->is_new) {
        out->object = (uint16_t)asp_object_of_word(call->word);
        if (call->n && (call->word == W_cryptostream || call->word == W_gzipstream ||
                        call->word == W_deflatestream))
            out->number = call->arguments[0].var + 1;
    } else if (!call->bare && is_whole_kind(base))
        out->object = (uint16_t)base;
    else if (!call->bare && (base == K_ASSEMBLY || base == K_TYPE) && call->word != W_tostring)
        out->object = call->word == W_getmethod ? K_METHOD : (uint16_t)base;
    if (!call->bare && call->word == W_getmethod && call->n) {
        struct asp_value method = method_of(w, &call->base, &call->arguments[0]);
        out->object = K_METHOD;
        out->number = method.number;
    }
}

/* What a call that is not known does: what goes in comes out, and stays in its object. */
static struct asp_value unknown_call(struct asp_flow *w, const struct asp_call *call)
{
    struct asp_value all = ASP_NOTHING;
    for (size_t i = 0; i < call->n; i++)
        all = asp_union(&all, &call->arguments[i]);
    if (!call->bare && flowing(all.flags))
        flow_into(w, &call->base, flowing(all.flags), all.key);
    all.flags &= ~(uint32_t)V_HERE; /* s.Replace(MapPath("."), "") is no path of that folder */
    struct asp_value out = all;
    if (!call->bare)
        out = asp_union(&call->base, &all);
    out.flags &= ~(uint32_t)V_P_PAGE; /* what is made of a page's name is another */
    if ((out.flags & V_DIGITS) && makes_text(call->word)) {
        out.flags |= V_REQ | V_OWN;
        out.key = all.key;
    }
    if (makes_text(call->word) &&
        call->word != W_getstring) /* Chr("&H" & a): what led the number is gone */
        out.flags &= ~(uint32_t)V_LEAD;
    if (cuts_text(call, &all))
        out.flags |= V_HIDDEN;
    flow_call_lambdas(w, call, &out);
    keep_function(w, call, &out);
    stored(call, &out);
    build(w, call, &out);
    if (call->word == W_copyto)
        asp_act_copy_to(w->f, call);
    for (size_t i = 0; i < call->n; i++)
        if (mutates_arguments(call->word) || call->arguments[i].word == W_out)
            flow_into(w, &call->arguments[i], flowing(out.flags), out.key);
    give_object(w, call, &out);
    return out;
}

static struct asp_value reader_call(struct asp_flow *w, const struct asp_call *call);

/* "new C(a)" of a class of the page: its constructor is called. */
static void construct(struct asp_flow *w, const struct asp_call *call, uint32_t name)
{
    bool vb = call->at->lang == ASP_VB;
    if (!call->is_new || name == FLOW_NONE || call->n == 0 || call->word != W_NONE)
        return;
    int32_t fn = flow_per_name(w, vb ? asp_name(w->code, STR("new")) : name)->function;
    if (fn >= 0)
        (void)flow_call_function(w, fn, call);
}

/* "f.Invoke(a)", "new Thread(f).Start(a)": f is called. */
static bool calls_base(enum asp_word word)
{
    return word == W_invoke || word == W_dynamicinvoke || word == W_begininvoke ||
           word == W_start;
}

/* "a.Turn(b)" of "static string Turn(this string a, int b)". */
static bool is_extension_call(const struct asp_function *fn, const struct asp_call *call)
{
    return fn->extension && !call->bare && call->n < fn->n_parameters &&
           call->n < ASP_ARGUMENTS;
}

/* A function of the page, of the operating system, or what a variable holds. */
static bool call_of_page(struct asp_flow *w, const struct asp_call *call, uint32_t name,
                         struct asp_value *ret)
{
    bool member = !call->bare && call->word != W_NONE;
    if (call->is_new || (name == FLOW_NONE && !(call->base.flags & V_METHOD)) ||
        (member && call->word != W_invoke && call->word != W_dynamicinvoke &&
         (call->base.object != K_NONE || (call->base.flags & V_CLASS))))
        return false;
    struct asp_call inner = *call;
    int32_t fn = name == FLOW_NONE ? -1 : flow_per_name(w, name)->function;
    if (fn >= 0 && w->functions[fn].native) {
        uint32_t flags;
        inner.word = (enum asp_word)w->functions[fn].native;
        inner.bare = true;
        return asp_act(w->f, &w->budget, &inner, ret, &flags);
    }
    int32_t var = call->bare && name != FLOW_NONE ? flow_find(w, name) : -1;
    struct asp_value held = var >= 0 ? w->vars[var].value : call->base;
    if ((call->bare || calls_base(call->word)) && (held.flags & V_METHOD)) {
        inner.word = (enum asp_word)(held.number & 0xffff);
        inner.base = ASP_NOTHING;
        inner.base.object = (uint16_t)(held.number >> 16);
        inner.bare = false;
        *ret = flow_call(w, &inner, FLOW_NONE);
        return true;
    }
    if (fn < 0 && var >= 0)
        fn = w->vars[var].value.function;
    if (fn < 0 && calls_base(call->word) && !call->bare)
        fn = call->base.function;
    struct asp_value shifted[ASP_ARGUMENTS];
    if (fn >= 0 && is_extension_call(&w->functions[fn], call)) {
        shifted[0] = call->base;
        memcpy(shifted + 1, call->arguments, call->n * sizeof *shifted);
        inner.arguments = shifted;
        inner.names = NULL;
        inner.n++;
    }
    if (fn >= 0 && w->functions[fn].property && w->functions[fn].result.function >= 0)
        fn = w->functions[fn].result.function; /* a property that gives a function */
    if (fn >= 0)
        *ret = flow_call_function(w, fn, &inner);
    return fn >= 0;
}

/* CallByName(object, "Run", type, arguments), LateCall(object, type, "Run", arguments),
 * type.InvokeMember("Run", flags, binder, object, arguments): where the name is known. */
static bool call_by_name(struct asp_flow *w, const struct asp_call *call, struct asp_value *ret)
{
    bool late = call->word == W_latecall || call->word == W_lateget;
    bool by_name = call->word == W_callbyname;
    struct str text;
    size_t name = by_name ? 1 : late ? 2 : 0;
    size_t object = call->word == W_invokemember ? 3 : 0;
    size_t rest = by_name || late ? 3 : 4;
    if ((!late && !by_name && call->word != W_invokemember) || call->n <= name ||
        !asp_text_of(&w->budget, &call->arguments[name], &text) || text.n > FLOW_PASSWORD_BYTES)
        return false;
    struct asp_call inner = *call;
    inner.base = object < call->n && call->arguments[object].object ? call->arguments[object]
                                                                    : call->base;
    uint32_t number = asp_name(w->code, text);
    inner.word = (enum asp_word)w->code->names[number].word;
    inner.bare = false;
    inner.n = call->n > rest ? call->n - rest : 0;
    inner.arguments = call->arguments + (call->n - inner.n);
    if (!asp_is_act((enum asp_object)inner.base.object, inner.word))
        return false;
    *ret = flow_call(w, &inner, FLOW_NONE);
    return true;
}

/* CreateDelegate(type, method), CreateDelegate(type, object, "Name"), method.CreateDelegate(type):
 * what is called by it is the method. */
static bool delegate_of(struct asp_flow *w, const struct asp_call *call, struct asp_value *ret)
{
    const struct asp_value *method = call->base.object == K_METHOD ? &call->base : NULL;
    const struct asp_value *name = call->n > 2 ? &call->arguments[2] : NULL;
    if (call->word != W_createdelegate || call->bare)
        return false;
    for (size_t i = 0; i < call->n && !method; i++)
        if (call->arguments[i].object == K_METHOD)
            method = &call->arguments[i];
    if (!method && !name)
        return false;
    *ret = method ? *method : method_of(w, &call->arguments[1], name);
    ret->var = -1;
    ret->flags |= ret->number & 0xffff ? (uint32_t)V_METHOD : 0;
    return true;
}

static bool runs_code(enum asp_word word)
{
    return word == W_eval || word == W_execute || word == W_executeglobal ||
           word == W_executestatement || word == W_addcode || word == W_functionconstructor;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Whether a text that the page decoded reads as script: what comes out of a decoder that was
 * misunderstood does not. */
static bool is_script(struct str text)
{
    size_t odd = 0;
    size_t words = 0;
    text = str_part(text, 0, SCRIPT_HEAD);
    for (size_t i = 0; i < text.n;) {
        char lower[WORD_BYTES];
        size_t n = 0;
        odd += (unsigned char)text.p[i] < ' ' && !strchr("\t\r\n\f", text.p[i]);
        while (i + n < text.n && n < WORD_BYTES && is_letter(text.p[i + n])) {
            lower[n] = ascii_lower(text.p[i + n]);
            n++;
        }
        words += n > 1 && asp_word((struct str){lower, n}) != W_NONE;
        i += n ? n : 1;
    }
    return odd * 50 <= text.n && words >= (text.n > 200 ? 3 : 1);
}

/* The code of a call that runs code: of "new Function(a, b, code)" the last argument. */
static struct asp_value *code_of(const struct asp_call *call)
{
    size_t last = call->word == W_functionconstructor && call->n ? call->n - 1 : 0;
    return call->n ? &call->arguments[last] : NULL;
}

/* Code that the page decoded, and that is none, is as if it were not known. */
static void doubt_decoded(const struct asp_call *call)
{
    struct asp_value *code = code_of(call);
    if (code && (code->flags & V_KNOWN) && (code->flags & V_HIDDEN) && !is_script(code->text))
        code->flags &= ~(uint32_t)V_KNOWN;
}

/* "GetRef("Name")": the function. */
static bool get_ref(struct asp_flow *w, const struct asp_call *call, struct asp_value *ret)
{
    struct str text;
    if (call->word != W_getref || !call->n || !asp_text_of(&w->budget, call->arguments, &text))
        return false;
    ret->function = flow_per_name(w, asp_name(w->code, text))->function;
    return true;
}

/* "f.call(this, a)", "f.apply(this, [a])" of JScript: f is called. "e.Compile()" gives what was
 * built. */
static bool call_through(struct asp_flow *w, const struct asp_call *call, struct asp_value *ret)
{
    const struct asp_value *base = &call->base;
    struct asp_call inner = *call;
    if (call->bare)
        return false;
    if (call->word == W_compile && call->n == 0) {
        *ret = *base;
        return base->function >= 0 || base->object == K_METHOD;
    }
    if ((call->word != W_call && call->word != W_apply) || call->at->lang != ASP_JSCRIPT ||
        call->n < 2 || (base->object != K_EVAL && base->function < 0))
        return false;
    inner.base = ASP_NOTHING;
    inner.bare = true;
    inner.word = base->object == K_EVAL ? W_eval : W_NONE;
    inner.arguments++;
    inner.n--;
    inner.names = NULL;
    *ret = base->object == K_EVAL ? flow_call(w, &inner, FLOW_NONE)
                                  : flow_call_function(w, base->function, &inner);
    return true;
}

/* What an act did to its object, and to the stream that a writer writes to. */
static void acted(struct asp_flow *w, const struct asp_call *call, uint32_t base_flags)
{
    const struct asp_value *first = call->n ? &call->arguments[0] : &ASP_NOTHING;
    flow_add_flags(w, call->base.var, base_flags, first->key);
    if (call->base.object == K_WRITER && call->base.number)
        flow_into(w, &call->base, flowing(first->flags), first->key);
}

struct asp_value flow_call(struct asp_flow *w, const struct asp_call *call, uint32_t name)
{
    struct asp_value out = ASP_NOTHING;
    uint32_t base_flags = 0;
    w->last = *call;
    memcpy(w->last_arguments, call->arguments, call->n * sizeof *call->arguments);
    w->last.arguments = w->last_arguments;
    w->last.names = NULL;
    w->has_last = true;
    if (get_ref(w, call, &out) || flow_dictionary(w, call, &out) || call_through(w, call, &out))
        return out;
    if (call->word == W_equals && call->n == 1)
        flow_note_password(w, &call->base, &call->arguments[0]);
    construct(w, call, name);
    if (call_of_page(w, call, name, &out) || call_by_name(w, call, &out) ||
        delegate_of(w, call, &out))
        return out;
    if (call->base.object == K_REQUEST &&
        (call->word == W_getbufferlessinputstream || call->word == W_getbufferedinputstream))
        return flow_request_member(W_inputstream);
    if (call->n == 1 && !call->bare && !call->is_new &&
        flow_look_up(w, &call->base, &call->arguments[0], &out) &&
        (call->word == W_get || call->word == W_getvalues || call->word == W_item))
        return out;
    if (call->word != W_NONE && asp_fold(&w->budget, call, &out))
        return out;
    if (call->word == W_eval && !call->bare && call->base.object == K_NONE &&
        call->at->lang == ASP_VB && (call->base.flags & V_UNSET))
        return reader_call(w,
                           call); /* of an object that another file makes: not the language's */
    bool runs = runs_code(call->word);
    if (runs)
        doubt_decoded(call);
    if (call->word != W_NONE && asp_act(w->f, &w->budget, call, &out, &base_flags)) {
        acted(w, call, base_flags);
        const struct asp_value *code = code_of(call);
        if (runs && code && (code->flags & V_KNOWN) && call->base.object != K_ADOCONN)
            out = flow_run_text(w, code->text, (enum asp_lang)call->at->lang);
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
