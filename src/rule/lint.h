/* lint.h - what is wrong with rules, or looks as if it were, each with its place.
 *
 * Errors are what makes the engine refuse a rule; they are the engine's own words. Warnings
 * are slips that leave a rule in use but not as its author means it, or that make it hard to
 * keep. Notes are worth a look. Pure: texts in, problems out.
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"
#include "rule/yaml.h"

enum lint_severity { LINT_ERROR, LINT_WARNING, LINT_NOTE };

struct lint_problem {
    enum lint_severity severity;
    struct str path;
    struct yaml_mark at; /* all zero: the file as a whole */
    const char *check;   /* its name, for programs: "unknown-key" */
    struct str text;     /* one line */
};

struct lint_totals {
    size_t files, rules, others; /* others: documents that are no rules */
    size_t errors, warnings, notes;
};

struct lint;

struct lint *lint_new(void);
void lint_free(struct lint *lint); /* NULL is fine */

/* Values that the placeholder %name% stands for; before the files. Copied. */
void lint_placeholder(struct lint *lint, struct str name, const struct str *values, size_t n);

/* Adds one file's text. path and text are copied. */
void lint_add(struct lint *lint, struct str path, struct str text);

/* Adds a file that could not be read: an error. */
void lint_unread(struct lint *lint, struct str path, struct str why);

/* For rules of another language, which others have looked at: counts a file of n rules, and
 * keeps what they found. All is copied but the check's name. */
void lint_other(struct lint *lint, size_t n_rules);
void lint_problem(struct lint *lint, const struct lint_problem *problem);

/* Ends the adding: looks at all files together.
 *
 * ret     by path, line and column; lives as long as `lint`
 * returns how many
 */
size_t lint_finish(struct lint *lint, const struct lint_problem **ret);

struct lint_totals lint_count(const struct lint *lint);

/* "error", "warning", "note" */
const char *lint_severity_name(enum lint_severity severity);
