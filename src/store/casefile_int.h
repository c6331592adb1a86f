/* casefile_int.h - what the case file's own files share. */
#pragma once

#include "store/casefile.h"
#include "store/db.h"

/* Opens a case and holds it to its version. For writing, an absent or empty file becomes a
 * case, an older one is brought up to date, and a transaction is open on return. */
int casefile_open(const char *path, enum db_mode mode, struct db *ret, struct err *err);

/* Fills the tables; the transaction is the caller's. */
int casefile_fill(struct db *db, const struct casefile_input *in, struct err *err);
