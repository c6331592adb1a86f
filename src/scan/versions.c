#include "scan/versions.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/num.h"
#include "detect/side.h"
#include "event/web.h"
#include "judge/judge.h"

enum {
    LINE_BYTES = 2048, /* bytes of a setting, as it is told */
    CHANGED_MAX = 64,  /* settings that one event names */
    RANK_NUMBERED = 0, /* by IIS */
    RANK_CURRENT,      /* the configuration in use */
};

struct version {
    size_t evidence;
    struct str top, name; /* of its collection; its own */
    int rank;
    uint64_t number;
    bool whole;
};

struct setting {
    size_t version;
    struct str kind, line;
    uint64_t offset, size;
};

struct change {
    size_t from, to; /* versions */
    bool added;
    struct str kind;
    size_t first, n; /* in `changed` */
};

struct versions {
    struct arena *arena;
    const struct findings *f;
    struct version *at; /* in order */
    size_t n;
    size_t *of_evidence; /* from 1; 0: none */
    struct setting *settings;
    size_t n_settings;
    struct setting *changed;
    size_t n_changed, cap_changed;
    struct change *changes;
    size_t n_changes, cap_changes;
};

/* --- which versions there are --------------------------------------------------------------------- */

static bool version_of(const struct evidence *e, struct version *ret)
{
    static const char history[] = "CFGHISTORY_";
    static const char file[] = "/applicationHost.config";
    if (e->format != FORMAT_IIS_CONFIG || e->deleted || judge_is_past(e->path) ||
        !str_iends(e->path, str_of(file)))
        return false;
    struct str folder = str_part(e->path, 0, e->path.n - (sizeof file - 1));
    size_t at = folder.n;
    while (at > 0 && folder.p[at - 1] != '/')
        at--;
    struct str name = str_part(folder, at, folder.n);
    *ret = (struct version){
        .top = judge_collection(e), .name = STR("the one in use"), .rank = RANK_CURRENT};
    if (str_iends(folder, STR("inetsrv/config")))
        return true;
    *ret = (struct version){.top = ret->top, .name = name, .rank = RANK_NUMBERED};
    return str_istarts(name, str_of(history)) &&
           num_u64(str_part(name, sizeof history - 1, name.n), &ret->number);
}

