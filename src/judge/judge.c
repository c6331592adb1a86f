#include "judge/judge_int.h"

#include <stdlib.h>

static const char *const answer_names[ANSWERS] = {
    [ANSWER_NOT_ASSESSABLE] = "not_assessable",
    [ANSWER_NONE_SEEN_PARTIAL] = "none_seen_partial",
    [ANSWER_NONE_SEEN] = "none_seen",
    [ANSWER_PROBED] = "probed",
    [ANSWER_ATTEMPTED] = "attempted",
    [ANSWER_REACHED] = "reached",
    [ANSWER_EXPLOITED] = "exploited",
    [ANSWER_REMOVED] = "removed",
    [ANSWER_WRITTEN] = "written",
    [ANSWER_PRESENT] = "present",
    [ANSWER_SEEN] = "seen",
    [ANSWER_BOUNDS] = "bounds",
    [ANSWER_EXPOSED] = "exposed",
    [ANSWER_FIXED] = "fixed",
    [ANSWER_MITIGATED] = "mitigated",
    [ANSWER_NOT_AFFECTED] = "not_affected",
};

const char *answer_name(enum answer answer)
{
    return answer < ANSWERS ? answer_names[answer] : "";
}

bool fact_is_of(const struct fact *f, size_t host, const struct campaign *c, enum axis axis)
{
    return f->host == host && f->axis == axis && str_eq(f->pack, c->pack->id);
}

void fact_set_add(struct judge *j, struct fact_set *set, size_t fact)
{
    set->at = arena_grow(j->arena, set->at, set->n, &set->cap, sizeof *set->at);
    set->at[set->n++] = fact;
}

static void judge_campaign(struct judge *j, size_t host, const struct pack *pack,
                           struct campaign *c)
{
    *c = (struct campaign){.pack = pack, .stands = judge_stands(j, host, pack)};
    judge_window(j, host, c);
    judge_undecided(j, host, c);
    judge_coverage(j, host, c);
    judge_entry(j, host, c);
    judge_initiators(j, host, c);
    judge_backdoor(j, host, c);
    judge_action(j, host, c);
    judge_loss(j, host, c);
    judge_inferred_entry(j, c);
    judge_exposure(j, host, c);
    judge_chain(j, host, c);
    judge_hints(j, host, c);
    c->covered = judge_is_covered(j, c);
    judge_advice(j, c);
    c->headline = judge_headline(c);
}

static struct str correction_text(struct judge *j, size_t host)
{
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (f->host != host || f->corrected == 0)
            continue;
        int64_t minutes = f->corrected / INSTANT_MINUTE;
        int64_t size = minutes < 0 ? -minutes : minutes;
        return arena_printf(j->arena,
                            "times of this host's events were recorded as local time and are "
                            "corrected by %s%02d:%02d (Sysmon's own UtcTime shows it)",
                            minutes < 0 ? "-" : "+", (int)(size / 60), (int)(size % 60));
    }
    return STR("");
}

static void judge_pack_on(struct judge *j, struct host_verdict *h, const struct pack *pack)
{
    struct left_out *out = &h->left_out[h->n_left_out];
    *out = (struct left_out){.pack = pack, .in_time = true};
    if (!judge_applies(j, h->host, pack))
        out->why = pack->general ? STR("nothing of the kind was found")
                                 : STR("no trace of its product");
    else if (judge_is_in_time(j, h->host, pack))
        judge_campaign(j, h->host, pack, &h->campaigns[h->n_campaigns++]);
    else
        *out = (struct left_out){.pack = pack,
                                 .why = judge_too_early(j, h->host, pack),
                                 .end = judge_end(j, h->host)->last,
                                 .ended = judge_end(j, h->host)->ended};
    h->n_left_out += out->why.n > 0;
}

/* The worst comes first: what was entered, then what was tried, then what cannot be said. */
static int by_weight(const void *x, const void *y)
{
    const struct campaign *a = x;
    const struct campaign *b = y;
    int wa = judge_weight(a);
    int wb = judge_weight(b);
    if (wa != wb)
        return wb - wa;
    return str_cmp(a->pack->id, b->pack->id);
}

/* How many packs the host may be judged by. There may be very many hosts, most of them judged by
 * none: room for all packs would be gigabytes. */
