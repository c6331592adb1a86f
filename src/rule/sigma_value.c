/* sigma_value.c - see sigma_value.h. */
#include "rule/sigma_value.h"

#include <assert.h>

#include "base/num.h"
#include "rule/fold.h"

struct str sigma_value_code(struct str text, struct arena *arena)
{
    char *to = arena_alloc(arena, text.n + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        char next = i + 1 < text.n ? text.p[i + 1] : '\0';
        if (c == '\\' && (next == '*' || next == '?' || next == '\\'))
            to[n++] = text.p[++i];
        else if (c == '*' && !(n > 0 && (unsigned char)to[n - 1] == CODED_STAR))
            to[n++] = (char)CODED_STAR;
        else if (c == '?')
            to[n++] = (char)CODED_ONE;
        else if (c != '*')
            to[n++] = c;
    }
    return (struct str){to, n};
}

static bool is_code(char c)
{
    return (unsigned char)c >= CODED_DASH;
}

static bool is_star(char c)
{
    return (unsigned char)c == CODED_STAR;
}

bool sigma_value_is_plain(struct str coded)
{
    for (size_t i = 0; i < coded.n; i++) {
        if (is_code(coded.p[i]))
            return false;
    }
    return true;
}

struct str sigma_value_wrap(struct str coded, bool before, bool behind, struct arena *arena)
{
    char *to = arena_alloc(arena, coded.n + 2, 1);
    size_t n = 0;
    if (before && !(coded.n && is_star(coded.p[0])))
        to[n++] = (char)CODED_STAR;
    if (coded.n)
        memcpy(to + n, coded.p, coded.n);
    n += coded.n;
    if (behind && !(n && is_star(to[n - 1])))
        to[n++] = (char)CODED_STAR;
    return (struct str){to, n};
}

/* Letters, digits and '_'. Beyond ASCII everything counts but the blocks of signs and
 * punctuation, in which the other dashes are. */
static bool is_word(uint32_t c)
{
    if (c < 0x80)
        return (c | 32) - 'a' < 26 || c - '0' < 10 || c == '_';
    return c >= 0xaa && !(c >= 0x2000 && c < 0x2c00) && !(c >= 0x3000 && c < 0x3040) &&
           c < 0x1f000;
}

static bool word_at(struct str text, size_t at)
{
    uint32_t c = 0;
    if (at >= text.n || is_code(text.p[at]))
        return false;
    (void)fold_next(text, at, &c);
    return is_word(c);
}

struct str sigma_value_windash(struct str coded, struct arena *arena)
{
    char *to = arena_alloc(arena, coded.n + 1, 1);
    size_t n = 0;
    bool after_word = false;
    for (size_t at = 0; at < coded.n;) {
        uint32_t c = 0;
        size_t used = fold_next(coded, at, &c);
        bool dash = (c == '-' || c == '/') && !after_word && word_at(coded, at + used);
        after_word = word_at(coded, at);
        if (dash)
            to[n++] = (char)CODED_DASH;
        else
            for (size_t i = 0; i < used; i++)
                to[n++] = coded.p[at + i];
        at += used;
    }
    return (struct str){to, n};
}

