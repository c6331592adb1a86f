/* What the records tell, each act once: the same act seen in several sources is one fact. */
#include "judge/judge_int.h"
#include "rule/indicator.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/digest.h"

static int cmp_size(size_t a, size_t b)
{
    return a < b ? -1 : a > b;
}

/* Groups first (host, pack, axis, act, key), then time, then the order of the evidence. */
static int by_group(const void *x, const void *y)
{
    const struct telling *a = x;
    const struct telling *b = y;
    int d = cmp_size(a->host, b->host);
    d = d ? d : str_cmp(a->pack, b->pack);
    d = d ? d : cmp_size(a->seed.axis, b->seed.axis);
    d = d ? d : str_cmp(a->seed.act, b->seed.act);
    d = d ? d : str_cmp(a->seed.key, b->seed.key);
    d = d ? d : str_cmp(a->place, b->place);
    d = d ? d : (a->passed_on > b->passed_on) - (a->passed_on < b->passed_on);
    d = d ? d : a->time < b->time ? -1 : a->time > b->time;
    d = d ? d : a->record < b->record ? -1 : a->record > b->record;
    d = d ? d : str_cmp(a->excerpt, b->excerpt);
    d = d ? d : memcmp(a->id, b->id, ID_TEXT);
    return d ? d : cmp_size(a->hit, b->hit);
}

static bool same_group(const struct telling *a, const struct telling *b)
{
    return a->host == b->host && a->seed.axis == b->seed.axis && str_eq(a->pack, b->pack) &&
           str_eq(a->seed.act, b->seed.act) && str_eq(a->seed.key, b->seed.key) &&
           str_eq(a->place, b->place) && a->passed_on == b->passed_on;
}

/* A key whose fields were all empty says nothing. */
static bool has_key(struct str key)
{
    for (size_t i = 0; i < key.n; i++)
        if (key.p[i] != '\n')
            return true;
    return false;
}

/* The host whose short name stands in a distinguished name or is the text. */
static size_t host_about(struct judge *j, struct str about, size_t otherwise)
{
    for (size_t i = 0; about.n && i < j->v->n_hosts; i++) {
        struct str name = j->v->hosts[i].folded;
        struct str cn = arena_printf(j->arena, "CN=%.*s,", STR_ARG(name));
        if (str_ieq(about, name) || str_ieq(about, j->v->hosts[i].name) ||
            str_ifind(about, cn, 0) != SIZE_MAX)
            return i;
    }
    return otherwise;
}

/* A record that the same log's other export holds too is one record: its number and time
 * name it. Others are named by their file's content. */
static struct str place_of(struct judge *j, const struct found_hit *h)
{
    const struct evidence *e = &j->in->findings->evidence[h->evidence];
    if (h->hit.record)
        return arena_printf(j->arena, "%.*s:%" PRIu64 ":%" PRId64, STR_ARG(h->hit.source),
                            h->hit.record, h->hit.time);
    return arena_printf(j->arena, "%.*s:%" PRIu64,
                        STR_ARG(e->read ? str_of(e->sha256_text) : e->path), h->hit.offset);
}

static struct telling tell(struct judge *j, size_t hit, const struct seed *seed)
{
    const struct found_hit *h = &j->in->findings->hits[hit];
    const struct rule *rule = ruleset_get(j->in->rules, h->hit.rule);
    struct telling t = {.hit = hit,
                        .host = j->hit_host[hit],
                        .place = STR(""),
                        .record = h->hit.record,
                        .excerpt = h->hit.excerpt};
    t.time = judge_true_time(j, h->evidence, h->hit.host, h->hit.time, &t.corrected);
    t.of_change = event_is_state(h->hit.kind);
    if (seed) {
        t.pack = rule->pack;
        t.seed = *seed;
        t.host = host_about(j, seed->about, t.host);
        t.passed_on = j->back_end[h->evidence] && seed->request.n == 0;
        if (seed->time != INSTANT_NONE) {
            t.time = seed->time;
            t.corrected = 0;
            t.of_change = false;
        }
        if (seed->state == STATE_REMOVED && (h->hit.marks & MARK_DELETED))
            t.time = INSTANT_NONE; /* a file system does not say when */
        return t;
    }
    t.pack = STR("");
    struct str what = rule->title;
    if (h->hit.indicator)
        what = arena_printf(
            j->arena, "%.*s: %.*s", STR_ARG(rule->title),
            STR_ARG(indicator_words(rule->indicators, h->hit.indicator - 1, j->arena)));
    t.seed = (struct seed){.what = what, .confidence = CONFIDENCE_WEAK};
    t.place = place_of(j, h);
    return t;
}

