/* wish_check.h - holds events that were filled for a wish against whole ones: for the names of
 * the wish, event_find must give the same; and events with the same key must be filled alike.
 * Shared by a test over logs and a fuzz target. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/source.h"

enum {
    WISH_POOL = 1024, /* names that were seen */
    WISH_NAMES = 24,  /* of one wish, at most */
    WISH_COUNT = 32,
    WISH_LETTERS = 128,
    WISH_KEYS = 1 << 16, /* that are remembered */
};

struct wish_key { /* hashes of a key, and of what was filled where it was first met */
    uint64_t key, filled;
};

struct wish_pool {
    char text[WISH_POOL][WISH_LETTERS];
    struct str names[WISH_POOL];
    size_t n;
    struct str wished[WISH_COUNT][WISH_NAMES];
    char made[WISH_COUNT][WISH_NAMES][2 * WISH_LETTERS];
    struct wish wishes[WISH_COUNT];
    uint64_t random;
    uint64_t some, whole; /* events that were filled in part, or as a whole after all */
    uint64_t values;
    struct wish_key keys[WISH_KEYS];
    uint64_t repeated; /* events with a key that was met before */
};

static inline size_t wish_random(struct wish_pool *p, size_t below)
{
    p->random = p->random * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return (size_t)(p->random >> 33) % below;
}

static inline void wish_see(struct wish_pool *p, struct str name)
{
    if (p->n == WISH_POOL || name.n > WISH_LETTERS)
        return;
    for (size_t i = 0; i < p->n; i++)
        if (str_eq(p->names[i], name))
            return;
    if (name.n)
        memcpy(p->text[p->n], name.p, name.n);
    p->names[p->n] = (struct str){p->text[p->n], name.n};
    p->n++;
}

static inline void wish_see_all(struct wish_pool *p, struct bytes file)
{
    struct arena *a = arena_new();
    struct arena *one = arena_new();
    struct source *s = source_open(file, FORMAT_EVTX, STR("x"), (struct span){.to = file.n}, a);
    struct event ev;
    struct span gap;
    struct err err = {0};
    for (int got; (got = source_next(s, one, &ev, &gap, &err)) != 0; arena_reset(one)) {
        if (got > 0)
            source_fill(s, one, &ev);
        for (size_t i = 0; got > 0 && i < ev.n; i++)
            wish_see(p, ev.fields[i].name);
    }
    source_close(s);
    arena_free(one);
    arena_free(a);
}

/* A name as it was seen, or written in another way. */
static inline struct str wish_name(struct wish_pool *p, char *to)
{
    static const char *const others[] = {
        "WebPath", "ImageName", "Pid Number", "appPool",   "Nothing",
        "",        " ",         "EventID",    "processid", "Compiled Page"};
    if (p->n == 0 || wish_random(p, 8) == 0)
        return str_of(others[wish_random(p, sizeof others / sizeof *others)]);
    struct str name = p->names[wish_random(p, p->n)];
    size_t how = wish_random(p, 4);
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (how == 3 && wish_random(p, 4) == 0)
            to[n++] = ' ';
        to[n++] = how >= 2 && wish_random(p, 2) ? ascii_lower(c) : c;
    }
    return (struct str){to, n};
}

static inline void wish_make(struct wish_pool *p)
{
    for (size_t w = 0; w < WISH_COUNT; w++) {
        size_t n = 1 + wish_random(p, WISH_NAMES);
        for (size_t i = 0; i < n; i++)
            p->wished[w][i] = wish_name(p, p->made[w][i]);
        p->wishes[w] =
            (struct wish){.names = p->wished[w], .n = (uint32_t)n, .id = (uint32_t)w + 1};
    }
}

static inline void wish_differs(struct str name, const struct event *ev)
{
    (void)fprintf(stderr, "record %llu at %llu: a partial event answers otherwise for '%.*s'\n",
                  (unsigned long long)ev->record, (unsigned long long)ev->offset,
                  STR_ARG(name));
    abort();
}

