/* sweeping.h - what the commands that sweep over evidence have in common: progress, and
 * telling what was read and what could not be. */
#pragma once

#include "base/json.h"
#include "cli/longwork.h"
#include "scan/sweep.h"

struct sweep_totals {
    uint64_t events, recovered;
    size_t files, all_files; /* that hold events, and all */
};

struct sweep_totals sweeping_totals(const struct swept *swept);

/* sweep_run, with progress on standard error; by itself only where that is a terminal and
 * standard output is none. */
int sweeping_run(const struct sweep_options *options, const struct longwork *work,
                 struct arena *arena, struct swept *ret, struct err *err);

/* Tells on standard error what could not be read. */
void sweeping_tell_gaps(const struct swept *swept);

/* The same as a JSON array. */
void sweeping_json_gaps(const struct swept *swept, struct json_out *j);
