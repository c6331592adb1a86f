#include "format/asp_act.h"

/* Expression.Call(method, ...), Expression.Call(typeof(T), "Name", types, ...): what is built is
 * called some time. The values stand in Expression.Constant. */
static struct asp_value act_expression(struct asp_findings *f, struct asp_budget *budget,
                                       const struct asp_call *call)
{
    struct asp_value all = act_arguments(call);
    struct asp_value out = ASP_NOTHING;
    struct str text;
    size_t at = act_argument(call, 0)->object == K_METHOD ? 0 : 1;
    const struct asp_value *method = act_argument(call, at);
    struct asp_call inner = *call;
    uint32_t flags;
    inner.word = W_invoke;
    inner.base = *method;
    if (method->object != K_METHOD && asp_text_of(budget, method, &text) && text.n < 32) {
        char lower[32];
        for (size_t i = 0; i < text.n; i++)
            lower[i] = ascii_lower(text.p[i]);
        inner.base.number = (int64_t)act_argument(call, 0)->object << 16 |
                            asp_word((struct str){lower, text.n});
        inner.base.object = K_METHOD;
        inner.base.flags = 0;
        at++;
    }
    if (inner.base.object == K_METHOD) {
        inner.arguments[at] = ASP_NOTHING; /* no object */
        inner.arguments += at;
        inner.n -= at;
        (void)asp_act(f, budget, &inner, &out, &flags);
        all.object = K_METHOD;
        all.number = inner.base.number;
        return all;
    }
    all.object = K_NONE;
    return all;
}

static struct asp_value act_typed(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value all = act_arguments(call);
    bool made = call->word == W_deserializeobject || call->word == W_deserialize;
    if (act_is_request(&all) && (f->typed || !made))
        asp_tell(f, made ? ASP_DESERIALISE : ASP_REFLECT,
                 f->self_contained ? ASP_LIKELY : ASP_WEAK,
                 made ? "makes objects of the request's data, of which they say the type"
                      : "reads objects of a type that the request names",
                 &all, call->at);
    all.object = K_NONE;
    return made ? all : ASP_NOTHING; /* what is in the text is in the object */
}

bool act_net(struct asp_findings *f, struct asp_budget *budget, const struct asp_call *call,
             enum asp_act act, struct asp_value *ret)
{
    struct asp_value all = act_arguments(call);
    enum asp_sure likely = f->self_contained ? ASP_LIKELY : ASP_WEAK;
    *ret = ASP_NOTHING;
    switch ((int)act) {
    case A_EXPRESSION:
        *ret =
            call->word == W_lambda ? *act_argument(call, 0) : act_expression(f, budget, call);
        return true;
    case A_TYPED:
        *ret = act_typed(f, call);
        return true;
    case A_ENGINE:
        ret->object = K_SCRIPTHOST;
        return true;
    case A_MADE_METHOD: /* new DynamicMethod */
        ret->object = K_METHOD;
        ret->flags = V_HIDDEN;
        return true;
    case A_PROVIDER:
        asp_tell(f, ASP_REFLECT, likely, "calls what a text names", &all, call->at);
        return true;
    case A_TIMES:
        act_tell_path(f, ASP_WRITE, act_argument(call, 0),
                      "sets the times of a file that the request names",
                      "sets the times of files", call->at);
        return true;
    case A_ASK_WMI:
        if (act_is_whole(&all))
            asp_tell(f, ASP_BROWSE, likely, "asks the system what the request says", &all,
                     call->at);
        ret->object = K_WMI;
        ret->flags = all.flags & (V_REQ | V_LEAD);
        ret->key = all.key;
        return true;
    case A_DIRECTORY: /* new DirectoryEntry("WinNT://...") */
        ret->object = str_istarts(act_argument(call, 0)->text, STR("winnt:")) ? K_ADSI : K_NONE;
        ret->flags = act_path_flags(act_argument(call, 0));
        if (act_is_whole(act_argument(call, 0)))
            asp_tell(f, ASP_BROWSE, likely, "asks a directory that the request names", &all,
                     call->at);
        return true;
    case A_LISTEN:
        asp_tell(f, ASP_TUNNEL, likely, "waits for connections", &all, call->at);
        ret->object = K_SOCKET;
        return true;
    case A_REGISTER:
        asp_tell(f, ASP_REFLECT, f->application ? ASP_WEAK : likely,
                 "changes what answers the server's requests", &all, call->at);
        return true;
    default:
        return false;
    }
}
