/* The rows of a case, digested: whether they are those that were sealed, and which are not. */
#include <stdio.h>
#include <stdlib.h>

#include "base/auto.h"
#include "store/seal_int.h"

enum {
    ROWS_NAMED = 65536, /* of a table: more of them are told apart in as many buckets */
    CELL_HEAD = 9,      /* bytes before a value: its type and size */
};

struct row {
    uint8_t digest[SHA256_SIZE];
    uint16_t bucket;
    struct str key; /* "" where rows are not named */
};

struct table {
    struct db *db;
    struct arena *arena;
    struct str name;
    const bool *is_key; /* per column */
    struct row *rows;
    size_t n, cap;
    bool named;
    struct buf raw, key; /* of the row in hand */
};

struct str seal_hex(const uint8_t digest[SHA256_SIZE], char room[SHA256_TEXT])
{
    sha256_text(digest, room);
    return str_of(room);
}

struct str seal_number(uint64_t v, char room[32])
{
    (void)snprintf(room, 32, "%llu", (unsigned long long)v);
    return str_of(room);
}

/* --- one row ------------------------------------------------------------------------------- */

static void put_cell(struct buf *out, const struct column *c)
{
    static const char types[] = {[COLUMN_NULL] = 'n',
                                 [COLUMN_INTEGER] = 'i',
                                 [COLUMN_REAL] = 'r',
                                 [COLUMN_TEXT] = 't',
                                 [COLUMN_BLOB] = 'b'};
    char number[64];
    struct bytes value = c->bytes;
    if (c->type == COLUMN_INTEGER)
        (void)snprintf(number, sizeof number, "%lld", (long long)c->number);
    else if (c->type == COLUMN_REAL)
        (void)snprintf(number, sizeof number, "%a", c->real);
    if (c->type == COLUMN_INTEGER || c->type == COLUMN_REAL)
        value = str_bytes(str_of(number));
    char head[CELL_HEAD] = {types[c->type]};
    for (size_t i = 0; i < 8; i++)
        head[1 + i] = (char)((uint64_t)value.n >> (56 - 8 * i));
    buf_add(out, head, sizeof head);
    buf_add(out, value.p, value.n);
}

static void put_key(struct buf *out, const struct column *c)
{
    if (out->n)
        buf_add_char(out, '/');
    if (c->type == COLUMN_INTEGER)
        buf_addf(out, "%lld", (long long)c->number);
    else
        buf_add(out, c->bytes.p, c->bytes.n);
}

static int take_row(struct table *t, const struct query *q, struct err *err)
{
    uint8_t of_key[SHA256_SIZE];
    buf_clear(&t->raw);
    buf_clear(&t->key);
    for (int i = 0; i < column_count(q); i++) {
        struct column c = column_value(q, i);
        put_cell(&t->raw, &c);
        if (t->is_key[i])
            put_key(&t->key, &c);
    }
    if (t->raw.full || t->key.full)
        return err_set(err, ERR_LIMIT, "a row of the table %.*s is too large",
                       STR_ARG(t->name));
    t->rows = arena_grow(t->arena, t->rows, t->n, &t->cap, sizeof *t->rows);
    struct row *row = &t->rows[t->n++];
    sha256(str_bytes(buf_str(&t->raw)), row->digest);
    sha256(str_bytes(buf_str(&t->key)), of_key);
    row->bucket = (uint16_t)(of_key[0] << 8 | of_key[1]);
    row->key = t->named ? arena_str(t->arena, buf_str(&t->key)) : STR("");
    return 0;
}

/* --- one table ----------------------------------------------------------------------------- */

/* Order does not depend on where rows lie in the file. */
static int by_digest(const void *x, const void *y)
{
    const struct row *a = x;
    const struct row *b = y;
    if (a->bucket != b->bucket)
        return a->bucket < b->bucket ? -1 : 1;
    return memcmp(a->digest, b->digest, SHA256_SIZE);
}

static int by_key(const void *x, const void *y)
{
    const struct row *a = x;
    const struct row *b = y;
    int d = str_cmp(a->key, b->key);
    return d ? d : by_digest(a, b);
}

static void digest_rows(const struct row *rows, size_t n, uint8_t ret[SHA256_SIZE])
{
    struct sha256_run *run = sha256_start();
    for (size_t i = 0; i < n; i++)
        sha256_add(run, (struct bytes){rows[i].digest, SHA256_SIZE});
    sha256_end(run, ret);
}

static void put_rows(struct table *t, struct buf *out)
{
    char room[SHA256_TEXT];
    qsort(t->rows, t->n, sizeof *t->rows, by_key);
    for (size_t i = 0; i < t->n; i++) {
        buf_clear(&t->key);
        buf_addf(&t->key, "%.*s/%.*s", STR_ARG(t->name), STR_ARG(t->rows[i].key));
        const struct str fields[] = {
            STR("row"), buf_str(&t->key),
            str_part(seal_hex(t->rows[i].digest, room), 0, SEAL_SHORT)};
        manifest_line(out, fields, 3);
    }
}

static void put_bucket(struct table *t, const struct row *rows, size_t n, struct buf *out)
{
    char room[SHA256_TEXT];
    char number[32];
    uint8_t digest[SHA256_SIZE];
    digest_rows(rows, n, digest);
    buf_clear(&t->key);
    buf_addf(&t->key, "%.*s/%04x", STR_ARG(t->name), rows->bucket);
    const struct str fields[] = {STR("bucket"), buf_str(&t->key), seal_number(n, number),
                                 str_part(seal_hex(digest, room), 0, SEAL_SHORT)};
    manifest_line(out, fields, 4);
}

