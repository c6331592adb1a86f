/* What the evidence covers, and what it does not: missing evidence never reads as clean. */
#include "judge/judge_int.h"

#include <stdlib.h>

#include "base/buf.h"
#include "event/logplace.h"
#include "event/webpath.h"

void interval_add(struct judge *j, struct interval_set *set, instant from, instant to)
{
    set->at = arena_grow(j->arena, set->at, set->n, &set->cap, sizeof *set->at);
    set->at[set->n++] = (struct interval){from, to};
}

static int by_start(const void *x, const void *y)
{
    const struct interval *a = x;
    const struct interval *b = y;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return a->to < b->to ? -1 : a->to > b->to;
}

/* Joins stretches whose silence between is no longer than `tolerance`. */
static void join(struct interval_set *set, int64_t tolerance)
{
    size_t kept = 0;
    if (set->n)
        qsort(set->at, set->n, sizeof *set->at, by_start);
    for (size_t i = 0; i < set->n; i++) {
        struct interval *last = kept ? &set->at[kept - 1] : NULL;
        if (last && set->at[i].from - last->to <= tolerance)
            last->to = set->at[i].to > last->to ? set->at[i].to : last->to;
        else
            set->at[kept++] = set->at[i];
    }
    set->n = kept;
}

/* What of from..to lies in none of the (joined) intervals, silence within tolerance apart. */
static void find_gaps(struct judge *j, const struct interval_set *set, instant from, instant to,
                      int64_t tolerance, struct interval_set *ret)
{
    instant at = from;
    for (size_t i = 0; i < set->n && at < to; i++) {
        const struct interval *v = &set->at[i];
        if (v->to < at)
            continue;
        if (v->from - at > tolerance)
            interval_add(j, ret, at, v->from < to ? v->from : to);
        at = v->to > at ? v->to : at;
    }
    if (to - at > tolerance)
        interval_add(j, ret, at, to);
}

/* Whether a coverage run "source|part" is of this source and part. */
static bool is_of(struct str text, struct str source, struct str part)
{
    size_t bar = str_find(text, STR("|"), 0);
    struct str its_part = bar == SIZE_MAX ? STR("") : str_part(text, bar + 1, text.n);
    return str_ieq(str_part(text, 0, bar), source) && (part.n == 0 || str_ieq(its_part, part));
}

static struct str channel_of(struct str source)
{
    size_t at = source.n;
    while (at > 0 && source.p[at - 1] >= '0' && source.p[at - 1] <= '9')
        at--;
    bool event = at < source.n && at > 0 && source.p[at - 1] == '/';
    return event ? str_part(source, 0, at - 1) : source;
}

struct id_run {
    uint64_t first, last;
    struct interval time;
};

static int by_id(const void *x, const void *y)
{
    const struct id_run *a = x;
    const struct id_run *b = y;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return a->last < b->last ? -1 : a->last > b->last;
}

static size_t id_runs(struct judge *j, size_t host, struct str channel, struct id_run **ret)
{
    const struct findings *f = j->in->findings;
    size_t from = j->noted_from[host];
    size_t to = j->noted_from[host + 1];
    struct id_run *runs = ARENA_ARRAY(j->arena, struct id_run, to - from);
    size_t n = 0;
    for (size_t i = from; i < to; i++) {
        const struct noted *m = &f->noted[j->noted_at[i]];
        int64_t off;
        if (m->type != SIGNAL_IDS || !str_ieq(m->text, channel))
            continue;
        runs[n++] = (struct id_run){
            m->first_id,
            m->last_id,
            {judge_true_time(j, m->evidence, m->host, m->from, &off),
             judge_true_time(j, m->evidence, m->host, m->to, &off)},
        };
    }
    if (n)
        qsort(runs, n, sizeof *runs, by_id);
    *ret = runs;
    return n;
}

