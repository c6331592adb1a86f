/* nearest.h - the word that somebody may have meant. */
#pragma once

#include "base/str.h"

struct nearest {
    struct str word; /* as it was written */
    struct str best; /* the nearest so far; "" where none is near */
    size_t distance; /* of `best` */
};

static inline struct nearest nearest_to(struct str word)
{
    return (struct nearest){.word = word, .best = STR("")};
}

/* Offers a word. It is near if a few letters added, left out, changed or swapped make one out
 * of the other: one of up to four letters, two of more. Case does not count. */
void nearest_try(struct nearest *n, struct str candidate);
