#include "judge/judge_int.h"

#include <stdlib.h>

#include "base/buf.h"

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

void fact_set_add(struct judge *j, struct fact_set *set, size_t fact)
{
    set->at = arena_grow(j->arena, set->at, set->n, &set->cap, sizeof *set->at);
    set->at[set->n++] = fact;
}

static bool is_of(const struct fact *f, size_t host, const struct campaign *c, enum axis axis)
{
    return f->host == host && f->axis == axis && str_eq(f->pack, c->pack->id);
}

static void add_to_axis(struct judge *j, struct axis_verdict *a, size_t i)
{
    const struct fact *f = &j->v->facts[i];
    fact_set_add(j, &a->facts, i);
    if (f->first != INSTANT_NONE && (a->first == INSTANT_NONE || f->first < a->first))
        a->first = f->first;
    a->last = f->last > a->last ? f->last : a->last; /* INSTANT_NONE is below every time */
}

/* --- who started it ---------------------------------------------------------------------- */

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
        if (!is_of(f, host, c, AXIS_CONTEXT) || f->state != STATE_INITIATOR ||
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

static void judge_initiators(struct judge *j, size_t host, struct campaign *c)
{
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (!is_of(f, host, c, AXIS_ENTRY))
            continue;
        for (size_t k = 0; k < f->n_initiators; k++)
            add_act(j, c, STR("address"), f->initiators[k], i, i);
        if (f->n_initiators == 0 && f->state >= STATE_ATTEMPTED)
            witness_process(j, host, c, i);
    }
    if (c->n_initiators)
        qsort(c->initiators, c->n_initiators, sizeof *c->initiators, by_reach);
}

/* --- the axes ------------------------------------------------------------------------------ */

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

/* Whether any fact is the intruder's by what one record says. That two logs tell of an act
 * makes the act sure, not its meaning: both may tell of an administrator's work. */
static bool is_intruders(const struct judge *j, const struct fact_set *set)
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
static void infer_entry(const struct judge *j, struct campaign *c)
{
    struct axis_verdict *a = &c->entry;
    bool action = c->action.answer == ANSWER_SEEN && is_intruders(j, &c->action.facts);
    bool door = c->n_items && is_intruders(j, &c->backdoor.facts);
    if (a->answer == ANSWER_EXPLOITED || (!door && !action))
        return;
    const struct axis_verdict *from = door ? &c->backdoor : &c->action;
    a->answer = ANSWER_EXPLOITED;
    a->inferred = true;
    a->confidence = from->confidence > CONFIDENCE_STRONG ? CONFIDENCE_STRONG : from->confidence;
    if (a->first == INSTANT_NONE)
        date_entry(j, &from->facts, a);
}

static void judge_entry(struct judge *j, size_t host, struct campaign *c)
{
    struct axis_verdict *a = &c->entry;
    enum state best = STATE_NONE;
    a->first = a->last = INSTANT_NONE;
    a->answer = judge_nothing_seen(j, c, PACK_ENTRY, &a->reason);
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (!is_of(f, host, c, AXIS_ENTRY))
            continue;
        add_to_axis(j, a, i);
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

static void judge_action(struct judge *j, size_t host, struct campaign *c)
{
    struct axis_verdict *a = &c->action;
    a->first = a->last = INSTANT_NONE;
    a->answer = judge_nothing_seen(j, c, PACK_ACTION, &a->reason);
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (!is_of(f, host, c, AXIS_ACTION))
            continue;
        a->answer = ANSWER_SEEN;
        a->confidence = f->confidence > a->confidence ? f->confidence : a->confidence;
        add_to_axis(j, a, i);
        add_kind(j, c, f->kind);
    }
}

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
static void judge_loss(struct judge *j, size_t host, struct campaign *c)
{
    struct axis_verdict *a = &c->loss;
    a->first = a->last = INSTANT_NONE;
    a->answer = judge_nothing_seen(j, c, PACK_LOSS, &a->reason);
    c->bytes_bounded = a->answer == ANSWER_NONE_SEEN;
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (!is_of(f, host, c, AXIS_LOSS))
            continue;
        a->answer = ANSWER_BOUNDS;
        a->confidence = f->confidence > a->confidence ? f->confidence : a->confidence;
        add_to_axis(j, a, i);
        c->bytes_low += f->bytes;
    }
    c->mailboxes_low = distinct_mailboxes(j, &a->facts);
    bool ran = is_intruders(j, &c->action.facts) || is_used(c);
    if (ran)
        c->bytes_bounded = false;
    if (ran && a->answer <= ANSWER_NONE_SEEN) {
        a->answer = ANSWER_NOT_ASSESSABLE;
        a->reason =
            STR("an intruder ran commands through a back door; what its answers carried "
                "away is in no log");
    }
}

