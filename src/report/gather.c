#include "report/gather.h"

#include <stdlib.h>

#include "base/auto.h"
#include "report/export.h"

struct by_id {
    struct str id;
    const struct json *fact;
    bool taken;
};

struct gatherer {
    const struct share *share;
    const struct case_filter *filter;
    struct arena *arena;
    struct gathering *out;
    size_t cap;
    struct by_id *index; /* facts of the host in hand, by id */
    size_t n_index;
};

struct str gather_state(const struct gathered *g, const char *axis)
{
    return share_member(json_get(g->campaign, axis), "state");
}

static size_t digits_at(struct str s, size_t at)
{
    size_t n = 0;
    while (at + n < s.n && s.p[at + n] >= '0' && s.p[at + n] <= '9')
        n++;
    return n;
}

bool gather_is_cve(struct str id)
{
    enum { YEAR_AT = 4, YEAR = 4, NUMBER_AT = 9, NUMBER = 4 };
    return str_starts(id, STR("CVE-")) && digits_at(id, YEAR_AT) == YEAR && id.n > NUMBER_AT &&
           id.p[NUMBER_AT - 1] == '-' && digits_at(id, NUMBER_AT) >= NUMBER &&
           digits_at(id, NUMBER_AT) == id.n - NUMBER_AT;
}

struct str gather_name(struct str path)
{
    size_t from = path.n;
    while (from > 0 && path.p[from - 1] != '/' && path.p[from - 1] != '\\')
        from--;
    return str_part(path, from, path.n);
}

static void put_act(const struct share *s, const struct json *f, struct arena *arena,
                    struct buf *out)
{
    static const char *const parts[] = {"axis", "state", "confidence"};
    struct str time = share_member(f, "time");
    buf_add_str(out, time.n ? time : STR("(no time)"));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buf_add_cstr(out, i < 2 ? " " : ", ");
        buf_add_str(out, share_member(f, parts[i]));
    }
    buf_add_cstr(out, ": ");
    buf_add_str(out, share_text(s, share_member(f, "what"), arena));
    buf_add_cstr(out, " [");
    buf_add_str(out, share_member(f, "id"));
    buf_add_char(out, ']');
}

void gather_acts(const struct share *s, const struct gathered *g, struct buf *out)
{
    struct arena *arena = arena_new();
    for (size_t i = 0; i < g->n_facts && i < GATHER_LINES_MOST; i++) {
        if (i)
            buf_add_char(out, '\n');
        put_act(s, g->facts[i], arena, out);
        arena_reset(arena);
    }
    if (g->n_facts > GATHER_LINES_MOST)
        buf_addf(out, "\nand %zu more", g->n_facts - GATHER_LINES_MOST);
    arena_free(arena);
}

/* --- facts --------------------------------------------------------------------------------- */

static int compare_ids(const void *a, const void *b)
{
    return str_cmp(((const struct by_id *)a)->id, ((const struct by_id *)b)->id);
}

static void index_facts(struct gatherer *g, const struct json *host)
{
    const struct json *facts = share_list(host, "facts");
    size_t n = 0;
    for (const struct json *f = facts; f; f = f->next)
        n++;
    g->index = ARENA_ARRAY(g->arena, struct by_id, n + 1);
    g->n_index = n;
    n = 0;
    for (const struct json *f = facts; f; f = f->next)
        g->index[n++] = (struct by_id){.id = share_member(f, "id"), .fact = f};
    qsort(g->index, n, sizeof *g->index, compare_ids);
}

static struct by_id *find_fact(const struct gatherer *g, struct str id)
{
    struct by_id wanted = {.id = id};
    return g->n_index ? bsearch(&wanted, g->index, g->n_index, sizeof *g->index, compare_ids)
                      : NULL;
}

static bool in_time(const struct case_filter *f, instant at)
{
    if (at == INSTANT_NONE)
        return f->from == INSTANT_NONE && f->to == INSTANT_NONE;
    return (f->from == INSTANT_NONE || at >= f->from) && (f->to == INSTANT_NONE || at <= f->to);
}

static int add_fact(struct gatherer *g, struct gathered *of, struct str id, size_t *cap,
                    struct err *err)
{
    struct by_id *found = find_fact(g, id);
    if (!found || found->taken || !in_time(g->filter, share_time(found->fact, "time")))
        return 0;
    found->taken = true;
    int kept = export_keeps_back(g->share, found->fact, err);
    if (kept != 0) {
        g->out->kept_back += kept > 0;
        return kept < 0 ? -1 : 0;
    }
    of->facts = arena_grow(g->arena, of->facts, of->n_facts, cap, sizeof *of->facts);
    of->facts[of->n_facts++] = found->fact;
    return 0;
}

