#include "detect/runs.h"

#include "detect/origin.h"
#include "t.h"

enum { OUT_MAX = 64 << 20, KEYS = 1500 };

/* The same, looked for one by one from the newest on. */
struct slow {
    struct signal at[2048];
    size_t n;
    struct buf *out;
};

static void slow_write(struct slow *s)
{
    for (size_t i = 0; i < s->n; i++)
        signal_write(s->out, &s->at[i]);
    s->n = 0;
}

static struct signal *slow_start(struct slow *s, const struct run_key *key, instant t)
{
    if (s->n == sizeof s->at / sizeof *s->at)
        slow_write(s);
    s->at[s->n] = (struct signal){.type = key->type,
                                  .host = key->host,
                                  .text = key->text,
                                  .from = t,
                                  .to = t,
                                  .offset = key->offset};
    return &s->at[s->n++];
}

static bool slow_is(const struct signal *r, const struct run_key *key)
{
    return r->type == key->type && r->offset == key->offset && str_eq(r->host, key->host) &&
           str_eq(r->text, key->text);
}

static void slow_note(struct slow *s, const struct run_key *key, instant t)
{
    instant step = 5 * INSTANT_MINUTE;
    struct signal *found = NULL;
    for (size_t i = s->n; i > 0 && !found; i--) {
        struct signal *r = &s->at[i - 1];
        if (slow_is(r, key) &&
            (key->type != SIGNAL_COVER || (t >= r->from - step && t <= r->to + step)))
            found = r;
    }
    if (!found)
        found = slow_start(s, key, t);
    found->from = t < found->from ? t : found->from;
    found->to = t > found->to ? t : found->to;
    found->a++;
}

static void slow_note_id(struct slow *s, const struct run_key *key, instant t, uint64_t id)
{
    struct signal *found = NULL;
    for (size_t i = s->n; i > 0 && !found; i--)
        if (slow_is(&s->at[i - 1], key))
            found = &s->at[i - 1];
    if (!found || found->b + 1 != id || found->to - t > 5 * INSTANT_MINUTE) {
        found = slow_start(s, key, t);
        found->a = id;
    }
    found->b = id;
    found->to = t;
}

static uint32_t turn;

static uint32_t any(uint32_t below)
{
    turn = turn * 1664525 + 1013904223;
    return (turn >> 8) % below;
}

static struct run_key key_of(uint32_t k, struct arena *arena)
{
    static const enum signal_type types[] = {SIGNAL_COVER, SIGNAL_HOST, SIGNAL_VOTES,
                                             SIGNAL_IDS};
    return (struct run_key){types[k % 4], arena_printf(arena, "host%u", k / 8),
                            arena_printf(arena, "text%u", k % 8 / 4), k % 16 / 8};
}

/* Few keys drawn out, or so many runs that they are written in between. */
static void agrees_with_the_slow_one(void)
{
    static struct slow slow;
    for (uint32_t far = 0; far < 2; far++) {
        struct arena *arena = arena_new();
        struct buf a = buf_new(OUT_MAX);
        struct buf b = buf_new(OUT_MAX);
        struct runs *runs = runs_new(arena, &a);
        struct run_place places[KEYS] = {0};
        slow = (struct slow){.out = &b};
        for (int i = 0; i < 20000; i++) {
            uint32_t k = any(KEYS);
            struct run_key key = key_of(k, arena);
            struct run_place none = {0};
            struct run_place *place = any(3) ? &places[k] : &none;
            instant t = any(far ? 100000 : 60) * INSTANT_MINUTE;
            uint64_t id = any(3);
            if (key.type == SIGNAL_IDS) {
                runs_note_id(runs, place, &key, t, id);
                slow_note_id(&slow, &key, t, id);
            } else {
                runs_note(runs, place, &key, t);
                slow_note(&slow, &key, t);
            }
        }
        runs_write(runs);
        slow_write(&slow);
        T_OK(a.n > 0 && str_eq(buf_str(&a), buf_str(&b)));
        buf_free(&a);
        buf_free(&b);
        arena_free(arena);
    }
}

static void once_is_once(void)
{
    struct arena *arena = arena_new();
    struct buf a = buf_new(OUT_MAX);
    struct runs *runs = runs_new(arena, &a);
    struct run_key key = {SIGNAL_HOST, STR("h"), STR("t"), 0};
    runs_note_once(runs, &key, 7);
    runs_note_once(runs, &key, 9);
    runs_write(runs);
    struct cur in = cur_of(str_bytes(buf_str(&a)), 0);
    struct signal s = {0};
    struct err err = {0};
    T_EQ(signal_read(&in, arena, &s, &err), 1);
    T_EQ(s.from, 7);
    T_EQ(s.to, 7);
    T_EQ(s.a, 0);
    T_EQ(signal_read(&in, arena, &s, &err), 0);
    buf_free(&a);
    arena_free(arena);
}

/* More origins than are kept, texts that have no room, and names that share beginnings. */
static void origins_have_their_own_names(void)
{
    const struct cover_event covers[] = {
        {STR("Channel1"), 1}, {STR("channel1"), 2}, {STR("Other"), 1}};
    struct arena *arena = arena_new();
    struct detect_config config = {.cover_events = covers, .n_cover_events = 3};
    struct origins *origins = origins_new(&config, arena);
    for (int i = 0; i < 4000; i++) {
        struct arena *one = arena_new();
        uint32_t c = any(3);
        struct str provider = arena_printf(one, "P%0*u", i % 50 ? 4 : 900, any(40));
        struct event ev = {.kind = EVENT_WINDOWS,
                           .channel = arena_printf(one, "Channel%u", c),
                           .provider = provider,
                           .host = arena_printf(one, "H%u", any(4)),
                           .part = any(2) ? STR("p") : STR("")};
        const struct origin *o = origin_of(origins, &ev, one);
        struct str source = arena_printf(one, "windows:Channel%u", c);
        T_OK(str_eq(o->source, source));
        T_OK(str_eq(o->covers,
                    ev.part.n ? arena_printf(one, "%.*s|p", STR_ARG(source)) : source));
        T_OK(str_eq(o->provides, arena_printf(one, "Channel%u|%.*s", c, STR_ARG(provider))));
        T_EQ(o->n_events, c == 1 ? 2 : 0);
        arena_free(one);
    }
    arena_free(arena);
}

int main(void)
{
    T_RUN(agrees_with_the_slow_one);
    T_RUN(once_is_once);
    T_RUN(origins_have_their_own_names);
    return t_done();
}
