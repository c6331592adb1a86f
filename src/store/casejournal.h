/* casejournal.h - a scan that is under way, in its case: what workers said of finished pieces of
 * evidence, so that a later scan can go on with it; and the log of what was done with the case.
 *
 * Source: docs/case.md
 */
#pragma once

#include "base/buf.h"
#include "base/digest.h"
#include "base/time.h"
#include "store/db.h"

struct case_scan {    /* a run of the program */
    struct str tool;  /* program and version */
    struct str setup; /* hex digits of a digest of all that decides results, but the evidence */
    struct str arguments, paths; /* of the command line, as JSON arrays; no passwords */
    instant began;
};

struct case_part {
    uint8_t key[SHA256_SIZE];
    struct str path;
    const char *what;
    uint64_t from, to;
    struct str said;
};

struct case_journal {
    const char *path;
    const struct case_scan *scan;
    bool resume;
    struct db db; /* closed as long as there is no case */
    struct query find;
    int64_t row;              /* of the scan; 0: not begun */
    struct case_known *known; /* parts of earlier scans, by key */
    size_t n_known;
    size_t same,
        other;    /* unfinished scans in the case: with the same setup, with another one */
    size_t taken; /* parts that were asked for and given */
};

/* Opens the case, if there is one; makes nothing yet.
 *
 * path, scan  must outlive it
 * resume      parts of unfinished scans with the same setup are to be found
 * arena       owns *ret, as far as it is memory
 * errors      as casefile_write
 */
int case_journal_open(const char *path, const struct case_scan *scan, bool resume,
                      struct arena *arena, struct case_journal *ret, struct err *err);

/* Whether it goes on with a scan. */
bool case_journal_resumes(const struct case_journal *j);

/* Whether a part with that key is there, as it was kept; appends what was said to `ret`. */
bool case_journal_find(struct case_journal *j, const uint8_t key[SHA256_SIZE], struct buf *ret);

/* Keeps parts, in one transaction; with the first ones the case is made and the scan is begun.
 * n may be 0. errors ERR_IO (disk, locks), ERR_CORRUPT */
int case_journal_add(struct case_journal *j, const struct case_part *parts, size_t n,
                     struct err *err);

/* Notes that the scan was interrupted: it can be gone on with. errors as case_journal_add */
int case_journal_interrupted(struct case_journal *j, instant now, struct err *err);

void case_journal_close(struct case_journal *j); /* an empty one is fine */

struct case_ended { /* a scan that is complete */
    const struct case_scan *scan;
    int64_t row; /* 0: its begin was not written */
    bool resumed;
    instant now;
};

/* Notes that a scan is complete, with the verdict in row `verdict`: its parts go, and those of
 * scans that it replaces. The transaction is the caller's. */
int case_scan_complete(struct db *db, const struct case_ended *ended, int64_t verdict,
                       struct err *err);
