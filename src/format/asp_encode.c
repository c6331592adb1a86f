#include "format/asp_encode.h"

#include "base/base64.h"
#include "base/buf.h"
#include "base/utf.h"

enum {
    HEADER = 12,            /* "#@~^" and the length, base64 of four bytes */
    TRAILER = 8,            /* a sum, likewise, before "^#~@" */
    ENCODED_MAX = 16 << 20, /* bytes of a script */
    TURNS = ASP_ENCODE_TURNS,
    NO_CONTROLS = 24, /* encoded bytes that hardly come without a tab or 0x7f: "n", "e" */
};

/* Which table each character is looked up in, by its place. */
static const char ORDER[TURNS + 1] = "01201212212102120212001221021221"
                                     "00212120200120210212001220012021";

/* What 0x20 to 0x7f stand for, three tables of 96. */
static const char PLAIN[3][97] = {".GzVBj/&IA42[vrC89pEhqO\tbD#u ~ ^ wJa]\"KoN;LPg*}t"
                                  "T+-,0nkf5%!dMRc?{x)(sY3\x7f"
                                  "mUS|:_eFX1ilZH'\\=$y7`Q 6",
                                  "-uR`q^I\\b})6 |z\x7f"
                                  "kc3+hQfv1dTC : ~ E,*t'7DyY/o&rj9"
                                  "{?8wgSG4x]0#Z[lHUpi.L!$NP\tVs5aKX;W\"mM%(FJ2A=_OBe",
                                  "20!)[83=X:5e9\\VsfNEkbYx^}Jmq ` S B'Hru17MR\"TjGd-"
                                  " \x7f"
                                  ".L]~loytC&v%$+(#A4\t*D?w;UiacPgQIOFh|6pnz/_KZ,W"};

static const char PLAIN_TAB[3] = {'\x57', '\x6e', '\x7b'}; /* and the tab */

/* A character that may not stand in encoded text; 0 if it is none. */
static char escaped(char c)
{
    switch (c) {
    case '&':
        return '\n';
    case '#':
        return '\r';
    case '*':
        return '>';
    case '!':
        return '<';
    case '$':
        return '@';
    default:
        return '\0';
    }
}

/* How the bytes were written, as far as the length that the header tells shows it. */
struct shape {
    bool pairs;  /* a code page in which characters are two bytes */
    bool blanks; /* a copy whose tabs became three blanks, and other controls one */
};

/* Whether two bytes are a character of such a code page. */
static bool is_pair(struct str in, size_t i)
{
    return (unsigned char)in.p[i] > 0x80 && i + 1 < in.n && (unsigned char)in.p[i + 1] >= 0x40;
}

static bool is_blanks(struct str in, size_t i)
{
    return in.n - i >= 3 && in.p[i] == ' ' && in.p[i + 1] == ' ' && in.p[i + 2] == ' ';
}

static size_t distance(size_t a, size_t b)
{
    return a > b ? a - b : b - a;
}

/* Bytes of UTF-8 that are no first ones; 0 if it is none. */
static size_t behind_first(struct str in)
{
    size_t n = 0;
    for (size_t i = 0; i < in.n;) {
        uint32_t c;
        size_t step = (unsigned char)in.p[i] < 0x80 ? 1 : utf8_at(in.p + i, in.n - i, &c);
        if (step == 0)
            return 0;
        n += step - 1;
        i += step;
    }
    return n;
}

static struct shape shape_of(struct str in, size_t length)
{
    size_t pairs = 0;
    size_t tabs = 0;
    size_t behind = behind_first(in);
    for (size_t i = 0; i < in.n; i++) {
        if (is_pair(in, i)) {
            pairs++;
            i++;
        } else if (is_blanks(in, i)) {
            tabs++;
            i += 2;
        }
    }
    size_t best = SIZE_MAX;
    struct shape shape = {0};
    for (unsigned i = 0; i < 6; i++) { /* the first that comes nearest to the length */
        size_t n = in.n -
                   (i % 3 == 1   ? behind
                    : i % 3 == 2 ? pairs
                                 : 0) -
                   (i > 2 ? tabs * 2 : 0);
        if (distance(n, length) >= best)
            continue;
        best = distance(n, length);
        shape = (struct shape){.pairs = i % 3 == 2, .blanks = i > 2};
    }
    shape.blanks |=
        in.n >= NO_CONTROLS && !memchr(in.p, '\t', in.n) && !memchr(in.p, 0x7f, in.n);
    return shape;
}

