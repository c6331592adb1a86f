/* literals_int.h - what the table of literals is made of.
 *
 * A text is scanned block by block. Each block is copied, folded if it is raw, into memory with
 * zeros behind it, so that the passes may read a little further than it goes. A pass finds
 * candidates: places where some literal may stand. Whether it does is then seen in the text
 * itself.
 *
 * How much work one byte of a hostile text can cause is bounded by what the table holds:
 * CHAIN_MAX literals at one gram (more only if a rule set has more literals that share all
 * their grams), FEW_MAX in the table of few, one or two of the shorts.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "rule/literals.h"

enum {
    BLOCK = 4096,    /* bytes of a text that are scanned at a time; a multiple of all strides */
    BLOCK_PAD = 64,  /* bytes that may be read behind a block */
    GRAM = 4,        /* bytes */
    STRIDE_MAX = 4,  /* BLOCK is a multiple of each stride */
    CHAIN_MAX = 16,  /* literals with the same gram */
    FEW_MAX = 40,    /* literals in a table of few */
    FEW_BUCKETS = 8, /* bits of a byte */
    SHORT_MAX = 3,   /* bytes of the short literals, for which there is no gram */
};

struct lit { /* one text, of all literals with this text and this test */
    const uint8_t *p;
    uint32_t n;
    uint32_t n_ids;
    const uint32_t *ids;
    enum text_test test;
};

static const uint32_t ID_MANY = UINT32_MAX; /* see the lit */

struct entry {     /* a literal as candidates see it: up to 16 bytes need no look elsewhere */
    uint64_t head; /* its first 8 bytes, or all it has */
    uint64_t tail; /* its last 8 bytes, if it has so many */
    uint32_t n;
    uint32_t at; /* the candidate's place in the literal */
    uint32_t id; /* or ID_MANY */
    uint32_t lit;
};

/* ---- literals of GRAM bytes and more ---- */

struct gram_slot {
    uint32_t gram;
    uint32_t start; /* in entries */
    uint32_t n;     /* 0: a free slot */
};

/* Of each literal `stride` successive grams are kept: one of them lies at a multiple of the
 * stride, wherever the literal stands, so only these places of the text are looked at. */
struct gram_table {
    unsigned stride; /* 1, 2 or 4 */
    unsigned shift;  /* what makes a hash the number of a word */
    uint32_t *words; /* each gram has set two bits of one of them */
    struct gram_slot *slots;
    uint32_t mask; /* number of slots - 1 */
    struct entry *entries;
};

/* ---- few literals of any length: by the sets of bytes at their first places ---- */

struct few_table {
    unsigned depth; /* places, at most GRAM */
    uint8_t of[GRAM]
              [256]; /* per place and byte: the buckets with a literal that has it there */
    uint8_t low[GRAM][16]; /* the same from half of the byte: a superset */
    uint8_t high[GRAM][16];
    uint32_t start[FEW_BUCKETS + 1]; /* in entries */
    uint32_t key[FEW_MAX];           /* beside entries: the bytes at these places, */
    uint32_t care[FEW_MAX];          /* and which of them the literal has */
    struct entry *entries;
};

/* ---- literals of two bytes to SHORT_MAX ---- */

struct short_slot {
    uint32_t key; /* length and bytes; 0: a free slot */
    uint32_t entry;
};

struct short_table {
    unsigned shift;  /* what makes the hash of the first two bytes the number of a word */
    uint32_t *words; /* a bit for the third byte of a literal; all for one of two bytes */
    uint32_t mask;
    struct short_slot *slots;
    struct entry *entries;
};

struct contains {          /* each table may be missing */
    struct entry *singles; /* of one byte */
    size_t n_singles;
    struct gram_table *grams;
    struct few_table *few;
    struct short_table *shorts;
};

/* ---- literals at an end of the text, and whole texts ---- */

struct end_slot {
    uint64_t key;
    uint32_t start; /* in entries */
    uint32_t n;     /* 0: a free slot */
};

