/* A scan into the tables of a case. What evidence tells (evidence, findings, facts, gaps)
 * adds up over scans; what a scan concluded (verdict, campaigns, coverage) is kept per
 * verdict. */
#include "base/auto.h"
#include "base/digest.h"
#include "judge/ids.h"
#include "rule/indicator.h"
#include "store/casefile_int.h"

struct filler {
    struct db *db;
    const struct casefile_input *in;
    struct arena *arena;
    struct finding_ids ids;
    int64_t *host;             /* per host of the verdict: its row */
    char (*evidence)[ID_TEXT]; /* per evidence: its id */
    int64_t verdict;           /* row */
};

/* --- the verdict itself -------------------------------------------------------------------- */

/* returns 1 if the case has this verdict already, 0 if not, -1 */
static int has_verdict(struct filler *f, const char *digest, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    if (db_query(f->db, "SELECT id FROM verdict WHERE digest = ?", &q, err) < 0)
        return -1;
    query_text(&q, 1, str_of(digest));
    int got = query_next(&q, err);
    if (got > 0)
        f->verdict = column_number(&q, 0);
    return got;
}

static int put_verdict(struct filler *f, const char *digest, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    if (db_query(f->db,
                 "INSERT INTO verdict (digest, tool, exit_status, json) VALUES (?, ?, ?, ?)",
                 &q, err) < 0)
        return -1;
    struct str tool = arena_printf(f->arena, "assay %s", f->in->version);
    query_text(&q, 1, str_of(digest));
    query_text(&q, 2, tool);
    query_signed(&q, 3, f->in->verdict->exit_status);
    query_text(&q, 4, f->in->json);
    if (query_run(&q, err) < 0)
        return -1;
    f->verdict = db_last_id(f->db);
    return 0;
}

static int put_meta(struct filler *f, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    if (db_query(f->db, "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", &q, err) < 0)
        return -1;
    query_text(&q, 1, STR("schema"));
    query_text(&q, 2, STR("assay.case/1"));
    if (query_run(&q, err) < 0)
        return -1;
    query_text(&q, 1, STR("tool"));
    query_text(&q, 2, arena_printf(f->arena, "assay %s", f->in->version));
    return query_run(&q, err);
}

/* --- hosts --------------------------------------------------------------------------------- */

struct host_queries {
    struct query find, add, rename;
};

static void host_queries_close(struct host_queries *q)
{
    query_close(&q->find);
    query_close(&q->add);
    query_close(&q->rename);
}

/* The row of a host known from an earlier scan: a short name and a full one that starts with
 * it are one host. 0 if there is none. */
static int find_host(struct filler *f, struct host_queries *q, const struct host *h,
                     int64_t *ret, struct err *err)
{
    int64_t row = 0;
    query_text(&q->find, 1, h->folded);
    int got;
    while ((got = query_next(&q->find, err)) > 0) {
        struct str key = column_text(&q->find, 1, f->arena);
        if (row == 0 &&
            (str_eq(key, h->key) || str_eq(key, h->folded) || str_eq(h->key, h->folded)))
            row = column_number(&q->find, 0);
        if (str_eq(key, h->key))
            row = column_number(&q->find, 0);
    }
    *ret = row;
    return got;
}

static int put_host(struct filler *f, struct host_queries *q, const struct host *h,
                    int64_t *ret, struct err *err)
{
    if (find_host(f, q, h, ret, err) < 0)
        return -1;
    if (*ret == 0) {
        query_text(&q->add, 1, h->name);
        query_text(&q->add, 2, h->key);
        query_text(&q->add, 3, h->folded);
        if (query_run(&q->add, err) < 0)
            return -1;
        *ret = db_last_id(f->db);
        return 0;
    }
    query_signed(&q->rename, 1, *ret);
    query_text(&q->rename, 2, h->name);
    query_text(&q->rename, 3, h->key);
    return query_run(&q->rename, err);
}

