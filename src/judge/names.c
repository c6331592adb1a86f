#include "judge/names.h"

#include <stdint.h>

/* The slot that the text is in or would be. */
static size_t slot_of(const struct names *names, struct str text)
{
    size_t at = (size_t)hash_keyed(&names->key, str_bytes(text)) & (names->n_slots - 1);
    while (names->slots[at] && !str_eq(names->at[names->slots[at] - 1], text))
        at = (at + 1) & (names->n_slots - 1);
    return at;
}

/* Where the arena lies in memory is another place in each run. Nothing in the output depends on it. */
static struct hash_key key_of(const struct arena *arena)
{
    uint64_t at = (uint64_t)(uintptr_t)arena;
    return (struct hash_key){at, at * UINT64_C(0x9e3779b97f4a7c15)};
}

static void grow(struct names *names, struct arena *arena)
{
    enum { FIRST = 64 };
    if (names->n_slots == 0)
        names->key = key_of(arena);
    names->n_slots = names->n_slots ? names->n_slots * 2 : FIRST;
    names->slots = ARENA_ARRAY(arena, size_t, names->n_slots);
    for (size_t i = 0; i < names->n; i++)
        names->slots[slot_of(names, names->at[i])] = i + 1;
}

size_t names_find(const struct names *names, struct str text)
{
    size_t slot = names->n_slots ? names->slots[slot_of(names, text)] : 0;
    return slot ? slot - 1 : SIZE_MAX;
}

size_t names_number(struct names *names, struct str text, struct arena *arena)
{
    size_t found = names_find(names, text);
    if (found != SIZE_MAX)
        return found;
    if (names->n_slots < 2 * (names->n + 1))
        grow(names, arena);
    names->slots[slot_of(names, text)] = names->n + 1;
    names->at = arena_grow(arena, names->at, names->n, &names->cap, sizeof *names->at);
    names->at[names->n] = text;
    return names->n++;
}

size_t numbers_get(const struct numbers *numbers, struct str text)
{
    size_t at = text.n ? names_find(&numbers->names, text) : SIZE_MAX;
    return at == SIZE_MAX ? SIZE_MAX : numbers->value[at];
}

void numbers_set(struct numbers *numbers, struct str text, size_t value, struct arena *arena)
{
    if (text.n == 0)
        return;
    size_t at = names_number(&numbers->names, text, arena);
    while (numbers->cap < numbers->names.n) {
        size_t n = numbers->cap;
        numbers->value =
            arena_grow(arena, numbers->value, n, &numbers->cap, sizeof *numbers->value);
    }
    numbers->value[at] = value;
}
