/* regex_shape.c - see regex_shape.h. Source: pcre2pattern(3). */
#include "rule/regex_shape.h"

#include <stdint.h>

#include "base/utf.h"

enum {
    PIECES_MAX = 32,
    LENGTH_MAX = 65535, /* what PCRE2 counts to */
};

/* ---- reading ---- */

static bool is_special(char c)
{
    return str_find(STR("\\^$.[]|()?*+{}"), (struct str){&c, 1}, 0) != SIZE_MAX;
}

static bool is_sign(char c)
{
    bool letter = ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
    return (unsigned char)c < 0x80 && !letter && c != '_' && !(c >= '0' && c <= '9');
}

/* One literal character at *at, perhaps escaped. Two letters have a third case outside ASCII. */
static bool take_char(struct str p, size_t *at, bool nocase, char *ret)
{
    if (*at >= p.n || (unsigned char)p.p[*at] >= 0x80)
        return false;
    bool escaped = p.p[*at] == '\\';
    char c = escaped && *at + 1 < p.n ? p.p[*at + 1] : p.p[*at];
    if (c == '\n' || (escaped ? !is_sign(c) || *at + 1 >= p.n : is_special(c)))
        return false;
    if (nocase && (ascii_lower(c) == 'k' || ascii_lower(c) == 's'))
        return false;
    *at += escaped ? 2 : 1;
    *ret = nocase ? ascii_lower(c) : c;
    return true;
}

static bool take(struct str p, size_t *at, const char *what)
{
    struct str s = str_of(what);
    if (!str_starts(str_part(p, *at, p.n), s))
        return false;
    *at += s.n;
    return true;
}

/* "lit.*lit.*lit" */
static bool read_pieces(struct str p, struct arena *arena, struct regex_shape *ret)
{
    char *text = ARENA_ARRAY(arena, char, p.n);
    size_t used = 0;
    size_t at = 0;
    ret->pieces = ARENA_ARRAY(arena, struct str, PIECES_MAX);
    do {
        size_t start = used;
        while (take_char(p, &at, ret->nocase, &text[used]))
            used++;
        if (used == start || ret->n == PIECES_MAX)
            return false;
        ret->pieces[ret->n++] = (struct str){text + start, used - start};
    } while (take(p, &at, ".*"));
    return at == p.n;
}

/* ".{200,}", ".{200}", "(.){200,}" */
static bool read_length(struct str p, struct regex_shape *ret)
{
    size_t at = 0;
    ret->n = 0;
    if (!take(p, &at, "(.){") && !take(p, &at, ".{"))
        return false;
    size_t start = at;
    for (; at < p.n && p.p[at] >= '0' && p.p[at] <= '9' && ret->longest <= LENGTH_MAX; at++)
        ret->longest = ret->longest * 10 + (size_t)(p.p[at] - '0');
    if (at == start || ret->longest == 0 || ret->longest > LENGTH_MAX)
        return false;
    (void)take(p, &at, ",");
    return take(p, &at, "}") && at == p.n;
}

void regex_shape_of(struct str pattern, bool nocase, bool dot_all, struct arena *arena,
                    struct regex_shape *ret)
{
    *ret = (struct regex_shape){.nocase = nocase, .whole = dot_all};
    ret->known = read_pieces(pattern, arena, ret) || read_length(pattern, ret);
}

/* ---- testing ---- */

static size_t find_piece(struct str line, struct str piece, size_t at, bool nocase)
{
    return nocase ? str_ifind(line, piece, at) : str_find(line, piece, at);
}

static bool has_pieces(const struct regex_shape *shape, struct str line)
{
    size_t at = 0;
    for (size_t i = 0; i < shape->n; i++) {
        at = find_piece(line, shape->pieces[i], at, shape->nocase);
        if (at == SIZE_MAX)
            return false;
        at += shape->pieces[i].n;
    }
    return true;
}

static bool has_length(const struct regex_shape *shape, struct str line)
{
    size_t n = 0;
    for (size_t at = 0; line.n >= shape->longest && at < line.n && n < shape->longest; n++) {
        uint32_t point;
        bool ascii = (unsigned char)line.p[at] < 0x80;
        size_t used = ascii ? 1 : utf8_at(line.p + at, line.n - at, &point);
        at += used ? used : 1;
    }
    return n >= shape->longest;
}

static bool test_line(const struct regex_shape *shape, struct str line)
{
    return shape->n ? has_pieces(shape, line) : has_length(shape, line);
}

bool regex_shape_test(const struct regex_shape *shape, struct str text)
{
    for (size_t at = 0; at <= text.n;) {
        const char *end = NULL;
        if (!shape->whole && at < text.n)
            end = memchr(text.p + at, '\n', text.n - at);
        size_t to = end ? (size_t)(end - text.p) : text.n;
        if (test_line(shape, str_part(text, at, to)))
            return true;
        at = to + 1;
    }
    return false;
}
