#include "store/casejournal.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/cur.h"
#include "store/casefile_int.h"

enum { CHECK_SIZE = 8 }; /* bytes of a digest that find damage; nobody is kept out by it */

struct case_known {
    uint8_t key[SHA256_SIZE];
    struct case_place place;
};

static struct bytes check_of(struct bytes said, uint8_t digest[SHA256_SIZE])
{
    sha256(said, digest);
    return (struct bytes){digest, CHECK_SIZE};
}

/* --- what earlier scans left --------------------------------------------------------------- */

static int by_key(const void *x, const void *y)
{
    const struct case_known *a = x;
    const struct case_known *b = y;
    int d = memcmp(a->key, b->key, sizeof a->key);
    return d ? d : (a->place.part > b->place.part) - (a->place.part < b->place.part);
}

static int count_unfinished(struct case_journal *j, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    if (db_query(&j->db, "SELECT setup = ? FROM scan WHERE state <> 'complete'", &q, err) < 0)
        return -1;
    query_text(&q, 1, j->scan->setup);
    int got;
    while ((got = query_next(&q, err)) > 0) {
        bool same = column_number(&q, 0) != 0;
        j->same += same;
        j->other += !same;
    }
    return got;
}

static void know(struct case_journal *j, int64_t part, struct bytes pieces, size_t *cap,
                 struct arena *arena)
{
    struct cur in = cur_of(pieces, 0);
    uint64_t at = 0;
    for (;;) {
        struct bytes key = cur_take(&in, SHA256_SIZE);
        uint64_t n = cur_u64(&in);
        if (in.bad || !key.p || n > INT64_MAX - at) /* nobody kept that much */
            return;
        j->known = arena_grow(arena, j->known, j->n_known, cap, sizeof *j->known);
        struct case_known *k = &j->known[j->n_known++];
        memcpy(k->key, key.p, sizeof k->key);
        k->place = (struct case_place){.part = part, .from = at, .n = n};
        at += n;
    }
}

static int read_known(struct case_journal *j, struct arena *arena, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    size_t cap = 0;
    if (db_query(&j->db,
                 "SELECT id, pieces FROM part WHERE scan IN"
                 " (SELECT id FROM scan WHERE state <> 'complete' AND setup = ?)",
                 &q, err) < 0)
        return -1;
    query_text(&q, 1, j->scan->setup);
    int got;
    while ((got = query_next(&q, err)) > 0)
        know(j, column_number(&q, 0), column_bytes(&q, 1), &cap, arena);
    if (j->n_known)
        qsort(j->known, j->n_known, sizeof *j->known, by_key);
    return got;
}

static int look(struct case_journal *j, struct arena *arena, struct err *err)
{
    if (count_unfinished(j, err) < 0 || (j->resume && read_known(j, arena, err) < 0) ||
        db_query(&j->db, "SELECT said, digest FROM part WHERE id = ?", &j->find, err) < 0)
        return err_at(err, "%s", j->path);
    return 0;
}

int case_journal_open(const char *path, const struct case_scan *scan, bool resume,
                      struct arena *arena, struct case_journal *ret, struct err *err)
{
    struct case_journal j = {.path = path, .scan = scan, .resume = resume};
    struct err absent = {0};
    if (db_open(path, DB_READ, &j.db, &absent) < 0 && absent.code == ERR_NOT_FOUND) {
        *ret = j;
        return 0;
    }
    db_close(&j.db);
    if (casefile_open(path, DB_WRITE, &j.db, err) < 0)
        return -1;
    if (db_run(&j.db, "COMMIT", err) < 0)
        (void)err_at(err, "%s", path);
    else if (look(&j, arena, err) == 0) {
        *ret = j;
        return 0;
    }
    case_journal_close(&j);
    return -1;
}

void case_journal_close(struct case_journal *j)
{
    query_close(&j->find);
    db_close(&j->db);
}

bool case_journal_resumes(const struct case_journal *j)
{
    return j->resume && j->same;
}

/* --- finding ------------------------------------------------------------------------------- */

