#include "rule/verdicts.h"

#include <stddef.h>
#include <string.h>

#include "base/hash.h"

enum {
    WAYS = 4,
    SETS = 1 << 13,
    MET = 1 << 16,
    POOL_BYTES = 16 << 20, /* of keys and verdicts; then they are forgotten */
    RULES_MAX = 256,       /* of one verdict */
    SHAPES = 2048,
    SHAPES_MAX = 1024,
    PRINTS_BYTES = 2 << 20, /* of prints; then they are forgotten */
    PRINT_MAX = 64 << 10,
};

struct kept {
    uint64_t hash;
    const uint8_t *key; /* NULL: nothing is kept */
    size_t n;
    struct verdict verdict;
};

struct shape {
    uint64_t number; /* 0: none */
    uint64_t hash;
    struct bytes print;
};

struct pool {
    char *at;
    size_t used, size;
};

struct verdicts {
    struct arena *arena;
    struct pool kept_pool, print_pool;
    struct kept (*kept)[WAYS];
    uint32_t (*tags)[WAYS]; /* beside them: parts of their hashes, which lie near each other */
    uint32_t *met;          /* hashes of what was asked for */
    unsigned turn;          /* which way of a set is given up next */
    struct shape *shapes;
    size_t n_shapes;
    uint64_t hash; /* of the key that was asked for last, */
    bool again;    /* which was asked for before */
};

struct verdicts *verdicts_new(struct arena *arena)
{
    struct verdicts *v = ARENA_NEW(arena, struct verdicts);
    v->arena = arena;
    return v;
}

static void make_room(struct verdicts *v)
{
    v->kept = arena_alloc(v->arena, SETS, sizeof *v->kept);
    v->tags = arena_alloc(v->arena, SETS, sizeof *v->tags);
    v->met = ARENA_ARRAY(v->arena, uint32_t, MET);
    v->shapes = ARENA_ARRAY(v->arena, struct shape, SHAPES);
    v->kept_pool = (struct pool){ARENA_ARRAY(v->arena, char, POOL_BYTES), 0, POOL_BYTES};
    v->print_pool = (struct pool){ARENA_ARRAY(v->arena, char, PRINTS_BYTES), 0, PRINTS_BYTES};
}

/* NULL if there is no room. */
static void *take(struct pool *pool, size_t n)
{
    size_t want = (n + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
    if (want > pool->size - pool->used)
        return NULL;
    void *p = pool->at + pool->used;
    pool->used += want;
    return p;
}

/* --- shapes ---------------------------------------------------------------------------------- */

static void forget_shapes(struct verdicts *v)
{
    memset(v->shapes, 0, SHAPES * sizeof *v->shapes);
    v->n_shapes = 0;
    v->print_pool.used = 0;
}

/* A number that stands for the print in all tables of this process, and for no other print; 0 if
 * there is none. */
static uint64_t number_of(struct verdicts *v, struct bytes print)
{
    static uint64_t last_number;
    if (print.n > PRINT_MAX)
        return 0;
    uint64_t hash = hash_bytes(print);
    size_t at = hash % SHAPES;
    for (; v->shapes[at].number; at = (at + 1) % SHAPES)
        if (v->shapes[at].hash == hash && bytes_eq(v->shapes[at].print, print))
            return v->shapes[at].number;
    uint8_t *copy = v->n_shapes < SHAPES_MAX ? take(&v->print_pool, print.n) : NULL;
    if (!copy) {
        forget_shapes(v);
        copy = take(&v->print_pool, print.n);
        at = hash % SHAPES;
    }
    if (print.n)
        memcpy(copy, print.p, print.n);
    v->n_shapes++;
    v->shapes[at] = (struct shape){++last_number, hash, {copy, print.n}};
    return last_number;
}

/* --- verdicts -------------------------------------------------------------------------------- */

static void complete(struct event_key *key, const struct wish *wish, unsigned salt)
{
    uint32_t head[2] = {wish->id, salt};
    _Static_assert(sizeof head + sizeof *key->mark == EVENT_KEY_HEAD, "it fills the head");
    memcpy(key->bytes, head, sizeof head);
    memcpy(key->bytes + sizeof head, key->mark, sizeof *key->mark);
}

static bool is_kept(const struct kept *k, const struct event_key *key)
{
    return k->key && k->n == key->n && memcmp(k->key, key->bytes, key->n) == 0;
}

bool verdicts_find(struct verdicts *v, const struct wish *wish, unsigned salt,
                   struct event_key *key, struct verdict *ret)
{
    if (!v->kept)
        make_room(v);
    if (*key->mark == 0)
        *key->mark = number_of(v, key->print);
    complete(key, wish, salt);
    v->hash = hash_bytes((struct bytes){key->bytes, key->n});
    const struct kept *set = v->kept[v->hash % SETS];
    const uint32_t *tags = v->tags[v->hash % SETS];
    uint32_t tag = (uint32_t)(v->hash >> 32);
    for (size_t i = 0; i < WAYS; i++)
        if (tags[i] == tag && set[i].hash == v->hash && is_kept(&set[i], key)) {
            *ret = set[i].verdict;
            return true;
        }
    uint32_t upper = (uint32_t)(v->hash >> 32);
    uint32_t *met = &v->met[v->hash % MET];
    v->again = *met == upper;
    *met = upper;
    return false;
}

static bool keep(struct verdicts *v, const struct event_key *key, const struct verdict *verdict)
{
    size_t rules = verdict->n * sizeof *verdict->rules;
    size_t marks = verdict->n * sizeof *verdict->marks;
    uint8_t *bytes = take(&v->kept_pool, key->n);
    uint32_t *to = take(&v->kept_pool, rules);
    unsigned *beside = take(&v->kept_pool, marks);
    if (!bytes || !to || !beside)
        return false;
    memcpy(bytes, key->bytes, key->n);
    if (verdict->n) {
        memcpy(to, verdict->rules, rules);
        memcpy(beside, verdict->marks, marks);
    }
    struct kept *set = v->kept[v->hash % SETS];
    size_t way = v->turn++ % WAYS;
    for (size_t i = 0; i < WAYS; i++)
        way = set[i].key ? way : i;
    v->tags[v->hash % SETS][way] = (uint32_t)(v->hash >> 32);
    set[way] = (struct kept){v->hash, bytes, key->n, {to, beside, verdict->n}};
    return true;
}

void verdicts_learn(struct verdicts *v, const struct event_key *key,
                    const struct verdict *verdict)
{
    if (!v->again || *key->mark == 0 || verdict->n > RULES_MAX || keep(v, key, verdict))
        return;
    memset(v->kept, 0, SETS * sizeof *v->kept);
    v->kept_pool.used = 0;
    (void)keep(v, key, verdict);
}
