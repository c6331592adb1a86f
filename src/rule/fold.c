/* fold.c - case folding by a table of ranges made at build time. */
#include "rule/fold.h"

#include <stdbool.h>

#include "base/ascii.h"

struct fold_range { /* first, first + step, ... last become themselves + delta */
    uint32_t first;
    uint32_t last;
    uint32_t step;
    int32_t delta;
};

#include "rule/fold_table.h"

uint32_t fold_point(uint32_t code_point)
{
    if (code_point < 0x80)
        return code_point >= 'A' && code_point <= 'Z' ? code_point + 32 : code_point;
    size_t low = 0;
    size_t high = sizeof fold_table / sizeof fold_table[0];
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct fold_range *r = &fold_table[mid];
        if (code_point < r->first)
            high = mid;
        else if (code_point > r->last)
            low = mid + 1;
        else if ((code_point - r->first) % r->step == 0)
            return (uint32_t)((int32_t)code_point + r->delta);
        else
            return code_point;
    }
    return code_point;
}

static bool is_tail(struct str text, size_t at)
{
    return at < text.n && ((unsigned char)text.p[at] & 0xc0) == 0x80;
}

size_t fold_next(struct str text, size_t at, uint32_t *ret)
{
    const unsigned char *p = (const unsigned char *)text.p + at;
    *ret = p[0];
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 1;
    size_t n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    for (size_t i = 1; i < n; i++) {
        if (!is_tail(text, at + i))
            return 1;
    }
    uint32_t c = p[0] & (0x7fU >> n);
    for (size_t i = 1; i < n; i++)
        c = c << 6 | (p[i] & 0x3fU);
    *ret = c;
    return n;
}

static size_t put(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        to[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    to[0] = (char)((n == 2 ? 0xc0U : n == 3 ? 0xe0U : 0xf0U) | c);
    return n;
}

static struct str fold_wide(struct str text, struct arena *arena)
{
    /* Two bytes become at most three (U+023A), three at most three, four four. */
    char *to = arena_alloc(arena, text.n + text.n / 2 + 1, 1);
    size_t n = 0;
    for (size_t at = 0; at < text.n;) {
        size_t run = ascii_run(text.p + at, text.n - at);
        ascii_lower_put(to + n, text.p + at, run);
        at += run;
        n += run;
        while (at < text.n && (unsigned char)text.p[at] >= 0x80) {
            uint32_t c = 0;
            size_t used = fold_next(text, at, &c);
            if (used == 1)
                to[n++] = text.p[at];
            else
                n += put(to + n, fold_point(c));
            at += used;
        }
    }
    return (struct str){to, n};
}

struct str fold_str(struct str text, struct arena *arena)
{
    if (ascii_run(text.p, text.n) < text.n)
        return fold_wide(text, arena);
    if (!ascii_has_upper(text.p, text.n))
        return text;
    char *to = arena_alloc(arena, text.n, 1);
    ascii_lower_put(to, text.p, text.n);
    return (struct str){to, text.n};
}
