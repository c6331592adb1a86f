/* A statement of a case and its records, by the start of its id. */
#include "base/auto.h"
#include "base/ckd.h"
#include "store/casefile_int.h"

struct search {
    struct db db;
    struct arena *arena;
    char id[EXPLAIN_ID_MAX + 1]; /* as given; later whole */
};

/* Completes the id. errors ERR_NOT_FOUND, ERR_INVALID */
static int find_id(struct search *s, bool *ret_is_fact, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    if (db_query(&s->db,
                 "SELECT id, 0 FROM finding WHERE id >= ?1 AND id < ?1 || 'g'"
                 " UNION ALL SELECT id, 1 FROM fact WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2",
                 &q, err) < 0)
        return -1;
    query_text(&q, 1, str_of(s->id));
    int got = query_next(&q, err);
    if (got < 0)
        return -1;
    if (got == 0)
        return explained_missing(s->id, err);
    struct str id = column_text(&q, 0, s->arena);
    bool is_fact = column_number(&q, 1) != 0;
    got = query_next(&q, err);
    if (got != 0)
        return got < 0 ? -1 : explained_ambiguous(s->id, err);
    if (id.n > EXPLAIN_ID_MAX)
        return err_set(err, ERR_CORRUPT, "an id is too long");
    memcpy(s->id, id.p, id.n);
    s->id[id.n] = '\0';
    *ret_is_fact = is_fact;
    return 0;
}

static const char finding_columns[] =
    "SELECT finding.id, rule, title, level, rule_source, host.name, path, coalesce(sha256, ''),"
    " time, corrected, finding.kind = 'file', offset, size, record, marks, excerpt,"
    " coalesce(how, ''), coalesce(decoded, ''), coalesce(indicator, '')"
    " FROM finding JOIN host ON host.id = host JOIN evidence ON evidence.id = evidence ";

static void read_finding(const struct query *q, struct arena *arena,
                         struct explained_finding *ret)
{
    *ret = (struct explained_finding){
        .id = column_text(q, 0, arena),
        .rule_id = column_text(q, 1, arena),
        .rule_title = column_text(q, 2, arena),
        .level = column_text(q, 3, arena),
        .rule_source = column_text(q, 4, arena),
        .host = column_text(q, 5, arena),
        .path = column_text(q, 6, arena),
        .sha256 = column_text(q, 7, arena),
        .time = column_time(q, 8),
        .corrected = column_number(q, 9),
        .is_file = column_number(q, 10) != 0,
        .offset = (uint64_t)column_number(q, 11),
        .size = (uint64_t)column_number(q, 12),
        .record = (uint64_t)column_number(q, 13),
        .marks = (unsigned)column_number(q, 14),
        .excerpt = column_text(q, 15, arena),
        .how = column_text(q, 16, arena),
        .decoded = column_text(q, 17, arena),
        .indicator = column_text(q, 18, arena),
    };
}

static int read_events(struct search *s, struct explained_finding *f, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    struct explained_event *all = NULL;
    size_t n = 0;
    size_t cap = 0;
    int64_t has = 0;
    if (db_number(&s->db, "SELECT count(*) FROM sqlite_schema WHERE name = 'finding_event'",
                  &has, err) < 0)
        return -1;
    if (has == 0) /* a case of an older version */
        return 0;
    if (db_query(&s->db,
                 "SELECT title, path, time, offset, size, record FROM finding_event"
                 " JOIN evidence ON evidence.id = evidence WHERE finding = ? ORDER BY place",
                 &q, err) < 0)
        return -1;
    query_text(&q, 1, f->id);
    int got;
    while ((got = query_next(&q, err)) > 0) {
        all = arena_grow(s->arena, all, n, &cap, sizeof *all);
        all[n++] = (struct explained_event){.title = column_text(&q, 0, s->arena),
                                            .path = column_text(&q, 1, s->arena),
                                            .time = column_time(&q, 2),
                                            .offset = (uint64_t)column_number(&q, 3),
                                            .size = (uint64_t)column_number(&q, 4),
                                            .record = (uint64_t)column_number(&q, 5)};
    }
    f->events = all;
    f->n_events = n;
    return got;
}