/* Record ids that no file of the host holds, as the time between their neighbours. */
static void find_holes(struct judge *j, size_t host, const struct campaign *c,
                       struct coverage *cover)
{
    struct id_run *runs = NULL;
    size_t n = id_runs(j, host, channel_of(cover->source), &runs);
    uint64_t last = n ? runs[0].last : 0;
    instant end = n ? runs[0].time.to : INSTANT_NONE;
    for (size_t i = 1; i < n; i++) {
        if (runs[i].first > last + 1) {
            instant from = end < runs[i].time.from ? end : runs[i].time.from;
            instant to = end < runs[i].time.from ? runs[i].time.from : end;
            if (to > c->from && from < c->to)
                interval_add(j, &cover->holes, from, to);
        }
        if (runs[i].last > last) {
            last = runs[i].last;
            end = runs[i].time.to;
        }
    }
    join(&cover->holes, 0);
}

enum part_in {
    PART_NONE,  /* nothing of this source, or of this host, is in the file */
    PART_KNOWN, /* its records are */
    PART_MUTE,  /* no record was read from it: it may be anything */
};

/* What a source has to do with each file, as its records tell. */
static void note_parts(struct judge *j, size_t host, struct str source, unsigned char *ret)
{
    const struct findings *f = j->in->findings;
    for (size_t i = 0; i < f->n_evidence; i++)
        ret[i] = j->has_records[i] ? PART_NONE : PART_MUTE;
    for (size_t i = j->noted_from[host]; i < j->noted_from[host + 1]; i++) {
        const struct noted *m = &f->noted[j->noted_at[i]];
        if (m->type == SIGNAL_COVER && is_of(m->text, source, STR("")))
            ret[m->evidence] = PART_KNOWN;
    }
}

/* Whether a file of which nothing could be read lies where this source's logs lie. */
static bool belongs_here(const struct judge *j, size_t evidence, size_t host, struct str source)
{
    static const char windows[] = "windows:";
    struct str path = j->in->findings->evidence[evidence].path;
    struct str place = log_place(path);
    if (j->root_host[evidence] != host || place.n == 0)
        return false;
    if (!str_eq(place, STR("windows")))
        return str_ieq(place, source);
    return str_istarts(source, str_of(windows)) &&
           log_names_channel(path, str_part(source, sizeof windows - 1, source.n));
}

static bool is_grave(const struct rule *rule)
{
    return rule->pack.n > 0 && rule->level >= LEVEL_HIGH;
}

/* Stretches of this source's files that could not be read, or whose matches of a pack's
 * grave rules were too many to be kept: what is in them is not known. */
static size_t count_damage(struct judge *j, size_t host, struct str source)
{
    const struct findings *f = j->in->findings;
    if (f->n_gaps + f->n_counted == 0)
        return 0;
    unsigned char *parts = j->parts;
    note_parts(j, host, source, parts);
    size_t damaged = 0;
    for (size_t i = 0; i < f->n_gaps; i++) {
        size_t at = f->gaps[i].evidence;
        damaged += parts[at] == PART_KNOWN ||
                   (parts[at] == PART_MUTE && belongs_here(j, at, host, source));
    }
    for (size_t i = 0; i < f->n_counted; i++)
        damaged += parts[f->counted[i].evidence] == PART_KNOWN &&
                   is_grave(ruleset_get(j->in->rules, f->counted[i].rule));
    return damaged;
}

static bool is_left_out(const struct judge *j, const struct campaign *c)
{
    return (j->in->from != INSTANT_NONE && j->in->from > c->from) ||
           (j->in->to != INSTANT_NONE && !c->ends_with_fix);
}