static int put_hosts(struct filler *f, struct err *err)
{
    const struct verdict *v = f->in->verdict;
    AUTO(host_queries_close) struct host_queries q = {0};
    if (db_query(f->db, "SELECT id, key FROM host WHERE short = ? ORDER BY id DESC", &q.find,
                 err) < 0 ||
        db_query(f->db, "INSERT INTO host (name, key, short) VALUES (?, ?, ?)", &q.add, err) <
            0 ||
        db_query(f->db,
                 "UPDATE host SET name = ?2, key = ?3 WHERE id = ?1 AND length(key) < "
                 "length(?3)",
                 &q.rename, err) < 0)
        return -1;
    f->host = ARENA_ARRAY(f->arena, int64_t, v->n_hosts);
    for (size_t i = 0; i < v->n_hosts; i++)
        if (put_host(f, &q, &v->hosts[i], &f->host[i], err) < 0)
            return -1;
    return 0;
}

/* --- evidence, gaps ------------------------------------------------------------------------ */

static void evidence_id(const struct evidence *e, char ret[ID_TEXT])
{
    const struct str parts[] = {STR("evidence"), e->path,
                                e->read ? str_of(e->sha256_text) : STR("")};
    id_of(parts, sizeof parts / sizeof *parts, ret);
}

static int put_evidence(struct filler *f, struct err *err)
{
    const struct findings *all = f->in->findings;
    AUTO(query_close) struct query q = {0};
    if (db_query(f->db,
                 "INSERT INTO evidence (id, path, sha256, bytes, format, events, first, last,"
                 " modified, recovered, copies, unreadable)"
                 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                 " format = excluded.format, events = excluded.events, first = excluded.first,"
                 " last = excluded.last, modified = excluded.modified,"
                 " recovered = excluded.recovered, copies = excluded.copies,"
                 " unreadable = excluded.unreadable",
                 &q, err) < 0)
        return -1;
    f->evidence = arena_alloc(f->arena, all->n_evidence, sizeof *f->evidence);
    for (size_t i = 0; i < all->n_evidence; i++) {
        const struct evidence *e = &all->evidence[i];
        evidence_id(e, f->evidence[i]);
        query_text(&q, 1, str_of(f->evidence[i]));
        query_text(&q, 2, e->path);
        query_text_or_null(&q, 3, e->read ? str_of(e->sha256_text) : STR(""));
        query_number(&q, 4, e->size);
        query_text_or_null(&q, 5,
                           e->format < FORMATS ? str_of(format_name(e->format)) : STR(""));
        query_number(&q, 6, e->events);
        query_time(&q, 7, e->first);
        query_time(&q, 8, e->last);
        query_time(&q, 9, e->no_zone ? INSTANT_NONE : e->modified);
        query_number(&q, 10, e->recovered);
        query_number(&q, 11, e->copies);
        query_number(&q, 12, e->unreadable);
        if (query_run(&q, err) < 0)
            return -1;
    }
    return 0;
}

static int put_gaps(struct filler *f, struct err *err)
{
    const struct findings *all = f->in->findings;
    AUTO(query_close) struct query q = {0};
    if (db_query(f->db,
                 "INSERT OR IGNORE INTO gap (evidence, from_byte, to_byte, why)"
                 " VALUES (?, ?, ?, ?)",
                 &q, err) < 0)
        return -1;
    for (size_t i = 0; i < all->n_gaps; i++) {
        query_text(&q, 1, str_of(f->evidence[all->gaps[i].evidence]));
        query_number(&q, 2, all->gaps[i].from);
        query_number(&q, 3, all->gaps[i].to);
        query_text(&q, 4, all->gaps[i].why);
        if (query_run(&q, err) < 0)
            return -1;
    }
    return 0;
}

/* --- findings ------------------------------------------------------------------------------ */

