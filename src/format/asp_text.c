#include "format/asp_text.h"

#include "base/base64.h"
#include "base/utf.h"

enum {
    HEAD = 4096,     /* bytes in which an encoding shows itself */
    UTF7_RUN = 4096, /* characters of one run of base64 */
};

/* ASCII of code page 037. The brackets are those of 500 and 1047 too: script needs them more
 * than the "!" and the accents that have their places in 037. 0: no ASCII character. */
static const char EBCDIC[256] = {
    [0x05] = '\t', [0x0d] = '\r', [0x15] = '\n', [0x25] = '\n', [0x40] = ' ',  [0x4a] = '[',
    [0x4b] = '.',  [0x4c] = '<',  [0x4d] = '(',  [0x4e] = '+',  [0x4f] = '|',  [0x50] = '&',
    [0x5a] = ']',  [0x5b] = '$',  [0x5c] = '*',  [0x5d] = ')',  [0x5e] = ';',  [0x60] = '-',
    [0x61] = '/',  [0x6b] = ',',  [0x6c] = '%',  [0x6d] = '_',  [0x6e] = '>',  [0x6f] = '?',
    [0x79] = '`',  [0x7a] = ':',  [0x7b] = '#',  [0x7c] = '@',  [0x7d] = '\'', [0x7e] = '=',
    [0x7f] = '"',  [0x81] = 'a',  [0x82] = 'b',  [0x83] = 'c',  [0x84] = 'd',  [0x85] = 'e',
    [0x86] = 'f',  [0x87] = 'g',  [0x88] = 'h',  [0x89] = 'i',  [0x91] = 'j',  [0x92] = 'k',
    [0x93] = 'l',  [0x94] = 'm',  [0x95] = 'n',  [0x96] = 'o',  [0x97] = 'p',  [0x98] = 'q',
    [0x99] = 'r',  [0xa1] = '~',  [0xa2] = 's',  [0xa3] = 't',  [0xa4] = 'u',  [0xa5] = 'v',
    [0xa6] = 'w',  [0xa7] = 'x',  [0xa8] = 'y',  [0xa9] = 'z',  [0xad] = '[',  [0xb0] = '^',
    [0xba] = '[',  [0xbb] = ']',  [0xbd] = ']',  [0xc0] = '{',  [0xc1] = 'A',  [0xc2] = 'B',
    [0xc3] = 'C',  [0xc4] = 'D',  [0xc5] = 'E',  [0xc6] = 'F',  [0xc7] = 'G',  [0xc8] = 'H',
    [0xc9] = 'I',  [0xd0] = '}',  [0xd1] = 'J',  [0xd2] = 'K',  [0xd3] = 'L',  [0xd4] = 'M',
    [0xd5] = 'N',  [0xd6] = 'O',  [0xd7] = 'P',  [0xd8] = 'Q',  [0xd9] = 'R',  [0xe0] = '\\',
    [0xe2] = 'S',  [0xe3] = 'T',  [0xe4] = 'U',  [0xe5] = 'V',  [0xe6] = 'W',  [0xe7] = 'X',
    [0xe8] = 'Y',  [0xe9] = 'Z',  [0xf0] = '0',  [0xf1] = '1',  [0xf2] = '2',  [0xf3] = '3',
    [0xf4] = '4',  [0xf5] = '5',  [0xf6] = '6',  [0xf7] = '7',  [0xf8] = '8',  [0xf9] = '9',
};

static bool starts(struct bytes b, const char *magic, size_t n)
{
    return b.n >= n && memcmp(b.p, magic, n) == 0;
}

static struct bytes behind(struct bytes b, size_t n)
{
    return (struct bytes){b.p + n, b.n - n};
}

static bool has(struct bytes b, const char *what, size_t n)
{
    return b.n >= n && memmem(b.p, b.n, what, n) != NULL;
}

static struct str utf16be(struct bytes b, struct arena *arena)
{
    size_t n = b.n / 2 * 2;
    uint8_t *swapped = ARENA_ARRAY(arena, uint8_t, n + 1);
    for (size_t i = 0; i < n; i += 2) {
        swapped[i] = b.p[i + 1];
        swapped[i + 1] = b.p[i];
    }
    return utf16le_decode((struct bytes){swapped, n}, arena);
}

