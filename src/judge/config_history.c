/* IIS's backups of its own configuration, read as its history.
 *
 * IIS copies applicationHost.config to inetpub\history\CFGHISTORY_<n> within minutes of each
 * change, with the file's own time, and keeps the last ten; administrators make more. The same
 * rule matches in each copy. Told apart from each other that would be one alarm for each; in
 * their order they say when a thing came, and when it went. A version that could not be read
 * whole says of nothing that it was not there.
 */
#include <stdlib.h>

#include "base/num.h"
#include "judge/judge_int.h"

enum {
    VERSIONS_MOST = 64, /* of a host; IIS keeps ten. Further ones are told each by itself */
    RANK_BACKUP = 0,
    RANK_NUMBERED, /* by IIS */
    RANK_CURRENT,  /* the configuration in use */
};

struct version { /* of a host's configuration */
    size_t host, evidence;
    int rank;
    uint64_t number;
    struct str name;
    instant time;
    bool whole; /* it was read without a gap */
};

struct history { /* of one host, in order */
    const struct version *at;
    size_t n;
    bool dated; /* the files' times are those of the versions */
};

struct work { /* what the tellings of versions are sorted by */
    struct judge *j;
    struct version *versions; /* of all hosts */
    size_t n_versions;
    size_t *of_evidence; /* its version, from 1; 0: it is none */
    struct telling *all;
    size_t n;
};

struct sorted { /* a telling that rests on a version */
    const struct telling *t;
    uint32_t rule;
    size_t version, at; /* in `versions`, in `all` */
};

static struct str part_from(struct str path, size_t at)
{
    size_t to = at;
    while (to < path.n && path.p[to] != '/' && path.p[to] != '\\')
        to++;
    return str_part(path, at, to);
}

static bool version_of(const struct evidence *e, struct version *ret)
{
    static const char name[] = "applicationHost.config";
    static const char history[] = "CFGHISTORY_";
    size_t base = e->path.n;
    while (base > 0 && e->path.p[base - 1] != '/' && e->path.p[base - 1] != '\\')
        base--;
    struct str own = str_part(e->path, base, e->path.n);
    if (e->format != FORMAT_IIS_CONFIG || !str_istarts(own, STR("applicationHost.config")))
        return false;
    *ret = (struct version){.rank = RANK_BACKUP, .name = own, .time = e->modified};
    size_t at = str_ifind(e->path, STR("CFGHISTORY_"), 0);
    size_t backup = str_ifind(e->path, STR("inetsrv/backup/"), 0);
    if (at != SIZE_MAX && at < base) {
        ret->name = part_from(e->path, at);
        if (num_u64(str_part(ret->name, sizeof history - 1, ret->name.n), &ret->number))
            ret->rank = RANK_NUMBERED;
    } else if (backup != SIZE_MAX) {
        ret->name = str_part(e->path, backup + sizeof "inetsrv" - 1 + 1, e->path.n);
    } else if (own.n == sizeof name - 1) {
        ret->rank = RANK_CURRENT;
    }
    return true;
}

