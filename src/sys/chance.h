/* chance.h - numbers that evidence cannot foresee. Nothing in the output may depend on them. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/hash.h"

/* A key for tables whose keys evidence chooses. Where the system gives none, one that is the same each
 * time: tables are right with any. */
struct hash_key chance_key(void);

enum { CHANCE_MOST = 256 }; /* that the system gives at once, whole */

/* Bytes that nobody can foresee, for keys: at most CHANCE_MOST. errors ERR_IO (there are none) */
int chance_fill(void *p, size_t n, struct err *err);
