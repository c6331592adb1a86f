/* literals_grams.c - literals anywhere in a text: how the tables are built and passed over. */
#include "rule/literals_int.h"

#include "rule/literals_ranks.tbl.h"

enum {
    RANK_BITS = 15,    /* of the table of ranks */
    WINDOWS_MAX = 256, /* places in a literal that are considered for its grams */
    WORDS_LEAST = 7,   /* numbers of words as powers of two: 512 bytes */
    WORDS_NEAR = 13,   /* 32 KiB: what is sure to be near the processor */
    WORDS_MOST = 17,
    WORDS_PER_PAIR = 16,
};

/* ---- candidates ---- */

/* A raw text of more than a block is not there folded as a whole. */
static bool stands_classed(const struct scan *s, const struct entry *e, size_t from)
{
    const struct lit *x = &s->l->lits[e->lit];
    for (size_t i = 0; i < x->n; i++)
        if (s->class_of[s->text[from + i]] != x->p[i])
            return false;
    return true;
}

static bool stands(const struct scan *s, const struct entry *e, size_t at)
{
    if (at < e->at || s->n - (at - e->at) < e->n)
        return false;
    return s->class_of ? stands_classed(s, e, at - e->at) : entry_stands(s, e, at - e->at);
}

bool place_found(struct scan *s, const struct entry *e, size_t from)
{
    struct places *places = s->places;
    const struct lit *x = &s->l->lits[e->lit];
    for (uint32_t i = 0; i < x->n_ids; i++) {
        if (places->n == places->most)
            return s->found = true;
        places->at[places->n++] = (struct literal_place){(uint32_t)from, x->n, x->ids[i]};
    }
    return false;
}

bool scan_entries(struct scan *s, size_t at, const struct entry *e, uint32_t n)
{
    for (uint32_t i = 0; i < n && at < s->n; i++)
        if (stands(s, &e[i], at) && entry_found(s, &e[i], at - e[i].at))
            return true;
    return false;
}

static uint32_t place(uint32_t key, uint32_t mask)
{
    uint32_t h = gram_hash(key);
    return (h ^ h >> 15) & mask;
}

static struct gram_slot *gram_slot_of(const struct gram_table *t, uint32_t gram)
{
    uint32_t k = place(gram, t->mask);
    while (t->slots[k].n && t->slots[k].gram != gram)
        k = (k + 1) & t->mask;
    return &t->slots[k];
}

bool scan_gram(struct scan *s, const struct gram_table *t, size_t at, uint32_t gram)
{
    const struct gram_slot *slot = gram_slot_of(t, gram);
    return scan_entries(s, at, t->entries + slot->start, slot->n);
}

/* ---- passes ---- */

static inline uint32_t gram_bit(const struct gram_table *t, const uint8_t *p)
{
    uint32_t hash = gram_hash(load32(p));
    uint32_t bits = gram_bits(hash);
    return (t->words[hash >> t->shift] & bits) == bits;
}

bool pass_grams(struct scan *s, const struct gram_table *t, const uint8_t *block, size_t n,
                size_t base)
{
    enum { AT_ONCE = 4 };
    const size_t stride = t->stride;
    for (size_t i = 0; i < n; i += AT_ONCE * stride) {
        const uint8_t *p = block + i;
        uint32_t some = gram_bit(t, p) | gram_bit(t, p + stride) << 1 |
                        gram_bit(t, p + 2 * stride) << 2 | gram_bit(t, p + 3 * stride) << 3;
        for (; some; some &= some - 1) {
            size_t at = (size_t)__builtin_ctz(some) * stride;
            if (scan_gram(s, t, base + i + at, load32(p + at)))
                return true;
        }
    }
    return false;
}

bool scan_buckets(struct scan *s, const struct few_table *t, unsigned buckets, size_t at,
                  const uint8_t *p)
{
    const uint32_t four = load32(p);
    buckets &= t->of[0][p[0]] & t->of[1][p[1]] & t->of[2][p[2]] & t->of[3][p[3]];
    for (; buckets; buckets &= buckets - 1) {
        unsigned b = (unsigned)__builtin_ctz(buckets);
        for (uint32_t i = t->start[b]; i < t->start[b + 1]; i++)
            if ((four & t->care[i]) == t->key[i] && scan_entries(s, at, &t->entries[i], 1))
                return true;
    }
    return false;
}