static const char *const dashes[] = {"-", "/", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95"};

enum { DASHES = sizeof dashes / sizeof dashes[0], DASH_BYTES = 3 };

static bool is_dash_code(char c)
{
    return (unsigned char)c == CODED_DASH;
}

size_t sigma_value_dash_texts(struct str coded, size_t most)
{
    size_t n = 1;
    for (size_t i = 0; i < coded.n; i++) {
        if (is_dash_code(coded.p[i]) && n <= most)
            n *= DASHES;
    }
    return n > most ? most + 1 : n;
}

struct str sigma_value_dash_text(struct str coded, size_t index, struct arena *arena)
{
    char *to = arena_alloc(arena, coded.n + 1, DASH_BYTES);
    size_t n = 0;
    for (size_t i = 0; i < coded.n; i++) {
        if (!is_dash_code(coded.p[i])) {
            to[n++] = coded.p[i];
            continue;
        }
        for (const char *p = dashes[index % DASHES]; *p; p++)
            to[n++] = *p;
        index /= DASHES;
    }
    return (struct str){to, n};
}

/* ---- encodings ---- */

static size_t put16(char *to, size_t n, uint32_t unit, bool big)
{
    to[n] = (char)(big ? unit >> 8 : unit & 0xff);
    to[n + 1] = (char)(big ? unit & 0xff : unit >> 8);
    return n + 2;
}

struct str sigma_value_utf16(struct str plain, enum utf16_order order, struct arena *arena)
{
    char *to = arena_alloc(arena, plain.n + 1, 2);
    bool big = order == UTF16_BE;
    size_t n = order == UTF16_MARKED ? put16(to, 0, 0xfeff, false) : 0;
    for (size_t at = 0; at < plain.n;) {
        uint32_t c = 0;
        at += fold_next(plain, at, &c);
        if (c >= 0x10000) {
            n = put16(to, n, 0xd800 + ((c - 0x10000) >> 10), big);
            c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        n = put16(to, n, c, big);
    }
    return (struct str){to, n};
}

struct str sigma_value_base64(struct str bytes, struct arena *arena)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *to = arena_alloc(arena, bytes.n / 3 + 1, 4);
    size_t n = 0;
    for (size_t at = 0; at < bytes.n; at += 3) {
        size_t left = bytes.n - at;
        uint32_t v = (uint32_t)(unsigned char)bytes.p[at] << 16;
        v |= left > 1 ? (uint32_t)(unsigned char)bytes.p[at + 1] << 8 : 0;
        v |= left > 2 ? (uint32_t)(unsigned char)bytes.p[at + 2] : 0;
        to[n++] = letters[v >> 18];
        to[n++] = letters[v >> 12 & 63];
        to[n++] = left > 1 ? letters[v >> 6 & 63] : '=';
        to[n++] = left > 2 ? letters[v & 63] : '=';
    }
    return (struct str){to, n};
}

struct str sigma_value_base64_offset(struct str bytes, unsigned shift, struct arena *arena)
{
    assert(shift < 3);
    static const size_t from_start[3] = {0, 2, 3};
    static const size_t from_end[3] = {0, 3, 2};
    char *shifted = arena_alloc(arena, bytes.n + shift + 1, 1);
    memset(shifted, ' ', shift);
    if (bytes.n)
        memcpy(shifted + shift, bytes.p, bytes.n);
    struct str all = sigma_value_base64((struct str){shifted, bytes.n + shift}, arena);
    size_t drop = from_start[shift] + from_end[(bytes.n + shift) % 3];
    if (all.n <= drop)
        return (struct str){"", 0};
    return (struct str){all.p + from_start[shift], all.n - drop};
}

/* ---- numbers ---- */

static size_t read_digits(struct str s, size_t at, double *v)
{
    size_t n = 0;
    for (; at + n < s.n && s.p[at + n] >= '0' && s.p[at + n] <= '9'; n++)
        *v = *v * 10 + (s.p[at + n] - '0');
    return n;
}

/* "e-5" at `at`: scales *v. False if something else stands there. */
static bool read_exponent(struct str s, size_t at, double *v)
{
    if (at == s.n)
        return true;
    if (s.p[at] != 'e' && s.p[at] != 'E')
        return false;
    at++;
    bool less = at < s.n && s.p[at] == '-';
    at += at < s.n && (s.p[at] == '-' || s.p[at] == '+');
    double power = 0;
    size_t n = read_digits(s, at, &power);
    if (n == 0 || at + n != s.n)
        return false;
    for (unsigned i = power > 400 ? 400 : (unsigned)power; i > 0; i--)
        *v = less ? *v / 10 : *v * 10;
    return true;
}

struct number number_of(int64_t v)
{
    return (struct number){.whole = true,
                           .minus = v < 0,
                           .size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v,
                           .d = (double)v};
}

/* Up to 64 bits without a sign: Windows shows keywords, handles and ids as such. */
static bool read_whole(struct str text, struct number *ret)
{
    bool hex = text.n > 2 && text.p[0] == '0' && (text.p[1] | 32) == 'x';
    bool minus = text.n && text.p[0] == '-';
    uint64_t size = 0;
    if (hex ? !num_hex(text, &size) : !num_u64(str_part(text, minus, text.n), &size))
        return false;
    double d = (double)size;
    *ret = (struct number){
        .whole = true, .minus = minus && size, .size = size, .d = minus ? -d : d};
    return true;
}

bool number_parse(struct str text, struct number *ret)
{
    if (read_whole(text, ret))
        return true;
    size_t at = text.n && (text.p[0] == '-' || text.p[0] == '+') ? 1 : 0;
    bool minus = at && text.p[0] == '-';
    double v = 0;
    size_t n = read_digits(text, at, &v);
    at += n;
    if (at < text.n && text.p[at] == '.') {
        double part = 0;
        size_t k = read_digits(text, ++at, &part);
        for (size_t i = 0; i < k; i++)
            part /= 10;
        v += part;
        n += k;
        at += k;
    }
    if (n == 0 || !read_exponent(text, at, &v))
        return false;
    *ret = (struct number){.d = minus ? -v : v};
    return true;
}

int number_compare(struct number a, struct number b)
{
    if (a.whole && b.whole && a.minus != b.minus)
        return a.minus ? -1 : 1;
    if (a.whole && b.whole)
        return ((a.size > b.size) - (a.size < b.size)) * (a.minus ? -1 : 1);
    return (a.d > b.d) - (a.d < b.d);
}

/* ---- tests ---- */

static uint16_t gram_at(const char *p)
{
    uint32_t v = (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8 |
                 (uint32_t)(unsigned char)p[2] << 16;
    return (uint16_t)((v * 0x9e3779b1U) >> 20);
}

_Static_assert(GRAM_BITS == 1 << 12, "gram_at gives twelve bits");

void text_add_grams(uint64_t *set, struct str text)
{
    for (size_t i = 0; i + 3 <= text.n; i++) {
        uint16_t g = gram_at(text.p + i);
        set[g / 64] |= UINT64_C(1) << (g % 64);
    }
}

/* Takes grams from a literal piece of the pattern, spread over its length. */
static void add_grams(struct text_pattern *p, struct str piece)
{
    if (piece.n < 3)
        return;
    size_t places = piece.n - 2;
    size_t step = places / GRAMS_MAX + 1;
    for (size_t i = 0; i < places && p->n_grams < GRAMS_MAX; i += step)
        p->grams[p->n_grams++] = gram_at(piece.p + i);
}

static void grams_of_longest_piece(struct text_pattern *p)
{
    struct str longest = {0};
    for (size_t at = 0; at < p->text.n;) {
        size_t n = 0;
        while (at + n < p->text.n && !is_code(p->text.p[at + n]))
            n++;
        if (n > longest.n)
            longest = (struct str){p->text.p + at, n};
        at += n + 1;
    }
    add_grams(p, longest);
}

struct text_pattern text_pattern_of(struct str coded)
{
    struct text_pattern p = {.text = coded};
    bool before = coded.n > 0 && is_star(coded.p[0]);
    bool behind = coded.n > 1 && is_star(coded.p[coded.n - 1]);
    struct str core = {coded.p + before, coded.n - before - behind};
    if (before && core.n == 0) {
        p.test = TEXT_ANY;
    } else if (!sigma_value_is_plain(core)) {
        p.test = TEXT_GLOB;
    } else {
        p.test = before ? (behind ? TEXT_CONTAINS : TEXT_SUFFIX)
                        : (behind ? TEXT_PREFIX : TEXT_EXACT);
        p.text = core;
    }
    if (p.test == TEXT_CONTAINS || p.test == TEXT_GLOB)
        grams_of_longest_piece(&p);
    return p;
}

static bool is_dash(uint32_t c)
{
    return c == '-' || c == '/' || (c >= 0x2013 && c <= 0x2015);
}

/* How many bytes of the text one element of the pattern (no star) takes; 0: it differs. */
static size_t step(char element, struct str text, size_t at)
{
    uint32_t c = 0;
    switch ((unsigned char)element) {
    case CODED_ONE:
        return fold_next(text, at, &c);
    case CODED_DASH: {
        size_t n = fold_next(text, at, &c);
        return is_dash(c) ? n : 0;
    }
    default:
        return element == text.p[at];
    }
}

/* The usual two-finger walk: on a difference it goes back to the last star only, which is
 * enough because an earlier star could not do better. */
static bool glob(struct str pattern, struct str text)
{
    size_t p = 0;
    size_t t = 0;
    size_t star = SIZE_MAX;
    size_t mark = 0;
    while (t < text.n) {
        size_t n = 0;
        if (p < pattern.n && is_star(pattern.p[p])) {
            star = p++;
            mark = t;
        } else if (p < pattern.n && (n = step(pattern.p[p], text, t)) > 0) {
            p++;
            t += n;
        } else if (star != SIZE_MAX) {
            uint32_t c = 0;
            mark += fold_next(text, mark, &c);
            t = mark;
            p = star + 1;
        } else {
            return false;
        }
    }
    while (p < pattern.n && is_star(pattern.p[p]))
        p++;
    return p == pattern.n;
}

bool text_may_match(const struct text_pattern *p, const uint64_t *set)
{
    for (unsigned i = 0; i < p->n_grams; i++) {
        if (!(set[p->grams[i] / 64] >> (p->grams[i] % 64) & 1))
            return false;
    }
    return true;
}

bool text_matches(const struct text_pattern *p, struct str text)
{
    struct str want = p->text;
    switch (p->test) {
    case TEXT_ANY:
        return true;
    case TEXT_EXACT:
        return str_eq(text, want);
    case TEXT_PREFIX:
        return text.n >= want.n && memcmp(text.p, want.p, want.n) == 0;
    case TEXT_SUFFIX:
        return text.n >= want.n && memcmp(text.p + text.n - want.n, want.p, want.n) == 0;
    case TEXT_CONTAINS:
        return text.n >= want.n && memmem(text.p, text.n, want.p, want.n) != NULL;
    case TEXT_GLOB:
        return glob(want, text);
    }
    return false;
}
