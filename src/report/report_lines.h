/* report_lines.h - findings, one line each, for other programs. */
#pragma once

#include "base/buf.h"
#include "report/report.h"

enum report_lines { REPORT_JSONL, REPORT_CSV };

/* Appends every finding, in the order of the evidence; a CSV has a heading row. Columns: id,
 * time, host, level, rule, title, path, offset, record, what, how. `what` is the statement of the
 * fact that the finding supports; `how` tells what was decoded or joined before it matched. Times are as recorded. If it does not fit, `out->full` is
 * set. */
void report_findings(const struct report_input *in, enum report_lines form, struct buf *out);
