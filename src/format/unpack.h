/* unpack.h - the content of a compressed file, read as a stream.
 *
 * gzip (RFC 1952, several members one after the other) and zstd (RFC 8878, several frames,
 * skippable ones too). Memory is bounded: 64 KiB for gzip, the window for zstd, of which more
 * than 128 MiB is refused. What a damaged or truncated file still holds comes out first,
 * then the error.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "format/format.h"

struct unpack;

/* Starts reading.
 *
 * file    the whole compressed file; must outlive the reader
 * format  FORMAT_GZIP or FORMAT_ZSTD
 * arena   owns the reader; unpack_close is needed all the same
 */
struct unpack *unpack_open(struct bytes file, enum format format, struct arena *arena);

/* The next bytes of the content: 1 with at least one byte in buf and their number in *ret_n,
 * 0 at the end, -1 damaged.
 *
 * After -1 the stream is over: further calls return 0.
 * errors  ERR_CORRUPT (damaged, truncated, something else behind the end), ERR_LIMIT
 *         (LIMIT_UNPACKED, LIMIT_UNPACK_RATIO), ERR_UNSUPPORTED (zstd window or dictionary)
 */
int unpack_read(struct unpack *u, void *buf, size_t cap, size_t *ret_n, struct err *err);

void unpack_close(struct unpack **u);

/* Appends the whole content to `out`, as far as its maximum and the file's health allow.
 * errors  as unpack_read; ERR_LIMIT where `out` is full */
int unpack_all(struct bytes file, enum format format, struct buf *out, struct err *err);
