/* keywords.h - whether texts may stand in the raw bytes of an event log.
 *
 * A keyword is looked for in every text of a record. Nearly no record has it, and the bytes of
 * a whole chunk, texts of templates among them, tell so at once: then the texts of its records
 * need not be read for it. What they tell is one-sided: that a text may be there means little.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

struct keywords;

/* texts    folded (rule/fold.h); one of them is enough
 * returns  NULL if the bytes could not tell of one of them: a number is not written as text
 */
struct keywords *keywords_new(const struct str *texts, size_t n, struct arena *arena);

/* False: no text of the chunk's records, folded, holds any of the texts, as long as each stands
 * in the chunk in one piece.
 *
 * raw  UTF-16, or one byte for a character, at any offset
 */
bool keywords_stand(const struct keywords *k, struct bytes raw);

/* From now on no vector instructions are used: slower, and the same is found. */
void keywords_no_vectors(struct keywords *k);
