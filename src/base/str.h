/* str.h - borrowed views: raw bytes and text.
 *
 * Both are passed by value and own nothing; whoever made the memory says how
 * long it lives. Neither is NUL-terminated and both may hold NUL.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes { /* evidence as found */
    const uint8_t *p;
    size_t n;
};

struct str { /* text: always valid UTF-8 */
    const char *p;
    size_t n;
};

#define STR(lit) ((struct str){"" lit, sizeof(lit) - 1})

/* For printf: printf("%.*s", STR_ARG(s)). */
#define STR_ARG(s) (int)((s).n > INT_MAX ? INT_MAX : (s).n), (s).p

static inline bool bytes_eq(struct bytes a, struct bytes b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline struct str str_of(const char *c_string)
{
    return (struct str){c_string, strlen(c_string)};
}

static inline struct bytes str_bytes(struct str s)
{
    return (struct bytes){(const uint8_t *)s.p, s.n};
}

/* The part from `from` up to but not including `to`; both are clamped to the text. */
static inline struct str str_part(struct str s, size_t from, size_t to)
{
    size_t end = to < s.n ? to : s.n;
    size_t start = from < end ? from : end;
    return (struct str){start ? s.p + start : s.p, end - start};
}

static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Equality and search that ignore the case of ASCII letters. */
static inline bool str_ieq(struct str a, struct str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
            return false;
    return true;
}

static inline bool str_starts(struct str s, struct str head)
{
    return s.n >= head.n && str_eq(str_part(s, 0, head.n), head);
}

static inline bool str_istarts(struct str s, struct str head)
{
    return s.n >= head.n && str_ieq(str_part(s, 0, head.n), head);
}

static inline bool str_iends(struct str s, struct str tail)
{
    return s.n >= tail.n && str_ieq(str_part(s, s.n - tail.n, s.n), tail);
}

/* Where `part` first occurs at or after `from`; SIZE_MAX if it does not. */
static inline size_t str_find(struct str s, struct str part, size_t from)
{
    if (from > s.n || part.n > s.n - from)
        return SIZE_MAX;
    if (part.n == 0)
        return from;
    const char *hit = (const char *)memmem(s.p + from, s.n - from, part.p, part.n);
    return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

static inline size_t str_ifind(struct str s, struct str part, size_t from)
{
    for (size_t i = from; part.n <= s.n && i <= s.n - part.n; i++)
        if (str_ieq(str_part(s, i, i + part.n), part))
            return i;
    return SIZE_MAX;
}

/* The text without ASCII white space at both ends. */
static inline struct str str_trim(struct str s)
{
    size_t from = 0;
    size_t to = s.n;
    while (from < to && (s.p[from] == ' ' || (s.p[from] >= '\t' && s.p[from] <= '\r')))
        from++;
    while (to > from && (s.p[to - 1] == ' ' || (s.p[to - 1] >= '\t' && s.p[to - 1] <= '\r')))
        to--;
    return str_part(s, from, to);
}

/* Order by bytes, shorter first where one begins the other: <0, 0, >0. */
static inline int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int d = n ? memcmp(a.p, b.p, n) : 0;
    return d ? d : a.n < b.n ? -1 : a.n > b.n;
}
