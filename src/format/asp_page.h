/* asp_page.h - what server script of the ASP family can do, told from its structure.
 *
 * The script of a page is followed from what comes with a request to what it can do with it.
 * Nothing is run. Names, strings and layout that a page's author is free to choose decide
 * nothing.
 *
 * Source: docs/web-shells.md
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "format/asp_split.h"

enum asp_can {
    ASP_EVAL,        /* runs text as script */
    ASP_PROCESS,     /* starts programs */
    ASP_LOAD,        /* loads a program or library into the server's process */
    ASP_COMPILE,     /* compiles and runs source text */
    ASP_REFLECT,     /* calls what a text names */
    ASP_DESERIALISE, /* makes objects of data */
    ASP_NATIVE,      /* calls the operating system's own functions, memory too */
    ASP_WRITE,       /* writes files */
    ASP_UPLOAD,      /* keeps uploaded files */
    ASP_READ,        /* reads files */
    ASP_BROWSE,      /* lists folders */
    ASP_DELETE,      /* deletes, moves or renames files */
    ASP_SQL,         /* runs statements in a database */
    ASP_TUNNEL,      /* opens connections to other machines */
    ASP_FETCH,       /* asks other web servers */
    ASP_REGISTRY,    /* reads or writes the registry */
    ASP_CREDENTIALS, /* keeps passwords that are sent to it */
    ASP_ACCOUNT,     /* makes accounts, or sets their passwords and groups */
    ASP_SECRETS,     /* reads the server's own passwords and keys */
    ASP_CANS,
};

enum asp_sure {
    ASP_NONE,
    ASP_WEAK,   /* it has the means; many honest pages do */
    ASP_LIKELY, /* the request's data decide, in a way that honest pages hardly let them */
    ASP_CERTAIN /* the request's data are run */
};

struct asp_verdict {
    bool has_script;
    uint32_t can;      /* bits, 1 << enum asp_can: at any sureness */
    uint32_t can_sure; /* those that are likely or certain */
    enum asp_sure sure;
    struct str key;      /* the request's item that is run; "" if not told */
    struct str password; /* the constant that an item of the request is compared with */
    struct str why;      /* for people; "line 3: ..." */
    struct str hidden;   /* how script was hidden: "VBScript.Encode", "utf-7"; "" */
    struct str hash;     /* of its structure; "" without script that can do anything */
    bool cut;            /* a limit was reached: there may be more */
    bool asks_request;   /* request data are run as script */
};

/* "eval", "process-start", ... */
const char *asp_can_name(enum asp_can can);
const char *asp_sure_name(enum asp_sure sure);

/* Looks at a file's content.
 *
 * arena  owns ret's texts
 */
void asp_look(struct bytes file, enum asp_kind kind, struct arena *arena,
              struct asp_verdict *ret);
