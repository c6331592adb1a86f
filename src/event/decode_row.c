/* Whether anything is hidden in a text of a web request: most are told at a glance.
 *
 * The glance sees more than there is (decode_has_in says what), for many bytes at once. */
#include <string.h>

#include "event/decode_event.h"
#include "event/decode_int.h"

enum {
    WIDTH = 16,
    RUN = 16, /* characters of base64 in a row */
    GUID = 36,
    LISTED = 7, /* of so many separators none makes a list */
};

typedef uint8_t block __attribute__((vector_size(WIDTH)));

static block load(const char *p)
{
    block b;
    memcpy(&b, p, sizeof b);
    return b;
}

static block is(block b, char c)
{
    return (block)(b == (uint8_t)c);
}

static block within(block b, char from, char to)
{
    return (block)(b - (uint8_t)from <= (uint8_t)(to - from));
}

static block is_hex(block low)
{
    return within(low, '0', '9') | within(low, 'a', 'f');
}

/* Bytes that something may start at which can be undone. */
static block may_start(const char *p)
{
    block c = load(p);
    block next = load(p + 1);
    block low = next | 0x20;
    block after = load(p + 2) | 0x20;
    block dash = is(c, '-') | is(c, '/');
    block first =
        is(low, 'r') | is(low, 'c') | is(low, 'i') | is(low, 's') | is(low, 'b') | is(low, 'j');
    block second = is(after, 'e') | is(after, 'r') | is(after, 'p') | is(after, 's') |
                   is(after, 'x') | is(after, 'o');
    block format = is(low, 'f') & ~(within(after, 'a', 'z') | within(after, '0', '9'));
    block quotes = within(c, '"', '(') & ~is(c, '&');
    block brackets = within(c, '[', '`') & ~is(c, '_');
    block blank = is(c, ' ') | within(c, '\t', '\r');
    return quotes | brackets | is(c, '\0') | (dash & ((first & second) | format)) |
           (is(c, '.') & (is(low, 'r') | is(low, 's') | is(low, 'c'))) |
           (blank & (is(next, '-') | is(next, '/')));
}

/* Bytes that may stand between two numbers, or two pairs of hexadecimal digits. */
static block may_separate(const char *p)
{
    block c = load(p);
    block marks =
        is(c, ' ') | within(c, '\t', '\r') | is(c, ',') | is(c, ';') | is(c, '|') | is(c, ':');
    block pair = is(c, '-') & is_hex(load(p + 1) | 0x20) & is_hex(load(p + 2) | 0x20) &
                 ~is_hex(load(p + 3) | 0x20);
    return marks | pair;
}

/* Characters of base64, in both alphabets. */
static bool in_run(char c)
{
    static const uint64_t set[4] = {UINT64_C(0x3ffa80000000000), UINT64_C(0x7fffffe87fffffe), 0,
                                    0};
    return set[(unsigned char)c >> 6] >> (c & 63) & 1;
}

/* Whether the run is one GUID: web servers write one into every row. */
static bool is_guid(const char *p, size_t n)
{
    for (size_t i = 0; n == GUID && i < GUID; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? p[i] != '-' : hex_digit(p[i]) < 0)
            return false;
    }
    return n == GUID;
}

/* Every run that is long enough has a character at one of these places. */
static bool has_run(const char *p, size_t n)
{
    size_t to = 0;
    for (size_t at = RUN - 1; at < n; at += RUN) {
        if (at < to || !in_run(p[at]))
            continue;
        size_t from = at;
        to = at;
        while (to < n && in_run(p[to]))
            to++;
        while (from > 0 && in_run(p[from - 1]))
            from--;
        if (to - from >= RUN && !is_guid(p + from, to - from))
            return true;
    }
    return false;
}

bool decode_glance(const char *room, size_t n)
{
    block starts = {0};
    block separators = {0};
    for (size_t at = 0; at < n; at += WIDTH) {
        starts |= may_start(room + at);
        separators -= may_separate(room + at);
    }
    size_t listed = 0;
    for (size_t i = 0; i < WIDTH; i++) {
        if (starts[i])
            return false;
        listed += separators[i];
    }
    return listed < LISTED && !has_run(room, n);
}

static bool is_plain(struct str text)
{
    char room[GLANCE_MAX + GLANCE_BEHIND];
    memcpy(room, text.p, text.n);
    memset(room + text.n, '~', GLANCE_BEHIND);
    return decode_avx2_is_here() ? decode_glance_avx2(room, text.n)
                                 : decode_glance(room, text.n);
}

bool decode_row_has(struct str text, struct arena *arena)
{
    struct decoded_list list;
    if (text.n <= GLANCE_MAX && (text.n == 0 || is_plain(text)))
        return false;
    decode_text(text, DECODE_WEB, arena, &list);
    return list.n > 0 || list.cut;
}
