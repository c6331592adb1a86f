#include "store/db.h"

#include <errno.h>
#include <string.h>

#include <sqlite3.h>

#include "base/utf.h"

enum {
    BUSY_MS = 5000,
    LENGTH_MAX = 1 << 30, /* bytes of one value */
};

static int fail(struct sqlite3 *handle, int rc, struct err *err)
{
    enum err_code code = ERR_IO;
    switch (rc & 0xff) {
    case SQLITE_NOTADB:
        code = ERR_INVALID;
        break;
    case SQLITE_CORRUPT:
        code = ERR_CORRUPT;
        break;
    case SQLITE_TOOBIG:
        code = ERR_LIMIT;
        break;
    default:
        break;
    }
    return err_set(err, code, "%s", handle ? sqlite3_errmsg(handle) : sqlite3_errstr(rc));
}

/* Nothing in a file from elsewhere may run code of its own or grow without bound. */
static int harden(struct sqlite3 *handle)
{
    int rc = sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(handle, BUSY_MS);
    (void)sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, LENGTH_MAX);
    return rc;
}

/* A program that was killed while it wrote leaves a journal, by which the file is put back as it
 * was before. Who only reads may not do that. */
static int settle(const char *path, struct sqlite3 *handle)
{
    static const char look[] = "SELECT 1 FROM sqlite_schema LIMIT 1";
    struct sqlite3 *writer = NULL;
    int rc = sqlite3_exec(handle, look, NULL, NULL, NULL);
    if (rc != SQLITE_READONLY || sqlite3_extended_errcode(handle) != SQLITE_READONLY_ROLLBACK)
        return SQLITE_OK; /* what else is wrong is met again */
    rc = sqlite3_open_v2(path, &writer, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = harden(writer);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(writer, look, NULL, NULL, NULL);
    (void)sqlite3_close(writer);
    return rc;
}

int db_open(const char *path, enum db_mode mode, struct db *ret, struct err *err)
{
    if (path[0] == '\0' || path[0] == ':') /* names that SQLite keeps for itself */
        return err_set(err, ERR_INVALID, "\"%s\" is no name for a file", path);
    struct sqlite3 *handle = NULL;
    int flags =
        mode == DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    int rc = sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = harden(handle);
    if (rc != SQLITE_OK) {
        int why = handle ? sqlite3_system_errno(handle) : 0;
        if (why)
            (void)err_set(err, why == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s", strerror(why));
        else
            (void)fail(handle, rc, err);
        (void)sqlite3_close(handle);
        return -1;
    }
    rc = mode == DB_READ ? settle(path, handle) : SQLITE_OK;
    if (rc != SQLITE_OK) {
        (void)sqlite3_close(handle);
        return err_set(err, ERR_IO,
                       "a program was ended while it wrote here, and its last step cannot be "
                       "undone (%s): open it where it can be written",
                       sqlite3_errstr(rc));
    }
    ret->handle = handle;
    return 0;
}

int db_open_memory(struct db *ret, struct err *err)
{
    struct sqlite3 *handle = NULL;
    int rc =
        sqlite3_open_v2(":memory:", &handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK) {
        (void)fail(handle, rc, err);
        (void)sqlite3_close(handle);
        return -1;
    }
    ret->handle = handle;
    return 0;
}

void db_close(struct db *db)
{
    (void)sqlite3_close_v2(db->handle);
    db->handle = NULL;
}

int db_run(struct db *db, const char *sql, struct err *err)
{
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : fail(db->handle, rc, err);
}

int db_number(struct db *db, const char *sql, int64_t *ret, struct err *err)
{
    struct query q = {0};
    if (db_query(db, sql, &q, err) < 0)
        return -1;
    int got = query_next(&q, err);
    int64_t v = got > 0 ? column_number(&q, 0) : 0;
    query_close(&q);
    if (got < 0)
        return -1;
    *ret = v;
    return 0;
}

int64_t db_last_id(const struct db *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}

int db_query(struct db *db, const char *sql, struct query *ret, struct err *err)
{
    struct sqlite3_stmt *handle = NULL;
    int rc = sqlite3_prepare_v2(db->handle, sql, -1, &handle, NULL);
    if (rc != SQLITE_OK)
        return fail(db->handle, rc, err);
    *ret = (struct query){.handle = handle};
    return 0;
}

void query_close(struct query *q)
{
    (void)sqlite3_finalize(q->handle);
    q->handle = NULL;
}

static void note(struct query *q, int rc)
{
    if (q->bound == SQLITE_OK)
        q->bound = rc;
}

void query_text(struct query *q, int at, struct str text)
{
    note(q, sqlite3_bind_text64(q->handle, at, text.p ? text.p : "", text.n, SQLITE_STATIC,
                                SQLITE_UTF8));
}

void query_text_or_null(struct query *q, int at, struct str text)
{
    if (text.n)
        query_text(q, at, text);
    else
        note(q, sqlite3_bind_null(q->handle, at));
}

void query_raw(struct query *q, int at, struct str bytes)
{
    if (bytes.n && (memchr(bytes.p, '\0', bytes.n) || !utf8_valid(str_bytes(bytes))))
        note(q, sqlite3_bind_blob64(q->handle, at, bytes.p, bytes.n, SQLITE_STATIC));
    else
        query_text_or_null(q, at, bytes);
}

void query_bytes(struct query *q, int at, struct bytes bytes)
{
    static const uint8_t nothing;
    note(q, sqlite3_bind_blob64(q->handle, at, bytes.n ? bytes.p : &nothing, bytes.n,
                                SQLITE_STATIC));
}

void query_number(struct query *q, int at, uint64_t v)
{
    query_signed(q, at, v > INT64_MAX ? INT64_MAX : (int64_t)v);
}

void query_signed(struct query *q, int at, int64_t v)
{
    note(q, sqlite3_bind_int64(q->handle, at, v));
}

void query_time(struct query *q, int at, instant t)
{
    if (t == INSTANT_NONE)
        note(q, sqlite3_bind_null(q->handle, at));
    else
        query_signed(q, at, t);
}

void query_again(struct query *q)
{
    (void)sqlite3_reset(q->handle);
    (void)sqlite3_clear_bindings(q->handle);
    q->bound = SQLITE_OK;
}

int query_next(struct query *q, struct err *err)
{
    int rc = q->bound == SQLITE_OK ? sqlite3_step(q->handle) : q->bound;
    if (rc == SQLITE_ROW)
        return 1;
    int ret = rc == SQLITE_DONE ? 0 : fail(sqlite3_db_handle(q->handle), rc, err);
    query_again(q);
    return ret;
}

int query_run(struct query *q, struct err *err)
{
    int got = query_next(q, err);
    if (got > 0)
        query_again(q);
    return got < 0 ? -1 : 0;
}

struct str column_text(const struct query *q, int at, struct arena *arena)
{
    const void *p = sqlite3_column_blob(q->handle, at); /* first: it may convert */
    int n = sqlite3_column_bytes(q->handle, at);
    return p && n > 0 ? arena_str(arena, (struct str){p, (size_t)n}) : STR("");
}

struct bytes column_bytes(const struct query *q, int at)
{
    const void *p = sqlite3_column_blob(q->handle, at); /* first: it may convert */
    int n = sqlite3_column_bytes(q->handle, at);
    return p && n > 0 ? (struct bytes){p, (size_t)n} : (struct bytes){0};
}

int64_t column_number(const struct query *q, int at)
{
    return sqlite3_column_int64(q->handle, at);
}

instant column_time(const struct query *q, int at)
{
    return sqlite3_column_type(q->handle, at) == SQLITE_NULL ? INSTANT_NONE
                                                             : column_number(q, at);
}

int column_count(const struct query *q)
{
    return sqlite3_column_count(q->handle);
}

struct column column_value(const struct query *q, int at)
{
    switch (sqlite3_column_type(q->handle, at)) {
    case SQLITE_INTEGER:
        return (struct column){.type = COLUMN_INTEGER, .number = column_number(q, at)};
    case SQLITE_FLOAT:
        return (struct column){.type = COLUMN_REAL,
                               .real = sqlite3_column_double(q->handle, at)};
    case SQLITE_TEXT:
        return (struct column){.type = COLUMN_TEXT, .bytes = column_bytes(q, at)};
    case SQLITE_BLOB:
        return (struct column){.type = COLUMN_BLOB, .bytes = column_bytes(q, at)};
    default:
        return (struct column){.type = COLUMN_NULL};
    }
}
