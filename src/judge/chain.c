/* Which act is joined to which, and by what. */
#include "judge/judge_int.h"

static bool in_chain(const struct fact *f, size_t host, const struct campaign *c)
{
    if (f->host != host || !str_eq(f->pack, c->pack->id) || f->first == INSTANT_NONE)
        return false;
    return (f->axis == AXIS_ENTRY && f->state >= STATE_ATTEMPTED) || f->axis == AXIS_BACKDOOR ||
           f->axis == AXIS_ACTION || f->axis == AXIS_LOSS;
}

static bool share_initiator(const struct fact *a, const struct fact *b)
{
    for (size_t i = 0; i < a->n_initiators; i++)
        for (size_t k = 0; k < b->n_initiators; k++)
            if (str_ieq(a->initiators[i], b->initiators[k]))
                return true;
    return false;
}

/* By what two acts are joined; "" if by nothing. */
static struct str joined_by(const struct fact *a, const struct fact *b, enum confidence *ret)
{
    enum { NEAR_SECONDS = 60 };
    *ret = CONFIDENCE_CERTAIN;
    if (a->request.n && str_ieq(a->request, b->request))
        return STR("request id");
    *ret = CONFIDENCE_STRONG;
    if (a->object.n && str_ieq(a->object, b->object))
        return STR("the same page");
    if (share_initiator(a, b))
        return STR("the same address");
    *ret = CONFIDENCE_WEAK;
    if (b->first - a->last <= NEAR_SECONDS * INSTANT_SECOND)
        return STR("time, within a minute");
    return STR("");
}

/* Each act is joined to the nearest earlier one that it has most in common with. */
void judge_chain(struct judge *j, size_t host, struct campaign *c)
{
    enum { LOOK_BACK = 64 };
    size_t recent[LOOK_BACK];
    size_t n = 0;
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (!in_chain(f, host, c))
            continue;
        struct link best = {.by = STR("")};
        for (size_t back = 0; back < n && back < LOOK_BACK; back++) {
            size_t k = recent[(n - 1 - back) % LOOK_BACK];
            enum confidence confidence;
            struct str by = joined_by(&j->v->facts[k], f, &confidence);
            if (by.n && confidence > best.confidence)
                best = (struct link){k, i, by, confidence};
        }
        if (best.by.n) {
            c->chain =
                arena_grow(j->arena, c->chain, c->n_chain, &c->cap_chain, sizeof *c->chain);
            c->chain[c->n_chain++] = best;
        }
        recent[n++ % LOOK_BACK] = i;
    }
}
