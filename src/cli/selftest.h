/* selftest.h - the tests that rules carry: events that must match and near misses. */
#pragma once

#include "base/buf.h"
#include "base/err.h"

/* Runs the tests of all packs' rules; appends a line for each failure and a total.
 * errors ERR_INVALID (a rule was refused, has no tests, or fails one) */
int selftest_packs(struct buf *out, struct err *err);
