/* asp_value.h - what is known of a value while a page is followed: internal to asp_*.c. */
#pragma once

#include "format/asp_lex.h"
#include "format/asp_page.h"

enum asp_flag {
    V_KNOWN = 1 << 0,   /* its text is */
    V_NUMBER = 1 << 1,  /* its number is */
    V_REQ = 1 << 2,     /* data of the request are in it */
    V_LEAD = 1 << 3,    /* something else stands before them */
    V_MAPPED = 1 << 4,  /* a path below the site's root */
    V_FILE = 1 << 5,    /* read from a file */
    V_HIDDEN = 1 << 6,  /* made from constants in a way that was not followed */
    V_UPLOAD = 1 << 7,  /* an uploaded file, or its content */
    V_CLIENT = 1 << 8,  /* a name that the client chose for a file */
    V_P_REQ = 1 << 9,   /* the path of the file, folder or connection that it is: as V_REQ */
    V_P_LEAD = 1 << 10, /* as V_LEAD */
    V_P_MAPPED = 1 << 11,
    V_SQL = 1 << 12,    /* the whole of its command is the request's */
    V_SHELL = 1 << 13,  /* a program that runs commands is started by it */
    V_CODE = 1 << 14,   /* code made or loaded from the request's data */
    V_SECRET = 1 << 15, /* a field of a form that by its name is a password */
    V_LONG = 1 << 16,   /* made from constants of many characters */
    V_NET = 1 << 18,    /* fetched from another server */
    V_P_PAGE = 1 << 19, /* the path is a page's: the server would run what is written there */
    V_APPEND = 1 << 20, /* what is written is added at the end */
    V_UNSET = 1 << 21,  /* a name that nothing has been given yet: empty */
    V_CLASS = 1 << 17,  /* a type, not an object of it */
    V_METHOD = 1 << 22, /* a method that is not called: its number is object << 16 | word */
    V_OWN = 1 << 24,    /* V_REQ: some of them come from here, not through a parameter */
    V_DIGITS = 1 << 25, /* a number that is the request's: a character may be made of it */
    V_P_PICTURE = 1 << 28, /* the path is a picture's */
    V_TAIL = 1 << 26,      /* ends with a constant that is no page's */
    V_HERE = 1 << 27, /* the folder of the page or the site, and nothing but names behind it */
    V_ITEM = 1 << 23, /* begins with an item of the request, or a text box */
};

enum asp_object {
    K_NONE,
    K_REQUEST,
    K_ITEMS,
    K_FILES,
    K_POSTED,
    K_RESPONSE,
    K_SERVER,
    K_CONTEXT,
    K_SESSION,
    K_CONTROL,
    K_EVAL,
    K_WSHELL,
    K_WEXEC,
    K_SHELLAPP,
    K_FSO,
    K_FOLDER,
    K_TEXTFILE,
    K_ADOSTREAM,
    K_ADOCONN,
    K_ADORS,
    K_ADOCMD,
    K_SCRIPTCTL,
    K_HTTP,
    K_XMLDOM,
    K_WMI,
    K_HIDDENOBJECT,
    K_PROCESS,
    K_STARTINFO,
    K_FILECLASS,
    K_DIRCLASS,
    K_DRIVES,
    K_STREAM,
    K_WRITER,
    K_READER,
    K_PATHCLASS,
    K_ASSEMBLY,
    K_APPDOMAIN,
    K_CODEDOM,
    K_COMPILED,
    K_ACTIVATOR,
    K_TYPE,
    K_METHOD,
    K_SQLCONN,
    K_SQLCMD,
    K_SQLADAPTER,
    K_SOCKET,
    K_WEBCLIENT,
    K_WEBREQUEST,
    K_FORMATTER,
    K_XSL,
    K_REGISTRY,
    K_CONVERT,
    K_ENCODING,
    K_STRINGCLASS,
    K_MARSHAL,
    K_NATIVE,
    K_PSHELL,
    K_SCRIPTHOST,
    K_ENVIRONMENT,
    K_BUILDER,
    K_MATH,
    K_REGEX,
    K_EXPRESSION,
    K_REGISTRAR, /* of the server's own routes, filters and paths */
    K_ARRAY,
    K_DICTIONARY,
    K_ADSI,
    K_SEARCHER,  /* in a directory of accounts */
    K_VBFILES,   /* My.Computer.FileSystem */
    K_SCHEDULER, /* of tasks */
    K_IISADMIN,  /* ServerManager */
    K_EVENTLOG,
    K_PSCOMMAND,  /* what a pipeline of PowerShell is made of */
    K_ANY = 254,  /* in tables: whatever it is */
    K_BARE = 255, /* in tables: no object */
};

struct asp_value {
    struct str text; /* if known; before the request's data, what is known to lead them */
    struct str key;  /* the item of the request */
    int64_t number;
    uint32_t flags;
    uint16_t object;  /* of enum asp_object */
    uint16_t word;    /* of what it is named by, or the method that it is */
    int32_t var;      /* where it is kept; -1 if nowhere */
    int32_t function; /* of the page that it names; -1 if none */
};

static const struct asp_value ASP_NOTHING = {
    .text = {"", 0}, .key = {"", 0}, .var = -1, .function = -1};

enum {
    ASP_ARGUMENTS = 10,
    ASP_TEXTS = 1 /* the number of a K_ARRAY of which the elements are texts, not codes */
};

struct asp_call {
    const struct asp_token *at;
    struct asp_value base; /* K_NONE without a variable: a bare call */
    bool bare;
    enum asp_word word;
    struct asp_value *arguments;
    const uint32_t
        *names; /* of the arguments, FLOW_NONE where one has none; NULL if none has */
    size_t n;
    bool is_new;
};