/* "C/" and its like before the folders of a drive: evidence is collected with it and without. */
static struct str without_drive(struct str place)
{
    size_t slash = str_find(place, STR("/"), 0);
    bool letter = slash != SIZE_MAX && slash && ascii_lower(place.p[0]) >= 'a' &&
                  ascii_lower(place.p[0]) <= 'z';
    struct str rest = letter ? str_part(place, 1, slash) : STR("-");
    bool drive = rest.n == 0 || str_eq(rest, STR(":")) || str_eq(rest, STR("_")) ||
                 str_ieq(rest, STR("%3a"));
    return drive ? str_part(place, slash + 1, place.n) : place;
}

/* Where a file lies on its server, and which server that is: a copy of a log tells nothing new,
 * but one of a page is another page. */
struct server_place {
    struct str server, path;
};

static struct server_place server_place(const struct judge *j, size_t hit)
{
    const struct evidence *e = &j->in->findings->evidence[j->in->findings->hits[hit].evidence];
    const struct host *host = &j->v->hosts[j->hit_host[hit]];
    struct str root = j->root_of[j->in->findings->hits[hit].evidence];
    size_t given = e->path.n - e->below.n; /* nothing is told by where the evidence was put */
    size_t below = str_starts(e->path, root) ? root.n : given;
    while (below < e->path.n && e->path.p[below] == '/')
        below++;
    bool named = !str_starts(host->name, STR("unnamed ("));
    /* "" where the user named one of its folders */
    struct str server = named ? host->folded : str_part(e->path, given, below);
    return (struct server_place){server, without_drive(str_part(e->path, below, e->path.n))};
}

/* The id of a finding: rule, evidence and place; the same in every run. */
static void finding_id(const struct judge *j, size_t hit, char ret[ID_TEXT])
{
    const struct findings *f = j->in->findings;
    const struct hit *h = &f->hits[hit].hit;
    const struct evidence *e = &f->evidence[f->hits[hit].evidence];
    const struct rule *rule = ruleset_get(j->in->rules, h->rule);
    enum { PLACE_TEXT = 64 };
    struct buf b = buf_new(PLACE_TEXT);
    buf_addf(&b, "%llu:%llu", (unsigned long long)h->offset, (unsigned long long)h->record);
    const struct indicator *it =
        h->indicator ? &rule->indicators->list[h->indicator - 1] : NULL;
    /* one event may begin several windows, and hold several indicators */
    struct str window = h->correlated ? h->how : STR("");
    struct str which = it ? str_of(indicator_type_name((enum indicator_type)it->type)) : window;
    struct server_place place = {0};
    if (event_is_state(h->kind))
        place = server_place(j, hit);
    const struct str parts[] = {
        STR("finding"),
        rule->id.n ? rule->id : rule->title,
        str_of(e->sha256_text),
        buf_str(&b),
        which,
        it ? it->key : STR(""),
        place.path,
        place.server,
    };
    size_t n = sizeof parts / sizeof *parts;
    while (parts[n - 1].n == 0)
        n--;
    id_of(parts, n, ret);
    buf_free(&b);
}

/* The part of its rule that a seed was made by. */
static const struct yaml *part_of(const struct judge *j, size_t hit, const struct seed *seed)
{
    const struct rule *rule = ruleset_get(j->in->rules, j->in->findings->hits[hit].hit.rule);
    const struct yaml *part = yaml_get(rule->document, "assay");
    const struct yaml *facts = yaml_get(part, "facts");
    for (const struct yaml *y = facts ? facts->child : NULL; y; y = y->next)
        if (str_eq(yaml_text(y, "act"), seed->act))
            part = y;
    return part;
}

/* What a rule says of a file with an unknown digest holds only where all digests are known. */
static bool holds_here(struct judge *j, size_t hit, const struct yaml *part)
{
    if (yaml_text(part, "needs").n == 0)
        return true;
    for (size_t i = 0; i < j->in->n_packs; i++)
        if (judge_knows_files(j, j->hit_host[hit], &j->in->packs[i]))
            return true;
    return false;
}

