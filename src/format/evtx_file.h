/* evtx_file.h - the records of a Windows event log, chunk by chunk.
 *
 * The file is stepped through in blocks of 64 KiB to its end, whatever its header says:
 * the header's count of chunks is wrong in files that were not closed, and too small a
 * type for large ones. It is never too high: fewer chunks than it counts are a file that
 * was cut, or that was blanked.
 *
 * Source: docs/formats/evtx.md, "File".
 */
#pragma once

#include "format/evtx_chunk.h"

enum { EVTX_HEADER_SIZE = 4096 }; /* bytes before the first chunk */

struct evtx_gap {
    uint64_t from; /* bytes into the file */
    uint64_t to;
};

struct evtx_file {
    struct bytes file;
    uint64_t at; /* next block */
    uint64_t to;
    uint64_t counted; /* where the chunks end that the header counts, bytes into the file */
    bool check_crc;
    bool in_chunk;
    bool end_told;
    bool crc_bad;            /* of the chunk; only with check_crc */
    bool has_shells;         /* there is something like a record outside the chunks' own */
    struct evtx_chunk chunk; /* that the last frame is of */
};

/* Starts at file[from, to). Both are chunk boundaries, or the start and end of the file;
 * the file must outlive the reader. Nothing can fail yet: damage is met by next. */
struct evtx_file evtx_file_open(struct bytes file, uint64_t from, uint64_t to, bool check_crc);

/* The next record: 1 with *ret set, 0 at the end, -1 with *gap and *err set where something
 * is not readable (a block that is no chunk, the rest of a chunk behind a damaged record, a
 * file header that is none). After -1 it goes on behind the gap.
 * errors  ERR_CORRUPT, ERR_UNSUPPORTED
 */
int evtx_file_next(struct evtx_file *f, struct evtx_frame *ret, struct evtx_gap *gap,
                   struct err *err);
