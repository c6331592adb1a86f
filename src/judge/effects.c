/* What a flaw brings about, and other things do, too: it proves a request for which the answer says
 * nothing, where it lies next to one. */
#include "judge/judge_int.h"

#include <string.h>

static size_t pack_number(const struct judge *j, const struct fact *f)
{
    const struct pack *pack = judge_pack(j, f->pack);
    return pack ? (size_t)(pack - j->in->packs) : SIZE_MAX;
}

static bool is_request(const struct fact *f)
{
    return f->axis == AXIS_ENTRY && f->state >= STATE_ATTEMPTED && f->state <= STATE_EXPLOITED;
}

static bool is_effect(const struct fact *f)
{
    return f->axis == AXIS_CONTEXT && f->state == STATE_EFFECT;
}

static void prove(struct fact *f)
{
    f->axis = AXIS_ENTRY;
    f->state = STATE_EXPLOITED;
    f->confidence = f->confidence > CONFIDENCE_STRONG ? CONFIDENCE_STRONG : f->confidence;
}

/* One fact of the host, in either order of time. `asked`: of each pack, the request that was met last,
 * from 1. */
static void look(struct judge *j, size_t i, size_t *asked)
{
    struct fact *f = &j->v->facts[i];
    size_t pack = is_request(f) || is_effect(f) ? pack_number(j, f) : SIZE_MAX;
    if (pack == SIZE_MAX || f->first == INSTANT_NONE)
        return;
    if (is_request(f)) {
        asked[pack] = i + 1;
        return;
    }
    if (asked[pack] == 0)
        return;
    int64_t d = f->first - j->v->facts[asked[pack] - 1].first;
    if ((d < 0 ? -d : d) <= f->within)
        prove(f);
}

/* What was no effect of a request is an ordinary act: its sentence would not be true of it. */
static void forget_the_others(struct judge *j)
{
    size_t n = 0;
    size_t from = 0;
    for (size_t host = 0; host < j->v->n_hosts; host++) {
        size_t to = j->fact_from[host + 1];
        for (size_t i = from; i < to; i++)
            if (!is_effect(&j->v->facts[i]))
                j->v->facts[n++] = j->v->facts[i];
        from = to;
        j->fact_from[host + 1] = n;
    }
    j->v->n_facts = n;
}

/* A request is recorded when it ends, so that what it brought about may stand before it. What is
 * proved is no request that proves others. */
void judge_effects(struct judge *j)
{
    size_t *asked = ARENA_ARRAY(j->arena, size_t, 2 * j->in->n_packs);
    for (size_t host = 0; host < j->v->n_hosts; host++) {
        size_t from = j->fact_from[host];
        size_t to = j->fact_from[host + 1];
        if (from == to)
            continue;
        memset(asked, 0, j->in->n_packs * sizeof *asked);
        for (size_t i = to; i > from; i--)
            look(j, i - 1, asked);
        memset(asked, 0, j->in->n_packs * sizeof *asked);
        for (size_t i = from; i < to; i++)
            look(j, i, asked);
    }
    forget_the_others(j);
}
