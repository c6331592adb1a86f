#include "store/caseread.h"

#include "base/auto.h"
#include "base/ckd.h"
#include "base/digest.h"
#include "store/casefile_int.h"

/* --- the document -------------------------------------------------------------------------- */

static int check_digest(struct str json, struct str want, struct err *err)
{
    uint8_t digest[SHA256_SIZE];
    char text[SHA256_TEXT];
    sha256(str_bytes(json), digest);
    sha256_text(digest, text);
    if (!str_eq(str_of(text), want))
        return err_set(err, ERR_CORRUPT, "the verdict is not the one that was written");
    return 0;
}

static int read_document(const struct case_reader *r, struct str json, struct json **ret,
                         struct err *err)
{
    if (json_document(json, r->arena, ret, err) < 0)
        return -1;
    const struct json *schema = json_get(*ret, "schema");
    if (!schema || !str_eq(schema->text, STR("assay.verdict/1")))
        return err_set(err, ERR_UNSUPPORTED, "the verdict is of another form");
    return 0;
}

static int read_verdict(struct case_reader *r, int64_t id, struct json **ret, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    if (db_query(&r->db,
                 "SELECT json, digest, tool, exit_status, (SELECT count(*) FROM verdict)"
                 " FROM verdict WHERE id = ?",
                 &q, err) < 0)
        return -1;
    query_signed(&q, 1, id);
    if (query_next(&q, err) < 0)
        return -1;
    struct str json = column_text(&q, 0, r->arena);
    r->digest = column_text(&q, 1, r->arena);
    r->tool = column_text(&q, 2, r->arena);
    r->exit_status = (int)column_number(&q, 3);
    r->n_verdicts = (uint64_t)column_number(&q, 4);
    return check_digest(json, r->digest, err) < 0 ? -1 : read_document(r, json, ret, err);
}

/* --- earlier scans ------------------------------------------------------------------------- */

/* A verdict says nothing of what only an earlier scan read: its servers stay in the document. */

enum { SEEN = 1 }; /* the exit status of a scan that found something: docs/verdict.md */

struct scanned { /* by one scan, or by several */
    struct str *paths;
    size_t n, cap;
};

static int read_paths(struct case_reader *r, int64_t verdict, struct scanned *ret,
                      struct err *err)
{
    AUTO(query_close) struct query q = {0};
    if (db_query(&r->db, "SELECT name FROM setup WHERE verdict = ? AND kind = 'root'", &q,
                 err) < 0)
        return -1;
    query_signed(&q, 1, verdict);
    int got;
    while ((got = query_next(&q, err)) > 0) {
        ret->paths = arena_grow(r->arena, ret->paths, ret->n, &ret->cap, sizeof *ret->paths);
        ret->paths[ret->n++] = column_text(&q, 0, r->arena);
    }
    return got;
}

static bool is_below(struct str path, struct str folder)
{
    return str_starts(path, folder) && (path.n == folder.n || path.p[folder.n] == '/' ||
                                        (folder.n > 0 && folder.p[folder.n - 1] == '/'));
}

/* Whether later scans read all that this one read. */
static bool is_read_since(const struct scanned *earlier, const struct scanned *since)
{
    for (size_t i = 0; i < earlier->n; i++) {
        size_t k = 0;
        while (k < since->n && !is_below(earlier->paths[i], since->paths[k]))
            k++;
        if (k == since->n)
            return false;
    }
    return earlier->n > 0;
}

static struct json *new_node(struct arena *arena, const char *key, enum json_type type)
{
    struct json *node = ARENA_NEW(arena, struct json);
    *node = (struct json){.type = type, .key = str_of(key)};
    return node;
}

static struct json **end_of(struct json *parent)
{
    struct json **end = &parent->child;
    while (*end)
        end = &(*end)->next;
    return end;
}

/* returns the new end */
static struct json **append(struct json **end, struct json *node)
{
    node->next = NULL;
    *end = node;
    return &node->next;
}

/* The member itself, to be changed. */
static struct json *member_of(struct json *object, const char *key)
{
    struct json *m = object->type == JSON_OBJECT ? object->child : NULL;
    while (m && !str_eq(m->key, str_of(key)))
        m = m->next;
    return m;
}

