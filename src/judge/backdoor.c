/* Ways back in: what was made, whether it is still there, whether it was used. */
#include "judge/judge_int.h"

#include <stdlib.h>

#include "event/webpath.h"

struct str judge_page_name(struct str path)
{
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/' && path.p[at - 1] != '\\')
        at--;
    return str_part(path, at, path.n);
}

static bool is_web_path(struct str s)
{
    return s.n && s.p[0] == '/';
}

/* Where a page is asked for; "" if what is known of it does not tell. */
struct str judge_web_path(struct judge *j, struct str object)
{
    struct str layouts = webpath_of_layouts(object, j->arena);
    if (layouts.n)
        return layouts;
    return is_web_path(object) ? object : webpath_of_file(object, j->arena);
}

static struct item *new_item(struct judge *j, struct campaign *c, struct str where,
                             struct str web)
{
    c->items = arena_grow(j->arena, c->items, c->n_items, &c->cap_items, sizeof *c->items);
    struct item *it = &c->items[c->n_items++];
    *it = (struct item){
        .where = where,
        .web = web,
        .written = INSTANT_NONE,
        .presence = ANSWER_NOT_ASSESSABLE,
        .removed_at = INSTANT_NONE,
        .use_first = INSTANT_NONE,
        .use_last = INSTANT_NONE,
    };
    return it;
}

static bool is_backdoor(const struct judge *j, const struct fact *f, size_t host,
                        const struct campaign *c)
{
    (void)j;
    return f->host == host && f->axis == AXIS_BACKDOOR && str_eq(f->pack, c->pack->id);
}

/* --- which facts tell of one item ------------------------------------------------------------ */

/* Web paths are compared whole, also those that places on disk tell: of two pages of one name the
 * removal of one is not that of the other. Where one side knows only a name, the last component
 * decides. */
struct item_index {
    struct numbers by_web; /* the item of each web path */
    struct numbers bare;   /* of each name the item without a web path */
    struct numbers newest; /* of each name the item that came last */
    size_t *before,
        cap_before; /* per item: the one of its name that came before it, or NO_ITEM */
};

#define NO_ITEM SIZE_MAX

enum {
    NAMESAKES =
        64 /* the newest items of a name that a fact is added to which knows only the name */
};

static void index_item(struct judge *j, struct item_index *index, size_t item, struct str web,
                       struct str name)
{
    index->before =
        arena_grow(j->arena, index->before, item, &index->cap_before, sizeof *index->before);
    index->before[item] = numbers_get(&index->newest, name);
    numbers_set(&index->newest, name, item, j->arena);
    numbers_set(web.n ? &index->by_web : &index->bare, web.n ? web : name, item, j->arena);
}

/* A fact of which only the name is known: of all items of that name. returns whether there are any */
static bool add_to_namesakes(struct judge *j, struct campaign *c,
                             const struct item_index *index, struct str name, size_t fact)
{
    size_t n = 0;
    size_t first = numbers_get(&index->newest, name);
    for (size_t k = first; k != NO_ITEM && index->before && n < NAMESAKES;
         k = index->before[k], n++)
        fact_set_add(j, &c->items[k].facts, fact);
    return first != NO_ITEM;
}

/* Items by name. A name known as a web path comes before the same name alone. */
static void named_items(struct judge *j, size_t host, struct campaign *c,
                        struct item_index *index, bool web)
{
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (!is_backdoor(j, f, host, c) || f->object.n == 0 || is_web_path(f->object) != web)
            continue;
        struct str path = text_lower(judge_web_path(j, f->object), j->arena);
        struct str name = text_lower(judge_page_name(f->object), j->arena);
        name = name.n ? name : STR("/"); /* of a folder: no other name holds it */
        size_t same = numbers_get(&index->by_web, path);
        size_t bare = path.n ? numbers_get(&index->bare, name) : NO_ITEM;
        bool found = path.n == 0 && add_to_namesakes(j, c, index, name, i);
        if (same != NO_ITEM)
            fact_set_add(j, &c->items[same].facts, i);
        if (bare != NO_ITEM)
            fact_set_add(j, &c->items[bare].facts, i);
        if (found || same != NO_ITEM || bare != NO_ITEM)
            continue;
        index_item(j, index, c->n_items, path, name);
        fact_set_add(j, &new_item(j, c, f->object, judge_web_path(j, f->object))->facts, i);
    }
}

/* --- what tells no name ---------------------------------------------------------------------- */

enum { NEAR_SECONDS = 60 }; /* a command and the file that it writes */

struct write { /* when an item was written, by one of its facts */
    instant t;
    size_t item;
};

/* The writes of all items: those of named facts in order of time, one for each time; of those added since,
 * the latest. */
struct writes {
    struct write *at;
    size_t n, cap;
    size_t behind; /* at[behind..] are later than what is asked for: it is asked for in order */
    struct write latest;
};

