/* again.h - the second phase: what needs knowledge of other records, spans or files.
 *
 * In the first phase workers say what is to be done again (SIGNAL_LATER); the parent keeps
 * that in the order of the evidence, so that nothing depends on which worker was faster.
 * Then new workers are forked, which see all of it, and get the work planned here.
 */
#pragma once

#include "scan/work.h"

/* Plans the second phase from what the first one left (f->later), in the order of the
 * evidence.
 *
 * arena   owns *ret
 * returns how many pieces of work; 0: there is no second phase
 */
size_t again_plan(const struct findings *f, struct arena *arena, const struct work **ret);
