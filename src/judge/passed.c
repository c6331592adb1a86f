/* Requests that the front end of a server passed on to the back end: one request, two rows.
 *
 * The back end's row has no id of the request, and the server itself as its caller. It belongs to
 * the request of the front end that is recorded about then, one row to each: what is left over was
 * asked of the back end by somebody else. Rows that are one act by a key belong to the act of the
 * front end during which they were recorded.
 *
 * Source: Exchange appends cafeReqId to the queries in the front end's log only (IIS logs of Exchange
 *         2013 to 2019).
 */
#include "judge/judge_int.h"

#include <stdlib.h>

#include "event/webpath.h"

enum {
    BESIDE_SECONDS = 2, /* rows are written when a request ends; some times are whole seconds */
    PASSED_SECONDS = 3, /* between two servers' records of one request */
};

/* What the rows of each file are: FRONT stays where any row is of another site. */
enum side { UNKNOWN, BACK, FRONT };

void judge_passed(struct judge *j)
{
    const struct findings *f = j->in->findings;
    unsigned char *side = ARENA_ARRAY(j->arena, unsigned char, f->n_evidence);
    for (size_t i = 0; i < f->n_noted; i++) {
        const struct noted *m = &f->noted[i];
        if (m->type != SIGNAL_COVER || !str_starts(m->text, STR("iis.w3c|")))
            continue;
        if (!str_eq(m->text, STR("iis.w3c|backend")))
            side[m->evidence] = FRONT;
        else if (side[m->evidence] == UNKNOWN)
            side[m->evidence] = BACK;
    }
    bool *back = ARENA_ARRAY(j->arena, bool, f->n_evidence);
    for (size_t i = 0; i < f->n_evidence; i++)
        back[i] = side[i] == BACK;
    j->back_end = back;
}

static bool is_caller(const struct fact *f, struct str part)
{
    for (size_t i = 0; i < f->n_initiators; i++)
        if (str_ieq(f->initiators[i], part))
            return true;
    return part.n == 0 || str_ieq(f->request, part);
}

/* What of a key both sides of a request know: neither who called, nor the request's id. */
static struct str common_key(struct judge *j, const struct fact *f)
{
    struct str key = STR("");
    for (size_t at = 0, end; at < f->key.n; at = end + 1) {
        end = str_find(f->key, STR("\n"), at);
        end = end == SIZE_MAX ? f->key.n : end;
        struct str part = str_part(f->key, at, end);
        if (!is_caller(f, part))
            key = arena_printf(j->arena, "%.*s%.*s\n", STR_ARG(key), STR_ARG(part));
    }
    return key;
}

struct side_of_act { /* a fact, and what it is compared by */
    struct fact *f;
    struct str key;
};

static int cmp_act(const struct side_of_act *x, const struct side_of_act *y)
{
    const struct fact *a = x->f;
    const struct fact *b = y->f;
    int d = a->host < b->host ? -1 : a->host > b->host;
    d = d ? d : (a->axis > b->axis) - (a->axis < b->axis);
    d = d ? d : str_cmp(a->pack, b->pack);
    d = d ? d : str_cmp(a->act, b->act);
    return d ? d : str_cmp(x->key, y->key);
}

/* By act, those passed on last, each part by time. */
static int by_act(const void *x, const void *y)
{
    const struct side_of_act *a = x;
    const struct side_of_act *b = y;
    int d = cmp_act(a, b);
    d = d ? d : (a->f->passed_on > b->f->passed_on) - (a->f->passed_on < b->f->passed_on);
    d = d ? d : a->f->first < b->f->first ? -1 : a->f->first > b->f->first;
    d = d ? d : memcmp(a->f->id, b->f->id, ID_TEXT);
    return d ? d : (a->f->hits[0] > b->f->hits[0]) - (a->f->hits[0] < b->f->hits[0]);
}

/* A fact that was joined has no findings left. */
static void take_in(struct judge *j, struct fact *into, struct fact *row)
{
    if (into->n_initiators)
        row->n_initiators = 0; /* it is the server that passed it on */
    else
        into->passed_on = true;
    judge_absorb(j, into, row);
    row->n_hits = 0;
}

/* What one address did in a while, which many rows may belong to. */
static bool is_session(const struct fact *f)
{
    return f->request.n == 0 && f->key.n > 0;
}

/* The rows all[middle..end) of the back end, each to the first act of all[from..middle) about its
 * time; acts that are one request take one row. */
