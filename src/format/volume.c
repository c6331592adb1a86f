#include "format/volume.h"

#include <inttypes.h>
#include <stdlib.h>
#include <tsk/libtsk.h>

#include "base/buf.h"
#include "base/cur.h"
#include "base/limits.h"
#include "base/utf.h"
#include "format/disk_sniff.h"
#include "format/ewf.h"
#include "format/vdisk.h"

enum {
    HEAD = 8192,          /* bytes of a volume that tell what it is */
    SMALLEST = 64 * 1024, /* an image of less is a copy of a boot sector */
    PARTITIONS_MOST = 256,
    ENTRIES_MOST = 1 << 23, /* names of one image */
    PATH_MOST = 64 * 1024,
    NAME_MOST = 4096,
    OWN_FILES = 24,      /* of NTFS: their entries are below this */
    HOLES_MOST = 16,     /* files with holes may be so many times as large as the disk */
    RUNS_MOST = 1 << 24, /* pieces of one file */
};

struct image { /* what the library takes for an image: it comes first */
    TSK_IMG_INFO img;
    struct disk disk;
    bool missed; /* something that was asked for is not there, and was read as zeros */
};

struct level { /* a folder that is being read */
    TSK_FS_DIR *dir;
    size_t next;
    size_t path_n; /* of its path, with its '/' */
    bool deleted;
};

struct seen { /* folders that were entered: a set */
    uint64_t *at;
    size_t n, cap;
};

struct volume {
    struct arena *arena;
    struct image *image;
    const struct bytes *files; /* of a raw image one */
    size_t n_files;
    struct bytes raw;
    struct str gap;   /* to be told first */
    bool missed_told; /* of this volume: a part of it is not there */

    TSK_VS_INFO *table;
    const TSK_VS_PART_INFO *part; /* the next one */
    unsigned parts;
    bool whole_told; /* the disk itself as a volume */

    TSK_FS_INFO *fs;
    struct level levels[LIMIT_WALK_DEPTH];
    size_t depth;
    struct buf path; /* of the folder in hand; then of the file */
    struct seen seen;
    size_t entries;
    bool full; /* a limit was reached: nothing more comes */

    TSK_FS_FILE *file_in_hand;
    size_t file_path_n;
    bool deleted;
    int streams, stream; /* of it; the next one */
    bool compact;        /* Windows keeps it compressed */

    const TSK_FS_ATTR *attr; /* of the member in hand */
    uint64_t at, size;       /* read; bytes that can be */
    uint64_t skip;           /* bytes of a hole before them */
    const char *refused;
    uint64_t given, most; /* bytes of all members */
    struct str member;    /* its path */
    struct buf name;
};

/* --- the image ------------------------------------------------------------------------------ */

static int read_memory(void *state, uint64_t at, void *buf, size_t n, struct err *err)
{
    const struct bytes *file = state;
    if (at > file->n || n > file->n - at)
        return err_set(err, ERR_CORRUPT, "behind the end of the image");
    memcpy(buf, file->p + at, n);
    return 0;
}

/* The library gives a whole volume up where one record cannot be read: it is given zeros, and what
 * they spoil is told by who asked. */
static ssize_t read_image(TSK_IMG_INFO *img, TSK_OFF_T at, char *buf, size_t n)
{
    struct image *image = (struct image *)img;
    struct err ignored = {0};
    uint64_t from = at < 0 ? UINT64_MAX : (uint64_t)at;
    uint64_t left = from < image->disk.size ? image->disk.size - from : 0;
    size_t there = n < left ? n : (size_t)left;
    if (there && image->disk.read(image->disk.state, from, buf, there, &ignored) < 0)
        there = 0;
    if (there < n) {
        memset(buf + there, 0, n - there);
        image->missed = true;
    }
    return (ssize_t)n;
}

/* Whether something was missed since it was last asked. What the library keeps of it is dropped,
 * so that whoever asks next misses it too. */
static bool has_missed(struct image *image)
{
    bool missed = image->missed;
    image->missed = false;
    if (missed)
        memset(image->img.cache_len, 0, sizeof image->img.cache_len);
    return missed;
}

