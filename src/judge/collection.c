/* Which machine a piece of evidence is of, by where it lies: a collection keeps the folders of a
 * drive, whole or a few of them. */
#include "base/ascii.h"
#include "judge/judge.h"

enum { MAX_CHILDREN = 10 };

/* Folders at the top of a drive, and what lies in them on a server: a folder of that name alone may be
 * anything ("cases/windows/mail01"). */
static const struct top {
    const char *name;
    const char *children[MAX_CHILDREN];
} tops[] = {
    {"windows",
     {"system32", "syswow64", "microsoft.net", "temp", "tasks", "prefetch", "appcompat", "inf",
      "serviceprofiles", "logs"}},
    {"inetpub", {"logs", "wwwroot", "history", "temp", "custerr", "adminscripts", "ftproot"}},
    {"program files", {"microsoft", "common files"}},
    {"program files (x86)", {"microsoft", "common files"}},
    {"programdata", {"microsoft"}},
    {"exchangesetuplogs", {NULL}}, /* whatever lies in it */
};

/* Folders that some collectors put at the top, though on a drive they lie deeper. */
static const char *const parts[] = {
    "logging",        "logfiles",       "frontend",
    "clientaccess",   "winevt",         "httperr",
    "inetsrv-config", "transportroles", "temporary asp.net files",
};

static const struct top *find_top(struct str name)
{
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
        if (str_ieq(name, str_of(tops[i].name)))
            return &tops[i];
    return NULL;
}

/* Where the examiner's own files may lie, too: it tells of a drive only below the given path. */
static bool is_users(struct str name)
{
    return str_ieq(name, STR("users"));
}

static bool is_drive(struct str name)
{
    bool letter = name.n >= 1 && ascii_lower(name.p[0]) >= 'a' && ascii_lower(name.p[0]) <= 'z';
    struct str rest = str_part(name, 1, name.n);
    return letter && (rest.n == 0 || str_eq(rest, STR(":")) || str_eq(rest, STR("_")) ||
                      str_ieq(rest, STR("%3a")));
}

/* Velociraptor's offline collector puts what it copied below folders named by how it read it. */
static bool is_uploads(struct str path)
{
    static const char *const folders[] = {"uploads/auto/", "uploads/ntfs/",
                                          "uploads/lazy_ntfs/", "uploads/file/"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (str_istarts(path, str_of(folders[i])))
            return true;
    return false;
}

/* ExchangeLogCollector copies each folder of logs to "<what>_Logs" below the server's name, or
 * packs it so. Source: github.com/microsoft/CSS-Exchange, ExchangeLogCollector.ps1 */
static bool is_part(struct str name)
{
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (str_ieq(name, str_of(parts[i])))
            return true;
    return str_iends(name, STR("_logs")) || str_iends(name, STR("_logs.zip"));
}

/* The folder's name that starts at `at`, up to the next '/' or the end. */
static struct str folder_at(struct str path, size_t at)
{
    size_t slash = str_find(path, STR("/"), at);
    return str_part(path, at, slash == SIZE_MAX ? path.n : slash);
}

/* Where, in the path below the given one, the first folder begins that lies at the top of a drive,
 * or that collectors put there; SIZE_MAX: nowhere.
 * ret_whole   of a drive */
static size_t top_below(struct str below, bool *ret_whole)
{
    for (size_t at = 0; at < below.n;) {
        struct str name = folder_at(below, at);
        if (at + name.n == below.n)
            break; /* the file */
        *ret_whole = find_top(name) || is_users(name) || is_drive(name) ||
                     is_uploads(str_part(below, at, below.n));
        if (*ret_whole || is_part(name))
            return at;
        at += name.n + 1;
    }
    return SIZE_MAX;
}

static bool is_child(const struct top *top, struct str name)
{
    for (size_t i = 0; i < MAX_CHILDREN && top->children[i]; i++)
        if (str_ieq(name, str_of(top->children[i])))
            return true;
    return !top->children[0];
}

/* Where, in a path that leads into a drive, the drive begins: the last place. SIZE_MAX: it does not
 * lead into one.
 * given   how much of the path was named by the user */
static size_t drive_above(struct str path, size_t given)
{
    size_t found = SIZE_MAX;
    struct str before = {0};
    size_t before_at = 0;
    for (size_t at = 0; at < given;) {
        struct str name = folder_at(path, at);
        size_t next = at + name.n + 1;
        const struct top *top = find_top(name);
        if (top && next < path.n && is_child(top, folder_at(path, next)))
            found = is_drive(before) ? before_at : at;
        before = name;
        before_at = at;
        at = next;
    }
    return found;
}

struct str judge_collection(const struct evidence *e)
{
    size_t given = e->path.n - e->below.n;
    bool whole = false;
    size_t top = top_below(e->below, &whole);
    size_t above = drive_above(e->path, given);
    size_t end = top == SIZE_MAX ? given : given + top;
    if (above != SIZE_MAX && !whole)
        end = above;
    while (end > 1 && e->path.p[end - 1] == '/')
        end--;
    return str_part(e->path, 0, end);
}
