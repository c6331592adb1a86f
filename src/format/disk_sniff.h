/* disk_sniff.h - what a disk or a volume is, by its first bytes. */
#pragma once

#include "base/str.h"

enum volume_kind {
    VOLUME_UNKNOWN,
    VOLUME_NTFS,
    VOLUME_FAT,
    VOLUME_EXFAT,
    VOLUME_EXT,
    VOLUME_BITLOCKER, /* these are not read */
    VOLUME_REFS,
    VOLUME_LUKS,
    VOLUME_LVM,
};

enum volume_kind volume_kind(struct bytes head);

/* Whether the numbers of ext2 to ext4 that memory is taken by fit together, and the space there
 * is for it. The library takes them as they are. */
bool ext_adds_up(struct bytes head, uint64_t space);

enum table_kind { TABLE_NONE, TABLE_MBR, TABLE_GPT, TABLE_GPT_LARGE /* sectors of 4096 */ };

enum table_kind table_kind(struct bytes head);

/* The name of a form of images that has to be converted; NULL: it is none. */
const char *virtual_disk(struct bytes head);
