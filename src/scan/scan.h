/* scan.h - from paths to findings: walk, sniff, hash, hand out to workers, gather in order.
 *
 * The parent never looks at a byte of evidence; workers do, in the jail (sys/jail.h), and a
 * worker's death costs the span it was reading, recorded as a gap.
 */
#pragma once

#include "detect/detect.h"
#include "detect/findings.h"

struct scan_progress {
    size_t files, files_done;
    uint64_t bytes, bytes_done;
    size_t hits;
};

struct scan_options {
    const char *const *paths;
    size_t n_paths;
    size_t jobs; /* 0: as many as there are processors */
    const struct detect_config *detect;
    const struct tuning *tuning; /* bound to the rules; NULL: none */
    struct correlate_limits correlate;
    bool carve;           /* search all that is no log for event records */
    const char *password; /* of encrypted members of archives; NULL: none */
    bool no_recover;      /* leave records outside the chunks of event logs alone */
    void (*progress)(void *context, const struct scan_progress *now); /* NULL: none */
    void *context;
};

/* Scans.
 *
 * arena   owns the result
 * errors  ERR_IO (a path cannot be read, workers cannot be made), ERR_INVALID
 */
int scan_run(const struct scan_options *options, struct arena *arena, struct findings *ret,
             struct err *err);