static void close_nothing(TSK_IMG_INFO *img)
{
    (void)img;
}

static void say_nothing(TSK_IMG_INFO *img, FILE *out)
{
    (void)img;
    (void)out;
}

static struct bytes read_head(const struct volume *v, uint64_t at, uint8_t *buf, size_t n)
{
    struct err ignored = {0};
    const struct disk *d = &v->image->disk;
    if (at >= d->size)
        return (struct bytes){0};
    size_t take = n < d->size - at ? n : (size_t)(d->size - at);
    if (d->read(d->state, at, buf, take, &ignored) < 0)
        return (struct bytes){0};
    return (struct bytes){buf, take};
}

enum format volume_sniff(struct bytes head)
{
    unsigned segment = ewf_segment(head);
    if (segment)
        return segment == 1 ? FORMAT_E01 : FORMAT_E01_SEGMENT;
    if (virtual_disk(head))
        return FORMAT_VIRTUAL_DISK;
    if (head.n < SMALLEST)
        return FORMAT_UNKNOWN;
    bool disk = volume_kind(head) != VOLUME_UNKNOWN || table_kind(head) != TABLE_NONE;
    return disk ? FORMAT_RAW_DISK : FORMAT_UNKNOWN;
}

void volume_prepare(void)
{
    /* FAT has local times: told as they stand, whatever zone this machine is in. */
    (void)setenv("TZ", "UTC0", 1);
    tzset();
}

/* --- volumes -------------------------------------------------------------------------------- */

/* How large a disk is by its table; 0 where that does not say. */
static uint64_t size_by_table(struct bytes head, enum table_kind kind, uint64_t sector)
{
    enum { PARTITIONS_AT = 446, ENTRY = 16, ENTRIES = 4, OTHER_HEADER = 32 };
    uint64_t sectors = 0;
    struct cur c = cur_of(head, 0);
    if (kind == TABLE_MBR) {
        for (size_t i = 0; i < ENTRIES; i++) {
            cur_seek(&c, PARTITIONS_AT + i * ENTRY + 8);
            uint64_t from = cur_u32(&c);
            uint64_t n = cur_u32(&c);
            sectors = from + n > sectors ? from + n : sectors;
        }
    } else {
        cur_seek(&c, sector + OTHER_HEADER); /* which is the last sector */
        sectors = cur_u64(&c);
        sectors += sectors < UINT64_MAX;
    }
    return c.bad || sectors > (UINT64_MAX >> 20) / sector ? 0 : sectors * sector;
}

/* The library opens no table of a disk that is smaller than it says. */
static void expect_disk(struct volume *v, struct bytes head, enum table_kind kind)
{
    uint64_t size = size_by_table(head, kind, v->image->img.sector_size);
    if (size <= v->image->disk.size)
        return;
    v->image->img.size = (TSK_OFF_T)size;
    v->gap = arena_printf(v->arena,
                          "image of a disk: it is cut off: %" PRIu64 " of %" PRIu64
                          " bytes of a disk are there",
                          v->image->disk.size, size);
}

static int open_table(struct volume *v, struct err *err)
{
    uint8_t buf[HEAD];
    struct bytes head = read_head(v, 0, buf, sizeof buf);
    enum table_kind kind = volume_kind(head) == VOLUME_UNKNOWN ? table_kind(head) : TABLE_NONE;
    if (kind == TABLE_NONE)
        return 0;
    v->whole_told = true;
    if (kind == TABLE_GPT_LARGE)
        v->image->img.sector_size = 4096;
    expect_disk(v, head, kind);
    TSK_VS_TYPE_ENUM type = kind == TABLE_MBR ? TSK_VS_TYPE_DOS : TSK_VS_TYPE_GPT;
    v->table = tsk_vs_open(&v->image->img, 0, type);
    if (!v->table)
        return err_set(err, ERR_CORRUPT, "image of a disk: its table of partitions is damaged");
    v->part = v->table->part_list;
    return 0;
}