static struct telling *all_tellings(struct judge *j, size_t *ret_n)
{
    const struct findings *f = j->in->findings;
    size_t n = 0;
    for (size_t i = 0; i < f->n_hits; i++)
        n += f->hits[i].hit.n_seeds ? f->hits[i].hit.n_seeds : 1;
    struct telling *all = ARENA_ARRAY(j->arena, struct telling, n);
    char(*ids)[ID_TEXT] = arena_alloc(j->arena, f->n_hits, sizeof *ids);
    j->hit_id = (const char(*)[ID_TEXT])ids;
    n = 0;
    for (size_t i = 0; i < f->n_hits; i++) {
        const struct hit *h = &f->hits[i].hit;
        size_t first = n;
        for (size_t k = 0; k < h->n_seeds; k++) {
            const struct yaml *part = part_of(j, i, &h->seeds[k]);
            if (!holds_here(j, i, part))
                continue;
            all[n] = tell(j, i, &h->seeds[k]);
            all[n].look = str_eq(yaml_text(part, "only"), STR("look"));
            all[n++].through_web = yaml_text(part, "through").n > 0;
        }
        if (n == first)
            all[n++] = tell(j, i, NULL);
        finding_id(j, i, ids[i]);
        while (first < n)
            all[first++].id = ids[i];
    }
    return judge_config_history(j, all, n, ret_n);
}

/* --- a fact in the making ---------------------------------------------------------------- */

static bool same_text(struct str a, struct str b)
{
    return str_ieq(a, b);
}

/* "C:\x\y.exe" and "\device\harddiskvolume2\x\y.exe" name the same file. */
static struct str without_volume(struct str path)
{
    static const char device[] = "\\device\\harddiskvolume";
    if (str_istarts(path, STR("\\device\\harddiskvolume"))) {
        size_t at = str_find(path, STR("\\"), sizeof device - 1);
        return at == SIZE_MAX ? path : str_part(path, at, path.n);
    }
    return path.n > 2 && path.p[1] == ':' ? str_part(path, 2, path.n) : path;
}

static void add_initiator(struct judge *j, struct fact *f, struct str who)
{
    if (who.n == 0)
        return;
    for (size_t i = 0; i < f->n_initiators; i++) {
        if (!same_text(without_volume(f->initiators[i]), without_volume(who)))
            continue;
        bool drive = who.n > 2 && who.p[1] == ':'; /* the form that people know */
        if (drive)
            ((struct str *)(uintptr_t)f->initiators)[i] = who;
        return;
    }
    struct str *more = ARENA_ARRAY(j->arena, struct str, f->n_initiators + 1);
    for (size_t i = 0; i < f->n_initiators; i++)
        more[i] = f->initiators[i];
    more[f->n_initiators++] = who;
    f->initiators = more;
}

static void add_hit(struct judge *j, struct fact *f, size_t hit)
{
    if (f->n_hits && f->hits[f->n_hits - 1] == hit)
        return;
    size_t cap = 1;
    while (cap < f->n_hits)
        cap *= 2;
    size_t *hits = (size_t *)(uintptr_t)f->hits;
    if (f->n_hits == 0 || f->n_hits == cap) {
        hits = ARENA_ARRAY(j->arena, size_t, f->n_hits ? cap * 2 : 1);
        for (size_t i = 0; i < f->n_hits; i++)
            hits[i] = f->hits[i];
    }
    hits[f->n_hits++] = hit;
    f->hits = hits;
}

/* A few different ones are enough to compare intrusions by. */
static void add_shares(struct judge *j, struct fact *f, struct str shares)
{
    enum { SHARES_BYTES = 4096 };
    if (shares.n == 0 || f->shares.n + shares.n > SHARES_BYTES ||
        str_find(f->shares, shares, 0) != SIZE_MAX)
        return;
    f->shares = f->shares.n
                    ? arena_printf(j->arena, "%.*s%.*s", STR_ARG(f->shares), STR_ARG(shares))
                    : shares;
}

static bool outranks(const struct seed *s, const struct fact *f)
{
    return s->state != f->state ? s->state > f->state : s->confidence > f->confidence;
}

