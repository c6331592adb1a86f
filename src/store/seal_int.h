/* seal_int.h - what the files that make a manifest share. */
#pragma once

#include "store/casefile_int.h"
#include "store/seal.h"

enum { SEAL_SHORT = 32 }; /* hex digits of a digest that tells where, not whether */

struct str seal_hex(const uint8_t digest[SHA256_SIZE], char room[SHA256_TEXT]);
struct str seal_number(uint64_t v, char room[32]);

/* seal_tables.c: "table", "row" and "bucket" of all tables, and "case schema".
 * errors ERR_UNSUPPORTED, ERR_CORRUPT, ERR_IO */
int seal_tables(struct db *db, struct buf *out, struct err *err);
