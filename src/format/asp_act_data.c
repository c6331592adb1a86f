#include "format/asp_act.h"

/* Procedures of a database that run commands. */
static bool runs_commands(struct str statement)
{
    return str_ifind(statement, STR("xp_cmdshell"), 0) != SIZE_MAX ||
           str_ifind(statement, STR("sp_oamethod"), 0) != SIZE_MAX ||
           str_ifind(statement, STR("sp_add_jobstep"), 0) != SIZE_MAX ||
           str_ifind(statement, STR("select shell("), 0) != SIZE_MAX;
}

void act_tell_sql(struct asp_findings *f, bool command, bool connection,
                  const struct asp_value *v, const struct asp_token *at)
{
    if (command && connection)
        asp_tell(f, ASP_SQL, ASP_CERTAIN,
                 "runs statements of the request in a database that it names", v, at);
    else if (runs_commands(v->text) && act_is_request(v))
        asp_tell(f, ASP_PROCESS, ASP_CERTAIN,
                 "runs a command that comes with the request, through the database", v, at);
    else if (connection && act_is_request(v) && f->classic && f->self_contained && f->small)
        asp_tell(f, ASP_SQL, ASP_LIKELY,
                 "runs statements with the request's data in a database that it names", v, at);
    else if (command)
        asp_tell(f, ASP_SQL, f->self_contained ? ASP_LIKELY : ASP_WEAK,
                 "runs statements that come with the request", v, at);
    else
        asp_tell(f, ASP_SQL, ASP_WEAK, "works with a database", v, at);
}

static struct asp_value act_sql_new(struct asp_findings *f, const struct asp_call *call)
{
    bool turned = call->word == W_sqldatasource; /* the connection stands first */
    const struct asp_value *command = act_argument(call, turned ? 1 : 0);
    const struct asp_value *connection = act_argument(call, turned ? 0 : 1);
    struct asp_value made = ASP_NOTHING;
    bool named = ((connection->flags | act_path_flags(connection)) & V_P_REQ) != 0;
    made.object = (uint16_t)asp_object_of_word(call->word);
    made.key = act_is_request(command) ? command->key : connection->key;
    made.flags = act_is_whole(command) ? V_SQL : 0;
    made.flags |= named ? V_P_REQ : 0;
    act_tell_sql(f, act_is_whole(command), named, command, call->at);
    return made;
}

static void act_sql_run(struct asp_findings *f, const struct asp_call *call)
{
    const struct asp_value *command = call->n ? act_argument(call, 0) : &call->base;
    bool whole = (call->n && act_is_whole(command)) || (call->base.flags & V_SQL);
    bool named =
        (call->base.flags & V_P_REQ) || (act_path_flags(act_argument(call, 1)) & V_P_REQ);
    bool set = (call->base.flags & (V_SQL | V_P_REQ)) != 0;
    bool memory = f->classic && call->base.object == K_ADORS && call->n == 0;
    if ((call->base.object == K_NONE || memory) && !set)
        return;
    struct asp_value told = *command;
    if (whole && !act_is_request(command)) {
        told = call->base;
        told.flags |= V_REQ;
    }
    act_tell_sql(f, whole, named, &told, call->at);
}

static struct asp_value act_sql_open(struct asp_findings *f, const struct asp_call *call,
                                     uint32_t *ret_base_flags)
{
    const struct asp_value *connection = act_argument(call, 0);
    struct asp_value made = ASP_NOTHING;
    made.object = K_SQLCONN;
    made.key = connection->key;
    made.flags = act_is_request(connection) ? V_P_REQ : 0;
    *ret_base_flags |= made.flags;
    asp_tell(f, ASP_SQL, ASP_WEAK, "works with a database", connection, call->at);
    if (act_is_request(connection))
        asp_tell_lone(f, ASP_SQL, "opens a database that the request names", connection,
                      call->at);
    return made;
}

