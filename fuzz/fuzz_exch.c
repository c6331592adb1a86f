/* Any bytes as Exchange logs of several kinds: the one they look like, one by their length, and
 * the largest one also from the middle on. Every text that comes out must be valid UTF-8. */
#include <assert.h>

#include "base/utf.h"
#include "event/map_exch.h"
#include "format/layout_index.h"

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
    struct exch_events *s =
        exch_events_open(file, format, STR("TransportRoles/Logs/Hub/SmtpSend/x"), span, arena);
    struct event ev;
    struct span gap;
    struct err err = {0};
    int got;
    while ((got = exch_events_next(s, record, &ev, &gap, &err)) != 0) {
        if (got > 0) {
            exch_events_fill(s, record, &ev);
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
    enum { KINDS = FORMAT_EXCHANGE - FORMAT_HTTPPROXY + 1 };
    struct bytes file = {data, n};
    enum format sniffed = format_sniff(file);
    if (sniffed >= FORMAT_HTTPPROXY && sniffed <= FORMAT_EXCHANGE)
        walk(file, sniffed, 0);
    walk(file, (enum format)(FORMAT_HTTPPROXY + n % KINDS), 0);
    walk(file, FORMAT_HTTPPROXY, n / 2);
    return 0;
}
