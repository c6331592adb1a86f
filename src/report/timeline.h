/* timeline.h - facts, findings and the ends of files, one line each, in one order of time.
 *
 * Source: docs/exports.md, "Time line"
 */
#pragma once

#include "report/share.h"
#include "sys/outfile.h"

enum timeline_form { TIMELINE_CSV, TIMELINE_JSONL, TIMELINE_SKETCH };

struct timeline_options {
    enum timeline_form form;
    struct case_filter filter; /* the level is of findings */
    bool facts, findings, evidence;
};

struct timeline_told {
    uint64_t rows;
    uint64_t undated;  /* of these; they come first, without a time */
    uint64_t left_out; /* undated, where the form or a bound of time has no room for them */
};

/* Writes the lines as they are read: memory grows with facts and files, not with findings.
 * errors as case_findings, outfile_put */
int timeline_write(const struct share *s, const struct timeline_options *o, struct outfile *out,
                   struct timeline_told *ret, struct err *err);
