/* casefile.h - the case: one SQLite file that holds what scans found and judged.
 *
 * Source: docs/case.md (tables and their meaning)
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "judge/judge.h"
#include "store/casejournal.h"
#include "store/explained.h"

/* A part of what decided a verdict. */
struct casefile_setup {
    struct str kind;   /* "program", "pack", "root" (a path that was scanned), "option" */
    struct str name;   /* "assay", the pack, the path, the option without its dashes */
    struct str value;  /* version, date, that of the option; "": none */
    uint64_t files;    /* that it stands for; 0: it is no file */
    struct str sha256; /* of their content, hex digits (docs/seal.md says how); "": none */
};

struct casefile_input {
    const struct verdict *verdict;
    const struct findings *findings;
    const struct ruleset *rules;
    const char *version;                /* of the program */
    struct str json;                    /* the verdict as a document: report_json */
    const struct casefile_setup *setup; /* what decided it */
    size_t n_setup;
    const struct case_ended *ended; /* the scan whose end this is; NULL: none is noted */
};

/* Writes a scan to a case, in one transaction; makes the file if there is none. What is
 * there already stays: adding the same scan again changes nothing but the log.
 *
 * errors  ERR_INVALID (the file is something else than a case), ERR_UNSUPPORTED (a case made
 *         by a newer version), ERR_CORRUPT (damaged), ERR_IO (disk, locks)
 */
int casefile_write(const char *path, const struct casefile_input *in, struct err *err);

/* The verdict written last, as the JSON document.
 *
 * arena   owns the result
 * errors  as casefile_write, and ERR_NOT_FOUND (no such file, or no verdict in it)
 */
int casefile_verdict(const char *path, struct arena *arena, struct str *ret, struct err *err);

/* Finds a finding or fact.
 *
 * id      hex digits, at least 4: the start of one id
 * arena   owns the result
 * errors  ERR_NOT_FOUND, ERR_INVALID (not hex digits, too short, the start of several ids, or
 *         the file is no case), ERR_UNSUPPORTED, ERR_IO
 */
int casefile_explain(const char *path, struct str id, struct arena *arena,
                     struct explained *ret, struct err *err);

/* Looks whether a case is whole: all its pages, indexes and references, and whether its verdicts
 * are those that were written. Takes as long as reading the file.
 *
 * errors  ERR_CORRUPT (says what is wrong), ERR_INVALID (no case), ERR_NOT_FOUND,
 *         ERR_UNSUPPORTED, ERR_IO
 */
int casefile_check(const char *path, struct err *err);

/* Whether a file is a case (of any version), for commands that take a case or evidence.
 * False too if it cannot be read. */
bool casefile_is_case(const char *path);
