#include "format/layout_index.h"

#include <stdlib.h>
#include <string.h>

static const char *const HEADS[] = {"#Fields:", "DateTime,", "\"DateTime\",", "TimeStamp,",
                                    "\"TimeStamp\","};

static void add(struct layout_index *index, size_t *cap, struct arena *arena, size_t at)
{
    index->at = arena_grow(arena, index->at, index->n, cap, sizeof *index->at);
    index->at[index->n++] = at;
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

struct layout_index layout_index_of(struct bytes file, struct arena *arena)
{
    struct layout_index index = {0};
    size_t cap = 0;
    size_t bom = file.n >= 3 && memcmp(file.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    for (size_t i = 0; i < sizeof HEADS / sizeof *HEADS; i++) {
        size_t len = strlen(HEADS[i]);
        size_t at = bom;
        while (at < file.n) {
            const uint8_t *hit = memmem(file.p + at, file.n - at, HEADS[i], len);
            if (!hit)
                break;
            size_t found = (size_t)(hit - file.p);
            if (found == bom)
                add(&index, &cap, arena, 0);
            else if (file.p[found - 1] == '\n' || file.p[found - 1] == 0)
                add(&index, &cap, arena, found);
            at = found + len;
        }
    }
    if (index.n)
        qsort(index.at, index.n, sizeof *index.at, ascending);
    return index;
}

uint64_t layout_before(const struct layout_index *index, uint64_t from)
{
    size_t low = 0;
    size_t high = index->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (index->at[mid] < from)
            low = mid + 1;
        else
            high = mid;
    }
    return low ? index->at[low - 1] : 0;
}
