#include "format/evtx_value.h"

#include "base/ascii.h"
#include "base/num.h"
#include "base/time.h"
#include "base/utf.h"
#include "format/evtx_int.h"

enum {
    NUMBER_TEXT = 32,
    GUID_TEXT = 38, /* with braces */
    SID_HEAD = 8,
};

static const uint64_t UNIX_EPOCH = UINT64_C(116444736000000000); /* 1970 in FILETIME */

/* ---- text ---- */

static struct bytes until_nul16(struct bytes raw)
{
    size_t n = 0;
    while (n + 1 < raw.n && (raw.p[n] || raw.p[n + 1]))
        n += 2;
    return (struct bytes){raw.p, n};
}

static struct str utf16_text(struct bytes raw, struct arena *arena)
{
    if (raw.n < 2)
        return STR("");
    char *out = ARENA_ARRAY(arena, char, raw.n / 2);
    size_t n = ascii_narrow(out, raw.p, raw.n / 2);
    if (2 * n + 2 > raw.n || (raw.p[2 * n] == 0 && raw.p[2 * n + 1] == 0))
        return (struct str){out, n};
    return utf16le_decode(until_nul16(raw), arena);
}

/* Windows-1252: 0x80..0x9f are not what ISO 8859-1 has there.
 * Source: https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/WINDOWS/CP1252.TXT */
static uint32_t code_point_1252(uint8_t b)
{
    static const uint16_t high[32] = {
        0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
    };
    return b >= 0x80 && b < 0xa0 ? high[b - 0x80] : b;
}

static struct str ansi_text(struct bytes raw, struct arena *arena)
{
    const uint8_t *nul = raw.n ? memchr(raw.p, 0, raw.n) : NULL;
    size_t len = nul ? (size_t)(nul - raw.p) : raw.n;
    if (len == 0)
        return STR("");
    char *out = ARENA_ARRAY(arena, char, len * 3);
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += utf8_put(out + n, code_point_1252(raw.p[i]));
    return (struct str){out, n};
}

static struct str hex_bytes(struct bytes raw, struct arena *arena)
{
    if (raw.n == 0)
        return STR("");
    char *out = ARENA_ARRAY(arena, char, 2 * raw.n);
    for (size_t i = 0; i < raw.n; i++) {
        out[2 * i] = "0123456789ABCDEF"[raw.p[i] >> 4];
        out[2 * i + 1] = "0123456789ABCDEF"[raw.p[i] & 15];
    }
    return (struct str){out, 2 * raw.n};
}

/* ---- numbers ---- */

static struct str tail_text(const char *from, const char *to, struct arena *arena)
{
    return arena_str(arena, (struct str){from, (size_t)(to - from)});
}

static struct str unsigned_text(uint64_t v, bool negative, struct arena *arena)
{
    char out[NUMBER_TEXT];
    char *end = out + sizeof out;
    char *p = end;
    do
        *--p = (char)('0' + v % 10);
    while (v /= 10);
    if (negative)
        *--p = '-';
    return tail_text(p, end, arena);
}

static struct str signed_text(int64_t v, struct arena *arena)
{
    return unsigned_text(v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0, arena);
}

static struct str hex_text(uint64_t v, struct arena *arena)
{
    char out[NUMBER_TEXT];
    char *end = out + sizeof out;
    char *p = end;
    do
        *--p = "0123456789abcdef"[v & 15];
    while (v >>= 4);
    *--p = 'x';
    *--p = '0';
    return tail_text(p, end, arena);
}

static uint64_t load(struct bytes raw)
{
    uint64_t v = 0;
    for (size_t i = raw.n; i > 0; i--)
        v = v << 8 | raw.p[i - 1];
    return v;
}

static struct str double_text(double v, struct arena *arena)
{
    return arena_printf(arena, "%g", v);
}

static struct str float_value(struct bytes raw, struct arena *arena)
{
    uint32_t bits = le32(raw.p);
    float v;
    memcpy(&v, &bits, sizeof v);
    return double_text((double)v, arena);
}

