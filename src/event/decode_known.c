#include "event/decode_known.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    SLOTS = 4096,
    POOL_BYTES = 8 << 20, /* of all texts; then they are forgotten */
    TEXT_MAX = 64 << 10,  /* a longer text is looked into each time */
    MADE_MAX = 256 << 10, /* bytes of what is kept of one */
};

struct known_text {
    uint64_t hash; /* 0: none */
    struct str text;
    unsigned hints;
    struct decoded_list list;
};

struct decode_known {
    struct arena *arena;
    char *pool;
    size_t used;
    bool full; /* forgets at the next turn */
    struct known_text slots[SLOTS];
};

struct decode_known *decode_known_new(struct arena *arena)
{
    struct decode_known *k = ARENA_NEW(arena, struct decode_known);
    k->arena = arena;
    return k;
}

void decode_known_turn(struct decode_known *k)
{
    if (!k->full)
        return;
    memset(k->slots, 0, sizeof k->slots);
    k->used = 0;
    k->full = false;
}

static uint64_t hash_of(struct str s, unsigned hints)
{
    uint64_t h = s.n * UINT64_C(0x9e3779b97f4a7c15) ^ hints;
    size_t i = 0;
    for (; s.n - i >= sizeof h; i += sizeof h) {
        uint64_t w;
        memcpy(&w, s.p + i, sizeof w);
        h = (h ^ w) * UINT64_C(0xff51afd7ed558ccd);
        h ^= h >> 32;
    }
    for (; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 29;
    return h | 1;
}

/* --- keeping -------------------------------------------------------------------------------- */

static size_t rounded(size_t n)
{
    return (n + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
}

static void *take(struct decode_known *k, size_t n)
{
    void *p = k->pool + k->used;
    k->used += rounded(n);
    return p;
}

static struct str keep(struct decode_known *k, struct str s)
{
    if (s.n == 0)
        return STR("");
    char *p = take(k, s.n);
    memcpy(p, s.p, s.n);
    return (struct str){p, s.n};
}

/* Bytes that keeping a list takes. */
static size_t size_of(struct str text, const struct decoded_list *list)
{
    size_t n = rounded(text.n) + rounded(list->n * sizeof *list->at);
    for (size_t i = 0; i < list->n; i++) {
        const struct decoded *d = &list->at[i];
        n += rounded(d->text.n) + rounded(d->chain.n) + rounded(d->program.n) +
             rounded(d->n_parts * sizeof *d->parts);
        for (size_t p = 0; p < d->n_parts; p++)
            n += rounded(d->parts[p].n);
    }
    return n;
}

static const struct str *keep_parts(struct decode_known *k, const struct decoded *d)
{
    struct str *parts = take(k, d->n_parts * sizeof *parts);
    for (size_t i = 0; i < d->n_parts; i++)
        parts[i] = keep(k, d->parts[i]);
    return parts;
}

static struct decoded_list keep_list(struct decode_known *k, const struct decoded_list *list)
{
    struct decoded *at = take(k, list->n * sizeof *at);
    for (size_t i = 0; i < list->n; i++) {
        const struct decoded *d = &list->at[i];
        at[i] = (struct decoded){.text = keep(k, d->text),
                                 .chain = keep(k, d->chain),
                                 .parts = keep_parts(k, d),
                                 .n_parts = d->n_parts,
                                 .program = keep(k, d->program)};
    }
    return (struct decoded_list){.at = at, .n = list->n, .cut = list->cut};
}

static void remember(struct decode_known *k, struct known_text *slot, struct known_text new)
{
    size_t need = size_of(new.text, &new.list);
    if (need > MADE_MAX)
        return;
    if (!k->pool)
        k->pool = ARENA_ARRAY(k->arena, char, POOL_BYTES);
    if (need > POOL_BYTES - k->used) {
        k->full = true;
        return;
    }
    new.text = keep(k, new.text);
    new.list = keep_list(k, &new.list);
    *slot = new;
}

void decode_known_text(struct decode_known *k, struct str text, unsigned hints,
                       struct arena *arena, struct decoded_list *ret)
{
    if (!k || text.n > TEXT_MAX) {
        decode_text(text, hints, arena, ret);
        return;
    }
    uint64_t hash = hash_of(text, hints);
    struct known_text *slot = &k->slots[(hash >> 20) % SLOTS];
    if (slot->hash == hash && slot->hints == hints && str_eq(slot->text, text)) {
        *ret = slot->list;
        return;
    }
    decode_text(text, hints, arena, ret);
    remember(k, slot, (struct known_text){hash, text, hints, *ret});
}
