/* Whose is what any intruder may leave? A page, a command or a loss that a general pack tells of
 * is said under one heading: a campaign's, where its own traces or its window say that it is its
 * doing, else the general pack's own.
 *
 * Source: docs/verdict.md, "Whose act it is"
 */
#include "judge/judge_int.h"

#include <stdlib.h>

#define SLACK_ENTRY INSTANT_MINUTE /* clocks of two logs of one server */
#define SLACK_WINDOW INSTANT_HOUR  /* of the first known use, and of the fix */
#define NEAR_CONTEXT (2 * INSTANT_MINUTE)
#define NOBODY SIZE_MAX

struct times {
    instant *at; /* ascending */
    size_t n, cap;
};

struct claimant { /* a campaign that may claim, on one host */
    const struct pack *pack;
    bool applies;
    struct campaign window; /* its window and its exposure's intervals */
    struct times came;      /* when its own traces say that it got in */
    bool inferred;          /* what it claimed says that it got in ... */
    instant inferred_at;    /* ... at the earliest then */
};

struct unit { /* what is claimed together: one act, or all that is told of one back door */
    size_t first, last; /* facts of the host; the ones between by `next` */
    instant time;
    bool of_change; /* no record tells the time */
    bool web;       /* it came in through a web application */
    bool sure;      /* one record alone says that it is an intruder's */
    size_t by;      /* claimant */
};

enum tie {
    TIE_REQUEST,
    TIE_WHO,
    TIE_PAGE,
    TIE_NAME,
    TIE_ANY_NAME
}; /* by which acts are joined */

struct host_claims {
    struct judge *j;
    size_t from, to; /* its facts */
    struct claimant *who;
    size_t n;
    struct names names; /* requests, addresses and pages of the claimants' own facts */
    bool *named_by;     /* per name and claimant */
    size_t cap_named;
    struct unit *units;
    size_t n_units, cap_units;
    size_t *next; /* per fact of the host: the next one of its unit, or NOBODY */
    bool *chosen; /* per claimant: work space */
};

static const struct fact *fact_of(const struct host_claims *h, size_t i)
{
    return &h->j->v->facts[h->from + i];
}

/* --- what the campaigns' own facts tell ------------------------------------------------------ */

static struct str tagged(struct judge *j, enum tie tie, struct str text)
{
    char *p = ARENA_ARRAY(j->arena, char, text.n + 1);
    p[0] = (char)('a' + (int)tie);
    for (size_t i = 0; i < text.n; i++)
        p[i + 1] = ascii_lower(text.p[i]);
    return (struct str){p, text.n + 1};
}

static void name_it(struct host_claims *h, enum tie tie, struct str text, size_t claimant)
{
    if (text.n == 0)
        return;
    size_t known = h->names.n;
    size_t number = names_number(&h->names, tagged(h->j, tie, text), h->j->arena);
    if (number == known) {
        size_t cap = h->cap_named ? h->cap_named : 64;
        while (cap < (known + 1) * h->n)
            cap *= 2;
        if (cap > h->cap_named) {
            bool *more = ARENA_ARRAY(h->j->arena, bool, cap);
            for (size_t i = 0; i < known * h->n; i++)
                more[i] = h->named_by[i];
            h->named_by = more;
            h->cap_named = cap;
        }
    }
    h->named_by[number * h->n + claimant] = true;
}

static bool is_named(const struct host_claims *h, enum tie tie, struct str text,
                     size_t claimant)
{
    size_t number = text.n ? names_find(&h->names, tagged(h->j, tie, text)) : SIZE_MAX;
    return number != SIZE_MAX && h->named_by[number * h->n + claimant];
}

/* Whether a campaign's own fact says that it got in: the flaw answered, or what only who was in
 * could do. */
static bool says_entered(const struct fact *f)
{
    if (f->axis == AXIS_ENTRY)
        return f->state >= STATE_REACHED && f->state <= STATE_EXPLOITED;
    return (f->axis == AXIS_BACKDOOR || f->axis == AXIS_ACTION) &&
           f->confidence > CONFIDENCE_WEAK;
}