static int by_time(const void *a, const void *b)
{
    const struct json *x = *(const struct json *const *)a;
    const struct json *y = *(const struct json *const *)b;
    instant s = share_time(x, "time");
    instant t = share_time(y, "time");
    if (s != t)
        return s == INSTANT_NONE || (t != INSTANT_NONE && s > t) ? 1 : -1;
    return str_cmp(share_member(x, "id"), share_member(y, "id"));
}

static int add_facts(struct gatherer *g, struct gathered *of, struct err *err)
{
    static const char *const axes[] = {"entry", "backdoor", "action", "loss"};
    size_t cap = 0;
    for (size_t i = 0; i < g->n_index; i++)
        g->index[i].taken = false;
    for (size_t a = 0; a < sizeof axes / sizeof *axes; a++)
        for (const struct json *id = share_list(json_get(of->campaign, axes[a]), "facts"); id;
             id = id->next)
            if (add_fact(g, of, id->text, &cap, err) < 0)
                return -1;
    if (of->n_facts)
        qsort(of->facts, of->n_facts, sizeof *of->facts, by_time);
    for (size_t i = 0; i < of->n_facts; i++) {
        instant at = share_time(of->facts[i], "time");
        instant last = share_time(of->facts[i], "last");
        last = last == INSTANT_NONE ? at : last;
        if (at == INSTANT_NONE)
            continue;
        of->first = of->first == INSTANT_NONE ? at : of->first;
        of->last = of->last == INSTANT_NONE || last > of->last ? last : of->last;
    }
    return 0;
}

static bool is_told(const struct gathered *of, struct str id)
{
    for (size_t i = 0; i < of->n_facts; i++)
        if (str_eq(share_member(of->facts[i], "id"), id))
            return true;
    return false;
}

/* --- initiators, back doors ---------------------------------------------------------------- */

/* Whether anything of a list of facts may be told. */
static bool any_told(const struct gathered *of, const struct json *ids)
{
    for (; ids; ids = ids->next)
        if (is_told(of, ids->text))
            return true;
    return false;
}

static void add_intruders(struct gatherer *g, struct gathered *of)
{
    size_t cap = 0;
    for (const struct json *i = share_list(json_get(of->campaign, "entry"), "initiators"); i;
         i = i->next) {
        if (!str_eq(share_member(i, "role"), STR("intruder")) ||
            !any_told(of, share_list(i, "facts")))
            continue;
        of->intruders =
            arena_grow(g->arena, of->intruders, of->n_intruders, &cap, sizeof *of->intruders);
        of->intruders[of->n_intruders++] = i;
    }
}

static bool is_digest(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
            return false;
    return s.n == 64;
}

/* The digest of a file of this name that a fact's finding is about. */
static int find_digest(struct gatherer *g, const struct json *fact, struct gathered_item *item,
                       struct err *err)
{
    struct arena *arena = arena_new();
    int got = 0;
    for (const struct json *id = share_list(fact, "findings");
         id && got >= 0 && !item->sha256.n; id = id->next) {
        struct case_finding f;
        got = case_finding(g->share->reader, id->text, arena, &f, err);
        if (got > 0 && str_eq(f.kind, STR("file")) && is_digest(f.sha256) &&
            str_ieq(gather_name(f.path), item->name))
            item->sha256 = arena_str(g->arena, f.sha256);
        arena_reset(arena);
    }
    arena_free(arena);
    return got < 0 ? -1 : 0;
}

/* Names that products ship, or that everybody gives to pages. */
static bool is_common(struct str name)
{
    static const char *const stems[] = {
        "logon",       "logoff",        "login",
        "logout",      "signin",        "signout",
        "errorfe",     "error",         "expiredpassword",
        "frowny",      "outlookcn",     "redirsuiteserviceproxy",
        "svmfeedback", "default",       "index",
        "home",        "main",          "web",
        "global",      "timeoutlogoff", "upload"};
    static const char *const scripts[] = {".aspx", ".ashx", ".asmx", ".asp",   ".jsp",
                                          ".jspx", ".php",  ".cfm",  ".cshtml"};
    bool script = false;
    size_t dot = str_find(name, STR("."), 0);
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        script = script || str_iends(name, str_of(scripts[i]));
    for (size_t i = 0; i < sizeof stems / sizeof *stems; i++)
        if (str_ieq(str_part(name, 0, dot), str_of(stems[i])))
            return true;
    return !script;
}