/* Why a log that is there for the whole window may still not show all of it. */
static struct str doubt_log(struct judge *j, size_t host, const struct campaign *c,
                            const struct coverage *cover)
{
    const struct findings *f = j->in->findings;
    if (is_left_out(j, c))
        return STR("the scan was told to leave out a part of the time");
    if (j->in->plain)
        return STR("the scan was told not to look into what is encoded");
    bool windows = str_istarts(cover->source, STR("windows:"));
    bool numbered = false;
    for (size_t i = j->noted_from[host]; i < j->noted_from[host + 1]; i++) {
        const struct noted *m = &f->noted[j->noted_at[i]];
        if (m->type == SIGNAL_COVER && m->host.n == 0 && j->unsure[m->evidence] &&
            is_of(m->text, cover->source, cover->part))
            return STR("it does not say which of several servers it is from");
        if (m->type == SIGNAL_COVER && m->offset != 0 &&
            is_of(m->text, cover->source, cover->part))
            return STR("its times are local times, and it does not say of which zone");
        numbered =
            numbered || (m->type == SIGNAL_IDS && str_ieq(m->text, channel_of(cover->source)));
    }
    if (windows && !numbered)
        return STR("its records carry no numbers: some may have been left out");
    return STR("");
}

static void cover_log(struct judge *j, size_t host, const struct campaign *c,
                      struct coverage *cover)
{
    const struct findings *f = j->in->findings;
    for (size_t i = j->noted_from[host]; i < j->noted_from[host + 1]; i++) {
        const struct noted *m = &f->noted[j->noted_at[i]];
        int64_t off;
        if (m->type != SIGNAL_COVER || !is_of(m->text, cover->source, cover->part))
            continue;
        interval_add(j, &cover->intervals,
                     judge_true_time(j, m->evidence, m->host, m->from, &off),
                     judge_true_time(j, m->evidence, m->host, m->to, &off));
    }
    cover->present = cover->intervals.n > 0;
    join(&cover->intervals, cover->tolerance);
    find_gaps(j, &cover->intervals, c->from, c->to, cover->tolerance, &cover->gaps);
    find_holes(j, host, c, cover);
    cover->damaged = count_damage(j, host, channel_of(cover->source));
    cover->cleared = judge_cleared(j, host, channel_of(cover->source));
    if (cover->present)
        cover->doubt = doubt_log(j, host, c, cover);
    cover->complete = cover->present && cover->gaps.n == 0 && cover->holes.n == 0 &&
                      cover->damaged == 0 && cover->doubt.n == 0;
}

enum depth { OUTSIDE, INSIDE, BELOW }; /* of a folder; BELOW: in a folder that lies in it */

/* Where a file lies of a part of a snapshot: a web path ("/owa/auth"), or folders that its
 * path holds ("inetpub/wwwroot"). */
static enum depth lies_in(const struct evidence *e, struct str part)
{
    size_t end = part.n + 1;
    struct str path = e->web_path;
    if (part.n && part.p[0] != '/') {
        path = e->path;
        if (!path_has_folder(path, part, &end))
            return OUTSIDE;
    } else if (path.n == 0 || !str_istarts(path, part)) {
        return OUTSIDE;
    }
    struct str rest = str_part(path, end < path.n ? end : path.n, path.n);
    return str_find(rest, STR("/"), 0) == SIZE_MAX ? INSIDE : BELOW;
}

/* Whether one of the path's folders has this name, with a number behind it. */
static bool has_numbered(struct str path, struct str name)
{
    for (size_t at = str_ifind(path, name, 0); at != SIZE_MAX;
         at = str_ifind(path, name, at + 1)) {
        size_t to = at + name.n;
        while (to < path.n && path.p[to] >= '0' && path.p[to] <= '9')
            to++;
        bool starts = at == 0 || path.p[at - 1] == '/' || path.p[at - 1] == '\\';
        if (starts && to > at + name.n && to < path.n && path.p[to] == '/')
            return true;
    }
    return false;
}

bool judge_is_past(struct str path)
{
    size_t end;
    return path_has_folder(path, STR("Windows.old"), &end) ||
           path_has_folder(path, STR("System32/config/RegBack"), &end) ||
           has_numbered(path, STR("HarddiskVolumeShadowCopy")) ||
           has_numbered(path, STR("VSS"));
}