static struct str text_of(const struct json *object, const char *key)
{
    const struct json *m = json_get(object, key);
    return m && m->type == JSON_STRING ? m->text : STR("");
}

/* The element of a list with the same texts; NULL: there is none. */
static struct json *same_in(struct json *list, const struct json *as, const char *key,
                            const char *other)
{
    struct json *e = list->child;
    while (e && !(str_eq(text_of(e, key), text_of(as, key)) &&
                  str_eq(text_of(e, other), text_of(as, other))))
        e = e->next;
    return e;
}

/* Of a server that a later verdict judges, too: what the earlier one said goes with it. */
static void add_opinion(struct arena *arena, struct json *host, struct json *earlier,
                        struct str paths)
{
    struct json *list = member_of(host, "earlier");
    if (!list) {
        list = new_node(arena, "earlier", JSON_ARRAY);
        (void)append(end_of(host), list);
    }
    struct json *said = new_node(arena, "", JSON_OBJECT);
    struct json *where = new_node(arena, "scanned", JSON_STRING);
    where->text = paths;
    struct json **end = append(end_of(said), where);
    struct json *campaigns = member_of(earlier, "campaigns");
    if (campaigns)
        (void)append(end, campaigns);
    (void)append(end_of(list), said);
}

/* read_again: later scans read the same paths, and what they say of a server replaces this.
 * returns whether a server stood in the earlier verdict only: another one may have lain at the
 * same path, or its evidence be gone */
static bool merge_hosts(struct arena *arena, struct json *into, struct json *from,
                        struct str paths, bool read_again)
{
    struct json *hosts = member_of(into, "hosts");
    struct json *earlier = member_of(from, "hosts");
    struct json **end = hosts ? end_of(hosts) : NULL;
    struct json *next = NULL;
    bool added = false;
    for (struct json *h = earlier && hosts ? earlier->child : NULL; h; h = next) {
        next = h->next;
        struct json *known = same_in(hosts, h, "host", "host");
        if (known && !read_again)
            add_opinion(arena, known, h, paths);
        if (known)
            continue;
        struct json *where = new_node(arena, "scanned", JSON_STRING);
        where->text = paths;
        (void)append(end_of(h), where);
        end = append(end, h);
        added = true;
    }
    return added;
}

/* returns whether anything of it is shown */
static bool merge(struct arena *arena, struct json *into, struct json *from, struct str paths,
                  bool read_again)
{
    static const struct {
        const char *name, *key, *other; /* key NULL: elements are never the same */
    } lists[] = {{"packs", "id", "id"},   {"advice", "id", "pack"},
                 {"gaps", NULL, NULL},    {"clusters", NULL, NULL},
                 {"counted", NULL, NULL}, {"suppressed", NULL, NULL}};
    if (!merge_hosts(arena, into, from, paths, read_again) && read_again)
        return false;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct json *list = member_of(into, lists[i].name);
        struct json *more = member_of(from, lists[i].name);
        struct json **end = list ? end_of(list) : NULL;
        struct json *next = NULL;
        for (struct json *e = list && more ? more->child : NULL; e; e = next) {
            next = e->next;
            if (!lists[i].key || !same_in(list, e, lists[i].key, lists[i].other))
                end = append(end, e);
        }
    }
    return true;
}

static struct str listed(struct arena *arena, const struct scanned *s)
{
    struct str text = STR("");
    for (size_t i = 0; i < s->n; i++)
        text = arena_printf(arena, "%.*s%s%.*s", STR_ARG(text), i ? "; " : "",
                            STR_ARG(s->paths[i]));
    return text;
}

static int merge_one(struct case_reader *r, int64_t id, struct scanned *since,
                     struct json *document, struct err *err)
{
    struct case_reader other = {.db = r->db, .arena = r->arena};
    struct scanned these = {0};
    struct json *earlier = NULL;
    if (read_paths(r, id, &these, err) < 0)
        return -1;
    if (read_verdict(&other, id, &earlier, err) < 0)
        return -1;
    /* what was found is never replaced in silence by a scan that found nothing there */
    bool lost = other.exit_status == SEEN && r->exit_status != SEEN;
    bool read_again = is_read_since(&these, since) && !lost;
    if (!merge(r->arena, document, earlier, listed(r->arena, &these), read_again))
        return 0;
    r->n_earlier++;
    return read_paths(r, id, since, err);
}

