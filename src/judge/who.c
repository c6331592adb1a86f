/* Who started it: addresses, processes of the server itself; and what they were.
 *
 * Source: docs/verdict.md, "Roles"
 */
#include "judge/judge_int.h"

#include <stdlib.h>

#include "base/ip.h"

static const char *const role_names[ROLES] = {
    [ROLE_INTRUDER] = "intruder",
    [ROLE_SCANNER] = "scanner",
    [ROLE_GUESSER] = "guesser",
    [ROLE_HEALTH_PROBE] = "health_probe",
    [ROLE_ADMINISTRATOR] = "administrator",
};

const char *role_name(enum role role)
{
    return role < ROLES ? role_names[role] : "";
}

/* --- what is known of an address from all hosts and campaigns --------------------------------- */

struct deeds {
    size_t host;     /* the first one */
    struct str pack; /* whose rules tell of it first */
    bool many_hosts, many_packs;
    bool answered; /* a flaw answered it, or it did what only who is in can do */
    bool tried;    /* it did more than what only shows whether a flaw is there */
    bool other;    /* it did something else than look for back doors that are not there */
};

/* One record may be told by rules of several packs: it is one request all the same, of one flaw. It
 * counts for one of them, for a campaign rather than for a general pack. */
struct owner {
    size_t evidence;
    uint64_t offset, record;
    bool general;
    struct str pack;
};

static int by_place(const void *x, const void *y)
{
    const struct owner *a = x;
    const struct owner *b = y;
    int d = a->evidence < b->evidence ? -1 : a->evidence > b->evidence;
    d = d ? d : a->offset < b->offset ? -1 : a->offset > b->offset;
    return d ? d : a->record < b->record ? -1 : a->record > b->record;
}

static int by_owner(const void *x, const void *y)
{
    const struct owner *a = x;
    const struct owner *b = y;
    int d = by_place(x, y);
    d = d ? d : a->general - b->general;
    return d ? d : str_cmp(a->pack, b->pack);
}

struct owners {
    struct owner *at;
    size_t n, cap;
};

static struct owner place_of(const struct judge *j, size_t hit)
{
    const struct found_hit *h = &j->in->findings->hits[hit];
    return (struct owner){
        .evidence = h->evidence, .offset = h->hit.offset, .record = h->hit.record};
}

static struct owners owners_of_records(struct judge *j)
{
    struct owners all = {0};
    for (size_t i = 0; i < j->v->n_facts; i++) {
        const struct fact *f = &j->v->facts[i];
        const struct pack *pack = judge_pack(j, f->origin);
        for (size_t k = 0; f->n_initiators && pack && k < f->n_hits; k++) {
            all.at = arena_grow(j->arena, all.at, all.n, &all.cap, sizeof *all.at);
            all.at[all.n] = place_of(j, f->hits[k]);
            all.at[all.n].general = pack->general;
            all.at[all.n++].pack = f->origin;
        }
    }
    if (all.n)
        qsort(all.at, all.n, sizeof *all.at, by_owner);
    size_t kept = 0;
    for (size_t i = 0; i < all.n; i++)
        if (kept == 0 || by_place(&all.at[kept - 1], &all.at[i]) != 0)
            all.at[kept++] = all.at[i];
    all.n = kept;
    return all;
}

/* Whether a fact's records are told by no other pack that they count for. */
static bool is_own(const struct judge *j, const struct owners *all, const struct fact *f)
{
    for (size_t k = 0; all->n && k < f->n_hits; k++) {
        struct owner key = place_of(j, f->hits[k]);
        const struct owner *it = bsearch(&key, all->at, all->n, sizeof *all->at, by_place);
        if (it && !str_eq(it->pack, f->origin))
            return false;
    }
    return true;
}

static struct str lower(struct judge *j, struct str text)
{
    char *p = ARENA_ARRAY(j->arena, char, text.n);
    for (size_t i = 0; i < text.n; i++)
        p[i] = ascii_lower(text.p[i]);
    return (struct str){p, text.n};
}

