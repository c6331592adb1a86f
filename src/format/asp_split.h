/* asp_split.h - which parts of a page are server script, and what the page says of itself.
 *
 * The split is as tolerant as the servers are: a page need not be valid HTML, and script is
 * found in any file, a picture too. Nothing is decoded or judged here.
 *
 * Source: docs/web-shells.md, "Pages"
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

enum asp_lang { ASP_LANG_NONE, ASP_VB, ASP_CSHARP, ASP_JSCRIPT };

enum {
    ASP_PARTS = 1 << 16,   /* of one page */
    ASP_CONTROLS = 1 << 12 /* likewise */
};

enum asp_part_kind {
    ASP_STATEMENTS, /* <% %>, the text of a handler */
    ASP_ELEMENT,    /* <script runat=server>: it runs before or after all <% %> */
    ASP_OUTPUT,     /* <%= %>, <%: %> */
    ASP_BOUND,      /* <%# %>, <%$ %> */
};

struct asp_part {
    enum asp_part_kind kind;
    enum asp_lang lang;
    struct str code; /* borrowed from the text, unless it was decoded */
    bool encoded;    /* it was VBScript.Encode's or JScript.Encode's */
};

enum asp_control_kind {
    ASP_CONTROL_TEXT,   /* its text comes with the request */
    ASP_CONTROL_FILE,   /* an uploaded file */
    ASP_CONTROL_OBJECT, /* <object runat=server progid= or classid=> */
};

struct asp_control {
    enum asp_control_kind kind;
    struct str id;
    struct str object; /* the progid or classid */
};

struct asp_page {
    struct asp_part *parts;
    size_t n_parts, cap_parts;
    struct asp_control *controls;
    size_t n_controls, cap_controls;
    enum asp_lang lang;   /* of a directive, or as it looks */
    bool includes;        /* other files: <!-- #include -->, <script src runat=server> */
    bool classic;         /* by its name */
    bool library;         /* its script does nothing but what other pages call */
    bool has_behind;      /* its code, or some of it, is in another file; or a master page */
    bool net;             /* a directive or control that only ASP.NET has, or C# */
    bool foreign;         /* a directive names a library of an application, or another page */
    bool form;            /* a field for files stands in it */
    bool handler;         /* <%@ WebHandler %>, <%@ WebService %> */
    bool application;     /* <%@ Application %> */
    bool code;            /* without tags: the controls are a page's that stands elsewhere */
    bool cut;             /* a limit was reached */
    bool script_included; /* by a name that says so, or none that says otherwise */
    const char *picture;  /* where a picture or the like is included as script; or NULL */
};

/* Whether a namespace or library is the framework's, or one of those that any page may use. */
bool asp_is_common_library(struct str name);

enum asp_kind { /* what the file's name says of it */
                ASP_KIND_NET,
                ASP_KIND_CLASSIC,
                ASP_KIND_RAZOR,
                ASP_KIND_CODE_CS, /* code of pages or of the site, without any tags */
                ASP_KIND_CODE_VB,
                ASP_KIND_OTHER, /* none that a server knows: read as ASP_KIND_NET */
};

/* Splits the page. ret borrows from `text`, or is in the arena. */
void asp_split(struct str text, enum asp_kind kind, struct arena *arena, struct asp_page *ret);