static int cmp(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_number(const void *x, const void *y)
{
    const struct version *a = x;
    const struct version *b = y;
    int d = cmp(a->host, b->host);
    d = d ? d : a->rank - b->rank;
    d = d ? d : cmp(a->number, b->number);
    d = d ? d : a->time < b->time ? -1 : a->time > b->time;
    return d ? d : cmp(a->evidence, b->evidence);
}

static int by_time(const void *x, const void *y)
{
    const struct version *a = x;
    const struct version *b = y;
    int d = a->time < b->time ? -1 : a->time > b->time;
    return d ? d : by_number(x, y);
}

/* Whether the files kept their times: IIS's numbers and they agree, and what has the same time
 * has the same content. A collection may have given all of them its own. */
static bool keeps_times(const struct judge *j, const struct version *v, size_t n)
{
    const struct version *last = NULL;
    for (size_t i = 0; i < n; i++) {
        if (v[i].time == INSTANT_NONE)
            return false;
        if (v[i].rank == RANK_BACKUP)
            continue;
        const struct evidence *e = j->in->findings->evidence;
        if (last && (v[i].time < last->time ||
                     (v[i].time == last->time &&
                      memcmp(e[v[i].evidence].sha256, e[last->evidence].sha256, 32) != 0)))
            return false;
        last = &v[i];
    }
    return true;
}

static void find_versions(struct work *w)
{
    const struct findings *f = w->j->in->findings;
    bool *damaged = ARENA_ARRAY(w->j->arena, bool, f->n_evidence);
    for (size_t i = 0; i < f->n_gaps; i++)
        damaged[f->gaps[i].evidence] = true;
    for (size_t i = 0; i < f->n_counted; i++) /* there were more matches than were kept */
        damaged[f->counted[i].evidence] = true;
    w->versions = ARENA_ARRAY(w->j->arena, struct version, f->n_evidence);
    w->of_evidence = ARENA_ARRAY(w->j->arena, size_t, f->n_evidence);
    for (size_t i = 0; i < f->n_evidence; i++) {
        struct version v;
        if (f->evidence[i].deleted || !version_of(&f->evidence[i], &v))
            continue;
        v.host = w->j->root_host[i];
        v.evidence = i;
        v.whole = !damaged[i] && f->evidence[i].events > 0;
        w->versions[w->n_versions++] = v;
    }
    if (w->n_versions)
        qsort(w->versions, w->n_versions, sizeof *w->versions, by_number);
}

/* The versions of the host that the one at `from` is of. The last of several that are in use is. */
static struct history history_at(struct work *w, size_t from)
{
    struct version *v = &w->versions[from];
    size_t n = 1;
    while (from + n < w->n_versions && v[n].host == v->host)
        n++;
    for (size_t i = 0; i + 1 < n; i++)
        if (v[i].rank == RANK_CURRENT)
            v[i].rank = RANK_BACKUP;
    struct history h = {.at = v, .n = n, .dated = keeps_times(w->j, v, n)};
    if (h.dated && n > 1)
        qsort(v, n, sizeof *v, by_time);
    for (size_t i = 0; i < n && n <= VERSIONS_MOST; i++)
        w->of_evidence[v[i].evidence] = from + i + 1;
    return h;
}

/* --- the tellings of versions ------------------------------------------------------------------ */

static int cmp_thing(const struct sorted *a, const struct sorted *b)
{
    int d = cmp(a->t->host, b->t->host);
    d = d ? d : cmp(a->rule, b->rule);
    d = d ? d : cmp(a->t->seed.axis, b->t->seed.axis);
    d = d ? d : str_cmp(a->t->seed.act, b->t->seed.act);
    d = d ? d : str_cmp(a->t->seed.key, b->t->seed.key);
    return d ? d : str_cmp(a->t->seed.object, b->t->seed.object);
}

static int by_thing(const void *x, const void *y)
{
    const struct sorted *a = x;
    const struct sorted *b = y;
    int d = cmp_thing(a, b);
    d = d ? d : cmp(a->version, b->version);
    return d ? d : cmp(a->at, b->at);
}

static struct str label(struct judge *j, const struct history *h, const struct version *v)
{
    char iso[INSTANT_TEXT];
    if (!h->dated)
        return v->name;
    struct str time = instant_text(v->time, iso);
    return arena_printf(j->arena, "%.*s of %.*s", STR_ARG(v->name), STR_ARG(time));
}

/* A further telling of the same hit. */
static void tell_more(struct work *w, const struct telling *t, enum state state, instant time,
                      const char *act, struct str what)
{
    struct telling *more = &w->all[w->n++];
    *more = *t;
    more->seed.state = state;
    more->seed.act = arena_printf(w->j->arena, "%.*s %s", STR_ARG(t->seed.act), act);
    more->seed.what = what;
    more->time = time;
}

struct run {              /* versions that have a thing, one after the other */
    size_t from, to;      /* tellings */
    size_t first, last;   /* versions */
    size_t before, after; /* versions without it, read whole; SIZE_MAX: there is none */
};

static void tell_coming(struct work *w, const struct history *h, const struct version *base,
                        struct sorted *s, const struct run *r)
{
    struct telling *first = &w->all[s[r->from].at];
    struct str when = arena_printf(
        w->j->arena, "%.*s (added between %.*s and %.*s)", STR_ARG(first->seed.what),
        STR_ARG(label(w->j, h, &base[r->before])), STR_ARG(label(w->j, h, &base[r->first])));
    instant time = h->dated ? base[r->first].time : INSTANT_NONE;
    if (first->seed.state == STATE_PRESENT)
        tell_more(w, first, STATE_WRITTEN, time, "added", when);
    else
        for (size_t i = r->from; i < r->to; i++)
            w->all[s[i].at].seed.what = when;
}

static void tell_going(struct work *w, const struct history *h, const struct version *base,
                       const struct sorted *s, const struct run *r)
{
    const struct telling *last = &w->all[s[r->to - 1].at];
    bool door = last->seed.axis == AXIS_BACKDOOR;
    if (!door && last->seed.state != STATE_MITIGATED)
        return;
    struct str when = arena_printf(
        w->j->arena, "taken out of IIS's configuration between %.*s and %.*s: %.*s",
        STR_ARG(label(w->j, h, &base[r->last])), STR_ARG(label(w->j, h, &base[r->after])),
        STR_ARG(s[r->to - 1].t->seed.what));
    tell_more(w, last, door ? STATE_REMOVED : STATE_UNMITIGATED,
              h->dated ? base[r->after].time : INSTANT_NONE, "removed", when);
}

/* All tellings of a run are one act, of the time of its first version. */
static void tell_run(struct work *w, const struct history *h, const struct version *base,
                     struct sorted *s, const struct run *r)
{
    instant time = h->dated ? base[r->first].time : INSTANT_NONE;
    struct str what = w->all[s[r->from].at].seed.what;
    if (r->after != SIZE_MAX)
        tell_going(w, h, base, s, r);
    bool there = base[r->last].rank == RANK_CURRENT;
    if (!there)
        what = arena_printf(w->j->arena, "%.*s (by IIS's backup %.*s)", STR_ARG(what),
                            STR_ARG(label(w->j, h, &base[r->last])));
    for (size_t i = r->from; i < r->to; i++) {
        struct telling *t = &w->all[s[i].at];
        t->time = time;
        t->seed.what = what;
        if (!there && t->seed.state == STATE_PRESENT)
            t->seed.state = STATE_WRITTEN;
    }
    if (r->before != SIZE_MAX)
        tell_coming(w, h, base, s, r);
}

/* What has no key of its own is one thing in all versions, whatever else was recorded then. */
static void give_key(struct work *w, const struct sorted *s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (w->all[s[i].at].seed.key.n == 0)
            w->all[s[i].at].seed.key = STR("configuration\n");
}

/* One thing in all versions of its host: from..to are its tellings. */
static void tell_thing(struct work *w, const struct history *h, size_t base_at,
                       struct sorted *s, size_t from, size_t to)
{
    const struct version *base = w->versions;
    size_t before = SIZE_MAX;
    size_t v = base_at;
    if (h->n == 1 && base[base_at].rank == RANK_CURRENT)
        return;
    give_key(w, s, from, to);
    while (from < to) {
        for (; v < s[from].version; v++)
            before = base[v].whole ? v : before;
        struct run r = {
            .from = from, .first = v, .last = v, .before = before, .after = SIZE_MAX};
        while (v < base_at + h->n && r.after == SIZE_MAX) {
            size_t had = from;
            while (from < to && s[from].version == v)
                from++;
            if (from > had)
                r.last = v;
            else if (base[v].whole)
                r.after = v;
            v += r.after == SIZE_MAX;
        }
        r.to = from;
        before = r.after;
        tell_run(w, h, base, s, &r);
    }
}

static size_t gather(const struct work *w, size_t n, struct sorted *ret)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        const struct found_hit *h = &w->j->in->findings->hits[w->all[i].hit];
        size_t version = w->of_evidence[h->evidence];
        bool compared = h->hit.marks & MARK_REASSEMBLED; /* it is told of several already */
        if (version == 0 || w->all[i].pack.n == 0 || compared)
            continue;
        ret[found++] = (struct sorted){.rule = h->hit.rule, .version = version - 1, .at = i};
    }
    return found;
}