static bool is_answered(const struct fact *f)
{
    if (f->axis == AXIS_ENTRY)
        return f->state >= STATE_REACHED && f->state <= STATE_EXPLOITED && !f->look;
    return f->axis == AXIS_BACKDOOR || f->axis == AXIS_ACTION || f->axis == AXIS_LOSS;
}

static bool is_search(const struct judge *j, const struct fact *f)
{
    const struct pack *pack = judge_pack(j, f->origin);
    return f->axis == AXIS_ENTRY && f->state == STATE_PROBED && f->through_web && pack &&
           pack->general;
}

static void note_deed(struct judge *j, const struct fact *f, struct str who, bool own)
{
    size_t known = j->doers.n;
    size_t number = names_number(&j->doers, lower(j, who), j->arena);
    if (number == known) {
        j->deeds = arena_grow(j->arena, j->deeds, known, &j->cap_deeds, sizeof *j->deeds);
        j->deeds[known] = (struct deeds){.host = f->host};
    }
    struct deeds *d = &j->deeds[number];
    d->pack = own && d->pack.n == 0 ? f->origin : d->pack;
    d->many_hosts = d->many_hosts || d->host != f->host;
    d->many_packs = d->many_packs || (own && !str_eq(d->pack, f->origin));
    d->answered = d->answered || is_answered(f);
    d->tried = d->tried || (f->state != STATE_PROBED && !f->look);
    d->other = d->other || !is_search(j, f);
}

void judge_deeds(struct judge *j)
{
    struct owners owners = owners_of_records(j);
    for (size_t i = 0; i < j->v->n_facts; i++) {
        const struct fact *f = &j->v->facts[i];
        bool own = f->n_initiators && is_own(j, &owners, f);
        for (size_t k = 0; k < f->n_initiators && f->axis != AXIS_CONTEXT; k++)
            note_deed(j, f, f->initiators[k], own);
    }
}

/* --- the initiators of one campaign ---------------------------------------------------------- */

struct callers { /* of one campaign on one host */
    struct judge *j;
    struct campaign *c;
    struct names names;
    size_t *local; /* facts that name a local process, by time */
    size_t n_local, cap_local;
};

static struct initiator *find_initiator(struct callers *all, struct str kind, struct str value)
{
    struct campaign *c = all->c;
    size_t known = all->names.n;
    size_t number = names_number(
        &all->names,
        arena_printf(all->j->arena, "%.*s %.*s", STR_ARG(kind), STR_ARG(lower(all->j, value))),
        all->j->arena);
    if (number < known)
        return &c->initiators[number];
    c->initiators = arena_grow(all->j->arena, c->initiators, c->n_initiators,
                               &c->cap_initiators, sizeof *c->initiators);
    struct initiator *it = &c->initiators[c->n_initiators++];
    *it = (struct initiator){.kind = kind,
                             .value = value,
                             .role = ROLE_INTRUDER,
                             .first = INSTANT_NONE,
                             .last = INSTANT_NONE};
    return it;
}

static void add_act(struct callers *all, struct str kind, struct str value, size_t act,
                    size_t witness)
{
    const struct fact *f = &all->j->v->facts[act];
    struct initiator *it = find_initiator(all, kind, value);
    it->state = f->state > it->state ? f->state : it->state;
    if (f->first != INSTANT_NONE && (it->first == INSTANT_NONE || f->first < it->first))
        it->first = f->first;
    it->last = f->last > it->last ? f->last : it->last;
    size_t back = act == witness ? 1 : it->facts.n; /* an act is added once for all of it */
    for (size_t i = it->facts.n; i > 0 && back > 0; i--, back--)
        if (it->facts.at[i - 1] == witness)
            return;
    fact_set_add(all->j, &it->facts, witness);
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
static void witness_process(struct callers *all, size_t act)
{
    for (size_t i = 0; i < all->n_local; i++) {
        const struct fact *f = &all->j->v->facts[all->local[i]];
        if (!is_near(f, &all->j->v->facts[act]))
            continue;
        for (size_t k = 0; k < f->n_initiators; k++)
            add_act(all, STR("process"), f->initiators[k], act, all->local[i]);
    }
}

/* Whether a fact of the host is told by this campaign, or by a pack that it may claim of. */
static bool concerns(const struct fact *f, const struct campaign *c)
{
    return str_eq(f->pack, c->pack->id) || pack_claims(c->pack, f->pack);
}

static void find_local(struct callers *all, size_t host)
{
    struct judge *j = all->j;
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (f->axis != AXIS_CONTEXT || f->state != STATE_INITIATOR || !concerns(f, all->c))
            continue;
        all->local =
            arena_grow(j->arena, all->local, all->n_local, &all->cap_local, sizeof *all->local);
        all->local[all->n_local++] = i;
    }
}

