/* Which act is joined to which, and by what.
 *
 * Each act is joined to one earlier act: that which it has most in common with, the nearest if
 * there are several. What it shares says how sure that is: a request id is one request, on
 * whichever server it was recorded; one page, or one address, is strong; nearness in time is
 * weak, and says nothing where several intruders were at work just then.
 */
#include "base/ip.h"
#include "event/webpath.h"
#include "judge/judge_int.h"

enum {
    NEAR_SECONDS = 60,
    ANSWER_SECONDS = 10, /* a request is recorded when it ends: what it started stands before */
    LOOK_AROUND = 64,    /* acts that are looked at for their nearness in time */
};

struct acts { /* of one campaign on one host, by time */
    size_t *at;
    size_t n;
    struct numbers requests, pages, names, contents,
        addresses; /* of each: the act that had it last */
};

static bool in_chain(const struct fact *f, const struct campaign *c)
{
    if (!str_eq(f->pack, c->pack->id) || f->first == INSTANT_NONE)
        return false;
    return (f->axis == AXIS_ENTRY && f->state >= STATE_ATTEMPTED) || f->axis == AXIS_BACKDOOR ||
           f->axis == AXIS_ACTION || f->axis == AXIS_LOSS;
}

struct str judge_content(const struct fact *f)
{
    struct str mark = STR("content\t");
    size_t at = str_find(f->shares, mark, 0);
    if (at == SIZE_MAX || (at > 0 && f->shares.p[at - 1] != '\n'))
        return STR("");
    return str_part(f->shares, at + mark.n, str_find(f->shares, STR("\n"), at));
}

/* What of a fact others may share. A page has a web path, or only a name. */
struct shared {
    struct str request, page, name, content;
};

static struct shared shared_of(struct judge *j, const struct fact *f)
{
    struct str web = judge_web_path(j, f->object);
    return (struct shared){
        .request = text_lower(f->request, j->arena),
        .page = text_lower(web, j->arena),
        .name = text_lower(judge_page_name(web.n ? web : f->object), j->arena),
        .content = text_lower(judge_content(f), j->arena),
    };
}

/* The server's own address, or that of anything on its wire, is nobody's; so are its own account
 * and its programs. */
static bool is_somebody(struct str who)
{
    struct ip ip;
    if (!ip_parse(who, &ip))
        return false;
    enum ip_class c = ip_class(&ip);
    return c != IP_LOOPBACK && c != IP_LINK_LOCAL && c != IP_UNSPECIFIED;
}

static size_t n_somebody(const struct fact *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n_initiators; i++)
        n += is_somebody(f->initiators[i]);
    return n;
}

static void better(struct link *best, size_t from, size_t to, const char *by,
                   enum confidence confidence)
{
    if (from == SIZE_MAX || from == to || confidence < best->confidence ||
        (confidence == best->confidence && best->by.n && from <= best->from))
        return;
    *best = (struct link){from, to, str_of(by), confidence};
}

static struct link by_what_it_shares(struct judge *j, const struct acts *acts,
                                     const struct fact *f, const struct shared *s, size_t i)
{
    struct link best = {.by = STR("")};
    better(&best, numbers_get(&acts->requests, s->request), i, "request id",
           CONFIDENCE_CERTAIN);
    better(&best,
           numbers_get(s->page.n ? &acts->pages : &acts->names, s->page.n ? s->page : s->name),
           i, "the same page", CONFIDENCE_STRONG);
    if (best.by.n == 0)
        better(&best, numbers_get(&acts->names, s->name), i, "a page of the same name",
               CONFIDENCE_WEAK);
    better(&best, numbers_get(&acts->contents, s->content), i, "the same content",
           CONFIDENCE_STRONG);
    for (size_t k = 0; k < f->n_initiators; k++)
        better(&best, numbers_get(&acts->addresses, text_lower(f->initiators[k], j->arena)), i,
               "the same address", CONFIDENCE_STRONG);
    return best;
}

static void note(struct judge *j, struct acts *acts, const struct fact *f,
                 const struct shared *s, size_t i)
{
    numbers_set(&acts->requests, s->request, i, j->arena);
    numbers_set(&acts->pages, s->page, i, j->arena);
    numbers_set(&acts->names, s->name, i, j->arena);
    numbers_set(&acts->contents, s->content, i, j->arena);
    for (size_t k = 0; k < f->n_initiators; k++)
        if (is_somebody(f->initiators[k]))
            numbers_set(&acts->addresses, text_lower(f->initiators[k], j->arena), i, j->arena);
}

/* A command that ran while a page answered: the one page that was asked then. */
static void while_it_answered(const struct judge *j, const struct acts *acts, size_t at,
                              struct link *best)
{
    const struct fact *f = &j->v->facts[acts->at[at]];
    struct str page = STR("");
    size_t from = SIZE_MAX;
    int64_t least = INT64_MAX;
    size_t start = at > LOOK_AROUND ? at - LOOK_AROUND : 0;
    if (f->axis != AXIS_ACTION)
        return;
    for (size_t k = start; k < acts->n && k < at + LOOK_AROUND; k++) {
        const struct fact *use = &j->v->facts[acts->at[k]];
        int64_t d = use->first - f->first;
        if (use->axis != AXIS_BACKDOOR || use->state != STATE_USED || use->object.n == 0 ||
            d > ANSWER_SECONDS * INSTANT_SECOND || d < -ANSWER_SECONDS * INSTANT_SECOND)
            continue;
        if (page.n && !str_ieq(page, use->object))
            return; /* two pages answered: either may have run it */
        page = use->object;
        d = d < 0 ? -d : d;
        if (d < least) {
            least = d;
            from = acts->at[k];
        }
    }
    if (from != SIZE_MAX)
        better(best, from, acts->at[at], "time, while the page answered", CONFIDENCE_STRONG);
}

