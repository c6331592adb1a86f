/* Any bytes as each of the logs that are free text. Every text that comes out must be valid
 * UTF-8, and lie in the file. */
#include <assert.h>

#include "base/utf.h"
#include "event/source.h"
#include "format/textlog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(const struct event *ev, size_t n)
{
    assert(ev->offset <= n && ev->size <= n - ev->offset);
    assert(utf8_valid(str_bytes(ev->host)));
    for (size_t i = 0; i < ev->n; i++) {
        assert(utf8_valid(str_bytes(ev->fields[i].name)));
        assert(utf8_valid(str_bytes(ev->fields[i].value)));
    }
}

static void walk(struct bytes file, enum format format)
{
    struct arena *arena = arena_new();
    struct arena *record = arena_new();
    struct span span = {.from = 0, .to = file.n};
    struct source *s = source_open(file, format, STR("x/y2021030306.log"), span, arena);
    struct event ev;
    struct span gap;
    struct err err = {0};
    int got;
    while ((got = source_next(s, record, &ev, &gap, &err)) != 0) {
        if (got > 0) {
            source_fill(s, record, &ev);
            check(&ev, file.n);
        } else {
            assert(gap.from < gap.to && gap.to <= file.n);
        }
        arena_reset(record);
    }
    source_close(s);
    arena_free(record);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct bytes file = {data, n};
    walk(file, FORMAT_OAB_GENERATOR);
    walk(file, FORMAT_EXCHANGE_SETUP);
    walk(file, FORMAT_REMEDIATION);
    return 0;
}