static int say_unread(enum volume_kind kind, unsigned part, struct err *err)
{
    static const char *const why[] = {
        [VOLUME_UNKNOWN] = "no file system that is known",
        [VOLUME_NTFS] = "its NTFS file system cannot be opened: it is damaged",
        [VOLUME_FAT] = "its FAT file system cannot be opened: it is damaged",
        [VOLUME_EXFAT] = "its exFAT file system cannot be opened: it is damaged",
        [VOLUME_EXT] = "its ext file system cannot be opened: it is damaged",
        [VOLUME_BITLOCKER] = "encrypted by BitLocker: take its files while it is unlocked",
        [VOLUME_REFS] = "a ReFS file system, which is not read",
        [VOLUME_LUKS] = "encrypted by LUKS",
        [VOLUME_LVM] = "logical volumes of Linux, which are not read",
    };
    enum err_code code =
        kind == VOLUME_UNKNOWN || kind > VOLUME_EXT ? ERR_UNSUPPORTED : ERR_CORRUPT;
    if (part)
        return err_set(err, code, "image of a disk: partition %u: %s", part, why[kind]);
    return err_set(err, code, "image of a disk: %s", why[kind]);
}

/* An image may be cut off, and its volume be larger: what is there is read, the rest is a gap. */
static void expect_size(struct volume *v, uint64_t at, enum volume_kind kind, struct bytes head)
{
    struct cur c = cur_of(head, at);
    cur_seek(&c, 11);
    uint64_t sector = cur_u16(&c);
    cur_seek(&c, 40);
    uint64_t sectors = cur_u64(&c);
    uint64_t size = v->image->disk.size;
    if (c.bad || kind != VOLUME_NTFS || sector == 0 || sectors > (UINT64_MAX >> 20) / sector)
        return;
    if (at + sectors * sector <= size)
        return;
    if ((uint64_t)v->image->img.size < at + sectors * sector)
        v->image->img.size = (TSK_OFF_T)(at + sectors * sector);
    v->gap = arena_printf(v->arena,
                          "image of a disk: it is cut off: %" PRIu64 " of %" PRIu64
                          " bytes of a volume are there",
                          size - at, sectors * sector);
}

static bool enter(struct volume *v, TSK_INUM_T number, bool deleted);

/* Opens the file system at an offset: 1, or -1 with why not. */
static int open_volume(struct volume *v, uint64_t at, unsigned part, struct err *err)
{
    static const TSK_FS_TYPE_ENUM types[] = {
        [VOLUME_NTFS] = TSK_FS_TYPE_NTFS,
        [VOLUME_FAT] = TSK_FS_TYPE_FAT_DETECT,
        [VOLUME_EXFAT] = TSK_FS_TYPE_EXFAT,
        [VOLUME_EXT] = TSK_FS_TYPE_EXT_DETECT,
    };
    uint8_t buf[HEAD];
    struct bytes head = read_head(v, at, buf, sizeof buf);
    enum volume_kind kind = volume_kind(head);
    if (kind == VOLUME_UNKNOWN || kind > VOLUME_EXT)
        return say_unread(kind, part, err);
    if (kind == VOLUME_EXT && !ext_adds_up(head, v->image->disk.size - at))
        return say_unread(kind, part, err);
    expect_size(v, at, kind, head);
    v->fs = tsk_fs_open_img(&v->image->img, (TSK_OFF_T)at, types[kind]);
    v->missed_told = v->gap.n > 0;
    if (!v->fs)
        return say_unread(kind, part, err);
    v->seen.n = 0;
    if (v->seen.cap)
        memset(v->seen.at, 0, v->seen.cap * sizeof *v->seen.at);
    buf_clear(&v->path);
    if (part)
        buf_addf(&v->path, "p%u/", part);
    if (!enter(v, v->fs->root_inum, false)) {
        tsk_fs_close(v->fs);
        v->fs = NULL;
        return say_unread(kind, part, err);
    }
    return 1;
}

/* Whether a partition holds nothing by its purpose. */
static bool is_reserved(const TSK_VS_PART_INFO *part)
{
    struct str desc = str_of(part->desc ? part->desc : "");
    return str_ifind(desc, STR("Microsoft Reserved"), 0) != SIZE_MAX ||
           str_ifind(desc, STR("BIOS Boot"), 0) != SIZE_MAX ||
           str_ifind(desc, STR("Swap"), 0) != SIZE_MAX;
}

