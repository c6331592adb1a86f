/* carrier.h - evidence that holds files: an archive, an image of a disk. Its members are told one
 * after the other and read as streams; nothing is written to disk.
 *
 * A carrier is a table of calls, so that what reads members need not know what holds them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

struct member {
    struct str path; /* UTF-8, '/' between folders, no "." or ".."; valid until the next one */
    const char *refused; /* why it cannot be read (name, encrypted, link); NULL: it can */
    bool is_file;        /* false: a folder; a link, a device, which are refused */
    bool deleted; /* its entry was given up by the file system: names may be all that is left */
    bool unlisted; /* the carrier's own directory does not tell of it */
    bool has_size;
    uint64_t size;          /* bytes, as the carrier says: not to be trusted */
    instant modified, born; /* INSTANT_NONE: not known */
    bool no_zone;           /* `modified` is local time of a zone that nothing tells */
};

struct carrier {
    const struct carrier_calls *calls;
    void *state;
};

struct carrier_calls {
    /* The next member: 1, 0 at the end, -1 where the carrier is damaged; the next call goes on
     * behind the damage, or gives 0 where that cannot be. errors ERR_CORRUPT, ERR_LIMIT */
    int (*next)(void *state, struct member *ret, struct err *err);

    /* The next bytes of the member in hand: 1 with at least one byte, 0 at its end, -1 damaged:
     * the rest of the member is lost. Holes are zeros. errors ERR_CORRUPT, ERR_LIMIT,
     * ERR_UNSUPPORTED (member->refused) */
    int (*read)(void *state, void *buf, size_t cap, size_t *ret_n, struct err *err);

    void (*close)(void *state);
};
