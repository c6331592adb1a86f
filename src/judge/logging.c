/* What speaks against the logs themselves: record numbers that are missing inside a channel, and
 * clocks that went back. Rules tell of logs that were cleared or stopped; all of it belongs to
 * the host and to no campaign.
 *
 * Source: Microsoft, Windows Event Log: EventRecordID grows by one with each record of a channel, and
 * goes on after the channel was cleared.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "judge/judge_int.h"

enum {
    BACK_MINUTES = 10, /* writers of one log are seconds apart: this is another clock */
    SPOTS = 8,         /* places that are named */
    SOURCES_TOLD = 4,  /* logs that show the same jump */
    MANY_HOLES = 50,   /* an export by a filter looks like this */
};

struct stretch { /* records of one channel without a hole, in one file */
    struct str source;
    uint64_t first, last;
    instant from, to;
    size_t evidence;
};

struct hole {               /* between two stretches */
    uint64_t after, before; /* the records on either side */
    instant from, to;
    size_t evidence;
};

struct jump { /* of a host's clock */
    struct str source;
    uint64_t after;
    instant from, to; /* `to` is earlier */
    size_t evidence;
};

struct jumps {
    struct jump *at;
    size_t n, cap;
};

static int cmp_number(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_number(const void *x, const void *y)
{
    const struct stretch *a = x;
    const struct stretch *b = y;
    int d = str_cmp(a->source, b->source);
    d = d ? d : cmp_number(a->first, b->first);
    d = d ? d : cmp_number(a->last, b->last);
    return d ? d : cmp_number(a->evidence, b->evidence);
}

static int by_fall(const void *x, const void *y)
{
    const struct jump *a = x;
    const struct jump *b = y;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    int d = str_cmp(a->source, b->source);
    d = d ? d : cmp_number(a->after, b->after);
    return d ? d : cmp_number(a->evidence, b->evidence);
}

static size_t stretches_of(struct judge *j, size_t host, struct stretch **ret)
{
    const struct findings *f = j->in->findings;
    size_t from = j->noted_from[host];
    size_t to = j->noted_from[host + 1];
    struct stretch *all = ARENA_ARRAY(j->arena, struct stretch, to - from);
    size_t n = 0;
    for (size_t i = from; i < to; i++) {
        const struct noted *m = &f->noted[j->noted_at[i]];
        int64_t off;
        if (m->type != SIGNAL_IDS)
            continue;
        all[n++] = (struct stretch){m->text,
                                    m->first_id,
                                    m->last_id,
                                    judge_true_time(j, m->evidence, m->host, m->from, &off),
                                    judge_true_time(j, m->evidence, m->host, m->to, &off),
                                    m->evidence};
    }
    if (n)
        qsort(all, n, sizeof *all, by_number);
    *ret = all;
    return n;
}

static struct str file_name(const struct judge *j, size_t evidence)
{
    struct str path = j->in->findings->evidence[evidence].path;
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/' && path.p[at - 1] != '\\')
        at--;
    return str_part(path, at, path.n);
}

static struct fact *new_fact(struct judge *j, size_t host, enum state state, struct str source)
{
    struct verdict *v = j->v;
    v->facts = arena_grow(j->arena, v->facts, v->n_facts, &v->cap_facts, sizeof *v->facts);
    struct fact *f = &v->facts[v->n_facts++];
    *f = (struct fact){.host = host,
                       .axis = AXIS_LOGGING,
                       .state = state,
                       .confidence = CONFIDENCE_CERTAIN,
                       .told = CONFIDENCE_CERTAIN,
                       .object = source,
                       .first = INSTANT_NONE,
                       .last = INSTANT_NONE,
                       .n_sources = 1};
    return f;
}

static void name_fact(struct judge *j, struct fact *f, uint64_t record)
{
    const struct str parts[] = {STR("logging"), str_of(state_name(f->state)),
                                j->v->hosts[f->host].key, f->object,
                                arena_printf(j->arena, "%llu", (unsigned long long)record)};
    id_of(parts, sizeof parts / sizeof *parts, f->id);
}

/* --- records that are missing ---------------------------------------------------------------- */

struct missing {
    size_t n;
    uint64_t records;
    struct hole first, last;
    struct spot *spots;
    size_t n_spots;
};

static void add_hole(struct judge *j, struct missing *m, const struct hole *h)
{
    if (m->n == 0) {
        m->first = *h;
        m->spots = ARENA_ARRAY(j->arena, struct spot, SPOTS);
    }
    m->last = *h;
    m->n++;
    m->records += h->before - h->after - 1;
    if (m->n_spots < SPOTS)
        m->spots[m->n_spots++] = (struct spot){h->evidence, h->after};
}

static void tell_missing(struct judge *j, size_t host, struct str source,
                         const struct missing *m)
{
    if (m->n == 0)
        return;
    struct fact *f = new_fact(j, host, STATE_RECORDS_MISSING, source);
    char from[INSTANT_TEXT];
    char to[INSTANT_TEXT];
    f->first = m->first.from;
    f->last = m->last.to;
    f->spots = m->spots;
    f->n_spots = m->n_spots;
    f->what = arena_printf(
        j->arena,
        "%llu record numbers are missing in %.*s%s; the first between record %llu (%.*s) "
        "and record %llu (%.*s) of %.*s. They were deleted, left out when the log was copied, "
        "or "
        "are in a file that is not here%s",
        (unsigned long long)m->records, STR_ARG(source),
        m->n > 1 ? arena_printf(j->arena, ", in %zu places", m->n).p : "",
        (unsigned long long)m->first.after, STR_ARG(instant_text_plain(m->first.from, from)),
        (unsigned long long)m->first.before, STR_ARG(instant_text_plain(m->first.to, to)),
        STR_ARG(file_name(j, m->first.evidence)),
        m->n >= MANY_HOLES ? ". So many places are those of an export by a filter" : "");
    name_fact(j, f, m->first.after);
}

/* Holes of one channel: its stretches are all[0..n), by number. */
static void find_missing(struct judge *j, size_t host, const struct stretch *all, size_t n)
{
    struct missing m = {0};
    size_t last = 0; /* the stretch that reaches furthest */
    for (size_t i = 1; i < n; i++) {
        if (all[i].first > all[last].last && all[i].first - all[last].last > 1)
            add_hole(j, &m,
                     &(struct hole){all[last].last, all[i].first, all[last].to, all[i].from,
                                    all[last].evidence});
        last = all[i].last > all[last].last ? i : last;
    }
    tell_missing(j, host, all[0].source, &m);
}

/* --- clocks that went back ------------------------------------------------------------------- */

static void find_jumps(struct judge *j, const struct stretch *all, size_t n, struct jumps *ret)
{
    for (size_t i = 1; i < n; i++) {
        const struct stretch *a = &all[i - 1];
        const struct stretch *b = &all[i];
        bool next = str_eq(a->source, b->source) && a->evidence == b->evidence &&
                    b->first == a->last + 1;
        if (!next || a->to == INSTANT_NONE || b->from == INSTANT_NONE ||
            a->to - b->from <= BACK_MINUTES * INSTANT_MINUTE)
            continue;
        ret->at = arena_grow(j->arena, ret->at, ret->n, &ret->cap, sizeof *ret->at);
        ret->at[ret->n++] = (struct jump){a->source, a->last, a->to, b->from, a->evidence};
    }
}

/* jumps[0..n) are one: each log shows it at its next record. */
static void tell_jump(struct judge *j, size_t host, const struct jump *jumps, size_t n)
{
    enum { TEXT = 600 };
    const struct jump *first = &jumps[0];
    struct fact *f = new_fact(j, host, STATE_CLOCK_BACK, first->source);
    struct spot *spots = ARENA_ARRAY(j->arena, struct spot, SPOTS);
    struct buf b = buf_new(TEXT);
    char from[INSTANT_TEXT];
    char to[INSTANT_TEXT];
    buf_addf(&b, "the clock went back from %.*s to %.*s behind record %llu of %.*s",
             STR_ARG(instant_text_plain(first->from, from)),
             STR_ARG(instant_text_plain(first->to, to)), (unsigned long long)first->after,
             STR_ARG(str_part(file_name(j, first->evidence), 0, 200)));
    if (n > 1)
        buf_addf(&b, ", and in %zu more logs", n - 1);
    buf_add_cstr(&b, ": times before it are later than they seem, or the clock was set to hide "
                     "what was done");
    for (size_t i = 0; i < n && i < SPOTS; i++)
        spots[i] = (struct spot){jumps[i].evidence, jumps[i].after};
    f->spots = spots;
    f->n_spots = n < SPOTS ? n : SPOTS;
    f->what = arena_str(j->arena, buf_str(&b));
    f->first = first->to;
    f->last = first->from;
    name_fact(j, f, first->after);
    buf_free(&b);
}

static void tell_jumps(struct judge *j, size_t host, struct jumps *all)
{
    if (all->n)
        qsort(all->at, all->n, sizeof *all->at, by_fall);
    for (size_t i = 0; i < all->n;) {
        instant until = all->at[i].from + BACK_MINUTES * INSTANT_MINUTE;
        size_t k = i + 1;
        while (k < all->n && all->at[k].from <= until)
            k++;
        tell_jump(j, host, &all->at[i], k - i);
        i = k;
    }
}

/* --- what rules tell --------------------------------------------------------------------------- */

/* Whose log it is, a rule may leave to the record: then it is the log that the record lies in. */
static void place_told(struct judge *j, struct fact *f)
{
    f->pack = STR("");
    if (f->object.n == 0)
        f->object = j->in->findings->hits[f->hits[0]].hit.source;
    else if (!str_istarts(f->object, STR("windows:")))
        f->object = arena_printf(j->arena, "windows:%.*s", STR_ARG(f->object));
}

void judge_logging(struct judge *j)
{
    for (size_t i = 0; i < j->v->n_facts; i++)
        if (j->v->facts[i].axis == AXIS_LOGGING)
            place_told(j, &j->v->facts[i]);
    for (size_t host = 0; host < j->v->n_hosts; host++) {
        struct stretch *all = NULL;
        struct jumps jumps = {0};
        size_t n = stretches_of(j, host, &all);
        for (size_t i = 0; i < n;) {
            size_t k = i + 1;
            while (k < n && str_eq(all[k].source, all[i].source))
                k++;
            find_missing(j, host, &all[i], k - i);
            i = k;
        }
        find_jumps(j, all, n, &jumps);
        tell_jumps(j, host, &jumps);
    }
}

struct str judge_cleared(struct judge *j, size_t host, struct str source)
{
    for (size_t i = j->fact_from[host + 1]; i > j->fact_from[host]; i--) {
        const struct fact *f = &j->v->facts[i - 1];
        char text[INSTANT_TEXT];
        if (f->axis != AXIS_LOGGING || f->state != STATE_CLEARED || !str_ieq(f->object, source))
            continue;
        return f->first == INSTANT_NONE
                   ? STR("cleared")
                   : arena_printf(j->arena, "cleared %.*s",
                                  STR_ARG(instant_text_plain(f->first, text)));
    }
    return STR("");
}
