/* Was the server vulnerable, and when? Told by the builds that its own logs name. */
#include "judge/judge_int.h"

#include <inttypes.h>
#include <stdlib.h>

struct sighting { /* a build of the host, from, to */
    struct build build;
    struct str text;
    bool update_known;
    instant from, to;
};

static int by_from(const void *x, const void *y)
{
    const struct sighting *a = x;
    const struct sighting *b = y;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return build_cmp(&a->build, &b->build, 4);
}

instant judge_end_of_evidence(struct judge *j, size_t host)
{
    const struct findings *f = j->in->findings;
    instant end = INSTANT_NONE;
    for (size_t i = j->noted_from[host]; i < j->noted_from[host + 1]; i++) {
        const struct noted *m = &f->noted[j->noted_at[i]];
        int64_t off;
        if (m->type != SIGNAL_COVER)
            continue;
        instant t = judge_true_time(j, m->evidence, m->host, m->to, &off);
        end = end == INSTANT_NONE || t > end ? t : end;
    }
    return end;
}

/* "Exchange 2016 CU18 KB5000871": an update, as the registry lists it. The build that it makes is
 * known where the pack names it. */
static bool build_of_update(struct judge *j, const struct pack *pack, struct sighting *s)
{
    size_t end = s->text.n;
    while (end > 0 && s->text.p[end - 1] != ' ')
        end--;
    struct str kb = str_part(s->text, end, s->text.n);
    struct str name = str_trim(str_part(s->text, 0, end));
    for (size_t i = 0; i < pack->n_fixed; i++) {
        const struct pack_fix *f = &pack->fixed[i];
        if (!str_ieq(f->kb, kb) || !str_ieq(f->name, name))
            continue;
        const uint32_t *p = f->fixed.part;
        s->build = f->fixed;
        s->text = arena_printf(j->arena, "%" PRIu32 ".%" PRIu32 ".%" PRIu32 ".%" PRIu32, p[0],
                               p[1], p[2], p[3]);
        s->update_known = true;
        return true;
    }
    return false;
}

/* A build that a record of the pack's own rules names. A program's file names it, and not since
 * when: it is that of the end of the evidence. */
static bool sighting_of_fact(const struct judge *j, const struct fact *f, instant end,
                             struct sighting *ret)
{
    bool file = false;
    for (size_t i = 0; i < f->n_hits && !file; i++)
        file = j->in->findings->hits[f->hits[i]].hit.kind == EVENT_FILE;
    *ret = (struct sighting){.text = f->object,
                             .update_known = true,
                             .from = file ? end : f->first,
                             .to = file ? end : f->last};
    return build_parse(f->object, &ret->build) && ret->from != INSTANT_NONE;
}

static size_t sightings_of_facts(struct judge *j, size_t host, const struct pack *pack,
                                 instant end, struct sighting *ret)
{
    size_t n = 0;
    for (size_t i = j->fact_from ? j->fact_from[host] : 0;
         j->fact_from && i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (f->host == host && f->state == STATE_BUILD && str_eq(f->pack, pack->id))
            n += sighting_of_fact(j, f, end, &ret[n]);
    }
    return n;
}

static size_t sightings(struct judge *j, size_t host, const struct pack *pack,
                        struct sighting **ret)
{
    const struct findings *f = j->in->findings;
    size_t from = j->noted_from[host];
    size_t to = j->noted_from[host + 1];
    size_t told = j->fact_from ? j->fact_from[host + 1] - j->fact_from[host] : 0;
    struct sighting *all = ARENA_ARRAY(j->arena, struct sighting, to - from + told);
    instant end = judge_end_of_evidence(j, host);
    size_t n = sightings_of_facts(j, host, pack, end, all);
    for (size_t i = from; i < to; i++) {
        const struct noted *m = &f->noted[j->noted_at[i]];
        struct sighting s = {.text = m->text, .update_known = m->offset == 0};
        int64_t off;
        if (m->type != SIGNAL_BUILD ||
            !(build_parse(m->text, &s.build) || build_of_update(j, pack, &s)))
            continue;
        /* A program's own file names its build and not since when: it is that of the end. */
        bool dated = m->from != INSTANT_NONE;
        s.from = dated ? judge_true_time(j, m->evidence, m->host, m->from, &off) : end;
        s.to = dated ? judge_true_time(j, m->evidence, m->host, m->to, &off) : end;
        if (s.from == INSTANT_NONE)
            continue;
        all[n++] = s;
    }
    if (n)
        qsort(all, n, sizeof *all, by_from);
    *ret = all;
    return n;
}

