/* The verdict in one line, and what to do now. */
#include "judge/judge_int.h"

static const struct axis_verdict *axis_of(const struct campaign *c, struct str name)
{
    const struct axis_verdict *const axes[PACK_AXES] = {&c->exposure, &c->entry, &c->backdoor,
                                                        &c->action, &c->loss};
    for (size_t i = 0; i < PACK_AXES; i++)
        if (str_eq(name, str_of(pack_axis_name((enum pack_axis)i))))
            return axes[i];
    return NULL;
}

static bool applies_now(const struct campaign *c, const struct pack_advice *advice)
{
    for (const struct yaml *y = advice->when ? advice->when->child : NULL; y; y = y->next) {
        const struct axis_verdict *a = axis_of(c, y->key);
        bool any = y->child == NULL;
        for (const struct yaml *state = y->child; state && a; state = state->next)
            any = any || str_eq(state->text, str_of(answer_name(a->answer)));
        if (!any)
            return false;
    }
    return true;
}

void judge_advice(struct judge *j, struct campaign *c)
{
    c->advice = ARENA_ARRAY(j->arena, const struct pack_advice *, c->pack->n_advice);
    for (size_t i = 0; i < c->pack->n_advice; i++)
        if (applies_now(c, &c->pack->advice[i]))
            c->advice[c->n_advice++] = &c->pack->advice[i];
}

bool judge_is_covered(struct judge *j, const struct campaign *c)
{
    struct str ignored;
    for (size_t axis = PACK_ENTRY; axis < PACK_AXES; axis++)
        if (judge_nothing_seen(j, c, (enum pack_axis)axis, &ignored) != ANSWER_NONE_SEEN)
            return false;
    return c->stands || (c->exposure.answer >= ANSWER_EXPOSED && !c->exposure.inferred);
}

bool judge_is_entered(const struct campaign *c)
{
    return (c->entry.answer >= ANSWER_REACHED && c->entry.answer <= ANSWER_EXPLOITED) ||
           c->n_items || c->action.answer == ANSWER_SEEN || c->loss.answer == ANSWER_BOUNDS ||
           c->encrypted.n;
}

int judge_weight(const struct campaign *c)
{
    enum { NOTHING, MISSING, PROBED, TRIED, SIGNS, REACHED, ENTERED, DOOR };
    bool entered = c->entry.answer == ANSWER_EXPLOITED;
    if (c->pack->general && !c->stands && !judge_is_entered(c))
        return c->entry.answer == ANSWER_ATTEMPTED ? TRIED : NOTHING;
    if (entered &&
        (c->backdoor.answer == ANSWER_PRESENT || c->backdoor.answer == ANSWER_WRITTEN))
        return DOOR;
    if (entered)
        return ENTERED;
    if (c->entry.answer == ANSWER_REACHED)
        return REACHED;
    if (judge_is_entered(c))
        return SIGNS;
    if (c->entry.answer == ANSWER_ATTEMPTED)
        return TRIED;
    if (c->entry.answer == ANSWER_PROBED)
        return PROBED;
    return c->covered ? NOTHING : MISSING;
}

/* Of a pack of no campaign: it is told of where there is something, and only then. */
static struct str general_headline(const struct campaign *c, bool door)
{
    if (c->entry.answer == ANSWER_EXPLOITED && c->backdoor.answer == ANSWER_PRESENT)
        return STR("A BACK DOOR is in place");
    if (c->entry.answer == ANSWER_EXPLOITED && door)
        return STR("A BACK DOOR was made; whether it is still there is not known");
    if (c->entry.answer == ANSWER_EXPLOITED && c->backdoor.answer == ANSWER_REMOVED)
        return STR("A BACK DOOR was there and is gone");
    if (c->n_items)
        return STR("SUSPICIOUS: each item must be looked at");
    if (c->entry.answer == ANSWER_PROBED && !judge_is_entered(c))
        return STR("LOOKED AT from outside, as any server is; nothing answered");
    if (c->pack->standing && !judge_is_entered(c))
        return STR("LOOKED AT OR TRIED from outside: no effect is recorded");
    return judge_is_entered(c) ? STR("SIGNS OF AN INTRUDER'S ACTS")
                               : STR("LOOKED FOR: weak places or back doors; nothing answered");
}

/* Where nobody got in, as far as is seen. */
static struct str quiet_headline(const struct campaign *c)
{
    bool covered = c->covered;
    if (covered && c->stands && c->entry.answer == ANSWER_PROBED)
        return STR(
            "NO SIGN of an intrusion, in evidence without a gap from its first to its last "
            "record; looked at from outside, as any server is");
    if (c->entry.answer == ANSWER_ATTEMPTED || c->entry.answer == ANSWER_PROBED)
        return covered ? STR("TRIED, NOT ENTERED, as far as complete evidence shows")
                       : STR("TRIED; whether anybody got in CANNOT BE EXCLUDED: evidence is "
                             "missing");
    if (covered && c->exposure.answer == ANSWER_EXPOSED)
        return STR("NO SIGN up to the end of the evidence; the flaw was STILL OPEN then");
    if (covered && c->stands)
        return STR(
            "NO SIGN of an intrusion, in evidence without a gap from its first to its last "
            "record");
    return covered ? STR("NO SIGN of this campaign, in evidence that covers the whole time")
                   : STR("CANNOT BE EXCLUDED: evidence is missing");
}

struct str judge_headline(const struct campaign *c)
{
    bool door = c->backdoor.answer == ANSWER_PRESENT || c->backdoor.answer == ANSWER_WRITTEN;
    bool entered = c->entry.answer == ANSWER_EXPLOITED;
    if (c->pack->general && !c->stands)
        return general_headline(c, door);
    if (c->exposure.answer == ANSWER_FIXED && door)
        return STR("FIXED BUT STILL BACKDOORED: the flaw is closed, the way back in is not");
    if (entered && c->backdoor.answer == ANSWER_PRESENT)
        return STR("ENTERED: a back door is in place");
    if (entered && door)
        return STR("ENTERED: a back door was written; whether it is still there is not known");
    if (entered && c->backdoor.answer == ANSWER_REMOVED)
        return STR("ENTERED: a back door was there and is gone");
    if (entered)
        return STR("ENTERED");
    if (c->n_items)
        return STR("SUSPICIOUS FILES in the web folders: each must be looked at");
    if (c->entry.answer == ANSWER_REACHED)
        return STR("THE FLAW ANSWERED: no effect is recorded");
    if (judge_is_entered(c))
        return STR("SIGNS OF AN INTRUDER'S ACTS");
    if (c->undecided)
        return STR("CANNOT BE EXCLUDED: an intruder was in, and this may have been the way");
    return quiet_headline(c);
}