static void read_own(struct host_claims *h, const struct fact *f, size_t claimant)
{
    if (f->axis == AXIS_BACKDOOR && f->object.n) {
        struct str web = judge_web_path(h->j, f->object);
        struct str name = judge_page_name(f->object);
        name_it(h, web.n ? TIE_PAGE : TIE_NAME, web.n ? web : name, claimant);
        name_it(h, TIE_ANY_NAME, name, claimant);
    }
    if (!says_entered(f))
        return;
    struct times *came = &h->who[claimant].came;
    came->at = arena_grow(h->j->arena, came->at, came->n, &came->cap, sizeof *came->at);
    came->at[came->n++] = f->first;
    name_it(h, TIE_REQUEST, f->request, claimant);
    for (size_t i = 0; i < f->n_initiators; i++)
        name_it(h, TIE_WHO, f->initiators[i], claimant);
}

static void read_claimants(struct host_claims *h, size_t host)
{
    struct judge *j = h->j;
    h->who = ARENA_ARRAY(j->arena, struct claimant, j->in->n_packs);
    h->chosen = ARENA_ARRAY(j->arena, bool, j->in->n_packs);
    for (size_t p = 0; p < j->in->n_packs; p++)
        if (j->in->packs[p].n_claims && !j->in->packs[p].general)
            h->who[h->n++].pack = &j->in->packs[p];
    for (size_t k = 0; k < h->n; k++) {
        struct claimant *c = &h->who[k];
        c->applies = judge_applies(j, host, c->pack);
        c->window.pack = c->pack;
        if (c->applies)
            judge_window(j, host, &c->window);
    }
    for (size_t i = h->from; i < h->to; i++)
        for (size_t k = 0; k < h->n; k++)
            if (str_eq(j->v->facts[i].pack, h->who[k].pack->id))
                read_own(h, &j->v->facts[i], k);
}

/* --- what is to be claimed ------------------------------------------------------------------- */

static bool is_claimable(const struct fact *f)
{
    return f->axis == AXIS_BACKDOOR || f->axis == AXIS_ACTION || f->axis == AXIS_LOSS ||
           (f->axis == AXIS_ENTRY && f->state == STATE_PROBED);
}

static void add_to_unit(struct host_claims *h, struct unit *u, size_t i)
{
    const struct fact *f = fact_of(h, i);
    if (u->first == NOBODY)
        u->first = i;
    else
        h->next[u->last] = i;
    u->last = i;
    u->web = u->web || f->through_web;
    u->sure = u->sure || f->confidence > CONFIDENCE_WEAK;
    if (f->first == INSTANT_NONE)
        return;
    if (u->time == INSTANT_NONE || (u->of_change && !f->of_change) ||
        (u->of_change == f->of_change && f->first < u->time)) {
        u->time = f->first;
        u->of_change = f->of_change;
    }
}

static size_t new_unit(struct host_claims *h)
{
    h->units = arena_grow(h->j->arena, h->units, h->n_units, &h->cap_units, sizeof *h->units);
    h->units[h->n_units] =
        (struct unit){.first = NOBODY, .last = NOBODY, .time = INSTANT_NONE, .by = NOBODY};
    return h->n_units++;
}

struct unit_names { /* the unit of each name */
    struct names names;
    size_t *unit;
    size_t cap;
};

/* The unit of this name; a new one where there is none. */
static size_t unit_named(struct host_claims *h, struct unit_names *map, struct str name,
                         size_t otherwise)
{
    size_t known = map->names.n;
    size_t number = names_number(&map->names, name, h->j->arena);
    if (number == known) {
        map->unit = arena_grow(h->j->arena, map->unit, known, &map->cap, sizeof *map->unit);
        map->unit[known] = otherwise == NOBODY ? new_unit(h) : otherwise;
    }
    return map->unit[number];
}

/* All that is told of one back door is one unit. Pages whose address is known come first: what
 * tells only a name is of the first page of that name. */
