/* Opening a case: is it one, and of which version? */
#include <stdio.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/embed.h"
#include "store/casefile_int.h"
#include "sys/file.h"

extern const struct embedded case_schema[]; /* step i brings version i to i + 1 */

#define CASE_APPLICATION 0x61736179 /* "asay": at byte 68 of the file, big-endian */

static int64_t newest_version(void)
{
    int64_t n = 0;
    while (case_schema[n].path)
        n++;
    return n;
}

int casefile_step(struct db *db, int64_t step, struct err *err)
{
    const struct embedded *sql = &case_schema[step];
    struct buf text = buf_new(sql->n + 64);
    buf_add(&text, sql->p, sql->n);
    buf_addf(&text, "PRAGMA user_version = %lld;", (long long)step + 1);
    buf_add_char(&text, '\0');
    int failed = db_run(db, text.p, err);
    buf_free(&text);
    return failed;
}

/* Refuses what is no case. *ret is its version; 0 for a file that is still empty. */
static int read_version(struct db *db, int64_t *ret, struct err *err)
{
    int64_t tables = 0;
    int64_t application = 0;
    int64_t version = 0;
    if (db_number(db, "SELECT count(*) FROM sqlite_schema", &tables, err) < 0 ||
        db_number(db, "PRAGMA application_id", &application, err) < 0 ||
        db_number(db, "PRAGMA user_version", &version, err) < 0)
        return -1;
    if (tables == 0 && application == 0 && version == 0) {
        *ret = 0;
        return 0;
    }
    if (application != CASE_APPLICATION || version < 1)
        return err_set(err, ERR_INVALID, "not a case file");
    if (version > newest_version())
        return err_set(err, ERR_UNSUPPORTED,
                       "made by a newer version of assay (case version %lld, this program "
                       "knows %lld)",
                       (long long)version, (long long)newest_version());
    *ret = version;
    return 0;
}

static int begin(struct db *db, struct err *err)
{
    int64_t version = 0;
    if (db_run(db, "PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON", err) < 0 ||
        read_version(db, &version, err) < 0 ||
        (version == 0 && db_run(db, "PRAGMA auto_vacuum = INCREMENTAL", err) < 0) ||
        db_run(db, "BEGIN IMMEDIATE", err) < 0 ||
        read_version(db, &version, err) < 0 || /* again: somebody may have been faster */
        casefile_check_open(db, version, err) < 0)
        return -1;
    if (version == 0) {
        char id[64];
        (void)snprintf(id, sizeof id, "PRAGMA application_id = %d", CASE_APPLICATION);
        if (db_run(db, id, err) < 0)
            return -1;
    }
    for (int64_t step = version; step < newest_version(); step++)
        if (casefile_step(db, step, err) < 0)
            return -1;
    return 0;
}

static int check(struct db *db, struct err *err)
{
    int64_t version = 0;
    if (db_run(db, "PRAGMA cell_size_check = ON", err) < 0 ||
        read_version(db, &version, err) < 0)
        return -1;
    if (version < 1)
        return err_set(err, ERR_INVALID, "not a case file: it is empty");
    if (version < newest_version())
        return err_set(err, ERR_UNSUPPORTED,
                       "a case of an older version: write a scan to it to bring it up to date");
    return casefile_check_open(db, version, err);
}

int casefile_open_any(const char *path, struct db *ret, struct err *err)
{
    struct db db = {0};
    int64_t version = 0;
    if (db_open(path, DB_READ, &db, err) < 0)
        return err_at(err, "%s", path);
    int failed = db_run(&db, "PRAGMA cell_size_check = ON", err);
    if (!failed)
        failed = read_version(&db, &version, err);
    if (!failed && version < 1)
        failed = err_set(err, ERR_INVALID, "not a case file: it is empty");
    if (failed) {
        db_close(&db);
        if (err->code == ERR_INVALID)
            return err_set(err, ERR_INVALID, "%s: not a case file", path);
        return err_at(err, "%s", path);
    }
    *ret = db;
    return 0;
}

int casefile_open(const char *path, enum db_mode mode, struct db *ret, struct err *err)
{
    struct db db = {0};
    if (db_open(path, mode, &db, err) < 0)
        return err_at(err, "%s", path);
    int failed = mode == DB_WRITE ? begin(&db, err) : check(&db, err);
    if (failed < 0) {
        db_close(&db);
        if (err->code == ERR_INVALID)
            return err_set(err, ERR_INVALID, "%s: not a case file", path);
        return err_at(err, "%s", path);
    }
    *ret = db;
    return 0;
}

int casefile_write(const char *path, const struct casefile_input *in, struct err *err)
{
    AUTO(db_close) struct db db = {0};
    if (casefile_open(path, DB_WRITE, &db, err) < 0)
        return -1;
    if (casefile_fill(&db, in, err) < 0 || db_run(&db, "COMMIT", err) < 0)
        return err_at(err, "%s", path);
    if (in->ended == NULL)
        return 0;
    struct err ignored = {0}; /* all is there: the file stays larger than it had to be */
    (void)db_run(&db, "PRAGMA incremental_vacuum", &ignored);
    return 0;
}

int casefile_last(struct db *db, int64_t *ret, struct err *err)
{
    int64_t has_log = 0; /* cases of before version 7 have none */
    if (db_number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'audit'", &has_log,
                  err) < 0)
        return -1;
    const char *by_row = "SELECT id FROM verdict ORDER BY id DESC LIMIT 1";
    const char *by_log = "SELECT id FROM verdict ORDER BY (SELECT max(audit.id) FROM audit"
                         " WHERE audit.verdict = verdict.digest) DESC, id DESC LIMIT 1";
    if (db_number(db, has_log ? by_log : by_row, ret, err) < 0)
        return -1;
    if (*ret == 0)
        return err_set(err, ERR_NOT_FOUND, "no verdict in this case");
    return 0;
}

int casefile_verdict(const char *path, struct arena *arena, struct str *ret, struct err *err)
{
    AUTO(db_close) struct db db = {0};
    AUTO(query_close) struct query q = {0};
    if (casefile_open(path, DB_READ, &db, err) < 0)
        return -1;
    int64_t last = 0;
    if (casefile_last(&db, &last, err) < 0 ||
        db_query(&db, "SELECT json FROM verdict WHERE id = ?", &q, err) < 0)
        return err_at(err, "%s", path);
    query_signed(&q, 1, last);
    if (query_next(&q, err) < 0)
        return err_at(err, "%s", path);
    *ret = column_text(&q, 0, arena);
    return 0;
}

bool casefile_is_case(const char *path)
{
    enum { HEADER = 100, APPLICATION_AT = 68 };
    static const char magic[16] = "SQLite format 3";
    static const uint8_t application[4] = {'a', 's', 'a', 'y'};
    struct err ignored = {0};
    struct bytes head = {0};
    struct arena *arena = arena_new();
    bool is = file_head(path, HEADER, arena, &head, &ignored) == 0 && head.n == HEADER &&
              memcmp(head.p, magic, sizeof magic) == 0 &&
              memcmp(head.p + APPLICATION_AT, application, sizeof application) == 0;
    arena_free(arena);
    return is;
}
