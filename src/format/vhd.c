/* vhd.c - disks of Virtual PC and of older Hyper-V: dynamic VHD. A fixed one is a raw image. */
#include "base/cur.h"
#include "format/vdisk.h"

enum {
    TYPE_DYNAMIC = 3,
    TYPE_DIFFERENCING = 4,
    FOOTER = 512,
    HEADER = 1024,
};

static uint64_t big(struct cur *c, size_t n)
{
    struct bytes b = cur_take(c, n);
    uint64_t v = 0;
    for (size_t i = 0; i < b.n; i++)
        v = v << 8 | b.p[i];
    return v;
}

static int vhd_piece(struct vdisk *d, uint64_t at, struct vdisk_piece *ret, struct err *err)
{
    uint64_t block = at / d->block;
    uint64_t in = at % d->block;
    if (block >= d->entries)
        return err_set(err, ERR_CORRUPT, "VHD: its table has no entry for a block");
    struct cur c = cur_of(d->file, 0);
    cur_seek(&c, (size_t)(d->table + 4 * block));
    uint64_t sector = big(&c, 4);
    if (sector != UINT32_MAX)
        return vdisk_stretch(d, sector * VDISK_SECTOR + d->lead + in, d->block - in, ret, err);
    *ret = (struct vdisk_piece){.n = d->block - in, .zeros = true};
    return 0;
}

int vhd_open(struct vdisk *d, struct str *gap, struct err *err)
{
    enum { BITS = 8 };
    (void)gap;
    struct cur c = cur_of(d->file, 0);
    cur_skip(&c, 16);
    uint64_t header = big(&c, 8);
    cur_skip(&c, 24);
    d->size = big(&c, 8);
    cur_skip(&c, 4);
    uint64_t type = big(&c, 4);
    if (type == TYPE_DIFFERENCING)
        return err_set(
            err, ERR_UNSUPPORTED,
            "VHD: a differencing disk, which holds what was changed since its parent "
            "only: merge both, by qemu-img convert -O raw");
    if (c.bad || type != TYPE_DYNAMIC || header > d->file.n || d->file.n - header < HEADER ||
        memcmp(d->file.p + header, "cxsparse", 8) != 0)
        return err_set(err, ERR_CORRUPT, "VHD: its header is damaged");
    cur_seek(&c, (size_t)header + 16);
    d->table = big(&c, 8);
    cur_skip(&c, 4);
    d->entries = big(&c, 4);
    d->block = big(&c, 4);
    if (c.bad || d->block < VDISK_SECTOR || d->block > VDISK_BLOCK_MAX ||
        d->block % VDISK_SECTOR || d->table > d->file.n)
        return err_set(err, ERR_CORRUPT, "VHD: its header makes no sense");
    uint64_t there = (d->file.n - d->table) / 4;
    d->entries = d->entries < there ? d->entries : there;
    uint64_t bitmap = d->block / VDISK_SECTOR / BITS;
    d->lead = (bitmap + VDISK_SECTOR - 1) / VDISK_SECTOR * VDISK_SECTOR;
    d->piece = vhd_piece;
    return 0;
}
