#include "format/layout_index.h"

#include <stdlib.h>
#include <string.h>

#include "format/iis_w3c.h"
#include "format/line.h"

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

/* A head as the file has it: in UTF-16, each character has a zero byte behind it. */
static size_t head_bytes(const char *head, size_t unit, uint8_t *out)
{
    size_t n = strlen(head);
    memset(out, 0, n * unit);
    for (size_t i = 0; i < n; i++)
        out[i * unit] = (uint8_t)head[i];
    return n * unit;
}

static bool starts_line(const struct lines *lines, size_t at)
{
    if (at % lines->unit != 0 || at < lines->unit)
        return false;
    const uint8_t *before = lines->text.p + at - lines->unit;
    return (before[0] == '\n' || before[0] == 0) && (lines->unit == 1 || before[1] == 0);
}

struct layout_index layout_index_of(struct bytes file, struct arena *arena)
{
    enum { HEAD_BYTES = 64 };
    struct layout_index index = {.file = file};
    struct lines lines = lines_of(file, 0, file.n, arena);
    size_t cap = 0;
    size_t mark = lines.at;
    for (size_t i = 0; i < sizeof HEADS / sizeof *HEADS; i++) {
        uint8_t head[HEAD_BYTES];
        size_t len = head_bytes(HEADS[i], lines.unit, head);
        size_t at = mark;
        while (at < file.n) {
            const uint8_t *hit = memmem(file.p + at, file.n - at, head, len);
            if (!hit)
                break;
            size_t found = (size_t)(hit - file.p);
            if (found == mark)
                add(&index, &cap, arena, 0);
            else if (starts_line(&lines, found))
                add(&index, &cap, arena, found);
            at = found + len;
        }
    }
    if (index.n)
        qsort(index.at, index.n, sizeof *index.at, ascending);
    return index;
}

bool layout_may_cut(const struct layout_index *index, uint64_t from)
{
    if (index->n == 0 || index->at[0] >= from)
        return true;
    struct arena *scratch = arena_new();
    struct lines lines = lines_of(index->file, 0, index->file.n, scratch);
    struct iis_layout layout;
    bool dateless =
        iis_layout_parse(line_at(&lines, layout_before(index, from), NULL), scratch, &layout) &&
        iis_layout_is_dateless(&layout);
    arena_free(scratch);
    return !dateless;
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
