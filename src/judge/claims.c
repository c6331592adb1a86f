/* Whose a fact is: a campaign's, a general pack's, or nobody's. */
#include "judge/judge_int.h"

/* Commands of a web server's process are what any intruder runs. Long before the campaign's
 * first known use they are not its doing: facts that no campaign claims. The flaw's own
 * traces stay, whatever their date, and so do back doors: files lie about their age. */
static void disown(struct judge *j, const struct pack *pack)
{
    instant before = pack->n_phases ? pack->phases[0].from - INSTANT_DAY : INSTANT_NONE;
    for (size_t i = 0; i < j->v->n_facts; i++) {
        struct fact *f = &j->v->facts[i];
        bool general = f->axis == AXIS_ACTION || f->axis == AXIS_LOSS;
        if (general && str_eq(f->pack, pack->id) && f->last != INSTANT_NONE && f->last < before)
            f->pack = STR("");
    }
}

/* A campaign whose own rules tell of this item on this host; "" if there is none. */
static struct str claimed_by(struct judge *j, const struct fact *f)
{
    for (size_t i = j->fact_from[f->host]; i < j->fact_from[f->host + 1]; i++) {
        const struct fact *other = &j->v->facts[i];
        const struct pack *pack = judge_pack(j, other->pack);
        if (pack && !pack->general && other->axis == AXIS_BACKDOOR &&
            judge_same_object(j, other->object, f->object))
            return other->pack;
    }
    return STR("");
}

/* What a general pack says of an item that a campaign claims is said there: one page is one back
 * door. */
static void adopt(struct judge *j)
{
    struct str *to = ARENA_ARRAY(j->arena, struct str, j->v->n_facts);
    for (size_t i = 0; i < j->v->n_facts; i++) {
        const struct fact *f = &j->v->facts[i];
        const struct pack *pack = judge_pack(j, f->pack);
        to[i] = pack && pack->general && f->axis == AXIS_BACKDOOR && f->object.n
                    ? claimed_by(j, f)
                    : STR("");
    }
    for (size_t i = 0; i < j->v->n_facts; i++)
        if (to[i].n)
            j->v->facts[i].pack = to[i];
}

void judge_claims(struct judge *j)
{
    for (size_t i = 0; i < j->in->n_packs; i++)
        disown(j, &j->in->packs[i]);
    adopt(j);
}