static int by_write(const void *x, const void *y)
{
    const struct write *a = x;
    const struct write *b = y;
    if (a->t != b->t)
        return a->t < b->t ? -1 : 1;
    return a->item < b->item ? -1 : a->item > b->item;
}

static struct writes writes_of(struct judge *j, const struct campaign *c)
{
    struct writes all = {.latest = {INSTANT_NONE, NO_ITEM}};
    for (size_t k = 0; k < c->n_items; k++) {
        for (size_t i = 0; i < c->items[k].facts.n; i++) {
            const struct fact *f = &j->v->facts[c->items[k].facts.at[i]];
            if (f->state != STATE_WRITTEN || f->first == INSTANT_NONE)
                continue;
            all.at = arena_grow(j->arena, all.at, all.n, &all.cap, sizeof *all.at);
            all.at[all.n++] = (struct write){f->first, k};
        }
    }
    if (all.n)
        qsort(all.at, all.n, sizeof *all.at, by_write);
    size_t kept = 0; /* of one time the last item */
    for (size_t i = 0; i < all.n; i++)
        if (kept && all.at[kept - 1].t == all.at[i].t)
            all.at[kept - 1] = all.at[i];
        else
            all.at[kept++] = all.at[i];
    all.n = kept;
    return all;
}

/* The later of two items where both were written as near to the time. */
static void nearer(const struct write *w, instant t, int64_t *least, size_t *item)
{
    if (w->item == NO_ITEM)
        return; /* its time is none */
    int64_t d = w->t > t ? w->t - t : t - w->t;
    if (d > *least)
        return;
    *item = d < *least || *item == NO_ITEM || w->item > *item ? w->item : *item;
    *least = d;
}

/* The item written nearest to a time, within a minute. NO_ITEM if there is none. Times come in
 * order. */
static size_t nearest_item(struct writes *all, instant t)
{
    int64_t least = NEAR_SECONDS * INSTANT_SECOND;
    size_t item = NO_ITEM;
    if (t == INSTANT_NONE)
        return NO_ITEM;
    while (all->behind < all->n && all->at[all->behind].t <= t)
        all->behind++;
    if (all->behind > 0)
        nearer(&all->at[all->behind - 1], t, &least, &item);
    if (all->behind < all->n)
        nearer(&all->at[all->behind], t, &least, &item);
    nearer(&all->latest, t, &least, &item);
    return item;
}

/* What tells no name is a write of its item, too. */
static void add_write(struct writes *all, const struct fact *f, size_t item)
{
    if (f->state != STATE_WRITTEN || f->first == INSTANT_NONE)
        return;
    if (f->first > all->latest.t || all->latest.item == NO_ITEM || item > all->latest.item)
        all->latest = (struct write){f->first, item};
}

/* A record that tells of a back door without its name belongs to the nearest one written
 * about then; without one, it is an item whose place is not known. */
static void nameless_facts(struct judge *j, size_t host, struct campaign *c)
{
    struct writes all = writes_of(j, c);
    size_t unknown = NO_ITEM;
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (!is_backdoor(j, f, host, c) || f->object.n)
            continue;
        size_t item = nearest_item(&all, f->first);
        if (item == NO_ITEM && unknown == NO_ITEM) {
            (void)new_item(j, c, STR(""), STR(""));
            unknown = c->n_items - 1;
        }
        item = item == NO_ITEM ? unknown : item;
        add_write(&all, f, item);
        fact_set_add(j, &c->items[item].facts, i);
    }
}

static void widen(instant *from, instant *to, const struct fact *f)
{
    if (f->first == INSTANT_NONE)
        return;
    *from = *from == INSTANT_NONE || f->first < *from ? f->first : *from;
    *to = f->last > *to ? f->last : *to; /* INSTANT_NONE is below every time */
}

struct sightings_of_item {
    enum state made;    /* the highest state of its facts */
    instant there;      /* when it was last made or answered */
    instant there_tool; /* the same by the clock of a removal tool */
    instant used_local; /* when it last answered, by a web server's log in local time */
    bool removed_local; /* removed_at is by that clock */
    bool gone;          /* the file system itself says so: nothing came behind that */
    bool past;          /* it is in what shows how the server once was */
};

/* Whether it may have answered, by a local clock, behind a removal of which the true time is
 * known. */
static bool may_have_answered(const struct item *it, const struct sightings_of_item *s)
{
    return s->used_local != INSTANT_NONE && !s->removed_local &&
           s->used_local + LOCAL_BEHIND > it->removed_at + NEAR_SECONDS * INSTANT_SECOND;
}

/* Whether it was made or answered behind its removal: 1 it was, 0 not, -1 one of the clocks
 * is local and the order is not known. A tool's finding by a local clock says nothing
 * against a removal of which the true time is known. */
