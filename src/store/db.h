/* db.h - SQLite in our terms: errors as a parameter, texts as views. The only file that
 * includes sqlite3.h is db.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

struct db {
    struct sqlite3 *handle; /* NULL: closed */
};

struct query { /* a prepared statement */
    struct sqlite3_stmt *handle;
    int bound; /* the first result of binding that was no success */
};

enum db_mode { DB_READ, DB_WRITE /* makes the file if there is none */ };

/* Opens a database file that may have been made by somebody else: its schema is not trusted.
 * errors ERR_NOT_FOUND (no such file), ERR_IO, ERR_INVALID */
int db_open(const char *path, enum db_mode mode, struct db *ret, struct err *err);
int db_open_memory(struct db *ret, struct err *err); /* a new one, which no file holds */
void db_close(struct db *db); /* an empty one is fine; rolls an open transaction back */

/* Runs statements that return nothing.
 * errors ERR_INVALID (not a database), ERR_CORRUPT, ERR_IO (disk, locks) */
int db_run(struct db *db, const char *sql, struct err *err);

/* The first column of the first row as a number. errors as db_run */
int db_number(struct db *db, const char *sql, int64_t *ret, struct err *err);

int64_t db_last_id(const struct db *db); /* of the row inserted last */

int db_query(struct db *db, const char *sql, struct query *ret, struct err *err);
void query_close(struct query *q); /* an empty one is fine */

/* Parameters, counted from 1. A text is borrowed until query_next or query_run was called. */
void query_text(struct query *q, int at, struct str text);
void query_text_or_null(struct query *q, int at, struct str text); /* NULL where empty */
void query_raw(struct query *q, int at, struct str bytes); /* text if it is clean UTF-8 without
                                                              NUL, else a blob; NULL: empty */
void query_bytes(struct query *q, int at, struct bytes bytes); /* always a blob */
void query_number(struct query *q, int at, uint64_t v);        /* at most INT64_MAX is kept */
void query_signed(struct query *q, int at, int64_t v);
void query_time(struct query *q, int at, instant t); /* NULL for INSTANT_NONE */

/* 1 a row, 0 the end (and ready to be bound again), -1. errors as db_run */
int query_next(struct query *q, struct err *err);

/* Runs a statement whose rows do not matter, and makes it ready to be bound again. */
int query_run(struct query *q, struct err *err);

void query_again(struct query *q); /* gives the other rows up: ready to be bound again */

/* Columns of the row, counted from 0. Text is copied into the arena; "" for NULL. */
struct str column_text(const struct query *q, int at, struct arena *arena);
struct bytes column_bytes(const struct query *q, int at); /* borrowed from the row */
int64_t column_number(const struct query *q, int at);
instant column_time(const struct query *q, int at);

/* A value as it is stored. */
enum column_type { COLUMN_NULL, COLUMN_INTEGER, COLUMN_REAL, COLUMN_TEXT, COLUMN_BLOB };
struct column {
    enum column_type type;
    int64_t number;     /* of an integer */
    double real;        /* of a real one */
    struct bytes bytes; /* of a text, as stored, and a blob; borrowed until the next row */
};
int column_count(const struct query *q);
struct column column_value(const struct query *q, int at);
