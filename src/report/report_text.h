/* report_text.h - the verdict for people: 80 columns, plain words, no escape from evidence. */
#pragma once

#include "base/buf.h"
#include "report/report.h"

/* Appends the whole text.
 * colour  use the terminal's colours for headings and states */
void report_text(const struct report_input *input, bool colour, struct buf *out);