/* One character, which may be written as an escape or as blanks: *i is moved to its last. */
static struct asp_encoded_char next_char(struct str in, struct shape shape, size_t *i)
{
    struct asp_encoded_char e = {.c = in.p[*i], .blanks = shape.blanks};
    char plain = e.c == '@' && *i + 1 < in.n ? escaped(in.p[*i + 1]) : '\0';
    if (plain) {
        ++*i;
        e.c = plain;
        e.plain = true;
    } else if (shape.blanks && is_blanks(in, *i)) {
        *i += 2;
        e.c = '\t';
    }
    return e;
}

char asp_encode_char(struct asp_encoded_char e, size_t place)
{
    unsigned table = (unsigned)(ORDER[place] - '0');
    unsigned char c = (unsigned char)e.c;
    if (e.plain)
        return e.c;
    if (e.blanks && c == ' ' && table == 1)
        c = 0x7f;
    if (c == '\t')
        return PLAIN_TAB[table];
    return c >= 0x20 && c < 0x80 ? PLAIN[table][c - 0x20] : (char)c;
}

/* Takes the characters that have a place; or, where their places are known, writes the text. */
static size_t walk(struct str in, struct shape shape, struct asp_encoded_char *chars,
                   const uint8_t *places, struct buf *out)
{
    size_t n = 0;
    for (size_t i = 0; i < in.n; i++) {
        bool pair = shape.pairs && is_pair(in, i);
        if (pair || (unsigned char)in.p[i] >= 0x80) {
            if (out)
                buf_add_str(out, str_part(in, i, i + 1 + pair));
            i += pair;
            continue;
        }
        struct asp_encoded_char e = next_char(in, shape, &i);
        if (out)
            buf_add_char(out, asp_encode_char(e, places ? places[n] : n % TURNS));
        else
            chars[n] = e;
        n++;
    }
    return n;
}

static void decode(struct str in, struct shape shape, struct arena *arena, struct buf *out)
{
    struct arena_mark mark = arena_mark(arena);
    struct asp_encoded e = {.chars = ARENA_ARRAY(arena, struct asp_encoded_char, in.n + 1)};
    uint8_t *places = ARENA_ARRAY(arena, uint8_t, in.n + 1);
    e.n = walk(in, shape, e.chars, NULL, NULL);
    bool mended = asp_encode_mend(&e, arena, places);
    (void)walk(in, shape, NULL, mended ? places : NULL, out);
    arena_back(arena, &mark);
}

/* How many characters the header tells of; `n` where it tells nothing that can be. */
static size_t told_length(struct str header, size_t n, struct arena *arena)
{
    struct bytes raw = base64_decode(header, arena);
    if (raw.n < 4)
        return n;
    size_t length =
        raw.p[0] | (size_t)raw.p[1] << 8 | (size_t)raw.p[2] << 16 | (size_t)raw.p[3] << 24;
    return length && length <= n && length > n / 4 ? length : n;
}

/* Where the encoded text that starts behind `at` ends. */
static size_t body_end(struct str code, size_t at, size_t *ret_next)
{
    size_t mark = str_find(code, STR("^#~@"), at);
    *ret_next = mark == SIZE_MAX ? code.n : mark + 4;
    size_t to = mark == SIZE_MAX ? code.n : mark;
    return mark != SIZE_MAX && to - at >= TRAILER ? to - TRAILER : to;
}

bool asp_encode_undo(struct str code, struct arena *arena, struct str *ret)
{
    size_t at = str_find(code, STR("#@~^"), 0);
    if (at == SIZE_MAX)
        return false;
    struct buf out = buf_new(ENCODED_MAX);
    size_t from = 0;
    while (at != SIZE_MAX) {
        size_t next;
        size_t body = at + HEADER < code.n ? at + HEADER : code.n;
        size_t to = body_end(code, body, &next);
        buf_add_str(&out, str_part(code, from, at));
        struct str in = str_part(code, body, to);
        size_t length = told_length(str_part(code, at + 4, body), in.n, arena);
        decode(in, shape_of(in, length), arena, &out);
        from = next;
        at = str_find(code, STR("#@~^"), from);
    }
    buf_add_str(&out, str_part(code, from, code.n));
    *ret = arena_str(arena, buf_str(&out));
    buf_free(&out);
    return true;
}
