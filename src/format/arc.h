/* arc.h - what an archive holds, entry by entry, as a stream. Nothing is written to disk.
 *
 * ZIP, and where asked for 7z, tar (also inside gzip, bzip2, xz or zstd), RAR, CAB and ISO 9660,
 * and what one file is packed into by bzip2 or xz. The names in an archive are hostile: a name is given only where
 * it stays below a folder of the caller's.
 * The one file that includes <archive.h> is arc.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "format/carrier.h"

enum arc_format {
    ARC_ZIP = 1,
    ARC_7Z = 2,
    ARC_TAR = 4,
    ARC_PACKED = 8, /* bzip2 or xz: one entry, whatever it is, named "data" */
    ARC_RAR = 16,   /* of both forms */
    ARC_CAB = 32,
    ARC_ISO = 64,         /* ISO 9660 with Joliet or Rock Ridge; no UDF */
    ARC_ZIP_STREAM = 128, /* a ZIP without its directory: what headers say is all there is */
};

struct arc_limits { /* reaching one ends the reading with ERR_LIMIT */
    uint64_t entries;
    uint64_t entry_bytes; /* of one entry, unpacked; costs that entry only */
    uint64_t bytes;       /* of all entries read */
    uint64_t ratio;       /* bytes unpacked for each byte of the archive */
    const char *password; /* tried on encrypted entries of a ZIP; NULL: they are refused */
};

struct arc_entry {
    struct str path;     /* UTF-8, '/' between folders, no "." or ".."; lives until arc_next */
    const char *refused; /* why it cannot be read (its name, encrypted, a link); or NULL */
    bool is_file;        /* false: a folder, a link, a device */
    bool has_size;
    uint64_t size;          /* as the archive says: for display, not for trust */
    instant modified, born; /* INSTANT_NONE: not told */
    bool no_zone;           /* `modified` is local time of a zone that nothing tells */
};

struct arc;

/* Lets names in other letters than ASCII be read: the library asks the locale, and a process in
 * the jail cannot load one. To be called before that; without it such names are empty. */
void arc_prepare(void);

/* Starts reading.
 *
 * file     the whole archive; must outlive the reader
 * formats  of enum arc_format, or-ed together
 * arena    owns the reader; arc_close is needed all the same
 * errors   ERR_CORRUPT (none of these formats), ERR_LIMIT (memory)
 */
int arc_open(struct bytes file, unsigned formats, const struct arc_limits *limits,
             struct arena *arena, struct arc **ret, struct err *err);

/* The same where the archive lies in pieces, one behind the other; they and the list of them must
 * outlive the reader. */
int arc_open_parts(const struct bytes *parts, size_t n, unsigned formats,
                   const struct arc_limits *limits, struct arena *arena, struct arc **ret,
                   struct err *err);

/* The archive as a carrier, which closes it. */
struct carrier arc_carrier(struct arc *a);

/* The next entry: 1, 0 at the end, -1 where the archive is damaged. After -1 the next call
 * goes on behind the damage, or gives 0 where that cannot be.
 *
 * errors  ERR_CORRUPT, ERR_LIMIT
 */
int arc_next(struct arc *a, struct arc_entry *ret, struct err *err);

/* The next bytes of the entry in hand: 1 with at least one byte and their number in *ret_n,
 * 0 at its end, -1 damaged or over a limit; the rest of the entry is lost then.
 *
 * errors  ERR_CORRUPT, ERR_LIMIT, ERR_UNSUPPORTED (entry->refused)
 */
int arc_read(struct arc *a, void *buf, size_t cap, size_t *ret_n, struct err *err);

/* Appends the rest of the entry in hand, as far as the maximum of `out` allows.
 * errors  as arc_read; ERR_LIMIT where `out` is full */
int arc_read_all(struct arc *a, struct buf *out, struct err *err);

void arc_close(struct arc **a); /* an empty one is fine */

/* The name of an entry as a path below a folder. Backslashes are taken for slashes; empty
 * parts and "." are left out.
 *
 * ret_path  for people where the name is refused
 * returns   NULL, or why the name is refused: it leads out of the folder, or is none
 */
const char *arc_safe_path(struct str name, struct arena *arena, struct str *ret_path);