static int merge_earlier(struct case_reader *r, int64_t last, struct json *document,
                         struct err *err)
{
    AUTO(query_close) struct query q = {0};
    struct scanned since = {0};
    if (read_paths(r, last, &since, err) < 0 ||
        db_query(
            &r->db,
            "SELECT id FROM verdict WHERE id <> ? ORDER BY (SELECT max(audit.id) FROM audit"
            " WHERE audit.verdict = verdict.digest) DESC, id DESC",
            &q, err) < 0)
        return -1;
    query_signed(&q, 1, last);
    int got;
    while ((got = query_next(&q, err)) > 0)
        if (merge_one(r, column_number(&q, 0), &since, document, err) < 0)
            return -1;
    return got;
}

static int read_all(struct case_reader *r, struct err *err)
{
    struct json *document = NULL;
    int64_t last = 0;
    if (casefile_last(&r->db, &last, err) < 0 || read_verdict(r, last, &document, err) < 0 ||
        merge_earlier(r, last, document, err) < 0)
        return -1;
    r->document = document;
    return 0;
}

int case_reader_open(const char *path, struct arena *arena, struct case_reader *ret,
                     struct err *err)
{
    struct case_reader r = {.arena = arena};
    if (casefile_open(path, DB_READ, &r.db, err) < 0)
        return -1;
    if (read_all(&r, err) < 0) {
        db_close(&r.db);
        return err_at(err, "%s", path);
    }
    *ret = r;
    return 0;
}

int case_reader_open_rows(const char *path, struct arena *arena, struct case_reader *ret,
                          struct err *err)
{
    struct case_reader r = {.arena = arena};
    int64_t last = 0;
    if (casefile_open(path, DB_READ, &r.db, err) < 0)
        return -1;
    if (casefile_last(&r.db, &last, err) < 0) {
        db_close(&r.db);
        return err_at(err, "%s", path);
    }
    *ret = r;
    return 0;
}

void case_reader_close(struct case_reader *r)
{
    db_close(&r->db);
}

static bool is_host(struct str name, struct str asked)
{
    return str_ieq(name, asked) ||
           (str_find(asked, STR("."), 0) == SIZE_MAX &&
            str_ieq(str_part(name, 0, str_find(name, STR("."), 0)), asked));
}

int case_host(const struct case_reader *r, const char *asked, struct str *ret, struct err *err)
{
    const struct json *hosts = json_get(r->document, "hosts");
    for (const struct json *h = hosts ? hosts->child : NULL; h; h = h->next)
        if (is_host(text_of(h, "host"), str_of(asked))) {
            *ret = text_of(h, "host");
            return 0;
        }
    return err_set(err, ERR_INVALID, "--host %.80s: the verdict has no such host", asked);
}

/* --- rows ---------------------------------------------------------------------------------- */

static int start(struct case_reader *r, const char *sql, struct case_rows *ret, struct err *err)
{
    struct case_rows rows = {0};
    if (db_query(&r->db, sql, &rows.q, err) < 0)
        return -1;
    rows.arena = arena_new();
    *ret = rows;
    return 0;
}

void case_rows_close(struct case_rows *rows)
{
    query_close(&rows->q);
    arena_free(rows->arena);
    rows->arena = NULL;
}

/* 1 with the last row's texts freed, 0, -1 */
static int step(struct case_rows *rows, struct err *err)
{
    arena_reset(rows->arena);
    return query_next(&rows->q, err);
}

#define LEVELS                                                                  \
    "CASE level WHEN 'critical' THEN 4 WHEN 'high' THEN 3 WHEN 'medium' THEN 2" \
    " WHEN 'low' THEN 1 ELSE 0 END"

/* What a filter asks: parameters 1 to 4. */
#define FILTERED                                                                     \
    " WHERE (?1 = 0 OR " LEVELS " >= ?1) AND (?2 IS NULL OR time + corrected >= ?2)" \
    " AND (?3 IS NULL OR time + corrected <= ?3) AND (?4 IS NULL OR host.name = ?4)"