static void date_item(struct gathered *of, struct gathered_item *item)
{
    const struct json *use = json_get(item->of, "use");
    item->first = share_time(item->of, "written");
    item->last = share_time(use, "last");
    for (const struct json *id = share_list(item->of, "facts"); id; id = id->next) {
        for (size_t i = 0; i < of->n_facts; i++) {
            instant at = share_time(of->facts[i], "time");
            if (at == INSTANT_NONE || !str_eq(share_member(of->facts[i], "id"), id->text))
                continue;
            if (item->first == INSTANT_NONE || at < item->first)
                item->first = at;
        }
    }
}

static int add_items(struct gatherer *g, struct gathered *of, struct err *err)
{
    size_t cap = 0;
    for (const struct json *i = share_list(json_get(of->campaign, "backdoor"), "items"); i;
         i = i->next) {
        if (!any_told(of, share_list(i, "facts")))
            continue;
        struct gathered_item item = {
            .of = i, .what = share_member(i, "what"), .where = share_member(i, "where")};
        item.name = gather_name(item.where);
        item.common = is_common(item.name);
        date_item(of, &item);
        for (const struct json *id = share_list(i, "facts"); id; id = id->next) {
            const struct by_id *fact = find_fact(g, id->text);
            if (fact && is_told(of, id->text) && find_digest(g, fact->fact, &item, err) < 0)
                return -1;
        }
        of->items = arena_grow(g->arena, of->items, of->n_items, &cap, sizeof *of->items);
        of->items[of->n_items++] = item;
    }
    return 0;
}

/* --- campaigns ----------------------------------------------------------------------------- */

static bool is_seen(const struct gathered *g)
{
    struct str entry = gather_state(g, "entry");
    return str_eq(entry, STR("attempted")) || str_eq(entry, STR("reached")) ||
           str_eq(entry, STR("exploited")) ||
           share_list(json_get(g->campaign, "backdoor"), "items") ||
           str_eq(gather_state(g, "action"), STR("seen")) ||
           str_eq(gather_state(g, "loss"), STR("bounds"));
}

static const struct json *pack_of(const struct share *s, struct str id)
{
    for (const struct json *p = share_list(s->reader->document, "packs"); p; p = p->next)
        if (str_eq(share_member(p, "id"), id))
            return p;
    return NULL;
}

static int add_campaign(struct gatherer *g, const struct json *host,
                        const struct json *campaign, struct err *err)
{
    struct gathered of = {.host = share_member(host, "host"),
                          .host_node = host,
                          .campaign = campaign,
                          .pack = pack_of(g->share, share_member(campaign, "id")),
                          .first = INSTANT_NONE,
                          .last = INSTANT_NONE};
    if (!is_seen(&of))
        return 0;
    if (add_facts(g, &of, err) < 0)
        return -1;
    if (of.n_facts == 0)
        return 0;
    add_intruders(g, &of);
    if (add_items(g, &of, err) < 0)
        return -1;
    g->out->all = arena_grow(g->arena, g->out->all, g->out->n, &g->cap, sizeof *g->out->all);
    g->out->all[g->out->n++] = of;
    return 0;
}

static int find_end(const struct share *s, instant *ret, struct err *err)
{
    struct case_evidence e;
    AUTO(case_rows_close) struct case_rows rows = {0};
    instant end = INSTANT_NONE;
    int got = case_evidence(s->reader, &rows, err);
    while (got >= 0 && (got = case_evidence_next(&rows, &e, err)) > 0)
        end = e.last != INSTANT_NONE && e.last > end ? e.last : end;
    *ret = end;
    return got;
}

int gather(const struct share *s, const struct case_filter *filter, struct arena *arena,
           struct gathering *ret, struct err *err)
{
    struct gathering out = {.end = INSTANT_NONE};
    struct gatherer g = {.share = s, .filter = filter, .arena = arena, .out = &out};
    for (const struct json *h = share_list(s->reader->document, "hosts"); h; h = h->next) {
        if (filter->host.n && !str_eq(share_member(h, "host"), filter->host))
            continue;
        index_facts(&g, h);
        for (const struct json *c = share_list(h, "campaigns"); c; c = c->next)
            if (add_campaign(&g, h, c, err) < 0)
                return -1;
    }
    if (find_end(s, &out.end, err) < 0)
        return -1;
    *ret = out;
    return 0;
}
