/* selftest.h - tests of rules: events that a rule must match, and near misses.
 *
 * Source: docs/formats/pack.md, "tests"
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "rule/rules.h"
#include "rule/yara.h"

struct selftest { /* what is being tested, and how it went */
    const struct ruleset *rules;
    struct matcher *matcher;
    struct yara_scanner *yara; /* NULL: there is no YARA rule */
    struct buf *out;           /* a line for each failure */
    size_t tests, failed;
};

/* Runs the tests that a rule carries, under `tests:` or `assay:`.
 *
 * returns how many the rule has: 0 is no failure here
 */
size_t selftest_rule(struct selftest *t, uint32_t rule);

/* The event that a test of a rule writes down. False if its head says no known kind. */
bool selftest_event(const struct selftest *t, uint32_t rule, const struct yaml *test,
                    struct arena *arena, struct event *ret);

/* Runs one test of a correlation (selftest_correlation.c). */
void selftest_correlation(struct selftest *t, uint32_t rule, const struct yaml *test,
                          bool must_match, struct arena *arena);

/* Adds a failure, with the rule's file and the place. */
void selftest_fail(struct selftest *t, const struct rule *rule, struct yaml_mark at,
                   const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Looks for slips in packs (cli/packcheck.h) and runs the tests of their rules; appends a line for
 * each slip and failure, and a total.
 *
 * given   names of packs, or folders; n == 0: all of the program
 * errors  ERR_INVALID (a slip, or a rule that was refused, has no tests, or fails one), ERR_IO
 */
int selftest_packs(const char *const *given, size_t n, struct buf *out, struct err *err);
