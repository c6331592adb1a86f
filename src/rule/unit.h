/* unit.h - the fast evaluator: all rules that may match one class of events, looked at together.
 *
 * What several rules ask of one field is asked once. Most of it is whether some literals stand
 * in a text: they are looked for all at once, and only rules of which a needed literal was
 * found are looked at further. What it says of a rule is what the plain evaluator
 * (rule/sigma_eval.h) says.
 */
#pragma once

#include "rule/matcher_int.h"

struct unit_work; /* one worker's scratch, for all units */

struct unit_work *unit_work_new(struct arena *arena);

/* Compiles the candidates of a class. The event in force is a head of the class without fields;
 * m->class_arena owns the unit. */
struct unit *unit_new(struct matcher *m, const struct class *class);

/* The fields that decide; NULL: all of them. Lives as long as the unit. */
const struct wish *unit_wish(const struct unit *u, struct matcher *m);

/* Whether any candidate is satisfied by the event in force, or cannot be decided. */
bool unit_may(struct unit *u, struct unit_work *w, struct eval *e);

/* The candidates that the event in force satisfies: of each rule the first, by rule.
 *
 * ret     numbers of candidates of the class; valid until the next call
 * returns how many
 */
size_t unit_run(struct unit *u, struct unit_work *w, struct eval *e, const uint32_t **ret);