static int cmp(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_number(const void *x, const void *y)
{
    const struct version *a = x;
    const struct version *b = y;
    int d = str_cmp(a->top, b->top);
    d = d ? d : a->rank - b->rank;
    d = d ? d : cmp(a->number, b->number);
    return d ? d : cmp(a->evidence, b->evidence);
}

static void find_versions(struct versions *v)
{
    const struct findings *f = v->f;
    bool *damaged = ARENA_ARRAY(v->arena, bool, f->n_evidence);
    for (size_t i = 0; i < f->n_gaps; i++)
        damaged[f->gaps[i].evidence] = true;
    v->at = ARENA_ARRAY(v->arena, struct version, f->n_evidence);
    v->of_evidence = ARENA_ARRAY(v->arena, size_t, f->n_evidence);
    for (size_t i = 0; i < f->n_evidence; i++) {
        struct version one;
        if (!version_of(&f->evidence[i], &one))
            continue;
        one.evidence = i;
        one.whole = !damaged[i] && f->evidence[i].events > 0;
        v->at[v->n++] = one;
    }
    if (v->n)
        qsort(v->at, v->n, sizeof *v->at, by_number);
    for (size_t i = 0; i < v->n; i++)
        v->of_evidence[v->at[i].evidence] = i + 1;
}

/* --- what they say --------------------------------------------------------------------------------- */

static bool is_around(struct str name)
{
    static const char *const names[] = {"Section", "Element", "Location", "Pool",
                                        "MetadataKey"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(name, str_of(names[i])))
            return true;
    return false;
}

static struct str line_of(const struct event *ev, struct arena *arena)
{
    struct buf b = buf_new(LINE_BYTES);
    buf_add_str(&b, event_text(ev, "Element"));
    for (size_t i = 0; i < ev->n; i++) {
        const struct field *f = &ev->fields[i];
        if (f->section == SECTION_DATA && !is_around(f->name) && f->value.n)
            buf_addf(&b, " %.*s=%.*s", STR_ARG(f->name), STR_ARG(f->value));
    }
    struct str location = event_text(ev, "Location");
    if (location.n)
        buf_addf(&b, " for %.*s", STR_ARG(location));
    struct str ret = arena_str(arena, buf_str(&b));
    buf_free(&b);
    return ret;
}

static int by_line(const void *x, const void *y)
{
    const struct setting *a = x;
    const struct setting *b = y;
    int d = cmp(a->version, b->version);
    d = d ? d : str_cmp(a->kind, b->kind);
    d = d ? d : str_cmp(a->line, b->line);
    return d ? d : cmp(a->offset, b->offset);
}

static void read_settings(struct versions *v)
{
    v->settings = ARENA_ARRAY(v->arena, struct setting, v->f->n_later);
    for (size_t i = 0; i < v->f->n_later; i++) {
        const struct kept_later *l = &v->f->later[i];
        struct err ignored = {0};
        struct event ev;
        size_t version = v->of_evidence[l->evidence];
        if (l->signal.later != LATER_SIDE || version == 0)
            continue;
        if (side_read(&l->signal, v->arena, &ev, &ignored) < 0)
            v->at[version - 1].whole = false;
        else if (ev.kind == EVENT_IIS_CONFIG)
            v->settings[v->n_settings++] = (struct setting){.version = version - 1,
                                                            .kind = side_setting(&ev),
                                                            .line = line_of(&ev, v->arena),
                                                            .offset = ev.offset,
                                                            .size = ev.size};
    }
    if (v->n_settings)
        qsort(v->settings, v->n_settings, sizeof *v->settings, by_line);
}

/* --- comparing --------------------------------------------------------------------------------------- */

static void add_changed(struct versions *v, size_t from, size_t to, bool added,
                        const struct setting *s)
{
    struct change *last = v->n_changes ? &v->changes[v->n_changes - 1] : NULL;
    if (!last || last->from != from || last->to != to || last->added != added ||
        !str_eq(last->kind, s->kind)) {
        v->changes =
            arena_grow(v->arena, v->changes, v->n_changes, &v->cap_changes, sizeof *v->changes);
        last = &v->changes[v->n_changes++];
        *last = (struct change){
            .from = from, .to = to, .added = added, .kind = s->kind, .first = v->n_changed};
    }
    v->changed =
        arena_grow(v->arena, v->changed, v->n_changed, &v->cap_changed, sizeof *v->changed);
    v->changed[v->n_changed++] = *s;
    last->n++;
}

struct range {
    size_t from, to;
};

static struct range settings_of(const struct versions *v, size_t version)
{
    struct range r = {0, 0};
    while (r.from < v->n_settings && v->settings[r.from].version < version)
        r.from++;
    r.to = r.from;
    while (r.to < v->n_settings && v->settings[r.to].version == version)
        r.to++;
    return r;
}

/* What `in` has and `other` has not; both are sorted. */
static void differences(struct versions *v, size_t from, size_t to, bool added)
{
    struct range in = settings_of(v, added ? to : from);
    struct range other = settings_of(v, added ? from : to);
    for (size_t i = in.from, k = other.from; i < in.to; i++) {
        const struct setting *s = &v->settings[i];
        int d = 1;
        for (; k < other.to; k++) {
            d = str_cmp(v->settings[k].kind, s->kind);
            d = d ? d : str_cmp(v->settings[k].line, s->line);
            if (d >= 0)
                break;
        }
        if (k == other.to || d != 0)
            add_changed(v, from, to, added, s);
    }
}

static void compare_versions(struct versions *v)
{
    size_t before = SIZE_MAX;
    for (size_t i = 0; i < v->n; i++) {
        if (before != SIZE_MAX && !str_eq(v->at[before].top, v->at[i].top))
            before = SIZE_MAX;
        if (!v->at[i].whole)
            continue;
        if (before != SIZE_MAX) {
            differences(v, before, i, true);
            differences(v, before, i, false);
        }
        before = i;
    }
}

/* A change is told where the later version lies: there it is seen. */
static int by_place(const void *x, const void *y, void *versions)
{
    const struct versions *v = versions;
    const struct change *a = x;
    const struct change *b = y;
    int d = cmp(v->at[a->to].evidence, v->at[b->to].evidence);
    return d ? d : cmp(a->first, b->first);
}

struct versions *versions_gather(const struct findings *f, struct arena *arena)
{
    struct versions *v = ARENA_NEW(arena, struct versions);
    v->arena = arena;
    v->f = f;
    find_versions(v);
    if (v->n < 2)
        return v;
    read_settings(v);
    compare_versions(v);
    if (v->n_changes)
        qsort_r(v->changes, v->n_changes, sizeof *v->changes, by_place, v);
    return v;
}

size_t versions_works(const struct versions *v)
{
    return v->n_changes;
}

struct work versions_work(const struct versions *v, size_t item)
{
    const struct change *c = &v->changes[item];
    return (struct work){
        .kind = WORK_VERSIONS, .evidence = v->at[c->to].evidence, .item = item};
}

/* With its time where the files kept theirs: collections may give all of them one. */
static struct str label(const struct versions *v, const struct change *c, size_t version,
                        struct arena *arena)
{
    const struct evidence *all = v->f->evidence;
    instant from = all[v->at[c->from].evidence].modified;
    bool dated = from != INSTANT_NONE && from < all[v->at[c->to].evidence].modified;
    if (!dated)
        return v->at[version].name;
    char iso[INSTANT_TEXT];
    const struct version *one = &v->at[version];
    struct str time = instant_text(all[one->evidence].modified, iso);
    return arena_printf(arena, "%.*s of %.*s", STR_ARG(one->name), STR_ARG(time));
}

void versions_answer(const struct versions *v, const struct work *work,
                     const struct work_shared *shared, struct buf *reply)
{
    struct arena *arena = arena_new();
    const struct change *c = &v->changes[work->item];
    const struct evidence *e = &v->f->evidence[v->at[c->to].evidence];
    struct detect *d =
        detect_new(shared->detect, shared->matcher, (struct bytes){0}, arena, reply);
    struct event ev = {.kind = EVENT_IIS_CONFIG,
                       .time = e->modified,
                       .offset = c->added ? v->changed[c->first].offset : 0,
                       .size = c->added ? v->changed[c->first].size : 0,
                       .host = STR(""),
                       .part = STR(""),
                       .channel = STR(""),
                       .provider = STR(""),
                       .marks = MARK_REASSEMBLED | (e->no_zone ? MARK_NO_ZONE : 0U),
                       .utc_hint = INSTANT_NONE};
    web_derive(&ev, arena, "Change", c->added ? STR("added") : STR("removed"));
    web_derive(&ev, arena, "ChangedKind", c->kind);
    web_derive(&ev, arena, "From", label(v, c, c->from, arena));
    web_derive(&ev, arena, "To", label(v, c, c->to, arena));
    web_derive(&ev, arena, "ChangedCount", arena_printf(arena, "%zu", c->n));
    for (size_t i = 0; i < c->n && i < CHANGED_MAX; i++)
        web_derive(&ev, arena, "Changed", v->changed[c->first + i].line);
    const bool *already = ARENA_ARRAY(arena, bool, ruleset_count(shared->detect->rules));
    detect_made(d, &ev, STR("two versions of the configuration beside each other"), already,
                arena);
    detect_end(d);
    arena_free(arena);
}
