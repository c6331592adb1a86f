/* volume.h - the files of a disk or of a volume, as a carrier: NTFS, FAT, exFAT, ext2 to ext4.
 * Nothing is mounted.
 *
 * Members are named as on the volume, behind "p1/", "p2/", ... where the disk has a table of
 * partitions. A stream with a name is a member of its own, "path:stream". Of NTFS's own files,
 * $MFT and $Extend/$UsnJrnl:$J are members, the latter without the hole at its start. A file that
 * was deleted is one as far as its clusters belong to nobody else; where nothing of it is left
 * but its name, only $MFT tells of it.
 *
 * Source: docs/formats/images.md
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "format/carrier.h"
#include "format/format.h"

/* What an image is, by its first bytes: FORMAT_RAW_DISK, FORMAT_E01, FORMAT_VIRTUAL_DISK, or
 * FORMAT_UNKNOWN. */
enum format volume_sniff(struct bytes head);

/* What has to be done once before images are read in the jail. */
void volume_prepare(void);

/* Opens an image.
 *
 * files   the whole of it, and of an E01 image its further segments; must outlive the carrier
 * format  as sniffed
 * arena   owns what is in *ret, which is to be closed all the same
 * errors  ERR_CORRUPT, ERR_LIMIT, ERR_UNSUPPORTED (a form that has to be converted)
 */
int volume_open(const struct bytes *files, size_t n, enum format format, struct arena *arena,
                struct carrier *ret, struct err *err);