static void bind(struct case_rows *rows, const struct case_filter *filter)
{
    query_signed(&rows->q, 1, (int64_t)filter->level);
    query_time(&rows->q, 2, filter->from);
    query_time(&rows->q, 3, filter->to);
    query_text_or_null(&rows->q, 4, filter->host);
}

/* --- findings ------------------------------------------------------------------------------ */

/* Of a case that refers to hosts or evidence it does not hold, no finding is left out. */
#define FINDING                                                                          \
    "SELECT finding.id, rule, title, level, rule_source, pack, host.name, path, sha256," \
    " finding.kind, source, time, corrected, offset, size, record, marks, excerpt, how," \
    " decoded, indicator, tlp FROM finding LEFT JOIN host ON host.id = finding.host"     \
    " LEFT JOIN evidence ON evidence.id = finding.evidence"

static void read_finding(const struct query *q, struct arena *arena, struct case_finding *ret)
{
    *ret = (struct case_finding){
        .id = column_text(q, 0, arena),
        .rule_id = column_text(q, 1, arena),
        .title = column_text(q, 2, arena),
        .level = column_text(q, 3, arena),
        .rule_source = column_text(q, 4, arena),
        .pack = column_text(q, 5, arena),
        .host = column_text(q, 6, arena),
        .path = column_text(q, 7, arena),
        .sha256 = column_text(q, 8, arena),
        .kind = column_text(q, 9, arena),
        .source = column_text(q, 10, arena),
        .time = column_time(q, 11),
        .corrected = column_number(q, 12),
        .offset = (uint64_t)column_number(q, 13),
        .size = (uint64_t)column_number(q, 14),
        .record = (uint64_t)column_number(q, 15),
        .marks = (unsigned)column_number(q, 16),
        .excerpt = column_text(q, 17, arena),
        .how = column_text(q, 18, arena),
        .decoded = column_text(q, 19, arena),
        .indicator = column_text(q, 20, arena),
        .tlp = column_text(q, 21, arena),
    };
}

int case_findings(struct case_reader *r, const struct case_filter *filter,
                  struct case_rows *ret, struct err *err)
{
    if (start(r, FINDING FILTERED " ORDER BY time + corrected, finding.id", ret, err) < 0)
        return -1;
    bind(ret, filter);
    return 0;
}

int case_findings_next(struct case_rows *rows, struct case_finding *ret, struct err *err)
{
    int got = step(rows, err);
    if (got > 0)
        read_finding(&rows->q, rows->arena, ret);
    return got;
}

instant case_finding_when(const struct case_finding *f)
{
    instant t = f->time;
    if (t == INSTANT_NONE || ckd_add(&t, f->time, f->corrected))
        return f->time;
    return t;
}

int case_finding(struct case_reader *r, struct str id, struct arena *arena,
                 struct case_finding *ret, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    if (db_query(&r->db, FINDING " WHERE finding.id = ?", &q, err) < 0)
        return -1;
    query_text(&q, 1, id);
    int got = query_next(&q, err);
    if (got > 0)
        read_finding(&q, arena, ret);
    return got;
}

/* --- facts --------------------------------------------------------------------------------- */

int case_facts(struct case_reader *r, struct case_rows *ret, struct err *err)
{
    return start(r,
                 "SELECT fact.id, host.name, pack, axis, state, kind, confidence, what, object,"
                 " request, mailbox, first, last,"
                 " (SELECT group_concat(value, char(31)) FROM fact_initiator"
                 "  WHERE fact_initiator.fact = fact.id)"
                 " FROM fact LEFT JOIN host ON host.id = fact.host ORDER BY first, fact.id",
                 ret, err);
}

/* Texts with a unit separator between them. */
static struct str *split(struct str text, struct arena *arena, size_t *ret_n)
{
    struct str *list = NULL;
    size_t n = 0;
    size_t cap = 0;
    for (size_t at = 0; text.n && at <= text.n;) {
        size_t end = str_find(text, STR("\x1f"), at);
        list = arena_grow(arena, list, n, &cap, sizeof *list);
        list[n++] = str_part(text, at, end);
        at = end == SIZE_MAX ? text.n + 1 : end + 1;
    }
    *ret_n = n;
    return list;
}

