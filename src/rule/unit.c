/* unit.c - an event against a unit: see unit.h. */
#include <stdlib.h>

#include "rule/fold.h"
#include "rule/sigma_values.h"
#include "rule/unit_int.h"

enum {
    FOLD_MAX = 4096,     /* bytes of a text that is folded in place */
    EPOCH_MAX = 1 << 30, /* states hold an epoch and two bits */
    LOW_BITS = 0x7f,
    WISHED_MAX = 1024, /* answers of one event that are worth sorting */
};

struct unit_work {
    struct arena *arena; /* of the lists */
    uint32_t *queue;     /* programs that were woken */
    size_t n_queue;
    size_t cap;
    uint32_t *found;
    bool undecided;        /* some regular expression was given up */
    struct places *places; /* of an event that answers a wish */
    uint32_t cap_places;
    uint16_t fields[WISHED_MAX];
    char folded[FOLD_MAX];
};

struct run { /* one event against one unit */
    struct unit *u;
    struct unit_work *w;
    struct eval *e;
    const struct places *places; /* of each source; NULL: not known */
    bool some; /* the event has the wished fields alone: its texts are known to be without
                  keywords */
};

struct unit_work *unit_work_new(struct arena *arena)
{
    struct unit_work *w = ARENA_NEW(arena, struct unit_work);
    w->arena = arena;
    return w;
}

/* ---- texts to bits ---- */

static uint64_t lower_ascii(uint64_t x)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t low = x & (each * LOW_BITS);
    uint64_t above_z = low + each * (LOW_BITS - 'Z');
    uint64_t from_a = low + each * (LOW_BITS + 1 - 'A');
    uint64_t is_upper = (from_a ^ above_z) & ~x & (each << 7);
    return x | is_upper >> 2;
}

static struct str folded(struct run *r, struct str raw)
{
    char *to = r->w->folded;
    size_t at = 0;
    uint64_t high = 0;
    if (raw.n > FOLD_MAX)
        return fold_str(raw, r->e->arena);
    for (; at + sizeof high <= raw.n; at += sizeof high) {
        uint64_t x;
        memcpy(&x, raw.p + at, sizeof x);
        high |= x;
        x = lower_ascii(x);
        memcpy(to + at, &x, sizeof x);
    }
    for (; at < raw.n; at++) {
        high |= (unsigned char)raw.p[at];
        to[at] = ascii_lower(raw.p[at]);
    }
    if (high & UINT64_C(0x8080808080808080))
        return fold_str(raw, r->e->arena);
    return (struct str){to, raw.n};
}

static void scan_numbers(struct slot *slot, struct str raw)
{
    struct number n;
    if (!number_parse(raw, &n))
        return;
    for (uint32_t i = 0; i < slot->n_numbers; i++)
        if (number_compare(n, slot->numbers[i].number) == 0)
            literal_hits_add(&slot->hits, slot->numbers[i].bit);
}

static void scan_text(struct run *r, struct slot *slot, struct str raw)
{
    if (slot->table)
        literals_scan(slot->table, folded(r, raw), &slot->hits);
    if (slot->n_numbers)
        scan_numbers(slot, raw);
}

static void scan_unpadded(struct run *r, struct slot *slot, struct str raw)
{
    struct str unpadded;
    if (sigma_unpadded(r->e->ev->kind, raw, &unpadded))
        scan_text(r, slot, unpadded);
}

/* Further forms are offered as sigma_values.c does. */
static void scan_places(struct run *r, struct slot *slot)
{
    const struct event *ev = r->e->ev;
    struct places at = r->places[slot->source];
    struct str head = {0};
    for (uint32_t i = 0; i < at.n; i++) {
        const struct field *f = &ev->fields[at.at[i]];
        scan_text(r, slot, f->value);
        if (f->type == FIELD_GUID && f->value.n > 2 && f->value.p[0] == '{')
            scan_text(r, slot, (struct str){f->value.p + 1, f->value.n - 2});
        scan_unpadded(r, slot, f->value);
    }
    if (at.n == 0 && sigma_head_value(ev, r->u->wish.names[slot->source], &head)) {
        scan_text(r, slot, head);
        scan_unpadded(r, slot, head);
    }
}

static void scan_values(struct run *r, struct slot *slot)
{
    sigma_eval_feed(r->e, slot->feed);
    const struct values *f =
        slot->field == FIELD_KEYWORD ? sigma_texts(r->e) : sigma_values(r->e, slot->field);
    for (size_t i = 0; i < f->n; i++)
        scan_text(r, slot, f->v[i].raw);
}

