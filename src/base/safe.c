#include "base/safe.h"

#include "base/utf.h"

bool safe_is_deceptive(uint32_t cp)
{
    return cp == 0x061c || (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
           (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff || (cp >= 0xfff9 && cp <= 0xfffb) ||
           (cp >= 0xe0000 && cp <= 0xe007f);
}

static bool is_control(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7f && cp < 0xa0);
}

static bool is_hex(struct str text, size_t at, size_t n)
{
    for (size_t i = at; i < at + n; i++) {
        char c = i < text.n ? text.p[i] : '\0';
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return true;
}

/* Whether what stands at `at` looks like the rest of an escape, or will be one. */
static bool is_escape_end(struct str text, size_t at)
{
    uint32_t cp = 0;
    if (at >= text.n)
        return false;
    if (text.p[at] == 'x' || text.p[at] == 'u')
        return is_hex(text, at + 1, text.p[at] == 'x' ? 2 : 4);
    return utf8_at(text.p + at, text.n - at, &cp) == 0 || is_control(cp) ||
           safe_is_deceptive(cp);
}

/* A run of backslashes, twice as long where it stands before an escape or what looks like
 * one: there, an odd number ends in an escape and an even one is the evidence's. Paths stay
 * as they are. Returns how many there were. */
static size_t put_backslashes(struct buf *out, struct str text, size_t at)
{
    size_t n = 0;
    while (at + n < text.n && text.p[at + n] == '\\')
        n++;
    size_t times = is_escape_end(text, at + n) ? 2 : 1;
    for (size_t i = 0; i < times; i++)
        buf_add(out, text.p + at, n);
    return n;
}

void safe_terminal(struct buf *out, struct str text)
{
    for (size_t at = 0; at < text.n;) {
        uint32_t cp = 0;
        size_t len = utf8_at(text.p + at, text.n - at, &cp);
        if (len == 0)
            buf_addf(out, "\\x%02x", (unsigned)(unsigned char)text.p[at]);
        else if (cp == '\\')
            len = put_backslashes(out, text, at);
        else if (is_control(cp))
            buf_addf(out, "\\x%02x", (unsigned)cp);
        else if (safe_is_deceptive(cp))
            buf_addf(out, "\\u%04x", (unsigned)cp);
        else
            buf_add(out, text.p + at, len);
        at += len ? len : 1;
    }
}
