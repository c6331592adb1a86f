#include "report/wrap.h"

#include "base/safe.h"
#include "base/utf.h"

/* Columns of a text: one for each character. Wide characters are rare enough here that a
 * line a little too long is the lesser evil than a table of widths. */
static size_t columns(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

/* Bytes of s that fill at most `room` columns. */
static size_t fitting(struct str s, size_t room)
{
    size_t at = 0;
    while (at < s.n && room > 0) {
        uint32_t cp;
        size_t len = utf8_at(s.p + at, s.n - at, &cp);
        at += len ? len : 1;
        room--;
    }
    return at;
}

static void pad(struct buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_add_char(out, ' ');
}

/* Whether a word goes to the next line. Where nothing but the first text stands before it,
 * it does so if it then fits, or if there is no room at all. */
static bool breaks_before(size_t column, size_t indent, bool line_start, size_t wide)
{
    if (!line_start)
        return column + 1 + wide > WRAP_WIDTH;
    return column > indent && column + wide > WRAP_WIDTH &&
           (indent + wide <= WRAP_WIDTH || column >= WRAP_WIDTH);
}

void wrap_text(struct buf *out, const char *first, size_t indent, struct str text)
{
    enum { SAFE_MAX = 1 << 20 };
    struct buf safe = buf_new(SAFE_MAX);
    safe_terminal(&safe, text);
    struct str rest = buf_str(&safe);
    size_t column = columns(str_of(first));
    buf_add_cstr(out, first);
    bool line_start = true;
    while (rest.n) {
        size_t blank = str_find(rest, STR(" "), 0);
        struct str word = str_part(rest, 0, blank);
        size_t wide = columns(word);
        if (breaks_before(column, indent, line_start, wide)) {
            buf_add_char(out, '\n');
            pad(out, indent);
            column = indent;
            line_start = true;
        }
        if (!line_start) {
            buf_add_char(out, ' ');
            column++;
        }
        size_t room = column < WRAP_WIDTH ? WRAP_WIDTH - column : 1;
        size_t take = wide > room ? fitting(word, room) : word.n;
        buf_add(out, rest.p, take);
        column += columns(str_part(rest, 0, take));
        line_start = false;
        if (take < word.n) {
            rest = str_part(rest, take, rest.n);
            buf_add_char(out, '\n');
            pad(out, indent);
            column = indent;
            line_start = true;
            continue;
        }
        rest = blank == SIZE_MAX ? STR("") : str_part(rest, blank + 1, rest.n);
    }
    buf_add_char(out, '\n');
    buf_free(&safe);
}
