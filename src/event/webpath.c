#include "event/webpath.h"

#include <stdint.h>
#include <string.h>

static bool is_separator(char c)
{
    return c == '/' || c == '\\';
}

struct str text_lower(struct str s, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, char, s.n);
    for (size_t i = 0; i < s.n; i++)
        out[i] = ascii_lower(s.p[i]);
    return (struct str){out, s.n};
}

struct str path_base_name(struct str path)
{
    size_t at = path.n;
    while (at > 0 && !is_separator(path.p[at - 1]))
        at--;
    return str_part(path, at, path.n);
}

/* Whether `folder` stands at `at` as whole names. */
static bool folder_at(struct str path, size_t at, struct str folder)
{
    if (folder.n > path.n - at)
        return false;
    for (size_t i = 0; i < folder.n; i++) {
        char c = path.p[at + i];
        if (is_separator(folder.p[i]) ? !is_separator(c)
                                      : ascii_lower(c) != ascii_lower(folder.p[i]))
            return false;
    }
    return at + folder.n == path.n || is_separator(path.p[at + folder.n]);
}

bool path_has_folder(struct str path, struct str folder, size_t *ret_end)
{
    for (size_t at = 0; at < path.n; at++) {
        bool start = at == 0 || is_separator(path.p[at - 1]);
        if (start && folder_at(path, at, folder)) {
            size_t end = at + folder.n;
            *ret_end = end < path.n ? end + 1 : end;
            return true;
        }
    }
    return false;
}

enum { ROOTS = 10 };

/* Where what follows the first of each of these folders starts; SIZE_MAX: it is not there. */
static void find_roots(struct str path, size_t ret[ROOTS])
{
    static const char *const roots[ROOTS] = {"FrontEnd/HttpProxy", "inetpub/wwwroot", "wwwroot",
                                             "Exchange Server/V15/ClientAccess", "ClientAccess",
                                             /* as Apache, nginx and Tomcat are installed */
                                             "var/www/html", "share/nginx/html", "htdocs",
                                             "public_html", "webapps/ROOT"};
    for (size_t i = 0; i < ROOTS; i++)
        ret[i] = SIZE_MAX;
    for (size_t at = 0; at < path.n; at++) {
        if (at > 0 && !is_separator(path.p[at - 1]))
            continue;
        for (size_t i = 0; i < ROOTS; i++) {
            if (ret[i] != SIZE_MAX || ascii_lower(roots[i][0]) != ascii_lower(path.p[at]) ||
                !folder_at(path, at, str_of(roots[i])))
                continue;
            size_t end = at + strlen(roots[i]);
            ret[i] = end < path.n ? end + 1 : end;
        }
    }
}

struct str webpath_of_file(struct str path, struct arena *arena)
{
    size_t rests[ROOTS];
    size_t found = path.n;
    find_roots(path, rests);
    for (size_t i = ROOTS; i > 0; i--)
        if (rests[i - 1] < path.n)
            found = rests[i - 1];
    if (found == path.n)
        return STR("");
    char *out = ARENA_ARRAY(arena, char, path.n - found + 1);
    size_t n = 0;
    out[n++] = '/';
    for (size_t k = found; k < path.n; k++) {
        char c = is_separator(path.p[k]) ? '/' : ascii_lower(path.p[k]);
        if (c != '/' || out[n - 1] != '/')
            out[n++] = c;
    }
    return (struct str){out, n};
}

/* Where what follows "_layouts/" or "_layouts/15/" starts; SIZE_MAX if the web path has no such part. */
static size_t behind_layouts(struct str path)
{
    struct str mark = STR("/_layouts/");
    size_t at = str_ifind(path, mark, 0);
    if (at == SIZE_MAX)
        return SIZE_MAX;
    at += mark.n;
    bool version = path.n - at >= 3 && path.p[at] == '1' && path.p[at + 1] >= '0' &&
                   path.p[at + 1] <= '9' && path.p[at + 2] == '/';
    return version ? at + 3 : at;
}

struct str webpath_of_layouts(struct str path, struct arena *arena)
{
    static const char head[] = "/_layouts/15/";
    size_t found = SIZE_MAX;
    if (path.n && path.p[0] == '/')
        found = behind_layouts(path);
    if (found == SIZE_MAX && !path_has_folder(path, STR("TEMPLATE/LAYOUTS"), &found))
        return STR("");
    if (found >= path.n)
        return STR("");
    char *out = ARENA_ARRAY(arena, char, sizeof head + path.n - found);
    size_t n = 0;
    for (; head[n]; n++)
        out[n] = head[n];
    for (size_t k = found; k < path.n; k++) {
        char c = is_separator(path.p[k]) ? '/' : ascii_lower(path.p[k]);
        if (c != '/' || out[n - 1] != '/')
            out[n++] = c;
    }
    return (struct str){out, n};
}

static int hex_digit(char c)
{
    c = ascii_lower(c);
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The character that an escape at `at` stands for; 0 if there is none, or it is not plain
 * ASCII: text must stay valid. */
static char escape_at(struct str s, size_t at)
{
    if (s.p[at] != '%' || s.n - at < 3)
        return 0;
    int high = hex_digit(s.p[at + 1]);
    int low = hex_digit(s.p[at + 2]);
    if (high < 2 || low < 0 || high > 7 || (high == 7 && low == 15))
        return 0;
    return (char)(high * 16 + low);
}

struct str webpath_of_stem(struct str stem, struct arena *arena)
{
    if (stem.n == 0 || stem.p[0] != '/')
        return STR("");
    char *out = ARENA_ARRAY(arena, char, stem.n);
    size_t n = 0;
    for (size_t i = 0; i < stem.n; i++) {
        char c = stem.p[i];
        char decoded = escape_at(stem, i);
        if (c == '?' || c == '#')
            break;
        if (decoded) {
            c = decoded;
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        c = c == '\\' ? '/' : ascii_lower(c);
        if (c != '/' || n == 0 || out[n - 1] != '/')
            out[n++] = c;
    }
    return (struct str){out, n};
}