static void match(struct judge *j, const struct side_of_act *all, size_t from, size_t middle,
                  size_t end)
{
    const int64_t beside = BESIDE_SECONDS * INSTANT_SECOND;
    for (size_t k = middle; k < end; k++) {
        struct fact *row = all[k].f;
        if (row->first == INSTANT_NONE)
            continue;
        while (from < middle &&
               (all[from].f->last == INSTANT_NONE || all[from].f->last < row->first - beside))
            from++;
        if (from == middle)
            return;
        if (all[from].f->first > row->first + beside)
            continue;
        take_in(j, all[from].f, row);
        from += !is_session(all[from].f);
    }
}

/* Rows that no request of the front end is for: those that are one act by their key are joined. */
static void join_rest(struct judge *j, const struct side_of_act *all, size_t n)
{
    struct fact *before = NULL;
    for (size_t k = 0; k < n; k++) {
        struct fact *row = all[k].f;
        if (row->n_hits == 0)
            continue;
        bool same = before && is_session(row) && str_eq(before->key, row->key) &&
                    row->first != INSTANT_NONE && before->last != INSTANT_NONE &&
                    row->first - before->last <= row->within;
        if (!same) {
            before = row;
            continue;
        }
        judge_absorb(j, before, row);
        row->n_hits = 0;
    }
}

void judge_join_passed(struct judge *j)
{
    struct verdict *v = j->v;
    size_t kept = 0;
    struct side_of_act *all = ARENA_ARRAY(j->arena, struct side_of_act, v->n_facts);
    for (size_t i = 0; i < v->n_facts; i++)
        all[i] = (struct side_of_act){&v->facts[i], common_key(j, &v->facts[i])};
    if (v->n_facts)
        qsort(all, v->n_facts, sizeof *all, by_act);
    for (size_t from = 0, end; from < v->n_facts; from = end) {
        size_t middle = from;
        for (end = from; end < v->n_facts && cmp_act(&all[from], &all[end]) == 0; end++)
            middle += !all[end].f->passed_on;
        match(j, all, from, middle, end);
        join_rest(j, &all[middle], end - middle);
    }
    for (size_t i = 0; i < v->n_facts; i++)
        if (v->facts[i].n_hits)
            v->facts[kept++] = v->facts[i];
    v->n_facts = kept;
}

/* --- front end and back end apart ------------------------------------------------------------ */

/* The host that a record names: by its full name, its short one, or its account ("DOMAIN\\NAME$"). */
static size_t host_named(struct judge *j, struct str name)
{
    size_t domain = str_find(name, STR("\\"), 0);
    struct str full = domain == SIZE_MAX ? name : str_part(name, domain + 1, name.n);
    if (full.n && full.p[full.n - 1] == '$')
        full.n--;
    struct str bare = text_lower(str_part(full, 0, str_find(full, STR("."), 0)), j->arena);
    for (size_t i = 0; bare.n && i < j->v->n_hosts; i++)
        if (str_eq(j->v->hosts[i].folded, bare))
            return i;
    return SIZE_MAX;
}

/* The first of facts[low..high), which lie by time, that is not before `t`. */
static size_t first_fact_from(const struct judge *j, size_t low, size_t high, instant t)
{
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (j->v->facts[middle].first < t)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t judge_passed_to(struct judge *j, const struct fact *f, size_t *ret_end)
{
    const int64_t slack = PASSED_SECONDS * INSTANT_SECOND;
    size_t host = f->server.n && f->first != INSTANT_NONE ? host_named(j, f->server) : SIZE_MAX;
    *ret_end = 0;
    if (host == SIZE_MAX || host == f->host)
        return 0;
    size_t end = j->fact_from[host + 1];
    *ret_end = first_fact_from(j, j->fact_from[host], end, f->first + slack + 1);
    return first_fact_from(j, j->fact_from[host], end, f->first - slack);
}

void judge_drop_front_ends(struct judge *j)
{
    for (size_t i = 0; i < j->v->n_facts; i++) {
        const struct fact *f = &j->v->facts[i];
        size_t end;
        for (size_t k = judge_passed_to(j, f, &end); k < end && f->n_initiators; k++) {
            struct fact *o = &j->v->facts[k];
            if (o->passed_on && o->axis == f->axis && str_eq(o->pack, f->pack))
                o->n_initiators = 0;
        }
    }
}
