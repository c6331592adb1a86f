#include <stddef.h>
#include <stdint.h>

#include "base/utf.h"
#include "event/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says which hints; the rest is text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct arena *arena = arena_new();
    struct str text = utf8_repair((struct bytes){data + 1, size - 1}, arena);
    struct decoded_list list;
    decode_text(text, data[0] % 4, arena, &list);
    size_t made = 0;
    for (size_t i = 0; i < list.n; i++) {
        made += list.at[i].text.n;
        if (!utf8_valid(str_bytes(list.at[i].text)))
            __builtin_trap();
    }
    if (made > 2 * (size_t)DECODE_MADE_MAX)
        __builtin_trap();
    arena_free(arena);
    return 0;
}
