#include "format/hive_deleted.h"

enum {
    BIN_HEAD = 32,
    BIN_LEAST = 4096,
    NAME_MOST = 255 * 2, /* bytes of a key's name */
    VALUE_NAME_MOST = 16383 * 2,
    VALUES_MOST = 4096,      /* of one deleted key */
    KEY_FLAGS = 0x7fff,      /* those that were ever seen */
    DATA_MOST = 16 << 20,    /* bytes of a deleted value's data */
    COMPARES_MOST = 1 << 24, /* of names with those of living keys; beyond that all is told */
};

struct hive_deleted {
    const struct hive *h;
    const struct hive_walk *walk;
    struct arena *arena;
    struct hive view;
    struct hive_free *free;
    size_t n_free, cap_free;
    uint32_t *keys; /* cells, in order */
    size_t n_keys, cap_keys;
    uint64_t *told; /* a bit for each 8 bytes: values of deleted keys */
    size_t at;      /* the next key; behind them, the free stretch of the next value */
    uint32_t value_at;
    bool in_key, fresh, any;
    struct hive_key key;
    struct hive_key living; /* the key in use that has its path */
    bool has_living;
    uint32_t list[VALUES_MOST];
    size_t n_list, list_at;
    char *path;
    size_t path_n;
    bool place;
    uint64_t compares;
};

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* --- what is free ------------------------------------------------------------------------------ */

static void add_free(struct hive_deleted *d, size_t from, size_t to)
{
    struct hive_free *last = d->n_free ? &d->free[d->n_free - 1] : NULL;
    if (last && last->to == from) {
        last->to = (uint32_t)to;
        return;
    }
    d->free = arena_grow(d->arena, d->free, d->n_free, &d->cap_free, sizeof *d->free);
    d->free[d->n_free++] = (struct hive_free){(uint32_t)from, (uint32_t)to};
}

/* Cells of one bin. Where their sizes lead astray, the rest of it is not looked at. */
static void read_bin(struct hive_deleted *d, size_t from, size_t to)
{
    const uint8_t *p = d->h->bins.p;
    for (size_t at = from + BIN_HEAD; to - at >= 8;) {
        uint32_t told = le32(p + at);
        bool used = told > INT32_MAX;
        size_t size = used ? 0U - told : told;
        if (size < 8 || size % 8 || size > to - at)
            return;
        if (!used)
            add_free(d, at, at + size);
        at += size;
    }
}

static void find_free(struct hive_deleted *d)
{
    const struct bytes b = d->h->bins;
    size_t at = 0;
    while (b.n - at > BIN_HEAD && b.n <= UINT32_MAX) {
        size_t size = memcmp(b.p + at, "hbin", 4) == 0 ? le32(b.p + at + 8) : 0;
        if (size < BIN_LEAST || size % BIN_LEAST || size > b.n - at) {
            size = b.n - at < BIN_LEAST ? b.n - at : BIN_LEAST;
            at += size;
            continue;
        }
        read_bin(d, at, at + size);
        at += size;
    }
}

/* --- what stands there ------------------------------------------------------------------------- */

static bool is_name(struct hive_name name)
{
    size_t step = name.narrow ? 1 : 2;
    if (name.raw.n % step)
        return false;
    for (size_t i = 0; i < name.raw.n; i += step)
        if (name.raw.p[i] < ' ' && (step == 1 || name.raw.p[i + 1] == 0))
            return false;
    return true;
}

static bool is_place(const struct hive_deleted *d, uint32_t cell)
{
    return cell == UINT32_MAX || (cell % 8 == 0 && cell < d->h->bins.n);
}

static bool key_at(const struct hive_deleted *d, uint32_t cell, struct hive_key *ret)
{
    struct err ignored = {0};
    struct hive_key k;
    if (hive_key_read(&d->view, cell, &k, &ignored) < 0)
        return false;
    bool good = k.name.raw.n > 0 && k.name.raw.n <= NAME_MOST && is_name(k.name) &&
                (k.flags & ~(uint32_t)KEY_FLAGS) == 0 && is_place(d, k.parent) &&
                is_place(d, k.values) && is_place(d, k.security) && k.modified != INSTANT_NONE;
    if (good)
        *ret = k;
    return good;
}