bool pass_few(struct scan *s, const struct few_table *t, const uint8_t *block, size_t n,
              size_t base)
{
    for (size_t i = 0; i < n; i++) {
        const uint8_t *p = block + i;
        unsigned buckets = t->of[0][p[0]] & t->of[1][p[1]];
        if (buckets && scan_buckets(s, t, buckets, base + i, p))
            return true;
    }
    return false;
}

/* The bytes, and how many, so that no key is 0. */
static uint32_t short_key(const uint8_t *p, size_t n)
{
    uint32_t key = (uint32_t)n << 24;
    for (size_t i = 0; i < n; i++)
        key |= (uint32_t)p[i] << (8 * i);
    return key;
}

static struct short_slot *short_slot_of(const struct short_table *t, uint32_t key)
{
    uint32_t k = place(key, t->mask);
    while (t->slots[k].key && t->slots[k].key != key)
        k = (k + 1) & t->mask;
    return &t->slots[k];
}

bool scan_pair(struct scan *s, const struct short_table *t, size_t at, const uint8_t *p)
{
    for (uint32_t n = 2; n <= SHORT_MAX && at + n <= s->n; n++) {
        const struct short_slot *slot = short_slot_of(t, short_key(p, n));
        if (slot->key && entry_found(s, &t->entries[slot->entry], at))
            return true;
    }
    return false;
}

bool pass_singles(struct scan *s, const struct contains *c, const uint8_t *block, size_t n)
{
    for (size_t i = 0; i < c->n_singles; i++) {
        const struct entry *e = &c->singles[i];
        const uint8_t *at = memchr(block, (int)e->head, n);
        while (at) {
            size_t from = (size_t)(at - block);
            if (entry_found(s, e, from))
                return true;
            at = s->places ? memchr(at + 1, (int)e->head, n - from - 1) : NULL;
        }
    }
    return false;
}

bool pass_pairs(struct scan *s, const struct short_table *t, const uint8_t *block, size_t n,
                size_t base)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t three = short_key(block + i, SHORT_MAX);
        if ((t->words[gram_hash(three & PAIR) >> t->shift] & third_bit(three)) &&
            scan_pair(s, t, base + i, block + i))
            return true;
    }
    return false;
}

/* ---- which gram of a literal ---- */

