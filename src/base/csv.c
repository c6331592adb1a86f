#include "base/csv.h"

#include <inttypes.h>

#include "base/safe.h"

static bool needs_quotes(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r' || s.p[i] == ';')
            return true;
    return false;
}

/* Also of what begins with an apostrophe, so that the sign can be taken off again. */
static bool needs_apostrophe(struct str s)
{
    static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
                                       "\xef\xbc\xa0"}; /* full-width = + - @ */
    if (s.n && memchr("\t\r\n'", s.p[0], 4))
        return true;
    while (str_starts(s, STR(" ")) || str_starts(s, STR("\xc2\xa0")))
        s = str_part(s, s.p[0] == ' ' ? 1 : 2, s.n); /* some programs leave blanks out */
    if (s.n && memchr("=+-@", s.p[0], 4))
        return true;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (str_starts(s, str_of(wide[i])))
            return true;
    return false;
}

/* Nearly all cells: nothing in them asks for anything. */
static bool is_plain(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c <= ' ' || c >= 0x7f || c == ',' || c == ';' || c == '"' || c == '\\') {
            if (c != ' ' || i == 0)
                return false;
        }
    }
    return s.n == 0 || !strchr("=+-@'", s.p[0]);
}

void csv_cell(struct buf *out, struct str text)
{
    if (is_plain(text)) {
        buf_add_str(out, text);
        return;
    }
    bool apostrophe = needs_apostrophe(text);
    bool quoted = apostrophe || needs_quotes(text);
    if (quoted)
        buf_add_char(out, '"');
    if (apostrophe)
        buf_add_char(out, '\'');
    for (size_t at = 0; at < text.n;) {
        size_t quote = str_find(text, STR("\""), at);
        size_t to = quote < text.n ? quote + 1 : text.n;
        safe_terminal(out, str_part(text, at, to));
        if (quote < text.n)
            buf_add_char(out, '"');
        at = to;
    }
    if (quoted)
        buf_add_char(out, '"');
}

static void before_cell(struct csv_out *c)
{
    if (c->comma)
        buf_add_char(c->buf, ',');
    c->comma = true;
}

void csv_str(struct csv_out *c, struct str text)
{
    before_cell(c);
    csv_cell(c->buf, text);
}

void csv_cstr(struct csv_out *c, const char *text)
{
    csv_str(c, str_of(text));
}

void csv_u64(struct csv_out *c, uint64_t v)
{
    before_cell(c);
    buf_addf(c->buf, "%" PRIu64, v);
}

void csv_i64(struct csv_out *c, int64_t v)
{
    before_cell(c);
    buf_addf(c->buf, "%" PRId64, v);
}

void csv_time(struct csv_out *c, instant t)
{
    char text[INSTANT_TEXT];
    csv_str(c, instant_text(t, text));
}

void csv_null(struct csv_out *c)
{
    before_cell(c);
}

void csv_end(struct csv_out *c)
{
    buf_add_cstr(c->buf, "\r\n");
    c->comma = false;
}