static void scan(struct run *r, struct slot *slot)
{
    if (slot->epoch == r->u->epoch)
        return;
    slot->epoch = r->u->epoch;
    literal_hits_clear(&slot->hits);
    if (slot->n_bits == 0 || (slot->field == FIELD_KEYWORD && r->some))
        return;
    if (slot->source != NONE && r->places)
        scan_places(r, slot);
    else
        scan_values(r, slot);
}

/* ---- answers ---- */

static enum tri said(struct run *r, uint32_t state)
{
    return state >> 2 == r->u->epoch ? (enum tri)(state & 3) : TRI_MAYBE;
}

static enum tri ask(struct run *r, struct atom *atom)
{
    uint64_t limits = r->e->limits;
    sigma_eval_feed(r->e, atom->feed);
    bool holds = sigma_eval_pattern(r->e, atom->pattern, r->u->slots[atom->slot].field);
    enum tri t = holds ? TRI_YES : TRI_NO;
    r->w->undecided |= r->e->limits != limits;
    atom->state = r->u->epoch << 2 | (uint32_t)t;
    return t;
}

/* full   also what the plain evaluator must be asked; else that is TRI_MAYBE */
static enum tri atom_holds(struct run *r, struct atom *atom, bool full)
{
    if (atom->answer != ANSWER_ASKED) {
        struct slot *slot = &r->u->slots[atom->slot];
        scan(r, slot);
        bool found = literal_hits_has(&slot->hits, atom->bit);
        if (!found || atom->answer == ANSWER_BIT)
            return found ? TRI_YES : TRI_NO;
    }
    enum tri t = said(r, atom->state);
    return t == TRI_MAYBE && full ? ask(r, atom) : t;
}

static enum tri test_any(struct run *r, const struct test *t, bool full)
{
    enum tri all = TRI_NO;
    for (uint32_t i = 0; i < t->n && all != TRI_YES; i++) {
        uint32_t atom = r->u->alternatives[t->from + i] & ~LAST;
        enum tri one = atom_holds(r, &r->u->atoms[atom], full);
        all = one > all ? one : all;
    }
    return all;
}

static enum tri test_all(struct run *r, const struct test *t, bool full)
{
    enum tri all = TRI_YES;
    enum tri value = TRI_NO; /* of the forms of one value */
    for (uint32_t i = 0; i < t->n && all != TRI_NO; i++) {
        uint32_t entry = r->u->alternatives[t->from + i];
        enum tri one =
            value == TRI_YES ? TRI_YES : atom_holds(r, &r->u->atoms[entry & ~LAST], full);
        value = one > value ? one : value;
        if (entry & LAST) {
            all = value < all ? value : all;
            value = TRI_NO;
        }
    }
    return all;
}

static enum tri test_holds(struct run *r, struct test *t, bool full)
{
    enum tri known = said(r, t->state);
    if (known != TRI_MAYBE)
        return known;
    known = t->all ? test_all(r, t, full) : test_any(r, t, full);
    if (known != TRI_MAYBE)
        t->state = r->u->epoch << 2 | (uint32_t)known;
    return known;
}

static enum tri step_holds(struct run *r, uint32_t number, bool full);

static enum tri list_holds(struct run *r, const struct step *s, bool full)
{
    uint32_t yes = 0;
    uint32_t left = s->n; /* that may still hold, or do */
    for (uint32_t i = 0; i < s->n && yes < s->need && left >= s->need; i++) {
        enum tri t = step_holds(r, r->u->children[s->from + i], full);
        yes += t == TRI_YES;
        left -= t == TRI_NO;
    }
    return yes >= s->need ? TRI_YES : left < s->need ? TRI_NO : TRI_MAYBE;
}

static enum tri opposite(enum tri t)
{
    return t == TRI_YES ? TRI_NO : t == TRI_NO ? TRI_YES : TRI_MAYBE;
}

/* As deep as conditions may nest. */
static enum tri step_holds(struct run *r, uint32_t number, bool full)
{
    const struct step *s = &r->u->steps[number];
    enum tri t = TRI_NO;
    switch (s->kind) {
    case STEP_TEST:
        t = test_holds(r, &r->u->tests[s->test], full);
        return s->negate ? opposite(t) : t;
    case STEP_NOT:
        return opposite(step_holds(r, r->u->children[s->from], full));
    case STEP_AT_LEAST:
        return list_holds(r, s, full);
    case STEP_YES:
        return TRI_YES;
    case STEP_NO:
        break;
    }
    return t;
}

/* First what the bits say; only if they do not decide, what must be asked. */
static bool program_holds(struct run *r, uint32_t program)
{
    enum tri t = step_holds(r, r->u->roots[program], false);
    return (t == TRI_MAYBE ? step_holds(r, r->u->roots[program], true) : t) == TRI_YES;
}