/* The next volume that can be read: 1, 0 there is none, -1 one that cannot. */
static int next_volume(struct volume *v, struct err *err)
{
    if (!v->whole_told) {
        v->whole_told = true;
        return open_volume(v, 0, 0, err);
    }
    while (v->part) {
        const TSK_VS_PART_INFO *part = v->part;
        v->part = part->next;
        if (!(part->flags & TSK_VS_PART_FLAG_ALLOC) || (part->flags & TSK_VS_PART_FLAG_META))
            continue;
        if (++v->parts > PARTITIONS_MOST)
            return err_set(err, ERR_LIMIT, "image of a disk: more than %d partitions",
                           PARTITIONS_MOST);
        uint64_t sector = v->table->block_size;
        if (is_reserved(part))
            continue;
        if (part->start >= v->image->disk.size / sector)
            return err_set(err, ERR_CORRUPT,
                           "image of a disk: partition %u lies behind the end of the image",
                           v->parts);
        return open_volume(v, part->start * sector, v->parts, err);
    }
    return 0;
}

/* --- folders -------------------------------------------------------------------------------- */

static void see(struct seen *s, uint64_t number)
{
    size_t i = (size_t)((number * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & (s->cap - 1);
    while (s->at[i] && s->at[i] != number + 1)
        i = (i + 1) & (s->cap - 1);
    s->n += s->at[i] == 0;
    s->at[i] = number + 1;
}

static void widen(struct seen *s, struct arena *arena)
{
    enum { FIRST = 1024 };
    struct seen old = *s;
    s->cap = old.cap ? old.cap * 2 : FIRST;
    s->at = ARENA_ARRAY(arena, uint64_t, s->cap);
    s->n = 0;
    for (size_t i = 0; i < old.cap; i++)
        if (old.at[i])
            see(s, old.at[i] - 1);
}

/* False: the folder was there before. */
static bool is_new(struct seen *s, uint64_t number, struct arena *arena)
{
    if (s->n * 2 >= s->cap)
        widen(s, arena);
    size_t before = s->n;
    see(s, number);
    return s->n != before;
}

/* Its times are local, and no zone is read with them. */
static bool is_fat(const struct volume *v)
{
    return (v->fs->ftype & (TSK_FS_TYPE_FAT_DETECT | TSK_FS_TYPE_FAT12 | TSK_FS_TYPE_FAT16 |
                            TSK_FS_TYPE_FAT32 | TSK_FS_TYPE_EXFAT)) != 0;
}

static bool is_ntfs(const struct volume *v)
{
    return (v->fs->ftype & TSK_FS_TYPE_NTFS) != 0;
}

static uint64_t at_most(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t times_disk(const struct volume *v, unsigned times)
{
    uint64_t size = v->image->disk.size;
    return size > UINT64_MAX / times ? UINT64_MAX : size * times;
}

/* Of a file on another file system than NTFS, the library makes a list of all its blocks before
 * anything else can be asked, however many it says to have. */
static bool has_possible_size(const struct volume *v, TSK_INUM_T number, unsigned times)
{
    if (is_ntfs(v))
        return true;
    TSK_FS_FILE *f = tsk_fs_file_open_meta(v->fs, NULL, number);
    bool possible =
        f && f->meta && f->meta->size >= 0 && (uint64_t)f->meta->size <= times_disk(v, times);
    if (f)
        tsk_fs_file_close(f);
    return possible;
}

/* Opens the folder whose path, with its '/', stands in v->path. */
static bool enter(struct volume *v, TSK_INUM_T number, bool deleted)
{
    if (v->depth == LIMIT_WALK_DEPTH || !is_new(&v->seen, number, v->arena))
        return true;
    if (!has_possible_size(v, number, 1))
        return deleted;
    TSK_FS_DIR *dir = tsk_fs_dir_open_meta(v->fs, number);
    if (!dir)
        return deleted; /* of one that was deleted nothing need be left */
    v->levels[v->depth++] = (struct level){.dir = dir, .path_n = v->path.n, .deleted = deleted};
    return true;
}

static void truncate_path(struct volume *v, size_t n)
{
    v->path.n = n;
    v->path.full = false;
}

/* Names go into paths: what separates names, or would go up, is exchanged. */
static void add_name(struct buf *path, const char *name, struct arena *arena)
{
    struct str text =
        utf8_repair((struct bytes){(const uint8_t *)name, strnlen(name, NAME_MOST)}, arena);
    bool up = str_eq(text, STR(".")) || str_eq(text, STR("..")) || text.n == 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        buf_add_char(path, up || c == '/' || c == '\\' ? '_' : c);
    }
    if (text.n == 0)
        buf_add_char(path, '_');
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool is_folder(const TSK_FS_FILE *f)
{
    return f->meta && TSK_FS_IS_DIR_META(f->meta->type);
}

/* Whether a name belongs to what its number names now. NTFS counts up when it gives an entry up. */
static bool is_its_own(const TSK_FS_NAME *name, const TSK_FS_META *meta, bool ntfs)
{
    bool deleted = (name->flags & TSK_FS_NAME_FLAG_UNALLOC) != 0;
    if (!deleted)
        return true;
    bool same = meta->seq == name->meta_seq || meta->seq == name->meta_seq + 1;
    return (meta->flags & TSK_FS_META_FLAG_UNALLOC) && (!ntfs || same);
}

static bool is_content(const TSK_FS_ATTR *a)
{
    return a->type == TSK_FS_ATTR_TYPE_NTFS_DATA || a->type == TSK_FS_ATTR_TYPE_DEFAULT ||
           a->type == TSK_FS_ATTR_TYPE_HFS_DATA;
}

/* The library calls the stream that has no name "$Data". */
static struct str stream_name(const TSK_FS_ATTR *a)
{
    if (!a->name || a->type != TSK_FS_ATTR_TYPE_NTFS_DATA)
        return STR("");
    struct str name = {a->name, strnlen(a->name, NAME_MOST)};
    return str_eq(name, STR("$Data")) ? STR("") : name;
}

static bool has_stream(const TSK_FS_FILE *f, int streams, struct str name)
{
    for (int i = 0; i < streams; i++) {
        const TSK_FS_ATTR *a = tsk_fs_file_attr_get_idx((TSK_FS_FILE *)f, i);
        if (a && str_eq(stream_name(a), name))
            return true;
    }
    return false;
}

static void leave_file(struct volume *v)
{
    if (v->file_in_hand)
        tsk_fs_file_close(v->file_in_hand);
    v->file_in_hand = NULL;
    v->attr = NULL;
}

/* Takes the next name of the folder in hand. 1: there is a file in hand, 0: none yet. */
static int take_name(struct volume *v, struct err *err)
{
    struct level *l = &v->levels[v->depth - 1];
    if (l->next >= tsk_fs_dir_getsize(l->dir)) {
        tsk_fs_dir_close(l->dir);
        v->depth--;
        return 0;
    }
    if (v->entries++ >= ENTRIES_MOST) {
        v->full = true;
        return err_set(err, ERR_LIMIT, "image of a disk: more than %d names", ENTRIES_MOST);
    }
    size_t i = l->next++;
    truncate_path(v, l->path_n);
    const TSK_FS_NAME *name = tsk_fs_dir_get_name(l->dir, i);
    if (!name || !name->name || is_dots(name->name))
        return 0;
    bool deleted = l->deleted || (name->flags & TSK_FS_NAME_FLAG_UNALLOC);
    struct arena *scratch = arena_new();
    add_name(&v->path, name->name, scratch);
    arena_free(scratch);
    TSK_FS_FILE *f = tsk_fs_file_open_meta(v->fs, NULL, name->meta_addr);
    bool possible = f && f->meta && has_possible_size(v, name->meta_addr, HOLES_MOST);
    if (!possible || !is_its_own(name, f->meta, is_ntfs(v))) {
        if (f)
            tsk_fs_file_close(f);
        return deleted
                   ? 0
                   : err_set(err, ERR_CORRUPT, "image of a disk: %.*s: its entry is damaged",
                             STR_ARG(str_part(buf_str(&v->path), 0, 160)));
    }
    v->file_in_hand = f;
    v->file_path_n = v->path.n;
    v->deleted = deleted;
    v->stream = 0;
    bool content =
        f->meta->type == TSK_FS_META_TYPE_REG || f->meta->type == TSK_FS_META_TYPE_DIR;
    v->streams = content ? tsk_fs_file_attr_getsize(f) : 0;
    v->compact = is_ntfs(v) && has_stream(f, v->streams, STR("WofCompressedData"));
    return 1;
}

/* --- content -------------------------------------------------------------------------------- */

static bool is_resident(const TSK_FS_ATTR *a)
{
    return (a->flags & TSK_FS_ATTR_RES) != 0;
}

static bool is_free(const struct volume *v, uint64_t block)
{
    return block <= v->fs->last_block &&
           (v->fs->block_getflags(v->fs, block) & TSK_FS_BLOCK_FLAG_UNALLOC) != 0;
}

/* Of a file that was deleted: how much lies in clusters that belong to nobody. A file may say to
 * be of any size: holes are not walked through, and clusters end with the volume. */
static uint64_t still_there(const struct volume *v, const TSK_FS_ATTR *a)
{
    uint64_t size = (uint64_t)a->size;
    if (is_resident(a))
        return size;
    uint64_t block = v->fs->block_size;
    uint64_t blocks = size / block + (size % block != 0);
    uint64_t n = 0;
    size_t runs = 0;
    for (const TSK_FS_ATTR_RUN *r = a->nrd.run; r && n < blocks && runs++ < RUNS_MOST;
         r = r->next) {
        if (r->flags & TSK_FS_ATTR_RUN_FLAG_FILLER)
            break;
        uint64_t len = r->len < blocks - n ? r->len : blocks - n;
        if (r->flags & TSK_FS_ATTR_RUN_FLAG_SPARSE) {
            n += len;
            continue;
        }
        for (uint64_t i = 0; i < len; i++, n++)
            if (!is_free(v, r->addr + i))
                return n * block;
    }
    return n < blocks ? n * block : size;
}

/* Bytes of the hole that a stream starts with. */
static uint64_t leading_hole(const struct volume *v, const TSK_FS_ATTR *a)
{
    uint64_t blocks = 0;
    size_t runs = 0;
    if (is_resident(a))
        return 0;
    for (const TSK_FS_ATTR_RUN *r = a->nrd.run;
         r && (r->flags & TSK_FS_ATTR_RUN_FLAG_SPARSE) && runs++ < RUNS_MOST; r = r->next)
        blocks = r->offset + r->len;
    uint64_t size = (uint64_t)a->size;
    return blocks <= size / v->fs->block_size ? blocks * v->fs->block_size : size;
}

static struct str on_volume(const struct volume *v)
{
    struct str path = buf_str(&v->path);
    return v->depth ? str_part(path, v->levels[0].path_n, v->file_path_n) : path;
}

/* Whether a stream belongs to NTFS itself and is not read: all but the two that tell of files. */
static bool is_own(const struct volume *v, const TSK_FS_ATTR *a)
{
    if (!is_ntfs(v))
        return false;
    TSK_INUM_T number = v->file_in_hand->meta->addr;
    struct str path = on_volume(v);
    if (str_starts(path, STR("$Extend/")))
        return !str_eq(path, STR("$Extend/$UsnJrnl")) || !str_eq(stream_name(a), STR("$J"));
    if (number == 0)
        return stream_name(a).n != 0;
    return number < OWN_FILES && !is_folder(v->file_in_hand);
}

static const char *why_refused(const struct volume *v, const TSK_FS_ATTR *a)
{
    struct str path = on_volume(v);
    if (a->flags & TSK_FS_ATTR_ENC)
        return "it is encrypted (EFS)";
    if (stream_name(a).n == 0 && v->compact)
        return "Windows keeps it compressed (CompactOS), which is not unpacked";
    if (str_istarts(path, STR("System Volume Information/{")) &&
        str_ifind(path, STR("{3808876b-c176-4e48-b7ae-04046e6cc752}"), 0) != SIZE_MAX)
        return "it is a shadow copy of the volume; the files in it are not read";
    return (uint64_t)a->size > times_disk(v, HOLES_MOST)
               ? "it says to be larger than the disk by far"
               : NULL;
}

static instant time_of(time_t seconds, uint32_t nano)
{
    if (seconds <= 0 || seconds > INT64_C(253402300799)) /* the year 9999 */
        return INSTANT_NONE;
    return instant_of_unix(seconds) + nano / 100 % INSTANT_SECOND;
}

/* Makes a stream of the file in hand the member in hand; false where it is none. */
static bool take_stream(struct volume *v, const TSK_FS_ATTR *a, struct member *ret)
{
    if (!a || !is_content(a) || a->size < 0 || is_own(v, a))
        return false;
    struct str stream = stream_name(a);
    if (is_folder(v->file_in_hand) && stream.n == 0)
        return false;
    if (str_eq(stream, STR("WofCompressedData")))
        return false;
    bool journal = str_eq(stream, STR("$J")) && is_ntfs(v);
    v->attr = a;
    v->at = 0;
    v->refused = why_refused(v, a);
    if (v->deleted && v->refused)
        return false;
    v->skip = journal ? leading_hole(v, a) : 0;
    uint64_t size = v->deleted ? still_there(v, a) : (uint64_t)a->size;
    v->size = size > v->skip ? size - v->skip : 0;
    if (v->deleted && v->size == 0)
        return false;
    truncate_path(v, v->file_path_n);
    if (stream.n) {
        struct arena *scratch = arena_new();
        buf_add_char(&v->path, ':');
        add_name(&v->path, a->name, scratch);
        arena_free(scratch);
    }
    const TSK_FS_META *m = v->file_in_hand->meta;
    *ret = (struct member){
        .path = buf_str(&v->path),
        .refused = v->refused,
        .is_file = true,
        .deleted = v->deleted,
        .has_size = true,
        .size = v->size,
        .modified = time_of(m->mtime, m->mtime_nano),
        .born = time_of(m->crtime, m->crtime_nano),
        .no_zone = is_fat(v) && m->mtime,
    };
    return true;
}

/* Behind the last stream of the file in hand: where it is a folder, into it. */
static int end_file(struct volume *v, struct err *err)
{
    bool folder = is_folder(v->file_in_hand);
    TSK_INUM_T number = v->file_in_hand->meta->addr;
    bool too_deep = folder && v->depth == LIMIT_WALK_DEPTH;
    bool cut = v->path.full;
    leave_file(v);
    truncate_path(v, v->file_path_n);
    if (cut || too_deep)
        return err_set(err, ERR_LIMIT, "image of a disk: a path is too long or too deep: %.*s",
                       STR_ARG(str_part(buf_str(&v->path), 0, 120)));
    if (!folder)
        return 0;
    buf_add_char(&v->path, '/');
    if (!enter(v, number, v->deleted))
        return err_set(err, ERR_CORRUPT, "image of a disk: folder %.*s cannot be read",
                       STR_ARG(str_part(buf_str(&v->path), 0, 160)));
    return 0;
}

/* --- the carrier ------------------------------------------------------------------------------- */

/* One step towards the next member: 1 there it is, 0 go on, -1 damage, 2 the end. */
static int step(struct volume *v, struct member *ret, struct err *err)
{
    enum { END = 2 };
    if (v->gap.n) {
        struct str gap = v->gap;
        v->gap = STR("");
        return err_set(err, ERR_CORRUPT, "%.*s", STR_ARG(gap));
    }
    if (v->full)
        return END;
    if (has_missed(v->image) && !v->missed_told) {
        v->missed_told = true;
        return err_set(
            err, ERR_CORRUPT,
            "image of a disk: a part of what says which files there are cannot be read");
    }
    if (v->file_in_hand && v->stream < v->streams)
        return take_stream(v, tsk_fs_file_attr_get_idx(v->file_in_hand, v->stream++), ret);
    if (v->file_in_hand)
        return end_file(v, err);
    if (v->depth)
        return take_name(v, err) < 0 ? -1 : 0;
    if (v->fs)
        tsk_fs_close(v->fs);
    v->fs = NULL;
    int got = next_volume(v, err);
    return got == 0 ? END : got < 0 ? -1 : 0;
}

static int volume_next(void *state, struct member *ret, struct err *err)
{
    struct volume *v = state;
    v->attr = NULL;
    tsk_error_reset();
    for (;;) {
        int got = step(v, ret, err);
        if (got != 0)
            return got == 2 ? 0 : got;
    }
}

static int volume_read(void *state, void *buf, size_t cap, size_t *ret_n, struct err *err)
{
    struct volume *v = state;
    if (!v->attr)
        return err_set(err, ERR_UNSUPPORTED, "there is no file");
    if (v->refused)
        return err_set(err, ERR_UNSUPPORTED, "%s", v->refused);
    uint64_t left = v->size - v->at;
    size_t n = cap < left ? cap : (size_t)left;
    if (n == 0)
        return 0;
    if (v->given > v->most) {
        v->refused = "the files of this image are larger than it by far";
        return err_set(err, ERR_LIMIT, "%s", v->refused);
    }
    (void)has_missed(v->image);
    ssize_t got = tsk_fs_attr_read(v->attr, (TSK_OFF_T)(v->skip + v->at), buf, n,
                                   TSK_FS_FILE_READ_FLAG_NONE);
    if (got <= 0 || has_missed(v->image)) {
        v->refused = "a part of it cannot be read";
        return err_set(err, ERR_CORRUPT, "%s", v->refused);
    }
    v->at += (uint64_t)got;
    v->given += (uint64_t)got;
    *ret_n = (size_t)got;
    return 1;
}

static void volume_close(void *state)
{
    struct volume *v = state;
    leave_file(v);
    while (v->depth)
        tsk_fs_dir_close(v->levels[--v->depth].dir);
    if (v->fs)
        tsk_fs_close(v->fs);
    if (v->table)
        tsk_vs_close(v->table);
    if (v->image) {
        tsk_img_close(&v->image->img);
        if (v->image->disk.close)
            v->image->disk.close(v->image->disk.state);
    }
    buf_free(&v->path);
}

static int open_disk(struct volume *v, enum format format, struct err *err)
{
    struct disk *disk = &v->image->disk;
    if (format == FORMAT_E01)
        return ewf_open(v->files, v->n_files, v->arena, disk, &v->gap, err);
    if (format == FORMAT_VIRTUAL_DISK)
        return vdisk_open(v->files[0], v->arena, disk, &v->gap, err);
    v->raw = v->files[0];
    *disk = (struct disk){.state = &v->raw, .size = v->raw.n, .read = read_memory};
    return 0;
}

int volume_open(const struct bytes *files, size_t n, enum format format, struct arena *arena,
                struct carrier *ret, struct err *err)
{
    static const struct carrier_calls calls = {volume_next, volume_read, volume_close};
    enum {
        TIMES_MOST = 8,    /* so many times as large as the disk may its files be together, */
        RATIO_MOST = 2000, /* and as a file that holds its blocks in use only */
        BYTES_FREE = 64 << 20,
    };
    if (format == FORMAT_VIRTUAL_DISK && !vdisk_is_read(files[0]))
        return err_set(err, ERR_UNSUPPORTED,
                       "%s: this form of image is not read: convert it to a raw one, by "
                       "qemu-img convert -O raw or FTK Imager",
                       virtual_disk(files[0]) ? virtual_disk(files[0]) : "a virtual disk");
    struct volume *v = ARENA_NEW(arena, struct volume);
    v->arena = arena;
    v->files = files;
    v->n_files = n;
    v->image = ARENA_NEW(arena, struct image);
    v->path = buf_new(PATH_MOST);
    v->gap = STR("");
    if (open_disk(v, format, err) < 0)
        return -1;
    v->most = times_disk(v, TIMES_MOST);
    if (format == FORMAT_VIRTUAL_DISK) /* most of it may lie nowhere */
        v->most = at_most(v->most, BYTES_FREE + (uint64_t)files[0].n * RATIO_MOST);
    if (!tsk_img_open_external(v->image, (TSK_OFF_T)v->image->disk.size, 512, read_image,
                               close_nothing, say_nothing) ||
        open_table(v, err) < 0) {
        volume_close(v);
        return -1;
    }
    *ret = (struct carrier){&calls, v};
    return 0;
}
