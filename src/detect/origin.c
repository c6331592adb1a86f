#include "detect/origin.h"

#include <stdio.h>
#include <string.h>

enum { KEPT = 64 };

struct origins {
    const struct detect_config *config;
    struct origin *kept;
    struct origin *last;   /* of them: mostly it is that of the next event, too */
    struct origin passing; /* one that has no room */
};

struct origins *origins_new(const struct detect_config *config, struct arena *arena)
{
    struct origins *o = ARENA_NEW(arena, struct origins);
    o->config = config;
    o->kept = ARENA_ARRAY(arena, struct origin, KEPT);
    o->last = o->kept;
    return o;
}

/* Readers give the same text at the same place for one record after the other. */
static bool is_same(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || a.p == b.p || memcmp(a.p, b.p, a.n) == 0);
}

static bool is_of(const struct origin *o, const struct event *ev)
{
    return o->used && o->kind == ev->kind && is_same(o->provider, ev->provider) &&
           is_same(o->channel, ev->channel) && is_same(o->host, ev->host) &&
           is_same(o->part, ev->part);
}

static uint32_t tail_of(struct str s)
{
    uint32_t h = (uint32_t)s.n;
    for (size_t i = s.n > 8 ? s.n - 8 : 0; i < s.n; i++)
        h = h * 31 + (unsigned char)s.p[i];
    return h;
}

static uint32_t slot_of(const struct event *ev)
{
    uint32_t h = tail_of(ev->channel) * 0x85ebca6b ^ tail_of(ev->provider) * 0xc2b2ae35 ^
                 tail_of(ev->host) * 0x9e3779b1 ^ tail_of(ev->part) ^ (uint32_t)ev->kind << 24;
    return (h ^ h >> 15) * 0x2c1b3c6d >> 26;
}

_Static_assert(KEPT == 1 << (32 - 26), "slots are the upper bits");

static bool keep(struct origin *o, struct str text, struct str *ret)
{
    if (text.n > ORIGIN_TEXT - o->n)
        return false;
    if (text.n)
        memcpy(o->room + o->n, text.p, text.n);
    *ret = (struct str){o->room + o->n, text.n};
    o->n += text.n;
    return true;
}

static void name_events(struct origins *all, struct origin *o, struct arena *arena)
{
    for (size_t i = 0; o->kind == EVENT_WINDOWS && i < all->config->n_cover_events; i++) {
        const struct cover_event *c = &all->config->cover_events[i];
        if (!str_ieq(c->channel, o->channel))
            continue;
        struct str text =
            arena_printf(arena, "%.*s/%u", STR_ARG(o->source), (unsigned)c->event_id);
        if (o->n_events == ORIGIN_EVENTS || (o->used && !keep(o, text, &text))) {
            o->more_events = true;
            return;
        }
        o->events[o->n_events++] = (struct origin_event){c->event_id, text, {0}};
    }
}

/* The names, in the event's memory. */
static void name(struct origin *o, const struct event *ev, struct arena *arena)
{
    *o = (struct origin){.kind = ev->kind,
                         .channel = ev->channel,
                         .provider = ev->provider,
                         .host = ev->host,
                         .part = ev->part};
    o->source = ev->kind == EVENT_WINDOWS
                    ? arena_printf(arena, "windows:%.*s", STR_ARG(ev->channel))
                    : str_of(event_kind_source(ev->kind));
    o->covers = o->source;
    if (ev->part.n)
        o->covers = arena_printf(arena, "%.*s|%.*s", STR_ARG(o->source), STR_ARG(ev->part));
    o->provides = arena_printf(arena, "%.*s|%.*s", STR_ARG(ev->channel), STR_ARG(ev->provider));
}

static bool keep_all(struct origin *o)
{
    return keep(o, o->channel, &o->channel) && keep(o, o->provider, &o->provider) &&
           keep(o, o->host, &o->host) && keep(o, o->part, &o->part) &&
           keep(o, o->source, &o->source) && keep(o, o->covers, &o->covers) &&
           keep(o, o->provides, &o->provides);
}

struct origin *origin_of(struct origins *origins, const struct event *ev, struct arena *arena)
{
    if (is_of(origins->last, ev))
        return origins->last;
    struct origin *o = origins->last = &origins->kept[slot_of(ev)];
    if (is_of(o, ev))
        return o;
    name(o, ev, arena);
    o->used = keep_all(o);
    if (!o->used) {
        o = &origins->passing;
        name(o, ev, arena);
    }
    name_events(origins, o, arena);
    return o;
}
