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

enum { EWF_SEGMENTS_MAX = 14971 }; /* E01 to E99, EAA to EZZ, then FAA to ZZZ */

/* The number of the segment that starts here, from 1; 0 if none does. */
unsigned ewf_segment(struct bytes head);

/* The ending of a segment's name, from that of the first one: "E01" gives E02, E99, EAA, FAA;
 * "s01" gives s02. Both have three letters.
 * number   1..EWF_SEGMENTS_MAX
 * returns  false where the first one's ending is none, or there is none of that number */
bool ewf_ending(struct str first, unsigned number, char ret[3]);

/* Opens an image.
 *
 * segments  in their order, the first one first; they must outlive the disk
 * n         how many are there; the image may have more. What lies behind one that is not the
 *           next one is not read
 * arena     owns what is in *ret, which is to be closed all the same
 * ret_gap   what is not there or damaged, "" if nothing: in the arena
 * errors    ERR_CORRUPT, ERR_LIMIT, ERR_UNSUPPORTED
 */
int ewf_open(const struct bytes *segments, size_t n, struct arena *arena, struct disk *ret,
             struct str *ret_gap, struct err *err);
