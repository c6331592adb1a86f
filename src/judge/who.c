/* Who started it: addresses, and processes of the server itself. */
#include "judge/judge_int.h"

#include <stdlib.h>

static struct initiator *find_initiator(struct judge *j, struct campaign *c, struct str kind,
                                        struct str value)
{
    for (size_t i = 0; i < c->n_initiators; i++)
        if (str_ieq(c->initiators[i].value, value) && str_eq(c->initiators[i].kind, kind))
            return &c->initiators[i];
    c->initiators = arena_grow(j->arena, c->initiators, c->n_initiators, &c->cap_initiators,
                               sizeof *c->initiators);
    struct initiator *it = &c->initiators[c->n_initiators++];
    *it = (struct initiator){
        .kind = kind, .value = value, .first = INSTANT_NONE, .last = INSTANT_NONE};
    return it;
}

static void add_act(struct judge *j, struct campaign *c, struct str kind, struct str value,
                    size_t act, size_t witness)
{
    const struct fact *f = &j->v->facts[act];
    struct initiator *it = find_initiator(j, c, kind, value);
    it->state = f->state > it->state ? f->state : it->state;
    if (f->first != INSTANT_NONE && (it->first == INSTANT_NONE || f->first < it->first))
        it->first = f->first;
    it->last = f->last > it->last ? f->last : it->last;
    for (size_t i = 0; i < it->facts.n; i++)
        if (it->facts.at[i] == witness)
            return;
    fact_set_add(j, &it->facts, witness);
}

enum {
    WITNESS_MINUTES = 2
}; /* how near in time a local process must have spoken to the server */

static bool is_near(const struct fact *a, const struct fact *b)
{
    int64_t slack = WITNESS_MINUTES * INSTANT_MINUTE;
    return a->first != INSTANT_NONE && b->first != INSTANT_NONE &&
           a->first - b->last <= slack && b->first - a->last <= slack;
}

/* An act without an address: a process of the server itself that spoke to it just then. */
static void witness_process(struct judge *j, size_t host, struct campaign *c, size_t act)
{
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        bool own = str_eq(f->pack, c->pack->id) || pack_claims(c->pack, f->pack);
        if (f->host != host || f->axis != AXIS_CONTEXT || !own || f->state != STATE_INITIATOR ||
            !is_near(f, &j->v->facts[act]))
            continue;
        for (size_t k = 0; k < f->n_initiators; k++)
            add_act(j, c, STR("process"), f->initiators[k], act, i);
    }
}

static int by_reach(const void *x, const void *y)
{
    const struct initiator *a = x;
    const struct initiator *b = y;
    if (a->state != b->state)
        return a->state > b->state ? -1 : 1;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return str_cmp(a->value, b->value);
}

void judge_initiators(struct judge *j, size_t host, struct campaign *c)
{
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (!fact_is_of(f, host, c, AXIS_ENTRY))
            continue;
        for (size_t k = 0; k < f->n_initiators; k++)
            add_act(j, c, STR("address"), f->initiators[k], i, i);
        if (f->n_initiators == 0 && f->state >= STATE_ATTEMPTED)
            witness_process(j, host, c, i);
    }
    if (c->n_initiators)
        qsort(c->initiators, c->n_initiators, sizeof *c->initiators, by_reach);
}
