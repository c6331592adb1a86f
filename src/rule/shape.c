/* shape.c - see shape.h. */
#include "rule/shape.h"

#include <string.h>

enum {
    SHAPES_MAX = 256,   /* of one class of events: evidence may invent names */
    FIELDS_MAX = 256,   /* of an event that is worth it */
    SHAPE_BUCKETS = 64, /* shapes of a class are few */
    NAMES_MAX = 64,     /* bytes of a name that is worth keeping */
};

struct shape_field {
    struct str name;
    enum field_section section;
};

struct shape {
    uint64_t hash;
    enum event_kind kind;
    uint32_t n;
    struct shape_field *fields;
    struct places *places; /* of each name */
    struct shape *next;    /* in its bucket */
};

struct shapes {
    struct arena *arena;
    const struct str *names;
    uint32_t n;
    uint32_t n_shapes;
    const struct shape *last;
    struct shape *buckets[SHAPE_BUCKETS];
};

struct shapes *shapes_new(const struct str *names, uint32_t n, struct arena *arena)
{
    struct shapes *s = ARENA_NEW(arena, struct shapes);
    s->arena = arena;
    s->names = names;
    s->n = n;
    return s;
}

static bool is_shape(const struct shape *shape, const struct event *ev)
{
    if (shape->n != ev->n || shape->kind != ev->kind)
        return false;
    for (uint32_t i = 0; i < shape->n; i++)
        if (ev->fields[i].section != shape->fields[i].section ||
            !str_eq(ev->fields[i].name, shape->fields[i].name))
            return false;
    return true;
}

static uint64_t hash_of(const struct event *ev)
{
    uint64_t h = ev->n;
    for (size_t i = 0; i < ev->n; i++) {
        const struct field *f = &ev->fields[i];
        uint64_t start = 0;
        if (f->name.n)
            memcpy(&start, f->name.p, f->name.n < sizeof start ? f->name.n : sizeof start);
        h = (h ^ start ^ (uint64_t)f->name.n << 56 ^ f->section) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 32;
    }
    return h;
}

static bool worth_keeping(const struct shapes *s, const struct event *ev)
{
    if (s->n_shapes == SHAPES_MAX)
        return false;
    for (size_t i = 0; i < ev->n; i++)
        if (ev->fields[i].name.n > NAMES_MAX)
            return false;
    return true;
}

static struct places places_of(const struct event *ev, struct str name, struct arena *arena)
{
    uint16_t found[FIELDS_MAX];
    uint32_t n = 0;
    size_t at = 0;
    for (const struct field *f; (f = event_find(ev, name, &at)) != NULL;)
        found[n++] = (uint16_t)(f - ev->fields);
    uint16_t *list = n ? ARENA_ARRAY(arena, uint16_t, n) : NULL;
    if (n)
        memcpy(list, found, n * sizeof *list);
    return (struct places){list, n};
}

static const struct shape *keep(struct shapes *s, const struct event *ev, uint64_t hash)
{
    struct shape *shape = ARENA_NEW(s->arena, struct shape);
    struct shape **bucket = &s->buckets[hash % SHAPE_BUCKETS];
    *shape = (struct shape){.hash = hash,
                            .kind = ev->kind,
                            .n = (uint32_t)ev->n,
                            .fields = ARENA_ARRAY(s->arena, struct shape_field, ev->n),
                            .places = ARENA_ARRAY(s->arena, struct places, s->n),
                            .next = *bucket};
    for (size_t i = 0; i < ev->n; i++)
        shape->fields[i] = (struct shape_field){arena_str(s->arena, ev->fields[i].name),
                                                ev->fields[i].section};
    for (uint32_t i = 0; i < s->n; i++)
        shape->places[i] = places_of(ev, s->names[i], s->arena);
    *bucket = shape;
    s->n_shapes++;
    return shape;
}

const struct shape *shapes_of(struct shapes *s, const struct event *ev)
{
    if (s->last && is_shape(s->last, ev))
        return s->last;
    if (ev->n > FIELDS_MAX)
        return NULL;
    uint64_t hash = hash_of(ev);
    const struct shape *shape = s->buckets[hash % SHAPE_BUCKETS];
    while (shape && !(shape->hash == hash && is_shape(shape, ev)))
        shape = shape->next;
    if (!shape && worth_keeping(s, ev))
        shape = keep(s, ev, hash);
    if (shape)
        s->last = shape;
    return shape;
}

const struct places *shape_places(const struct shape *shape)
{
    return shape->places;
}
