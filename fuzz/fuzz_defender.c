/* Any bytes as a file of Defender's detection history, with the pairs that its blocks hold. */
#include <assert.h>

#include "base/utf.h"
#include "format/defender.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_pairs(struct bytes data, struct arena *arena)
{
    struct str name, value;
    size_t at = 0;
    size_t before = 0;
    while (defender_tracking_next(data, &at, arena, &name, &value)) {
        assert(at > before && at <= data.n);
        assert(utf8_valid(str_bytes(name)) && utf8_valid(str_bytes(value)));
        before = at;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *arena = arena_new();
    struct defender_values values = {.file = {data, n}};
    struct defender_value v;
    struct err err = {0};
    while (defender_next(&values, arena, &v, &err) > 0) {
        assert(v.offset <= n && values.at <= n);
        assert(utf8_valid(str_bytes(v.text)));
        if (v.type == DEFENDER_BYTES)
            read_pairs(v.data, arena);
    }
    read_pairs((struct bytes){data, n}, arena);
    arena_free(arena);
    return 0;
}
