#include <stddef.h>
#include <stdint.h>

#include "base/utf.h"
#include "event/decode_known.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_same(const struct decoded *a, const struct decoded *b)
{
    bool same = str_eq(a->text, b->text) && str_eq(a->chain, b->chain) &&
                str_eq(a->program, b->program) && a->n_parts == b->n_parts;
    for (size_t i = 0; same && i < a->n_parts; i++)
        same = str_eq(a->parts[i], b->parts[i]);
    return same;
}

/* What is remembered of a text is what it gives. */
static void compare(struct str text, unsigned hints, const struct decoded_list *list,
                    struct arena *arena)
{
    struct decode_known *known = decode_known_new(arena);
    for (int round = 0; round < 3; round++) {
        struct decoded_list again;
        decode_known_text(known, text, hints, arena, &again);
        if (again.n != list->n || again.cut != list->cut)
            __builtin_trap();
        for (size_t i = 0; i < list->n; i++)
            if (!is_same(&again.at[i], &list->at[i]))
                __builtin_trap();
    }
}

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
    compare(text, data[0] % 4, &list, arena);
    if (made > 2 * (size_t)DECODE_MADE_MAX)
        __builtin_trap();
    arena_free(arena);
    return 0;
}