static int is_there_again(const struct item *it, const struct sightings_of_item *s)
{
    instant slack = NEAR_SECONDS * INSTANT_SECOND;
    if (it->removed_at == INSTANT_NONE)
        return s->there == INSTANT_NONE ? 0 : 1;
    if (!s->removed_local && s->there_tool > it->removed_at + LOCAL_BEFORE + slack)
        return 1;
    if (s->removed_local && s->there_tool > it->removed_at + slack)
        return 1;
    if (!s->removed_local && s->there != INSTANT_NONE && s->there > it->removed_at + slack)
        return 1;
    if (may_have_answered(it, s))
        return -1;
    if (s->there == INSTANT_NONE || !s->removed_local)
        return 0;
    if (s->there > it->removed_at + LOCAL_BEHIND + slack)
        return 1;
    return s->there > it->removed_at - LOCAL_BEFORE + slack ? -1 : 0;
}

static void judge_presence(struct item *it, const struct sightings_of_item *s)
{
    int again = it->presence == ANSWER_REMOVED ? is_there_again(it, s) : 0;
    if (s->made == STATE_PRESENT) {
        it->presence = ANSWER_PRESENT;
        it->presence_why = STR("it is in the evidence");
    } else if (s->gone) {
        it->presence = ANSWER_REMOVED;
        it->presence_why =
            it->removed_at == INSTANT_NONE
                ? STR("what is left of it says that it was deleted, not when")
                : STR("its removal is recorded, and what is left of it says the same");
    } else if (again > 0) {
        it->presence = ANSWER_NOT_ASSESSABLE;
        it->removed_at = INSTANT_NONE;
        it->presence_why = STR("it was made or used again after its removal");
    } else if (again < 0) {
        it->presence = ANSWER_NOT_ASSESSABLE;
        it->removed_at = INSTANT_NONE;
        it->presence_why = STR("its removal or its use is recorded in local time, and they lie "
                               "within hours of each other: which came last is not known");
    } else if (it->presence == ANSWER_REMOVED) {
        it->presence_why = STR("its removal is recorded");
    } else if (s->past) {
        it->presence_why = STR("it is in an older copy of its place: of a former Windows, a "
                               "shadow copy or a backup");
    }
}

/* Whether a fact rests only on evidence of how the server once was. */
static bool is_of_the_past(const struct judge *j, const struct fact *f)
{
    const struct findings *all = j->in->findings;
    size_t n = 0;
    while (n < f->n_hits && judge_is_past(all->evidence[all->hits[f->hits[n]].evidence].path))
        n++;
    return f->n_hits > 0 && n == f->n_hits;
}

/* Whether a fact rests only on records of which nobody says whose server wrote them. */
static bool is_anybodys(const struct judge *j, const struct fact *f)
{
    for (size_t i = 0; i < f->n_hits; i++) {
        const struct found_hit *h = &j->in->findings->hits[f->hits[i]];
        if (h->hit.host.n || !j->unsure[h->evidence])
            return false;
    }
    return f->n_hits > 0;
}

/* Whether a removal is told by what the file system kept of the file. */
static bool is_gone(const struct judge *j, const struct fact *f)
{
    for (size_t i = 0; i < f->n_hits; i++)
        if (j->in->findings->hits[f->hits[i]].hit.marks & MARK_DELETED)
            return true;
    return false;
}

static void read_removal(const struct judge *j, const struct fact *f, struct item *it,
                         struct sightings_of_item *s)
{
    instant ignored = INSTANT_NONE;
    instant before = it->removed_at;
    if (is_anybodys(j, f)) {
        it->presence_why =
            STR("a removal is recorded, and it is not known on which of several servers");
        return;
    }
    widen(&ignored, &it->removed_at, f);
    if (it->presence != ANSWER_REMOVED || it->removed_at != before)
        s->removed_local = judge_is_local_time(j, f);
    it->presence = ANSWER_REMOVED;
}

static void read_use(const struct judge *j, const struct fact *f, struct item *it,
                     struct sightings_of_item *s)
{
    instant ignored = INSTANT_NONE;
    widen(&it->use_first, &it->use_last, f);
    if (judge_is_local_time(j, f))
        widen(&ignored, &s->used_local, f);
    it->use = ANSWER_SEEN;
}

/* What it is: as the fact says that knows most of it. */
static void read_name(const struct judge *j, const struct fact *f, struct item *it,
                      struct sightings_of_item *s)
{
    bool past = f->state == STATE_PRESENT && is_of_the_past(j, f);
    enum state made = past ? STATE_WRITTEN : f->state;
    s->past = s->past || past;
    if (it->what.n == 0 || made > s->made) {
        s->made = made;
        it->what = f->what;
    }
}