/* What arithmetic with text may take; a limit reached leaves the text unknown. */
struct asp_budget {
    struct arena *arena;
    size_t made; /* bytes */
};

/* a + b. */
struct asp_value asp_concat(struct asp_budget *budget, const struct asp_value *a,
                            const struct asp_value *b);

/* Whether a text begins with an item of the request that is no name of an uploaded file. */
bool asp_is_item(const struct asp_value *v);

/* Whether a path is one that the server would run. */
bool asp_is_page_name(struct str path);

/* Whether a path is a picture's, a text's or an archive's: of what is no script. */
bool asp_is_picture_name(struct str path);

/* The result of a text function: known where all arguments are. False if the word is none. */
bool asp_fold(struct asp_budget *budget, const struct asp_call *call, struct asp_value *ret);

struct asp_value asp_known(struct str text);
struct asp_value asp_number(int64_t number);

/* The text of a known value, a number too. False if it is not known. */
bool asp_text_of(struct asp_budget *budget, const struct asp_value *v, struct str *ret);

/* All that flows from a and b, of which the text is not known. */
struct asp_value asp_union(const struct asp_value *a, const struct asp_value *b);

/* The object that a type's name, a program id or a class id makes; K_NONE if unknown. */
enum asp_object asp_object_of_word(enum asp_word word);
enum asp_object asp_object_of_id(struct str id);

/* --- what is found --------------------------------------------------------------------------- */

struct asp_found {
    enum asp_sure sure;
    const char *why;
    struct str key;
    const char *at; /* in the page's text, or in a decoded one */
    enum asp_lang lang;
};

enum { ASP_WRITTEN = 4, ASP_LINES = 64 };

struct asp_findings {
    struct asp_found best[ASP_CANS];
    uint32_t can;     /* bits */
    uint32_t reached; /* those to which a stranger gets */
    uint32_t whole;   /* those that are done to a path of which all is the request's */
    struct str password;
    struct str secret;
    struct asp_found lone[ASP_CANS]; /* likely, if the page belongs to no application */
    bool self_contained;
    bool form;                       /* a field for files stands in the page */
    bool kinds;                      /* it looks at what kind of file it is given */
    bool kept;                       /* it reads items of the session that it does not set */
    bool of_site;                    /* classic: it shows that it is a part of an application */
    bool small;                      /* hardly more than what was found */
    bool tiny;                       /* a few lines */
    bool classic;                    /* in the old language */
    bool asks;                       /* what comes with a request is looked at */
    bool runs_made;                  /* text that was not followed is run */
    bool writes_item;                /* an item of the request, all of it, to a file */
    struct str makes_named;          /* the item that names a file that is made; "" if none */
    bool opens_listed;               /* the path of a file that a folder's list gave */
    bool application;                /* the site's own start: Global.asax */
    bool typed;                      /* objects are made of types that data name */
    bool code;                       /* its controls stand in another file */
    bool connects;                   /* to a machine that is no constant */
    bool asks_named;                 /* a web server, of which an item is the address */
    struct str written[ASP_WRITTEN]; /* constant pages that are written to files */
    size_t n_written;
    struct str lines[ASP_LINES]; /* constants that are written to pages, one after the other */
    size_t n_lines;
    uint32_t named; /* what is done to files that the request names, below the site too: bits */
    struct str paths[ASP_WRITTEN]; /* where files are written */
    size_t n_paths;
    bool script_in_text; /* a constant text was run, and does something */
};

void asp_tell(struct asp_findings *f, enum asp_can can, enum asp_sure sure, const char *why,
              const struct asp_value *v, const struct asp_token *at);

/* The same of what is likely if the page belongs to no application, and weak else. */
void asp_tell_lone(struct asp_findings *f, enum asp_can can, const char *why,
                   const struct asp_value *v, const struct asp_token *at);

/* Whether the page says that it is a part of an application: it uses its classes, asks who the
 * visitor is, or reads what the site has set up. */
bool asp_is_of_site(const struct asp_code *code, const struct asp_page *page);

/* The same of a page in the old language, that reads items or uses names of other files. Marks
 * what a stranger does not get to. */
bool asp_find_reach(struct asp_code *code, const struct asp_page *page, struct str text);

/* Whether a stranger gets to a token. */
static inline bool asp_is_reached(const struct asp_token *at)
{
    return !(at->marks & ASP_MARK_GUARDED);
}

/* Whether a page looks at what kind of file it is given. */
bool asp_asks_kind(const struct asp_code *code);

/* Whether a method of such an object does something that is told of. */
bool asp_is_act(enum asp_object object, enum asp_word word);

/* What a call does, beyond its value: tells of it, and gives the value where it knows it.
 * ret_base_flags  what its object is changed by */
bool asp_act(struct asp_findings *f, struct asp_budget *budget, const struct asp_call *call,
             struct asp_value *ret, uint32_t *ret_base_flags);

/* "source.CopyTo(target)": what is written, where the target is a file. */
void asp_act_copy_to(struct asp_findings *f, const struct asp_call *call);

/* What a page in the old language says of itself as a whole. */
void asp_weigh_classic(struct asp_findings *f, const struct asp_code *code);

/* "object.property = value". */
void asp_act_set(struct asp_findings *f, const struct asp_value *base, enum asp_word word,
                 const struct asp_value *value, const struct asp_token *at,
                 uint32_t *ret_base_flags);

/* Whether there is anything in the script that asp_act tells of. */
bool asp_may_act(const struct asp_code *code);

/* Follows the data through a page's script. */
void asp_follow(struct asp_code *code, const struct asp_page *page, struct asp_findings *f);