static bool value_at(const struct hive_deleted *d, uint32_t cell, struct hive_value *ret)
{
    struct err ignored = {0};
    struct hive_value v;
    if (hive_value_read(&d->view, cell, &v, &ignored) < 0)
        return false;
    bool good = v.name.raw.n <= VALUE_NAME_MOST && is_name(v.name) &&
                v.data_size <= DATA_MOST && v.type < HIVE_TYPES &&
                (v.inside ? v.data_size <= 4 : v.data_size == 0 || is_place(d, v.data_cell));
    if (good)
        *ret = v;
    return good;
}

static bool is_marked(const struct hive_deleted *d, uint32_t cell, const char *two)
{
    return memcmp(d->h->bins.p + cell + 4, two, 2) == 0;
}

static void find_keys(struct hive_deleted *d)
{
    struct hive_key k;
    for (size_t i = 0; i < d->n_free; i++)
        for (uint32_t at = d->free[i].from; d->free[i].to - at >= 8; at += 8) {
            if (!is_marked(d, at, "nk") || !key_at(d, at, &k))
                continue;
            d->keys = arena_grow(d->arena, d->keys, d->n_keys, &d->cap_keys, sizeof *d->keys);
            d->keys[d->n_keys++] = at;
        }
}

struct hive_deleted *hive_deleted_new(const struct hive *h, const struct hive_walk *w,
                                      struct arena *arena)
{
    struct hive_deleted *d = ARENA_NEW(arena, struct hive_deleted);
    d->h = h;
    d->walk = w;
    d->arena = arena;
    find_free(d);
    d->view = *h;
    d->view.freed = d->free;
    d->view.n_freed = d->n_free;
    if (d->n_free == 0)
        return d;
    d->path = ARENA_ARRAY(arena, char, HIVE_PATH);
    d->told = ARENA_ARRAY(arena, uint64_t, h->bins.n / 8 / 64 + 1);
    find_keys(d);
    return d;
}

const struct hive *hive_deleted_view(const struct hive_deleted *d)
{
    return &d->view;
}

/* --- whose it was ------------------------------------------------------------------------------ */

static bool was_deleted(const struct hive_deleted *d, uint32_t cell)
{
    size_t low = 0;
    size_t high = d->n_keys;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (d->keys[middle] < cell)
            low = middle + 1;
        else
            high = middle;
    }
    return low < d->n_keys && d->keys[low] == cell;
}

/* The key above another, where the reference can be true. living: whether the other is in use */
static bool parent_of(const struct hive_deleted *d, const struct hive_key *k, bool *living,
                      struct hive_key *ret)
{
    struct err ignored = {0};
    bool there =
        hive_walk_met(d->walk, k->parent) && hive_key_read(d->h, k->parent, ret, &ignored) == 0;
    if (!there && (*living || !was_deleted(d, k->parent) || !key_at(d, k->parent, ret)))
        return false;
    bool can_be = *living || ret->modified >= k->modified;
    *living = there;
    return can_be;
}

/* Writes a name, and '\' where something stands behind it, before the path's beginning at `at`. */
static bool put_before(struct hive_deleted *d, struct str name, size_t *at)
{
    size_t mark = *at < HIVE_PATH ? 1 : 0;
    if (name.n + mark > *at)
        return false;
    if (mark)
        d->path[--*at] = '\\';
    *at -= name.n;
    memcpy(d->path + *at, name.p, name.n);
    return true;
}

/* The path, made from its end. */
static void find_path(struct hive_deleted *d)
{
    struct arena_mark mark = arena_mark(d->arena);
    struct hive_key k = d->key;
    struct hive_key above;
    bool living = false;
    size_t at = HIVE_PATH;
    bool fits = put_before(d, hive_text(k.name, d->arena), &at);
    d->place = false;
    d->has_living = false;
    for (int depth = 0; fits && depth <= HIVE_DEPTH; depth++) {
        if (!parent_of(d, &k, &living, &above))
            break;
        k = above;
        if (depth == 0 && living) {
            d->living = k; /* the key above it, for now */
            d->has_living = true;
        }
        d->place = living && k.cell == d->h->root;
        if (d->place)
            break;
        fits = put_before(d, hive_text(k.name, d->arena), &at);
    }
    if (!d->place)
        (void)put_before(d, STR(HIVE_ORPHAN), &at);
    arena_back(d->arena, &mark);
    d->path_n = HIVE_PATH - at;
    memmove(d->path, d->path + at, d->path_n);
}

