/* export.h - tables of a case for other programs, one row each: findings, facts, files of evidence.
 *
 * Source: docs/exports.md, "Tables"
 */
#pragma once

#include "report/share.h"
#include "sys/outfile.h"

enum export_table { EXPORT_FINDINGS, EXPORT_FACTS, EXPORT_EVIDENCE };
enum export_form { EXPORT_CSV, EXPORT_JSONL };

struct export_told {
    uint64_t rows;
    uint64_t kept_back; /* marked stricter than may be handed on */
};

/* Writes a table, as it is read: memory does not grow with findings.
 * errors as case_findings, outfile_put */
int export_table(const struct share *s, const struct case_filter *filter,
                 enum export_table table, enum export_form form, struct outfile *out,
                 struct export_told *ret, struct err *err);

/* Whether a fact rests on a finding that may not be handed on. 1, 0, -1. */
int export_keeps_back(const struct share *s, const struct json *fact, struct err *err);
