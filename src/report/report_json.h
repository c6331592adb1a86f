/* report_json.h - the verdict as one JSON document, and findings line by line.
 *
 * Source: docs/verdict.md, docs/schema/verdict-1.json
 */
#pragma once

#include "base/buf.h"
#include "report/report.h"

/* Appends the document "assay.verdict/1" on one line, ended by a newline. All findings are
 * in it, whatever `in->level` says. If it does not fit, `out->full` is set and `out` is not
 * a whole document. */
void report_json(const struct report_input *in, struct buf *out);

/* The same as a case holds it: the arrays "findings" and "evidence" are left empty, for their
 * rows say what they are, and "findings_sha256" and "evidence_sha256" which they were. */
void report_json_of_case(const struct report_input *in, struct buf *out);