int case_facts_next(struct case_rows *rows, struct case_fact *ret, struct err *err)
{
    int got = step(rows, err);
    if (got <= 0)
        return got;
    const struct query *q = &rows->q;
    *ret = (struct case_fact){
        .id = column_text(q, 0, rows->arena),
        .host = column_text(q, 1, rows->arena),
        .pack = column_text(q, 2, rows->arena),
        .axis = column_text(q, 3, rows->arena),
        .state = column_text(q, 4, rows->arena),
        .kind = column_text(q, 5, rows->arena),
        .confidence = column_text(q, 6, rows->arena),
        .what = column_text(q, 7, rows->arena),
        .object = column_text(q, 8, rows->arena),
        .request = column_text(q, 9, rows->arena),
        .mailbox = column_text(q, 10, rows->arena),
        .first = column_time(q, 11),
        .last = column_time(q, 12),
    };
    ret->initiators = split(column_text(q, 13, rows->arena), rows->arena, &ret->n_initiators);
    return 1;
}

/* --- findings, counted --------------------------------------------------------------------- */

int case_rules(struct case_reader *r, const struct case_filter *filter, struct case_rows *ret,
               struct err *err)
{
    if (start(r,
              "SELECT rule, title, level, rule_source, host.name, count(*) AS n,"
              " min(time + corrected), max(time + corrected)"
              " FROM finding LEFT JOIN host ON host.id = finding.host" FILTERED
              " GROUP BY host, level, rule, title ORDER BY " LEVELS
              " DESC, n DESC, title, rule, host.name",
              ret, err) < 0)
        return -1;
    bind(ret, filter);
    return 0;
}

int case_rules_next(struct case_rows *rows, struct case_rule *ret, struct err *err)
{
    int got = step(rows, err);
    if (got <= 0)
        return got;
    const struct query *q = &rows->q;
    *ret = (struct case_rule){
        .rule_id = column_text(q, 0, rows->arena),
        .title = column_text(q, 1, rows->arena),
        .level = column_text(q, 2, rows->arena),
        .rule_source = column_text(q, 3, rows->arena),
        .host = column_text(q, 4, rows->arena),
        .n = (uint64_t)column_number(q, 5),
        .first = column_time(q, 6),
        .last = column_time(q, 7),
    };
    return 1;
}

/* --- evidence ------------------------------------------------------------------------------ */

int case_evidence(struct case_reader *r, struct case_rows *ret, struct err *err)
{
    return start(r,
                 "SELECT path, sha256, format, bytes, events, first, last, modified,"
                 " recovered, copies, unreadable"
                 " FROM evidence ORDER BY path, id",
                 ret, err);
}

int case_evidence_next(struct case_rows *rows, struct case_evidence *ret, struct err *err)
{
    int got = step(rows, err);
    if (got <= 0)
        return got;
    const struct query *q = &rows->q;
    *ret = (struct case_evidence){
        .path = column_text(q, 0, rows->arena),
        .sha256 = column_text(q, 1, rows->arena),
        .format = column_text(q, 2, rows->arena),
        .bytes = (uint64_t)column_number(q, 3),
        .events = (uint64_t)column_number(q, 4),
        .first = column_time(q, 5),
        .last = column_time(q, 6),
        .modified = column_time(q, 7),
        .recovered = (uint64_t)column_number(q, 8),
        .copies = (uint64_t)column_number(q, 9),
        .unreadable = (uint64_t)column_number(q, 10),
    };
    return 1;
}

int case_events(struct case_reader *r, struct str id, struct case_rows *ret, struct err *err)
{
    if (start(r,
              "SELECT title, path, time, offset, size, record FROM finding_event"
              " LEFT JOIN evidence ON evidence.id = evidence WHERE finding = ? ORDER BY place",
              ret, err) < 0)
        return -1;
    query_text(&ret->q, 1, id);
    return 0;
}

int case_events_next(struct case_rows *rows, struct case_event *ret, struct err *err)
{
    int got = step(rows, err);
    if (got <= 0)
        return got;
    const struct query *q = &rows->q;
    *ret = (struct case_event){
        .title = column_text(q, 0, rows->arena),
        .path = column_text(q, 1, rows->arena),
        .time = column_time(q, 2),
        .offset = (uint64_t)column_number(q, 3),
        .size = (uint64_t)column_number(q, 4),
        .record = (uint64_t)column_number(q, 5),
    };
    return 1;
}
