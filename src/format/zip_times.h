/* zip_times.h - when the entries of a ZIP were changed, and whether the ZIP says in which zone.
 *
 * An entry has a date as MS-DOS wrote it: local time of the machine that packed it, in steps of
 * two seconds, with nothing that tells the zone. Packers that care add the time in UTC as an
 * extra field. Taking the one for the other shifts what is told of a file by hours.
 *
 * Source: PKWARE's APPNOTE.TXT 6.3.10, 4.3.12 (central directory), 4.4.6 (date), 4.5.5 (NTFS
 * extra field); Info-ZIP's proginfo/extrafld.txt (0x5455, extended timestamp).
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/time.h"

struct zip_time {
    uint64_t header; /* offset of the entry's own header */
    struct bytes name;
    instant modified; /* INSTANT_NONE: no such date */
    instant born;     /* INSTANT_NONE: not told */
    bool no_zone;     /* `modified` is local time of a zone that nothing tells */
};

struct zip_times { /* in the order of the headers */
    struct zip_time *at;
    size_t n, next;
};

/* Reads the central directory. {0} where there is none that can be read; entries behind damage
 * are left out.
 *
 * file   the whole archive; names are views of it
 * arena  owns the table
 */
void zip_times_read(struct bytes file, struct arena *arena, struct zip_times *ret);

/* The next entry of this name, in the order of the headers; NULL if there is none. */
const struct zip_time *zip_times_next(struct zip_times *t, struct bytes name);