/* The key in use that has the path of a deleted one: it was made again, or moved. */
static void find_living(struct hive_deleted *d)
{
    struct arena_mark mark = arena_mark(d->arena);
    bool above = d->place && d->has_living && d->compares < COMPARES_MOST;
    struct hive_key parent = d->living;
    d->has_living = false;
    if (above) {
        d->compares += parent.n_subkeys;
        d->has_living =
            hive_find_subkey(d->h, &parent, hive_text(d->key.name, d->arena), &d->living);
    }
    arena_back(d->arena, &mark);
}

/* --- values ------------------------------------------------------------------------------------ */

static bool take(struct hive_deleted *d, uint32_t cell)
{
    uint64_t bit = (uint64_t)1 << cell / 8 % 64;
    uint64_t *word = &d->told[cell / 8 / 64];
    bool had = (*word & bit) != 0;
    *word |= bit;
    return !had;
}

/* Whether the living key has the same value. */
static bool still_there(struct hive_deleted *d, const struct hive_value *v)
{
    struct arena_mark mark = arena_mark(d->arena);
    struct err ignored = {0};
    struct hive_value own;
    struct bytes a = {0};
    struct bytes b = {0};
    bool same = false;
    if (d->has_living && d->compares < COMPARES_MOST) {
        d->compares += d->living.n_values;
        same = hive_find_value(d->h, &d->living, hive_text(v->name, d->arena), &own) &&
               own.type == v->type && own.data_size == v->data_size &&
               hive_data(d->h, &own, d->arena, &a, &ignored) == 0 &&
               hive_data(&d->view, v, d->arena, &b, &ignored) == 0 && bytes_eq(a, b);
    }
    arena_back(d->arena, &mark);
    return same;
}

static void give(struct hive_deleted *d, struct hive_item *ret, bool *ret_place)
{
    *ret = (struct hive_item){.key = &d->key, .path = {d->path, d->path_n}, .first = d->fresh};
    *ret_place = d->place;
    d->fresh = false;
}

static void enter(struct hive_deleted *d, uint32_t cell)
{
    d->in_key = key_at(d, cell, &d->key);
    d->fresh = true;
    d->any = false;
    d->list_at = 0;
    d->n_list = 0;
    if (!d->in_key)
        return;
    find_path(d);
    find_living(d);
    d->n_list = hive_value_cells(&d->view, &d->key, d->list, VALUES_MOST);
}

/* 1 an item of the key, 0 it has no more. */
static int next_of_key(struct hive_deleted *d, struct hive_item *ret, bool *ret_place)
{
    while (d->list_at < d->n_list) {
        uint32_t cell = d->list[d->list_at++];
        struct hive_value v;
        if (!value_at(d, cell, &v) || !take(d, cell))
            continue;
        d->any = true;
        if (still_there(d, &v))
            continue;
        give(d, ret, ret_place);
        ret->has_value = true;
        ret->value = v;
        return 1;
    }
    d->in_key = false;
    if (!d->fresh || d->any || d->has_living)
        return 0;
    give(d, ret, ret_place);
    return 1;
}

/* The next value that belongs to no deleted key; of a key in use, perhaps. */
static int next_value(struct hive_deleted *d, struct hive_item *ret, bool *ret_place)
{
    for (; d->at < d->n_free; d->at++, d->value_at = 0) {
        const struct hive_free *f = &d->free[d->at];
        uint32_t at = d->value_at > f->from ? d->value_at : f->from;
        for (; f->to - at >= 8; at += 8) {
            struct hive_value v;
            if (!is_marked(d, at, "vk") || !value_at(d, at, &v) || !take(d, at))
                continue;
            d->value_at = at + 8;
            d->key =
                (struct hive_key){.cell = (uint32_t)HIVE_NO_CELL, .modified = INSTANT_NONE};
            d->place = false;
            d->fresh = true;
            d->path_n = sizeof HIVE_ORPHAN - 1;
            memcpy(d->path, HIVE_ORPHAN, d->path_n);
            give(d, ret, ret_place);
            ret->has_value = true;
            ret->value = v;
            return 1;
        }
    }
    return 0;
}

int hive_deleted_next(struct hive_deleted *d, struct hive_item *ret, bool *ret_place)
{
    while (d->keys && (d->in_key || d->at < d->n_keys)) {
        if (!d->in_key)
            enter(d, d->keys[d->at++]);
        if (d->in_key && next_of_key(d, ret, ret_place))
            return 1;
    }
    if (d->keys) { /* behind the keys, from the start */
        d->keys = NULL;
        d->at = 0;
    }
    return next_value(d, ret, ret_place);
}