static inline const struct field *wish_next(const struct event *ev, uint16_t name, size_t *at)
{
    while (*at < ev->n_wished && ev->wished[*at].name != name)
        (*at)++;
    return *at < ev->n_wished ? &ev->fields[ev->wished[(*at)++].field] : NULL;
}

static inline bool wish_same(const struct field *a, const struct field *b)
{
    return a->section == b->section && a->type == b->type && str_eq(a->name, b->name) &&
           str_eq(a->value, b->value);
}

static inline void wish_compare(struct wish_pool *p, const struct wish *wish,
                                const struct event *whole, const struct event *some)
{
    for (uint16_t i = 0; i < wish->n; i++) {
        size_t at[3] = {0};
        const struct field *f;
        do {
            f = event_find(whole, wish->names[i], &at[0]);
            const struct field *g = event_find(some, wish->names[i], &at[1]);
            if (!f != !g || (f && !wish_same(f, g)))
                wish_differs(wish->names[i], whole);
            const struct field *h = some->wish ? wish_next(some, i, &at[2]) : g;
            if (h != g)
                wish_differs(wish->names[i], whole);
            p->values += f != NULL;
        } while (f);
    }
}

static inline uint64_t wish_hash(uint64_t h, const void *p, size_t n)
{
    const unsigned char *b = p;
    h = (h ^ n) * UINT64_C(0x9e3779b97f4a7c15);
    for (size_t i = 0; i < n; i++)
        h = (h ^ b[i]) * UINT64_C(0x100000001b3);
    return h ^ h >> 29;
}

static inline void wish_check_key(struct wish_pool *p, struct source *s,
                                  const struct wish *wish, bool also, const struct event *head,
                                  const struct event *some)
{
    struct event_key key;
    if (!source_event_key(s, head, wish, &key))
        return;
    uint64_t h = wish_hash(also, key.print.p, key.print.n);
    uint64_t filled = wish_hash(0, head->provider.p, head->provider.n);
    h = wish_hash(h, key.bytes + EVENT_KEY_HEAD, key.n - EVENT_KEY_HEAD);
    for (uint32_t i = 0; i < wish->n; i++)
        h = wish_hash(h, wish->names[i].p, wish->names[i].n);
    filled = wish_hash(filled, head->host.p, head->host.n);
    for (size_t i = 0; i < some->n; i++) {
        const struct field *f = &some->fields[i];
        filled = wish_hash(filled ^ f->section ^ f->type << 8, f->name.p, f->name.n);
        filled = wish_hash(filled, f->value.p, f->value.n);
    }
    filled = wish_hash(filled, some->wished, some->n_wished * sizeof *some->wished);
    struct wish_key *met = &p->keys[h % WISH_KEYS];
    p->repeated += met->key == h;
    if (met->key == h && met->filled != filled)
        wish_differs(STR("(its key)"), head);
    *met = (struct wish_key){h, filled};
}

/* Each event of a log for some of the wishes. */
static inline void wish_check(struct wish_pool *p, struct bytes file, size_t each)
{
    struct arena *a = arena_new();
    struct arena *one = arena_new();
    struct source *s = source_open(file, FORMAT_EVTX, STR("x"), (struct span){.to = file.n}, a);
    static const struct str besides[] = {{"CommandLine", 11}, {"payload", 7}};
    static const struct wish also = {.names = besides, .n = 2, .id = 99};
    struct event ev;
    struct span gap;
    struct err err = {0};
    bool besides_too = wish_random(p, 2) != 0;
    if (besides_too)
        source_also(s, &also);
    for (int got; (got = source_next(s, one, &ev, &gap, &err)) != 0; arena_reset(one)) {
        struct event whole = ev;
        if (got > 0)
            source_fill(s, one, &whole);
        for (size_t i = 0; got > 0 && i < each; i++) {
            const struct wish *wish = &p->wishes[wish_random(p, WISH_COUNT)];
            struct event some = ev;
            source_fill_some(s, one, &some, wish);
            wish_compare(p, wish, &whole, &some);
            wish_check_key(p, s, wish, besides_too, &ev, &some);
            *(some.wish ? &p->some : &p->whole) += 1;
        }
    }
    source_close(s);
    arena_free(one);
    arena_free(a);
}