struct end_group { /* the literals that share the 8 bytes at the end */
    uint64_t anchor;
    uint64_t lengths; /* bit k: a literal whose key is of k + 8 bytes; 0: a free slot */
};

struct ends {
    bool behind;            /* suffixes; else prefixes */
    uint32_t lengths;       /* bit k: a literal of k bytes, 1 to 7 */
    struct end_slot *slots; /* NULL: no literals */
    uint32_t mask;
    struct entry *entries;
    struct end_group *groups; /* NULL: no literal has 8 bytes */
    uint32_t group_mask;
};

struct exacts {
    struct end_slot *slots; /* NULL: none */
    uint32_t mask;
    struct entry *entries;
    uint64_t lengths; /* bit k: a text of k bytes, the last one of all that are longer */
    size_t longest;
};

struct class_range { /* first, first + 1, ... first + last become themselves + add */
    uint8_t first;
    uint8_t last;
    uint8_t add;
};

struct literals {
    struct lit *lits;
    size_t n;
    bool raw;
    bool vectors; /* the processor has AVX2, and it is wanted */
    uint8_t class_of[256];
    struct class_range ranges[256]; /* what class_of changes */
    unsigned n_ranges;
    struct exacts exact;
    struct ends prefix;
    struct ends suffix;
    struct contains ascii;
    struct contains wide; /* literals with a byte of 0x80 and more: for texts that have one */
    bool has_wide;
    size_t shortest; /* of the literals in these two; SIZE_MAX: there are none */
};

struct places { /* where literals stand */
    struct literal_place *at;
    size_t n;
    size_t most;
};

struct scan {
    const struct literals *l;
    const uint8_t *text; /* the whole */
    size_t n;
    const uint8_t *class_of;   /* NULL: the text is folded */
    struct literal_hits *hits; /* NULL: it ends at the first literal found */
    struct places *places;     /* NULL: not wanted; else `hits` is NULL */
    bool found;                /* of places: there is no room for more */
};

static inline uint32_t load32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint64_t load64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v); /* parts of it are taken by shifting */
#endif
    return v;
}

/* memcmp of a few bytes costs more for the call than for the bytes. */
static inline bool same_bytes(const uint8_t *a, const uint8_t *b, size_t n)
{
    if (n < sizeof(uint64_t)) {
        for (size_t i = 0; i < n; i++)
            if (a[i] != b[i])
                return false;
        return true;
    }
    for (size_t i = 0; n - i > sizeof(uint64_t); i += sizeof(uint64_t))
        if (load64(a + i) != load64(b + i))
            return false;
    return load64(a + n - sizeof(uint64_t)) == load64(b + n - sizeof(uint64_t));
}

static const uint32_t HASH_FACTOR = 2654435761U; /* 2^32 by the golden ratio */

static inline uint32_t gram_hash(uint32_t gram)
{
    return gram * HASH_FACTOR;
}

/* The two bits of a gram in its word. */
static inline uint32_t gram_bits(uint32_t hash)
{
    uint32_t mixed = hash ^ hash >> 15;
    return 1U << (mixed & 31) | 1U << (mixed >> 5 & 31);
}

enum { PAIR = 0xffff, THIRD_SHIFT = 16 };

/* The bit of a third byte. */
static inline uint32_t third_bit(uint32_t three)
{
    return 1U << (three >> THIRD_SHIFT & 31);
}

static inline struct entry entry_of(const struct lit *lits, uint32_t number, uint32_t at)
{
    const struct lit *x = &lits[number];
    struct entry e = {.n = x->n, .at = at, .lit = number};
    e.id = x->n_ids == 1 ? x->ids[0] : ID_MANY;
    for (uint32_t i = 0; i < x->n && i < sizeof e.head; i++)
        e.head |= (uint64_t)x->p[i] << (8 * i);
    if (x->n >= sizeof e.tail)
        e.tail = load64(x->p + x->n - sizeof e.tail);
    return e;
}