/* ---- one event ---- */

static void wake(struct run *r, uint32_t program)
{
    if (r->u->stamp[program] == r->u->epoch)
        return;
    r->u->stamp[program] = r->u->epoch;
    r->w->queue[r->w->n_queue++] = program;
}

static void next_epoch(struct unit *u)
{
    if (++u->epoch < EPOCH_MAX)
        return;
    for (uint32_t i = 0; i < u->n_atoms; i++)
        u->atoms[i].state = 0;
    for (uint32_t i = 0; i < u->n_tests; i++)
        u->tests[i].state = 0;
    for (uint32_t i = 0; i < u->n_slots; i++)
        u->slots[i].epoch = 0;
    memset(u->stamp, 0, u->n_programs * sizeof *u->stamp);
    u->epoch = 1;
}

/* The answers that came with the event, by name. */
static const struct places *wished_places(const struct unit *u, struct unit_work *w,
                                          const struct event *ev)
{
    uint16_t at = 0;
    if (w->cap_places < u->wish.n) {
        w->places = ARENA_ARRAY(w->arena, struct places, u->wish.n);
        w->cap_places = u->wish.n;
    }
    for (uint32_t i = 0; i < u->wish.n; i++)
        w->places[i].n = 0;
    for (uint32_t i = 0; i < ev->n_wished; i++)
        w->places[ev->wished[i].name].n++;
    for (uint32_t i = 0; i < u->wish.n; i++) {
        w->places[i].at = w->fields + at;
        at = (uint16_t)(at + w->places[i].n);
        w->places[i].n = 0;
    }
    for (uint32_t i = 0; i < ev->n_wished; i++) {
        struct places *p = &w->places[ev->wished[i].name];
        w->fields[p->at - w->fields + p->n++] = ev->wished[i].field;
    }
    return w->places;
}

static const struct places *places_of(const struct unit *u, struct unit_work *w,
                                      const struct event *ev)
{
    if (ev->wish == u->wish.id && ev->n_wished <= WISHED_MAX)
        return wished_places(u, w, ev);
    const struct shape *shape = shapes_of(u->shapes, ev);
    return shape ? shape_places(shape) : NULL;
}

static struct run begin(struct unit *u, struct unit_work *w, struct eval *e)
{
    if (w->cap < u->n_programs) {
        w->queue = ARENA_ARRAY(w->arena, uint32_t, u->n_programs);
        w->found = ARENA_ARRAY(w->arena, uint32_t, u->n_programs);
        w->cap = u->n_programs;
    }
    next_epoch(u);
    w->n_queue = 0;
    w->undecided = false;
    e->places = places_of(u, w, e->ev);
    e->sources = u->sources;
    e->n_sources = u->wish.n;
    return (struct run){.u = u, .w = w, .e = e, .places = e->places};
}

static void wake_all(struct run *r)
{
    struct unit *u = r->u;
    for (uint32_t i = 0; i < u->n_slots; i++) {
        struct slot *s = &u->slots[i];
        if (!s->first)
            continue;
        scan(r, s);
        for (uint32_t k = 0; k < s->hits.n; k++) {
            uint32_t bit = s->hits.list[k];
            for (uint32_t at = s->wakes[bit]; at < s->wakes[bit + 1]; at++)
                wake(r, s->woken[at]);
        }
    }
    for (uint32_t i = 0; i < u->n_always; i++)
        wake(r, u->always[i]);
}

const struct wish *unit_wish(const struct unit *u, struct matcher *m)
{
    bool whole = u->whole || (u->texts && unit_texts_stand(u->texts, m));
    return whole ? NULL : &u->wish;
}

bool unit_may(struct unit *u, struct unit_work *w, struct eval *e)
{
    struct run r = begin(u, w, e);
    r.some = e->ev->wish == u->wish.id;
    wake_all(&r);
    for (size_t i = 0; i < w->n_queue; i++)
        if (program_holds(&r, w->queue[i]) || w->undecided)
            return true;
    return false;
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *x = a;
    const uint32_t *y = b;
    return (*x > *y) - (*x < *y);
}

size_t unit_run(struct unit *u, struct unit_work *w, struct eval *e, const uint32_t **ret)
{
    struct run r = begin(u, w, e);
    size_t n = 0;
    size_t kept = 0;
    wake_all(&r);
    for (size_t i = 0; i < w->n_queue; i++)
        if (program_holds(&r, w->queue[i]))
            w->found[n++] = w->queue[i];
    qsort(w->found, n, sizeof *w->found, by_number);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 ||
            u->candidates[w->found[kept - 1]].rule != u->candidates[w->found[i]].rule)
            w->found[kept++] = w->found[i];
    *ret = w->found;
    return kept;
}
