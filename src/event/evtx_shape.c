#include "event/evtx_shape.h"

#include <string.h>

enum {
    SLOTS = 1024,
    SHAPES_MAX = 768,       /* then the table starts anew */
    POOL_BYTES = 1 << 20,   /* so it does when this is used up */
    INSTANCES_KEPT = 16,    /* a record of more is not kept */
    HOLES_MAX = 2048,       /* of one shape */
    NAMES_MAX = 4096,       /* of a wish and what is filled besides */
    COMPARED_MAX = 1 << 18, /* names with names, for one shape */
};

struct place { /* one instance: its template, and where it stands */
    uint32_t plan;
    uint16_t hole;
    uint8_t parent;
};

struct kept {
    uint64_t hash;
    uint32_t wish;
    uint32_t n_places;
    const struct place *places;
    bool useless; /* all fields must be filled */
    struct evtx_shape shape;
};

struct name;

struct evtx_shapes {
    struct arena *arena;
    const struct wish *also;
    struct kept **slots;
    const struct kept *last;
    size_t n;
    char *pool;
    size_t used;
    struct name *names; /* scratch for finding out */
    struct evtx_shape_hole *holes;
    struct evtx_field *fields;
};

struct evtx_shapes *evtx_shapes_new(struct arena *arena)
{
    struct evtx_shapes *s = ARENA_NEW(arena, struct evtx_shapes);
    s->arena = arena;
    return s;
}

static void forget(struct evtx_shapes *s)
{
    if (s->slots)
        memset(s->slots, 0, SLOTS * sizeof *s->slots);
    s->last = NULL;
    s->n = 0;
    s->used = 0;
}

void evtx_shapes_also(struct evtx_shapes *s, const struct wish *also)
{
    s->also = also;
    forget(s);
}

