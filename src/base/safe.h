/* safe.h - text out of evidence on its way to a person. It was written by an attacker. */
#pragma once

#include "base/buf.h"
#include "base/str.h"

/* Appends text for a terminal: control characters (C0, C1, DEL), bidirectional overrides
 * and invalid UTF-8 become visible escapes (\x1b, \u202e); newlines (\x0a) and tabs too.
 *
 * The text can be told from its escapes: backslashes of the evidence that stand before an
 * escape, or before what looks like one, are doubled. "\x1b" in the evidence is "\\x1b";
 * C:\Windows\Temp is itself. */
void safe_terminal(struct buf *out, struct str text);

/* Whether a character reorders what a reader sees, breaks lines or is not seen at all. */
bool safe_is_deceptive(uint32_t cp);
