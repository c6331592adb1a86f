/* Intrusions that share what two strangers would not: the same page, its key, an address.
 *
 * An intrusion is what its chain and its back doors hold together, on one host in one campaign. Two
 * belong together where they share things of two independent groups (where from, what it was
 * called, what was in it, ...) that weigh enough; what many share weighs little. Who it was is never
 * said here.
 */
#include <stdlib.h>

#include "base/ip.h"
#include "event/webpath.h"
#include "judge/judge_int.h"

enum {
    SHARED_MAX = 64,    /* intrusions that share a thing, beyond which it says nothing */
    WEIGHT_WANTED = 30, /* tenths */
    FEW = 8,            /* of so few intrusions nothing can be said of rarity */
    GROUPS_WANTED = 2,
    ALTERNATIVES = 16, /* that are named */
};

/* Groups are independent of each other: a copied page brings its key and its structure along. */
static const struct {
    unsigned group, weight; /* tenths */
} KINDS[SHARES] = {
    [SHARE_ADDRESS] = {0, 20},   [SHARE_PAGE] = {1, 10},   [SHARE_CONTENT] = {2, 30},
    [SHARE_STRUCTURE] = {2, 25}, [SHARE_KEY] = {2, 20},    [SHARE_AGENT] = {3, 10},
    [SHARE_TOOL] = {4, 20},      [SHARE_DOMAIN] = {5, 20}, [SHARE_ACCOUNT] = {6, 15},
};

struct thing { /* what some intrusions have */
    enum share kind;
    struct str value;
    size_t *of; /* intrusions, ascending */
    size_t n, cap;
};

struct owned { /* things of one intrusion */
    size_t *at;
    size_t n, cap;
};

struct work {
    struct judge *j;
    struct intrusion *all;
    size_t n, cap;
    struct owned *owned;
    size_t *parent; /* of intrusions: which are one cluster */
    struct thing *things;
    size_t n_things, cap_things;
    struct names names;
    unsigned *score; /* per intrusion, against the one in hand */
    unsigned *groups;
    size_t *touched;
    size_t n_touched;
    struct pair {
        size_t a, b, by;
    } * loose; /* those that share something, and not enough */
    size_t n_loose, cap_loose;
};

static size_t root_of(size_t *parent, size_t i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

static void unite(size_t *parent, size_t a, size_t b)
{
    a = root_of(parent, a);
    b = root_of(parent, b);
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
}

/* --- intrusions -------------------------------------------------------------------------------- */

static bool is_done(const struct fact *f)
{
    return (f->axis == AXIS_ENTRY && f->state >= STATE_REACHED) || f->axis == AXIS_BACKDOOR ||
           f->axis == AXIS_ACTION || f->axis == AXIS_LOSS;
}

static void unite_facts(struct judge *j, size_t host, const struct campaign *c, size_t *parent)
{
    size_t from = j->fact_from[host];
    for (size_t i = 0; i < c->n_chain; i++)
        if (c->chain[i].confidence >= CONFIDENCE_STRONG && c->chain[i].from >= from &&
            c->chain[i].from < j->fact_from[host + 1])
            unite(parent, c->chain[i].from - from, c->chain[i].to - from);
    for (size_t i = 0; i < c->n_items; i++)
        for (size_t k = 1; k < c->items[i].facts.n; k++)
            unite(parent, c->items[i].facts.at[0] - from, c->items[i].facts.at[k] - from);
}

static struct intrusion *add_intrusion(struct work *w, size_t host, const struct campaign *c)
{
    w->all = arena_grow(w->j->arena, w->all, w->n, &w->cap, sizeof *w->all);
    struct intrusion *it = &w->all[w->n++];
    *it = (struct intrusion){
        .host = host, .campaign = c, .first = INSTANT_NONE, .last = INSTANT_NONE};
    return it;
}

static void add_fact(struct judge *j, struct intrusion *it, size_t i)
{
    const struct fact *f = &j->v->facts[i];
    fact_set_add(j, &it->facts, i);
    if (f->first != INSTANT_NONE && (it->first == INSTANT_NONE || f->first < it->first))
        it->first = f->first;
    it->last = f->last > it->last ? f->last : it->last;
}

static void intrusions_of(struct work *w, size_t host, const struct campaign *c)
{
    struct judge *j = w->j;
    size_t from = j->fact_from[host];
    size_t n = j->fact_from[host + 1] - from;
    size_t *parent = ARENA_ARRAY(j->arena, size_t, n);
    size_t *at = ARENA_ARRAY(j->arena, size_t, n); /* its intrusion + 1 */
    for (size_t i = 0; i < n; i++)
        parent[i] = i;
    unite_facts(j, host, c, parent);
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(j->v->facts[from + i].pack, c->pack->id) ||
            !is_done(&j->v->facts[from + i]))
            continue;
        size_t root = root_of(parent, i);
        if (at[root] == 0) {
            (void)add_intrusion(w, host, c);
            at[root] = w->n;
        }
        add_fact(j, &w->all[at[root] - 1], from + i);
    }
}

