/* vhdx.c - disks of Hyper-V: VHDX. */
#include "base/cur.h"
#include "format/vdisk.h"

enum {
    HEADERS_AT = 64 << 10, /* two of them, so far apart */
    REGIONS_AT = 192 << 10,
    GUID = 16,
    REGIONS_MAX = 2047,
    ITEMS_MAX = 2047,
    HAS_PARENT = 2,
    STATE_BITS = 7,
    STATE_PRESENT = 6,
    STATE_PARTLY = 7,
    PLACE_BITS = 20, /* a block's place is told in MiB */
    BLOCK_MIN = 1 << 20,
};

static const uint8_t BLOCKS[GUID] = {0x66, 0x77, 0xc2, 0x2d, 0x23, 0xf6, 0x00, 0x42,
                                     0x9d, 0x64, 0x11, 0x5e, 0x9b, 0xfd, 0x4a, 0x08};
static const uint8_t METADATA[GUID] = {0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b,
                                       0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e};
static const uint8_t PARAMETERS[GUID] = {0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d,
                                         0xb3, 0xb6, 0x33, 0xf0, 0xaa, 0x44, 0xe7, 0x6b};
static const uint8_t DISK_SIZE[GUID] = {0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48,
                                        0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8};
static const uint8_t SECTOR_SIZE[GUID] = {0x1d, 0xbf, 0x41, 0x81, 0x6f, 0xa9, 0x09, 0x47,
                                          0xba, 0x47, 0xf2, 0x33, 0xa8, 0xfa, 0xab, 0x5f};

static struct cur cur_at(struct bytes file, uint64_t at)
{
    struct cur c = cur_of(file, 0);
    cur_seek(&c, at < file.n ? (size_t)at : file.n);
    return c;
}

static bool is(struct bytes b, const uint8_t guid[GUID])
{
    return b.n == GUID && memcmp(b.p, guid, GUID) == 0;
}

/* Whether the newer header names a log, which holds changes that were not made yet. */
static bool has_log(struct bytes file)
{
    uint64_t newest = 0;
    bool log = false;
    for (uint64_t i = 0; i < 2; i++) {
        struct cur c = cur_at(file, HEADERS_AT * (i + 1));
        struct bytes magic = cur_take(&c, 4);
        cur_skip(&c, 4);
        uint64_t number = cur_u64(&c);
        cur_skip(&c, (size_t)2 * GUID);
        uint64_t low = cur_u64(&c);
        uint64_t high = cur_u64(&c);
        if (c.bad || !magic.p || memcmp(magic.p, "head", 4) != 0 || (i && number <= newest))
            continue;
        newest = number;
        log = low || high;
    }
    return log;
}

/* Where a region lies; the second table is a copy of the first. */
static bool find_region(struct bytes file, const uint8_t guid[GUID], uint64_t *ret)
{
    for (uint64_t copy = 0; copy < 2; copy++) {
        struct cur c = cur_at(file, REGIONS_AT + copy * HEADERS_AT);
        struct bytes magic = cur_take(&c, 4);
        cur_skip(&c, 4);
        uint32_t n = cur_u32(&c);
        cur_skip(&c, 4);
        if (c.bad || !magic.p || memcmp(magic.p, "regi", 4) != 0)
            continue;
        for (uint32_t i = 0; i < n && i < REGIONS_MAX && !c.bad; i++) {
            struct bytes id = cur_take(&c, GUID);
            uint64_t at = cur_u64(&c);
            cur_skip(&c, 8);
            if (c.bad || !is(id, guid) || at >= file.n)
                continue;
            *ret = at;
            return true;
        }
    }
    return false;
}

/* An item of the metadata, as a cursor; one that is bad where it is not there. */
static struct cur find_item(struct bytes file, uint64_t region, const uint8_t guid[GUID])
{
    struct cur none = {.p = file.p, .bad = true};
    struct cur c = cur_at(file, region);
    struct bytes magic = cur_take(&c, 8);
    cur_skip(&c, 2);
    uint16_t n = cur_u16(&c);
    cur_skip(&c, 20);
    if (c.bad || !magic.p || memcmp(magic.p, "metadata", 8) != 0)
        return none;
    for (uint16_t i = 0; i < n && i < ITEMS_MAX && !c.bad; i++) {
        struct bytes id = cur_take(&c, GUID);
        uint64_t at = cur_u32(&c);
        cur_skip(&c, 12);
        if (!c.bad && is(id, guid))
            return cur_at(file, region + at);
    }
    return none;
}

static int vhdx_piece(struct vdisk *d, uint64_t at, struct vdisk_piece *ret, struct err *err)
{
    uint64_t block = at / d->block;
    uint64_t in = at % d->block;
    uint64_t entry = block + block / d->ratio;
    if (entry >= d->entries)
        return err_set(err, ERR_CORRUPT, "VHDX: its table has no entry for a block");
    struct cur c = cur_at(d->file, d->table + 8 * entry);
    uint64_t v = cur_u64(&c);
    unsigned state = (unsigned)(v & STATE_BITS);
    if (state == STATE_PARTLY)
        return err_set(err, ERR_CORRUPT, "VHDX: a block lies in a parent in part");
    if (state == STATE_PRESENT)
        return vdisk_stretch(d, (v >> PLACE_BITS << PLACE_BITS) + in, d->block - in, ret, err);
    *ret = (struct vdisk_piece){.n = d->block - in, .zeros = true};
    return 0;
}

int vhdx_open(struct vdisk *d, struct str *gap, struct err *err)
{
    enum { CHUNK_SECTORS = 1 << 23 };
    uint64_t region = 0;
    if (!find_region(d->file, BLOCKS, &d->table) || !find_region(d->file, METADATA, &region))
        return err_set(err, ERR_CORRUPT, "VHDX: its table of regions is damaged");
    struct cur parameters = find_item(d->file, region, PARAMETERS);
    struct cur size = find_item(d->file, region, DISK_SIZE);
    struct cur sector = find_item(d->file, region, SECTOR_SIZE);
    d->block = cur_u32(&parameters);
    uint32_t flags = cur_u32(&parameters);
    d->size = cur_u64(&size);
    uint64_t bytes = cur_u32(&sector);
    if (parameters.bad || size.bad || sector.bad || d->block < BLOCK_MIN ||
        d->block > VDISK_BLOCK_MAX || (d->block & (d->block - 1)) ||
        (bytes != VDISK_SECTOR && bytes != (uint64_t)8 * VDISK_SECTOR))
        return err_set(err, ERR_CORRUPT, "VHDX: its metadata make no sense");
    if (flags & HAS_PARENT)
        return err_set(err, ERR_UNSUPPORTED,
                       "VHDX: a differencing disk, which holds what was changed since its "
                       "parent only: merge both, by qemu-img convert -O raw or Merge-VHD");
    d->entries = (d->file.n - d->table) / 8;
    d->ratio = CHUNK_SECTORS * bytes / d->block;
    d->piece = vhdx_piece;
    if (has_log(d->file))
        *gap = STR("VHDX: it was not closed; its log, whose changes are newer, is not read");
    return 0;
}