bool judge_knows_files(struct judge *j, size_t host, const struct pack *pack)
{
    struct sighting *all = NULL;
    size_t n = pack->n_known_files ? sightings(j, host, pack, &all) : 0;
    const struct sighting *last = NULL;
    for (size_t i = 0; i < n; i++)
        if (all[i].update_known && (!last || all[i].to >= last->to))
            last = &all[i];
    return last && pack_knows_files(pack, &last->build);
}

static enum answer answer_of(enum build_state state)
{
    switch (state) {
    case BUILD_VULNERABLE:
        return ANSWER_EXPOSED;
    case BUILD_FIXED:
        return ANSWER_FIXED;
    case BUILD_NOT_AFFECTED:
        return ANSWER_NOT_AFFECTED;
    case BUILD_UNKNOWN:
        break;
    }
    return ANSWER_NOT_ASSESSABLE;
}

/* One interval per build, in order of time; the next one's first sight ends it. */
static void build_intervals(struct judge *j, struct campaign *c, const struct sighting *all,
                            size_t n)
{
    c->intervals = ARENA_ARRAY(j->arena, struct exposure_interval, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct exposure_interval v = {
            .from = all[i].from, .to = all[i].to, .build = all[i].text};
        v.answer = answer_of(
            pack_judge_build(c->pack, &all[i].build, all[i].update_known, &v.weak, &v.name));
        if (v.answer == ANSWER_NOT_ASSESSABLE)
            continue;
        struct exposure_interval *last =
            c->n_intervals ? &c->intervals[c->n_intervals - 1] : NULL;
        if (last && str_eq(last->build, v.build)) {
            last->to = v.to > last->to ? v.to : last->to;
            continue;
        }
        /* A build seen before and after another one outlived it: what is told of the other
         * must not end the time in which the server was vulnerable. */
        if (last && v.to < last->to && v.answer != ANSWER_EXPOSED)
            continue;
        if (last)
            last->to = v.from;
        c->intervals[c->n_intervals++] = v;
    }
}

/* When the first record was made of the sources that an answer about entries needs. */
static instant start_of_evidence(struct judge *j, size_t host, const struct pack *pack)
{
    const struct findings *f = j->in->findings;
    instant start = INSTANT_NONE;
    for (size_t i = j->noted_from[host]; i < j->noted_from[host + 1]; i++) {
        const struct noted *m = &f->noted[j->noted_at[i]];
        struct str source = str_part(m->text, 0, str_find(m->text, STR("|"), 0));
        int64_t off;
        if (m->type != SIGNAL_COVER || !pack_needs(pack, PACK_ENTRY, source))
            continue;
        instant t = judge_true_time(j, m->evidence, m->host, m->from, &off);
        start = start == INSTANT_NONE || t < start ? t : start;
    }
    return start;
}

/* What is watched for at any time is watched for in the time that the logs span. */
static void standing_window(struct judge *j, size_t host, struct campaign *c)
{
    c->from = start_of_evidence(j, host, c->pack);
    c->to = judge_end_of_evidence(j, host);
    c->window_why = STR("from the first to the last record of the web server's logs");
    if (c->from == INSTANT_NONE || c->to < c->from) {
        c->from = c->to;
        c->window_why = STR("no log of the web server is in the evidence");
    }
}

void judge_window(struct judge *j, size_t host, struct campaign *c)
{
    struct sighting *all = NULL;
    if (c->stands) {
        standing_window(j, host, c);
        return;
    }
    if (c->pack->general) {
        c->from = c->to = INSTANT_NONE;
        c->window_why = STR("what is of no campaign counts at any time; that there is nothing "
                            "of the kind is never said");
        return;
    }
    size_t n = sightings(j, host, c->pack, &all);
    build_intervals(j, c, all, n);
    c->from = c->pack->phases[0].from;
    c->to = judge_end_of_evidence(j, host);
    c->window_why = STR("to the end of the evidence");
    size_t i = c->n_intervals;
    while (i > 0 && c->intervals[i - 1].answer == ANSWER_FIXED)
        i--;
    if (i < c->n_intervals && i > 0 && c->intervals[i].from > c->from) {
        c->to = c->intervals[i].from;
        c->window_why = STR("to the fix on this host");
        c->ends_with_fix = true;
    }
    if (c->to == INSTANT_NONE || c->to < c->from) {
        c->to = c->from;
        c->window_why = judge_end(j, host)->alive >= c->from
                            ? STR("the logs end before the campaign began, and the server's "
                                  "own disk tells that it ran on")
                            : STR("the evidence ends before the campaign began");
    }
}

/* Whether a mitigation was taken back when it had been set, or may have been: of two clocks
 * that are not the same, one local, the order is known only where they lie far apart. */
