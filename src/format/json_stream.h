/* json_stream.h - the JSON objects of a file, one after the other, however they are wrapped.
 *
 * Takes JSON lines, arrays, concatenated objects over several lines, commas and a byte order
 * mark between them, and opens containers: {"Events": [...]}, {"records": [...]}, and answers
 * of Elasticsearch ({"hits": {"hits": [{"_source": {...}}]}}), of which the source is given.
 *
 * Damage costs the object it is in: reading goes on behind it, or at the next line that
 * starts an object no deeper than the damaged one.
 */
#pragma once

#include "base/json_read.h"
#include "format/format.h"

struct json_stream;

struct json_record {
    const struct json *value; /* an object; lives in the arena given to json_stream_next */
    uint64_t offset;          /* of its '{' in the file, unpacked if it is compressed */
    uint64_t size;            /* bytes, both braces included */
};

struct json_gap {
    uint64_t from; /* as json_record.offset */
    uint64_t to;
};

/* Reads file[from..to), which starts and ends between two objects.
 * arena   owns the stream */
struct json_stream *json_stream_open(struct bytes file, uint64_t from, uint64_t to,
                                     struct arena *arena);

/* Reads the content of a compressed file (FORMAT_GZIP, FORMAT_ZSTD); memory stays below
 * LIMIT_JSON_VALUE and what unpack.h takes. Needs json_stream_close. */
struct json_stream *json_stream_unpack(struct bytes file, enum format format,
                                       struct arena *arena);

/* What comes next, for a look: at least 64 KiB or all there is; valid until the next call. */
struct bytes json_stream_peek(struct json_stream *s);

/* The next object.
 *
 * arena   owns it; its text may also be borrowed from an uncompressed file
 * returns 1 object, 0 end, -1 damage: *err says what, *gap where; call again to go on
 * errors  ERR_CORRUPT, ERR_LIMIT (LIMIT_JSON_VALUE, _DEPTH, _NODES), those of unpack_read
 */
int json_stream_next(struct json_stream *s, struct arena *arena, struct json_record *ret,
                     struct json_gap *gap, struct err *err);

void json_stream_close(struct json_stream **s);
