/* vdisk.h - disks of virtual machines: dynamic VHD, VHDX, and VMDK that holds its own extent
 * (sparse, or packed for streaming). A disk is a map of blocks, most of which may lie nowhere: those
 * are zeros.
 *
 * Nothing per block is kept in memory: its place is looked up in the mapped file each time.
 *
 * Source: Microsoft, Virtual Hard Disk Image Format Specification 1.0; [MS-VHDX] 8.0; VMware, Virtual
 * Disk Format 5.0
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "format/disk.h"

struct vdisk_piece { /* what lies at one place of the disk, in one stretch */
    struct bytes there;
    uint64_t n; /* bytes of the stretch; at least 1 */
    bool zeros; /* it lies nowhere; otherwise it is `there`, which is as long */
};

struct vdisk {
    struct bytes file;
    uint64_t size;  /* of the disk */
    uint64_t block; /* bytes */
    uint64_t table; /* where the table of blocks lies */
    uint64_t entries;
    uint64_t lead;       /* VHD: bytes before a block's content */
    uint64_t ratio;      /* VHDX: blocks between two entries that are none */
    uint64_t per_table;  /* VMDK: grains of one table */
    bool packed;         /* VMDK: each grain is */
    uint64_t in_hand;    /* VMDK, packed: the grain that was unpacked last, and 1 */
    struct buf *content; /* of it */
    int (*piece)(struct vdisk *d, uint64_t at, struct vdisk_piece *ret, struct err *err);
};

/* Whether it starts as one of the forms that vdisk_open reads. */
bool vdisk_is_read(struct bytes file);

/* Opens a disk.
 *
 * file     the whole of it; must outlive the disk
 * arena    owns what is in *ret, which is to be closed all the same
 * ret_gap  what is known to be missing, "" if nothing: in the arena
 * errors   ERR_CORRUPT, ERR_LIMIT, ERR_UNSUPPORTED: none of these forms, or a part of a disk only
 *          (a snapshot, one of several extents)
 */
int vdisk_open(struct bytes file, struct arena *arena, struct disk *ret, struct str *ret_gap,
               struct err *err);

/* --- for the files of each form ------------------------------------------------------------ */

enum {
    VDISK_SECTOR = 512,
    VDISK_BLOCK_MAX = 256 << 20, /* bytes; VHDX has the largest ones */
    VDISK_GRAIN_MAX = 1 << 20,   /* of a packed grain; usual are 64 KiB */
};

#define VDISK_SIZE_MAX ((uint64_t)1 << 46) /* bytes of a disk: VHDX ends there */

int vhd_open(struct vdisk *d, struct str *gap, struct err *err);
int vhdx_open(struct vdisk *d, struct str *gap, struct err *err);
int vmdk_open(struct vdisk *d, struct str *gap, struct err *err);

/* `n` bytes of a block that starts in the file at `from`; as far as they are there. */
int vdisk_stretch(const struct vdisk *d, uint64_t from, uint64_t n, struct vdisk_piece *ret,
                  struct err *err);
