/* hive_t.h - builds small registry hives in memory. */
#pragma once

#include "format/hive.h"
#include "t.h"

enum { T_HIVE_MOST = 256 * 1024, T_HIVE_KEYS = 64, T_HIVE_LIST = 64 };

struct t_hive_key {
    const char *name;
    int parent;
    uint32_t cell, values[T_HIVE_LIST], n_values;
    uint64_t filetime;
};

/* Keys and values are added first, lists and links written by t_hive_done. */
struct t_hive {
    uint8_t bytes[T_HIVE_MOST];
    uint32_t at; /* next cell, from the start of the bins */
    struct t_hive_key keys[T_HIVE_KEYS];
    int n_keys;
    const char *list; /* "lf", "lh", "li", or "ri" of "li" */
};

static const uint64_t T_HIVE_TIME = 132600000000000000; /* 2021-03-12T05:20:00Z */

static inline void t_put(uint8_t *p, uint64_t value, size_t width)
{
    for (size_t i = 0; i < width; i++)
        p[i] = (uint8_t)(value >> (8 * i));
}

static inline uint8_t *t_hive_at(struct t_hive *t, uint32_t cell)
{
    return t->bytes + HIVE_HEADER + cell;
}

static inline uint32_t t_hive_cell(struct t_hive *t, size_t content)
{
    uint32_t cell = t->at;
    uint32_t size = (uint32_t)((content + 4 + 7) & ~(size_t)7);
    t_put(t_hive_at(t, cell), 0U - size, 4);
    t->at += size;
    return cell;
}

static inline int t_hive_key(struct t_hive *t, int parent, const char *name)
{
    struct t_hive_key *k = &t->keys[t->n_keys];
    size_t n = strlen(name);
    *k = (struct t_hive_key){.name = name, .parent = parent, .filetime = T_HIVE_TIME};
    k->cell = t_hive_cell(t, 76 + n);
    uint8_t *p = t_hive_at(t, k->cell) + 4;
    memcpy(p, "nk", 2);
    t_put(p + 2, parent < 0 ? 0x2c : 0x20, 2);
    t_put(p + 28, UINT32_MAX, 4);
    t_put(p + 40, UINT32_MAX, 4);
    t_put(p + 44, UINT32_MAX, 4);
    t_put(p + 48, UINT32_MAX, 4);
    t_put(p + 72, n, 2);
    memcpy(p + 76, name, n);
    return t->n_keys++;
}

static inline struct t_hive *t_hive_new(void)
{
    struct t_hive *t = calloc(1, sizeof *t);
    if (!t)
        abort();
    t->at = 32;
    t->list = "lh";
    (void)t_hive_key(t, -1, "ROOT");
    return t;
}

/* A value with data in a cell of their own, or inside where they are small enough. */
static inline uint32_t t_hive_value(struct t_hive *t, int key, const char *name, uint32_t type,
                                    const void *data, size_t n)
{
    struct t_hive_key *k = &t->keys[key];
    size_t name_n = strlen(name);
    uint32_t cell = t_hive_cell(t, 20 + name_n);
    uint8_t *p = t_hive_at(t, cell) + 4;
    memcpy(p, "vk", 2);
    t_put(p + 2, name_n, 2);
    t_put(p + 12, type, 4);
    t_put(p + 16, 1, 2);
    memcpy(p + 20, name, name_n);
    if (n <= 4) {
        t_put(p + 4, n | 0x80000000U, 4);
        memcpy(p + 8, data, n);
    } else {
        uint32_t at = t_hive_cell(t, n);
        memcpy(t_hive_at(t, at) + 4, data, n);
        t_put(p + 4, n, 4);
        t_put(p + 8, at, 4);
    }
    k->values[k->n_values++] = cell;
    return cell;
}

static inline void t_hive_text(struct t_hive *t, int key, const char *name, const char *text)
{
    uint8_t wide[2048] = {0};
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        wide[2 * i] = (uint8_t)text[i];
    (void)t_hive_value(t, key, name, HIVE_SZ, wide, 2 * n + 2);
}