/* How common a gram is in logs: 0 to 15, a step of one for each doubling. */
static unsigned gram_rank(const uint8_t *p)
{
    uint32_t gram = 0;
    for (unsigned i = 0; i < GRAM; i++)
        gram |= (uint32_t)(p[i] >= '0' && p[i] <= '9' ? '0' : p[i]) << (8 * i);
    uint32_t cell = gram_hash(gram) >> (32 - RANK_BITS);
    char digit = gram_ranks[cell / 64][cell % 64];
    return (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/* What it costs if a gram is one of a literal's: how often it will be met, and above all whether
 * other literals have the same. */
static uint64_t gram_cost(const struct gram_table *t, const uint8_t *p)
{
    uint32_t others = gram_slot_of(t, load32(p))->n;
    uint64_t cost = (UINT64_C(1) << gram_rank(p)) * (others + 1);
    return others >= CHAIN_MAX ? cost + ((uint64_t)others << 32) : cost;
}

static uint32_t best_window(const struct gram_table *t, const struct lit *x)
{
    uint32_t windows = x->n - (GRAM - 1) - (t->stride - 1);
    windows = windows < WINDOWS_MAX ? windows : WINDOWS_MAX;
    uint64_t costs[WINDOWS_MAX + STRIDE_MAX];
    uint64_t least = UINT64_MAX;
    uint32_t best = 0;
    for (uint32_t i = 0; i < windows + t->stride - 1; i++)
        costs[i] = gram_cost(t, x->p + i);
    for (uint32_t at = 0; at < windows; at++) {
        uint64_t cost = 0;
        for (unsigned i = 0; i < t->stride; i++)
            cost += costs[at + i];
        if (cost < least) {
            least = cost;
            best = at;
        }
    }
    return best;
}

/* What makes a hash the number of a word: of as many words as are wanted, but of more than are
 * near only if `least` are. */
static unsigned shift_for(size_t wanted, size_t least)
{
    unsigned bits = WORDS_LEAST;
    while (bits < WORDS_NEAR && ((size_t)1 << bits) < wanted)
        bits++;
    while (bits < WORDS_MOST && ((size_t)1 << bits) < least)
        bits++;
    return 32 - bits;
}

static uint32_t *words_new(unsigned shift, struct arena *arena)
{
    return ARENA_ARRAY(arena, uint32_t, (size_t)1 << (32 - shift));
}

static void set_words(struct gram_table *t, uint32_t n_grams, struct arena *arena)
{
    t->shift = shift_for((size_t)n_grams * 2, n_grams / 2);
    t->words = words_new(t->shift, arena);
    for (uint32_t k = 0; k <= t->mask; k++) {
        uint32_t hash = gram_hash(t->slots[k].gram);
        if (t->slots[k].n)
            t->words[hash >> t->shift] |= gram_bits(hash);
    }
}

/* Gives each slot its part of the entries. */
static void fill_entries(struct gram_table *t, const struct lit *lits, const uint32_t *of,
                         const uint32_t *at, size_t n, struct arena *arena)
{
    uint32_t start = 0;
    for (uint32_t k = 0; k <= t->mask; k++) {
        start += t->slots[k].n;
        t->slots[k].start = start; /* the end of its part: it is filled backwards */
    }
    t->entries = ARENA_ARRAY(arena, struct entry, start + 1);
    for (size_t i = n; i > 0; i--) {
        const struct lit *x = &lits[of[i - 1]];
        for (uint32_t k = t->stride; k > 0; k--) {
            uint32_t in = at[i - 1] + k - 1;
            uint32_t to = --gram_slot_of(t, load32(x->p + in))->start;
            t->entries[to] = entry_of(lits, of[i - 1], in);
        }
    }
}

static struct gram_table *grams_new(const struct lit *lits, const uint32_t *of, size_t n,
                                    unsigned stride, struct arena *arena)
{
    struct gram_table *t = ARENA_NEW(arena, struct gram_table);
    uint32_t *at = ARENA_ARRAY(arena, uint32_t, n);
    uint32_t n_grams = (uint32_t)n * stride;
    t->stride = stride;
    t->mask = 15;
    while (t->mask < 2 * n_grams)
        t->mask = t->mask * 2 + 1;
    t->slots = ARENA_ARRAY(arena, struct gram_slot, (size_t)t->mask + 1);
    for (size_t i = 0; i < n; i++) {
        const struct lit *x = &lits[of[i]];
        at[i] = best_window(t, x);
        for (unsigned k = 0; k < stride; k++) {
            uint32_t gram = load32(x->p + at[i] + k);
            struct gram_slot *slot = gram_slot_of(t, gram);
            slot->gram = gram;
            slot->n++;
        }
    }
    set_words(t, n_grams, arena);
    fill_entries(t, lits, of, at, n, arena);
    return t;
}

/* ---- tables of few, tables of shorts ---- */

static uint32_t few_window(const struct lit *x)
{
    uint32_t best = 0;
    unsigned least = x->n > GRAM ? gram_rank(x->p) : 0; /* nothing to choose: not asked for */
    for (uint32_t at = 1; at + GRAM <= x->n && at < WINDOWS_MAX; at++) {
        unsigned rank = gram_rank(x->p + at);
        best = rank < least ? at : best;
        least = rank < least ? rank : least;
    }
    return best;
}

/* By the bytes at the window, so that those in one bucket are alike. */
static int compare_few(const uint8_t *a, uint32_t n_a, const uint8_t *b, uint32_t n_b)
{
    uint32_t n = n_a < n_b ? n_a : n_b;
    int d = memcmp(a, b, n < GRAM ? n : GRAM);
    return d ? d : n_a < n_b ? -1 : n_a > n_b;
}

static void few_put(struct few_table *t, unsigned bucket, const uint8_t *p, uint32_t n)
{
    const uint8_t bit = (uint8_t)(1U << bucket);
    for (uint32_t j = 0; j < GRAM; j++) {
        for (unsigned c = 0; c < 256; c++)
            if (j >= n || c == p[j])
                t->of[j][c] |= bit;
        for (unsigned c = 0; c < 16; c++) {
            if (j >= n || c == (p[j] & 15U))
                t->low[j][c] |= bit;
            if (j >= n || c == p[j] >> 4)
                t->high[j][c] |= bit;
        }
        if (j < n && t->depth < j + 1)
            t->depth = j + 1;
    }
}

static struct few_table *few_new(const struct lit *lits, const uint32_t *of, size_t n,
                                 struct arena *arena)
{
    struct few_table *t = ARENA_NEW(arena, struct few_table);
    t->entries = ARENA_ARRAY(arena, struct entry, n);
    for (size_t i = 0; i < n; i++) { /* insertion sort: there are few */
        const struct lit *x = &lits[of[i]];
        struct entry e = entry_of(lits, of[i], few_window(x));
        size_t to = i;
        for (; to > 0; to--) {
            const struct entry *before = &t->entries[to - 1];
            const struct lit *y = &lits[before->lit];
            if (compare_few(y->p + before->at, y->n - before->at, x->p + e.at, x->n - e.at) <=
                0)
                break;
            t->entries[to] = *before;
        }
        t->entries[to] = e;
    }
    size_t per_bucket = (n + FEW_BUCKETS - 1) / FEW_BUCKETS;
    for (unsigned b = 0; b <= FEW_BUCKETS; b++)
        t->start[b] = (uint32_t)(b * per_bucket < n ? b * per_bucket : n);
    for (size_t i = 0; i < n; i++) {
        const struct lit *x = &lits[t->entries[i].lit];
        const uint8_t *p = x->p + t->entries[i].at;
        uint32_t left = x->n - t->entries[i].at;
        uint8_t four[2][GRAM] = {{0}};
        for (uint32_t j = 0; j < GRAM && j < left; j++) {
            four[0][j] = p[j];
            four[1][j] = 0xff;
        }
        t->key[i] = load32(four[0]);
        t->care[i] = load32(four[1]);
        few_put(t, (unsigned)(i / per_bucket), p, left);
    }
    return t;
}

static struct short_table *shorts_new(const struct lit *lits, const uint32_t *of, size_t n,
                                      struct arena *arena)
{
    struct short_table *t = ARENA_NEW(arena, struct short_table);
    t->mask = 15;
    while (t->mask < 2 * n)
        t->mask = t->mask * 2 + 1;
    t->slots = ARENA_ARRAY(arena, struct short_slot, (size_t)t->mask + 1);
    t->entries = ARENA_ARRAY(arena, struct entry, n);
    t->shift = shift_for(n * WORDS_PER_PAIR, n);
    t->words = words_new(t->shift, arena);
    for (size_t i = 0; i < n; i++) {
        const struct lit *x = &lits[of[i]];
        uint32_t key = short_key(x->p, x->n);
        t->words[gram_hash(key & PAIR) >> t->shift] |=
            x->n == SHORT_MAX ? third_bit(key) : UINT32_MAX;
        *short_slot_of(t, key) = (struct short_slot){key, (uint32_t)i};
        t->entries[i] = entry_of(lits, of[i], 0);
    }
    return t;
}

/* ---- which tables ---- */

/* The lits of a length from `least` to `most`. */
static size_t of_length(const struct lit *lits, const uint32_t *of, size_t n, uint32_t least,
                        uint32_t most, uint32_t *ret)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        if (lits[of[i]].n >= least && lits[of[i]].n <= most)
            ret[found++] = of[i];
    return found;
}

/* Takes the widest stride beside which the literals too short for it are few. */
void contains_build(struct contains *c, const struct lit *lits, const uint32_t *of, size_t n,
                    struct arena *arena)
{
    *c = (struct contains){0};
    if (n == 0)
        return;
    uint32_t *some = ARENA_ARRAY(arena, uint32_t, n);
    c->n_singles = of_length(lits, of, n, 1, 1, some);
    c->singles = ARENA_ARRAY(arena, struct entry, c->n_singles);
    for (size_t i = 0; i < c->n_singles; i++)
        c->singles[i] = entry_of(lits, some[i], 0);
    unsigned stride = STRIDE_MAX;
    while (stride > 1 && of_length(lits, of, n, 2, GRAM + stride - 2, some) > FEW_MAX)
        stride /= 2;
    uint32_t least = GRAM + stride - 1; /* bytes of literals in the table of grams */
    if (of_length(lits, of, n, 2, UINT32_MAX, some) <= FEW_MAX)
        least = UINT32_MAX;
    size_t n_below = of_length(lits, of, n, 2, least - 1, some);
    if (n_below > FEW_MAX)
        c->shorts = shorts_new(lits, some, n_below, arena);
    else if (n_below > 0)
        c->few = few_new(lits, some, n_below, arena);
    size_t n_long = of_length(lits, of, n, least, UINT32_MAX, some);
    if (n_long > 0)
        c->grams = grams_new(lits, some, n_long, stride, arena);
}
