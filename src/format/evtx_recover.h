/* evtx_recover.h - event records that lie outside the records of a log's chunks.
 *
 * A chunk keeps what an earlier turn of the log left behind its last record; a record that is
 * written over in part hides those behind it; a block may have lost its header; and an image
 * of a disk or of memory holds chunks and records at any place. What has the outer form of a
 * record (a shell) is taken for one only if it is whole: "Recovery" in docs/formats/evtx.md
 * says what is asked of it.
 *
 * The same record is given once for each file, and not at all if the file's chunks have it.
 */
#pragma once

#include "format/evtx_file.h"
#include "format/evtx_record.h"

enum evtx_origin {
    EVTX_OF_SLACK,  /* behind the records of a chunk */
    EVTX_OF_DAMAGE, /* behind a damaged record of a chunk */
    EVTX_OF_BLOCK,  /* in a block of a log that is no chunk */
    EVTX_OF_IMAGE,  /* in a file that is no log */
};

struct evtx_recovered {
    struct evtx_frame frame;
    const struct evtx_record *record; /* valid until the next call */
    enum evtx_origin origin;
    bool elsewhere; /* a template of it was not where the record says */
};

struct evtx_recovery_counts {
    uint64_t recovered;
    uint64_t copies;     /* whole, but the chunks or the recovered ones have it already */
    uint64_t unreadable; /* shells that are not whole, or whose template is not known */
};

struct evtx_recovery;

/* Looks at [from, to) of a file.
 *
 * file       the whole file; must outlive the recovery. Of a log, `from` and `to` are chunk
 *            boundaries or its start and end
 * image      the file is no log: chunks and records are looked for at any place
 * elsewhere  templates of undamaged records; NULL: none. Must outlive the recovery
 */
struct evtx_recovery *evtx_recovery_open(struct bytes file, uint64_t from, uint64_t to,
                                         bool image, const struct evtx_elsewhere *elsewhere,
                                         struct arena *arena);

/* The next record, in the order of the file: 1 with *ret set, 0 at the end, -1 where a limit
 * was reached: *gap says what was not looked at, and the next call goes on behind it.
 * errors  ERR_LIMIT
 */
int evtx_recovery_next(struct evtx_recovery *r, struct evtx_recovered *ret,
                       struct evtx_gap *gap, struct err *err);

/* Whether there is anything to look at: something like a record. */
bool evtx_recovery_has_shells(const struct evtx_recovery *r);

/* The definitions that were learned on the way: evtx_templates_learned. */
bool evtx_recovery_definition(const struct evtx_recovery *r, unsigned i,
                              struct evtx_definition *ret);

/* Of what was looked at so far. */
struct evtx_recovery_counts evtx_recovery_counts(const struct evtx_recovery *r);
