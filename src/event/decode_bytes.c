/* Bytes that came out of an encoding: are they text, packed text, a program - or nothing,
 * which shows that it was no encoding. */
#include "base/digest.h"
#include "base/utf.h"
#include "event/decode_int.h"
#include "format/inflate.h"

enum {
    GLANCE_MIN = 6,   /* bytes that a glance needs */
    PACKED_DEPTH = 4, /* compressed inside compressed */
    RAW_MIN = 24,     /* bytes of a bare DEFLATE stream: less inflates by chance */
    SHORT = 64,       /* characters: below, what is not ASCII must be the exception */
};

/* --- text ----------------------------------------------------------------------------------- */

static bool is_printable(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7f) ||
           (c >= 0xa0 && c != 0xfffd && c != 0xfeff && (c < 0xe000 || c > 0xf8ff));
}

/* What remains of a text whose end was cut off inside a character. */
static bool is_cut_off(const char *p, size_t n)
{
    unsigned char c = (unsigned char)p[0];
    size_t want = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
    return want > n;
}

struct count {
    size_t all, ascii, word, letters, digits, commas;
};

static bool enough(const struct count *c, size_t least)
{
    bool list = c->digits * 2 >= c->all && c->commas * 5 >= c->all;
    if (c->letters * 4 < c->all && !list)
        return false; /* a long number */
    bool plain = c->all >= SHORT ? c->ascii * 4 >= c->all : c->ascii * 10 >= c->all * 7;
    return c->all >= least && plain && (list || c->word * 5 >= c->all * 2);
}

static void count_char(struct count *c, uint32_t code)
{
    c->all++;
    c->ascii += code < 0x80;
    c->letters += code >= 0x80 || is_alpha((char)code);
    c->digits += code < 0x80 && is_digit((char)code);
    c->commas += code == ',' || code == ' ' || code == ';';
    c->word += code >= 0x80 || code == ' ' || is_alnum((char)code);
}

