/* literals.c - the table of literals: what it holds, and the scan of a text. */
#include "rule/literals.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "rule/literals_int.h"

void literal_hits_init(struct literal_hits *hits, uint32_t n_ids, struct arena *arena)
{
    *hits = (struct literal_hits){
        .stamp = ARENA_ARRAY(arena, uint32_t, n_ids),
        .list = ARENA_ARRAY(arena, uint32_t, n_ids),
        .epoch = 1,
        .n_ids = n_ids,
    };
}

void literal_hits_clear(struct literal_hits *hits)
{
    hits->n = 0;
    if (++hits->epoch == 0) {
        memset(hits->stamp, 0, hits->n_ids * sizeof hits->stamp[0]);
        hits->epoch = 1;
    }
}

/* ---- building ---- */

static int compare(const void *a, const void *b)
{
    const struct literal *x = a;
    const struct literal *y = b;
    int d = x->test != y->test ? (x->test < y->test ? -1 : 1) : str_cmp(x->text, y->text);
    return d ? d : x->id < y->id ? -1 : x->id > y->id;
}

/* Copies with their texts side by side, each byte as its class, in order. */
static struct literal *sorted_copies(const struct literal *list, size_t n,
                                     const uint8_t *class_of, struct arena *arena)
{
    struct literal *own = ARENA_ARRAY(arena, struct literal, n);
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += list[i].text.n;
    char *text = ARENA_ARRAY(arena, char, bytes + 1);
    for (size_t i = 0; i < n; i++) {
        const struct literal *x = &list[i];
        assert(x->text.n < UINT32_MAX && (x->text.n > 0 || x->test == TEXT_EXACT));
        assert(x->test >= TEXT_EXACT && x->test <= TEXT_CONTAINS);
        for (size_t k = 0; k < x->text.n; k++) {
            char c = x->text.p[k];
            text[k] = class_of ? (char)class_of[(uint8_t)c] : c;
        }
        own[i] = (struct literal){x->id, x->test, {text, x->text.n}};
        text += x->text.n;
    }
    qsort(own, n, sizeof *own, compare);
    return own;
}

/* Makes one lit of the literals that differ in their ids at most. They are sorted. */
static void unite(struct literals *l, const struct literal *sorted, size_t n,
                  struct arena *arena)
{
    uint32_t *ids = ARENA_ARRAY(arena, uint32_t, n);
    l->lits = ARENA_ARRAY(arena, struct lit, n);
    for (size_t i = 0; i < n; i++) {
        const struct literal *x = &sorted[i];
        bool again = i > 0 && x[-1].test == x->test && str_eq(x[-1].text, x->text);
        if (!again)
            l->lits[l->n++] =
                (struct lit){(const uint8_t *)x->text.p, (uint32_t)x->text.n, 0, ids, x->test};
        if (again && x[-1].id == x->id)
            continue;
        *ids++ = x->id;
        l->lits[l->n - 1].n_ids++;
    }
}

static bool has_high(const uint8_t *p, size_t n)
{
    uint64_t some = 0;
    size_t i = 0;
    for (; n - i >= sizeof some; i += sizeof some)
        some |= load64(p + i);
    for (; i < n; i++)
        some |= p[i];
    return some & UINT64_C(0x8080808080808080);
}

/* Whether texts and their classes have bytes of 0x80 and more in the same places. */
static bool keeps_high(const struct literals *l)
{
    for (unsigned c = 0; l->raw && c < 256; c++)
        if ((c >= 0x80) != (l->class_of[c] >= 0x80))
            return false;
    return true;
}

static void build_contains(struct literals *l, struct arena *arena)
{
    const bool split = keeps_high(l);
    uint32_t *of = ARENA_ARRAY(arena, uint32_t, l->n);
    l->shortest = SIZE_MAX;
    for (int wide = 0; wide < 2; wide++) {
        size_t n = 0;
        for (uint32_t i = 0; i < l->n; i++) {
            const struct lit *x = &l->lits[i];
            if (x->test == TEXT_CONTAINS && (split && has_high(x->p, x->n)) == wide)
                of[n++] = i;
        }
        for (size_t i = 0; i < n; i++)
            l->shortest = l->lits[of[i]].n < l->shortest ? l->lits[of[i]].n : l->shortest;
        contains_build(wide ? &l->wide : &l->ascii, l->lits, of, n, arena);
        l->has_wide |= wide && n > 0;
    }
}

static size_t of_test(const struct literals *l, enum text_test test, uint32_t *ret)
{
    size_t n = 0;
    for (uint32_t i = 0; i < l->n; i++)
        if (l->lits[i].test == test)
            ret[n++] = i;
    return n;
}

static void find_ranges(struct literals *l)
{
    for (unsigned c = 0; c < 256; c++) {
        uint8_t add = (uint8_t)(l->class_of[c] - c);
        struct class_range *r = l->n_ranges ? &l->ranges[l->n_ranges - 1] : NULL;
        if (add == 0)
            continue;
        if (r && r->add == add && r->first + r->last + 1U == c)
            r->last++;
        else
            l->ranges[l->n_ranges++] = (struct class_range){(uint8_t)c, 0, add};
    }
}