static void act_connect(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value all = act_arguments(call);
    if (call->word == W_send && (call->n < 4 || !act_is_request(act_argument(call, 2))))
        return; /* Send(data, size, machine, port) */
    for (size_t i = 0; i < call->n; i++)
        f->connects |= !(call->arguments[i].flags & (V_KNOWN | V_NUMBER));
    if (act_is_request(&all))
        asp_tell(f, ASP_TUNNEL, ASP_LIKELY, "connects to a machine that the request names",
                 &all, call->at);
    else if (call->n)
        asp_tell(f, ASP_TUNNEL, ASP_WEAK, "connects to another machine", &all, call->at);
}

/* "http://127.0.0.1:", and the rest is the request's. */
static bool is_own_server(struct str lead)
{
    return str_iends(lead, STR("//127.0.0.1:")) || str_iends(lead, STR("//localhost:"));
}

/* "http://", and what is asked is the request's. */
static bool is_host_named(const struct asp_value *url)
{
    return (url->flags & V_REQ) && (url->flags & V_LEAD) && url->key.n &&
           (str_ieq(url->text, STR("http://")) || str_ieq(url->text, STR("https://")));
}

static bool is_file_url(const struct asp_value *url)
{
    return (url->flags & V_REQ) && (url->flags & V_LEAD) &&
           (str_ieq(url->text, STR("file://")) || str_ieq(url->text, STR("file:///")));
}

/* Which server is asked. */
static void tell_server(struct asp_findings *f, const struct asp_value *url, bool opens,
                        const struct asp_token *at)
{
    bool named = act_is_whole(url) || (f->classic && f->tiny && is_host_named(url));
    bool proxy = opens && named && url->key.n && f->self_contained && f->small;
    f->asks_named |= act_is_whole(url) && url->key.n;
    if (is_file_url(url))
        asp_tell(f, ASP_READ, f->self_contained ? ASP_LIKELY : ASP_WEAK,
                 "reads a file that the request names", url, at);
    asp_tell(f, ASP_FETCH, proxy ? ASP_LIKELY : ASP_WEAK,
             named ? "asks a server that the request names" : "asks another server", url, at);
}

static struct asp_value act_fetch(struct asp_findings *f, const struct asp_call *call,
                                  enum asp_act act)
{
    struct asp_value url = *act_argument(call, act == A_HTTP_OPEN ? 1 : 0);
    const struct asp_value *path = act_argument(call, 1);
    if (act == A_FETCH_FILE && act_is_whole(&url) && act_is_request(path))
        asp_tell(f, ASP_WRITE, ASP_LIKELY, "fetches a file to where the request says", &url,
                 call->at);
    else if (act == A_FETCH_FILE && act_is_whole(&url))
        asp_tell(f, ASP_WRITE, f->self_contained ? ASP_LIKELY : ASP_WEAK,
                 "fetches a file from where the request says", &url, call->at);
    if ((url.flags & V_REQ) && (url.flags & V_LEAD) && is_own_server(url.text))
        asp_tell(f, ASP_TUNNEL, f->self_contained ? ASP_LIKELY : ASP_WEAK,
                 "asks other services of this server as the request says", &url, call->at);
    if (act == A_FETCH_FILE)
        act_note_path(f, path);
    if (act == A_FETCH_FILE && !(act_path_flags(path) & V_P_PICTURE))
        asp_tell_lone(f, ASP_WRITE, "fetches a file from another server", &url, call->at);
    tell_server(f, &url, act == A_HTTP_OPEN, call->at);
    struct asp_value made = ASP_NOTHING;
    made.object = act == A_HTTP_OPEN ? K_HTTP : call->word == W_create ? K_WEBREQUEST : K_NONE;
    made.flags = V_NET;
    return made;
}

/* IPAddress.Parse, JObject.Parse: what is parsed is still the text. */
static bool parses_text(const struct asp_call *call)
{
    switch ((int)call->base.word) {
    case W_ipaddress:
    case W_jobject:
    case W_jtoken:
    case W_jarray:
    case W_jsondocument:
    case W_xdocument:
    case W_xelement:
        return call->word == W_parse;
    default:
        return false;
    }
}

