#include "format/vdisk.h"
#include "t.h"

enum {
    MB = 1 << 20,
    ROOM = 4 << 20,
    SECTOR = 512,
    BLOCK = 4096, /* of the disks made here, but of VHDX */
    TABLES = 257, /* KiB: where a VHDX made here has its metadata */
};

static uint8_t *room; /* of images */
static struct arena *a;

static void little(size_t at, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        room[at + i] = (uint8_t)(v >> 8 * i);
}

static void big(size_t at, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        room[at + i] = (uint8_t)(v >> 8 * (n - 1 - i));
}

static void text(size_t at, const char *s)
{
    memcpy(room + at, s, strlen(s));
}

/* Disks of three blocks, of which the second one holds 'x' and the others lie nowhere. */

static struct bytes vhd(unsigned type)
{
    memset(room, 0, ROOM);
    text(0, "conectix");
    big(16, 512, 8);
    big(48, 3 * BLOCK, 8);
    big(60, type, 4);
    text(512, "cxsparse");
    big(512 + 16, 1536, 8);
    big(512 + 28, 3, 4);
    big(512 + 32, BLOCK, 4);
    memset(room + 1536, 0xff, 12);
    big(1540, 4, 4);
    memset(room + 5 * SECTOR, 'x', BLOCK); /* behind a sector of bits */
    return (struct bytes){room, 5 * SECTOR + BLOCK};
}

static struct bytes vmdk(bool packed, const char *parent)
{
    memset(room, 0, ROOM);
    text(0, "KDMV");
    little(8, packed ? 3 << 16 : 3, 4);
    little(12, 3 * BLOCK / SECTOR, 8);
    little(20, BLOCK / SECTOR, 8);
    little(28, 1, 8);
    little(36, 1, 8);
    little(44, 512, 4);
    little(56, 2, 8);
    text(512, "# Disk DescriptorFile\nparentCID=");
    text(512 + 32, parent);
    little((size_t)2 * SECTOR, 3, 4);
    little((size_t)3 * SECTOR + 4, 8, 4);
    if (!packed) {
        memset(room + (size_t)8 * SECTOR, 'x', BLOCK);
        return (struct bytes){room, 8 * SECTOR + BLOCK};
    }
    size_t at = (size_t)8 * SECTOR; /* the bytes as they are, in the wrapping of zlib */
    uint32_t low = 1;
    uint32_t high = 0;
    little(at + 8, 2 + 5 + BLOCK + 4, 4);
    little(at + 12, 0x0178, 2);
    room[at + 14] = 1;
    little(at + 15, BLOCK, 2);
    little(at + 17, 0xffff ^ BLOCK, 2);
    memset(room + at + 19, 'x', BLOCK);
    for (size_t i = 0; i < BLOCK; i++) {
        low = (low + 'x') % 65521;
        high = (high + low) % 65521;
    }
    big(at + 19 + BLOCK, high << 16 | low, 4);
    return (struct bytes){room, at + 23 + BLOCK};
}

static void item(size_t at, const char *guid, size_t place)
{
    memcpy(room + at, guid, 16);
    little(at + 16, place, 4);
}

static struct bytes vhdx(unsigned flags, bool log)
{
    const size_t regions = (size_t)192 << 10;
    const size_t table = (size_t)256 << 10;
    const size_t metadata = (size_t)TABLES << 10;
    memset(room, 0, ROOM);
    text(0, "vhdxfile");
    text((size_t)64 << 10, "head");
    little(((size_t)64 << 10) + 8, 1, 8);
    room[((size_t)64 << 10) + 48] = log;
    text(regions, "regi");
    little(regions + 8, 2, 4);
    memcpy(room + regions + 16,
           "\x66\x77\xc2\x2d\x23\xf6\x00\x42\x9d\x64\x11\x5e\x9b\xfd\x4a\x08", 16);
    little(regions + 32, table, 8);
    memcpy(room + regions + 48,
           "\x06\xa2\x7c\x8b\x90\x47\x9a\x4b\xb8\xfe\x57\x5f\x05\x0f\x88\x6e", 16);
    little(regions + 64, metadata, 8);
    text(metadata, "metadata");
    little(metadata + 10, 3, 2);
    item(metadata + 32, "\x37\x67\xa1\xca\x36\xfa\x43\x4d\xb3\xb6\x33\xf0\xaa\x44\xe7\x6b",
         256);
    item(metadata + 64, "\x24\x42\xa5\x2f\x1b\xcd\x76\x48\xb2\x11\x5d\xbe\xd8\x3b\xf4\xb8",
         264);
    item(metadata + 96, "\x1d\xbf\x41\x81\x6f\xa9\x09\x47\xba\x47\xf2\x33\xa8\xfa\xab\x5f",
         272);
    little(metadata + 256, MB, 4);
    little(metadata + 260, flags, 4);
    little(metadata + 264, (uint64_t)3 * MB, 8);
    little(metadata + 272, SECTOR, 4);
    little(table + 8, 2 << 20 | 6, 8);
    memset(room + (size_t)2 * MB, 'x', MB);
    return (struct bytes){room, (size_t)3 * MB};
}