static void note_torn(struct judge *j)
{
    const struct findings *f = j->in->findings;
    bool *torn = ARENA_ARRAY(j->arena, bool, f->n_evidence);
    for (size_t i = 0; i < f->n_gaps; i++)
        torn[f->gaps[i].evidence] = true;
    j->torn = torn;
}

/* Whether something of a file that lies in a snapshot could not be looked at, or something of
 * the archive or image that it came out of: more may have lain beside it. */
static bool is_torn(const struct judge *j, size_t evidence)
{
    const struct evidence *all = j->in->findings->evidence;
    bool torn = j->torn[evidence] && !all[evidence].deleted;
    for (size_t of = all[evidence].carrier; of && !torn; of = all[of - 1].carrier)
        torn = j->torn[of - 1];
    return torn;
}

/* A snapshot of files: there, or not. Files of folders inside do not show that the folder
 * itself was taken; a file or folder that could not be read may be what is looked for. */
static void cover_files(struct judge *j, size_t host, struct coverage *cover)
{
    const struct findings *f = j->in->findings;
    for (size_t k = j->evidence_from[host]; k < j->evidence_from[host + 1]; k++) {
        size_t i = j->evidence_at[k];
        const struct evidence *e = &f->evidence[i];
        enum depth depth = lies_in(e, cover->part);
        if (depth == OUTSIDE || judge_is_past(e->path))
            continue;
        cover->present = cover->present || e->read;
        cover->complete = cover->complete || (e->read && depth == INSIDE && !j->unsure[i]);
        cover->damaged += !e->read || is_torn(j, i);
    }
    if (cover->present && !cover->complete)
        cover->doubt = STR("it is not certain that the whole folder was taken");
    cover->complete = cover->complete && cover->damaged == 0;
}

static struct coverage *find_coverage(const struct campaign *c, struct str source,
                                      struct str part)
{
    for (size_t i = 0; i < c->n_coverage; i++)
        if (str_eq(c->coverage[i].source, source) && str_eq(c->coverage[i].part, part))
            return &c->coverage[i];
    return NULL;
}

static void cover_source(struct judge *j, size_t host, struct campaign *c,
                         const struct pack_source *source, struct str part, size_t axis)
{
    struct coverage *cover = find_coverage(c, source->source, part);
    if (!cover) {
        c->coverage = arena_grow(j->arena, c->coverage, c->n_coverage, &c->cap_coverage,
                                 sizeof *c->coverage);
        cover = &c->coverage[c->n_coverage++];
        *cover = (struct coverage){
            .source = source->source, .part = part, .tolerance = source->tolerance};
        if (source->tolerance)
            cover_log(j, host, c, cover);
        else
            cover_files(j, host, cover);
    }
    cover->needed[axis] = true;
}

void judge_coverage(struct judge *j, size_t host, struct campaign *c)
{
    if (!j->torn)
        note_torn(j);
    for (size_t axis = 0; axis < PACK_AXES; axis++) {
        for (size_t i = 0; i < c->pack->n_needs[axis]; i++) {
            const struct pack_need *need = &c->pack->needs[axis][i];
            for (size_t k = 0; k < need->n; k++) {
                const struct pack_source *s = &need->any_of[k];
                if (s->n_parts == 0)
                    cover_source(j, host, c, s, STR(""), axis);
                for (size_t p = 0; p < s->n_parts; p++)
                    cover_source(j, host, c, s, s->parts[p], axis);
            }
        }
    }
}

/* --- what a row of needs comes to -------------------------------------------------------- */

static bool source_complete(const struct campaign *c, const struct pack_source *s)
{
    bool complete = true;
    size_t n = s->n_parts ? s->n_parts : 1;
    for (size_t p = 0; p < n; p++) {
        const struct coverage *v =
            find_coverage(c, s->source, s->n_parts ? s->parts[p] : STR(""));
        complete = complete && v && v->complete;
    }
    return complete;
}

