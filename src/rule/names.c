/* names.c - names as small numbers. */
#include "rule/sigma_int.h"

static uint32_t hash_of(struct str s)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
    return (uint32_t)(h ^ h >> 32);
}

static uint32_t *place_of(const struct names *names, struct str name)
{
    uint32_t at = hash_of(name) & (names->table_size - 1);
    while (names->table[at] && !str_eq(names->list[names->table[at] - 1], name))
        at = (at + 1) & (names->table_size - 1);
    return &names->table[at];
}

static void grow(struct names *names)
{
    uint32_t cap = names->cap ? names->cap * 2 : 64;
    struct str *list = ARENA_ARRAY(names->arena, struct str, cap);
    if (names->n)
        memcpy(list, names->list, names->n * sizeof *list);
    names->list = list;
    names->cap = cap;
    names->table_size = cap * 2;
    names->table = ARENA_ARRAY(names->arena, uint32_t, names->table_size);
    for (uint32_t i = 0; i < names->n; i++)
        *place_of(names, list[i]) = i + 1;
}

uint32_t names_intern(struct names *names, struct str name)
{
    if (names->n == names->cap)
        grow(names);
    uint32_t *place = place_of(names, name);
    if (*place == 0) {
        names->list[names->n++] = arena_str(names->arena, name);
        *place = names->n;
    }
    return *place - 1;
}

bool names_known(const struct names *names, struct str name, uint32_t *ret)
{
    uint32_t number = names->table_size ? *place_of(names, name) : 0;
    if (number)
        *ret = number - 1;
    return number > 0;
}
