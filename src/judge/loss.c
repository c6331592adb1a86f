/* What left the server: a low bound, and whether there is a high one. */
#include "judge/judge_int.h"

static size_t distinct_mailboxes(const struct judge *j, const struct fact_set *set)
{
    size_t n = 0;
    for (size_t i = 0; i < set->n; i++) {
        struct str mailbox = j->v->facts[set->at[i]].mailbox;
        bool again = mailbox.n == 0;
        for (size_t k = 0; k < i && !again; k++)
            again = str_ieq(j->v->facts[set->at[k]].mailbox, mailbox);
        n += !again;
    }
    return n;
}

static bool is_used(const struct campaign *c)
{
    for (size_t i = 0; i < c->n_items; i++)
        if (c->items[i].use == ANSWER_SEEN)
            return true;
    return false;
}

/* Low: what the records add up to. High: the same, where nothing of the logs is missing. */
void judge_loss(struct judge *j, size_t host, struct campaign *c)
{
    struct axis_verdict *a = &c->loss;
    a->first = a->last = INSTANT_NONE;
    a->answer = judge_nothing_seen(j, c, PACK_LOSS, &a->reason);
    c->bytes_bounded = a->answer == ANSWER_NONE_SEEN;
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (!fact_is_of(f, host, c, AXIS_LOSS))
            continue;
        a->answer = ANSWER_BOUNDS;
        a->confidence = f->confidence > a->confidence ? f->confidence : a->confidence;
        axis_add(j, a, i);
        c->bytes_low += f->bytes;
    }
    c->mailboxes_low = distinct_mailboxes(j, &a->facts);
    bool ran = judge_is_intruders(j, &c->action.facts) || is_used(c);
    if (ran)
        c->bytes_bounded = false;
    if (ran && a->answer <= ANSWER_NONE_SEEN) {
        a->answer = ANSWER_NOT_ASSESSABLE;
        a->reason =
            STR("an intruder ran commands through a back door; what its answers carried "
                "away is in no log");
    }
}