static void take(struct judge *j, struct fact *f, const struct telling *t)
{
    const struct seed *s = &t->seed;
    if (f->n_hits == 0 || outranks(s, f)) {
        f->state = s->state;
        f->what = s->what;
        f->act = s->act;
    }
    f->confidence = s->confidence > f->confidence ? s->confidence : f->confidence;
    f->through_web = f->through_web || t->through_web;
    f->look = t->look && (f->look || f->n_hits == 0);
    f->kind = f->kind.n ? f->kind : s->kind;
    f->object = f->object.n ? f->object : s->object;
    f->request = f->request.n ? f->request : s->request;
    f->mailbox = f->mailbox.n ? f->mailbox : s->mailbox;
    f->server = f->server.n ? f->server : s->server;
    f->bytes = s->bytes > f->bytes ? s->bytes : f->bytes;
    f->sized = f->sized || s->sized;
    f->maybe = s->maybe && (f->maybe || f->n_hits == 0);
    f->secrets |= s->secrets;
    add_shares(j, f, s->shares);
    if (t->time != INSTANT_NONE) {
        if (f->first == INSTANT_NONE || t->time < f->first) {
            f->first = t->time;
            f->corrected = t->corrected;
            f->of_change = t->of_change;
        }
        f->last = f->last == INSTANT_NONE || t->time > f->last ? t->time : f->last;
    }
    add_initiator(j, f, s->initiator);
    add_hit(j, f, t->hit);
}

static bool tells_already(const struct judge *j, const struct fact *f, size_t hit)
{
    const struct found_hit *hits = j->in->findings->hits;
    for (size_t i = 0; i < f->n_hits; i++)
        if (str_eq(hits[f->hits[i]].hit.source, hits[hit].hit.source))
            return true;
    return false;
}

/* Whether a fact rests on the same record already, from a copy of the log. */
static bool is_copy(const struct judge *j, const struct fact *f, size_t hit)
{
    const struct found_hit *hits = j->in->findings->hits;
    const struct hit *h = &hits[hit].hit;
    for (size_t i = f->n_hits; i > 0; i--) {
        const struct hit *old = &hits[f->hits[i - 1]].hit;
        bool elsewhere = hits[f->hits[i - 1]].evidence != hits[hit].evidence;
        if (old->time != h->time)
            return false; /* in order of time */
        if (elsewhere && old->record == h->record && str_eq(old->source, h->source) &&
            (h->record || (h->excerpt.n && str_eq(old->excerpt, h->excerpt))))
            return true;
    }
    return false;
}

static bool belongs(const struct judge *j, const struct fact *f, const struct telling *t)
{
    const struct seed *s = &t->seed;
    if (t->place.n)
        return true;
    if (f->request.n && s->request.n)
        return same_text(f->request, s->request);
    if (t->time == INSTANT_NONE || f->last == INSTANT_NONE)
        return t->time == f->last && has_key(s->key);
    if (t->passed_on)
        return is_copy(j, f, t->hit);
    if (t->time - f->last > s->within)
        return false;
    return has_key(s->key) || !tells_already(j, f, t->hit) || is_copy(j, f, t->hit);
}

static struct fact *new_fact(struct judge *j, const struct telling *t)
{
    struct verdict *v = j->v;
    v->facts = arena_grow(j->arena, v->facts, v->n_facts, &v->cap_facts, sizeof *v->facts);
    struct fact *f = &v->facts[v->n_facts++];
    *f = (struct fact){
        .host = t->host,
        .pack = t->pack,
        .origin = t->pack,
        .passed_on = t->passed_on,
        .within = t->seed.within,
        .axis = t->seed.axis,
        .key = t->seed.key,
        .first = INSTANT_NONE,
        .last = INSTANT_NONE,
    };
    memcpy(f->id, t->id, ID_TEXT); /* until it has one of its own */
    return f;
}

static void gather(struct judge *j, const struct telling *all, size_t n)
{
    const struct telling *group = NULL;
    struct fact *f = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!f || !same_group(group, &all[i]) || !belongs(j, f, &all[i])) {
            f = new_fact(j, &all[i]);
            group = &all[i];
        }
        take(j, f, &all[i]);
    }
}

/* --- one request told by several logs ------------------------------------------------------ */