static bool text_utf8(struct bytes raw, size_t least, struct arena *arena, struct str *ret)
{
    struct count count = {0};
    size_t from = raw.n >= 3 && memcmp(raw.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (raw.n > from && raw.p[raw.n - 1] == 0)
        raw.n--;
    const char *p = (const char *)raw.p;
    size_t i = from;
    while (i < raw.n) {
        uint32_t code;
        size_t used = utf8_at(p + i, raw.n - i, &code);
        if (used == 0 && raw.n - i < 4 && is_cut_off(p + i, raw.n - i))
            break;
        if (used == 0 || !is_printable(code))
            return false;
        count_char(&count, code);
        i += used;
    }
    if (!enough(&count, least))
        return false;
    *ret = arena_str(arena, (struct str){p + from, i - from});
    return true;
}

static uint32_t unit(struct bytes raw, size_t i, bool big)
{
    unsigned a = raw.p[i];
    unsigned b = raw.p[i + 1];
    return big ? a << 8 | b : b << 8 | a;
}

/* Whether it is UTF-16 throughout; pairs of surrogates count as one character. */
static bool is_utf16(struct bytes raw, bool big, size_t least)
{
    struct count count = {0};
    for (size_t i = 0; i + 1 < raw.n; i += 2) {
        uint32_t c = unit(raw, i, big);
        if (i == 0 && c == 0xfeff)
            continue;
        bool high = c >= 0xd800 && c < 0xdc00;
        bool low = c >= 0xdc00 && c < 0xe000;
        if (!is_printable(c) && !high && !low)
            return false;
        count_char(&count, c);
    }
    return enough(&count, least);
}

static bool text_utf16(struct bytes raw, size_t least, struct arena *arena,
                       const char **ret_name, struct str *ret)
{
    while (raw.n >= 2 && raw.p[raw.n - 1] == 0 && raw.p[raw.n - 2] == 0)
        raw.n -= 2;
    bool little = is_utf16(raw, false, least);
    bool big = !little && is_utf16(raw, true, least);
    if (!little && !big)
        return false;
    if (big) {
        uint8_t *swapped = ARENA_ARRAY(arena, uint8_t, raw.n);
        for (size_t i = 0; i + 1 < raw.n; i += 2) {
            swapped[i] = raw.p[i + 1];
            swapped[i + 1] = raw.p[i];
        }
        raw.p = swapped;
    }
    *ret_name = big ? "utf-16 big endian" : "utf-16";
    *ret = utf16le_decode(raw, arena);
    if (str_starts(*ret, STR("\xef\xbb\xbf")))
        *ret = str_part(*ret, 3, ret->n);
    return true;
}

/* --- programs ------------------------------------------------------------------------------- */

static bool is_program(struct bytes raw)
{
    enum { HEADER = 64, NEW_HEADER_AT = 60 };
    if (raw.n < HEADER || raw.p[0] != 'M' || raw.p[1] != 'Z')
        return false;
    size_t at = (size_t)raw.p[NEW_HEADER_AT] | (size_t)raw.p[NEW_HEADER_AT + 1] << 8 |
                (size_t)raw.p[NEW_HEADER_AT + 2] << 16;
    return at + 4 <= raw.n && memcmp(raw.p + at, "PE\0\0", 4) == 0;
}

static void take_program(struct decoder *d, struct bytes raw)
{
    uint8_t digest[SHA256_SIZE];
    char hex[SHA256_TEXT];
    if (d->program.n)
        return;
    sha256(raw, digest);
    sha256_text(digest, hex);
    d->program = arena_str(d->arena, str_of(hex));
    decoder_name(d, "a program");
}

/* --- packed --------------------------------------------------------------------------------- */

static bool is_gzip(struct bytes raw)
{
    return raw.n > 10 && raw.p[0] == 0x1f && raw.p[1] == 0x8b && raw.p[2] == 8;
}

/* Source: RFC 1950, 2.2: method 8, and the two bytes are a multiple of 31. */
static bool is_zlib(struct bytes raw)
{
    return raw.n > 6 && (raw.p[0] & 0x8f) == 8 && (raw.p[0] * 256 + raw.p[1]) % 31 == 0;
}

struct content {
    struct str text;
    const char *names[PACKED_DEPTH + 2];
    size_t n;
    bool program;
    struct bytes raw; /* of the program */
};

static bool look(struct decoder *d, struct bytes raw, size_t least, int depth,
                 struct content *ret);

static bool inflated(struct decoder *d, struct bytes raw, enum inflate_wrapping wrapping,
                     int depth, struct content *ret)
{
    static const char *const names[] = {
        [INFLATE_RAW] = "deflate", [INFLATE_ZLIB] = "zlib", [INFLATE_GZIP] = "gzip"};
    if (d->unpacked > DECODE_MADE_MAX) {
        d->cut = true;
        return false;
    }
    struct buf out = buf_new(DECODE_INFLATED_MAX);
    int r = inflate_all(raw, wrapping, &out);
    bool full = out.full;
    bool good = r > 0 || (wrapping == INFLATE_GZIP && out.n > 0) || (r == 0 && full);
    struct bytes content = str_bytes(arena_str(d->arena, buf_str(&out)));
    buf_free(&out);
    d->unpacked += content.n;
    if (!good || content.n == 0)
        return false;
    size_t n = ret->n;
    ret->names[ret->n++] = names[wrapping];
    if (!look(d, content, 4, depth + 1, ret)) {
        ret->n = n;
        return false;
    }
    d->made += content.n;
    d->cut |= full;
    return true;
}

static bool look_packed(struct decoder *d, struct bytes raw, int depth, struct content *ret)
{
    if (depth >= PACKED_DEPTH) {
        d->cut = true;
        return false;
    }
    if (is_gzip(raw))
        return inflated(d, raw, INFLATE_GZIP, depth, ret);
    if (is_zlib(raw) && inflated(d, raw, INFLATE_ZLIB, depth, ret))
        return true;
    return raw.n >= RAW_MIN && (d->has & HAS_DEFLATE) &&
           inflated(d, raw, INFLATE_RAW, depth, ret);
}

static bool look(struct decoder *d, struct bytes raw, size_t least, int depth,
                 struct content *ret)
{
    const char *name = NULL;
    if (raw.n >= 4 && text_utf16(raw, least, d->arena, &name, &ret->text)) {
        ret->names[ret->n++] = name;
        return true;
    }
    if (text_utf8(raw, least, d->arena, &ret->text))
        return true;
    if (is_program(raw)) {
        ret->program = true;
        ret->raw = raw;
        return true;
    }
    return look_packed(d, raw, depth, ret);
}

/* --- xor ------------------------------------------------------------------------------------ */

/* The constants that follow -bxor. */
static size_t find_keys(struct str s, uint8_t keys[DECODE_KEYS])
{
    size_t n = 0;
    size_t at = 0;
    while (n < DECODE_KEYS && (at = str_ifind(s, STR("-bxor"), at)) != SIZE_MAX) {
        at += 5;
        size_t i = skip_blanks(s, at);
        while (char_at(s, i) == '(' || char_at(s, i) == '\'' || char_at(s, i) == '"')
            i++;
        bool hex = char_at(s, i) == '0' && ascii_lower(char_at(s, i + 1)) == 'x';
        unsigned v = 0;
        size_t digits = 0;
        for (i += hex ? 2 : 0; digits < 4 && hex_digit(char_at(s, i)) >= 0; i++, digits++)
            v = v * (hex ? 16 : 10) + (unsigned)hex_digit(s.p[i]);
        if (digits && v > 0 && v < 256)
            keys[n++] = (uint8_t)v;
    }
    return n;
}

/* They are looked for once in a text, however much in it may be under one of them. */
static size_t xor_keys(struct decoder *d)
{
    if (d->keyed.p != d->text.p || d->keyed.n != d->text.n) {
        d->keyed = d->text;
        d->n_keys = find_keys(d->text, d->keys);
    }
    return d->n_keys;
}

static bool look_xored(struct decoder *d, struct bytes raw, size_t least, struct content *ret)
{
    size_t n = d->has & HAS_XOR ? xor_keys(d) : 0;
    uint8_t *plain = n ? ARENA_ARRAY(d->arena, uint8_t, raw.n) : NULL;
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < raw.n; i++)
            plain[i] = raw.p[i] ^ d->keys[k];
        *ret = (struct content){.names = {"xor"}, .n = 1};
        if (look(d, (struct bytes){plain, raw.n}, least, 0, ret))
            return true;
    }
    return false;
}

