#include "base/json.h"

#include <inttypes.h>

#include "base/safe.h"
#include "base/utf.h"

static void before_value(struct json_out *j)
{
    if (j->comma)
        buf_add_char(j->buf, ',');
    j->comma = true;
}

void json_begin(struct json_out *j, char bracket)
{
    before_value(j);
    buf_add_char(j->buf, bracket);
    j->comma = false;
}

void json_end(struct json_out *j, char bracket)
{
    buf_add_char(j->buf, bracket);
    j->comma = true;
}

static void put_escaped(struct buf *b, char c)
{
    switch (c) {
    case '"':
        buf_add_cstr(b, "\\\"");
        break;
    case '\\':
        buf_add_cstr(b, "\\\\");
        break;
    case '\n':
        buf_add_cstr(b, "\\n");
        break;
    case '\r':
        buf_add_cstr(b, "\\r");
        break;
    case '\t':
        buf_add_cstr(b, "\\t");
        break;
    default:
        buf_addf(b, "\\u%04x", (unsigned)(unsigned char)c);
    }
}

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x7f && c != '"' && c != '\\';
}

static void put_unit(struct buf *b, uint32_t cp)
{
    if (cp >= 0x10000)
        buf_addf(b, "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (cp >> 10)),
                 (unsigned)(0xdc00 | (cp & 0x3ff)));
    else
        buf_addf(b, "\\u%04x", (unsigned)cp);
}

static void put_quoted(struct buf *b, struct str text)
{
    unsigned marks = 0; /* in a row */
    buf_add_char(b, '"');
    for (size_t at = 0; at < text.n;) {
        size_t run = at;
        while (run < text.n && is_plain(text.p[run]))
            run++;
        buf_add(b, text.p + at, run - at);
        marks = run > at ? 0 : marks;
        at = run;
        if (at == text.n)
            break;
        uint32_t cp = 0;
        size_t len = utf8_at(text.p + at, text.n - at, &cp);
        marks = len && safe_is_mark(cp) ? marks + 1 : 0;
        bool obeyed = (cp >= 0x80 && cp < 0xa0) || safe_is_deceptive(cp); /* by a terminal */
        if (len > 1 && (obeyed || marks > SAFE_MARKS))
            put_unit(b, cp);
        else if (len > 1)
            buf_add(b, text.p + at, len);
        else if (len == 1)
            put_escaped(b, text.p[at]);
        else
            buf_add_cstr(b, "\xef\xbf\xbd");
        at += len ? len : 1;
    }
    buf_add_char(b, '"');
}

void json_key_str(struct json_out *j, struct str key)
{
    before_value(j);
    put_quoted(j->buf, key);
    buf_add_char(j->buf, ':');
    j->comma = false;
}

void json_key(struct json_out *j, const char *key)
{
    json_key_str(j, str_of(key));
}

void json_str(struct json_out *j, struct str text)
{
    before_value(j);
    put_quoted(j->buf, text);
}

void json_cstr(struct json_out *j, const char *text)
{
    json_str(j, str_of(text));
}

void json_u64(struct json_out *j, uint64_t v)
{
    char text[20]; /* digits of the greatest */
    size_t at = sizeof text;
    before_value(j);
    do
        text[--at] = (char)('0' + v % 10);
    while ((v /= 10) > 0);
    buf_add(j->buf, text + at, sizeof text - at);
}

void json_i64(struct json_out *j, int64_t v)
{
    before_value(j);
    buf_addf(j->buf, "%" PRId64, v);
}

void json_bool(struct json_out *j, bool v)
{
    before_value(j);
    buf_add_cstr(j->buf, v ? "true" : "false");
}

void json_null(struct json_out *j)
{
    before_value(j);
    buf_add_cstr(j->buf, "null");
}

void json_time(struct json_out *j, instant t)
{
    char text[INSTANT_TEXT];
    if (t == INSTANT_NONE)
        json_null(j);
    else
        json_str(j, instant_text(t, text));
}

void json_raw(struct json_out *j, struct str json)
{
    before_value(j);
    buf_add_str(j->buf, json);
}
