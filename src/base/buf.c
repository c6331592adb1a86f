#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 256 };

struct buf buf_new(size_t max)
{
    return (struct buf){.max = max};
}

void buf_free(struct buf *b)
{
    free(b->p);
    *b = buf_new(b->max);
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->full = false;
}

/* Makes room for n more bytes and a NUL; false (and full) if that passes the maximum. */
static bool reserve(struct buf *b, size_t n)
{
    if (b->full || n > b->max - b->n) {
        b->full = true;
        return false;
    }
    if (b->cap > b->n && n < b->cap - b->n)
        return true;

    size_t cap = b->cap ? b->cap : FIRST_CAPACITY;
    while (cap - b->n <= n)
        cap = cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
    char *p = realloc(b->p, cap);
    if (!p) {
        (void)fprintf(stderr, "assay: out of memory (%zu bytes)\n", cap);
        abort();
    }
    b->p = p;
    b->cap = cap;
    return true;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
    if (!reserve(b, n))
        return;
    if (n)
        memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = '\0';
}

void buf_add_str(struct buf *b, struct str s)
{
    buf_add(b, s.p, s.n);
}

void buf_add_cstr(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    if (n >= 0 && reserve(b, (size_t)n)) {
        (void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
    va_end(ap);
}
