/* The axes entry and action: what the facts of each come to. */
#include "judge/judge_int.h"

void axis_add(struct judge *j, struct axis_verdict *a, size_t i)
{
    const struct fact *f = &j->v->facts[i];
    fact_set_add(j, &a->facts, i);
    if (f->first != INSTANT_NONE && (a->first == INSTANT_NONE || f->first < a->first))
        a->first = f->first;
    a->last = f->last > a->last ? f->last : a->last; /* INSTANT_NONE is below every time */
}

static enum answer entry_answer(enum state state)
{
    switch ((int)state) {
    case STATE_PROBED:
        return ANSWER_PROBED;
    case STATE_ATTEMPTED:
        return ANSWER_ATTEMPTED;
    case STATE_REACHED:
        return ANSWER_REACHED;
    case STATE_EXPLOITED:
        return ANSWER_EXPLOITED;
    default:
        return ANSWER_NOT_ASSESSABLE;
    }
}

bool judge_is_intruders(const struct judge *j, const struct fact_set *set)
{
    for (size_t i = 0; i < set->n; i++)
        if (j->v->facts[set->at[i]].told > CONFIDENCE_WEAK)
            return true;
    return false;
}

/* When what an entry is inferred from was done, as far as records tell: what a file says of its
 * own last change is no record of anything. */
static void date_entry(const struct judge *j, const struct fact_set *set,
                       struct axis_verdict *a)
{
    for (size_t i = 0; i < set->n; i++) {
        const struct fact *f = &j->v->facts[set->at[i]];
        if (f->of_change || f->first == INSTANT_NONE)
            continue;
        a->first = a->first == INSTANT_NONE || f->first < a->first ? f->first : a->first;
        a->last = f->last > a->last ? f->last : a->last;
    }
}

/* A back door implies an entry, its way unknown. A file whose only mark is an unknown
 * content (weak) does not. */
void judge_inferred_entry(const struct judge *j, struct campaign *c)
{
    struct axis_verdict *a = &c->entry;
    bool action = c->action.answer == ANSWER_SEEN && judge_is_intruders(j, &c->action.facts);
    bool door = c->n_items && judge_is_intruders(j, &c->backdoor.facts);
    if (a->answer == ANSWER_EXPLOITED || (!door && !action))
        return;
    const struct axis_verdict *from = door ? &c->backdoor : &c->action;
    a->answer = ANSWER_EXPLOITED;
    a->inferred = true;
    a->confidence = from->confidence > CONFIDENCE_STRONG ? CONFIDENCE_STRONG : from->confidence;
    if (a->first == INSTANT_NONE)
        date_entry(j, &from->facts, a);
}

void judge_entry(struct judge *j, size_t host, struct campaign *c)
{
    struct axis_verdict *a = &c->entry;
    enum state best = STATE_NONE;
    a->first = a->last = INSTANT_NONE;
    a->answer = judge_nothing_seen(j, c, PACK_ENTRY, &a->reason);
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (!fact_is_of(f, host, c, AXIS_ENTRY))
            continue;
        axis_add(j, a, i);
        if (f->state > best) {
            best = f->state;
            a->confidence = CONFIDENCE_NONE;
        }
        if (f->state == best && f->confidence > a->confidence)
            a->confidence = f->confidence;
    }
    if (best != STATE_NONE)
        a->answer = entry_answer(best);
}

static void add_kind(struct judge *j, struct campaign *c, struct str kind)
{
    for (size_t i = 0; i < c->n_kinds; i++)
        if (str_eq(c->kinds[i], kind))
            return;
    c->kinds = arena_grow(j->arena, c->kinds, c->n_kinds, &c->cap_kinds, sizeof *c->kinds);
    c->kinds[c->n_kinds++] = kind;
}

void judge_action(struct judge *j, size_t host, struct campaign *c)
{
    struct axis_verdict *a = &c->action;
    a->first = a->last = INSTANT_NONE;
    a->answer = judge_nothing_seen(j, c, PACK_ACTION, &a->reason);
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (!fact_is_of(f, host, c, AXIS_ACTION))
            continue;
        a->answer = ANSWER_SEEN;
        a->confidence = f->confidence > a->confidence ? f->confidence : a->confidence;
        axis_add(j, a, i);
        add_kind(j, c, f->kind);
    }
}
