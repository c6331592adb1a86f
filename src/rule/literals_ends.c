/* literals_ends.c - literals at the start or the end of a text, and whole texts.
 *
 * Literals of 8 bytes and more are grouped by the 8 bytes at the end of the text where they
 * stand. A group knows which lengths its literals have; for each of these the 8 bytes at the
 * far end of where such a literal would lie are looked at too. So a text costs one look at the
 * groups, and one for each length in its group.
 */
#include "rule/literals_int.h"

enum {
    ANCHOR = 8,                        /* bytes */
    LENGTHS = 64,                      /* that a group tells apart */
    LENGTH_MAX = ANCHOR + LENGTHS - 1, /* a longer literal is found by a part of it */
    EXACT_LENGTHS = 64,
};

static const uint64_t MIX = UINT64_C(0x9e3779b97f4a7c15);

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t h = (a ^ (b << 32 | b >> 32)) * MIX;
    return (h ^ h >> 29 ^ b) * MIX;
}

static uint32_t place(uint64_t key, uint32_t mask)
{
    return (uint32_t)(key >> 32) & mask;
}

static uint32_t table_mask(size_t n)
{
    uint32_t size = 16;
    while (size < 2 * n)
        size *= 2;
    return size - 1;
}

/* The first or last 8 bytes of a text; all of them if it has fewer. */
static uint64_t end_bytes(const uint8_t *p, size_t n, bool behind)
{
    if (n >= ANCHOR)
        return load64(behind ? p + n - ANCHOR : p);
    uint64_t v = 0;
    for (size_t i = n; i > 0; i--)
        v = v << 8 | p[i - 1];
    return v;
}

/* The key of the first or last `length` (1 to 7) of the `have` bytes that end_bytes gave. */
static uint64_t short_key(uint64_t bytes, size_t have, size_t length, bool behind)
{
    if (behind)
        bytes >>= 8 * (have - length);
    return mix(bytes & ((UINT64_C(1) << (8 * length)) - 1), length) | 1;
}

/* The key of a literal of `length` (8 to LENGTH_MAX) bytes at the end of a text. */
static uint64_t long_key(uint64_t anchor, const uint8_t *p, size_t n, size_t length,
                         bool behind)
{
    uint64_t far = load64(behind ? p + n - length : p + length - ANCHOR);
    return mix(anchor * MIX ^ far, length) | 1;
}

static size_t key_length(uint32_t n)
{
    return n < LENGTH_MAX ? n : LENGTH_MAX;
}

static uint64_t key_of(const struct lit *x, bool behind)
{
    uint64_t anchor = end_bytes(x->p, x->n, behind);
    if (x->n < ANCHOR)
        return short_key(anchor, x->n, x->n, behind);
    return long_key(anchor, x->p, x->n, key_length(x->n), behind);
}

static struct end_slot *slot_of(struct end_slot *slots, uint32_t mask, uint64_t key)
{
    uint32_t k = place(key, mask);
    while (slots[k].n && slots[k].key != key)
        k = (k + 1) & mask;
    return &slots[k];
}

/* Gives each key a slot and lays the literals of one key side by side. */
static struct end_slot *fill_slots(const uint64_t *keys, const struct lit *lits,
                                   const uint32_t *of, size_t n, uint32_t mask,
                                   struct entry *entries, struct arena *arena)
{
    struct end_slot *slots = ARENA_ARRAY(arena, struct end_slot, (size_t)mask + 1);
    for (size_t i = 0; i < n; i++) {
        struct end_slot *slot = slot_of(slots, mask, keys[i]);
        slot->key = keys[i];
        slot->n++;
    }
    uint32_t start = 0;
    for (size_t k = 0; k <= mask; k++) {
        start += slots[k].n;
        slots[k].start = start; /* the end of its part: it is filled backwards */
    }
    for (size_t i = n; i > 0; i--)
        entries[--slot_of(slots, mask, keys[i - 1])->start] = entry_of(lits, of[i - 1], 0);
    return slots;
}

static struct end_group *group_of(const struct ends *t, uint64_t anchor)
{
    uint32_t k = place(anchor * MIX, t->group_mask);
    while (t->groups[k].lengths && t->groups[k].anchor != anchor)
        k = (k + 1) & t->group_mask;
    return &t->groups[k];
}

