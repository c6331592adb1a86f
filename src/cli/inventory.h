/* inventory.h - which events and fields evidence has: per host, channel and EventID. */
#pragma once

#include "cli/longwork.h"
#include "rule/reach.h"
#include "scan/sweep.h"

struct inventory {
    struct reach_class *classes; /* by host, kind, channel, EventID */
    size_t n;
    uint64_t lost; /* records of classes beyond the limit */
    struct swept swept;
};

/* Reads all events.
 *
 * what   paths, jobs and password; the rest is filled in
 * arena  owns *ret
 * errors ERR_IO
 */
int inventory_make(const struct sweep_options *what, const struct longwork *work,
                   struct arena *arena, struct inventory *ret, struct err *err);
