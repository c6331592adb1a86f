/* arena.h - memory with one owner and one end.
 *
 * Everything allocated from an arena lives until arena_reset or arena_free.
 * Allocation never returns NULL: the process stops if the system has no memory.
 * That is safe because no size reaches an arena unchecked (see cur_fits).
 */
#pragma once

#include <stddef.h>

#include "base/str.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a);         /* NULL is fine */
void arena_reset(struct arena *a);        /* frees the contents, keeps the arena */
size_t arena_used(const struct arena *a); /* bytes handed out since the last reset */

struct arena_mark {
    void *block;
    size_t block_used, used;
};

/* Where the arena stands, and back to there: what was handed out since is freed. */
struct arena_mark arena_mark(const struct arena *a);
void arena_back(struct arena *a, const struct arena_mark *mark);

/* n zeroed elements of `size` bytes, aligned for any type. */
void *arena_alloc(struct arena *a, size_t n, size_t size);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), 1, sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_alloc((a), (n), sizeof(type)))

/* A copy of a text that lives as long as the arena. */
struct str arena_str(struct arena *a, struct str s);

/* A formatted text that lives as long as the arena. */
struct str arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Makes room for one more element in a growing array: when `n` has reached *cap, a table
 * twice as large is taken from the arena and the elements are copied.
 * returns the array, moved or not */
void *arena_grow(struct arena *a, void *array, size_t n, size_t *cap, size_t size);
