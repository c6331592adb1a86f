/* packcheck.h - what is wrong with a pack's data: keys, values, and what fits together.
 *
 * Source: docs/formats/pack.md
 */
#pragma once

#include "base/buf.h"
#include "cli/packs.h"

/* Appends a line "FILE:LINE:COLUMN: ..." for each slip in a pack's pack.yml and in the `assay:`
 * parts of its rules. What is wrong with the Sigma part of a rule, the engine says.
 *
 * others   packs that `claims` may name
 * returns  how many lines
 */
size_t packcheck(const struct pack_files *pack, const struct pack_set *others, struct buf *out);
