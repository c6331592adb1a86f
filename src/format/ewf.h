/* ewf.h - images of disks in the Expert Witness form (EnCase, FTK Imager: E01).
 *
 * Only what tells where chunks lie is kept in memory, and that as places of tables in the
 * mapped file: an image of any size needs little.
 *
 * Source: docs/formats/images.md
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "format/disk.h"

/* Whether a first segment starts here. */
bool ewf_looks(struct bytes head);

/* Opens an image.
 *
 * segments  in their order, the first one first; they must outlive the disk
 * n         how many are there; the image may have more
 * arena     owns what is in *ret, which is to be closed all the same
 * ret_gap   what is not there or damaged, "" if nothing: in the arena
 * errors    ERR_CORRUPT, ERR_LIMIT, ERR_UNSUPPORTED
 */
int ewf_open(const struct bytes *segments, size_t n, struct arena *arena, struct disk *ret,
             struct str *ret_gap, struct err *err);