static struct str double_value(struct bytes raw, struct arena *arena)
{
    uint64_t bits = le64(raw.p);
    double v;
    memcpy(&v, &bits, sizeof v);
    return double_text(v, arena);
}

/* ---- identifiers and times ---- */

static struct str guid_text(const uint8_t *p, struct arena *arena)
{
    static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    char *out = ARENA_ARRAY(arena, char, GUID_TEXT);
    char *to = out;
    *to++ = '{';
    for (size_t i = 0; i < sizeof order; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *to++ = '-';
        *to++ = "0123456789ABCDEF"[p[order[i]] >> 4];
        *to++ = "0123456789ABCDEF"[p[order[i]] & 15];
    }
    *to = '}';
    return (struct str){out, GUID_TEXT};
}

static bool is_sid(struct bytes raw)
{
    return raw.n >= SID_HEAD && raw.n >= SID_HEAD + 4 * (size_t)raw.p[1];
}

static char *put_number(char *to, uint32_t v)
{
    enum { DIGITS = 10 };
    char digits[DIGITS];
    size_t at = DIGITS;
    do
        digits[--at] = (char)('0' + v % 10);
    while (v /= 10);
    memcpy(to, digits + at, DIGITS - at);
    return to + (DIGITS - at);
}

/* "0x" and twelve hexadecimal digits */
static char *put_long_authority(char *to, uint64_t authority)
{
    *to++ = '0';
    *to++ = 'x';
    for (unsigned shift = 48; shift > 0; shift -= 4)
        *to++ = "0123456789abcdef"[authority >> (shift - 4) & 15];
    return to;
}

static struct str sid_text(struct bytes raw, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, char, 32 + 11 * (size_t)raw.p[1]);
    char *to = out;
    uint64_t authority = 0; /* big-endian, alone in all this */
    for (size_t i = 2; i < SID_HEAD; i++)
        authority = authority << 8 | raw.p[i];
    *to++ = 'S';
    *to++ = '-';
    to = put_number(to, raw.p[0]);
    *to++ = '-';
    to = authority >> 32 ? put_long_authority(to, authority)
                         : put_number(to, (uint32_t)authority);
    for (size_t i = 0; i < raw.p[1]; i++) {
        *to++ = '-';
        to = put_number(to, le32(raw.p + SID_HEAD + 4 * i));
    }
    return (struct str){out, (size_t)(to - out)};
}

/* The digits of `v`, `width` of them. */
static char *put_digits(char *to, unsigned v, unsigned width)
{
    for (unsigned i = width; i > 0; i--, v /= 10)
        to[i - 1] = (char)('0' + v % 10);
    return to + width;
}

struct civil {
    unsigned year, month, day, hour, minute, second, ticks;
};

static struct str civil_text(struct civil c, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, char, INSTANT_TEXT);
    char *to = put_digits(out, c.year, c.year > 9999 ? 5 : 4);
    *to++ = '-';
    to = put_digits(to, c.month, 2);
    *to++ = '-';
    to = put_digits(to, c.day, 2);
    *to++ = 'T';
    to = put_digits(to, c.hour, 2);
    *to++ = ':';
    to = put_digits(to, c.minute, 2);
    *to++ = ':';
    to = put_digits(to, c.second, 2);
    *to++ = '.';
    to = put_digits(to, c.ticks, 7);
    *to++ = 'Z';
    return (struct str){out, (size_t)(to - out)};
}

/* Any FILETIME, up to the year 60056.
 * Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (public domain). */
