/* literals.c - the table of literals and its scans. */
#include "rule/literals.h"

#include <assert.h>
#include <string.h>

struct literals {
    const struct literal *list;
    size_t n;
    uint8_t class_of[256]; /* of a raw table */
};

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

struct literals *literals_new(const struct literal *list, size_t n, struct arena *arena)
{
    if (n == 0)
        return NULL;
    struct literals *l = ARENA_NEW(arena, struct literals);
    struct literal *own = ARENA_ARRAY(arena, struct literal, n);
    for (size_t i = 0; i < n; i++)
        own[i] = (struct literal){list[i].id, list[i].test, arena_str(arena, list[i].text)};
    *l = (struct literals){.list = own, .n = n};
    return l;
}

static bool stands(const struct literal *x, struct str text)
{
    if (x->text.n > text.n)
        return false;
    if (x->test == TEXT_EXACT)
        return str_eq(x->text, text);
    if (x->test == TEXT_PREFIX)
        return str_starts(text, x->text);
    if (x->test == TEXT_SUFFIX)
        return str_eq(str_part(text, text.n - x->text.n, text.n), x->text);
    return str_find(text, x->text, 0) != SIZE_MAX;
}

void literals_scan(const struct literals *l, struct str folded, struct literal_hits *hits)
{
    for (size_t i = 0; l && i < l->n; i++) {
        if (stands(&l->list[i], folded))
            literal_hits_add(hits, l->list[i].id);
    }
}

void literals_classes(struct str pairs, uint8_t ret[static 256])
{
    for (unsigned c = 0; c < 256; c++)
        ret[c] = (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    for (size_t i = 0; i + 1 < pairs.n; i += 2)
        ret[(uint8_t)pairs.p[i]] = (uint8_t)pairs.p[i + 1];
}

struct literals *literals_new_raw(const struct literal *list, size_t n,
                                  const uint8_t class_of[static 256], struct arena *arena)
{
    struct literals *l = literals_new(list, n, arena);
    if (!l)
        return NULL;
    memcpy(l->class_of, class_of, sizeof l->class_of);
    struct literal *own = ARENA_ARRAY(arena, struct literal, n);
    for (size_t i = 0; i < n; i++) {
        assert(list[i].test == TEXT_CONTAINS);
        char *text = ARENA_ARRAY(arena, char, list[i].text.n);
        for (size_t k = 0; k < list[i].text.n; k++)
            text[k] = (char)class_of[(uint8_t)list[i].text.p[k]];
        own[i] = (struct literal){list[i].id, TEXT_CONTAINS, {text, list[i].text.n}};
    }
    l->list = own;
    return l;
}

static bool stands_raw(const struct literals *l, struct str text, struct bytes raw)
{
    for (size_t at = 0; text.n <= raw.n && at <= raw.n - text.n; at++) {
        size_t i = 0;
        while (i < text.n && l->class_of[raw.p[at + i]] == (uint8_t)text.p[i])
            i++;
        if (i == text.n)
            return true;
    }
    return false;
}

void literals_scan_raw(const struct literals *l, struct bytes raw, struct literal_hits *hits)
{
    for (size_t i = 0; l && i < l->n; i++) {
        if (stands_raw(l, l->list[i].text, raw))
            literal_hits_add(hits, l->list[i].id);
    }
}

bool literals_any_raw(const struct literals *l, struct bytes raw)
{
    for (size_t i = 0; l && i < l->n; i++) {
        if (stands_raw(l, l->list[i].text, raw))
            return true;
    }
    return false;
}
