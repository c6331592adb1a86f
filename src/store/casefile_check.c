/* Is a case whole, and are its tables ours? A case may have been damaged, cut off, or made by
 * somebody who means harm: what stands in it is read only when this has looked. */
#include "base/auto.h"
#include "base/digest.h"
#include "base/embed.h"
#include "store/casefile_int.h"

enum { WHOLE_MAX = 16 << 20 }; /* bytes of a case that is read through each time it is opened */

/* --- tables ---------------------------------------------------------------------------------- */

static int make_model(int64_t version, struct db *ret, struct err *err)
{
    struct db db = {0};
    if (db_open_memory(&db, err) < 0)
        return -1;
    for (int64_t step = 0; step < version; step++)
        if (casefile_step(&db, step, err) < 0) {
            db_close(&db);
            return -1;
        }
    *ret = db;
    return 0;
}

static int compare_tables(struct db *model, struct db *db, struct err *err)
{
    AUTO(query_close) struct query all = {0};
    AUTO(query_close) struct query same = {0};
    struct arena *arena = arena_new();
    int got = -1;
    if (db_query(model, "SELECT type, name, tbl_name, sql FROM sqlite_schema", &all, err) ==
            0 &&
        db_query(db,
                 "SELECT 1 FROM sqlite_schema WHERE type = ? AND name = ? AND tbl_name = ?"
                 " AND coalesce(sql, '') = ?",
                 &same, err) == 0)
        while ((got = query_next(&all, err)) > 0) {
            for (int i = 0; i < 4; i++)
                query_text(&same, i + 1, column_text(&all, i, arena));
            got = query_next(&same, err);
            if (got == 0)
                got = err_set(err, ERR_CORRUPT, "its tables are not those of a case");
            if (got < 0)
                break;
            query_again(&same);
        }
    arena_free(arena);
    return got;
}

/* Tables and views that somebody added for questions of his own are fine. */
static int check_tables(struct db *db, int64_t version, struct err *err)
{
    AUTO(db_close) struct db model = {0};
    int64_t triggers = 0;
    if (make_model(version, &model, err) < 0 || compare_tables(&model, db, err) < 0 ||
        db_number(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'", &triggers,
                  err) < 0)
        return -1;
    if (triggers)
        return err_set(err, ERR_CORRUPT, "it holds triggers, which a case does not");
    return 0;
}

/* --- contents --------------------------------------------------------------------------------- */

/* Of a check that gives one row "ok", or rows that say what is wrong. */
static int expect_ok(struct db *db, const char *sql, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    struct arena *arena = arena_new();
    int got = db_query(db, sql, &q, err);
    if (got == 0)
        got = query_next(&q, err);
    if (got > 0) {
        struct str text = column_text(&q, 0, arena);
        got = str_eq(text, STR("ok"))
                  ? 0
                  : err_set(err, ERR_CORRUPT, "damaged: %.*s",
                            STR_ARG(str_part(text, 0, str_find(text, STR("\n"), 0))));
    }
    arena_free(arena);
    return got;
}

int casefile_check_open(struct db *db, int64_t version, struct err *err)
{
    int64_t pages = 0;
    int64_t page = 0;
    if (version == 0)
        return 0;
    if (check_tables(db, version, err) < 0 ||
        db_number(db, "PRAGMA page_count", &pages, err) < 0 ||
        db_number(db, "PRAGMA page_size", &page, err) < 0)
        return -1;
    if (pages > WHOLE_MAX / (page > 0 ? page : 1))
        return 0;
    return expect_ok(db, "PRAGMA quick_check(1)", err);
}

static int check_references(struct db *db, struct err *err)
{
    int64_t wrong = 0;
    if (db_number(db, "SELECT count(*) FROM pragma_foreign_key_check", &wrong, err) < 0)
        return -1;
    if (wrong)
        return err_set(err, ERR_CORRUPT, "damaged: %lld rows name others that are not there",
                       (long long)wrong);
    return 0;
}

static int check_verdicts(struct db *db, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    uint8_t digest[SHA256_SIZE];
    char text[SHA256_TEXT];
    if (db_query(db, "SELECT json, digest, id FROM verdict ORDER BY id", &q, err) < 0)
        return -1;
    int got;
    while ((got = query_next(&q, err)) > 0) {
        sha256(column_bytes(&q, 0), digest);
        sha256_text(digest, text);
        if (!bytes_eq(column_bytes(&q, 1), str_bytes(str_of(text))))
            return err_set(err, ERR_CORRUPT, "damaged: verdict %lld is not the one written",
                           (long long)column_number(&q, 2));
    }
    return got;
}

int casefile_check(const char *path, struct err *err)
{
    AUTO(db_close) struct db db = {0};
    if (casefile_open(path, DB_READ, &db, err) < 0)
        return -1;
    if (expect_ok(&db, "PRAGMA integrity_check(1)", err) < 0 ||
        check_references(&db, err) < 0 || check_verdicts(&db, err) < 0)
        return err_at(err, "%s", path);
    return 0;
}
