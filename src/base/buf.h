/* buf.h - text or bytes being built. It cannot be made without a maximum.
 *
 * A write that would pass the maximum is dropped whole and sets `full`, which stays set:
 * build everything, then ask once. The content is always whole writes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct buf {
    char *p;
    size_t n;
    size_t cap;
    size_t max;
    bool full; /* something did not fit */
};

struct buf buf_new(size_t max);
void buf_free(struct buf *b);  /* an empty one is fine; leaves it empty, same maximum */
void buf_clear(struct buf *b); /* keeps the memory */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_add_str(struct buf *b, struct str s);
void buf_add_cstr(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Nearly all characters that are added find room. */
static inline void buf_add_char(struct buf *b, char c)
{
    if (b->full || b->cap - b->n < 2 || b->n >= b->max) {
        buf_add(b, &c, 1);
        return;
    }
    b->p[b->n++] = c;
    b->p[b->n] = '\0';
}

static inline struct str buf_str(const struct buf *b)
{
    return (struct str){b->p, b->n};
}
