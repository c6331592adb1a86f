#include "format/zip_entry.h"

#include <string.h>

#include "base/cur.h"
#include "format/crc32.h"

#define FULL_32 UINT32_MAX /* stands in the large form */

enum {
    EXTRA_LARGE = 0x0001,
    EXTRA_NTFS = 0x000a,
    EXTRA_STAMP = 0x5455,
    EXTRA_NAME = 0x7075,
    EXTRA_AES = 0x9901,
    NTFS_TIMES = 1, /* the attribute of that field that holds times */
    MADE_DOS = 0,   /* systems that packed */
    MADE_UNIX = 3,
    MADE_MACOS = 19,
};

bool zip_is_at(struct bytes file, uint64_t at, const char magic[4])
{
    return at <= file.n && file.n - at >= 4 && memcmp(file.p + at, magic, 4) == 0;
}

/* --- times --------------------------------------------------------------------------------------- */

static instant dos_time(uint16_t date, uint16_t time)
{
    return instant_of_civil(1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11,
                            time >> 5 & 63, 2 * (time & 31));
}

static void read_ntfs(struct cur field, struct zip_entry *t)
{
    cur_skip(&field, 4);
    while (cur_left(&field) >= 4 && !field.bad) {
        uint16_t tag = cur_u16(&field);
        struct cur part = cur_sub(&field, cur_u16(&field));
        if (tag != NTFS_TIMES || cur_left(&part) < 24)
            continue;
        t->modified = instant_of_filetime(cur_u64(&part));
        cur_skip(&part, 8); /* read last */
        t->born = instant_of_filetime(cur_u64(&part));
        t->no_zone = false;
    }
}

static void read_stamp(struct cur field, struct zip_entry *t)
{
    uint8_t which = cur_u8(&field);
    if (!(which & 1) || cur_left(&field) < 4)
        return;
    t->modified = instant_of_unix((int32_t)cur_u32(&field));
    t->no_zone = false;
}

/* Sizes and the offset are there where the header has no room for them, in this order. */
static void read_large(struct cur field, struct zip_entry *t)
{
    if (t->size == FULL_32 && cur_left(&field) >= 8)
        t->size = cur_u64(&field);
    if (t->packed == FULL_32 && cur_left(&field) >= 8)
        t->packed = cur_u64(&field);
    if (t->header == FULL_32 && cur_left(&field) >= 8)
        t->header = cur_u64(&field);
}

/* The name once more, in Unicode; it holds where it was made for this name. */
static void read_name(struct cur field, struct zip_entry *t)
{
    uint8_t version = cur_u8(&field);
    uint32_t crc = cur_u32(&field);
    struct bytes name = cur_take(&field, cur_left(&field));
    if (!field.bad && version == 1 && name.n && crc == crc32_of(0, t->name))
        t->name = name;
}

static void read_field(uint16_t tag, struct cur field, struct zip_entry *t, bool *fine)
{
    if (tag == EXTRA_NTFS) {
        read_ntfs(field, t);
        *fine = !t->no_zone;
    } else if (tag == EXTRA_STAMP && !*fine) {
        read_stamp(field, t); /* the finer of two times stays */
    } else if (tag == EXTRA_LARGE) {
        read_large(field, t);
    } else if (tag == EXTRA_NAME) {
        read_name(field, t);
    }
}

static void read_extra(struct zip_entry *t)
{
    enum { FIELD_HEAD = 4 };
    struct cur extra = cur_of(t->extra, 0);
    bool fine = false;
    while (cur_left(&extra) >= FIELD_HEAD && !extra.bad) {
        size_t at = extra.at;
        uint16_t tag = cur_u16(&extra);
        struct cur field = cur_sub(&extra, cur_u16(&extra));
        if (extra.bad)
            break;
        if (tag == EXTRA_AES)
            t->aes = (struct bytes){t->extra.p + at, extra.at - at};
        read_field(tag, field, t, &fine);
    }
    t->no_zone = t->no_zone && t->modified != INSTANT_NONE;
}

/* What both headers hold in this order: from the flags to the length of the extra fields. */
static void read_common(struct cur *c, struct zip_entry *t, uint16_t *ret_name,
                        uint16_t *ret_extra)
{
    t->flags = cur_u16(c);
    t->method = cur_u16(c);
    t->time = cur_u16(c);
    t->date = cur_u16(c);
    t->crc = cur_u32(c);
    t->packed = cur_u32(c);
    t->size = cur_u32(c);
    *ret_name = cur_u16(c);
    *ret_extra = cur_u16(c);
    t->modified = dos_time(t->date, t->time);
    t->born = INSTANT_NONE;
    t->no_zone = true;
}

