/* evtx_chunk.h - one chunk of a Windows event log (.evtx).
 *
 * Chunks are self-contained: records share strings and templates by offset
 * inside their own chunk, so chunks can be read in any order and a damaged one
 * costs only itself.
 *
 * Source: docs/formats/evtx.md, "Chunk header" and "Event record".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cur.h"
#include "base/err.h"

enum { EVTX_CHUNK_SIZE = 65536 }; /* bytes, header included */

struct evtx_chunk {
    struct bytes bytes; /* the whole chunk, or as much of it as the file still holds */
    uint64_t offset;    /* where it starts in the file */
    uint32_t at;        /* next record, bytes into the chunk */
    uint32_t free_at;   /* end of the records as the header claims it; can lie */
    uint64_t last_id;   /* of the record read last */
    bool any;           /* a record was read */
};

struct evtx_frame {      /* a record, not yet looked into */
    uint64_t offset;     /* in the file: cite this in findings */
    uint32_t size;       /* bytes, from signature to the copy of the size */
    uint64_t id;         /* grows by one per record in an undamaged log */
    uint64_t written;    /* FILETIME: 100 ns steps since 1601-01-01 UTC */
    struct bytes binxml; /* borrowed from the chunk */
};

/* Whether a block starts with the chunk signature. */
bool evtx_is_chunk(struct bytes block);

/* Reads a chunk header.
 *
 * chunk   EVTX_CHUNK_SIZE bytes or fewer; must outlive *ret
 * offset  where the chunk starts in the file, in bytes
 * errors  ERR_CORRUPT (short, bad signature), ERR_UNSUPPORTED (header size)
 */
int evtx_chunk_open(struct bytes chunk, uint64_t offset, struct evtx_chunk *ret,
                    struct err *err);

/* Reads the next record: 1 with *ret set, 0 at the end, -1 on damage.
 *
 * Walks by signature and size. The header's end of records is believed in one respect: a
 * record behind it counts only if its id continues the sequence, because what lies there
 * is otherwise left over from an earlier turn of the log.
 *
 * After -1 the walk of this chunk is over; chunk->at says where it stopped.
 * errors  ERR_CORRUPT (size out of range, its two copies disagree, or no record where the
 *         header claims one)
 */
int evtx_chunk_next(struct evtx_chunk *chunk, struct evtx_frame *ret, struct err *err);

/* Looks for what has the outer form of a record, a signature and two sizes that agree: such
 * lie behind the records of a chunk too, left from earlier turns of the log.
 *
 * block   of which 4-byte steps from `from` on are looked at
 * returns whether there is one; then *ret, its offset counted from `base`, which is where
 *         the block starts in the file
 */
bool evtx_shell_find(struct bytes block, uint64_t base, size_t from, struct evtx_frame *ret);

/* Whether both checksums of the chunk are right, or it says that it has none. A wrong one
 * is a remark on the records, never a reason to drop them. */
bool evtx_chunk_crc_ok(struct bytes chunk);
