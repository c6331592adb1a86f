/* carrier_open.h - the right reader for a carrier, by its format. */
#pragma once

#include "base/arena.h"
#include "format/carrier.h"
#include "format/format.h"

enum {
    CARRIER_ENTRIES_MAX = 1 << 20, /* members of one archive; a whole system disk has half */
    CARRIER_RATIO_MAX = 2000,      /* unpacked for each byte: deflate reaches 1032 */
    CARRIER_SNIFFED =
        1 << 20, /* bytes that tell the format: a block of bzip2 comes out whole */
};

#define CARRIER_BYTES_MAX ((uint64_t)1 << 42) /* unpacked from one archive */

struct carrier_options {
    struct str name;          /* of the carrier: names the one file that xz or bzip2 holds */
    const char *password;     /* for encrypted members; NULL: none */
    const struct bytes *more; /* further segments of an image, in their order; they must outlive
                                 the carrier */
    size_t n_more;
};

/* As format_sniff_file, but looks into what is packed: a packed tar archive is FORMAT_TAR. */
enum format carrier_sniff(struct bytes file);

/* What has to be done once before carriers are read in the jail. */
void carrier_prepare(void);

/* Opens a carrier.
 *
 * file    the whole of it; must outlive the carrier
 * format  as carrier_sniff says, one of format_is_carrier
 * arena   owns what is in *ret, which is to be closed by its call all the same
 * errors  ERR_CORRUPT, ERR_LIMIT, ERR_UNSUPPORTED (a format that is none of these)
 */
int carrier_open(struct bytes file, enum format format, const struct carrier_options *options,
                 struct arena *arena, struct carrier *ret, struct err *err);
