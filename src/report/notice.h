/* notice.h - a paragraph for the owner of each server that somebody attacked, in plain words.
 *
 * Source: docs/exports.md, "Notices"
 */
#pragma once

#include "base/buf.h"
#include "report/gather.h"

/* Appends a notice for each host: nothing in it is about another. Returns how many there are. */
size_t notices(const struct share *s, const struct gathering *g, struct buf *out);