struct telling *judge_config_history(struct judge *j, struct telling *all, size_t n,
                                     size_t *ret_n)
{
    enum { MORE_EACH = 2 }; /* its coming and its going */
    struct work w = {.j = j, .all = all, .n = n};
    *ret_n = n;
    find_versions(&w);
    if (w.n_versions == 0)
        return all;
    struct history *of = ARENA_ARRAY(j->arena, struct history, w.n_versions);
    size_t *base = ARENA_ARRAY(j->arena, size_t, w.n_versions);
    for (size_t i = 0; i < w.n_versions; i += of[i].n) {
        of[i] = history_at(&w, i);
        for (size_t k = 0; k < of[i].n; k++) {
            of[i + k] = of[i];
            base[i + k] = i;
        }
    }
    struct sorted *s = ARENA_ARRAY(j->arena, struct sorted, n);
    size_t found = gather(&w, n, s);
    if (found == 0)
        return all;
    w.all = ARENA_ARRAY(j->arena, struct telling, n + MORE_EACH * found);
    memcpy(w.all, all, n * sizeof *all);
    for (size_t i = 0; i < found; i++)
        s[i].t = &all[s[i].at]; /* as they were: the order stays */
    qsort(s, found, sizeof *s, by_thing);
    for (size_t from = 0, to = 0; from < found; from = to) {
        while (to < found && cmp_thing(&s[from], &s[to]) == 0)
            to++;
        tell_thing(&w, &of[s[from].version], base[s[from].version], s, from, to);
    }
    *ret_n = w.n;
    return w.all;
}
