/* Any bytes as an IIS log: the whole, and its second half as a span of its own. Every text
 * that comes out must be valid UTF-8. */
#include <assert.h>

#include "base/utf.h"
#include "event/map_iis.h"
#include "format/layout_index.h"
#include "format/line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(const struct event *ev)
{
    assert(utf8_valid(str_bytes(ev->host)));
    for (size_t i = 0; i < ev->n; i++) {
        assert(utf8_valid(str_bytes(ev->fields[i].name)));
        assert(utf8_valid(str_bytes(ev->fields[i].value)));
    }
}

static void walk(struct bytes file, enum format format, uint64_t from)
{
    struct arena *arena = arena_new();
    struct arena *record = arena_new();
    struct layout_index index = layout_index_of(file, arena);
    struct span span = {.from = from, .to = file.n, .layout = layout_before(&index, from)};
    struct iis_events *s = iis_events_open(file, format, STR("W3SVC1/x"), span, arena);
    struct event ev;
    struct span gap;
    struct err err = {0};
    int got;
    while ((got = iis_events_next(s, record, &ev, &gap, &err)) != 0) {
        if (got > 0) {
            iis_events_fill(s, record, &ev);
            check(&ev);
        } else {
            assert(gap.from < gap.to && gap.to <= file.n);
        }
        arena_reset(record);
    }
    arena_free(record);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct bytes file = {data, n};
    walk(file, FORMAT_IIS_W3C, 0);
    walk(file, FORMAT_IIS_W3C, line_cut(file, n / 2));
    walk(file, FORMAT_HTTPERR, 0);
    return 0;
}
