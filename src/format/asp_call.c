#include "format/asp_flow.h"

/* Calls a function of the page: its parameters get the values. */
static struct asp_value call_function(struct asp_flow *w, int32_t number,
                                      const struct asp_call *call)
{
    struct asp_value result = ASP_NOTHING;
    bool constant = call->n > 0;
    for (size_t i = 0; i < call->n; i++)
        constant &= (call->arguments[i].flags & (V_KNOWN | V_NUMBER | V_HIDDEN)) != 0;
    for (int32_t k = number; k >= 0; k = w->functions[k].next) {
        struct asp_function *fn = &w->functions[k];
        fn->called = true;
        for (size_t i = 0; i < call->n && i < fn->n_parameters; i++) {
            int32_t var = flow_variable(w, fn->parameters[i], k);
            struct asp_variable *v = &w->vars[var];
            struct asp_value value = call->arguments[i];
            bool same = (value.flags & V_KNOWN) && (v->value.flags & V_KNOWN) &&
                        str_eq(value.text, v->value.text);
            if (v->set && !same) { /* called with other constants too */
                value.flags |= value.flags & V_KNOWN ? V_HIDDEN : 0;
                value.flags &= ~(uint32_t)(V_KNOWN | V_NUMBER);
            }
            flow_set(w, var, value);
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
        flow_add_flags(w, call->base.var, flowing(all.flags), all.key);
    struct asp_value out = all;
    if (!call->bare)
        out = asp_union(&call->base, &all);
    if (mutates_arguments(call->word))
        for (size_t i = 0; i < call->n; i++)
            flow_add_flags(w, call->arguments[i].var, flowing(out.flags), out.key);
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

struct asp_value flow_call(struct asp_flow *w, const struct asp_call *call, uint32_t name)
{
    struct asp_value out = ASP_NOTHING;
    uint32_t base_flags = 0;
    w->last = *call;
    memcpy(w->last_arguments, call->arguments, call->n * sizeof *call->arguments);
    w->last.arguments = w->last_arguments;
    w->has_last = true;
    if (call->word == W_equals && call->n == 1)
        flow_note_password(w, &call->base, &call->arguments[0]);
    if (call->word == W_NONE || call->bare) {
        int32_t fn = name == FLOW_NONE ? -1 : flow_per_name(w, name)->function;
        if (fn >= 0 && !call->is_new)
            return call_function(w, fn, call);
    } else if (!call->is_new && name != FLOW_NONE && call->base.object == K_NONE &&
               flow_per_name(w, name)->function >= 0 && !(call->base.flags & V_CLASS)) {
        return call_function(w, flow_per_name(w, name)->function, call);
    }
    if (call->n == 1 && !call->bare && !call->is_new &&
        flow_look_up(w, &call->base, &call->arguments[0], &out) &&
        (call->word == W_get || call->word == W_getvalues || call->word == W_item))
        return out;
    if (call->word != W_NONE && asp_fold(&w->budget, call, &out))
        return out;
    if (call->word != W_NONE && asp_act(w->f, &w->budget, call, &out, &base_flags)) {
        flow_add_flags(w, call->base.var, base_flags,
                       call->n ? call->arguments[0].key : STR(""));
        const struct asp_value *code = call->n ? &call->arguments[0] : NULL;
        bool runs = call->word == W_eval || call->word == W_execute ||
                    call->word == W_executeglobal || call->word == W_executestatement ||
                    call->word == W_addcode;
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
