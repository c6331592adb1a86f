/* vmdk.c - disks of VMware that hold their own extent: sparse ones, and those packed for streaming.
 * A flat one is a raw image. */
#include "base/cur.h"
#include "format/inflate.h"
#include "format/vdisk.h"

enum {
    FLAG_PACKED = 1 << 16,
    FOOTER_AT = 1024, /* before the end, where the header says that it has no directory */
    TABLE_MAX = 1 << 16,
    GRAIN_HEAD = 12, /* of a packed grain: its sector, its size */
    ZERO_GRAIN = 1,  /* a place that says: zeros */
};

static struct cur cur_at(struct bytes file, uint64_t at)
{
    struct cur c = cur_of(file, 0);
    if (at > file.n)
        c.bad = true;
    else
        cur_seek(&c, (size_t)at);
    return c;
}

static int unpack_grain(struct vdisk *d, uint64_t grain, uint64_t from, struct err *err)
{
    if (d->in_hand == grain + 1)
        return 0;
    struct cur c = cur_at(d->file, from + 8);
    struct bytes packed = cur_take(&c, cur_u32(&c));
    d->in_hand = 0;
    buf_clear(d->content);
    uint64_t left = d->size - grain * d->block;
    uint64_t want = left < d->block ? left : d->block;
    if (c.bad || inflate_all(packed, INFLATE_ZLIB, d->content) < 0 || d->content->n < want)
        return err_set(err, ERR_CORRUPT, "VMDK: a grain is damaged");
    d->in_hand = grain + 1;
    return 0;
}

static int vmdk_piece(struct vdisk *d, uint64_t at, struct vdisk_piece *ret, struct err *err)
{
    uint64_t grain = at / d->block;
    uint64_t in = at % d->block;
    uint64_t n = d->block - in;
    struct cur c = cur_at(d->file, d->table + 4 * (grain / d->per_table));
    uint64_t table = cur_u32(&c);
    uint64_t place = 0;
    if (table && !c.bad) {
        c = cur_at(d->file, table * VDISK_SECTOR + 4 * (grain % d->per_table));
        place = cur_u32(&c);
    }
    if (c.bad)
        return err_set(err, ERR_CORRUPT, "VMDK: its tables go on behind its end");
    if (place <= ZERO_GRAIN) {
        *ret = (struct vdisk_piece){.n = n, .zeros = true};
        return 0;
    }
    if (!d->packed)
        return vdisk_stretch(d, place * VDISK_SECTOR + in, n, ret, err);
    if (unpack_grain(d, grain, place * VDISK_SECTOR, err) < 0)
        return -1;
    n = d->content->n - in < n ? d->content->n - in : n;
    *ret =
        (struct vdisk_piece){.there = {(const uint8_t *)d->content->p + in, (size_t)n}, .n = n};
    return 0;
}

/* What the descriptor inside says of other files that the disk needs. */
static int check_descriptor(struct bytes text, struct err *err)
{
    struct str all = {(const char *)text.p, text.n};
    size_t parent = str_ifind(all, STR("parentCID="), 0);
    if (parent != SIZE_MAX && !str_istarts(str_part(all, parent + 10, all.n), STR("ffffffff")))
        return err_set(err, ERR_UNSUPPORTED,
                       "VMDK: a snapshot, which holds what was changed since its parent only: "
                       "merge both, by qemu-img convert -O raw or vmware-vdiskmanager -r");
    return 0;
}

int vmdk_open(struct vdisk *d, struct str *gap, struct err *err)
{
    enum { DESCRIPTOR_MAX = 64 << 10 };
    (void)gap;
    uint64_t directory = UINT64_MAX;
    uint64_t start = 0;
    uint64_t descriptor = 0;
    uint64_t descriptor_n = 0;
    uint32_t flags = 0;
    for (int i = 0; i < 2 && directory == UINT64_MAX; i++) {
        struct cur c = cur_at(d->file, start);
        struct bytes magic = cur_take(&c, 4);
        cur_skip(&c, 4);
        flags = cur_u32(&c);
        uint64_t sectors = cur_u64(&c);
        uint64_t grain = cur_u64(&c);
        descriptor = i == 0 ? cur_u64(&c) : (cur_skip(&c, 8), descriptor);
        descriptor_n = i == 0 ? cur_u64(&c) : (cur_skip(&c, 8), descriptor_n);
        d->per_table = cur_u32(&c);
        cur_skip(&c, 8);
        directory = cur_u64(&c);
        if (c.bad || !magic.p || memcmp(magic.p, "KDMV", 4) != 0 || grain == 0 ||
            grain > VDISK_GRAIN_MAX / VDISK_SECTOR || d->per_table == 0 ||
            d->per_table > TABLE_MAX || sectors > VDISK_SIZE_MAX / VDISK_SECTOR)
            return err_set(err, ERR_CORRUPT, "VMDK: its header is damaged, or it was cut off");
        d->size = sectors * VDISK_SECTOR;
        d->block = grain * VDISK_SECTOR;
        start = d->file.n > FOOTER_AT ? d->file.n - FOOTER_AT : 0;
    }
    uint64_t most = d->file.n / VDISK_SECTOR;
    if (directory > most)
        return err_set(err, ERR_CORRUPT, "VMDK: its directory is not there: it was cut off");
    if (descriptor == 0 || descriptor > most)
        return err_set(err, ERR_UNSUPPORTED,
                       "VMDK: one extent of a disk that is split into several: join them, by "
                       "qemu-img convert -O raw of the descriptor");
    struct cur c = cur_at(d->file, descriptor * VDISK_SECTOR);
    descriptor_n = descriptor_n < most ? descriptor_n * VDISK_SECTOR : DESCRIPTOR_MAX;
    descriptor_n = descriptor_n < DESCRIPTOR_MAX ? descriptor_n : DESCRIPTOR_MAX;
    size_t left = cur_left(&c);
    if (check_descriptor(cur_take(&c, descriptor_n < left ? (size_t)descriptor_n : left), err) <
        0)
        return -1;
    d->table = directory * VDISK_SECTOR;
    d->packed = (flags & FLAG_PACKED) != 0;
    d->piece = vmdk_piece;
    return 0;
}
