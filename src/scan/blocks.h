/* blocks.h - scripts that were logged in parts, joined again.
 *
 * Parts lie in different records, spans and files, in any order, often twice. What belongs
 * together has the same computer, script block id and number of parts. The whole is evaluated
 * once, as an event made from its first part; a rule that matched one of the parts is not
 * told again.
 */
#pragma once

#include "scan/work.h"

enum {
    BLOCK_BYTES_MAX = 8 << 20,   /* of one script; the rest is not joined: a gap */
    BLOCK_PARTS_MAX = 16384,     /* of one script, likewise */
    BLOCK_VERSIONS_MAX = 4,      /* a part found in different wordings: each is tried */
    BLOCK_BATCH_BYTES = 1 << 20, /* of scripts in one piece of work, about */
};

struct blocks;

/* Sorts the parts among f->later into scripts, the same in every run.
 * arena  owns the result, which borrows from f */
struct blocks *blocks_gather(const struct findings *f, struct arena *arena);

/* How many pieces of work they are, and each of them. */
size_t blocks_works(const struct blocks *b);
struct work blocks_work(const struct blocks *b, size_t item);

/* Joins and evaluates the scripts of one piece of work.
 * matcher  the worker's own */
void blocks_answer(const struct blocks *b, const struct work *work,
                   const struct work_shared *shared, struct buf *reply);
