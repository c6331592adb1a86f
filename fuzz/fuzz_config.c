/* Configuration and tasks in XML and detections of Defender, from marks to fields; the first byte chooses. Every text that
 * comes out must be valid UTF-8, and every place lie in the file. */
#include <assert.h>

#include "base/utf.h"
#include "event/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(const struct event *ev, size_t size)
{
    assert(ev->offset <= size && ev->size <= size - ev->offset);
    for (size_t i = 0; i < ev->n; i++) {
        assert(utf8_valid(str_bytes(ev->fields[i].name)));
        assert(utf8_valid(str_bytes(ev->fields[i].value)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const enum format formats[] = {FORMAT_IIS_CONFIG, FORMAT_AGENT_CONFIG, FORMAT_TASK,
                                          FORMAT_DEFENDER};
    if (n == 0)
        return 0;
    struct bytes file = {data + 1, n - 1};
    struct arena *arena = arena_new();
    struct arena *record = arena_new();
    struct source *s =
        source_open(file, formats[data[0] % 4], STR("C/inetpub/wwwroot/web.config"),
                    (struct span){.to = file.n}, arena);
    struct event ev;
    struct span gap;
    struct err err = {0};
    int got;
    while ((got = source_next(s, record, &ev, &gap, &err)) != 0) {
        if (got > 0) {
            source_fill(s, record, &ev);
            check(&ev, file.n);
        } else {
            assert(gap.from <= gap.to && gap.to <= file.n);
        }
        arena_reset(record);
    }
    source_close(s);
    arena_free(record);
    arena_free(arena);
    return 0;
}
