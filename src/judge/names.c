#include "judge/names.h"

#include <stdint.h>

/* FNV-1a */
static size_t hash(struct str s)
{
    uint64_t h = 0xcbf29ce484222325;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3;
    return (size_t)(h ^ (h >> 32));
}

/* The slot that the text is in or would be. */
static size_t slot_of(const struct names *names, struct str text)
{
    size_t at = hash(text) & (names->n_slots - 1);
    while (names->slots[at] && !str_eq(names->at[names->slots[at] - 1], text))
        at = (at + 1) & (names->n_slots - 1);
    return at;
}

static void grow(struct names *names, struct arena *arena)
{
    enum { FIRST = 64 };
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