/* Whether the text holds the literal from `from` on, where it has that many bytes. */
static inline bool entry_stands(const struct scan *s, const struct entry *e, size_t from)
{
    const uint8_t *p = s->text + from;
    const size_t n = e->n;
    if (n >= sizeof e->head)
        return load64(p) == e->head && load64(p + n - sizeof e->tail) == e->tail &&
               (n <= 2 * sizeof e->head ||
                same_bytes(p + sizeof e->head, s->l->lits[e->lit].p + sizeof e->head,
                           n - 2 * sizeof e->head));
    if (s->n - from >= sizeof e->head)
        return (load64(p) & ((UINT64_C(1) << (8 * n)) - 1)) == e->head;
    return same_bytes(p, s->l->lits[e->lit].p, n);
}

/* Notes each id of a literal; true if there is no room. */
bool place_found(struct scan *s, const struct entry *e, size_t from);

/* Notes a literal that stands at `from`; true if the scan is to end. */
static inline bool entry_found(struct scan *s, const struct entry *e, size_t from)
{
    if (s->places)
        return place_found(s, e, from);
    s->found = true;
    if (!s->hits)
        return true;
    if (e->id != ID_MANY) {
        literal_hits_add(s->hits, e->id);
        return false;
    }
    const struct lit *x = &s->l->lits[e->lit];
    for (uint32_t i = 0; i < x->n_ids; i++)
        literal_hits_add(s->hits, x->ids[i]);
    return false;
}

/* Looks at one place of the text where some of the entries may stand; true if the scan is to
 * end. */
bool scan_entries(struct scan *s, size_t at, const struct entry *e, uint32_t n);

/* A gram whose bit is set. */
bool scan_gram(struct scan *s, const struct gram_table *t, size_t at, uint32_t gram);

/* A place that may be one of these buckets. */
bool scan_buckets(struct scan *s, const struct few_table *t, unsigned buckets, size_t at,
                  const uint8_t *p);

/* Two bytes and a third whose bit is set. */
bool scan_pair(struct scan *s, const struct short_table *t, size_t at, const uint8_t *p);

/* The passes over a block of n bytes that begins at `base` of the text; true if the scan is to
 * end. The block has BLOCK_PAD bytes behind it. */
bool pass_grams(struct scan *s, const struct gram_table *t, const uint8_t *block, size_t n,
                size_t base);
bool pass_few(struct scan *s, const struct few_table *t, const uint8_t *block, size_t n,
              size_t base);
bool pass_singles(struct scan *s, const struct contains *c, const uint8_t *block, size_t n);
bool pass_pairs(struct scan *s, const struct short_table *t, const uint8_t *block, size_t n,
                size_t base);

/* Each byte's class. */
void fold_classes(const struct literals *l, const uint8_t *from, size_t n, uint8_t *to);

/* The same with AVX2. */
bool avx2_is_here(void);
bool pass_grams_avx2(struct scan *s, const struct gram_table *t, const uint8_t *block, size_t n,
                     size_t base);
bool pass_few_avx2(struct scan *s, const struct few_table *t, const uint8_t *block, size_t n,
                   size_t base);
bool pass_pairs_avx2(struct scan *s, const struct short_table *t, const uint8_t *block,
                     size_t n, size_t base);

void fold_classes_avx2(const struct literals *l, const uint8_t *from, size_t n, uint8_t *to);

/* Builds what looks for the given lits anywhere in a text. */
void contains_build(struct contains *c, const struct lit *lits, const uint32_t *of, size_t n,
                    struct arena *arena);

void ends_build(struct ends *t, bool behind, const struct lit *lits, const uint32_t *of,
                size_t n, struct arena *arena);
void exacts_build(struct exacts *t, const struct lit *lits, const uint32_t *of, size_t n,
                  struct arena *arena);
void scan_ends(struct scan *s, const struct ends *t);
void scan_exact(struct scan *s, const struct exacts *t);
