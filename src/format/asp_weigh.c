/* asp_weigh.c - what a page in the old language says of itself as a whole.
 *
 * What each call does was told where it stands. Here the page is weighed: pages of an application
 * include files, work with its database, and let a request decide little; a back door is a page of
 * its own, of a few lines, or has what only tools for a whole server have together. Each rule says
 * in one sentence what it asks for. Source: docs/web-shells.md, "What a page says as a whole"
 */
#include "format/asp_value.h"

static bool has(const struct asp_findings *f, enum asp_can can)
{
    return (f->reached >> can & 1) != 0;
}

/* Whether what is read, or found, is shown. */
static bool answers(const struct asp_code *code)
{
    for (size_t i = 0; i < code->n_tokens; i++)
        if (code->tokens[i].marks & ASP_MARK_SHOWN)
            return true;
    return asp_has_word(code, W_response);
}

/* Whether a page, in a few lines of its own that look at no kind of file, does something to any
 * file of the server: deletes it, shows what is in it, or goes through a folder and shows that. */
static bool is_open(const struct asp_findings *f, enum asp_can can, const struct asp_code *code)
{
    bool listed =
        asp_has_word(code, W_each) || asp_find_name(code, STR("enumerator")) != UINT32_MAX;
    if (!f->tiny || !f->self_contained || f->of_site || !(f->whole >> can & 1) ||
        asp_asks_kind(code))
        return false;
    return can == ASP_DELETE || (answers(code) && (can == ASP_READ || listed));
}

/* A page that does one thing only to files that are named to it: lists them, deletes them, or
 * gives their content. Downloads and lessons do, but not with any file of the server. */
static void doubt_single(struct asp_findings *f, const struct asp_code *code)
{
    static const enum asp_can single[] = {ASP_READ, ASP_BROWSE, ASP_DELETE};
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (f->can == 1U << single[i] && f->best[single[i]].sure == ASP_LIKELY &&
            !is_open(f, single[i], code))
            f->best[single[i]].sure = ASP_WEAK;
}

/* A few lines that look at the request, use no database, and run a text that could not be
 * followed: there is little else that it could be. */
static bool runs_what_it_is_told(const struct asp_findings *f)
{
    return f->tiny && !f->of_site && f->asks && f->runs_made && !(f->can >> ASP_SQL & 1);
}

/* Lists folders, reads files and has a database, and is small: a site is packed into one file. */
static bool packs_files(const struct asp_findings *f)
{
    return f->small && !f->of_site && has(f, ASP_READ) && has(f, ASP_BROWSE) && has(f, ASP_SQL);
}

/* What an item of the request holds, all of it, is written into the files that a folder has. */
static bool writes_all_files(const struct asp_findings *f)
{
    return f->small && f->writes_item && f->opens_listed && has(f, ASP_BROWSE) &&
           !(f->can >> ASP_SQL & 1);
}

/* Does more than one thing to files that the request names, below the site too: reads or writes
 * them, lists their folders, deletes them. */
static bool manages_files(const struct asp_findings *f)
{
    unsigned n = (f->named >> ASP_BROWSE & 1) + (f->named >> ASP_DELETE & 1) +
                 ((f->named >> ASP_READ | f->named >> ASP_WRITE) & 1);
    return f->tiny && !f->of_site && n >= 2 && !(f->can >> ASP_SQL & 1);
}

void asp_weigh_classic(struct asp_findings *f, const struct asp_code *code)
{
    const struct asp_token *at = &code->tokens[0];
    doubt_single(f, code);
    if (!f->self_contained)
        return;
    if (runs_what_it_is_told(f))
        asp_tell(f, ASP_EVAL, ASP_LIKELY, "a few lines that ask the request and run a text",
                 &ASP_NOTHING, at);
    if (f->small && f->makes_named.n) {
        struct asp_value named = ASP_NOTHING;
        named.flags = V_REQ;
        named.key = f->makes_named;
        asp_tell(f, ASP_WRITE, ASP_LIKELY, "makes a file that the request names", &named, at);
    }
    if (manages_files(f))
        asp_tell(f, ASP_BROWSE, ASP_LIKELY,
                 "does more than one thing to files that the request names", &ASP_NOTHING, at);
    if (packs_files(f))
        asp_tell(f, ASP_READ, ASP_LIKELY, "reads the files of folders into a database",
                 &ASP_NOTHING, at);
    if (writes_all_files(f))
        asp_tell(f, ASP_WRITE, ASP_LIKELY,
                 "writes what comes with the request into the files of a folder", &ASP_NOTHING,
                 at);
}
