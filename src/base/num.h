/* num.h - text to integers: the whole text or failure; the result is untouched on failure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

bool num_u64(struct str s, uint64_t *ret); /* decimal digits only */
bool num_i64(struct str s, int64_t *ret);  /* decimal with an optional '-' */
bool num_hex(struct str s, uint64_t *ret); /* "0x" optional */

/* Decimal, or hexadecimal with 0x: the forms in which Windows shows numbers. */
bool num_any(struct str s, int64_t *ret);
