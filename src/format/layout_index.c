#include "format/layout_index.h"

#include <string.h>

#include "format/exch_csv.h"
#include "format/iis_w3c.h"
#include "format/line.h"

static bool starts(struct bytes b, const char *text, size_t n)
{
    return b.n >= n && memcmp(b.p, text, n) == 0;
}

/* Whether a line that starts so can be a header: records start with a digit. */
static bool may_be_header(struct bytes line)
{
    if (line.n < 2)
        return false;
    if (line.p[0] == '#')
        return true;
    uint8_t c = (line.p[0] == '"' ? line.p[1] : line.p[0]) | 0x20;
    return c >= 'a' && c <= 'z';
}

/* names  the line before was "#TYPE": this one is names, whichever */
static bool is_header(struct bytes line, bool names, struct arena *scratch)
{
    struct exch_layout ignored;
    if (line.p[0] == '#')
        return starts(line, "#Fields:", 8);
    return exch_layout_parse(line, scratch, &ignored) ||
           (names && exch_layout_names(line, scratch, &ignored));
}

struct layout_index layout_index_start(struct bytes file, struct arena *arena)
{
    struct layout_index index = {.file = file, .lines = lines_of(file, 0, file.n, arena)};
    index.first = index.lines.at;
    return index;
}

static void add_line(struct layout_index *index, uint64_t at, struct arena *arena)
{
    index->at = arena_grow(arena, index->at, index->n, &index->cap, sizeof *index->at);
    index->at[index->n++] = at == index->first ? 0 : at;
}

void layout_index_go(struct layout_index *index, uint64_t to, struct arena *arena)
{
    struct arena *scratch = arena_new();
    struct err ignored = {0};
    struct line line;
    int got;
    while (index->lines.at < to && (got = line_next(&index->lines, &line, &ignored)) != 0) {
        if (got < 0 || !may_be_header(line.text)) {
            index->names = false;
            continue;
        }
        if (is_header(line.text, index->names, scratch))
            add_line(index, line.offset, arena);
        index->names = starts(line.text, "#TYPE ", 6);
        arena_reset(scratch);
    }
    arena_free(scratch);
}

void layout_index_more(struct layout_index *index, struct bytes file)
{
    struct arena *arena = index->lines.arena;
    index->lines = lines_of(file, index->lines.at, file.n, arena);
    index->file = file;
}

struct layout_index layout_index_of(struct bytes file, struct arena *arena)
{
    struct layout_index index = layout_index_start(file, arena);
    layout_index_go(&index, UINT64_MAX, arena);
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