static void read_whole(struct bytes file, size_t block)
{
    struct disk disk;
    struct str gap;
    struct err err = {0};
    uint8_t part[64];
    T_OK(vdisk_is_read(file));
    T_EQ(vdisk_open(file, a, &disk, &gap, &err), 0);
    T_EQ(disk.size, 3 * block);
    T_EQ(gap.n, 0);
    for (size_t at = 0; at < disk.size; at += block / 2) {
        T_EQ(disk.read(disk.state, at, part, sizeof part, &err), 0);
        T_EQ(part[0], at / block == 1 ? 'x' : 0);
        T_EQ(part[63], part[0]);
    }
    T_EQ(disk.read(disk.state, block - 32, part, sizeof part, &err), 0);
    T_EQ(part[31], 0);
    T_EQ(part[32], 'x');
    disk.close(disk.state);
}

static void blocks_are_found_and_the_others_are_zeros(void)
{
    read_whole(vhd(3), BLOCK);
    read_whole(vmdk(false, "ffffffff"), BLOCK);
    read_whole(vmdk(true, "ffffffff"), BLOCK);
    read_whole(vhdx(0, false), MB);
}

static void refused(struct bytes file, struct str word)
{
    struct disk disk;
    struct str gap;
    struct err err = {0};
    T_EQ(vdisk_open(file, a, &disk, &gap, &err), -1);
    T_EQ(err.code, ERR_UNSUPPORTED);
    T_OK(str_find(str_of(err.msg), word, 0) != SIZE_MAX);
}

static void what_needs_a_parent_says_so(void)
{
    refused(vhd(4), STR("parent"));
    refused(vmdk(false, "123e4567"), STR("parent"));
    refused(vhdx(2, false), STR("parent"));
}

static void a_log_that_was_not_replayed_is_a_gap(void)
{
    struct disk disk;
    struct str gap = STR("");
    struct err err = {0};
    T_EQ(vdisk_open(vhdx(0, true), a, &disk, &gap, &err), 0);
    T_OK(str_find(gap, STR("log"), 0) != SIZE_MAX);
    disk.close(disk.state);
}

static void a_block_that_is_cut_off_is_an_error(void)
{
    struct disk disk;
    struct str gap;
    struct err err = {0};
    uint8_t part[64];
    struct bytes file = vhd(3);
    file.n -= BLOCK / 2;
    T_EQ(vdisk_open(file, a, &disk, &gap, &err), 0);
    T_EQ(disk.read(disk.state, BLOCK, part, sizeof part, &err), 0);
    T_EQ(disk.read(disk.state, BLOCK + BLOCK / 2, part, sizeof part, &err), -1);
    disk.close(disk.state);
}

static void read_any(struct bytes file)
{
    enum { STEPS = 7 };
    struct disk disk;
    struct str gap;
    struct err err = {0};
    uint8_t part[64];
    struct arena *arena = arena_new();
    if (vdisk_open(file, arena, &disk, &gap, &err) == 0) {
        uint64_t step = disk.size / STEPS + 1;
        for (uint64_t at = 0; at < disk.size; at += step) {
            uint64_t left = disk.size - at;
            (void)disk.read(disk.state, at, part, left < 64 ? (size_t)left : 64, &err);
        }
        disk.close(disk.state);
    }
    arena_free(arena);
}

static void flip(struct bytes file, size_t from, size_t to)
{
    for (size_t i = from * 8; i < to * 8; i++) {
        room[i / 8] ^= (uint8_t)(1 << i % 8);
        read_any(file);
        room[i / 8] ^= (uint8_t)(1 << i % 8);
    }
}

static void damage_harms_nobody(void)
{
    struct bytes file = vhd(3);
    t_each_prefix(file, read_any);
    flip(file, 0, 1600);
    file = vmdk(false, "ffffffff");
    t_each_prefix(file, read_any);
    flip(file, 0, 1600);
    file = vmdk(true, "ffffffff");
    t_each_prefix(file, read_any);
    flip(file, 0, 1600);
    flip(file, (size_t)8 * SECTOR, (size_t)8 * SECTOR + 32);
    file = vhdx(0, false);
    for (size_t n = (size_t)192 << 10; n < (size_t)260 << 10; n += 13)
        read_any((struct bytes){room, n});
    flip(file, (size_t)64 << 10, ((size_t)64 << 10) + 80);
    flip(file, (size_t)192 << 10, ((size_t)192 << 10) + 80);
    flip(file, (size_t)256 << 10, ((size_t)256 << 10) + 24);
    flip(file, (size_t)TABLES << 10, ((size_t)TABLES << 10) + 280);
}

int main(void)
{
    room = malloc(ROOM);
    a = arena_new();
    T_RUN(blocks_are_found_and_the_others_are_zeros);
    T_RUN(what_needs_a_parent_says_so);
    T_RUN(a_log_that_was_not_replayed_is_a_gap);
    T_RUN(a_block_that_is_cut_off_is_an_error);
    T_RUN(damage_harms_nobody);
    arena_free(a);
    free(room);
    return t_done();
}