static inline void t_hive_number(struct t_hive *t, int key, const char *name, uint32_t number)
{
    uint8_t raw[4];
    t_put(raw, number, 4);
    (void)t_hive_value(t, key, name, HIVE_DWORD, raw, 4);
}

static inline uint32_t t_hive_leaf(struct t_hive *t, const char *kind, const uint32_t *cells,
                                   size_t n)
{
    size_t step = kind[1] == 'i' ? 4 : 8;
    uint32_t cell = t_hive_cell(t, 4 + n * step);
    uint8_t *p = t_hive_at(t, cell) + 4;
    memcpy(p, kind, 2);
    t_put(p + 2, n, 2);
    for (size_t i = 0; i < n; i++)
        t_put(p + 4 + i * step, cells[i], 4);
    return cell;
}

static inline uint32_t t_hive_list(struct t_hive *t, const uint32_t *cells, size_t n)
{
    uint32_t leaves[2];
    if (strcmp(t->list, "ri") != 0)
        return t_hive_leaf(t, t->list, cells, n);
    leaves[0] = t_hive_leaf(t, "li", cells, n / 2);
    leaves[1] = t_hive_leaf(t, "lh", cells + n / 2, n - n / 2);
    return t_hive_leaf(t, "ri", leaves, 2);
}

static inline void t_hive_link(struct t_hive *t, int key)
{
    struct t_hive_key *k = &t->keys[key];
    uint32_t below[T_HIVE_KEYS];
    size_t n = 0;
    for (int i = 0; i < t->n_keys; i++)
        if (t->keys[i].parent == key)
            below[n++] = t->keys[i].cell;
    uint32_t list = n ? t_hive_list(t, below, n) : UINT32_MAX;
    uint32_t values = UINT32_MAX;
    if (k->n_values) {
        values = t_hive_cell(t, (size_t)k->n_values * 4);
        for (uint32_t i = 0; i < k->n_values; i++)
            t_put(t_hive_at(t, values) + 4 + (size_t)i * 4, k->values[i], 4);
    }
    uint8_t *p = t_hive_at(t, k->cell) + 4;
    t_put(p + 4, k->filetime, 8);
    t_put(p + 16, k->parent < 0 ? 0 : t->keys[k->parent].cell, 4);
    t_put(p + 20, n, 4);
    t_put(p + 28, list, 4);
    t_put(p + 36, k->n_values, 4);
    t_put(p + 40, values, 4);
}

static inline void t_hive_seal(struct t_hive *t)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < 508; i += 4)
        sum ^= (uint32_t)t->bytes[i] | (uint32_t)t->bytes[i + 1] << 8 |
               (uint32_t)t->bytes[i + 2] << 16 | (uint32_t)t->bytes[i + 3] << 24;
    t_put(t->bytes + 508, sum, 4);
}

/* Writes lists, the bin and the header; the rest of the bin is one free cell. */
static inline struct bytes t_hive_done(struct t_hive *t)
{
    for (int i = 0; i < t->n_keys; i++)
        t_hive_link(t, i);
    uint32_t size = (t->at + 8 + 4095) & ~4095U;
    uint8_t *bin = t_hive_at(t, 0);
    memcpy(bin, "hbin", 4);
    t_put(bin + 8, size, 4);
    t_put(t_hive_at(t, t->at), size - t->at, 4);
    memcpy(t->bytes, "regf", 4);
    t_put(t->bytes + 4, 7, 4);
    t_put(t->bytes + 8, 7, 4);
    t_put(t->bytes + 20, 1, 4);
    t_put(t->bytes + 24, 5, 4);
    t_put(t->bytes + 32, 1, 4);
    t_put(t->bytes + 36, t->keys[0].cell, 4);
    t_put(t->bytes + 40, size, 4);
    t_put(t->bytes + 44, 1, 4);
    t_hive_seal(t);
    return (struct bytes){t->bytes, HIVE_HEADER + size};
}