static void gather_doors(struct host_claims *h, const bool *general)
{
    struct unit_names pages = {0};
    struct unit_names names = {0};
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < h->to - h->from; i++) {
            const struct fact *f = fact_of(h, i);
            if (!general[i] || f->axis != AXIS_BACKDOOR || f->object.n == 0)
                continue;
            struct str web = judge_web_path(h->j, f->object);
            struct str name = tagged(h->j, TIE_NAME, judge_page_name(f->object));
            if ((web.n > 0) != (pass == 0))
                continue;
            size_t u = NOBODY;
            if (web.n)
                u = unit_named(h, &pages, tagged(h->j, TIE_PAGE, web), NOBODY);
            size_t named = unit_named(h, &names, name, u);
            add_to_unit(h, &h->units[web.n ? u : named], i);
        }
    }
}

static void gather_units(struct host_claims *h)
{
    struct judge *j = h->j;
    size_t n = h->to - h->from;
    bool *general = ARENA_ARRAY(j->arena, bool, n);
    h->next = ARENA_ARRAY(j->arena, size_t, n);
    for (size_t i = 0; i < n; i++) {
        const struct pack *pack = judge_pack(j, fact_of(h, i)->pack);
        general[i] = pack && pack->general && is_claimable(fact_of(h, i));
        h->next[i] = NOBODY;
    }
    gather_doors(h, general);
    for (size_t i = 0; i < n; i++) {
        bool door = fact_of(h, i)->axis == AXIS_BACKDOOR && fact_of(h, i)->object.n;
        if (general[i] && !door) {
            size_t u = new_unit(h);
            add_to_unit(h, &h->units[u], i);
        }
    }
}

/* Acts that records date come first, then those that files date, then those without a time. */
static int by_date(const void *x, const void *y)
{
    const struct unit *a = x;
    const struct unit *b = y;
    int class_a = a->time == INSTANT_NONE ? 2 : a->of_change;
    int class_b = b->time == INSTANT_NONE ? 2 : b->of_change;
    if (class_a != class_b)
        return class_a - class_b;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return a->first < b->first ? -1 : a->first > b->first;
}

/* --- by a campaign's own traces -------------------------------------------------------------- */

static bool may_claim(const struct host_claims *h, const struct unit *u, size_t claimant)
{
    for (size_t i = u->first; i != NOBODY; i = h->next[i])
        if (pack_claims(h->who[claimant].pack, fact_of(h, i)->pack))
            return true;
    return false;
}

/* The last time not behind `t` at which a campaign got in; any, where `t` is not known. */
static bool last_entry(const struct claimant *c, instant t, instant *ret)
{
    size_t low = 0;
    size_t high = c->came.n;
    while (low < high && t != INSTANT_NONE) {
        size_t middle = low + (high - low) / 2;
        if (c->came.at[middle] <= t + SLACK_ENTRY)
            low = middle + 1;
        else
            high = middle;
    }
    size_t n = t == INSTANT_NONE ? c->came.n : low;
    bool inferred = c->inferred && (t == INSTANT_NONE || c->inferred_at <= t + SLACK_ENTRY);
    *ret = n ? c->came.at[n - 1] : INSTANT_NONE;
    if (inferred && c->inferred_at > *ret)
        *ret = c->inferred_at;
    return n > 0 || inferred;
}

static bool shares(const struct host_claims *h, const struct fact *f, enum tie tie,
                   size_t claimant)
{
    if (tie == TIE_REQUEST)
        return is_named(h, TIE_REQUEST, f->request, claimant);
    for (size_t i = 0; tie == TIE_WHO && i < f->n_initiators; i++)
        if (is_named(h, TIE_WHO, f->initiators[i], claimant))
            return true;
    if (tie != TIE_PAGE || f->axis != AXIS_BACKDOOR || f->object.n == 0)
        return false;
    struct str web = judge_web_path(h->j, f->object);
    struct str name = judge_page_name(f->object);
    return web.n ? is_named(h, TIE_PAGE, web, claimant) || is_named(h, TIE_NAME, name, claimant)
                 : is_named(h, TIE_ANY_NAME, name, claimant);
}

static bool is_joined(const struct host_claims *h, const struct unit *u, enum tie tie,
                      size_t claimant)
{
    for (size_t i = u->first; i != NOBODY; i = h->next[i])
        if (shares(h, fact_of(h, i), tie, claimant))
            return true;
    return false;
}

