/* chance.h - numbers that evidence cannot foresee. Nothing in the output may depend on them. */
#pragma once

#include "base/hash.h"

/* A key for tables whose keys evidence chooses. Where the system gives none, one that is the same each
 * time: tables are right with any. */
struct hash_key chance_key(void);