/* --- what they have ---------------------------------------------------------------------------- */

static void own(struct work *w, size_t intrusion, enum share kind, struct str value)
{
    struct arena *arena = w->j->arena;
    if (value.n == 0)
        return;
    struct str low = text_lower(value, arena);
    size_t at = names_number(
        &w->names, arena_printf(arena, "%s\n%.*s", share_name(kind), STR_ARG(low)), arena);
    if (at == w->n_things) {
        w->things =
            arena_grow(arena, w->things, w->n_things, &w->cap_things, sizeof *w->things);
        w->things[w->n_things++] = (struct thing){.kind = kind, .value = value};
    }
    struct thing *t = &w->things[at];
    if (t->n && t->of[t->n - 1] == intrusion)
        return;
    t->of = arena_grow(arena, t->of, t->n, &t->cap, sizeof *t->of);
    t->of[t->n++] = intrusion;
    struct owned *o = &w->owned[intrusion];
    o->at = arena_grow(arena, o->at, o->n, &o->cap, sizeof *o->at);
    o->at[o->n++] = at;
}

/* What rules say that others may have, too: "kind<tab>value<newline>" each. */
static void own_shares(struct work *w, size_t intrusion, struct str shares)
{
    for (size_t at = 0; at < shares.n;) {
        size_t end = str_find(shares, STR("\n"), at);
        size_t tab = str_find(shares, STR("\t"), at);
        enum share kind;
        if (end == SIZE_MAX)
            end = shares.n;
        if (tab < end && share_parse(str_part(shares, at, tab), &kind))
            own(w, intrusion, kind, str_part(shares, tab + 1, end));
        at = end + 1;
    }
}

static void own_fact(struct work *w, size_t intrusion, const struct fact *f)
{
    for (size_t i = 0; i < f->n_initiators; i++) {
        struct ip ip;
        if (ip_parse(f->initiators[i], &ip) && ip_is_public(&ip))
            own(w, intrusion, SHARE_ADDRESS, f->initiators[i]);
    }
    if (f->axis == AXIS_BACKDOOR)
        own(w, intrusion, SHARE_PAGE, judge_page_name(f->object));
    own_shares(w, intrusion, f->shares);
}

/* --- who shares what --------------------------------------------------------------------------- */

static unsigned log2_of(size_t n)
{
    unsigned lg = 0;
    while (n >>= 1)
        lg++;
    return lg;
}

/* What one in two has is worth little among many. */
static unsigned weight_of(const struct work *w, const struct thing *t)
{
    unsigned base = KINDS[t->kind].weight;
    unsigned all = log2_of(w->n);
    if (w->n <= FEW || all == 0)
        return base;
    unsigned rare = all - log2_of(t->n);
    return rare == 0 ? base / 5 : base * rare / all;
}

static void score(struct work *w, size_t i, const struct thing *t)
{
    unsigned weight = weight_of(w, t);
    for (size_t k = 0; t->n <= SHARED_MAX && k < t->n && t->of[k] < i; k++) {
        size_t other = t->of[k];
        if (w->score[other] == 0)
            w->touched[w->n_touched++] = other;
        w->score[other] += weight;
        w->groups[other] |= 1U << KINDS[t->kind].group;
    }
}

static void note_loose(struct work *w, size_t a, size_t b, size_t by)
{
    w->loose = arena_grow(w->j->arena, w->loose, w->n_loose, &w->cap_loose, sizeof *w->loose);
    w->loose[w->n_loose++] = (struct pair){a, b, by};
}

static size_t first_shared(const struct work *w, size_t a, size_t b)
{
    for (size_t i = 0; i < w->owned[a].n; i++) {
        const struct thing *t = &w->things[w->owned[a].at[i]];
        for (size_t k = 0; k < t->n && t->of[k] <= b; k++)
            if (t->of[k] == b)
                return w->owned[a].at[i];
    }
    return 0;
}