/* --- the chain ------------------------------------------------------------------------------- */

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
static void judge_chain(struct judge *j, size_t host, struct campaign *c)
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

/* --- advice, headline, exit status ------------------------------------------------------------ */

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

static void judge_advice(struct judge *j, struct campaign *c)
{
    c->advice = ARENA_ARRAY(j->arena, const struct pack_advice *, c->pack->n_advice);
    for (size_t i = 0; i < c->pack->n_advice; i++)
        if (applies_now(c, &c->pack->advice[i]))
            c->advice[c->n_advice++] = &c->pack->advice[i];
}

static bool fully_covered(struct judge *j, const struct campaign *c)
{
    struct str ignored;
    for (size_t axis = PACK_ENTRY; axis < PACK_AXES; axis++)
        if (judge_nothing_seen(j, c, (enum pack_axis)axis, &ignored) != ANSWER_NONE_SEEN)
            return false;
    return c->exposure.answer >= ANSWER_EXPOSED && !c->exposure.inferred;
}

static bool is_entered(const struct campaign *c)
{
    return (c->entry.answer >= ANSWER_REACHED && c->entry.answer <= ANSWER_EXPLOITED) ||
           c->n_items || c->action.answer == ANSWER_SEEN || c->loss.answer == ANSWER_BOUNDS;
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
    return c->n_items ? STR("SUSPICIOUS: each item must be looked at")
                      : STR("SIGNS OF AN INTRUDER'S ACTS");
}

static struct str headline(struct judge *j, const struct campaign *c)
{
    bool door = c->backdoor.answer == ANSWER_PRESENT || c->backdoor.answer == ANSWER_WRITTEN;
    bool entered = c->entry.answer == ANSWER_EXPLOITED;
    if (c->pack->general)
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
    if (is_entered(c))
        return STR("SIGNS OF AN INTRUDER'S ACTS");
    bool covered = fully_covered(j, c);
    if (c->entry.answer == ANSWER_ATTEMPTED || c->entry.answer == ANSWER_PROBED)
        return covered ? STR("TRIED, NOT ENTERED, as far as complete evidence shows")
                       : STR("TRIED; whether anybody got in CANNOT BE EXCLUDED: evidence is "
                             "missing");
    if (covered && c->exposure.answer == ANSWER_EXPOSED)
        return STR("NO SIGN up to the end of the evidence; the flaw was STILL OPEN then");
    return covered ? STR("NO SIGN of this campaign, in evidence that covers the whole time")
                   : STR("CANNOT BE EXCLUDED: evidence is missing");
}

/* --- putting it together ----------------------------------------------------------------------- */

/* Whether what a source covers (its name, its part behind it) is of this kind of event. */
static bool kind_fits(struct str text, struct str kind)
{
    for (unsigned k = 0; k < EVENT_KINDS; k++)
        if (k != EVENT_FILE && str_eq(kind, str_of(event_kind_name(k))))
            return str_istarts(text, str_of(event_kind_source(k)));
    return false;
}

static bool noted_fits(const struct noted *n, const struct pack_trace *t)
{
    if (n->type == SIGNAL_COVER && t->channel.n == 0 && t->channel_prefix.n == 0 &&
        t->provider_prefix.n == 0)
        return kind_fits(n->text, t->kind);
    if (n->type != SIGNAL_HOST || !str_eq(t->kind, STR("windows")))
        return false;
    size_t bar = str_find(n->text, STR("|"), 0);
    struct str channel = str_part(n->text, 0, bar);
    struct str provider = bar == SIZE_MAX ? STR("") : str_part(n->text, bar + 1, n->text.n);
    return (t->channel.n || t->channel_prefix.n || t->provider_prefix.n) &&
           (t->channel.n == 0 || str_ieq(channel, t->channel)) &&
           str_istarts(channel, t->channel_prefix) && str_istarts(provider, t->provider_prefix);
}

