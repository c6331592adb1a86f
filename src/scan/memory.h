/* memory.h - how a limit for the memory of a whole run is divided: the parent, its workers and
 * porters, what they answer, members of archives.
 *
 * Counted is what processes have of their own, and members of archives that lie in memory;
 * files that are mapped for reading are the system's to keep or to drop. What does not fit in
 * the end is a gap, as with any limit; a run that cannot go on ends without a verdict.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct memory_need {
    size_t limit;  /* bytes; 0: none */
    size_t in_use; /* by this process already: rules */
    size_t jobs;   /* as many workers as are wanted */
    size_t reply;  /* bytes of the largest answer */
    size_t stored; /* bytes of answers that may wait */
    bool carriers;
    bool correlations;
};

struct memory_plan { /* bytes */
    size_t jobs;     /* not more than wanted */
    size_t lanes;    /* carriers read side by side */
    size_t worker;   /* of each worker and porter, beside what was there before the fork */
    size_t reply;
    size_t arriving;  /* of answers on their way */
    size_t stored;    /* of answers that wait */
    size_t held;      /* of members of carriers */
    size_t correlate; /* of matches; 0: as the caller has it */
    size_t texts;     /* of values of correlations; likewise */
    size_t parent;    /* all that this process may have meanwhile; 0: any */
};

/* Divides.
 * errors  ERR_LIMIT: it cannot be done with so little; says what the least is */
int memory_divide(const struct memory_need *need, struct memory_plan *ret, struct err *err);
