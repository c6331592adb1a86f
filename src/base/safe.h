/* safe.h - text out of evidence on its way to a person. It was written by an attacker. */
#pragma once

#include "base/buf.h"
#include "base/str.h"

enum { SAFE_MARKS = 3 }; /* accents on one letter that are shown as they are */

/* Appends text for a terminal: control characters (C0, C1, DEL), bidirectional overrides,
 * characters that are not seen, accents beyond SAFE_MARKS on one letter (they would cover the
 * lines around) and invalid UTF-8 become visible escapes (\x1b, \u202e, \U000e0041); newlines
 * (\x0a) and tabs too.
 *
 * The text can be told from its escapes: backslashes of the evidence that stand before an
 * escape, or before what looks like one, are doubled. "\x1b" in the evidence is "\\x1b";
 * C:\Windows\Temp is itself. */
void safe_terminal(struct buf *out, struct str text);

/* Whether a character reorders what a reader sees, breaks lines or is not seen at all. */
bool safe_is_deceptive(uint32_t cp);

/* Whether a character stands above, below or in the one before it. */
bool safe_is_mark(uint32_t cp);
