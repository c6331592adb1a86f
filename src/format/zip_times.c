#include "format/zip_times.h"

#include <stdlib.h>
#include <string.h>

#include "base/cur.h"

#define FULL_32 UINT32_MAX /* stands in the large form */

enum {
    END_SIZE = 22, /* of the record at the end, without its comment */
    COMMENT_MAX = 0xffff,
    LOCATOR_SIZE = 20, /* of the record before it that leads to the large form */
    ENTRY_SIZE = 46,   /* of an entry of the directory, without what varies */
    EXTRA_STAMP = 0x5455,
    EXTRA_NTFS = 0x000a,
    EXTRA_LARGE = 0x0001,
    NTFS_TIMES = 1,         /* the attribute of that field that holds times */
    ENTRIES_MOST = 1 << 20, /* no more members of an archive are read */
    AHEAD_MAX = 1000,       /* entries that the caller may leave out one after the other */
};

/* --- where the directory is -------------------------------------------------------------------- */

static bool is_at(struct bytes file, uint64_t at, const char magic[4])
{
    return at <= file.n && file.n - at >= 4 && memcmp(file.p + at, magic, 4) == 0;
}

static bool find_end(struct bytes file, size_t *ret)
{
    if (file.n < END_SIZE)
        return false;
    size_t last = file.n - END_SIZE;
    size_t first = last > COMMENT_MAX ? last - COMMENT_MAX : 0;
    for (size_t at = last + 1; at > first; at--) {
        if (!is_at(file, at - 1, "PK\5\6"))
            continue;
        *ret = at - 1;
        return true;
    }
    return false;
}

/* The directory's place by the large form, where there is one. */
static bool find_large(struct bytes file, size_t end, uint64_t *ret)
{
    if (end < LOCATOR_SIZE || !is_at(file, end - LOCATOR_SIZE, "PK\6\7"))
        return false;
    struct cur c = cur_of(file, 0);
    cur_seek(&c, end - LOCATOR_SIZE + 8);
    uint64_t at = cur_u64(&c);
    if (!is_at(file, at, "PK\6\6"))
        return false;
    cur_seek(&c, (size_t)at);
    cur_skip(&c, 48);
    *ret = cur_u64(&c);
    return !c.bad;
}

/* --- times --------------------------------------------------------------------------------------- */

static instant dos_time(uint16_t date, uint16_t time)
{
    return instant_of_civil(1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11,
                            time >> 5 & 63, 2 * (time & 31));
}

static void read_ntfs(struct cur field, struct zip_time *t)
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

static void read_stamp(struct cur field, struct zip_time *t)
{
    uint8_t which = cur_u8(&field);
    if (!(which & 1) || cur_left(&field) < 4)
        return;
    t->modified = instant_of_unix((int32_t)cur_u32(&field));
    t->no_zone = false;
}

/* What the extra fields add; the finer of two times stays. */
static void read_extra(struct cur extra, struct zip_time *t, bool large)
{
    bool fine = false;
    while (cur_left(&extra) >= 4 && !extra.bad) {
        uint16_t tag = cur_u16(&extra);
        struct cur field = cur_sub(&extra, cur_u16(&extra));
        if (extra.bad)
            return;
        if (tag == EXTRA_NTFS) {
            read_ntfs(field, t);
            fine = !t->no_zone;
        } else if (tag == EXTRA_STAMP && !fine) {
            read_stamp(field, t);
        } else if (tag == EXTRA_LARGE && large && cur_left(&field) >= 8) {
            /* sizes stand before the offset where they are large too */
            size_t sizes = cur_left(&field) / 8 - 1;
            cur_skip(&field, 8 * (sizes < 2 ? sizes : 2));
            t->header = cur_u64(&field);
        }
    }
}

/* The entry's own header may have extra fields that the directory leaves out. */
static void read_own(struct bytes file, struct zip_time *t)
{
    if (!t->no_zone || !is_at(file, t->header, "PK\3\4"))
        return;
    struct cur c = cur_of(file, 0);
    cur_seek(&c, (size_t)t->header);
    cur_skip(&c, 26);
    uint16_t name = cur_u16(&c);
    uint16_t extra = cur_u16(&c);
    cur_skip(&c, name);
    struct zip_time own = *t;
    read_extra(cur_sub(&c, extra), &own, false);
    if (!own.no_zone && own.modified != INSTANT_NONE)
        *t = own;
}

static bool read_entry(struct bytes file, struct cur *c, struct zip_time *ret)
{
    struct zip_time t = {.born = INSTANT_NONE, .no_zone = true};
    if (cur_left(c) < ENTRY_SIZE || !is_at(file, c->at, "PK\1\2"))
        return false;
    cur_skip(c, 12);
    uint16_t time = cur_u16(c);
    uint16_t date = cur_u16(c);
    cur_skip(c, 12);
    uint16_t name = cur_u16(c);
    uint16_t extra = cur_u16(c);
    uint16_t comment = cur_u16(c);
    cur_skip(c, 8);
    t.header = cur_u32(c);
    t.modified = dos_time(date, time);
    t.name = cur_take(c, name);
    read_extra(cur_sub(c, extra), &t, t.header == FULL_32);
    cur_skip(c, comment);
    if (c->bad)
        return false;
    read_own(file, &t);
    t.no_zone = t.no_zone && t.modified != INSTANT_NONE;
    *ret = t;
    return true;
}

/* --- the table ------------------------------------------------------------------------------------- */

static int by_header(const void *x, const void *y)
{
    const struct zip_time *a = x;
    const struct zip_time *b = y;
    return (a->header > b->header) - (a->header < b->header);
}

void zip_times_read(struct bytes file, struct arena *arena, struct zip_times *ret)
{
    size_t end = 0;
    size_t cap = 0;
    *ret = (struct zip_times){0};
    if (!find_end(file, &end))
        return;
    struct cur c = cur_of(file, 0);
    cur_seek(&c, end + 16);
    uint64_t from = cur_u32(&c);
    if (from == FULL_32)
        (void)find_large(file, end, &from);
    if (from >= file.n)
        return;
    cur_seek(&c, (size_t)from);
    struct zip_time t;
    while (ret->n < ENTRIES_MOST && read_entry(file, &c, &t)) {
        ret->at = arena_grow(arena, ret->at, ret->n, &cap, sizeof *ret->at);
        ret->at[ret->n++] = t;
    }
    if (ret->n)
        qsort(ret->at, ret->n, sizeof *ret->at, by_header);
}

const struct zip_time *zip_times_next(struct zip_times *t, struct bytes name)
{
    for (size_t i = t->next; i < t->n && i - t->next < AHEAD_MAX; i++) {
        const struct zip_time *e = &t->at[i];
        if (e->name.n != name.n || memcmp(e->name.p, name.p, name.n) != 0)
            continue;
        t->next = i + 1;
        return e;
    }
    return NULL;
}
