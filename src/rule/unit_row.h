/* unit_row.h - what rules need of the line of a text log, before the line has fields.
 *
 * From each rule follows a list of clauses: sets of literals of which one has to stand in the
 * line for the rule to match. Lines are looked at as they stand; those in which something is
 * encoded are looked at in each form in which a rule may see a part of them, too.
 */
#pragma once

#include "event/wish.h"
#include "rule/logsource.h"
#include "rule/sigma_int.h"

struct row_needs; /* of the rules of one kind of log; counts what it sees: one worker's */

/* One rule by one of the ways in which this kind of log serves it. */
struct row_rule {
    const struct node *node;
    const struct feed *feed;
};

struct row_needs *row_needs_new(const struct names *names, enum event_kind kind,
                                const struct row_rule *rules, size_t n, struct arena *arena);

/* Whether a rule may match the row: false only if none can. Which may, row_needs_left tells.
 *
 * text     the memory that rows are parts of, as a rule; what lies in it stays as it is until
 *          row_needs_forget. {0}: not known
 * row      the line, as source_row gives it
 * scratch  for the further forms of the line
 */
bool row_needs_met(struct row_needs *needs, struct bytes text, struct bytes row,
                   struct arena *scratch);
void row_needs_forget(struct row_needs *needs);

/* The same of a row that the last row_needs_met did not rule out, by all that the rules left need
 * of it: that takes longer than a look at a few fields may.
 *
 * narrow  those of which something is missing are not left any more */
bool row_needs_sure(struct row_needs *needs, struct bytes row, bool narrow);

/* Which rules the last row_needs_met left, by their numbers at row_needs_new; valid until the
 * next. */
size_t row_needs_left(const struct row_needs *needs, const uint32_t **ret);

/* The fields of an event by which the rules that are left can be decided; NULL: the whole event
 * is needed. Lives as long as `needs`.
 *
 * last_id  of the newest wish; counted on */
const struct wish *row_needs_wish(struct row_needs *needs, uint32_t *last_id);