/* Who did what everyday administration does, beside an entry. */
static void add_administrators(struct callers *all, size_t host)
{
    struct judge *j = all->j;
    struct ip ip;
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (!fact_is_of(f, host, all->c, AXIS_CONTEXT) || f->state != STATE_NOISE)
            continue;
        for (size_t k = 0; k < f->n_initiators; k++) {
            struct str who = f->initiators[k];
            bool program = str_iends(who, STR(".exe"));
            struct str kind = ip_parse(who, &ip) ? STR("address")
                              : program          ? STR("process")
                                                 : STR("account");
            add_act(all, kind, who, i, i);
        }
    }
}

/* --- what each of them was ------------------------------------------------------------------- */

/* Whether every record of a fact is one by which the product watches itself. */
static bool is_health(const struct judge *j, const struct fact *f)
{
    size_t n = 0;
    while (n < f->n_hits && (j->in->findings->hits[f->hits[n]].hit.marks & MARK_HEALTH_PROBE))
        n++;
    return f->n_hits > 0 && n == f->n_hits;
}

static bool is_product(const struct judge *j, const struct initiator *it)
{
    struct ip ip;
    if (it->state != STATE_PROBED || (ip_parse(it->value, &ip) && ip_is_public(&ip)))
        return false;
    for (size_t i = 0; i < it->facts.n; i++)
        if (!is_health(j, &j->v->facts[it->facts.at[i]]))
            return false;
    return true;
}

static enum role role_of(struct judge *j, const struct initiator *it)
{
    size_t number = names_find(&j->doers, lower(j, it->value));
    if (it->state == STATE_NOISE)
        return ROLE_ADMINISTRATOR;
    if (number == SIZE_MAX || str_eq(it->kind, STR("process")))
        return ROLE_INTRUDER;
    const struct deeds *d = &j->deeds[number];
    if (d->answered)
        return ROLE_INTRUDER;
    if (is_product(j, it))
        return ROLE_HEALTH_PROBE;
    if (!d->other)
        return ROLE_GUESSER;
    bool scans = it->state == STATE_PROBED || !d->tried || d->many_hosts || d->many_packs;
    return scans ? ROLE_SCANNER : ROLE_INTRUDER;
}

static unsigned rank(const struct initiator *it)
{
    return it->state == STATE_NOISE ? 0 : (unsigned)it->state;
}

static int by_reach(const void *x, const void *y)
{
    const struct initiator *a = x;
    const struct initiator *b = y;
    if (rank(a) != rank(b))
        return rank(a) > rank(b) ? -1 : 1;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return str_cmp(a->value, b->value);
}

void judge_initiators(struct judge *j, size_t host, struct campaign *c)
{
    struct callers all = {.j = j, .c = c};
    find_local(&all, host);
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (!fact_is_of(f, host, c, AXIS_ENTRY))
            continue;
        for (size_t k = 0; k < f->n_initiators; k++)
            add_act(&all, STR("address"), f->initiators[k], i, i);
        if (f->n_initiators == 0 && f->state >= STATE_ATTEMPTED)
            witness_process(&all, i);
    }
    add_administrators(&all, host);
    for (size_t i = 0; i < c->n_initiators; i++)
        c->initiators[i].role = role_of(j, &c->initiators[i]);
    if (c->n_initiators)
        qsort(c->initiators, c->n_initiators, sizeof *c->initiators, by_reach);
}