static size_t count_applying(struct judge *j, size_t host)
{
    size_t n = 0;
    for (size_t p = 0; p < j->in->n_packs; p++)
        n += judge_applies(j, host, &j->in->packs[p]);
    return n;
}

static void judge_host(struct judge *j, size_t host, struct host_verdict *h)
{
    *h = (struct host_verdict){.host = host};
    h->campaigns = ARENA_ARRAY(j->arena, struct campaign, count_applying(j, host));
    h->left_out = ARENA_ARRAY(j->arena, struct left_out, j->in->n_packs + 1);
    for (size_t p = 0; p < j->in->n_packs; p++)
        judge_pack_on(j, h, &j->in->packs[p]);
    if (h->n_campaigns)
        qsort(h->campaigns, h->n_campaigns, sizeof *h->campaigns, by_weight);
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++)
        if (j->v->facts[i].axis == AXIS_LOGGING)
            fact_set_add(j, &h->logging, i);
        else if (j->v->facts[i].host == host && j->v->facts[i].pack.n == 0)
            fact_set_add(j, &h->unattributed, i);
    h->corrected = correction_text(j, host);
}

/* Matches that no correlation counted may be what one would have been about: that none was found
 * there is no comfort. */
static bool correlated_all(const struct findings *f)
{
    for (size_t i = 0; i < f->n_correlations; i++)
        if (f->correlations[i].lost)
            return false;
    return f->correlations_failed.n == 0;
}

/* Whether a campaign of whose product a trace is there is not judged for want of later evidence, which
 * there may be. */
static bool may_go_on(const struct host_verdict *h)
{
    for (size_t i = 0; i < h->n_left_out; i++)
        if (!h->left_out[i].in_time && !h->left_out[i].ended)
            return true;
    return false;
}

static int exit_status(struct judge *j)
{
    const struct findings *f = j->in->findings;
    bool any = false;
    bool partial = false;
    for (size_t h = 0; h < j->v->n_hosts; h++) {
        partial = partial || may_go_on(&j->v->per_host[h]);
        for (size_t i = 0; i < j->v->per_host[h].n_campaigns; i++) {
            const struct campaign *c = &j->v->per_host[h].campaigns[i];
            if (judge_is_entered(c))
                return 1;
            if (c->pack->general && !c->stands)
                continue;
            any = true;
            partial = partial || !c->covered;
        }
    }
    for (size_t i = 0; i < f->n_hits; i++)
        if (tune_level(f->hits[i].tuned, ruleset_get(j->in->rules, f->hits[i].hit.rule)) >=
            j->in->level)
            return 1;
    for (size_t i = 0; i < f->n_counted; i++)
        if (tune_level(f->counted[i].tuned, ruleset_get(j->in->rules, f->counted[i].rule)) >=
            j->in->level)
            return 1;
    return !any || partial || !correlated_all(f) ? 3 : 0;
}

const struct pack *judge_pack(const struct judge *j, struct str id)
{
    for (size_t i = 0; i < j->in->n_packs; i++)
        if (str_eq(j->in->packs[i].id, id))
            return &j->in->packs[i];
    return NULL;
}

static const int64_t *corrections(struct judge *j)
{
    const struct findings *f = j->in->findings;
    int64_t *corrected = ARENA_ARRAY(j->arena, int64_t, f->n_hits);
    for (size_t i = 0; i < f->n_hits; i++)
        (void)judge_true_time(j, f->hits[i].evidence, f->hits[i].hit.host, f->hits[i].hit.time,
                              &corrected[i]);
    return corrected;
}

void judge_run(const struct judge_input *input, struct arena *arena, struct verdict *ret)
{
    *ret = (struct verdict){.packs = input->packs, .n_packs = input->n_packs};
    struct judge j = {.in = input, .arena = arena, .v = ret};
    judge_clocks(&j);
    judge_hosts(&j);
    ret->hit_host = j.hit_host;
    ret->hit_corrected = corrections(&j);
    judge_facts(&j);
    ret->hit_id = j.hit_id;
    judge_effects(&j);
    judge_claims(&j);
    judge_finish_facts(&j);
    judge_deeds(&j);
    ret->per_host = ARENA_ARRAY(arena, struct host_verdict, ret->n_hosts);
    for (size_t h = 0; h < ret->n_hosts; h++)
        judge_host(&j, h, &ret->per_host[h]);
    judge_skew(&j);
    judge_clusters(&j);
    ret->exit_status = exit_status(&j);
}