static void compare(struct work *w, size_t i)
{
    for (size_t k = 0; k < w->owned[i].n; k++)
        score(w, i, &w->things[w->owned[i].at[k]]);
    for (size_t k = 0; k < w->n_touched; k++) {
        size_t other = w->touched[k];
        if (__builtin_popcount(w->groups[other]) >= GROUPS_WANTED &&
            w->score[other] >= WEIGHT_WANTED)
            unite(w->parent, i, other);
        else if (w->score[other] >= WEIGHT_WANTED / 2)
            note_loose(w, other, i, first_shared(w, i, other));
        w->score[other] = w->groups[other] = 0;
    }
    w->n_touched = 0;
}

/* --- clusters ------------------------------------------------------------------------------------ */

static void name_cluster(const struct work *w, struct cluster *c)
{
    struct str *parts = ARENA_ARRAY(w->j->arena, struct str, 1 + 2 * c->n);
    size_t n = 0;
    parts[n++] = STR("cluster");
    for (size_t i = 0; i < c->n; i++) {
        const struct intrusion *it = &w->all[c->members[i]];
        parts[n++] = str_of(w->j->v->facts[it->facts.at[0]].id);
        parts[n++] = it->campaign->pack->id;
    }
    id_of(parts, n, c->id);
}

static void add_shared(struct work *w, struct cluster *c, size_t root)
{
    for (size_t i = 0; i < w->n_things; i++) {
        const struct thing *t = &w->things[i];
        size_t n = 0;
        for (size_t k = 0; t->n <= SHARED_MAX && k < t->n; k++)
            n += root_of(w->parent, t->of[k]) == root;
        if (n < 2)
            continue;
        c->shared =
            arena_grow(w->j->arena, c->shared, c->n_shared, &c->cap_shared, sizeof *c->shared);
        c->shared[c->n_shared++] = (struct shared_thing){t->kind, t->value, n};
    }
}

static void add_alternatives(struct work *w, struct cluster *c, size_t root)
{
    c->alternatives = ARENA_ARRAY(w->j->arena, struct alternative, ALTERNATIVES);
    for (size_t i = 0; i < w->n_loose && c->n_alternatives < ALTERNATIVES; i++) {
        size_t a = root_of(w->parent, w->loose[i].a);
        size_t b = root_of(w->parent, w->loose[i].b);
        const struct thing *t = &w->things[w->loose[i].by];
        if ((a == root) != (b == root))
            c->alternatives[c->n_alternatives++] = (struct alternative){
                a == root ? w->loose[i].b : w->loose[i].a, t->kind, t->value};
    }
}

static void tell_cluster(struct work *w, size_t root)
{
    struct verdict *v = w->j->v;
    size_t *members = ARENA_ARRAY(w->j->arena, size_t, w->n);
    size_t n = 0;
    for (size_t i = root; i < w->n; i++)
        if (root_of(w->parent, i) == root)
            members[n++] = i;
    if (n < 2)
        return;
    v->clusters = arena_grow(w->j->arena, v->clusters, v->n_clusters, &v->cap_clusters,
                             sizeof *v->clusters);
    struct cluster *c = &v->clusters[v->n_clusters++];
    *c = (struct cluster){.members = members, .n = n};
    add_shared(w, c, root);
    add_alternatives(w, c, root);
    name_cluster(w, c);
}

void judge_clusters(struct judge *j)
{
    struct verdict *v = j->v;
    struct work w = {.j = j};
    for (size_t h = 0; h < v->n_hosts; h++)
        for (size_t i = 0; i < v->per_host[h].n_campaigns; i++)
            if (judge_is_entered(&v->per_host[h].campaigns[i]))
                intrusions_of(&w, h, &v->per_host[h].campaigns[i]);
    w.owned = ARENA_ARRAY(j->arena, struct owned, w.n);
    w.parent = ARENA_ARRAY(j->arena, size_t, w.n);
    w.score = ARENA_ARRAY(j->arena, unsigned, w.n);
    w.groups = ARENA_ARRAY(j->arena, unsigned, w.n);
    w.touched = ARENA_ARRAY(j->arena, size_t, w.n);
    for (size_t i = 0; i < w.n; i++) {
        w.parent[i] = i;
        for (size_t k = 0; k < w.all[i].facts.n; k++)
            own_fact(&w, i, &v->facts[w.all[i].facts.at[k]]);
    }
    for (size_t i = 0; i < w.n; i++)
        compare(&w, i);
    for (size_t i = 0; i < w.n; i++)
        if (root_of(w.parent, i) == i)
            tell_cluster(&w, i);
    v->intrusions = w.all;
    v->n_intrusions = w.n;
}
