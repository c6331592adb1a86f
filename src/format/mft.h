/* mft.h - the master file table of NTFS: one record for each file and folder that there is, and
 * for many that there were.
 *
 * A table is opened as a whole: paths are put together from names that lie anywhere in it. Of
 * each entry 16 bytes are kept in memory; everything else is read again where it is needed.
 *
 * Source: docs/formats/mft.md
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

enum {
    MFT_NAMES = 32,   /* names of one entry that are told; NTFS allows 1024 links */
    MFT_STREAMS = 64, /* streams of one entry that are told */
};

enum { MFT_ROOT = 5 }; /* the entry of the root folder */

enum mft_space { MFT_POSIX, MFT_WINDOWS, MFT_DOS, MFT_BOTH };

struct mft_times {
    instant created, modified, changed, accessed; /* changed: the entry itself */
};

struct mft_name {
    struct str name;
    uint32_t parent; /* its folder's entry */
    uint16_t parent_sequence;
    enum mft_space space;
    struct mft_times times;
};

struct mft_stream {
    struct str name; /* "": the file's own content */
    uint64_t size;
    bool resident;        /* its content lies in the record */
    struct bytes content; /* then: as much of it as is there */
};

struct mft_entry {
    uint64_t offset; /* of its record in the table */
    uint32_t size;   /* bytes of the record that are there */
    uint32_t number;
    uint16_t sequence;
    uint16_t links;
    bool in_use, directory;
    bool extension;      /* of an entry that is not there any more */
    bool has_list;       /* its attributes lie in several records */
    bool has_si;         /* $STANDARD_INFORMATION was there: */
    struct mft_times si; /* its times */
    uint32_t attributes; /* FILE_ATTRIBUTE_*, of Windows */
    uint64_t usn;        /* where the journal last told of it; 0: not known */
    struct mft_name names[MFT_NAMES];
    size_t n_names;        /* DOS names not counted, but where there is no other */
    struct str short_name; /* the DOS name beside them; "" if none */
    struct mft_stream streams[MFT_STREAMS];
    size_t n_streams;
    size_t dropped; /* names, streams and records beyond the limits */
};

struct mft;

/* The size of a table's records, by its start: 1024 or 4096, rarely another; 0: it is none. */
uint32_t mft_record_size(struct bytes head);

/* Opens a table, and reads all of it once for names.
 *
 * file   must outlive the table
 * arena  owns it
 */
struct mft *mft_open(struct bytes file, struct arena *arena);

/* Goes on at the first record at or behind an offset. */
void mft_seek(struct mft *m, uint64_t offset);

/* The next entry that was ever used; records that only extend another are part of that.
 *
 * arena    owns its texts and content
 * ret_to   on damage: where it ends; *ret_from where it starts
 * returns  1, 0 at the end, -1 damage: the next call goes on behind it
 */
int mft_next(struct mft *m, struct arena *arena, struct mft_entry *ret, uint64_t *ret_from,
             uint64_t *ret_to, struct err *err);

/* The folder that a name lies in, '\' before each name and none behind the last: "" for the
 * root.
 *
 * arena     owns the text
 * ret_lost  true: a folder above it is not there any more. The text is then what is known below
 *           that, behind "\$Orphan"
 */
struct str mft_folder(struct mft *m, uint32_t parent, uint16_t sequence, struct arena *arena,
                      bool *ret_lost);
