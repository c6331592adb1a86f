/* fold.h - simple Unicode case folding of UTF-8, the same on every machine.
 *
 * One code point becomes one code point (so the German sharp s stays, and no locale turns
 * an I into a dotless one). Source: Unicode CaseFolding.txt, statuses C and S.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

uint32_t fold_point(uint32_t code_point);

/* The folded text; the text itself where folding changes nothing. Bytes that are not
 * UTF-8 are kept as they are. */
struct str fold_str(struct str text, struct arena *arena);

/* Reads the code point at text.p[at]; a byte that is not UTF-8 counts as itself.
 *
 * at      less than text.n
 * returns how many bytes it has: 1 to 4
 */
size_t fold_next(struct str text, size_t at, uint32_t *ret);