static bool source_present(const struct campaign *c, const struct pack_source *s)
{
    bool present = false;
    size_t n = s->n_parts ? s->n_parts : 1;
    for (size_t p = 0; p < n; p++) {
        const struct coverage *v =
            find_coverage(c, s->source, s->n_parts ? s->parts[p] : STR(""));
        present = present || (v && v->present);
    }
    return present;
}

/* What else is the matter with it, behind silence and holes if there are `more`. */
static void describe_rest(const struct coverage *v, bool more, struct buf *out)
{
    if (v->cleared.n)
        buf_addf(out, "%s %.*s", more ? "," : ":", STR_ARG(v->cleared));
    more = more || v->cleared.n;
    if (v->damaged)
        buf_addf(out, "%s %zu stretches could not be read", more ? "," : ":", v->damaged);
    more = more || v->damaged;
    if (v->doubt.n)
        buf_addf(out, "%s %.*s", more ? "," : ":", STR_ARG(v->doubt));
}

static void describe(const struct coverage *v, struct buf *out)
{
    char from[INSTANT_TEXT];
    char to[INSTANT_TEXT];
    buf_add_str(out, v->source);
    if (v->part.n)
        buf_addf(out, " (%.*s)", STR_ARG(v->part));
    if (!v->present) {
        buf_add_cstr(out, ": none in the evidence");
        if (v->cleared.n)
            buf_addf(out, ", %.*s", STR_ARG(v->cleared));
        return;
    }
    const struct interval_set *set = v->gaps.n ? &v->gaps : &v->holes;
    if (set->n)
        buf_addf(out, ": %s %.*s to %.*s", v->gaps.n ? "nothing from" : "records missing from",
                 STR_ARG(instant_text_plain(set->at[0].from, from)),
                 STR_ARG(instant_text_plain(set->at[0].to, to)));
    if (set->n > 1)
        buf_addf(out, " and %zu more times", set->n - 1);
    describe_rest(v, set->n > 0, out);
}

static void describe_need(const struct campaign *c, const struct pack_need *need,
                          struct buf *out)
{
    for (size_t k = 0; k < need->n; k++) {
        const struct pack_source *s = &need->any_of[k];
        size_t n = s->n_parts ? s->n_parts : 1;
        for (size_t p = 0; p < n; p++) {
            const struct coverage *v =
                find_coverage(c, s->source, s->n_parts ? s->parts[p] : STR(""));
            if (!v || v->complete)
                continue;
            if (out->n)
                buf_add_cstr(out, "; ");
            describe(v, out);
        }
    }
}

enum answer judge_nothing_seen(struct judge *j, const struct campaign *c, enum pack_axis axis,
                               struct str *ret_reason)
{
    enum { REASON_MAX = 4096 };
    struct buf why = buf_new(REASON_MAX);
    bool complete = c->pack->n_needs[axis] > 0;
    bool first_absent = !complete;
    for (size_t i = 0; i < c->pack->n_needs[axis]; i++) {
        const struct pack_need *need = &c->pack->needs[axis][i];
        bool met = false;
        bool present = false;
        for (size_t k = 0; k < need->n; k++) {
            met = met || source_complete(c, &need->any_of[k]);
            present = present || source_present(c, &need->any_of[k]);
        }
        if (!met)
            describe_need(c, need, &why);
        complete = complete && met;
        first_absent = first_absent || (i == 0 && !present);
    }
    *ret_reason = arena_str(j->arena, buf_str(&why));
    buf_free(&why);
    if (c->to <= c->from) {
        *ret_reason = c->window_why;
        return ANSWER_NOT_ASSESSABLE;
    }
    if (complete && c->undecided) {
        *ret_reason =
            STR("something of an intruder is recorded, told below as of no campaign, and "
                "this may be the way that was used");
        return ANSWER_NONE_SEEN_PARTIAL;
    }
    return complete       ? ANSWER_NONE_SEEN
           : first_absent ? ANSWER_NOT_ASSESSABLE
                          : ANSWER_NONE_SEEN_PARTIAL;
}
