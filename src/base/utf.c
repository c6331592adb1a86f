#include "base/utf.h"

#include "base/ascii.h"

enum { REPLACEMENT = 0xfffd };

static bool is_high(uint32_t u)
{
    return u >= 0xd800 && u <= 0xdbff;
}

static bool is_low(uint32_t u)
{
    return u >= 0xdc00 && u <= 0xdfff;
}

static uint32_t unit_at(struct bytes raw, size_t at)
{
    return raw.p[2 * at] | (uint32_t)raw.p[2 * at + 1] << 8;
}

/* The code point at *at, of raw.n / 2 units; a surrogate without its partner is REPLACEMENT. */
static uint32_t next_code_point(struct bytes raw, size_t *at)
{
    uint32_t u = unit_at(raw, (*at)++);
    if (is_low(u))
        return REPLACEMENT;
    if (!is_high(u))
        return u;

    uint32_t low = *at < raw.n / 2 ? unit_at(raw, *at) : 0;
    if (!is_low(low))
        return REPLACEMENT;
    ++*at;
    return 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
}

size_t utf8_put(char *out, uint32_t code_point)
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xc0 | code_point >> 6);
        out[1] = (char)(0x80 | (code_point & 0x3f));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xe0 | code_point >> 12);
        out[1] = (char)(0x80 | (code_point >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code_point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code_point >> 18);
    out[1] = (char)(0x80 | (code_point >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code_point >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code_point & 0x3f));
    return 4;
}

/* Most text is ASCII, or has long runs of it. */
size_t utf16le_put(char *out, struct bytes raw)
{
    const size_t units = raw.n / 2;
    size_t n = 0;
    for (size_t at = 0; at < units;) {
        size_t run = ascii_narrow(out + n, raw.p + 2 * at, units - at);
        at += run;
        n += run;
        while (at < units && (unit_at(raw, at) == 0 || unit_at(raw, at) >= 0x80))
            n += utf8_put(out + n, next_code_point(raw, &at));
    }
    return n;
}

struct str utf16le_decode(struct bytes raw, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, char, raw.n / 2 * 3); /* a unit makes at most 3 bytes */
    return (struct str){out, utf16le_put(out, raw)};
}

bool utf16le_looks(struct bytes file)
{
    enum { LOOK = 64, LEAST = 8 };
    if (file.n >= 2 && file.p[0] == 0xff && file.p[1] == 0xfe)
        return true;
    size_t look = file.n < LOOK ? file.n : LOOK;
    for (size_t i = 0; i + 1 < look; i += 2)
        if (file.p[i] == 0 || file.p[i] >= 0x7f || file.p[i + 1] != 0)
            return false;
    return look >= LEAST;
}

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

size_t utf8_at(const char *p, size_t n, uint32_t *ret)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)p[0];
    size_t len = first < 0x80                    ? 1
                 : first >= 0xc2 && first < 0xe0 ? 2
                 : first >= 0xe0 && first < 0xf0 ? 3
                 : first >= 0xf0 && first < 0xf5 ? 4
                                                 : 0;
    if (len == 0 || len > n)
        return 0;
    if (len == 1) {
        *ret = first;
        return 1;
    }
    uint32_t cp = first & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if (!is_tail(p[i]))
            return 0;
        cp = cp << 6 | ((unsigned char)p[i] & 0x3f);
    }
    if (cp < least[len] || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
        return 0;
    *ret = cp;
    return len;
}

/* How many leading bytes are valid UTF-8. */
static size_t valid_prefix(struct bytes raw)
{
    const char *p = (const char *)raw.p;
    size_t at = 0;
    while (at < raw.n) {
        at += ascii_run(p + at, raw.n - at);
        uint32_t cp;
        size_t len = at < raw.n ? utf8_at(p + at, raw.n - at, &cp) : 0;
        if (len == 0)
            break;
        at += len;
    }
    return at;
}

bool utf8_valid(struct bytes raw)
{
    return valid_prefix(raw) == raw.n;
}

struct str utf8_repair(struct bytes raw, struct arena *arena)
{
    size_t ok = valid_prefix(raw);
    const char *p = (const char *)raw.p;
    if (ok == raw.n)
        return (struct str){p, raw.n};

    char *out = ARENA_ARRAY(arena, char, raw.n * 3);
    memcpy(out, p, ok);
    size_t n = ok;
    for (size_t at = ok; at < raw.n;) {
        uint32_t cp;
        size_t len = utf8_at(p + at, raw.n - at, &cp);
        n += utf8_put(out + n, len ? cp : REPLACEMENT);
        at += len ? len : 1;
    }
    return (struct str){out, n};
}

/* Source: Unicode's mapping table MAPPINGS/VENDORS/MICSFT/WindowsBestFit/bestfit1252.txt */
static const uint16_t ANSI_80[32] = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};

struct str utf8_or_ansi(struct bytes raw, struct arena *arena)
{
    if (utf8_valid(raw))
        return (struct str){(const char *)raw.p, raw.n};
    char *out = ARENA_ARRAY(arena, char, raw.n * 3);
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++) {
        uint8_t c = raw.p[i];
        n += utf8_put(out + n, c >= 0x80 && c < 0xa0 ? ANSI_80[c - 0x80] : c);
    }
    return (struct str){out, n};
}
