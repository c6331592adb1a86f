/* usn.h - the change journal of NTFS, the stream $J of \$Extend\$UsnJrnl: which files were made,
 * written, renamed and deleted.
 *
 * Source: docs/formats/usn.md
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

struct usn_reference { /* of a file; ReFS uses more than 64 bits */
    uint64_t low, high;
};

struct usn_record {
    uint64_t offset; /* in the journal as it was copied */
    uint32_t size;   /* bytes */
    uint16_t version;
    struct usn_reference file, parent;
    uint64_t usn;
    instant time;
    uint32_t reason; /* USN_REASON_* */
    uint32_t source; /* USN_SOURCE_*: 0 for what programs do */
    uint32_t attributes;
    struct bytes name; /* UTF-16LE */
};

struct usn {
    struct bytes file;
    size_t at, to;
    uint64_t ranges; /* records of version 4, which name no file: passed over */
};

/* Whether a journal starts here, or goes on. */
bool usn_looks(struct bytes head);

/* Reads the records that start in a part of a journal. */
struct usn usn_open(struct bytes file, uint64_t from, uint64_t to);

/* The next record. Holes are passed over.
 *
 * ret_from, ret_to  on damage: where it is
 * returns 1, 0 at the end, -1 damage: the next call goes on behind it
 */
int usn_next(struct usn *u, struct usn_record *ret, uint64_t *ret_from, uint64_t *ret_to,
             struct err *err);
