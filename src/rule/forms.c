/* forms.c - percent decoding, with repair. */
#include "rule/forms.h"

#include "rule/fold.h"

static size_t put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xc0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    to[0] = (char)(0xe0 | c >> 12);
    to[1] = (char)(0x80 | (c >> 6 & 0x3f));
    to[2] = (char)(0x80 | (c & 0x3f));
    return 3;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* n hexadecimal digits at `at`, or -1. */
static int32_t hex(struct str s, size_t at, size_t n)
{
    int32_t v = 0;
    if (s.n - at < n)
        return -1;
    for (size_t i = 0; i < n; i++) {
        int d = digit(s.p[at + i]);
        if (d < 0)
            return -1;
        v = v << 4 | d;
    }
    return v;
}

/* Reads what stands at *at, writes what it means, moves on. */
static size_t decode_one(struct str text, size_t *at, bool plus, char *to)
{
    char c = text.p[(*at)++];
    if (c == '+' && plus)
        c = ' ';
    if (c != '%')
        return to[0] = c, 1;
    int32_t byte = hex(text, *at, 2);
    if (byte >= 0) {
        *at += 2;
        return to[0] = (char)byte, 1;
    }
    int32_t point = *at < text.n && (text.p[*at] | 32) == 'u' ? hex(text, *at + 1, 4) : -1;
    if (point < 0)
        return to[0] = c, 1;
    *at += 5;
    return put_utf8(to, (uint32_t)point);
}

static bool valid(uint32_t c, size_t n)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    return n == 1 ? c < 0x80 : c >= least[n] && c <= 0x10ffff && !(c >= 0xd800 && c < 0xe000);
}

/* A character written in more bytes than it needs: how many; 0 if it is none. No valid text
 * holds such bytes. */
static size_t overlong(struct str text, size_t at, uint32_t *ret)
{
    const unsigned char *p = (const unsigned char *)text.p + at;
    size_t n = p[0] == 0xc0 || p[0] == 0xc1 ? 2 : p[0] == 0xe0 ? 3 : p[0] == 0xf0 ? 4 : 0;
    if (n == 0 || text.n - at < n)
        return 0;
    uint32_t c = p[0] & (0x7fU >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3fU);
    }
    *ret = c;
    return n;
}

static struct str repair(struct str text, struct arena *arena)
{
    char *to = arena_alloc(arena, text.n + 1, 3);
    size_t n = 0;
    for (size_t at = 0; at < text.n;) {
        uint32_t c = 0;
        size_t used = fold_next(text, at, &c);
        size_t longer = valid(c, used) ? 0 : overlong(text, at, &c);
        if (longer)
            n += put_utf8(to + n, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
        else if (valid(c, used))
            memcpy(to + n, text.p + at, used);
        else
            n += put_utf8(to + n, 0xfffd);
        n += !longer && valid(c, used) ? used : 0;
        at += longer ? longer : used;
    }
    return (struct str){to, n};
}

struct str forms_decode(struct str text, bool plus, struct arena *arena)
{
    bool percent = text.n && memchr(text.p, '%', text.n);
    bool blank = plus && text.n && memchr(text.p, '+', text.n);
    if (!percent && !blank)
        return text;
    char *to = arena_alloc(arena, text.n + 1, 1); /* what is decoded is never longer */
    size_t n = 0;
    unsigned char high = 0;
    for (size_t at = 0; at < text.n;) {
        size_t used = decode_one(text, &at, plus, to + n);
        for (size_t i = 0; i < used; i++)
            high |= (unsigned char)to[n + i];
        n += used;
    }
    struct str decoded = {to, n};
    return high & 0x80 ? repair(decoded, arena) : decoded;
}

static void add_form(struct form *forms, size_t *n, struct str raw, struct str text,
                     const char *how)
{
    if (str_eq(text, raw))
        return;
    for (size_t i = 0; i < *n; i++)
        if (str_eq(text, forms[i].text))
            return;
    forms[(*n)++] = (struct form){text, how};
}

size_t forms_of(struct str text, struct arena *arena, struct form ret[FORMS_MAX])
{
    size_t n = 0;
    struct str once = forms_decode(text, false, arena);
    struct str blank = forms_decode(text, true, arena);
    add_form(ret, &n, text, once, "percent-decoded");
    add_form(ret, &n, text, blank, "percent-decoded, '+' read as a blank");
    if (str_eq(once, text))
        return n;
    /* A '+' that came out of the first round is one; a blank is already a blank. */
    add_form(ret, &n, text, forms_decode(once, false, arena), "percent-decoded twice");
    add_form(ret, &n, text, forms_decode(blank, false, arena),
             "percent-decoded twice, '+' read as a blank");
    return n;
}