static bool may_follow(const struct judge *j, const struct fact *back, const struct fact *set)
{
    if (back->last == INSTANT_NONE || set->last == INSTANT_NONE)
        return true;
    bool back_local = judge_is_local_time(j, back);
    bool set_local = judge_is_local_time(j, set);
    instant latest = back->last + (back_local && !set_local ? LOCAL_BEHIND : 0);
    instant earliest = set->last - (set_local && !back_local ? LOCAL_BEFORE : 0);
    return latest >= earliest;
}

/* A weak sign (the tool's files) also stays behind when the tool took its rules back. */
static bool holds(const struct judge *j, const struct fact_set *facts, const struct fact *set)
{
    for (size_t i = 0; i < facts->n; i++) {
        const struct fact *back = &j->v->facts[facts->at[i]];
        if (back->state == STATE_UNMITIGATED &&
            (set->confidence == CONFIDENCE_WEAK || may_follow(j, back, set)))
            return false;
    }
    return true;
}

/* The flaw answered when the mitigation had been set, or may have been: it does not hold. */
static bool answered_since(const struct judge *j, size_t host, const struct campaign *c,
                           const struct fact *set)
{
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (f->host == host && f->axis == AXIS_ENTRY && f->state >= STATE_REACHED &&
            f->state <= STATE_EXPLOITED && str_eq(f->pack, c->pack->id) &&
            may_follow(j, f, set))
            return true;
    }
    return false;
}

/* How sure it is that the flaw is mitigated; CONFIDENCE_NONE: it is not. */
static enum confidence mitigation_of(struct judge *j, size_t host, const struct campaign *c,
                                     struct axis_verdict *a)
{
    enum confidence best = CONFIDENCE_NONE;
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (f->host == host && f->axis == AXIS_EXPOSURE && str_eq(f->pack, c->pack->id))
            fact_set_add(j, &a->facts, i);
    }
    for (size_t i = 0; i < a->facts.n; i++) {
        const struct fact *f = &j->v->facts[a->facts.at[i]];
        if (f->state == STATE_MITIGATED && f->confidence > best && holds(j, &a->facts, f) &&
            !answered_since(j, host, c, f))
            best = f->confidence;
    }
    return best;
}

/* The flaw answered: the server was vulnerable at that moment, whatever its build. */
static void infer(struct judge *j, size_t host, struct campaign *c)
{
    struct exposure_interval v = {
        .answer = ANSWER_EXPOSED,
        .from = INSTANT_NONE,
        .to = INSTANT_NONE, /* below every time */
        .build = STR(""),
        .name = STR(""),
        .inferred = true,
    };
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (f->host != host || f->axis != AXIS_ENTRY || f->state < STATE_REACHED ||
            f->first == INSTANT_NONE || !str_eq(f->pack, c->pack->id))
            continue;
        v.from = v.from == INSTANT_NONE || f->first < v.from ? f->first : v.from;
        v.to = f->last > v.to ? f->last : v.to;
        fact_set_add(j, &c->exposure.facts, i);
    }
    if (v.from == INSTANT_NONE)
        return;
    if (!c->intervals)
        c->intervals = ARENA_ARRAY(j->arena, struct exposure_interval, 1);
    c->intervals[c->n_intervals++] = v;
    c->exposure.answer = ANSWER_EXPOSED;
    c->exposure.inferred = true;
    c->exposure.confidence = CONFIDENCE_STRONG;
    c->exposure.first = v.from;
    c->exposure.last = v.to;
}

static enum answer reachable(struct judge *j, size_t host)
{
    const struct findings *f = j->in->findings;
    for (size_t i = j->noted_from[host]; i < j->noted_from[host + 1]; i++)
        if (f->noted[j->noted_at[i]].type == SIGNAL_PUBLIC)
            return ANSWER_SEEN;
    return ANSWER_NOT_ASSESSABLE;
}

void judge_exposure(struct judge *j, size_t host, struct campaign *c)
{
    struct axis_verdict *a = &c->exposure;
    a->first = a->last = INSTANT_NONE;
    c->reachable = reachable(j, host);
    enum confidence mitigation = mitigation_of(j, host, c, a);
    if (c->n_intervals) {
        const struct exposure_interval *end = &c->intervals[c->n_intervals - 1];
        a->answer = end->answer;
        a->confidence = end->weak ? CONFIDENCE_WEAK : CONFIDENCE_CERTAIN;
        if (end->answer == ANSWER_EXPOSED && mitigation != CONFIDENCE_NONE) {
            a->answer = ANSWER_MITIGATED;
            a->confidence = mitigation < a->confidence ? mitigation : a->confidence;
        }
        a->first = c->intervals[0].from;
        a->last = end->to;
        return;
    }
    a->answer = ANSWER_NOT_ASSESSABLE;
    a->reason = c->stands          ? STR("no one flaw is meant: there is no build that is "
                                                  "exposed or fixed")
                : c->pack->general ? c->window_why
                                   : STR("no build is named in the evidence");
    infer(j, host, c);
}
