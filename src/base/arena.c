#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ckd.h"

enum {
    BLOCK = 16 * 1024,
    SPARE_MAX = 8,               /* blocks kept when an arena is reset */
    SPARE_BYTES_MAX = 256 * 1024 /* of one of them; larger ones are given back */
};

struct block {
    struct block *next;
    size_t cap; /* bytes in data */
    size_t used;
    max_align_t data[];
};

struct arena {
    struct block *top;   /* newest first */
    struct block *spare; /* empty and cleared */
    unsigned n_spare;
    size_t used;
};

static _Noreturn void out_of_memory(size_t n)
{
    (void)fprintf(stderr, "assay: out of memory (%zu bytes)\n", n);
    abort();
}

static struct block *block_new(size_t need)
{
    size_t cap = need > BLOCK ? need : BLOCK;
    size_t total;
    struct block *b = NULL;
    if (!ckd_add(&total, cap, sizeof *b))
        b = calloc(1, total);
    if (!b)
        out_of_memory(cap);
    b->cap = cap;
    return b;
}

struct arena *arena_new(void)
{
    struct arena *a = calloc(1, sizeof *a);
    if (!a)
        out_of_memory(sizeof *a);
    return a;
}

static void drop(struct arena *a, struct block *b)
{
    if (a->n_spare == SPARE_MAX || b->cap > SPARE_BYTES_MAX) {
        free(b);
        return;
    }
    memset(b->data, 0, b->used);
    b->used = 0;
    b->next = a->spare;
    a->spare = b;
    a->n_spare++;
}

/* A spare block with room for so much, taken out of the list; NULL if there is none. */
static struct block *take_spare(struct arena *a, size_t need)
{
    struct block **at = &a->spare;
    while (*at && (*at)->cap < need)
        at = &(*at)->next;
    struct block *b = *at;
    if (b) {
        *at = b->next;
        a->n_spare--;
    }
    return b;
}

/* Keeps some blocks, so that an arena reset for each record costs no allocation. */
void arena_reset(struct arena *a)
{
    while (a->top) {
        struct block *next = a->top->next;
        drop(a, a->top);
        a->top = next;
    }
    a->used = 0;
}

struct arena_mark arena_mark(const struct arena *a)
{
    return (struct arena_mark){a->top, a->top ? a->top->used : 0, a->used};
}

void arena_back(struct arena *a, const struct arena_mark *mark)
{
    while (a->top && a->top != mark->block) {
        struct block *next = a->top->next;
        drop(a, a->top);
        a->top = next;
    }
    if (a->top) {
        memset((char *)a->top->data + mark->block_used, 0, a->top->used - mark->block_used);
        a->top->used = mark->block_used;
    }
    a->used = mark->used;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    arena_reset(a);
    while (a->spare) {
        struct block *next = a->spare->next;
        free(a->spare);
        a->spare = next;
    }
    free(a);
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}

void *arena_alloc(struct arena *a, size_t n, size_t size)
{
    size_t want;
    if (ckd_mul(&want, n, size) || ckd_add(&want, want, sizeof(max_align_t) - 1))
        out_of_memory(SIZE_MAX);
    want -= want % sizeof(max_align_t);

    struct block *b = a->top;
    if (!b || want > b->cap - b->used) {
        b = take_spare(a, want);
        if (!b)
            b = block_new(want);
        b->next = a->top;
        a->top = b;
    }
    void *p = (char *)b->data + b->used;
    b->used += want;
    a->used += want;
    return p;
}

struct str arena_str(struct arena *a, struct str s)
{
    if (s.n == 0)
        return STR("");
    char *p = ARENA_ARRAY(a, char, s.n);
    memcpy(p, s.p, s.n);
    return (struct str){p, s.n};
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    struct str s = STR("");
    if (n > 0) {
        char *p = ARENA_ARRAY(a, char, (size_t)n + 1);
        (void)vsnprintf(p, (size_t)n + 1, fmt, again);
        s = (struct str){p, (size_t)n};
    }
    va_end(again);
    va_end(ap);
    return s;
}

void *arena_grow(struct arena *a, void *array, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return array;
    size_t more = *cap ? *cap * 2 : 8;
    void *p = arena_alloc(a, more, size);
    if (n)
        memcpy(p, array, n * size);
    *cap = more;
    return p;
}
