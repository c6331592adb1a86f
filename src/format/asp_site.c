#include "format/asp_value.h"

/* Namespaces that are no application's own: the framework's, and of libraries for all.
 * Source: the packages' documentation */
bool asp_is_common_library(struct str name)
{
    static const char *const roots[] = {
        "system", "microsoft",   "mscorlib",      "newtonsoft",    "mysql", "oracle",
        "npgsql", "icsharpcode", "ionic",         "ironpython",    "jint",  "nlua",
        "mono",   "renci",       "sharpcompress", "accessibility",
    };
    size_t n = 0;
    while (n < name.n && name.p[n] != '.' && name.p[n] != ',' && name.p[n] != ';')
        n++;
    name = str_trim(str_part(name, 0, n));
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        if (str_ieq(name, str_of(roots[i])))
            return true;
    return name.n == 0;
}

/* "using Shop.Data;", "Imports Shop.Data": classes of the application that the page is a part
 * of. "using (...)" and "using x = new ..." are statements. */
static bool uses_own_library(const struct asp_code *code)
{
    bool starts = true;
    for (size_t i = 0; i + 2 < code->n_tokens; i++) {
        const struct asp_token *t = &code->tokens[i];
        enum asp_word word =
            t->kind == ASP_NAME ? (enum asp_word)code->names[t->name].word : W_NONE;
        bool first = starts;
        starts = t->kind <= ASP_NEWLINE;
        if (!first || (word != W_using && word != W_imports && word != W_import))
            continue;
        size_t at = i + 1;
        if (t[2].kind == ASP_OPERATOR && t[2].op == '=' && i + 3 < code->n_tokens)
            at = i + 3; /* using Name = Space.Class */
        const struct asp_token *name = &code->tokens[at];
        const struct asp_token *next = name + 1;
        bool path =
            next->kind <= ASP_NEWLINE || (next->kind == ASP_OPERATOR && next->op == '.');
        if (name->kind == ASP_NAME && path &&
            !asp_is_common_library((struct str){name->p, name->n}))
            return true;
    }
    return false;
}

/* Names by which a page asks who its visitor is, or what its site has set up for it. */
static bool asks_site(const struct asp_code *code)
{
    static const char *const names[] = {
        "isauthenticated",     "isinrole",  "membership",        "formsauthentication",
        "principalpermission", "authorize", "connectionstrings", "appsettings",
    };
    for (size_t i = 0; i < code->n_names; i++)
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            if (str_ieq(code->names[i].text, str_of(names[k])))
                return true;
    return false;
}

bool asp_is_of_site(const struct asp_code *code, const struct asp_page *page)
{
    return page->foreign || uses_own_library(code) || asks_site(code);
}

/* Whether a page looks at what kind of file it is given. */
bool asp_asks_kind(const struct asp_code *code)
{
    static const char *const kinds[] = {"jpg", "jpeg", "png", "gif", "image/", "bmp",
                                        "pdf", "xls",  "doc", "csv", "mp3",    "mp4"};
    if (asp_has_word(code, W_getextension) || asp_has_word(code, W_endswith))
        return true;
    for (size_t i = 0; i < code->n_tokens; i++) {
        const struct asp_token *t = &code->tokens[i];
        if (t->kind != ASP_STRING)
            continue;
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            if (str_ifind((struct str){t->p, t->n}, str_of(kinds[k]), 0) != SIZE_MAX)
                return true;
    }
    return false;
}
