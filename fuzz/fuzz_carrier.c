/* Any bytes as a carrier of the kind they look like, every member read. */
#include <assert.h>

#include "format/carrier_open.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_members(struct carrier *c)
{
    static uint8_t chunk[64 * 1024];
    struct member m;
    struct err err = {0};
    size_t total = 0;
    for (int i = 0; i < 1000; i++) {
        size_t got = 0;
        int next = c->calls->next(c->state, &m, &err);
        if (next == 0)
            return;
        if (next < 0)
            continue;
        assert(m.refused || m.path.n == 0 || m.path.p[0] != '/');
        while (m.is_file && !m.refused && total < (8 << 20) &&
               c->calls->read(c->state, chunk, sizeof chunk, &got, &err) > 0)
            total += got;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const struct carrier_options options = {.name = STR("x/log.xz"), .password = "password"};
    struct bytes file = {data, n};
    enum format format = carrier_sniff(file);
    struct arena *arena = arena_new();
    struct carrier c;
    struct err err = {0};
    if (format_is_carrier(format) &&
        carrier_open(file, format, &options, arena, &c, &err) == 0) {
        read_members(&c);
        c.calls->close(c.state);
    }
    arena_free(arena);
    return 0;
}