/* --- all of it ------------------------------------------------------------------------------ */

bool decode_may_be(const struct decoder *d, struct bytes head)
{
    if (head.n < GLANCE_MIN || (d->has & (HAS_XOR | HAS_DEFLATE)) || is_gzip(head) ||
        is_zlib(head) || (head.p[0] == 'M' && head.p[1] == 'Z'))
        return true;
    size_t bad8 = 0;
    size_t even = 0;
    size_t odd = 0;
    for (size_t i = 0; i < head.n; i++) {
        unsigned char c = head.p[i];
        bad8 += (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
        even += i % 2 == 0 && (c == 0 || c == 0xff || c == 0xfe);
        odd += i % 2 == 1 && (c == 0 || c == 0xff || c == 0xfe);
    }
    return bad8 == 0 || even * 4 >= head.n || odd * 4 >= head.n;
}

bool decode_bytes(struct decoder *d, const char *name, struct bytes raw, size_t least,
                  struct str *ret)
{
    struct content content = {0};
    if (raw.n < least ||
        (!look(d, raw, least, 0, &content) && !look_xored(d, raw, least, &content)))
        return false;
    decoder_name(d, name);
    for (size_t i = 0; i < content.n; i++)
        decoder_name(d, content.names[i]);
    if (content.program) {
        take_program(d, content.raw);
        return false;
    }
    *ret = content.text;
    decoder_part(d, content.text);
    return true;
}
