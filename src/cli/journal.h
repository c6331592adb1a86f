/* journal.h - what `scan -o CASE` writes to its case while it reads: enough to go on after a
 * kill, and what happened when. A case that cannot be written meanwhile is told on standard
 * error and does the scan no harm.
 *
 * Source: docs/case.md
 */
#pragma once

#include <time.h>

#include "cli/cmd.h"
#include "cli/setup.h"
#include "scan/scan.h"
#include "store/casefile.h"

enum { JOURNAL_READ = 8 };

struct journal {
    const char *path; /* of the case */
    bool resume;
    struct casefile_setup *setup; /* what decides the verdict */
    size_t n_setup;
    struct case_scan scan;
    struct case_journal store;
    struct case_ended ended;
    struct scan_journal calls;
    struct buf pieces, said; /* that wait to be written */
    struct journal_part {
        int64_t row;
        struct buf said;
    } read[JOURNAL_READ];    /* what was read last of earlier scans, the newest first */
    size_t taken;            /* pieces */
    struct timespec written; /* when parts were written last, */
    int64_t wait_ms;         /* and how long the next ones wait */
    bool failed;
};

/* Opens it, when the rules are loaded, and says on standard error what it finds of earlier scans.
 *
 * cmd, args  of the scan; `arena` and they must outlive it
 * errors     as casefile_write, and ERR_IO (a file that an option names)
 */
int journal_open(const struct cmd *cmd, const struct args *args, const char *path, bool resume,
                 const struct setup *setup, struct arena *arena, struct journal *ret,
                 struct err *err);

/* The scan is over: what still waits is not needed. How its end is noted: casefile_input. */
const struct case_ended *journal_end(struct journal *j);

/* The scan was interrupted: writes what waits. errors as casefile_write */
int journal_interrupt(struct journal *j, struct err *err);

void journal_close(struct journal *j); /* an empty one is fine */