static int put_finding(struct filler *f, struct query *q, size_t i, struct err *err)
{
    const struct found_hit *found = &f->in->findings->hits[i];
    const struct hit *h = &found->hit;
    const struct rule *rule = ruleset_get(f->in->rules, h->rule);
    query_text(q, 1, str_of(f->ids.at[i]));
    query_text_or_null(q, 2, rule->id);
    query_text(q, 3, rule->title);
    query_text(q, 4, str_of(level_name(tune_level(found->tuned, rule))));
    query_text(q, 5, str_of(rule_source(rule)));
    query_text_or_null(q, 6, rule->pack);
    query_signed(q, 7, f->host[f->in->verdict->hit_host[i]]);
    query_text(q, 8, str_of(f->evidence[found->evidence]));
    query_text(q, 9, str_of(event_kind_name(h->kind)));
    query_text(q, 10, h->source);
    query_time(q, 11, h->time);
    query_signed(q, 12, f->in->verdict->hit_corrected[i]);
    query_number(q, 13, h->offset);
    query_number(q, 14, h->size);
    if (h->record)
        query_number(q, 15, h->record);
    query_number(q, 16, h->marks);
    query_raw(q, 17, h->excerpt);
    query_text_or_null(q, 18, h->how);
    query_raw(q, 19, h->decoded);
    if (h->indicator) {
        const struct indicators *set = rule->indicators;
        query_text(q, 20,
                   indicator_sentence(set, h->indicator - 1, h->field, h->time, f->arena));
        query_text_or_null(q, 21, str_of(tlp_name((enum tlp)set->list[h->indicator - 1].tlp)));
    }
    return query_run(q, err);
}

static int put_findings(struct filler *f, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    if (db_query(f->db,
                 "INSERT INTO finding (id, rule, title, level, rule_source, pack, host,"
                 " evidence, kind, source, time, corrected, offset, size, record, marks,"
                 " excerpt, how, decoded, indicator, tlp)"
                 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                 " ON CONFLICT (id) DO UPDATE SET title = excluded.title,"
                 " level = excluded.level, host = excluded.host,"
                 " corrected = excluded.corrected,"
                 " excerpt = coalesce(excluded.excerpt, excerpt), how = excluded.how,"
                 " decoded = coalesce(excluded.decoded, decoded),"
                 " indicator = excluded.indicator, tlp = excluded.tlp",
                 &q, err) < 0)
        return -1;
    for (size_t i = 0; i < f->in->findings->n_hits; i++)
        if (f->ids.first[i] == i && put_finding(f, &q, i, err) < 0)
            return -1;
    return 0;
}

/* Events of a correlation's finding; those that an earlier scan wrote are the same. */
static int put_events_of(struct filler *f, struct query *q, size_t i, struct err *err)
{
    const struct correlated *c = f->in->findings->hits[i].hit.correlated;
    for (size_t k = 0; c && k < c->n_events; k++) {
        const struct correlated_event *e = &c->events[k];
        query_text(q, 1, str_of(f->ids.at[i]));
        query_number(q, 2, k + 1);
        query_text(q, 3, ruleset_get(f->in->rules, e->rule)->title);
        query_text(q, 4, str_of(f->evidence[e->evidence]));
        query_time(q, 5, e->time);
        query_number(q, 6, e->offset);
        query_number(q, 7, e->size);
        if (e->record)
            query_number(q, 8, e->record);
        if (query_run(q, err) < 0)
            return -1;
    }
    return 0;
}

