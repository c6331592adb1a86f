/* explain.h - the raw evidence behind a statement, for people. */
#pragma once

#include "base/buf.h"
#include "report/report.h"
#include "store/explained.h"

/* Appends the statement and each of its records, at most 80 columns wide (paths, digests
 * and unbroken words of evidence may be longer). Evidence is made safe for a terminal.
 *
 * colour  whether escape sequences for bold and dim are wanted
 */
void explain_text(const struct explained *what, bool colour, struct buf *out);

/* The same as one JSON object, ended by a newline. */
void explain_json(const struct explained *what, struct buf *out);

/* Finds a finding or fact of a scan that is not in a case file.
 *
 * id      hex digits, at least 4: the start of one id
 * arena   owns the result, which also borrows from the scan
 * errors  ERR_NOT_FOUND, ERR_INVALID (not hex digits, too short, the start of several ids)
 */
int explain_from_scan(const struct report_input *in, struct str id, struct arena *arena,
                      struct explained *ret, struct err *err);
