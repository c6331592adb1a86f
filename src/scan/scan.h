/* scan.h - from paths to findings: walk, sniff, hash, hand out to workers, gather in order.
 *
 * The parent never looks at a byte of evidence; workers do, in the jail (sys/jail.h), and a
 * worker's death costs the span it was reading, recorded as a gap.
 */
#pragma once

#include "base/buf.h"
#include "base/digest.h"
#include "detect/detect.h"
#include "detect/findings.h"
#include "scan/progress.h"

/* Where what workers said of finished pieces of evidence is kept, for a scan that goes on with
 * this one. A key stands for all on which that depends besides what the options decide: the file
 * as it lies there (struct file_id; of a member, the files of its carrier), and what was asked
 * of it. What is given back is trusted as the options are: it is one's own. */
struct scan_journal {
    bool empty; /* nothing is there: `find` is not asked */
    /* Whether something is there by that key; appends it to `ret`. */
    bool (*find)(void *context, const uint8_t key[SHA256_SIZE], struct buf *ret);
    /* Keeps it; opaque, and borrowed. */
    void (*keep)(void *context, const uint8_t key[SHA256_SIZE], struct str said);
    void *context;
};

enum { SCAN_NO_MEMORY = 2 }; /* the exit status where max_memory does not suffice */

struct scan_options {
    const char *const *paths;
    size_t n_paths;
    const char *const *names; /* what each is called in the findings; NULL: as it is */
    size_t jobs;              /* 0: as many as there are processors */
    const struct detect_config *detect;
    const struct tuning *tuning; /* bound to the rules; NULL: none */
    struct correlate_limits correlate;
    size_t max_memory; /* bytes that all processes together may take (scan/memory.h); 0: any */
    bool carve;        /* search all that is no log for event records */
    const char *password;  /* of encrypted members of archives; NULL: none */
    bool no_recover;       /* leave records outside the chunks of event logs alone */
    const char *leave_out; /* a file that is no evidence, wherever it lies: the case that is
                              written meanwhile; NULL: none */
    const struct scan_journal *journal; /* NULL: nothing is kept */
    void (*progress)(void *context, const struct scan_progress *now); /* NULL: none */
    void *context;
};

/* Scans.
 *
 * arena   owns the result
 * errors  ERR_IO (a path cannot be read, workers cannot be made), ERR_INVALID,
 *         ERR_INTERRUPTED (sys/interrupt.h)
 */
int scan_run(const struct scan_options *options, struct arena *arena, struct findings *ret,
             struct err *err);