/* As same_text compares: ids that are the same must lie side by side. */
static int cmp_text(struct str a, struct str b)
{
    for (size_t i = 0; i < a.n && i < b.n; i++) {
        unsigned char x = (unsigned char)ascii_lower(a.p[i]);
        unsigned char y = (unsigned char)ascii_lower(b.p[i]);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return cmp_size(a.n, b.n);
}

static int by_request(const void *x, const void *y)
{
    const struct fact *a = x;
    const struct fact *b = y;
    int d = cmp_size(a->host, b->host);
    d = d ? d : str_cmp(a->pack, b->pack);
    d = d ? d : cmp_size(a->axis, b->axis);
    d = d ? d : cmp_text(a->request, b->request);
    d = d ? d : a->first < b->first ? -1 : a->first > b->first;
    d = d ? d : memcmp(a->id, b->id, ID_TEXT);
    return d ? d : cmp_size(a->hits[0], b->hits[0]);
}

void judge_absorb(struct judge *j, struct fact *into, const struct fact *f)
{
    if (f->state > into->state ||
        (f->state == into->state && f->confidence > into->confidence)) {
        into->what = f->what;
        into->act = f->act;
    }
    into->state = f->state > into->state ? f->state : into->state;
    into->confidence = f->confidence > into->confidence ? f->confidence : into->confidence;
    into->through_web = into->through_web || f->through_web;
    into->look = into->look && f->look;
    into->object = into->object.n ? into->object : f->object;
    into->mailbox = into->mailbox.n ? into->mailbox : f->mailbox;
    into->server = into->server.n ? into->server : f->server;
    into->bytes = f->bytes > into->bytes ? f->bytes : into->bytes;
    into->sized = into->sized || f->sized;
    into->maybe = into->maybe && f->maybe;
    into->secrets |= f->secrets;
    add_shares(j, into, f->shares);
    if (f->first != INSTANT_NONE && (into->first == INSTANT_NONE || f->first < into->first)) {
        into->first = f->first;
        into->corrected = f->corrected;
        into->of_change = f->of_change;
    }
    if (f->last != INSTANT_NONE && (into->last == INSTANT_NONE || f->last > into->last))
        into->last = f->last;
    for (size_t i = 0; i < f->n_initiators; i++)
        add_initiator(j, into, f->initiators[i]);
    for (size_t i = 0; i < f->n_hits; i++)
        add_hit(j, into, f->hits[i]);
}

static void join_requests(struct judge *j)
{
    struct verdict *v = j->v;
    size_t kept = 0;
    if (v->n_facts)
        qsort(v->facts, v->n_facts, sizeof *v->facts, by_request);
    for (size_t i = 0; i < v->n_facts; i++) {
        struct fact *f = &v->facts[i];
        struct fact *before = kept ? &v->facts[kept - 1] : NULL;
        if (before && f->request.n && before->host == f->host && before->axis == f->axis &&
            str_eq(before->pack, f->pack) && same_text(before->request, f->request))
            judge_absorb(j, before, f);
        else
            v->facts[kept++] = *f;
    }
    v->n_facts = kept;
}

/* --- one act told by rules of two packs ----------------------------------------------------- */

static int by_act(const void *x, const void *y)
{
    const struct fact *a = x;
    const struct fact *b = y;
    int d = cmp_size(a->host, b->host);
    d = d ? d : str_cmp(a->pack, b->pack);
    d = d ? d : cmp_size(a->axis, b->axis);
    d = d ? d : str_cmp(a->act, b->act);
    d = d ? d : str_cmp(a->key, b->key);
    d = d ? d : a->first < b->first ? -1 : a->first > b->first;
    d = d ? d : memcmp(a->id, b->id, ID_TEXT);
    return d ? d : cmp_size(a->hits[0], b->hits[0]);
}

static bool is_one_act(const struct fact *a, const struct fact *b)
{
    int64_t within = a->within > b->within ? a->within : b->within;
    if (a->host != b->host || a->axis != b->axis || !str_eq(a->pack, b->pack) ||
        !str_eq(a->act, b->act) || !str_eq(a->key, b->key) || !has_key(a->key) ||
        str_eq(a->origin, b->origin))
        return false;
    if (a->request.n && b->request.n)
        return same_text(a->request, b->request);
    if (a->last == INSTANT_NONE || b->first == INSTANT_NONE)
        return a->last == b->first;
    return b->first - a->last <= within;
}

/* What a campaign claimed may be an act that its own rules tell of, too. */
static void join_acts(struct judge *j)
{
    struct verdict *v = j->v;
    size_t kept = 0;
    if (v->n_facts)
        qsort(v->facts, v->n_facts, sizeof *v->facts, by_act);
    for (size_t i = 0; i < v->n_facts; i++) {
        struct fact *before = kept ? &v->facts[kept - 1] : NULL;
        if (before && is_one_act(before, &v->facts[i]))
            judge_absorb(j, before, &v->facts[i]);
        else
            v->facts[kept++] = v->facts[i];
    }
    v->n_facts = kept;
}

/* --- finishing ----------------------------------------------------------------------------- */

static int by_index(const void *x, const void *y)
{
    return cmp_size(*(const size_t *)x, *(const size_t *)y);
}

/* The findings ascending, each once: facts that were joined may share some. */
static void sort_hits(struct fact *f)
{
    size_t *at = (size_t *)(uintptr_t)f->hits;
    size_t n = 0;
    qsort(at, f->n_hits, sizeof *at, by_index);
    for (size_t i = 0; i < f->n_hits; i++)
        if (n == 0 || at[n - 1] != at[i])
            at[n++] = at[i];
    f->n_hits = n;
}

/* Two independent sources make a fact strong at least. */
static void finish(struct judge *j, struct fact *f)
{
    const struct found_hit *hits = j->in->findings->hits;
    const size_t *at = f->hits;
    sort_hits(f);
    for (size_t i = 0; i < f->n_hits; i++) {
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = str_eq(hits[at[k]].hit.source, hits[at[i]].hit.source);
        f->n_sources += !seen;
        if (f->n_sources > 8)
            break;
    }
    f->told = f->confidence;
    if (f->n_sources > 1 && f->confidence < CONFIDENCE_STRONG)
        f->confidence = CONFIDENCE_STRONG;

    const char *finding = j->hit_id[at[0]]; /* the least: in any order of the evidence */
    for (size_t i = 1; i < f->n_hits; i++)
        if (memcmp(j->hit_id[at[i]], finding, ID_TEXT) < 0)
            finding = j->hit_id[at[i]];
    const struct str parts[] = {
        STR("fact"), str_of(finding), f->pack, str_of(axis_name(f->axis)), f->act, f->key};
    id_of(parts, sizeof parts / sizeof *parts, f->id);
}

static int by_time(const void *x, const void *y)
{
    const struct fact *a = x;
    const struct fact *b = y;
    int d = cmp_size(a->host, b->host);
    d = d ? d : a->first < b->first ? -1 : a->first > b->first;
    d = d ? d : memcmp(a->id, b->id, sizeof a->id);
    d = d ? d : cmp_size(a->axis, b->axis); /* one finding may tell several */
    d = d ? d : str_cmp(a->act, b->act);
    return d ? d : str_cmp(a->key, b->key);
}

static void sort_facts(struct judge *j)
{
    if (j->v->n_facts)
        qsort(j->v->facts, j->v->n_facts, sizeof *j->v->facts, by_time);
    j->fact_from = ARENA_ARRAY(j->arena, size_t, j->v->n_hosts + 1);
    for (size_t i = 0; i < j->v->n_facts; i++)
        j->fact_from[j->v->facts[i].host + 1] = i + 1;
    for (size_t h = 1; h <= j->v->n_hosts; h++)
        if (j->fact_from[h] == 0)
            j->fact_from[h] = j->fact_from[h - 1];
}

void judge_facts(struct judge *j)
{
    size_t n;
    judge_passed(j);
    struct telling *all = all_tellings(j, &n);
    if (n)
        qsort(all, n, sizeof *all, by_group);
    gather(j, all, n);
    join_requests(j);
    judge_join_passed(j);
    sort_facts(j);
    judge_drop_front_ends(j);
}

void judge_finish_facts(struct judge *j)
{
    join_acts(j);
    join_requests(j);
    for (size_t i = 0; i < j->v->n_facts; i++)
        finish(j, &j->v->facts[i]);
    judge_logging(j);
    sort_facts(j);
}
