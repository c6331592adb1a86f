/* casefile_int.h - what the case file's own files share. */
#pragma once

#include "store/casefile.h"
#include "store/db.h"

/* Opens a case and holds it to its version. For writing, an absent or empty file becomes a
 * case, an older one is brought up to date, and a transaction is open on return. */
int casefile_open(const char *path, enum db_mode mode, struct db *ret, struct err *err);

/* Brings tables from version `step` to the next one. */
int casefile_step(struct db *db, int64_t step, struct err *err);

/* Holds a case to the tables of its version, and reads a small one through.
 * errors ERR_CORRUPT, ERR_IO */
int casefile_check_open(struct db *db, int64_t version, struct err *err);

/* Opens a case for reading, of this version or an older one. */
int casefile_open_any(const char *path, struct db *ret, struct err *err);

/* The row of the verdict of the scan that ended last: one that a case had before is the last
 * again where its evidence was scanned again. errors ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO */
int casefile_last(struct db *db, int64_t *ret, struct err *err);

/* Fills the tables, unless the verdict is there already; the transaction is the caller's. */
int casefile_fill(struct db *db, const struct casefile_input *in, struct err *err);

/* What decided a verdict: its rows. errors ERR_IO */
int casefile_put_setup(struct db *db, int64_t verdict, const struct casefile_input *in,
                       struct err *err);

/* The same of the verdict written last; none where an older program wrote it.
 * arena  owns the result. errors ERR_CORRUPT, ERR_IO */
int casefile_read_setup(struct db *db, struct arena *arena, struct casefile_setup **ret,
                        size_t *ret_n, struct err *err);