static void read_item(const struct judge *j, struct item *it)
{
    struct sightings_of_item s = {
        .there = INSTANT_NONE, .there_tool = INSTANT_NONE, .used_local = INSTANT_NONE};
    instant ignored = INSTANT_NONE;
    instant ordered = INSTANT_NONE; /* when the command ran: the file comes a little later */
    for (size_t i = 0; i < it->facts.n; i++) {
        const struct fact *f = &j->v->facts[it->facts.at[i]];
        if (f->state == STATE_WRITTEN && f->object.n)
            widen(&it->written, &ignored, f);
        if (f->state == STATE_WRITTEN && f->object.n == 0)
            widen(&ordered, &ignored, f);
        if (f->state == STATE_REMOVED)
            read_removal(j, f, it, &s);
        s.gone = s.gone || (f->state == STATE_REMOVED && is_gone(j, f));
        if (f->state == STATE_USED)
            read_use(j, f, it, &s);
        if (f->state == STATE_WRITTEN || f->state == STATE_USED)
            widen(&ignored, judge_is_local_time(j, f) ? &s.there_tool : &s.there, f);
        read_name(j, f, it, &s);
    }
    it->written = it->written == INSTANT_NONE ? ordered : it->written;
    judge_presence(it, &s);
}

/* What the collection says of a page of which no record says that it is there or gone. */
static void look_in_collection(struct judge *j, size_t host, struct item *it)
{
    bool page;
    if (it->web.n == 0 || !judge_folder_collected(j, host, it->web, &page))
        return;
    if (page) {
        it->presence_why = STR("a file of its name is in the evidence, and no rule speaks of "
                               "its content");
        return;
    }
    it->presence = ANSWER_REMOVED;
    it->presence_why = STR("its folder was collected and it is not there; by whom and when "
                           "it was removed is not known");
}

/* Whether a web server's log would show its use: a page, by its address or by its name. */
static bool is_page(struct str where)
{
    struct str name = judge_page_name(where);
    size_t dot = name.n;
    while (dot > 0 && name.p[dot - 1] != '.')
        dot--;
    struct str ending = str_part(name, dot, name.n);
    return is_web_path(where) ||
           (dot > 0 && (str_istarts(ending, STR("as")) || str_ieq(ending, STR("php")) ||
                        str_ieq(ending, STR("jsp"))));
}

static bool is_path(struct str where)
{
    return where.n > 1 && (str_find(where, STR("/"), 0) != SIZE_MAX ||
                           str_find(where, STR("\\"), 0) != SIZE_MAX);
}

static void judge_item(struct judge *j, size_t host, struct campaign *c, struct item *it)
{
    read_item(j, it);
    if (it->presence == ANSWER_NOT_ASSESSABLE)
        look_in_collection(j, host, it);
    if (it->presence_why.n == 0)
        it->presence_why = is_path(it->where) || is_page(it->where)
                               ? STR("its folder is not in the evidence")
                               : STR("no record says that it was taken back");
    if (it->use == ANSWER_SEEN)
        return;
    it->use = ANSWER_NOT_ASSESSABLE;
    for (size_t i = 0; i < c->n_coverage && is_page(it->where); i++) {
        const struct coverage *v = &c->coverage[i];
        if (v->present && v->needed[PACK_BACKDOOR] && str_eq(v->source, STR("iis.w3c")))
            it->use = v->complete ? ANSWER_NONE_SEEN : ANSWER_NONE_SEEN_PARTIAL;
    }
}

static enum answer item_answer(const struct item *it)
{
    return it->presence == ANSWER_NOT_ASSESSABLE ? ANSWER_WRITTEN : it->presence;
}

void judge_backdoor(struct judge *j, size_t host, struct campaign *c)
{
    struct axis_verdict *a = &c->backdoor;
    struct item_index index = {.before = NULL};
    named_items(j, host, c, &index, true);
    named_items(j, host, c, &index, false);
    nameless_facts(j, host, c);
    for (size_t i = 0; i < c->n_items; i++)
        judge_item(j, host, c, &c->items[i]);

    a->first = a->last = INSTANT_NONE;
    a->answer = judge_nothing_seen(j, c, PACK_BACKDOOR, &a->reason);
    for (size_t i = 0; i < c->n_items; i++) {
        enum answer answer = item_answer(&c->items[i]);
        a->answer = answer > a->answer ? answer : a->answer;
        for (size_t k = 0; k < c->items[i].facts.n; k++) {
            const struct fact *f = &j->v->facts[c->items[i].facts.at[k]];
            a->confidence = f->confidence > a->confidence ? f->confidence : a->confidence;
            fact_set_add(j, &a->facts, c->items[i].facts.at[k]);
            if (f->first != INSTANT_NONE && (a->first == INSTANT_NONE || f->first < a->first))
                a->first = f->first;
            a->last = f->last > a->last ? f->last : a->last;
        }
    }
}