/* What is left of a text that a number or a truth is made of. */
static struct asp_value converted(const struct asp_call *call, const struct asp_value *all)
{
    struct asp_value v = ASP_NOTHING;
    switch ((int)call->word) {
    case W_cint:
    case W_clng:
    case W_cdbl:
    case W_toint32:
    case W_toint16:
    case W_toint64:
    case W_parse:
    case W_parseint:
        v.flags = all->flags & (V_HIDDEN | V_LONG | V_DIGITS);
        v.flags |= all->flags & V_REQ ? V_DIGITS : 0;
        v.key = all->key;
        return v;
    default:
        return v;
    }
}

static void act_registry(struct asp_findings *f, const struct asp_call *call,
                         const struct asp_value *all)
{
    bool whole = act_is_whole(all);
    if (call->word == W_getvaluenames && f->self_contained && f->small)
        asp_tell(f, ASP_REGISTRY, ASP_LIKELY, "lists the values of the registry", all,
                 call->at);
    asp_tell(f, ASP_REGISTRY, whole && f->self_contained ? ASP_LIKELY : ASP_WEAK,
             whole ? "works with the registry key that the request names"
                   : "works with the registry",
             all, call->at);
}

/* document.load(path) */
static bool act_document(struct asp_findings *f, const struct asp_call *call,
                         struct asp_value *ret, uint32_t *ret_base_flags)
{
    const struct asp_value *path = act_argument(call, 0);
    if (act_is_whole(path))
        asp_tell(f, ASP_READ, ASP_WEAK, "reads a document that the request names", path,
                 call->at);
    if (!str_istarts(path->text, STR("http")))
        return false;
    *ret = act_fetch(f, call, A_FETCH);
    *ret_base_flags |= ret->flags;
    return true;
}

bool act_other(struct asp_findings *f, const struct asp_call *call, enum asp_act act,
               struct asp_value *ret, uint32_t *ret_base_flags)
{
    struct asp_value all = act_arguments(call);
    *ret = ASP_NOTHING;
    switch ((int)act) {
    case A_CLEAN:
        *ret = converted(call, &all);
        if (parses_text(call))
            *ret = all;
        return true;
    case A_PASS:
        *ret = asp_union(&call->base, &all);
        if (call->base.object == K_PSHELL || call->base.object == K_SCHEDULER)
            ret->object = call->base.object;
        return true;
    case A_PASS_NAME:
        *ret = all;
        ret->flags |= ret->flags & V_REQ ? V_LEAD : 0;
        return true;
    case A_MAP:
        *ret = call->n == 1 ? call->arguments[0] : all;
        ret->object = K_NONE;
        ret->flags |= V_MAPPED;
        if (act_is_here(act_argument(call, 0))) { /* a folder that is not known by its text */
            ret->flags &= ~(uint32_t)V_KNOWN;
            ret->flags |= V_HERE;
        }
        return true;
    case A_SQL_OPEN:
        *ret = act_sql_open(f, call, ret_base_flags);
        return true;
    case A_SQL_RUN:
        act_sql_run(f, call);
        ret->object = call->word == W_execute ? K_ADORS : K_NONE;
        return true;
    case A_SQL_NEW:
        *ret = act_sql_new(f, call);
        return true;
    case A_CONNECT:
        act_connect(f, call);
        ret->object = K_SOCKET;
        return true;
    case A_FETCH:
    case A_FETCH_FILE:
    case A_HTTP_OPEN:
        *ret = act_fetch(f, call, act);
        *ret_base_flags |= ret->flags;
        return true;
    case A_XML_LOAD: /* of a document: from another server, or a file */
        return act_document(f, call, ret, ret_base_flags);
    case A_REGISTRY:
        act_registry(f, call, &all);
        ret->object = K_REGISTRY;
        return true;
    case A_BINARY_READ:
        f->asks = true;
        ret->flags = V_REQ | V_OWN | V_UPLOAD;
        return true;
    case A_MAKE:
        if (call->word == W_writetext)
            act_note_page(f, act_argument(call, 0));
        *ret = all;
        ret->flags |= act_path_flags(&all);
        ret->object =
            call->bare || call->is_new ? (uint16_t)asp_object_of_word(call->word) : K_FILECLASS;
        ret->flags |= call->word == W_processstartinfo && act_is_shell(act_argument(call, 0))
                          ? V_SHELL
                          : 0;
        *ret_base_flags |= all.flags;
        return true;
    default:
        return false;
    }
}
