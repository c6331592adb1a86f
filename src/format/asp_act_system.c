#include "format/asp_act.h"

static enum asp_sure likely(const struct asp_findings *f)
{
    return f->self_contained ? ASP_LIKELY : ASP_WEAK;
}

/* A task that the server runs from now on. */
static void tell_task(struct asp_findings *f, const struct asp_value *v,
                      const struct asp_token *at)
{
    asp_tell_lone(f, ASP_PROCESS, "makes a task, and belongs to no application", v, at);
    if (act_is_request(v))
        asp_tell(f, ASP_PROCESS, ASP_CERTAIN, "makes a task of what comes with the request", v,
                 at);
    else
        asp_tell(f, ASP_PROCESS, ASP_WEAK, "makes a task", v, at);
}

/* A site, an application or a folder of the server. */
static void tell_site(struct asp_findings *f, const struct asp_value *v,
                      const struct asp_token *at)
{
    asp_tell_lone(f, ASP_REFLECT, "sets up sites or folders of the server", v, at);
    asp_tell(f, ASP_REFLECT, act_is_request(v) ? likely(f) : ASP_WEAK,
             "sets up sites or folders of the server", v, at);
}

/* What is told of files that are changed, but for what stands in them. */
static void tell_times(struct asp_findings *f, const struct asp_value *path,
                       const struct asp_token *at)
{
    act_tell_path(f, ASP_WRITE, path, "sets the times of a file that the request names",
                  "sets the times of files", at);
}

static bool is_file_time(enum asp_word word)
{
    return word == W_lastwritetime || word == W_lastwritetimeutc || word == W_creationtime ||
           word == W_creationtimeutc || word == W_lastaccesstime ||
           word == W_lastaccesstimeutc || word == W_attributes;
}

void act_set_system(struct asp_findings *f, const struct asp_value *base, enum asp_word word,
                    const struct asp_value *value, const struct asp_token *at)
{
    switch (base->object) {
    case K_SCHEDULER:
        if (word == W_path || word == W_arguments)
            tell_task(f, value, at);
        return;
    case K_IISADMIN:
        tell_site(f, value, at);
        return;
    case K_REGISTRAR:
        asp_tell(f, ASP_REFLECT, f->application ? ASP_WEAK : likely(f),
                 "changes what answers the server's requests", value, at);
        return;
    case K_SEARCHER:
        if (word == W_filter && act_is_whole(value))
            asp_tell(f, ASP_BROWSE, likely(f), "searches a directory as the request says",
                     value, at);
        return;
    case K_FILECLASS:
    case K_FOLDER:
        if (is_file_time(word))
            tell_times(f, base, at);
        return;
    default:
        return;
    }
}

static void act_search(struct asp_findings *f, const struct asp_call *call)
{
    for (size_t i = 0; i < call->n; i++)
        if (call->arguments[i].object == K_NONE && act_is_whole(&call->arguments[i]))
            asp_tell(f, ASP_BROWSE, likely(f), "searches a directory as the request says",
                     &call->arguments[i], call->at);
}

/* A file that is sent away: not one that came with the request. */
static void tell_sent(struct asp_findings *f, const struct asp_value *path,
                      const struct asp_token *at)
{
    bool upload = (path->flags & (V_UPLOAD | V_CLIENT)) || path->object == K_READER ||
                  path->object == K_STREAM || path->object == K_POSTED;
    if (!upload && act_is_whole(path))
        act_tell_path(f, ASP_READ, path, "sends a file that the request names", "", at);
}

/* client.UploadFile(address, path), client.UploadFile(address, method, path),
 * My.Computer.Network.UploadFile(path, address) */
static void act_send_up(struct asp_findings *f, const struct asp_call *call)
{
    bool client = call->base.object == K_WEBCLIENT;
    if (call->n > 1)
        tell_sent(f, client ? &call->arguments[call->n - 1] : &call->arguments[0], call->at);
}

static void act_service(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value all = act_arguments(call);
    bool named = act_is_request(&all) || (call->base.flags & V_P_REQ);
    if (named)
        asp_tell(f, ASP_PROCESS, likely(f), "works with a service that the request names", &all,
                 call->at);
}

static void act_end_program(struct asp_findings *f, const struct asp_call *call)
{
    bool named = (call->base.flags & (V_REQ | V_DIGITS)) != 0;
    asp_tell(f, ASP_PROCESS, named ? likely(f) : ASP_WEAK,
             named ? "ends a program that the request names" : "ends programs", &call->base,
             call->at);
}

/* "process.StandardInput.WriteLine(a)" */
static void act_tell_program(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value all = act_arguments(call);
    if (act_is_request(&all))
        asp_tell(f, ASP_PROCESS, call->base.flags & V_SHELL ? ASP_CERTAIN : ASP_WEAK,
                 "gives a program what comes with the request", &all, call->at);
}

bool act_system(struct asp_findings *f, const struct asp_call *call, enum asp_act act,
                struct asp_value *ret)
{
    struct asp_value all = act_arguments(call);
    *ret = ASP_NOTHING;
    switch ((int)act) {
    case A_SEARCH:
        act_search(f, call);
        ret->object = K_SEARCHER;
        return true;
    case A_TASK:
        tell_task(f, &all, call->at);
        return true;
    case A_SITE:
        tell_site(f, &all, call->at);
        ret->object = K_IISADMIN;
        return true;
    case A_SERVICE:
        act_service(f, call);
        return true;
    case A_CLEAR_LOG:
        asp_tell(f, ASP_DELETE, ASP_WEAK, "empties a log of the server", &all, call->at);
        asp_tell_lone(f, ASP_DELETE, "empties a log of the server", &all, call->at);
        return true;
    case A_END_PROGRAM:
        act_end_program(f, call);
        return true;
    case A_PROGRAMS:
        ret->object = K_PROCESS;
        ret->flags = all.flags & (V_REQ | V_DIGITS);
        ret->key = all.key;
        return true;
    case A_VERB:
        if (act_is_request(&call->base))
            asp_tell(f, ASP_PROCESS, ASP_CERTAIN, "starts a program that the request names",
                     &call->base, call->at);
        return true;
    case A_TELL_PROGRAM:
        act_tell_program(f, call);
        return true;
    case A_ATTACH:
        tell_sent(f, act_argument(call, 0), call->at);
        *ret = all;
        return true;
    case A_SEND_UP:
        act_send_up(f, call);
        return true;
    default:
        return false;
    }
}