/* Of the chosen campaigns the one that got in last before `t`. */
static size_t latest_of(const struct host_claims *h, instant t)
{
    size_t best = NOBODY;
    instant best_at = INSTANT_NONE;
    for (size_t k = 0; k < h->n; k++) {
        instant at = INSTANT_NONE;
        if (!h->chosen[k])
            continue;
        (void)last_entry(&h->who[k], t, &at);
        bool before = best == NOBODY || str_cmp(h->who[k].pack->id, h->who[best].pack->id) < 0;
        if (best == NOBODY || at > best_at || (at == best_at && before)) {
            best = k;
            best_at = at;
        }
    }
    return best;
}

/* Leaves of the chosen those that are joined to the unit so; all of them where none is. */
static bool narrow(const struct host_claims *h, const struct unit *u, enum tie tie)
{
    bool any = false;
    for (size_t k = 0; k < h->n; k++)
        any = any || (h->chosen[k] && is_joined(h, u, tie, k));
    for (size_t k = 0; any && k < h->n; k++)
        h->chosen[k] = h->chosen[k] && is_joined(h, u, tie, k);
    return any;
}

/* A campaign that got in before, or whose own traces name the same page. What is weak and did not
 * come through the web server is everyday work too: only what joins it to an intruder counts. */
static size_t by_traces(const struct host_claims *h, const struct unit *u, instant t)
{
    size_t n = 0;
    for (size_t k = 0; k < h->n; k++)
        h->chosen[k] = may_claim(h, u, k);
    if (narrow(h, u, TIE_PAGE))
        return latest_of(h, t);
    for (size_t k = 0; k < h->n; k++) {
        instant ignored;
        h->chosen[k] = h->chosen[k] && last_entry(&h->who[k], t, &ignored);
        n += h->chosen[k];
    }
    bool weak = !u->web && !u->sure;
    if (n == 0 || (n == 1 && !weak))
        return latest_of(h, t);
    bool joined = narrow(h, u, TIE_REQUEST) || narrow(h, u, TIE_WHO);
    return joined || !weak ? latest_of(h, t) : NOBODY;
}

/* --- by the windows -------------------------------------------------------------------------- */

static bool is_closed(const struct exposure_interval *v)
{
    return v->answer == ANSWER_FIXED || v->answer == ANSWER_NOT_AFFECTED;
}

/* Whether the flaw was closed at a time, as the builds tell; INSTANT_NONE: all the time. */
static bool was_closed(const struct campaign *w, instant t, bool of_change)
{
    bool closed = false;
    bool always = w->n_intervals > 0;
    bool never_there = w->n_intervals > 0;
    for (size_t i = 0; i < w->n_intervals; i++) {
        const struct exposure_interval *v = &w->intervals[i];
        always = always && is_closed(v);
        never_there = never_there && v->answer == ANSWER_NOT_AFFECTED;
        if (v->from + SLACK_WINDOW <= t)
            closed = is_closed(v);
    }
    /* What was fixed when the evidence begins may have been open before. */
    return t == INSTANT_NONE ? never_there || (always && of_change) : closed || never_there;
}

/* Whether an act of that time may have come in by a campaign's flaw. */
static bool may_have_been(const struct claimant *c, instant t, bool of_change)
{
    const struct campaign *w = &c->window;
    if (!c->applies || !c->pack->infers || was_closed(w, t, of_change))
        return false;
    if (t == INSTANT_NONE)
        return w->to > w->from;
    return t + SLACK_WINDOW >= w->from && (!w->ends_with_fix || t <= w->to + SLACK_WINDOW);
}

/* How many campaigns it may have been; *ret is the last of them. */
static size_t candidates(const struct host_claims *h, const struct unit *u, instant t,
                         size_t *ret)
{
    size_t n = 0;
    for (size_t k = 0; k < h->n; k++) {
        h->chosen[k] = may_claim(h, u, k) && may_have_been(&h->who[k], t, u->of_change);
        if (h->chosen[k])
            *ret = k;
        n += h->chosen[k];
    }
    return n;
}

/* What a file says of its own last change may be a copy's time: where nothing was possible then,
 * it may have been at another time. */
