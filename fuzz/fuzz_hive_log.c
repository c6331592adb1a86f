/* A hive and two logs, each behind its length in blocks of 512 bytes, applied and walked. */
#include <assert.h>

#include "format/hive.h"
#include "format/hive_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct bytes part(const uint8_t *data, size_t n, size_t *at)
{
    enum { BLOCK = 512 };
    size_t size = *at < n ? (size_t)data[*at] * BLOCK : 0;
    *at += *at < n;
    size = size < n - *at ? size : n - *at;
    struct bytes b = {data + *at, size};
    *at += size;
    return b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    size_t at = 0;
    struct bytes hive = part(data, n, &at);
    struct bytes logs[2];
    logs[0] = part(data, n, &at);
    logs[1] = part(data, n, &at);
    struct arena *arena = arena_new();
    struct bytes whole;
    struct hive_applied how;
    struct err err = {0};
    struct hive h;
    if (hive_logs_apply(hive, logs, 2, arena, &whole, &how, &err) == 0 &&
        hive_open(whole, arena, &h, &err) == 0) {
        struct hive_walk *w = hive_walk_new(&h, arena);
        struct hive_item item;
        struct hive_gap gap;
        assert(whole.n <= hive.n + logs[0].n + logs[1].n);
        while (hive_walk_next(w, &item, &gap, &err) != 0)
            continue;
    }
    arena_free(arena);
    return 0;
}