static int put_events(struct filler *f, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    if (db_query(f->db,
                 "INSERT OR REPLACE INTO finding_event (finding, place, title, evidence, time,"
                 " offset, size, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                 &q, err) < 0)
        return -1;
    for (size_t i = 0; i < f->in->findings->n_hits; i++)
        if (f->ids.first[i] == i && put_events_of(f, &q, i, err) < 0)
            return -1;
    return 0;
}

/* --- facts --------------------------------------------------------------------------------- */

struct fact_queries {
    struct query fact, finding, initiator;
};

static void fact_queries_close(struct fact_queries *q)
{
    query_close(&q->fact);
    query_close(&q->finding);
    query_close(&q->initiator);
}

static int put_fact_row(struct filler *f, struct query *q, const struct fact *fact,
                        struct err *err)
{
    query_text(q, 1, str_of(fact->id));
    query_signed(q, 2, f->host[fact->host]);
    query_text_or_null(q, 3, fact->pack);
    query_text_or_null(q, 4, str_of(axis_name(fact->axis)));
    query_text_or_null(q, 5, str_of(state_name(fact->state)));
    query_text_or_null(q, 6, fact->kind);
    query_text_or_null(q, 7, str_of(confidence_name(fact->confidence)));
    query_text(q, 8, fact->what);
    query_time(q, 9, fact->first);
    query_time(q, 10, fact->last);
    query_signed(q, 11, fact->corrected);
    query_text_or_null(q, 12, fact->object);
    query_text_or_null(q, 13, fact->request);
    query_text_or_null(q, 14, fact->mailbox);
    query_number(q, 15, fact->bytes);
    return query_run(q, err);
}

static int put_fact(struct filler *f, struct fact_queries *q, const struct fact *fact,
                    struct err *err)
{
    if (put_fact_row(f, &q->fact, fact, err) < 0)
        return -1;
    for (size_t i = 0; i < fact->n_hits; i++) {
        query_text(&q->finding, 1, str_of(fact->id));
        query_text(&q->finding, 2, str_of(f->ids.at[fact->hits[i]]));
        if (query_run(&q->finding, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < fact->n_initiators; i++) {
        query_text(&q->initiator, 1, str_of(fact->id));
        query_text(&q->initiator, 2, fact->initiators[i]);
        if (query_run(&q->initiator, err) < 0)
            return -1;
    }
    return 0;
}

static int put_facts(struct filler *f, struct err *err)
{
    const struct verdict *v = f->in->verdict;
    AUTO(fact_queries_close) struct fact_queries q = {0};
    if (db_query(f->db,
                 "INSERT INTO fact (id, host, pack, axis, state, kind, confidence, what, first,"
                 " last, corrected, object, request, mailbox, bytes)"
                 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                 " ON CONFLICT (id) DO UPDATE SET host = excluded.host, state = excluded.state,"
                 " kind = excluded.kind, confidence = excluded.confidence,"
                 " what = excluded.what, first = excluded.first, last = excluded.last,"
                 " corrected = excluded.corrected, object = excluded.object,"
                 " request = excluded.request, mailbox = excluded.mailbox,"
                 " bytes = excluded.bytes",
                 &q.fact, err) < 0 ||
        db_query(f->db, "INSERT OR IGNORE INTO fact_finding (fact, finding) VALUES (?, ?)",
                 &q.finding, err) < 0 ||
        db_query(f->db, "INSERT OR IGNORE INTO fact_initiator (fact, value) VALUES (?, ?)",
                 &q.initiator, err) < 0)
        return -1;
    for (size_t i = 0; i < v->n_facts; i++)
        if (put_fact(f, &q, &v->facts[i], err) < 0)
            return -1;
    return 0;
}

/* --- what was concluded -------------------------------------------------------------------- */

struct campaign_queries {
    struct query campaign, coverage, interval;
};

static void campaign_queries_close(struct campaign_queries *q)
{
    query_close(&q->campaign);
    query_close(&q->coverage);
    query_close(&q->interval);
}

static void key_of_coverage(struct filler *f, struct query *q, size_t host,
                            const struct campaign *c, const struct coverage *v)
{
    query_signed(q, 1, f->verdict);
    query_signed(q, 2, f->host[host]);
    query_text(q, 3, c->pack->id);
    query_text(q, 4, v->source);
    query_text(q, 5, v->part);
}

static int put_coverage(struct filler *f, struct campaign_queries *q, size_t host,
                        const struct campaign *c, const struct coverage *v, struct err *err)
{
    const struct {
        const char *kind;
        const struct interval_set *set;
    } kinds[] = {{"covered", &v->intervals}, {"gap", &v->gaps}, {"hole", &v->holes}};
    key_of_coverage(f, &q->coverage, host, c, v);
    query_number(&q->coverage, 6, v->present);
    query_number(&q->coverage, 7, v->complete);
    query_number(&q->coverage, 8, v->damaged);
    if (query_run(&q->coverage, err) < 0)
        return -1;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        for (size_t i = 0; i < kinds[k].set->n; i++) {
            key_of_coverage(f, &q->interval, host, c, v);
            query_text(&q->interval, 6, str_of(kinds[k].kind));
            query_time(&q->interval, 7, kinds[k].set->at[i].from);
            query_time(&q->interval, 8, kinds[k].set->at[i].to);
            if (query_run(&q->interval, err) < 0)
                return -1;
        }
    }
    return 0;
}

static int put_campaign(struct filler *f, struct campaign_queries *q, size_t host,
                        const struct campaign *c, struct err *err)
{
    struct query *row = &q->campaign;
    query_signed(row, 1, f->verdict);
    query_signed(row, 2, f->host[host]);
    query_text(row, 3, c->pack->id);
    query_text(row, 4, c->headline);
    query_time(row, 5, c->from);
    query_time(row, 6, c->to);
    query_text(row, 7, str_of(answer_name(c->exposure.answer)));
    query_text(row, 8, str_of(answer_name(c->entry.answer)));
    query_number(row, 9, c->entry.inferred);
    query_text(row, 10, str_of(answer_name(c->backdoor.answer)));
    query_text(row, 11, str_of(answer_name(c->action.answer)));
    query_text(row, 12, str_of(answer_name(c->loss.answer)));
    if (query_run(row, err) < 0)
        return -1;
    for (size_t i = 0; i < c->n_coverage; i++)
        if (put_coverage(f, q, host, c, &c->coverage[i], err) < 0)
            return -1;
    return 0;
}

static int put_campaigns(struct filler *f, struct err *err)
{
    const struct verdict *v = f->in->verdict;
    AUTO(campaign_queries_close) struct campaign_queries q = {0};
    if (db_query(f->db,
                 "INSERT INTO campaign (verdict, host, pack, headline, window_from, window_to,"
                 " exposure, entry, entry_inferred, backdoor, action, loss)"
                 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                 &q.campaign, err) < 0 ||
        db_query(f->db,
                 "INSERT INTO coverage (verdict, host, pack, source, part, present, complete,"
                 " damaged) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                 &q.coverage, err) < 0 ||
        db_query(f->db,
                 "INSERT INTO coverage_interval (verdict, host, pack, source, part, kind,"
                 " from_time, to_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                 &q.interval, err) < 0)
        return -1;
    for (size_t h = 0; h < v->n_hosts; h++)
        for (size_t i = 0; i < v->per_host[h].n_campaigns; i++)
            if (put_campaign(f, &q, v->per_host[h].host, &v->per_host[h].campaigns[i], err) < 0)
                return -1;
    return 0;
}

/* --- all of it ----------------------------------------------------------------------------- */

static int fill(struct filler *f, const char *digest, struct err *err)
{
    int known = has_verdict(f, digest, err);
    if (known != 0) /* all of it was written together with the verdict */
        return known < 0 ? -1 : 0;
    finding_ids(f->in->verdict, f->in->findings->n_hits, f->arena, &f->ids);
    if (put_meta(f, err) < 0 || put_verdict(f, digest, err) < 0 ||
        casefile_put_setup(f->db, f->verdict, f->in, err) < 0 || put_hosts(f, err) < 0 ||
        put_evidence(f, err) < 0 || put_gaps(f, err) < 0 || put_findings(f, err) < 0 ||
        put_events(f, err) < 0 || put_facts(f, err) < 0)
        return -1;
    return put_campaigns(f, err);
}

int casefile_fill(struct db *db, const struct casefile_input *in, struct err *err)
{
    uint8_t digest[SHA256_SIZE];
    char text[SHA256_TEXT];
    sha256(str_bytes(in->json), digest);
    sha256_text(digest, text);
    struct filler f = {.db = db, .in = in, .arena = arena_new()};
    int failed = fill(&f, text, err);
    if (failed == 0 && in->ended)
        failed = case_scan_complete(db, in->ended, f.verdict, err);
    arena_free(f.arena);
    return failed;
}
