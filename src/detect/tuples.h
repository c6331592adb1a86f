/* tuples.h - tuples in any order in, sorted out; those that do not fit into memory go through
 * a temporary file. */
#pragma once

#include "base/buf.h"
#include "detect/windows.h"
#include "sys/spill.h"

struct tuples;

/* memory  bytes of tuples that are held before they are spilled
 * folder  for the temporary file; NULL: there is none, and what does not fit is lost
 * arena   owns it; tuples_free must be called all the same */
struct tuples *tuples_new(size_t memory, const char *folder, struct arena *arena);
void tuples_free(struct tuples *t); /* NULL is fine */

/* False if there was no room for it. */
bool tuples_add(struct tuples *t, const struct tuple *tuple);

/* Ends the adding. Then all of one correlation and group are given at once, in order of time:
 * 1 with at most `most` of them in *ret and the number of further ones in *ret_more; 0 at the
 * end; -1 if the temporary file cannot be read.
 * ret  valid until the next call; may be sorted anew */
int tuples_next(struct tuples *t, size_t most, struct tuple **ret, size_t *ret_n,
                uint64_t *ret_more, struct err *err);

uint64_t tuples_spilled(const struct tuples *t); /* how many went through the file */