static bool path_fits(struct str path, struct str part)
{
    for (size_t i = 0; part.n && part.n <= path.n && i <= path.n - part.n; i++) {
        size_t k = 0;
        while (k < part.n) {
            char c = path.p[i + k] == '\\' ? '/' : ascii_lower(path.p[i + k]);
            if (c != part.p[k])
                break;
            k++;
        }
        if (k == part.n)
            return true;
    }
    return false;
}

static bool trace_seen(struct judge *j, size_t host, const struct pack_trace *t)
{
    const struct findings *f = j->in->findings;
    if (str_eq(t->kind, STR("file"))) {
        for (size_t i = j->evidence_from[host]; i < j->evidence_from[host + 1]; i++)
            if (path_fits(f->evidence[j->evidence_at[i]].path, t->path_part))
                return true;
        return false;
    }
    for (size_t i = j->noted_from[host]; i < j->noted_from[host + 1]; i++)
        if (noted_fits(&f->noted[j->noted_at[i]], t))
            return true;
    return false;
}

static bool is_applicable(struct judge *j, size_t host, const struct pack *pack)
{
    for (size_t i = 0; !pack->general && i < pack->n_traces; i++)
        if (trace_seen(j, host, &pack->traces[i]))
            return true;
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1];
         i++) /* a fact of the campaign is a trace too */
        if (j->v->facts[i].host == host && str_eq(j->v->facts[i].pack, pack->id) &&
            j->v->facts[i].axis != AXIS_CONTEXT &&
            (!pack->general || j->v->facts[i].axis != AXIS_EXPOSURE))
            return true;
    return false;
}

static void judge_campaign(struct judge *j, size_t host, const struct pack *pack,
                           struct campaign *c)
{
    *c = (struct campaign){.pack = pack};
    judge_window(j, host, c);
    judge_coverage(j, host, c);
    judge_entry(j, host, c);
    judge_initiators(j, host, c);
    judge_backdoor(j, host, c);
    judge_action(j, host, c);
    judge_loss(j, host, c);
    infer_entry(j, c);
    judge_exposure(j, host, c);
    judge_chain(j, host, c);
    judge_advice(j, c);
    c->headline = headline(j, c);
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

static void judge_host(struct judge *j, size_t host, struct host_verdict *h)
{
    *h = (struct host_verdict){.host = host};
    h->campaigns = ARENA_ARRAY(j->arena, struct campaign, j->in->n_packs);
    for (size_t p = 0; p < j->in->n_packs; p++)
        if (is_applicable(j, host, &j->in->packs[p]))
            judge_campaign(j, host, &j->in->packs[p], &h->campaigns[h->n_campaigns++]);
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++)
        if (j->v->facts[i].host == host && j->v->facts[i].pack.n == 0)
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

static int exit_status(struct judge *j)
{
    const struct findings *f = j->in->findings;
    bool any = false;
    bool partial = false;
    for (size_t h = 0; h < j->v->n_hosts; h++) {
        for (size_t i = 0; i < j->v->per_host[h].n_campaigns; i++) {
            const struct campaign *c = &j->v->per_host[h].campaigns[i];
            if (is_entered(c))
                return 1;
            if (c->pack->general)
                continue;
            any = true;
            partial = partial || !fully_covered(j, c);
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

const struct pack *judge_pack(const struct judge *j, struct str id)
{
    for (size_t i = 0; i < j->in->n_packs; i++)
        if (str_eq(j->in->packs[i].id, id))
            return &j->in->packs[i];
    return NULL;
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
    for (size_t i = 0; i < input->n_packs; i++)
        disown(&j, &input->packs[i]);
    adopt(&j);
    ret->per_host = ARENA_ARRAY(arena, struct host_verdict, ret->n_hosts);
    for (size_t h = 0; h < ret->n_hosts; h++)
        judge_host(&j, h, &ret->per_host[h]);
    ret->exit_status = exit_status(&j);
}
