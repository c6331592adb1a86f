/* Access logs: NCSA forms and IIS's own, from lines to fields; the first byte chooses. Every
 * text that comes out must be valid UTF-8. */
#include <assert.h>

#include "base/utf.h"
#include "event/map_access.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(const struct event *ev)
{
    assert(utf8_valid(str_bytes(ev->host)));
    for (size_t i = 0; i < ev->n; i++) {
        assert(utf8_valid(str_bytes(ev->fields[i].name)));
        assert(utf8_valid(str_bytes(ev->fields[i].value)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0)
        return 0;
    enum format format = data[0] & 1 ? FORMAT_NCSA : FORMAT_IIS_NATIVE;
    struct bytes file = {data + 1, n - 1};
    struct arena *arena = arena_new();
    struct arena *record = arena_new();
    struct span span = {.from = 0, .to = file.n};
    struct access_events *s =
        access_events_open(file, format, STR("in210305.log"), span, arena);
    struct event ev;
    struct span gap;
    struct err err = {0};
    int got;
    while ((got = access_events_next(s, record, &ev, &gap, &err)) != 0) {
        if (got > 0) {
            access_events_fill(s, record, &ev);
            check(&ev);
        } else {
            assert(gap.from < gap.to && gap.to <= file.n);
        }
        arena_reset(record);
    }
    arena_free(record);
    arena_free(arena);
    return 0;
}
