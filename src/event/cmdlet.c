#include "event/cmdlet.h"

#include <stdint.h>

#include "event/web.h"

enum { NAME_MOST = 64 }; /* bytes of a parameter's name */

static bool is_word(char c)
{
    c = ascii_lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_letter(char c)
{
    c = ascii_lower(c);
    return c >= 'a' && c <= 'z';
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Where the word that starts at `at` ends; `at` if none starts there. */
static size_t word_end(struct str s, size_t at)
{
    size_t to = at;
    while (to < s.n && to - at <= NAME_MOST && is_word(s.p[to]))
        to++;
    return to - at <= NAME_MOST ? to : at;
}

static void add_parameter(struct event *ev, struct arena *arena, struct str name,
                          struct str value)
{
    struct str field = arena_printf(arena, "Param_%.*s", STR_ARG(name));
    event_add(ev, arena, SECTION_DERIVED, FIELD_TEXT, field, value);
}

/* A copy with doubled single quotes made single. */
static struct str unquote(struct str s, struct arena *arena)
{
    if (str_find(s, STR("''"), 0) == SIZE_MAX)
        return s;
    char *out = ARENA_ARRAY(arena, char, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        out[n++] = s.p[i];
        if (s.p[i] == '\'' && i + 1 < s.n && s.p[i + 1] == '\'')
            i++;
    }
    return (struct str){out, n};
}

/* Whether ".Name=" stands at `at`: the next parameter. */
static bool is_member(struct str s, size_t at)
{
    if (at >= s.n || s.p[at] != '.')
        return false;
    size_t to = word_end(s, at + 1);
    return to > at + 1 && to < s.n && s.p[to] == '=';
}

static bool ends_value(struct str s, size_t at)
{
    return at >= s.n || s.p[at] == '|' || s.p[at] == ';' || is_member(s, at);
}

/* The quote that closes a value opened before `at`. Quotes inside should be doubled; one
 * that is not, and behind which nothing can end, belongs to the value. */
static size_t close_of(struct str s, size_t at)
{
    for (; at < s.n; at++) {
        if (s.p[at] != '\'')
            continue;
        if (ends_value(s, at + 1))
            return at;
        if (s.p[at + 1] == '\'')
            at++;
    }
    return s.n;
}

/* ".Name='value'" at `at`: adds it and returns where it ends; `at` if there is none. */
static size_t take_member(struct event *ev, struct arena *arena, struct str s, size_t at)
{
    if (!is_member(s, at))
        return at;
    size_t name_end = word_end(s, at + 1);
    struct str name = str_part(s, at + 1, name_end);
    size_t from = name_end + 1;
    if (from < s.n && s.p[from] == '\'') {
        size_t close = close_of(s, from + 1);
        add_parameter(ev, arena, name, unquote(str_part(s, from + 1, close), arena));
        return close < s.n ? close + 1 : close;
    }
    size_t to = from;
    while (!ends_value(s, to))
        to++;
    add_parameter(ev, arena, name, str_part(s, from, to));
    return to;
}

void cmdlet_derive_ecp(struct event *ev, struct arena *arena, struct str cmd)
{
    size_t at = 0;
    while (at < cmd.n) {
        size_t to = at;
        while (to < cmd.n && to - at <= NAME_MOST && (is_word(cmd.p[to]) || cmd.p[to] == '-'))
            to++;
        struct str name = str_part(cmd, at, to);
        if (name.n && is_letter(name.p[0]) && str_find(name, STR("-"), 0) != SIZE_MAX)
            web_derive(ev, arena, "Cmdlet", name);
        size_t next = to;
        while ((to = take_member(ev, arena, cmd, next)) != next)
            next = to;
        /* On to the next cmdlet of the pipeline. */
        while (next < cmd.n && cmd.p[next] != '|' && cmd.p[next] != ';')
            next++;
        at = next + 1;
        while (at < cmd.n && is_blank(cmd.p[at]))
            at++;
    }
}

/* Whether "-Name" stands at `at` as a word of its own; *ret_end is set behind it. */
static bool is_dashed(struct str s, size_t at, size_t *ret_end)
{
    if (at + 1 >= s.n || s.p[at] != '-' || !is_letter(s.p[at + 1]))
        return false;
    if (at > 0 && !is_blank(s.p[at - 1]))
        return false;
    size_t to = word_end(s, at + 1);
    if (to == at + 1 || (to < s.n && !is_blank(s.p[to]) && s.p[to] != ':'))
        return false;
    *ret_end = to;
    return true;
}

static size_t skip_blanks(struct str s, size_t at)
{
    while (at < s.n && is_blank(s.p[at]))
        at++;
    return at;
}

static bool next_is_dashed(struct str s, size_t at)
{
    size_t end;
    size_t next = skip_blanks(s, at);
    return next == s.n || (next > at && is_dashed(s, next, &end));
}

/* The value behind a name: *ret_to is set to where reading goes on. */
static struct str take_value(struct str s, size_t at, size_t *ret_to)
{
    at = skip_blanks(s, at);
    size_t end;
    if (at < s.n && s.p[at] == '"') {
        size_t to = at + 1;
        while (to < s.n && !(s.p[to] == '"' && next_is_dashed(s, to + 1)))
            to++;
        *ret_to = to < s.n ? to + 1 : to;
        return str_part(s, at + 1, to);
    }
    size_t to = at;
    while (to < s.n && !is_dashed(s, to, &end))
        to++;
    *ret_to = to;
    return str_trim(str_part(s, at, to));
}

static void derive_dashed(struct event *ev, struct arena *arena, struct str s)
{
    size_t at = 0;
    while (at < s.n) {
        size_t end;
        if (!is_dashed(s, at, &end)) {
            at++;
            continue;
        }
        struct str name = str_part(s, at + 1, end);
        if (end < s.n && s.p[end] == ':')
            end++;
        add_parameter(ev, arena, name, take_value(s, end, &at));
    }
}

/* Whether "Name=" stands at `at`. */
static bool is_assignment(struct str s, size_t at, size_t *ret_end)
{
    size_t to = word_end(s, at);
    *ret_end = to;
    return to > at && to < s.n && s.p[to] == '=';
}

static void derive_braced(struct event *ev, struct arena *arena, struct str s)
{
    size_t at = skip_blanks(s, 0);
    size_t end;
    while (at < s.n && is_assignment(s, at, &end)) {
        size_t to = end + 1;
        size_t next = s.n;
        for (; to < s.n; to++) {
            size_t ignored;
            next = skip_blanks(s, to + 1);
            if (s.p[to] == ',' && next < s.n && is_assignment(s, next, &ignored))
                break;
        }
        add_parameter(ev, arena, str_part(s, at, end), str_trim(str_part(s, end + 1, to)));
        at = to < s.n ? next : s.n;
    }
}

void cmdlet_derive_parameters(struct event *ev, struct arena *arena, struct str parameters)
{
    struct str s = str_trim(parameters);
    if (s.n >= 2 && s.p[0] == '{' && s.p[s.n - 1] == '}')
        derive_braced(ev, arena, str_part(s, 1, s.n - 1));
    else
        derive_dashed(ev, arena, s);
}

void cmdlet_derive_parameter(struct event *ev, struct arena *arena, struct str name,
                             struct str value)
{
    if (name.n && word_end(name, 0) == name.n)
        add_parameter(ev, arena, name, value);
}