static size_t all_candidates(const struct host_claims *h, const struct unit *u, instant *ret_t,
                             size_t *ret)
{
    size_t n = candidates(h, u, u->time, ret);
    *ret_t = u->time;
    if (n == 0 && u->of_change) {
        n = candidates(h, u, INSTANT_NONE, ret);
        *ret_t = INSTANT_NONE;
    }
    return n;
}

static void claim(struct host_claims *h, struct unit *u)
{
    bool probe = fact_of(h, u->first)->axis == AXIS_ENTRY;
    size_t by = probe ? NOBODY : by_traces(h, u, u->time);
    if (by == NOBODY && u->of_change && !probe)
        by = by_traces(h, u, INSTANT_NONE);
    if (by != NOBODY || !u->web) {
        u->by = by;
        return;
    }
    instant t;
    if (all_candidates(h, u, &t, &by) != 1)
        return;
    u->by = by;
    struct claimant *c = &h->who[by];
    instant at = t == INSTANT_NONE ? c->window.from : t;
    if (u->sure && !probe && (!c->inferred || at < c->inferred_at)) {
        c->inferred = true;
        c->inferred_at = at;
    }
}

/* --- what follows ---------------------------------------------------------------------------- */

/* One back door that several general packs tell of is told under the first of them. */
static void settle_general(const struct host_claims *h, const struct unit *u)
{
    const struct pack *first = NULL;
    for (size_t i = u->first; i != NOBODY; i = h->next[i]) {
        const struct pack *pack = judge_pack(h->j, fact_of(h, i)->pack);
        first = !first || str_cmp(pack->id, first->id) < 0 ? pack : first;
    }
    for (size_t i = u->first; i != NOBODY; i = h->next[i])
        h->j->v->facts[h->from + i].pack = first->id;
}

static void settle(struct host_claims *h, size_t host, const struct unit *u)
{
    struct judge *j = h->j;
    for (size_t i = u->first; u->by != NOBODY && i != NOBODY; i = h->next[i]) {
        struct fact *f = &j->v->facts[h->from + i];
        if (pack_claims(h->who[u->by].pack, f->pack))
            f->pack = h->who[u->by].pack->id;
    }
    if (u->by != NOBODY)
        return;
    settle_general(h, u);
    instant t;
    size_t ignored;
    if (u->web && u->sure && fact_of(h, u->first)->axis != AXIS_ENTRY &&
        all_candidates(h, u, &t, &ignored) > 1)
        for (size_t k = 0; k < h->n; k++)
            if (h->chosen[k])
                j->undecided[host * j->in->n_packs + (size_t)(h->who[k].pack - j->in->packs)] =
                    true;
}

static instant distance(instant a, instant b)
{
    return a > b ? a - b : b - a;
}

/* What everyday work looks like, or who was at the server then, is told beside the entry that it
 * lies next to. */
static void settle_context(struct host_claims *h, struct fact *f)
{
    instant nearest = NEAR_CONTEXT + 1;
    struct str to = f->pack;
    for (size_t k = 0; k < h->n; k++) {
        const struct times *came = &h->who[k].came;
        instant at = INSTANT_NONE;
        if (!pack_claims(h->who[k].pack, f->pack) || f->first == INSTANT_NONE ||
            !last_entry(&h->who[k], f->first + NEAR_CONTEXT - SLACK_ENTRY, &at) ||
            came->n == 0 || at == INSTANT_NONE)
            continue;
        if (distance(at, f->first) < nearest ||
            (distance(at, f->first) == nearest && str_cmp(h->who[k].pack->id, to) < 0)) {
            nearest = distance(at, f->first);
            to = h->who[k].pack->id;
        }
    }
    f->pack = to;
}