static int read_findings(struct search *s, const char *which, struct explained *e,
                         struct err *err)
{
    AUTO(query_close) struct query q = {0};
    struct explained_finding *all = NULL;
    size_t n = 0;
    size_t cap = 0;
    struct str sql = arena_printf(s->arena, "%s%s", finding_columns, which);
    char *text = ARENA_ARRAY(s->arena, char, sql.n + 1);
    memcpy(text, sql.p, sql.n);
    if (db_query(&s->db, text, &q, err) < 0)
        return -1;
    query_text(&q, 1, str_of(s->id));
    int got;
    while ((got = query_next(&q, err)) > 0) {
        all = arena_grow(s->arena, all, n, &cap, sizeof *all);
        read_finding(&q, s->arena, &all[n++]);
    }
    for (size_t i = 0; i < n && got == 0; i++)
        got = read_events(s, &all[i], err);
    e->findings = all;
    e->n_findings = n;
    return got;
}

/* One text column of all rows. */
static int read_texts(struct search *s, const char *sql, const struct str **ret, size_t *ret_n,
                      struct err *err)
{
    AUTO(query_close) struct query q = {0};
    struct str *all = NULL;
    size_t n = 0;
    size_t cap = 0;
    if (db_query(&s->db, sql, &q, err) < 0)
        return -1;
    query_text(&q, 1, str_of(s->id));
    int got;
    while ((got = query_next(&q, err)) > 0) {
        all = arena_grow(s->arena, all, n, &cap, sizeof *all);
        all[n++] = column_text(&q, 0, s->arena);
    }
    *ret = all;
    *ret_n = n;
    return got;
}

static int read_fact(struct search *s, struct explained *e, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    if (db_query(&s->db,
                 "SELECT what, host.name, pack, axis, state, kind, confidence, first, last,"
                 " corrected FROM fact JOIN host ON host.id = host WHERE fact.id = ?",
                 &q, err) < 0)
        return -1;
    query_text(&q, 1, str_of(s->id));
    int got = query_next(&q, err);
    if (got <= 0)
        return got < 0 ? -1 : explained_missing(s->id, err);
    *e = (struct explained){
        .is_fact = true,
        .what = column_text(&q, 0, s->arena),
        .host = column_text(&q, 1, s->arena),
        .pack = column_text(&q, 2, s->arena),
        .axis = column_text(&q, 3, s->arena),
        .state = column_text(&q, 4, s->arena),
        .kind = column_text(&q, 5, s->arena),
        .confidence = column_text(&q, 6, s->arena),
        .first = column_time(&q, 7),
        .last = column_time(&q, 8),
        .corrected = column_number(&q, 9),
    };
    if (read_texts(s, "SELECT value FROM fact_initiator WHERE fact = ? ORDER BY value",
                   &e->initiators, &e->n_initiators, err) < 0)
        return -1;
    return read_findings(s,
                         "WHERE finding.id IN (SELECT finding FROM fact_finding WHERE fact = ?)"
                         " ORDER BY time + corrected, path, offset, finding.id",
                         e, err);
}

static int read_one(struct search *s, struct explained *e, struct err *err)
{
    *e = (struct explained){.first = INSTANT_NONE, .last = INSTANT_NONE};
    if (read_findings(s, "WHERE finding.id = ?", e, err) < 0)
        return -1;
    if (e->n_findings != 1)
        return err_set(err, ERR_CORRUPT, "the host or the evidence of %s is missing", s->id);
    const struct explained_finding *f = &e->findings[0];
    e->what = f->rule_title;
    e->host = f->host;
    instant t = f->time;
    if (t != INSTANT_NONE && ckd_add(&t, f->time, f->corrected))
        t = f->time;
    e->first = e->last = t;
    e->corrected = f->corrected;
    return read_texts(s, "SELECT fact FROM fact_finding WHERE finding = ? ORDER BY fact",
                      &e->facts, &e->n_facts, err);
}

int casefile_explain(const char *path, struct str id, struct arena *arena,
                     struct explained *ret, struct err *err)
{
    struct search s = {.arena = arena};
    struct explained e;
    bool is_fact = false;
    if (explained_id(id, s.id, err) < 0 || casefile_open(path, DB_READ, &s.db, err) < 0)
        return -1;
    int failed = find_id(&s, &is_fact, err);
    if (failed == 0)
        failed = is_fact ? read_fact(&s, &e, err) : read_one(&s, &e, err);
    db_close(&s.db);
    if (failed < 0)
        return err_at(err, "%s", path);
    e.id = arena_str(arena, str_of(s.id));
    *ret = e;
    return 0;
}
