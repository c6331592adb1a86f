/* expression.h - a search on one line, in Sigma's own terms, as a rule document:
 *
 *     Image|endswith: \cmd.exe and not User|contains: SYSTEM
 *     mimikatz or EventID: [4624, 4625] and IpAddress|cidr: 10.0.0.0/8
 *     2 of (Image|endswith: \net.exe, CommandLine|contains: ' user ', User: bob)
 *
 * `not` binds more than `and`, `and` more than `or`. A colon with a blank (or the end, or a
 * quote or bracket) behind it ends the name of a field; a word alone is a keyword. A value is a
 * word, or text in '...' or "..." (a quote in it is doubled), or several in [...]. Backslashes
 * are themselves, as in Sigma; bare numbers, true, false and null are what they are in YAML.
 *
 * Source: docs/search.md; Sigma specification 2.1.0 for fields, modifiers and values.
 */
#pragma once

#include "rule/yaml.h"

enum { EXPRESSION_MAX = 16 * 1024 }; /* bytes */

/* Reads an expression. Modifiers, values and fields are not checked here: the rule set does
 * that, and its marks are columns of the expression.
 *
 * logsource  of the rule; lives as long as *ret
 * ret_at     byte of the text where it failed
 * errors     ERR_INVALID, ERR_LIMIT
 */
int expression_parse(struct str text, const struct yaml *logsource, struct arena *arena,
                     const struct yaml **ret, size_t *ret_at, struct err *err);

/* The column of a byte of a text: characters before it, plus one. */
unsigned expression_column(struct str text, size_t at);
