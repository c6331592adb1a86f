/* wrap.h - lines of at most 80 columns. */
#pragma once

#include "base/buf.h"
#include "base/str.h"

enum { WRAP_WIDTH = 79 };

/* Appends text from evidence or from us, made safe for a terminal and broken at blanks (or
 * anywhere, where a word is longer than a line). Ends with a newline.
 *
 * first  what stands before the first line, as given
 * indent columns before the following lines
 */
void wrap_text(struct buf *out, const char *first, size_t indent, struct str text);