/* Only time: the act before, within a minute, unless several intruders were at work. */
static void by_time(const struct judge *j, const struct acts *acts, size_t at,
                    struct link *best)
{
    const struct fact *f = &j->v->facts[acts->at[at]];
    struct str who = STR("");
    for (size_t k = at; k > 0 && k + LOOK_AROUND > at; k--) {
        const struct fact *before = &j->v->facts[acts->at[k - 1]];
        if (f->first - before->last > NEAR_SECONDS * INSTANT_SECOND)
            continue;
        for (size_t i = 0; i < before->n_initiators; i++) {
            if (!is_somebody(before->initiators[i]))
                continue;
            if (who.n && !str_ieq(who, before->initiators[i]))
                return;
            who = before->initiators[i];
        }
    }
    if (n_somebody(f) && who.n) /* it has an address of its own, and not that one */
        return;
    for (size_t k = at; k > 0 && k + LOOK_AROUND > at; k--) {
        const struct fact *before = &j->v->facts[acts->at[k - 1]];
        if (f->first - before->last > NEAR_SECONDS * INSTANT_SECOND)
            continue;
        better(best, acts->at[k - 1], acts->at[at], "time, within a minute", CONFIDENCE_WEAK);
        return;
    }
}

static void add_link(struct judge *j, struct campaign *c, struct link link)
{
    c->chain = arena_grow(j->arena, c->chain, c->n_chain, &c->cap_chain, sizeof *c->chain);
    c->chain[c->n_chain++] = link;
}

/* --- one request on two servers ------------------------------------------------------------- */

/* The request ids of all facts of all hosts: the first fact that has each. */
static void note_requests(struct judge *j)
{
    struct numbers *all = ARENA_NEW(j->arena, struct numbers);
    for (size_t i = j->v->n_facts; i > 0; i--)
        numbers_set(all, text_lower(j->v->facts[i - 1].request, j->arena), i - 1, j->arena);
    j->requests = &all->names;
    j->request_fact = all->value;
}

/* The same request on another server: there it was passed on, or here. */
static void across_hosts(struct judge *j, struct campaign *c, const struct shared *s, size_t i)
{
    if (!j->requests)
        note_requests(j);
    size_t at = s->request.n ? names_find(j->requests, s->request) : SIZE_MAX;
    size_t other = at == SIZE_MAX ? i : j->request_fact[at];
    const struct fact *f = &j->v->facts[i];
    const struct fact *o = &j->v->facts[other];
    if (o->host != f->host && in_chain(o, c))
        add_link(
            j, c,
            (struct link){other, i, STR("request id, of another server"), CONFIDENCE_CERTAIN});
}

/* A request that names the server which it went to, or came from: the campaign's act there that is
 * nearest in time, a few seconds away at most. */
static void on_named_server(struct judge *j, struct campaign *c, size_t i)
{
    const struct fact *f = &j->v->facts[i];
    size_t end;
    size_t nearest = SIZE_MAX;
    int64_t least = INT64_MAX;
    for (size_t k = judge_passed_to(j, f, &end), n = 0; k < end && n < LOOK_AROUND; k++, n++) {
        const struct fact *o = &j->v->facts[k];
        int64_t d = o->first > f->first ? o->first - f->first : f->first - o->first;
        if (d >= least || !in_chain(o, c))
            continue;
        least = d;
        nearest = k;
    }
    if (nearest != SIZE_MAX)
        add_link(j, c,
                 (struct link){nearest, i, STR("time, on the server that the request names"),
                               CONFIDENCE_STRONG});
}

void judge_chain(struct judge *j, size_t host, struct campaign *c)
{
    struct acts acts = {0};
    acts.at = ARENA_ARRAY(j->arena, size_t, j->fact_from[host + 1] - j->fact_from[host]);
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++)
        if (in_chain(&j->v->facts[i], c))
            acts.at[acts.n++] = i;
    for (size_t k = 0; k < acts.n; k++) {
        const struct fact *f = &j->v->facts[acts.at[k]];
        struct shared s = shared_of(j, f);
        struct link best = by_what_it_shares(j, &acts, f, &s, acts.at[k]);
        if (best.confidence < CONFIDENCE_STRONG)
            while_it_answered(j, &acts, k, &best);
        if (best.by.n == 0)
            by_time(j, &acts, k, &best);
        if (best.by.n)
            add_link(j, c, best);
        across_hosts(j, c, &s, acts.at[k]);
        on_named_server(j, c, acts.at[k]);
        note(j, &acts, f, &s, acts.at[k]);
    }
}
