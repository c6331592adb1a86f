#include "base/safe.h"

#include "base/utf.h"

/* Source: Unicode 15.1, DerivedCoreProperties.txt (Default_Ignorable_Code_Point), Bidi_Class
 * and line separators; U+2800, a letter without ink. */
bool safe_is_deceptive(uint32_t cp)
{
    static const struct utf_range ranges[] = {
        {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},   {0x115f, 0x1160},
        {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f}, {0x2028, 0x202e},
        {0x2060, 0x206f},   {0x2800, 0x2800},   {0x3164, 0x3164}, {0xfe00, 0xfe0f},
        {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3},
        {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
    };
    return cp >= 0xad && utf_is_in(ranges, sizeof ranges / sizeof *ranges, cp);
}

bool safe_is_mark(uint32_t cp)
{
    static const struct utf_range ranges[] = {
        {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},     {0x610, 0x61a},
        {0x64b, 0x65f},   {0xe31, 0xe31},   {0xe34, 0xe3a},     {0xe47, 0xe4e},
        {0xeb1, 0xeb1},   {0xeb4, 0xebc},   {0xec8, 0xece},     {0x1ab0, 0x1aff},
        {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0x302a, 0x302f},   {0x3099, 0x309a},
        {0xa66f, 0xa672}, {0xfe20, 0xfe2f}, {0x1d165, 0x1d169},
    };
    return cp >= 0x300 && utf_is_in(ranges, sizeof ranges / sizeof *ranges, cp);
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
    if (text.p[at] == 'x' || text.p[at] == 'u' || text.p[at] == 'U')
        return is_hex(text, at + 1, text.p[at] == 'x' ? 2 : text.p[at] == 'u' ? 4 : 8);
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
    unsigned marks = 0; /* in a row */
    for (size_t at = 0; at < text.n;) {
        uint32_t cp = 0;
        size_t len = utf8_at(text.p + at, text.n - at, &cp);
        marks = len && safe_is_mark(cp) ? marks + 1 : 0;
        if (len == 0)
            buf_addf(out, "\\x%02x", (unsigned)(unsigned char)text.p[at]);
        else if (cp == '\\')
            len = put_backslashes(out, text, at);
        else if (is_control(cp))
            buf_addf(out, "\\x%02x", (unsigned)cp);
        else if (safe_is_deceptive(cp) || marks > SAFE_MARKS)
            buf_addf(out, cp > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned)cp);
        else
            buf_add(out, text.p + at, len);
        at += len ? len : 1;
    }
}
