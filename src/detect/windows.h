/* windows.h - in which windows of time a correlation's condition holds. Pure.
 *
 * A window begins at an event and holds all events of its group from then to the correlation's
 * timespan later, both ends included. Taken in order of time, the first window in which the
 * condition holds is a result; the next one starts at the first event behind it. What is a
 * match at all does so not depend on where a clock's hours begin, and no event counts twice.
 *
 * Source: docs/formats/correlation.md, "Windows"
 */
#pragma once

#include "base/arena.h"
#include "rule/correlation.h"

struct tuple { /* a match of a member, as small as can be */
    instant time;
    uint64_t offset, record; /* of its record */
    uint32_t correlation;    /* number of rule */
    uint32_t group;          /* what it must have in common with others */
    uint32_t member;
    uint32_t value; /* CORRELATE_VALUES: equal values have equal numbers */
    uint32_t carry, shown;
    uint32_t evidence;
    uint32_t origin; /* host and log */
    uint32_t size;
    uint32_t link; /* from a correlation: its result + 1; 0: an event of its own */
    uint16_t marks, kind;
};

struct window {
    size_t from, to;       /* tuples; `to` is behind the last */
    size_t reached;        /* the one with which the condition first holds */
    correlation_number is; /* what was compared: a count, a sum, a value */
    uint64_t of;           /* CORRELATE_AVERAGE: `is` is the sum of so many */
    const size_t *chain;   /* CORRELATE_ORDERED: one tuple for each member; else NULL */
};

enum windows_how {
    WINDOWS_WHOLE, /* as long as the timespan: what is told */
    WINDOWS_SHORT, /* ending with the event at which the condition is reached, the next one
                      behind it: what counts in a correlation of correlations. Where more
                      events may undo a condition, these are whole too */
};

/* Finds them in one group.
 *
 * at       n tuples by time, then member
 * numbers  their values, for sums, averages, percentiles; else NULL
 * arena    owns *ret
 * returns  how many, in order
 */
size_t windows_find(const struct correlation *c, const struct tuple *at,
                    const correlation_number *numbers, size_t n, enum windows_how how,
                    struct arena *arena, struct window **ret);