void ends_build(struct ends *t, bool behind, const struct lit *lits, const uint32_t *of,
                size_t n, struct arena *arena)
{
    *t = (struct ends){.behind = behind};
    if (n == 0)
        return;
    uint64_t *keys = ARENA_ARRAY(arena, uint64_t, n);
    t->group_mask = table_mask(n);
    for (size_t i = 0; i < n; i++) {
        const struct lit *x = &lits[of[i]];
        keys[i] = key_of(x, behind);
        if (x->n < ANCHOR) {
            t->lengths |= 1U << x->n;
            continue;
        }
        if (!t->groups)
            t->groups = ARENA_ARRAY(arena, struct end_group, (size_t)t->group_mask + 1);
        uint64_t anchor = end_bytes(x->p, x->n, behind);
        struct end_group *group = group_of(t, anchor);
        group->anchor = anchor;
        group->lengths |= UINT64_C(1) << (key_length(x->n) - ANCHOR);
    }
    t->mask = table_mask(n);
    t->entries = ARENA_ARRAY(arena, struct entry, n);
    t->slots = fill_slots(keys, lits, of, n, t->mask, t->entries, arena);
}

static void look(struct scan *s, const struct ends *t, uint64_t key)
{
    const struct end_slot *slot = slot_of(t->slots, t->mask, key);
    for (uint32_t i = 0; i < slot->n; i++) {
        const struct entry *e = &t->entries[slot->start + i];
        if (e->n <= s->n && entry_stands(s, e, t->behind ? s->n - e->n : 0))
            (void)entry_found(s, e, 0);
    }
}

void scan_ends(struct scan *s, const struct ends *t)
{
    if (!t->slots || s->n == 0)
        return;
    const uint64_t anchor = end_bytes(s->text, s->n, t->behind);
    const size_t have = s->n < ANCHOR ? s->n : ANCHOR;
    for (uint32_t left = t->lengths; left; left &= left - 1) {
        size_t n = (size_t)__builtin_ctz(left);
        if (n > s->n)
            break;
        look(s, t, short_key(anchor, have, n, t->behind));
    }
    if (!t->groups || s->n < ANCHOR)
        return;
    for (uint64_t left = group_of(t, anchor)->lengths; left; left &= left - 1) {
        size_t n = (size_t)__builtin_ctzll(left) + ANCHOR;
        if (n > s->n)
            break;
        look(s, t, long_key(anchor, s->text, s->n, n, t->behind));
    }
}

static uint64_t exact_bit(size_t n)
{
    return UINT64_C(1) << (n < EXACT_LENGTHS ? n : EXACT_LENGTHS - 1);
}

static uint64_t exact_key(const uint8_t *p, size_t n)
{
    uint64_t h = n;
    size_t at = 0;
    for (; n - at >= ANCHOR; at += ANCHOR)
        h = mix(h, load64(p + at));
    if (at < n)
        h = mix(h, end_bytes(p + at, n - at, false));
    return h | 1;
}

void exacts_build(struct exacts *t, const struct lit *lits, const uint32_t *of, size_t n,
                  struct arena *arena)
{
    *t = (struct exacts){.mask = table_mask(n)};
    if (n == 0)
        return;
    uint64_t *keys = ARENA_ARRAY(arena, uint64_t, n);
    for (size_t i = 0; i < n; i++) {
        const struct lit *x = &lits[of[i]];
        keys[i] = exact_key(x->p, x->n);
        t->lengths |= exact_bit(x->n);
        t->longest = t->longest > x->n ? t->longest : x->n;
    }
    t->entries = ARENA_ARRAY(arena, struct entry, n);
    t->slots = fill_slots(keys, lits, of, n, t->mask, t->entries, arena);
}

void scan_exact(struct scan *s, const struct exacts *t)
{
    if (s->n > t->longest || !(t->lengths & exact_bit(s->n)))
        return;
    const struct end_slot *slot = slot_of(t->slots, t->mask, exact_key(s->text, s->n));
    for (uint32_t i = 0; i < slot->n; i++) {
        const struct entry *e = &t->entries[slot->start + i];
        if (e->n == s->n && entry_stands(s, e, 0))
            (void)entry_found(s, e, 0);
    }
}
