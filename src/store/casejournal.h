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

/* What workers said of some pieces of evidence, behind each other. */
struct case_part {
    struct bytes pieces; /* of each: its key, then its bytes in 8 bytes, the lowest first */
    struct bytes said;   /* packed: opaque here */
};

enum { CASE_PIECE = SHA256_SIZE + 8 };

struct case_place { /* of a piece */
    int64_t part;
    uint64_t from, n; /* bytes, unpacked */
};

struct case_journal {
    const char *path;
    const struct case_scan *scan;
    bool resume;
    struct db db; /* closed as long as there is no case */
    struct query find;
    int64_t row;              /* of the scan; 0: not begun */
    struct case_known *known; /* pieces of earlier scans, by key */
    size_t n_known;
    size_t same,
        other;    /* unfinished scans in the case: with the same setup, with another one */
    size_t taken; /* parts that were asked for and given */
};

/* Opens the case, if there is one; makes nothing yet.
 *
 * path, scan  must outlive it
 * resume      what unfinished scans with the same setup kept is to be found
 * arena       owns *ret, as far as it is memory
 * errors      as casefile_write
 */
int case_journal_open(const char *path, const struct case_scan *scan, bool resume,
                      struct arena *arena, struct case_journal *ret, struct err *err);

/* Whether it goes on with a scan. */
bool case_journal_resumes(const struct case_journal *j);

/* Whether a piece with that key was kept, and where. */
bool case_journal_find(const struct case_journal *j, const uint8_t key[SHA256_SIZE],
                       struct case_place *ret);

/* Appends what a part holds to `ret`. False if it is not there as it was kept. */
bool case_journal_read(struct case_journal *j, int64_t part, struct buf *ret);

/* Keeps a part, in one transaction; with the first one the case is made and the scan is begun.
 * Without pieces nothing but that. errors ERR_IO (disk, locks), ERR_CORRUPT */
int case_journal_add(struct case_journal *j, const struct case_part *part, struct err *err);

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