static struct literals *build(const struct literal *list, size_t n, const uint8_t *class_of,
                              struct arena *arena)
{
    if (n == 0)
        return NULL;
    assert(n < UINT32_MAX / 16);
    struct literals *l = ARENA_NEW(arena, struct literals);
    l->vectors = avx2_is_here();
    if (class_of) {
        l->raw = true;
        memcpy(l->class_of, class_of, sizeof l->class_of);
        find_ranges(l);
    }
    unite(l, sorted_copies(list, n, class_of, arena), n, arena);
    uint32_t *of = ARENA_ARRAY(arena, uint32_t, l->n);
    exacts_build(&l->exact, l->lits, of, of_test(l, TEXT_EXACT, of), arena);
    ends_build(&l->prefix, false, l->lits, of, of_test(l, TEXT_PREFIX, of), arena);
    ends_build(&l->suffix, true, l->lits, of, of_test(l, TEXT_SUFFIX, of), arena);
    build_contains(l, arena);
    return l;
}

struct literals *literals_new(const struct literal *list, size_t n, struct arena *arena)
{
    return build(list, n, NULL, arena);
}

struct literals *literals_new_raw(const struct literal *list, size_t n,
                                  const uint8_t class_of[static 256], struct arena *arena)
{
    for (size_t i = 0; i < n; i++)
        assert(list[i].test == TEXT_CONTAINS);
    return build(list, n, class_of, arena);
}

void literals_no_vectors(struct literals *l)
{
    l->vectors = false;
}

void literals_classes(struct str pairs, uint8_t ret[static 256])
{
    for (unsigned c = 0; c < 256; c++)
        ret[c] = (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    for (size_t i = 0; i + 1 < pairs.n; i += 2)
        ret[(uint8_t)pairs.p[i]] = (uint8_t)pairs.p[i + 1];
}

/* ---- scanning ---- */

void fold_classes(const struct literals *l, const uint8_t *from, size_t n, uint8_t *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = l->class_of[from[i]];
}

static void fill_block(const struct literals *l, const uint8_t *from, size_t n, uint8_t *block)
{
    if (!l->raw)
        memcpy(block, from, n);
    else if (l->vectors)
        fold_classes_avx2(l, from, n, block);
    else
        fold_classes(l, from, n, block);
    memset(block + n, 0, BLOCK_PAD);
}

static bool scan_block(struct scan *s, const struct contains *c, const uint8_t *block, size_t n,
                       size_t base)
{
    const bool vectors = s->l->vectors;
    if (c->n_singles && pass_singles(s, c, block, n))
        return true;
    if (c->few && (vectors ? pass_few_avx2 : pass_few)(s, c->few, block, n, base))
        return true;
    if (c->shorts && (vectors ? pass_pairs_avx2 : pass_pairs)(s, c->shorts, block, n, base))
        return true;
    return c->grams && (vectors ? pass_grams_avx2 : pass_grams)(s, c->grams, block, n, base);
}

static void scan_contains(struct scan *s)
{
    const struct literals *l = s->l;
    const uint8_t *text = s->text;
    if (s->n < l->shortest)
        return;
    const bool wide = l->has_wide && has_high(text, s->n);
    struct scan in = *s; /* what the passes see: a raw text of one block is read folded */
    uint8_t block[BLOCK + 2 * BLOCK_PAD];
    if (l->raw && s->n > BLOCK)
        in.class_of = l->class_of;
    else if (l->raw)
        in.text = block;
    for (size_t base = 0; base < s->n; base += BLOCK) {
        size_t left = s->n - base;
        size_t n = left < BLOCK ? left : BLOCK;
        fill_block(l, text + base, left < BLOCK + BLOCK_PAD ? left : BLOCK + BLOCK_PAD, block);
        if (scan_block(&in, &l->ascii, block, n, base) ||
            (wide && scan_block(&in, &l->wide, block, n, base)))
            break;
    }
    s->found |= in.found;
}

void literals_scan(const struct literals *l, struct str folded, struct literal_hits *hits)
{
    if (!l)
        return;
    const char *text = folded.n ? folded.p : ""; /* an empty text may be at no place at all */
    struct scan s = {.l = l, .text = (const uint8_t *)text, .n = folded.n, .hits = hits};
    scan_exact(&s, &l->exact);
    scan_ends(&s, &l->prefix);
    scan_ends(&s, &l->suffix);
    scan_contains(&s);
}

void literals_scan_raw(const struct literals *l, struct bytes raw, struct literal_hits *hits)
{
    struct scan s = {.l = l, .text = raw.p, .n = raw.n, .hits = hits};
    if (l)
        scan_contains(&s);
}

bool literals_any_raw(const struct literals *l, struct bytes raw)
{
    struct scan s = {.l = l, .text = raw.p, .n = raw.n};
    if (l)
        scan_contains(&s);
    return s.found;
}

bool literals_places_raw(const struct literals *l, struct bytes raw, uint8_t *room,
                         struct literal_place *ret, size_t most, size_t *ret_n)
{
    struct places places = {.at = ret, .most = most};
    struct scan s = {.l = l, .text = room, .n = raw.n, .places = &places};
    *ret_n = 0;
    if (!l || raw.n < l->shortest)
        return true;
    fill_block(l, raw.p, raw.n, room);
    (void)scan_block(&s, &l->ascii, room, raw.n, 0);
    *ret_n = places.n;
    return !s.found;
}
