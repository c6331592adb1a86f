/* hive_log.h - the transaction logs of a registry hive: what was written last, and perhaps not
 * yet to the hive itself.
 *
 * Two forms: pages that a bit map names ("DIRT", up to Windows 8 and Server 2012), and entries
 * with sequence numbers and hashes ("HvLE", from Windows 8.1 and Server 2012 R2). A system has
 * two such files, and both may be needed.
 *
 * Source: docs/formats/registry.md, "Transaction logs"
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { HIVE_LOGS_MOST = 3 }; /* .LOG, .LOG1, .LOG2 */

struct hive_applied {
    size_t entries;    /* of the logs, that were written to the hive */
    size_t pages;      /* of 512 bytes or more, in them */
    uint32_t sequence; /* of the last one */
};

/* The hive as it is with its logs applied, as a system does that starts with it.
 *
 * hive   any bytes, as they are in the file
 * logs   in any order; what is no log, or of another state of the hive, is left out
 * arena  owns the result, a copy of the hive
 * errors ERR_NOT_FOUND (no log has anything for this hive), ERR_CORRUPT (no hive)
 */
int hive_logs_apply(struct bytes hive, const struct bytes *logs, size_t n, struct arena *arena,
                    struct bytes *ret, struct hive_applied *ret_how, struct err *err);

/* Microsoft's hash Marvin32, with the seed that such logs have. */
uint64_t hive_log_hash(struct bytes data);