static void claim_host(struct judge *j, size_t host)
{
    struct host_claims h = {.j = j, .from = j->fact_from[host], .to = j->fact_from[host + 1]};
    gather_units(&h);
    read_claimants(&h, host);
    if (h.n_units)
        qsort(h.units, h.n_units, sizeof *h.units, by_date);
    /* Twice: what was concluded from a later act or a file may explain an earlier one. */
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < h.n_units; i++)
            if (h.units[i].by == NOBODY)
                claim(&h, &h.units[i]);
    for (size_t i = 0; i < h.n_units; i++)
        settle(&h, host, &h.units[i]);
    for (size_t i = h.from; i < h.to; i++) {
        const struct pack *pack = judge_pack(j, j->v->facts[i].pack);
        if (pack && pack->general && j->v->facts[i].axis == AXIS_CONTEXT)
            settle_context(&h, &j->v->facts[i]);
    }
}

/* Commands of a web server's process are what any intruder runs. Long before the campaign's
 * first known use they are not its doing: facts that no campaign claims. The flaw's own
 * traces stay, whatever their date, and so do back doors: files lie about their age. */
static void disown(struct judge *j)
{
    for (size_t i = 0; i < j->v->n_facts; i++) {
        struct fact *f = &j->v->facts[i];
        const struct pack *pack = judge_pack(j, f->pack);
        bool act = f->axis == AXIS_ACTION || f->axis == AXIS_LOSS;
        if (act && pack && pack->n_phases && f->last != INSTANT_NONE &&
            f->last < pack->phases[0].from - INSTANT_DAY)
            f->pack = STR("");
    }
}

/* Whether a fact rests only on logs of web servers that the products of campaigns do not write. */
static bool is_of_access_logs(const struct judge *j, const struct fact *f)
{
    for (size_t i = 0; i < f->n_hits; i++)
        if (j->in->findings->hits[f->hits[i]].hit.kind != EVENT_ACCESS)
            return false;
    return f->n_hits > 0;
}

static const struct pack *standing_pack(struct judge *j)
{
    for (size_t i = 0; i < j->in->n_packs; i++)
        if (j->in->packs[i].standing)
            return &j->in->packs[i];
    return NULL;
}

/* Every server of the Internet is asked for flaws of products that it does not run: what was tried
 * on one, by the log of another program, is said of the web server. */
static void leave_tries(struct judge *j)
{
    const struct pack *to = standing_pack(j);
    for (size_t i = 0; to && i < j->v->n_facts; i++) {
        struct fact *f = &j->v->facts[i];
        const struct pack *pack = judge_pack(j, f->pack);
        if (pack && !pack->general && f->axis == AXIS_ENTRY && f->state <= STATE_ATTEMPTED &&
            is_of_access_logs(j, f))
            f->pack = to->id;
    }
}

/* What one general pack says of any server, another that claims its facts says of this kind. */
static void take_general(struct judge *j)
{
    const struct pack *to = standing_pack(j);
    size_t host = SIZE_MAX; /* of which it is known: facts of one stand together */
    bool stands = false;    /* what is taken here decides nothing of that */
    for (size_t i = 0; to && i < j->v->n_facts; i++) {
        struct fact *f = &j->v->facts[i];
        const struct pack *pack = judge_pack(j, f->pack);
        if (!pack || !pack->general || !pack_claims(to, pack->id))
            continue;
        if (f->host != host)
            stands = judge_stands(j, f->host, to);
        host = f->host;
        if (stands)
            f->pack = to->id;
    }
}

void judge_claims(struct judge *j)
{
    j->undecided = ARENA_ARRAY(j->arena, bool, j->v->n_hosts * j->in->n_packs);
    disown(j);
    for (size_t host = 0; host < j->v->n_hosts; host++)
        if (j->fact_from[host] < j->fact_from[host + 1]) /* else nothing is to be claimed */
            claim_host(j, host);
    leave_tries(j);
    take_general(j);
}

void judge_undecided(struct judge *j, size_t host, struct campaign *c)
{
    const bool *undecided = &j->undecided[host * j->in->n_packs];
    c->candidates = ARENA_ARRAY(j->arena, const struct pack *, j->in->n_packs);
    for (size_t p = 0; p < j->in->n_packs; p++) {
        const struct pack *pack = &j->in->packs[p];
        c->undecided = c->undecided || (undecided[p] && pack == c->pack);
        if (undecided[p] && c->pack->general && pack_claims(pack, c->pack->id))
            c->candidates[c->n_candidates++] = pack;
    }
}