static struct cur cur_at(struct bytes file, uint64_t at)
{
    return cur_of((struct bytes){file.p + at, (size_t)(file.n - at)}, at);
}

bool zip_entry_read(struct bytes file, uint64_t at, struct zip_entry *ret)
{
    struct zip_entry t = {.from = at};
    uint16_t name = 0;
    uint16_t extra = 0;
    if (!zip_is_at(file, at, "PK\1\2"))
        return false;
    struct cur c = cur_at(file, at);
    cur_skip(&c, 5);
    t.made_by = cur_u8(&c);
    cur_skip(&c, 2);
    read_common(&c, &t, &name, &extra);
    uint16_t comment = cur_u16(&c);
    cur_skip(&c, 4);
    t.attributes = cur_u32(&c);
    t.header = cur_u32(&c);
    t.name = cur_take(&c, name);
    t.extra = cur_take(&c, extra);
    cur_skip(&c, comment);
    t.to = cur_offset(&c);
    if (c.bad)
        return false;
    read_extra(&t);
    *ret = t;
    return true;
}

bool zip_own_read_damaged(struct bytes file, uint64_t at, struct zip_entry *ret)
{
    struct zip_entry t = {.header = at, .from = at};
    uint16_t name = 0;
    uint16_t extra = 0;
    if (at > file.n || file.n - at < ZIP_OWN_SIZE)
        return false;
    struct cur c = cur_at(file, at);
    cur_skip(&c, 6);
    read_common(&c, &t, &name, &extra);
    t.name = cur_take(&c, name);
    t.extra = cur_take(&c, extra);
    t.to = cur_offset(&c);
    if (c.bad)
        return false;
    read_extra(&t);
    t.header = at;
    *ret = t;
    return true;
}

bool zip_own_read(struct bytes file, uint64_t at, struct zip_entry *ret)
{
    return zip_is_at(file, at, "PK\3\4") && zip_own_read_damaged(file, at, ret);
}

void zip_entry_add_own(struct zip_entry *e, const struct zip_entry *own)
{
    if (e->no_zone && !own->no_zone && own->modified != INSTANT_NONE) {
        e->modified = own->modified;
        e->born = own->born;
        e->no_zone = false;
    }
    if (e->aes.n == 0)
        e->aes = own->aes;
}

size_t zip_behind(struct bytes file, uint64_t at, const struct zip_entry *e)
{
    for (unsigned form = 0; form < 4 && at <= file.n; form++) {
        struct cur c = cur_at(file, at);
        bool large = form & 1;
        if (form < 2 && !zip_is_at(file, at, "PK\7\10"))
            continue;
        cur_skip(&c, form < 2 ? 4 : 0);
        uint32_t crc = cur_u32(&c);
        uint64_t packed = large ? cur_u64(&c) : cur_u32(&c);
        uint64_t size = large ? cur_u64(&c) : cur_u32(&c);
        bool same = large ? packed == e->packed && size == e->size
                          : packed == (uint32_t)e->packed && size == (uint32_t)e->size;
        if (!c.bad && same && (form < 2 || (e->flags & ZIP_SIZES_BEHIND && crc == e->crc)))
            return c.at;
    }
    return 0;
}

/* What says to be a folder and holds bytes is a file. */
bool zip_is_folder(const struct zip_entry *e)
{
    enum { DOS_FOLDER = 0x10, UNIX_KIND = 0170000, UNIX_FOLDER = 0040000 };
    uint32_t mode = e->attributes >> 16;
    char last = e->name.n ? (char)e->name.p[e->name.n - 1] : 'x';
    bool unix_folder = (e->made_by == MADE_UNIX || e->made_by == MADE_MACOS) &&
                       (mode & UNIX_KIND) == UNIX_FOLDER;
    bool dos_folder = e->made_by == MADE_DOS && e->attributes & DOS_FOLDER;
    return e->size == 0 && (last == '/' || last == '\\' || unix_folder || dos_folder);
}

bool zip_is_link(const struct zip_entry *e)
{
    enum { UNIX_KIND = 0170000, UNIX_LINK = 0120000 };
    return (e->made_by == MADE_UNIX || e->made_by == MADE_MACOS) &&
           (e->attributes >> 16 & UNIX_KIND) == UNIX_LINK;
}