static const struct case_known *lookup(const struct case_journal *j,
                                       const uint8_t key[SHA256_SIZE])
{
    size_t from = 0;
    size_t to = j->n_known;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int d = memcmp(j->known[middle].key, key, SHA256_SIZE);
        if (d == 0)
            return &j->known[middle];
        if (d < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

bool case_journal_find(const struct case_journal *j, const uint8_t key[SHA256_SIZE],
                       struct case_place *ret)
{
    const struct case_known *k = lookup(j, key);
    if (k)
        *ret = k->place;
    return k != NULL;
}

bool case_journal_read(struct case_journal *j, int64_t part, struct buf *ret)
{
    struct err ignored = {0};
    uint8_t digest[SHA256_SIZE];
    bool found = false;
    query_signed(&j->find, 1, part);
    if (query_next(&j->find, &ignored) > 0) {
        struct bytes said = column_bytes(&j->find, 0);
        found = bytes_eq(column_bytes(&j->find, 1), check_of(said, digest));
        if (found)
            buf_add(ret, said.p, said.n);
        query_again(&j->find);
    }
    return found;
}

/* --- keeping ------------------------------------------------------------------------------- */

static int log_event(struct db *db, const char *event, const struct case_scan *scan,
                     instant now, int64_t verdict, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    if (db_query(db,
                 "INSERT INTO audit (time, event, tool, setup, arguments, paths, verdict,"
                 " exit_status) VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
                 " (SELECT digest FROM verdict WHERE id = ?7),"
                 " (SELECT exit_status FROM verdict WHERE id = ?7))",
                 &q, err) < 0)
        return -1;
    query_signed(&q, 1, now);
    query_text(&q, 2, str_of(event));
    query_text(&q, 3, scan->tool);
    query_text(&q, 4, scan->setup);
    query_text(&q, 5, scan->arguments);
    query_text(&q, 6, scan->paths);
    query_signed(&q, 7, verdict);
    return query_run(&q, err);
}

static int log_begin(struct db *db, const struct case_scan *scan, bool resumed, struct err *err)
{
    return log_event(db, resumed ? "resumed" : "started", scan, scan->began, 0, err);
}

static int begin_scan(struct case_journal *j, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    if (db_query(&j->db,
                 "INSERT INTO scan (tool, setup, arguments, paths, state)"
                 " VALUES (?, ?, ?, ?, 'running')",
                 &q, err) < 0)
        return -1;
    query_text(&q, 1, j->scan->tool);
    query_text(&q, 2, j->scan->setup);
    query_text(&q, 3, j->scan->arguments);
    query_text(&q, 4, j->scan->paths);
    if (query_run(&q, err) < 0)
        return -1;
    j->row = db_last_id(&j->db);
    return log_begin(&j->db, j->scan, case_journal_resumes(j), err);
}

static int put_part(struct case_journal *j, const struct case_part *part, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    uint8_t digest[SHA256_SIZE];
    if (part->pieces.n == 0)
        return 0;
    if (db_query(&j->db, "INSERT INTO part (scan, pieces, digest, said) VALUES (?, ?, ?, ?)",
                 &q, err) < 0)
        return -1;
    query_signed(&q, 1, j->row);
    query_bytes(&q, 2, part->pieces);
    query_bytes(&q, 3, check_of(part->said, digest));
    query_bytes(&q, 4, part->said);
    return query_run(&q, err);
}

/* A transaction is open on return. */
static int begin_writing(struct case_journal *j, struct err *err)
{
    if (j->db.handle)
        return db_run(&j->db, "BEGIN IMMEDIATE", err);
    return casefile_open(j->path, DB_WRITE, &j->db, err);
}

static int end_writing(struct case_journal *j, int failed, int64_t row, struct err *err)
{
    struct err ignored = {0};
    if (!failed)
        failed = db_run(&j->db, "COMMIT", err);
    if (!failed)
        return 0;
    (void)db_run(&j->db, "ROLLBACK", &ignored);
    j->row = row;
    return -1;
}

int case_journal_add(struct case_journal *j, const struct case_part *part, struct err *err)
{
    int64_t row = j->row;
    if (begin_writing(j, err) < 0)
        return -1;
    int failed = row ? 0 : begin_scan(j, err);
    if (!failed)
        failed = put_part(j, part, err);
    return end_writing(j, failed, row, err);
}

int case_journal_interrupted(struct case_journal *j, instant now, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    int64_t row = j->row;
    if (begin_writing(j, err) < 0)
        return -1;
    int failed = row ? 0 : begin_scan(j, err);
    if (!failed)
        failed =
            db_query(&j->db, "UPDATE scan SET state = 'interrupted' WHERE id = ?", &q, err);
    if (!failed) {
        query_signed(&q, 1, j->row);
        failed = query_run(&q, err);
    }
    if (!failed)
        failed = log_event(&j->db, "interrupted", j->scan, now, 0, err);
    return end_writing(j, failed, row, err);
}

/* --- the end ------------------------------------------------------------------------------- */

/* Unfinished scans that this one makes needless. */
#define REPLACED                                                               \
    "SELECT id FROM scan WHERE id = ?1 OR (state <> 'complete' AND setup = ?2" \
    " AND (paths = ?3 OR ?4))"

static int drop(struct db *db, const char *sql, const struct case_ended *ended, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    if (db_query(db, sql, &q, err) < 0)
        return -1;
    query_signed(&q, 1, ended->row);
    query_text(&q, 2, ended->scan->setup);
    query_text(&q, 3, ended->scan->paths);
    query_signed(&q, 4, ended->resumed);
    return query_run(&q, err);
}

static int put_complete(struct db *db, const struct case_scan *scan, int64_t verdict,
                        struct err *err)
{
    AUTO(query_close) struct query q = {0};
    if (db_query(db,
                 "INSERT INTO scan (tool, setup, arguments, paths, state, verdict)"
                 " SELECT ?1, ?2, ?3, ?4, 'complete', ?5 WHERE NOT EXISTS"
                 " (SELECT 1 FROM scan WHERE verdict = ?5 AND setup = ?2)",
                 &q, err) < 0)
        return -1;
    query_text(&q, 1, scan->tool);
    query_text(&q, 2, scan->setup);
    query_text(&q, 3, scan->arguments);
    query_text(&q, 4, scan->paths);
    query_signed(&q, 5, verdict);
    return query_run(&q, err);
}

int case_scan_complete(struct db *db, const struct case_ended *ended, int64_t verdict,
                       struct err *err)
{
    if (drop(db, "DELETE FROM part WHERE scan IN (" REPLACED ")", ended, err) < 0 ||
        drop(db, "DELETE FROM scan WHERE id IN (" REPLACED ")", ended, err) < 0 ||
        put_complete(db, ended->scan, verdict, err) < 0 ||
        (ended->row == 0 && log_begin(db, ended->scan, ended->resumed, err) < 0))
        return -1;
    return log_event(db, "complete", ended->scan, ended->now, verdict, err);
}
