#include "detect/runs.h"

#include <string.h>

enum {
    RUNS_MAX = 2048, /* held before they are written out */
    SLOTS = 2 * RUNS_MAX,
    STEP_MINUTES = 5, /* silence that starts a new coverage run: below any tolerance */
    BACK_MINUTES = 5, /* by which a record may be earlier than the one before it */
};

struct run {
    struct run_key key;
    uint32_t hash;
    uint32_t before; /* number + 1 of an older one of the same key; 0: none */
    instant from, to;
    uint64_t count;
    uint64_t first_id; /* record ids; count is unused */
    uint64_t last_id;
};

struct runs {
    struct arena *arena;
    struct buf *out;
    struct run *at;
    size_t n, cap;         /* the table grows: most files need a few */
    uint16_t slots[SLOTS]; /* open addressing by key: number + 1 of its newest run */
    uint32_t turn;         /* places of an earlier one mean nothing */
};

struct runs *runs_new(struct arena *arena, struct buf *out)
{
    struct runs *r = ARENA_NEW(arena, struct runs);
    r->arena = arena;
    r->out = out;
    r->turn = 1;
    return r;
}

void runs_write(struct runs *r)
{
    for (size_t i = 0; r->at && i < r->n; i++) {
        const struct run *run = &r->at[i];
        bool ids = run->key.type == SIGNAL_IDS;
        signal_write(r->out, &(struct signal){.type = run->key.type,
                                              .host = run->key.host,
                                              .text = run->key.text,
                                              .from = run->from,
                                              .to = run->to,
                                              .a = ids ? run->first_id : run->count,
                                              .b = run->last_id,
                                              .offset = run->key.offset});
    }
    r->n = 0;
    memset(r->slots, 0, sizeof r->slots);
    r->turn++;
}

static uint32_t mix_text(uint32_t h, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x01000193;
    return (h ^ (uint32_t)s.n) * 0x85ebca6b;
}

static uint32_t hash_of(const struct run_key *key)
{
    uint32_t h = mix_text(mix_text((uint32_t)key->type, key->host), key->text);
    h ^= (uint32_t)((uint64_t)key->offset * UINT64_C(0x9e3779b97f4a7c15) >> 32);
    return h ^ h >> 16;
}

static bool is_key(const struct run *run, uint32_t hash, const struct run_key *key)
{
    return run->hash == hash && run->key.type == key->type && run->key.offset == key->offset &&
           str_eq(run->key.text, key->text) && str_eq(run->key.host, key->host);
}

/* The newest run of a key, NULL if it has none; *place is where it is, or would be. */
static struct run *newest(struct runs *r, struct run_place *place, const struct run_key *key)
{
    if (place->turn == r->turn && r->slots[place->slot])
        return &r->at[r->slots[place->slot] - 1];
    uint32_t hash = hash_of(key);
    uint32_t slot = hash % SLOTS;
    while (r->slots[slot] && !is_key(&r->at[r->slots[slot] - 1], hash, key))
        slot = (slot + 1) % SLOTS;
    place->slot = slot;
    place->turn = r->slots[slot] ? r->turn : 0; /* another key may take a free one */
    return r->slots[slot] ? &r->at[r->slots[slot] - 1] : NULL;
}

static struct run *start(struct runs *r, struct run_place *place, const struct run_key *key,
                         instant t)
{
    if (r->n == RUNS_MAX) {
        runs_write(r);
        (void)newest(r, place, key);
    }
    r->at = arena_grow(r->arena, r->at, r->n, &r->cap, sizeof *r->at);
    struct run *run = &r->at[r->n++];
    *run = (struct run){
        .key = {key->type, arena_str(r->arena, key->host), arena_str(r->arena, key->text),
                key->offset},
        .hash = hash_of(key),
        .before = r->slots[place->slot],
        .from = t,
        .to = t,
    };
    r->slots[place->slot] = (uint16_t)r->n;
    place->turn = r->turn;
    return run;
}

static bool reaches(const struct run *run, instant t)
{
    instant step = STEP_MINUTES * INSTANT_MINUTE;
    return run->key.type != SIGNAL_COVER || (t >= run->from - step && t <= run->to + step);
}

/* Logs are in order of time, nearly: the newest run is looked at first. */
void runs_note(struct runs *r, struct run_place *place, const struct run_key *key, instant t)
{
    struct run *run = newest(r, place, key);
    while (run && !reaches(run, t))
        run = run->before ? &r->at[run->before - 1] : NULL;
    if (!run)
        run = start(r, place, key, t);
    run->from = t < run->from ? t : run->from;
    run->to = t > run->to ? t : run->to;
    run->count++;
}

void runs_note_id(struct runs *r, struct run_place *place, const struct run_key *key, instant t,
                  uint64_t id)
{
    struct run *run = newest(r, place, key);
    bool back = run && run->to != INSTANT_NONE && t != INSTANT_NONE &&
                run->to - t > BACK_MINUTES * INSTANT_MINUTE;
    if (!run || id != run->last_id + 1 || back) {
        run = start(r, place, key, t);
        run->first_id = id;
    }
    run->last_id = id;
    run->to = t;
}

void runs_note_once(struct runs *r, const struct run_key *key, instant t)
{
    struct run_place place = {0};
    if (!newest(r, &place, key))
        (void)start(r, &place, key, t);
}
