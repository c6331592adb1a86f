/* Any bytes as a registry hive. Every text that comes out must be valid UTF-8, every gap lie
 * where something can be. */
#include <assert.h>

#include "base/utf.h"
#include "event/map_hive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(const struct event *ev, size_t n)
{
    assert(ev->offset <= n && ev->size <= n);
    assert(utf8_valid(str_bytes(ev->host)));
    for (size_t i = 0; i < ev->n; i++) {
        assert(utf8_valid(str_bytes(ev->fields[i].name)));
        assert(utf8_valid(str_bytes(ev->fields[i].value)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *arena = arena_new();
    struct arena *record = arena_new();
    struct hive_events *r = hive_events_open((struct bytes){data, n}, arena);
    struct event ev;
    struct span gap;
    struct err err = {0};
    struct log_row row;
    int got;
    while ((got = hive_events_next(r, record, &ev, &gap, &err)) != 0) {
        if (got > 0) {
            if (ev.offset % 16)
                (void)hive_events_row(r, record, &row);
            hive_events_fill(r, record, &ev);
            check(&ev, n);
        } else {
            assert(gap.from <= gap.to);
        }
        arena_reset(record);
    }
    arena_free(record);
    arena_free(arena);
    return 0;
}
