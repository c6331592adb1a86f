/* asp_act.h - what calls do, by what they are called on: internal to asp_act*.c.
 *
 * asp_act.c: which call is which act. asp_act_code.c: what runs. asp_act_file.c: files.
 * asp_act_data.c: databases, networks, the rest. asp_act_net.c: what only .NET has.
 * asp_act_system.c: the server's tasks, services, sites, logs.
 */
#pragma once

#include "format/asp_value.h"

enum asp_act {
    A_NONE,
    A_CLEAN,     /* a number, a truth: nothing flows */
    A_PASS,      /* what goes in comes out */
    A_PASS_NAME, /* the last part of a path */
    A_EVAL,
    A_EVAL_ARGS, /* code is one of the arguments */
    A_CREATE_OBJECT,
    A_START,
    A_RUN,
    A_SHELL_EXECUTE,
    A_WMI,
    A_LOAD,
    A_INSTANCE,
    A_INVOKE,
    A_GET_TYPE,
    A_COMPILE,
    A_DESERIALISE,
    A_XSL,
    A_NATIVE,
    A_WRITE_ALL,
    A_OPEN_WRITE,
    A_OPEN,
    A_WRITE_TO,
    A_SAVE_AS,
    A_SAVE_TO_FILE,
    A_COPY,
    A_DELETE,
    A_READ_ALL,
    A_SEND_FILE,
    A_LIST,
    A_DRIVES,
    A_FOLDER,
    A_MAP,
    A_SQL_OPEN,
    A_SQL_RUN,
    A_SQL_NEW,
    A_CONNECT,
    A_FETCH,
    A_FETCH_FILE,
    A_HTTP_OPEN,
    A_XML_LOAD,
    A_REGISTRY,
    A_BINARY_READ,
    A_MAKE, /* an object of what it is made with */
    A_UNZIP,
    A_ACCOUNT,
    A_SERVER_EXECUTE,
    A_LISTEN,
    A_REGISTER, /* what answers requests from now on */
    A_EXPRESSION,
    A_TYPED,
    A_ENGINE, /* of a language that is run */
    A_MADE_METHOD,
    A_PROVIDER,
    A_TIMES,
    A_ASK_WMI,
    A_OPEN_NUMBER, /* FileOpen(1, path, mode) */
    A_DIRECTORY,   /* of accounts */
    A_SEARCH,      /* in it */
    A_TASK,
    A_SITE,
    A_SERVICE,
    A_CLEAR_LOG,
    A_END_PROGRAM,
    A_PROGRAMS, /* those that run */
    A_VERB,     /* "open" of a file */
    A_TELL_PROGRAM,
    A_ATTACH,
    A_SEND_UP,
};

static inline bool act_is_request(const struct asp_value *v)
{
    return (v->flags & V_REQ) != 0;
}

/* All of it is the request's, or all of the path behind the site's root. */
static inline bool act_is_whole(const struct asp_value *v)
{
    return (v->flags & V_REQ) && !(v->flags & (V_LEAD | V_MAPPED));
}

static inline bool act_is_whole_path(const struct asp_value *v)
{
    return (v->flags & V_P_REQ) && !(v->flags & (V_P_LEAD | V_P_MAPPED));
}

static inline const struct asp_value *act_argument(const struct asp_call *call, size_t i)
{
    return i < call->n ? &call->arguments[i] : &ASP_NOTHING;
}

/* The flags of an object that is at a path. */
uint32_t act_path_flags(const struct asp_value *path);

/* Whether a path is the folder of the page, or of the site: ".", "~/". */
bool act_is_here(const struct asp_value *path);

/* Whether it starts a program that runs commands. */
bool act_is_shell(const struct asp_value *v);

struct asp_value act_arguments(const struct asp_call *call);

/* A constant text with script in it that is written to a file is looked at later. */
void act_note_page(struct asp_findings *f, const struct asp_value *content);

/* Where a file is written: what is started there later was written here. */
void act_note_path(struct asp_findings *f, const struct asp_value *path);

/* "object.property = value" of what changes the server: its tasks, its sites, the times of files. */
void act_set_system(struct asp_findings *f, const struct asp_value *base, enum asp_word word,
                    const struct asp_value *value, const struct asp_token *at);

/* "file.Name = value" */
void act_rename(struct asp_findings *f, const struct asp_value *base,
                const struct asp_value *value, const struct asp_token *at);

/* Tells of what is done at a path: more, where the request names all of it. */
void act_tell_path(struct asp_findings *f, enum asp_can can, const struct asp_value *path,
                   const char *whole_why, const char *why, const struct asp_token *at);

/* command     the request says the whole statement
 * connection  and the database */
void act_tell_sql(struct asp_findings *f, bool command, bool connection,
                  const struct asp_value *v, const struct asp_token *at);

/* Each does the acts of its kind: false where it is none.
 * ret             the value of the call
 * ret_base_flags  what its object is changed by */
bool act_code(struct asp_findings *f, struct asp_budget *budget, const struct asp_call *call,
              enum asp_act act, struct asp_value *ret);
bool act_file(struct asp_findings *f, const struct asp_call *call, enum asp_act act,
              struct asp_value *ret, uint32_t *ret_base_flags);
bool act_net(struct asp_findings *f, struct asp_budget *budget, const struct asp_call *call,
             enum asp_act act, struct asp_value *ret);
bool act_system(struct asp_findings *f, const struct asp_call *call, enum asp_act act,
                struct asp_value *ret);
bool act_other(struct asp_findings *f, const struct asp_call *call, enum asp_act act,
               struct asp_value *ret, uint32_t *ret_base_flags);
