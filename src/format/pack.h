/* pack.h - the other way of unpack.h, for what this program keeps itself. */
#pragma once

#include "base/buf.h"
#include "base/err.h"

/* Appends one frame of zstd that holds `in`, made fast rather than small.
 * errors ERR_LIMIT (`out` is full, or no memory) */
int pack_zstd(struct bytes in, struct buf *out, struct err *err);
