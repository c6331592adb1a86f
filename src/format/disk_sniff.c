#include "format/disk_sniff.h"

#include "base/cur.h"

enum {
    SECTOR = 512,
    SIGNATURE = 510, /* of a boot sector */
    PARTITIONS = 446,
    LARGE_SECTOR = 4096,
    EXT_SUPER = 1024,
};

static bool at_is(struct bytes b, size_t at, const char *text, size_t n)
{
    return at <= b.n && b.n - at >= n && memcmp(b.p + at, text, n) == 0;
}

#define AT_IS(b, at, text) at_is((b), (at), (text), sizeof(text) - 1)

static bool is_ext(struct bytes b)
{
    struct cur c = cur_of(b, 0);
    cur_seek(&c, EXT_SUPER);
    uint32_t inodes = cur_u32(&c);
    uint32_t blocks = cur_u32(&c);
    cur_skip(&c, 16);
    uint32_t log_block = cur_u32(&c);
    cur_seek(&c, EXT_SUPER + 56);
    uint16_t magic = cur_u16(&c);
    return !c.bad && magic == 0xef53 && inodes && blocks && log_block <= 6;
}

/* Source: Linux, ext4 superblock: a group's blocks and files have a bit each in one block */
bool ext_adds_up(struct bytes head, uint64_t space)
{
    enum { INODE_LEAST = 128, FIRST_BLOCK = 1024, CUT_MOST = 16 /* images are cut off */ };
    struct cur c = cur_of(head, 0);
    cur_seek(&c, EXT_SUPER);
    uint64_t inodes = cur_u32(&c);
    uint64_t blocks = cur_u32(&c);
    cur_skip(&c, 16);
    uint32_t log_block = cur_u32(&c);
    cur_skip(&c, 4);
    uint64_t group = cur_u32(&c);
    cur_skip(&c, 4);
    uint64_t group_inodes = cur_u32(&c);
    cur_seek(&c, EXT_SUPER + 76);
    uint32_t revision = cur_u32(&c);
    cur_seek(&c, EXT_SUPER + 88);
    uint64_t inode = revision == 0 ? INODE_LEAST : cur_u16(&c);
    if (c.bad || log_block > 6)
        return false;
    uint64_t block = (uint64_t)FIRST_BLOCK << log_block;
    if (group == 0 || group > 8 * block || group_inodes == 0 || group_inodes > 8 * block ||
        inode < INODE_LEAST || inode > block)
        return false;
    uint64_t groups = blocks / group + 1;
    return inodes <= groups * group_inodes && blocks / CUT_MOST <= space / block;
}

/* Source: Microsoft, NTFS and FAT boot sectors, volume header of BitLocker; Linux,
 * ext4 superblock, LUKS header, LVM label */
enum volume_kind volume_kind(struct bytes head)
{
    bool boot = AT_IS(head, SIGNATURE, "\x55\xaa");
    if (AT_IS(head, 3, "-FVE-FS-"))
        return VOLUME_BITLOCKER;
    if (AT_IS(head, 3, "NTFS    "))
        return VOLUME_NTFS;
    if (AT_IS(head, 3, "EXFAT   "))
        return VOLUME_EXFAT;
    if (AT_IS(head, 3, "ReFS\0\0\0\0"))
        return VOLUME_REFS;
    if (boot && (AT_IS(head, 54, "FAT1") || AT_IS(head, 82, "FAT32   ")))
        return VOLUME_FAT;
    if (AT_IS(head, 0, "LUKS\xba\xbe"))
        return VOLUME_LUKS;
    if (AT_IS(head, SECTOR, "LABELONE"))
        return VOLUME_LVM;
    return is_ext(head) ? VOLUME_EXT : VOLUME_UNKNOWN;
}

/* A table of partitions of the old form: entries that are used make sense, others are zero. */
static bool is_mbr(struct bytes b)
{
    enum { ENTRIES = 4, ENTRY = 16 };
    unsigned used = 0;
    if (!AT_IS(b, SIGNATURE, "\x55\xaa"))
        return false;
    for (size_t i = 0; i < ENTRIES; i++) {
        struct cur c = cur_of((struct bytes){b.p + PARTITIONS + i * ENTRY, ENTRY}, 0);
        uint8_t status = cur_u8(&c);
        cur_skip(&c, 3);
        uint8_t type = cur_u8(&c);
        cur_skip(&c, 3);
        uint32_t start = cur_u32(&c);
        uint32_t size = cur_u32(&c);
        if ((status & 0x7f) || (type == 0) != (size == 0) || (type && start == 0))
            return false;
        used += type != 0;
    }
    return used > 0;
}

enum table_kind table_kind(struct bytes head)
{
    if (AT_IS(head, SECTOR, "EFI PART"))
        return TABLE_GPT;
    if (AT_IS(head, LARGE_SECTOR, "EFI PART"))
        return TABLE_GPT_LARGE;
    if (!is_mbr(head))
        return TABLE_NONE;
    bool protective = head.p[PARTITIONS + 4] == 0xee; /* the GPT behind it is damaged */
    return protective ? TABLE_GPT : TABLE_MBR;
}

const char *virtual_disk(struct bytes head)
{
    static const struct {
        size_t at;
        size_t n;
        const char *magic;
        const char *name;
    } known[] = {
        {0, 4, "KDMV", "VMDK"},
        {0, 21, "# Disk DescriptorFile", "VMDK descriptor"},
        {0, 8, "vhdxfile", "VHDX"},
        {0, 8, "conectix", "dynamic VHD"},
        {0, 4, "QFI\xfb", "QCOW"},
        {64, 4, "\x7f\x10\xda\xbe", "VDI"},
        {0, 8, "EVF2\x0d\x0a\x81", "Ex01"},
        {0, 8, "LVF\x09\x0d\x0a\xff", "L01"},
        {0, 8, "LEF2\x0d\x0a\x81", "Lx01"},
        {0, 5, "AFF10", "AFF"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (at_is(head, known[i].at, known[i].magic, known[i].n))
            return known[i].name;
    return NULL;
}