/* Memory of the table; NULL if there is no more. */
static void *take(struct evtx_shapes *s, size_t n, size_t size)
{
    size_t want = (n * size + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
    if (want > POOL_BYTES - s->used)
        return NULL;
    void *p = s->pool + s->used;
    s->used += want;
    return p;
}

/* --- finding a shape again ------------------------------------------------------------------ */

/* 0 if the record has no shape that can be kept. */
static uint64_t hash_of(const struct evtx_record *r, const struct wish *wish)
{
    uint64_t h = wish->id * UINT64_C(0x9e3779b97f4a7c15);
    if (r->n > INSTANCES_KEPT)
        return 0;
    for (unsigned i = 0; i < r->n; i++) {
        const struct evtx_instance *in = &r->instances[i];
        if (in->plan->number == 0)
            return 0;
        uint64_t place =
            in->plan->number | (uint64_t)in->hole << 32 | (uint64_t)in->parent << 48;
        h = (h ^ place) * UINT64_C(0xff51afd7ed558ccd);
        h ^= h >> 33;
    }
    return h | 1;
}

static bool is_shape_of(const struct kept *k, uint64_t hash, const struct evtx_record *r,
                        const struct wish *wish)
{
    if (k->hash != hash || k->wish != wish->id || k->n_places != r->n)
        return false;
    for (unsigned i = 0; i < r->n; i++) {
        const struct evtx_instance *in = &r->instances[i];
        const struct place *p = &k->places[i];
        if (p->plan != in->plan->number || p->hole != in->hole || p->parent != in->parent)
            return false;
    }
    return true;
}

/* --- finding out ------------------------------------------------------------------------------ */

struct name { /* one that is asked for */
    struct str text;
    uint32_t hash;
    int32_t wish;    /* its number in the wish; -1: filled besides */
    int32_t derived; /* a derived field may have it; else -1 */
    int32_t first;   /* hole that has it; -1: none yet */
    bool doubt;
};

struct finding {
    struct name *names;
    size_t n_names;
    struct evtx_shape_hole *holes;
    struct evtx_field *fields; /* beside `holes` */
    size_t n_holes;
    size_t n_links;
    unsigned derive;
    size_t all;
    bool joined;
    bool useless;
};

static void add_name(struct finding *f, struct str text, int32_t wish)
{
    f->names[f->n_names++] = (struct name){
        .text = text,
        .hash = event_name_hash(text),
        .wish = wish,
        .derived = windows_derived_number(text),
        .first = -1,
        .doubt = text.n == 0,
    };
}

static bool has_name(const struct finding *f, struct str text)
{
    for (size_t i = 0; i < f->n_names; i++)
        if (str_eq(f->names[i].text, text))
            return true;
    return false;
}

/* What is wished for, what is asked for besides, and what wished fields are derived from. */
static void gather_names(struct finding *f, const struct wish *wish, const struct wish *also)
{
    for (uint32_t i = 0; i < wish->n; i++)
        add_name(f, wish->names[i], (int32_t)i);
    for (uint32_t i = 0; also && i < also->n; i++)
        if (!has_name(f, also->names[i]))
            add_name(f, also->names[i], -1);
    size_t asked = f->n_names;
    for (size_t i = 0; i < asked; i++)
        if (f->names[i].derived >= 0)
            f->derive |= windows_derivation_of((unsigned)f->names[i].derived);
    for (unsigned i = 0; i < WINDOWS_INPUTS; i++)
        if ((f->derive & windows_input_use(i)) && !has_name(f, windows_input_name(i)))
            add_name(f, windows_input_name(i), -1);
}

static bool is_same_kind(const struct evtx_field *a, const struct evtx_field *b)
{
    return (a->section == EVTX_SYSTEM) == (b->section == EVTX_SYSTEM) &&
           str_eq(a->hole->name, b->hole->name);
}

/* How many names a field may be found by. */
static size_t count_names(struct finding *f, const struct evtx_field *field)
{
    uint32_t hash = event_name_hash(field->hole->name);
    size_t found = 0;
    for (size_t i = 0; i < f->n_names; i++) {
        struct name *n = &f->names[i];
        if (n->hash != hash || !event_name_like(n->text, field->hole->name))
            continue;
        found++;
        if (n->first < 0)
            n->first = (int32_t)f->n_holes;
        n->doubt |= field->hole->name.n == 0 || n->derived >= 0 ||
                    !is_same_kind(&f->fields[n->first], field);
    }
    return found;
}

static bool is_always_there(const struct evtx_hole *hole)
{
    return hole->kind != EVTX_NEST && !hole->optional;
}

/* False if the record's shape is of no use. */
static bool find_holes(struct finding *f, const struct evtx_record *r)
{
    struct evtx_fields it = evtx_fields_of(r);
    struct evtx_field field;
    bool entered;
    const struct evtx_instance *head = &r->instances[0];
    while (evtx_holes_next(&it, &field, &entered)) {
        if (entered)
            continue;
        if (field.hole->name_value != EVTX_LITERAL || f->all++ == HOLES_MAX ||
            f->all * f->n_names > COMPARED_MAX)
            return false;
        f->joined |= field.hole->parts > 1;
        f->fields[f->n_holes] = field;
        if (count_names(f, &field) == 0)
            continue;
        f->holes[f->n_holes++] = (struct evtx_shape_hole){
            .hole = (uint16_t)(field.hole - field.instance->plan->holes),
            .instance = (uint8_t)(field.instance - r->instances),
            .section = (uint8_t)field.section,
            .event_id = field.instance == head && head->plan->head[EVTX_EVENT_ID] >= 0 &&
                        field.hole == &head->plan->holes[head->plan->head[EVTX_EVENT_ID]],
            .always_there = is_always_there(field.hole),
        };
    }
    return true;
}

static bool answers(const struct name *n, const struct evtx_field *field)
{
    return n->wish >= 0 && !n->doubt && event_name_like(n->text, field->hole->name);
}

static size_t put_links(const struct finding *f, uint16_t *to)
{
    size_t n = 0;
    for (size_t h = 0; h < f->n_holes; h++) {
        size_t from = n;
        for (size_t i = 0; i < f->n_names; i++)
            if (answers(&f->names[i], &f->fields[h]))
                to[n++] = (uint16_t)f->names[i].wish;
        f->holes[h].link = (uint16_t)from;
        f->holes[h].links = (uint16_t)(n - from);
    }
    return n;
}

static size_t count_links(const struct finding *f)
{
    size_t n = 0;
    for (size_t h = 0; h < f->n_holes; h++)
        for (size_t i = 0; i < f->n_names; i++)
            n += answers(&f->names[i], &f->fields[h]);
    return n;
}

struct print { /* bytes are counted first, then written */
    uint8_t *to;
    size_t n;
};

static void print_number(struct print *p, size_t v)
{
    for (size_t i = 0; i < sizeof(uint32_t); i++, p->n++)
        if (p->to)
            p->to[p->n] = (uint8_t)(v >> (8 * i));
}

static void print_bytes(struct print *p, const void *from, size_t n)
{
    print_number(p, n);
    if (p->to && n)
        memcpy(p->to + p->n, from, n);
    p->n += n;
}

static void print_hole(struct print *p, const struct evtx_shape *shape,
                       const struct evtx_shape_hole *h, const struct evtx_field *f)
{
    const struct evtx_hole *hole = f->hole;
    print_number(p, h->section | (unsigned)h->event_id << 8 | (unsigned)h->always_there << 9);
    print_bytes(p, hole->name.p, hole->name.n);
    print_bytes(p, shape->links + h->link, h->links * sizeof *shape->links);
    print_number(p, hole->parts);
    for (unsigned i = 0; i < hole->parts; i++) {
        const struct evtx_part *part = &f->instance->plan->parts[hole->part + i];
        print_number(p, part->value == EVTX_LITERAL);
        if (part->value == EVTX_LITERAL)
            print_bytes(p, part->literal.p, part->literal.n);
    }
}

static size_t print_shape(const struct finding *f, const struct evtx_shape *shape,
                          struct print p)
{
    print_number(&p, shape->derive);
    print_bytes(&p, shape->doubts, shape->n_doubts * sizeof *shape->doubts);
    for (unsigned i = 0; i < shape->n_derived; i++) {
        print_number(&p, shape->derived[i].name);
        print_number(&p, shape->derived[i].number);
    }
    for (size_t i = 0; i < f->n_holes; i++)
        print_hole(&p, shape, &shape->holes[i], &f->fields[i]);
    return p.n;
}

static bool keep_print(struct evtx_shapes *s, const struct finding *f, struct evtx_shape *shape)
{
    size_t n = print_shape(f, shape, (struct print){.to = NULL});
    uint8_t *to = take(s, n, 1);
    shape->mark = take(s, 1, sizeof *shape->mark);
    if (!to || !shape->mark)
        return false;
    *shape->mark = 0;
    shape->print = (struct bytes){to, print_shape(f, shape, (struct print){.to = to})};
    return true;
}

static bool keep(struct evtx_shapes *s, const struct finding *f, struct evtx_shape *ret)
{
    size_t links = count_links(f);
    if (links > UINT16_MAX)
        return false;
    struct evtx_shape_hole *holes = take(s, f->n_holes, sizeof *holes);
    uint16_t *to = take(s, links, sizeof *to);
    uint16_t *doubts = take(s, f->n_names, sizeof *doubts);
    struct evtx_shape_derived *derived = take(s, f->n_names, sizeof *derived);
    if (!holes || !to || !doubts || !derived)
        return false;
    *ret = (struct evtx_shape){.holes = holes,
                               .links = to,
                               .doubts = doubts,
                               .derived = derived,
                               .n_holes = (uint16_t)f->n_holes,
                               .n_links = (uint16_t)put_links(f, to),
                               .n_all = (uint16_t)f->all,
                               .joined = f->joined,
                               .derive = f->derive};
    if (f->n_holes)
        memcpy(holes, f->holes, f->n_holes * sizeof *holes);
    for (size_t i = 0; i < f->n_names; i++) {
        const struct name *n = &f->names[i];
        if (n->wish >= 0 && n->doubt)
            doubts[ret->n_doubts++] = (uint16_t)n->wish;
        else if (n->wish >= 0 && n->derived >= 0)
            derived[ret->n_derived++] =
                (struct evtx_shape_derived){(uint16_t)n->wish, (uint16_t)n->derived};
    }
    return keep_print(s, f, ret);
}

static struct kept *new_kept(struct evtx_shapes *s, uint64_t hash, const struct evtx_record *r,
                             const struct wish *wish, const struct finding *f)
{
    struct kept *k = take(s, 1, sizeof *k);
    struct place *places = take(s, r->n, sizeof *places);
    if (!k || !places || (!f->useless && !keep(s, f, &k->shape)))
        return NULL;
    k->useless = f->useless;
    for (unsigned i = 0; i < r->n; i++)
        places[i] = (struct place){r->instances[i].plan->number, r->instances[i].hole,
                                   r->instances[i].parent};
    k->hash = hash;
    k->wish = wish->id;
    k->n_places = r->n;
    k->places = places;
    return k;
}

static void make_room(struct evtx_shapes *s)
{
    if (!s->slots) {
        s->slots = ARENA_ARRAY(s->arena, struct kept *, SLOTS);
        s->pool = ARENA_ARRAY(s->arena, char, POOL_BYTES);
        s->names = ARENA_ARRAY(s->arena, struct name, NAMES_MAX);
        s->holes = ARENA_ARRAY(s->arena, struct evtx_shape_hole, HOLES_MAX + 1);
        s->fields = ARENA_ARRAY(s->arena, struct evtx_field, HOLES_MAX + 1);
    }
    if (s->n == SHAPES_MAX)
        forget(s);
}

static struct kept *find_out(struct evtx_shapes *s, uint64_t hash, const struct evtx_record *r,
                             const struct wish *wish)
{
    size_t asked = wish->n + (s->also ? s->also->n : 0) + WINDOWS_INPUTS;
    if (asked > NAMES_MAX)
        return NULL;
    make_room(s);
    struct finding f = {.names = s->names, .holes = s->holes, .fields = s->fields};
    gather_names(&f, wish, s->also);
    f.useless = !find_holes(&f, r);
    struct kept *k = new_kept(s, hash, r, wish, &f);
    if (!k) { /* the pool is used up */
        forget(s);
        k = new_kept(s, hash, r, wish, &f);
    }
    return k;
}

static size_t slot_of(uint64_t hash)
{
    return (size_t)(hash >> 20) % SLOTS;
}

static const struct kept *find(struct evtx_shapes *s, uint64_t hash,
                               const struct evtx_record *r, const struct wish *wish)
{
    if (s->last && is_shape_of(s->last, hash, r, wish))
        return s->last;
    for (size_t i = slot_of(hash); s->slots && s->slots[i]; i = (i + 1) % SLOTS)
        if (is_shape_of(s->slots[i], hash, r, wish))
            return s->slots[i];
    struct kept *k = find_out(s, hash, r, wish);
    if (!k)
        return NULL;
    size_t free = slot_of(hash);
    while (s->slots[free])
        free = (free + 1) % SLOTS;
    s->slots[free] = k;
    s->n++;
    return k;
}

const struct evtx_shape *evtx_shape_of(struct evtx_shapes *s, const struct evtx_record *record,
                                       const struct wish *wish)
{
    uint64_t hash = hash_of(record, wish);
    if (hash == 0)
        return NULL;
    s->last = find(s, hash, record, wish);
    return s->last && !s->last->useless ? &s->last->shape : NULL;
}
