/* report.h - what every form of output is made from.
 *
 * All of them are deterministic: no clock, no process ids, nothing but the input.
 */
#pragma once

#include "judge/judge.h"
#include "sys/geoip.h"

struct report_input {
    const struct verdict *verdict;
    const struct findings *findings;
    const struct ruleset *rules;
    const char *version;                 /* of the program */
    const struct indicators *indicators; /* that were looked for; NULL: none were given */
    const struct geoip *geoip;           /* where addresses are; NULL: nothing is said of it */
    enum level level; /* findings below it are left out of lists made for people */
};

/* How many findings tuning put aside. */
static inline uint64_t report_suppressed(const struct report_input *in)
{
    uint64_t n = 0;
    for (size_t i = 0; i < in->findings->n_suppressed; i++)
        n += in->findings->suppressed[i].count;
    return n;
}