static struct civil civil_of_filetime(uint64_t filetime)
{
    enum { DAYS_TO_1601 = 584694 }; /* from 0000-03-01, where the algorithm's eras start */
    uint64_t seconds = filetime / 10000000;
    uint64_t day = seconds / 86400 + DAYS_TO_1601;
    unsigned of_day = (unsigned)(seconds % 86400);
    unsigned doe = (unsigned)(day % 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned mp = (5 * doy + 2) / 153;
    unsigned month = mp < 10 ? mp + 3 : mp - 9;
    return (struct civil){
        .year = yoe + (unsigned)(day / 146097) * 400 + (month <= 2),
        .month = month,
        .day = doy - (153 * mp + 2) / 5 + 1,
        .hour = of_day / 3600,
        .minute = of_day / 60 % 60,
        .second = of_day % 60,
        .ticks = (unsigned)(filetime % 10000000),
    };
}

/* SYSTEMTIME: year, month, day of the week, day, hour, minute, second, milliseconds. */
static struct civil civil_of_systemtime(const uint8_t *p)
{
    return (struct civil){
        .year = le16(p),
        .month = le16(p + 2),
        .day = le16(p + 6),
        .hour = le16(p + 8),
        .minute = le16(p + 10),
        .second = le16(p + 12),
        .ticks = (le16(p + 14) % 1000U) * 10000,
    };
}

/* ---- by type ---- */

/* Bytes of one value; 0 where sizes vary. */
static size_t size_of_type(uint8_t type)
{
    static const uint8_t sizes[] = {
        [EVTX_TYPE_I8] = 1,          [EVTX_TYPE_U8] = 1,    [EVTX_TYPE_I16] = 2,
        [EVTX_TYPE_U16] = 2,         [EVTX_TYPE_I32] = 4,   [EVTX_TYPE_U32] = 4,
        [EVTX_TYPE_I64] = 8,         [EVTX_TYPE_U64] = 8,   [EVTX_TYPE_FLOAT] = 4,
        [EVTX_TYPE_DOUBLE] = 8,      [EVTX_TYPE_GUID] = 16, [EVTX_TYPE_FILETIME] = 8,
        [EVTX_TYPE_SYSTEMTIME] = 16, [EVTX_TYPE_HEX32] = 4, [EVTX_TYPE_HEX64] = 8,
    };
    return type < sizeof sizes ? sizes[type] : 0;
}

static bool fits_pointer(struct bytes raw)
{
    return raw.n == 4 || raw.n == 8;
}

struct str evtx_value_text(uint8_t type, struct bytes raw, struct arena *arena)
{
    size_t size = size_of_type(type);
    if (size && raw.n < size)
        return hex_bytes(raw, arena);
    if (size)
        raw.n = size;
    switch (type) {
    case EVTX_TYPE_NULL:
        return STR("");
    case EVTX_TYPE_STRING:
    case EVTX_TYPE_XML:
        return utf16_text(raw, arena);
    case EVTX_TYPE_ANSI:
        return ansi_text(raw, arena);
    case EVTX_TYPE_I8:
        return signed_text((int8_t)raw.p[0], arena);
    case EVTX_TYPE_I16:
        return signed_text((int16_t)le16(raw.p), arena);
    case EVTX_TYPE_I32:
        return signed_text((int32_t)le32(raw.p), arena);
    case EVTX_TYPE_I64:
        return signed_text((int64_t)le64(raw.p), arena);
    case EVTX_TYPE_U8:
    case EVTX_TYPE_U16:
    case EVTX_TYPE_U32:
    case EVTX_TYPE_U64:
        return unsigned_text(load(raw), false, arena);
    case EVTX_TYPE_HEX32:
    case EVTX_TYPE_HEX64:
        return hex_text(load(raw), arena);
    case EVTX_TYPE_SIZE:
    case EVTX_TYPE_HANDLE:
        return fits_pointer(raw) ? hex_text(load(raw), arena) : hex_bytes(raw, arena);
    case EVTX_TYPE_FLOAT:
        return float_value(raw, arena);
    case EVTX_TYPE_DOUBLE:
        return double_value(raw, arena);
    case EVTX_TYPE_BOOL: /* four bytes; any of them set is true */
        return raw.n > 8 ? hex_bytes(raw, arena) : load(raw) ? STR("true") : STR("false");
    case EVTX_TYPE_GUID:
        return guid_text(raw.p, arena);
    case EVTX_TYPE_FILETIME:
        return civil_text(civil_of_filetime(le64(raw.p)), arena);
    case EVTX_TYPE_SYSTEMTIME:
        return civil_text(civil_of_systemtime(raw.p), arena);
    case EVTX_TYPE_SID:
        return is_sid(raw) ? sid_text(raw, arena) : hex_bytes(raw, arena);
    default:
        return hex_bytes(raw, arena);
    }
}

/* A short text of digits or a date: what stands in place of a number or time when a
 * collector rendered the event. */
static struct str short_text(struct bytes raw, char out[3 * INSTANT_TEXT])
{
    raw = until_nul16(raw);
    if (raw.n / 2 > INSTANT_TEXT)
        return STR("");
    return (struct str){out, utf16le_put(out, raw)};
}

bool evtx_value_number(uint8_t type, struct bytes raw, uint64_t *ret)
{
    char text[3 * INSTANT_TEXT];
    int64_t signed_value;
    size_t size = size_of_type(type);
    switch (type) {
    case EVTX_TYPE_I8:
    case EVTX_TYPE_U8:
    case EVTX_TYPE_I16:
    case EVTX_TYPE_U16:
    case EVTX_TYPE_I32:
    case EVTX_TYPE_U32:
    case EVTX_TYPE_I64:
    case EVTX_TYPE_U64:
    case EVTX_TYPE_HEX32:
    case EVTX_TYPE_HEX64:
        if (raw.n < size)
            return false;
        *ret = load((struct bytes){raw.p, size});
        return true;
    case EVTX_TYPE_STRING:
        if (!num_any(short_text(raw, text), &signed_value) || signed_value < 0)
            return false;
        *ret = (uint64_t)signed_value;
        return true;
    default:
        return false;
    }
}

bool evtx_value_filetime(uint8_t type, struct bytes raw, uint64_t *ret)
{
    char text[3 * INSTANT_TEXT];
    instant t = INSTANT_NONE;
    if (type == EVTX_TYPE_FILETIME && raw.n >= 8) {
        *ret = le64(raw.p);
        return true;
    }
    if (type == EVTX_TYPE_STRING && !instant_parse(short_text(raw, text), &t))
        return false;
    if (type == EVTX_TYPE_SYSTEMTIME && raw.n >= 16) {
        struct civil c = civil_of_systemtime(raw.p);
        t = instant_of_civil((int)c.year, (int)c.month, (int)c.day, (int)c.hour, (int)c.minute,
                             (int)c.second);
        if (t != INSTANT_NONE)
            t += c.ticks;
    }
    if (t == INSTANT_NONE || t < -(int64_t)UNIX_EPOCH)
        return false;
    *ret = (uint64_t)t + UNIX_EPOCH;
    return true;
}

static bool string_item(struct bytes raw, size_t *at, struct bytes *ret)
{
    if (*at + 2 > raw.n)
        return false;
    struct bytes item = until_nul16((struct bytes){raw.p + *at, raw.n - *at});
    *at += item.n + 2;
    *ret = item;
    return true;
}

static bool ansi_item(struct bytes raw, size_t *at, struct bytes *ret)
{
    if (*at >= raw.n)
        return false;
    const uint8_t *from = raw.p + *at;
    const uint8_t *nul = memchr(from, 0, raw.n - *at);
    size_t n = nul ? (size_t)(nul - from) : raw.n - *at;
    *at += n + 1;
    *ret = (struct bytes){from, n};
    return true;
}

bool evtx_value_item(uint8_t type, struct bytes raw, size_t *at, struct bytes *ret)
{
    type &= (uint8_t)~EVTX_TYPE_ARRAY;
    if (type == EVTX_TYPE_STRING)
        return string_item(raw, at, ret);
    if (type == EVTX_TYPE_ANSI)
        return ansi_item(raw, at, ret);
    size_t size = type == EVTX_TYPE_BOOL ? 4 : size_of_type(type);
    if (type == EVTX_TYPE_SID && raw.n - *at >= SID_HEAD)
        size = SID_HEAD + 4 * (size_t)raw.p[*at + 1];
    if (*at >= raw.n)
        return false;
    if (size == 0 || size > raw.n - *at)
        size = raw.n - *at; /* not divisible: the rest is one item */
    *ret = (struct bytes){raw.p + *at, size};
    *at += size;
    return true;
}