static void put_table(struct table *t, struct buf *out)
{
    char room[SHA256_TEXT];
    char number[32];
    uint8_t digest[SHA256_SIZE];
    if (t->n)
        qsort(t->rows, t->n, sizeof *t->rows, by_digest);
    digest_rows(t->rows, t->n, digest);
    const struct str fields[] = {STR("table"), t->name, seal_number(t->n, number),
                                 seal_hex(digest, room)};
    manifest_line(out, fields, 4);
    if (t->named && t->n)
        put_rows(t, out);
    for (size_t from = 0, i = 1; !t->named && i <= t->n; i++) {
        if (i < t->n && t->rows[i].bucket == t->rows[from].bucket)
            continue;
        put_bucket(t, t->rows + from, i - from, out);
        from = i;
    }
}

/* A statement on a table, whose name stands quoted at its end. */
static const char *about(const char *sql, struct str name, const char *end, struct arena *arena)
{
    struct buf out = buf_new(SIZE_MAX / 4);
    buf_addf(&out, "%s\"", sql);
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '"')
            buf_add_char(&out, '"');
        buf_add_char(&out, name.p[i]);
    }
    buf_addf(&out, "\"%s", end);
    const char *ret = arena_str(arena, buf_str(&out)).p;
    buf_free(&out);
    return ret;
}

/* Which columns are the key; of a table without one, all. */
static int read_columns(struct table *t, struct err *err)
{
    enum { COLUMN_PK = 5 };
    AUTO(query_close) struct query q = {0};
    bool *is_key = NULL;
    size_t n = 0;
    size_t cap = 0;
    bool any = false;
    int got;
    if (db_query(t->db, about("PRAGMA table_info(", t->name, ")", t->arena), &q, err) < 0)
        return -1;
    while ((got = query_next(&q, err)) > 0) {
        is_key = arena_grow(t->arena, is_key, n, &cap, sizeof *is_key);
        is_key[n] = column_number(&q, COLUMN_PK) > 0;
        any = any || is_key[n++];
    }
    for (size_t i = 0; i < n && !any; i++)
        is_key[i] = true;
    t->is_key = is_key;
    return got;
}

static int read_rows(struct table *t, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    int got;
    int64_t rows = 0;
    if (db_number(t->db, about("SELECT count(*) FROM ", t->name, "", t->arena), &rows, err) <
            0 ||
        read_columns(t, err) < 0 ||
        db_query(t->db, about("SELECT * FROM ", t->name, "", t->arena), &q, err) < 0)
        return -1;
    t->named = rows <= ROWS_NAMED;
    while ((got = query_next(&q, err)) > 0)
        if (take_row(t, &q, err) < 0)
            return -1;
    return got;
}

static int seal_table(struct db *db, struct str name, struct buf *out, struct err *err)
{
    struct table t = {.db = db,
                      .arena = arena_new(),
                      .name = name,
                      .raw = buf_new(SIZE_MAX / 4),
                      .key = buf_new(SIZE_MAX / 4)};
    int failed = read_rows(&t, err);
    if (!failed)
        put_table(&t, out);
    buf_free(&t.raw);
    buf_free(&t.key);
    arena_free(t.arena);
    return failed;
}

/* --- all of them --------------------------------------------------------------------------- */

static int seal_schema(struct db *db, struct buf *out, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    struct sha256_run *run = sha256_start();
    struct buf raw = buf_new(SIZE_MAX / 4);
    uint8_t digest[SHA256_SIZE];
    char room[SHA256_TEXT];
    char number[32];
    int64_t version = 0;
    int got = db_number(db, "PRAGMA user_version", &version, err);
    if (got == 0)
        got = db_query(db,
                       "SELECT type, name, tbl_name, sql FROM sqlite_schema"
                       " ORDER BY type, name",
                       &q, err);
    while (got == 0 && (got = query_next(&q, err)) > 0) {
        buf_clear(&raw);
        for (int i = 0; i < column_count(&q); i++) {
            struct column c = column_value(&q, i);
            put_cell(&raw, &c);
        }
        sha256_add(run, str_bytes(buf_str(&raw)));
        got = 0;
    }
    sha256_end(run, digest);
    buf_free(&raw);
    const struct str fields[] = {STR("case"), STR("schema"),
                                 seal_number((uint64_t)version, number),
                                 seal_hex(digest, room)};
    if (got == 0)
        manifest_line(out, fields, 4);
    return got;
}

static int seal_all(struct db *db, struct arena *arena, struct buf *out, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    int got;
    if (db_query(db,
                 "SELECT name, sql LIKE 'create virtual%' FROM sqlite_schema"
                 " WHERE type = 'table' ORDER BY name",
                 &q, err) < 0)
        return -1;
    while ((got = query_next(&q, err)) > 0) {
        struct str name = column_text(&q, 0, arena);
        if (column_number(&q, 1))
            return err_set(err, ERR_UNSUPPORTED, "the table %.*s is of another kind",
                           STR_ARG(name));
        if (seal_table(db, name, out, err) < 0)
            return -1;
    }
    return got;
}

int seal_tables(struct db *db, struct buf *out, struct err *err)
{
    struct arena *arena = arena_new();
    int failed = seal_schema(db, out, err);
    if (!failed)
        failed = seal_all(db, arena, out, err);
    arena_free(arena);
    return failed;
}
