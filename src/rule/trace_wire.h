/* trace_wire.h - a trace as bytes, from a worker to its parent. */
#pragma once

#include "base/buf.h"
#include "base/cur.h"
#include "rule/trace.h"

enum { TRACE_TEXT_MAX = 64 * 1024 }; /* bytes of one value that are kept */

void trace_write(const struct trace *t, struct buf *out);

/* Reads one back; texts are borrowed.
 * returns NULL if the bytes are none */
struct trace *trace_read(struct cur *in, struct arena *arena);
