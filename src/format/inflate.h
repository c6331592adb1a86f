/* inflate.h - a piece of memory that was packed by DEFLATE (RFC 1951), with or without the
 * wrapping of zlib (RFC 1950) or gzip (RFC 1952). For files see unpack.h. */
#pragma once

#include "base/buf.h"

enum inflate_wrapping { INFLATE_RAW, INFLATE_ZLIB, INFLATE_GZIP };

/* Appends the content to `out`, as far as its maximum and the health of `in` allow.
 *
 * returns 1 the stream ended as it should, 0 it is cut off or `out` is full, -1 it is none or
 *         is damaged: what came before the damage is in `out`
 */
int inflate_all(struct bytes in, enum inflate_wrapping wrapping, struct buf *out);