static struct str utf32(struct bytes b, bool big, struct arena *arena)
{
    size_t units = b.n / 4;
    char *out = ARENA_ARRAY(arena, char, units * 4 + 1);
    size_t n = 0;
    for (size_t i = 0; i < units; i++) {
        const uint8_t *p = b.p + i * 4;
        uint32_t c =
            big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
                : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
        bool bad = c > 0x10ffff || (c >= 0xd800 && c < 0xe000);
        n += utf8_put(out + n, bad ? 0xfffd : c);
    }
    return (struct str){out, n};
}

/* --- UTF-7 --------------------------------------------------------------------------------- */

static bool is_base64(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           c == '+' || c == '/';
}

/* "+k-" is no character, and Windows gives none for it. Source: RFC 2152 */
static struct str utf7(struct bytes b, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, char, b.n * 2 + 4);
    size_t n = 0;
    for (size_t i = 0; i < b.n;) {
        size_t to = i + 1;
        while (b.p[i] == '+' && to < b.n && to - i < UTF7_RUN && is_base64(b.p[to]))
            to++;
        if (b.p[i] == '+' && to - i == 2 && to < b.n && b.p[to] == '-') {
            i = to + 1;
            continue;
        }
        if (b.p[i] != '+' || to - i < 3) {
            bool plus = b.p[i] == '+' && to < b.n && b.p[to] == '-';
            out[n++] = (char)b.p[i];
            i += plus ? 2 : 1;
            continue;
        }
        struct arena_mark mark = arena_mark(arena);
        struct str run = {(const char *)b.p + i + 1, to - i - 1};
        struct str text = utf16be(base64_decode(run, arena), arena);
        memcpy(out + n, text.p, text.n); /* 3/2 bytes for 2 at most, of 8/3 digits */
        n += text.n;
        arena_back(arena, &mark);
        i = to + (to < b.n && b.p[to] == '-');
    }
    return (struct str){out, n};
}

/* "<" is +ADw in all three places it may have in a run's first digits: this one is written by
 * all encoders that start a run for it. A page that says so itself is read so too. */
static bool is_utf7(struct bytes head)
{
    struct str text = {(const char *)head.p, head.n};
    bool told =
        has(head, "65000", 5) && (str_ifind(text, STR("codepage=65000"), 0) != SIZE_MAX ||
                                  str_ifind(text, STR("codepage=\"65000\""), 0) != SIZE_MAX);
    return told || (has(head, "+A", 2) &&
                    (has(head, "+ADw", 4) || str_ifind(text, STR("utf-7"), 0) != SIZE_MAX));
}

/* --- EBCDIC -------------------------------------------------------------------------------- */

static struct str ebcdic(struct bytes b, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, char, b.n + 1);
    for (size_t i = 0; i < b.n; i++) {
        char c = EBCDIC[b.p[i]];
        out[i] = c ? c : ' ';
    }
    return (struct str){out, b.n};
}

/* --------------------------------------------------------------------------------------------- */

const char *asp_encoding_name(enum asp_encoding encoding)
{
    static const char *const names[] = {"", "utf-16", "utf-32", "utf-7", "ebcdic"};
    return (unsigned)encoding < sizeof names / sizeof *names ? names[encoding] : "";
}

struct str asp_text(struct bytes file, struct arena *arena, enum asp_encoding *ret_encoding)
{
    struct bytes head = {file.p, file.n < HEAD ? file.n : HEAD};
    struct str plain = {(const char *)file.p, file.n};
    *ret_encoding = ASP_UTF32;
    if (starts(file, "\xff\xfe\0\0", 4))
        return utf32(behind(file, 4), false, arena);
    if (starts(file, "\0\0\xfe\xff", 4))
        return utf32(behind(file, 4), true, arena);
    *ret_encoding = ASP_UTF16;
    if (starts(file, "\xff\xfe", 2))
        return utf16le_decode(behind(file, 2), arena);
    if (starts(file, "\xfe\xff", 2))
        return utf16be(behind(file, 2), arena);
    if (has(head, "<\0%\0", 4) || has(head, "<\0s\0c\0r\0", 8))
        return utf16le_decode(file, arena);
    if (has(head, "\0<\0%", 4) || has(head, "\0<\0s\0c\0r", 8))
        return utf16be(file, arena);
    *ret_encoding = ASP_EBCDIC;
    if (!has(head, "<", 1) && has(head, "\x4c\x6c", 2))
        return ebcdic(file, arena);
    *ret_encoding = ASP_UTF7;
    if (has(head, "+", 1) && is_utf7(head))
        return utf7(file, arena);
    *ret_encoding = ASP_ASCII;
    return starts(file, "\xef\xbb\xbf", 3) ? str_part(plain, 3, plain.n) : plain;
}
