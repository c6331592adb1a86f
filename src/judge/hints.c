/* Who it may have been: what somebody published about groups, held against what was found.
 *
 * A hint proves nothing. Names of pages and keys were copied, addresses were rented for weeks: each
 * hint names its source, an address counts only within the time in which it was seen, and all who
 * are said to have used the same are named.
 */
#include "event/webpath.h"
#include "judge/judge_int.h"

static bool in_time(const struct pack_hint *h, const struct fact *f)
{
    if (h->from == INSTANT_NONE && h->to == INSTANT_NONE)
        return true;
    return f->first != INSTANT_NONE && (h->from == INSTANT_NONE || f->last >= h->from) &&
           (h->to == INSTANT_NONE || f->first < h->to);
}

static bool has_address(const struct fact *f, struct str value)
{
    for (size_t i = 0; i < f->n_initiators; i++)
        if (str_ieq(f->initiators[i], value))
            return true;
    return false;
}

/* Whether the rule's record had this, of this kind. */
static bool has_share(const struct fact *f, const struct pack_hint *h)
{
    for (size_t at = 0; at < f->shares.n;) {
        size_t end = str_find(f->shares, STR("\n"), at);
        struct str line = str_part(f->shares, at, end);
        size_t tab = str_find(line, STR("\t"), 0);
        if (str_eq(str_part(line, 0, tab), h->kind) &&
            str_ieq(str_part(line, tab + 1, line.n), h->value))
            return true;
        at = end == SIZE_MAX ? f->shares.n : end + 1;
    }
    return false;
}

static bool fits(struct judge *j, const struct fact *f, const struct pack_hint *h)
{
    if (str_eq(h->kind, STR("address")))
        return has_address(f, h->value);
    if (str_eq(h->kind, STR("page")))
        return f->axis == AXIS_BACKDOOR && str_ieq(judge_web_path(j, f->object), h->value);
    return has_share(f, h);
}

void judge_hints(struct judge *j, size_t host, struct campaign *c)
{
    if (!judge_is_entered(c))
        return;
    for (size_t k = 0; k < c->pack->n_hints; k++) {
        const struct pack_hint *h = &c->pack->hints[k];
        struct hint found = {.of = h};
        for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
            const struct fact *f = &j->v->facts[i];
            if (str_eq(f->pack, c->pack->id) && in_time(h, f) && fits(j, f, h))
                fact_set_add(j, &found.facts, i);
        }
        if (found.facts.n == 0)
            continue;
        c->hints = arena_grow(j->arena, c->hints, c->n_hints, &c->cap_hints, sizeof *c->hints);
        c->hints[c->n_hints++] = found;
    }
}
