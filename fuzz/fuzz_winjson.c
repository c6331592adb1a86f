/* Any bytes as JSON evidence: every event's fields must be valid UTF-8, every place must lie
 * in the content. */
#include <assert.h>

#include "base/utf.h"
#include "event/map_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(struct str s)
{
    assert(utf8_valid((struct bytes){(const uint8_t *)s.p, s.n}));
}

static void check_event(const struct event *ev, size_t n)
{
    assert(ev->size > 0 && ev->offset + ev->size <= n);
    for (size_t i = 0; i < ev->n; i++) {
        check(ev->fields[i].name);
        check(ev->fields[i].value);
    }
}

static void read_all(struct bytes file, enum format format)
{
    struct arena *run = arena_new();
    struct arena *arena = arena_new();
    struct span span = {.from = 0, .to = file.n};
    struct json_events *s = json_events_open(file, format, span, run);
    struct event ev;
    struct span gap = {0};
    struct err err;
    int r;
    while ((r = json_events_next(s, arena, &ev, &gap, &err)) != 0) {
        assert(r > 0 || (gap.from <= gap.to && gap.to <= file.n));
        if (r > 0) {
            json_events_fill(s, arena, &ev);
            check_event(&ev, file.n);
        }
        arena_reset(arena);
    }
    json_events_close(&s);
    arena_free(arena);
    arena_free(run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    read_all((struct bytes){data, n}, FORMAT_JSON);
    return 0;
}
