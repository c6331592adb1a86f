#include "format/zip_map.h"

#include "base/buf.h"
#include "t.h"

static void put(struct buf *b, uint64_t v, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        buf_add_char(b, (char)(i < 8 ? v >> 8 * i : 0));
}

enum { DATE = (2021 - 1980) << 9 | 3 << 5 | 14, TIME = 6 << 11 | 40 << 5 | 13 / 2 };

#define STAMP "\x55\x54\x05\0\x01\x8d\xaf\x4d\x60" /* 2021-03-14 06:39:09 */
#define STAMP_READ_ONLY "\x55\x54\x05\0\x02\x8d\xaf\x4d\x60"

struct entry {
    const char *name;
    struct str own, central; /* extra fields */
};

static struct buf extra_ntfs(void)
{
    struct buf b = buf_new(100);
    put(&b, 0x000a, 2);
    put(&b, 32, 2);
    put(&b, 0, 4);
    put(&b, 1, 2);
    put(&b, 24, 2);
    put(&b, UINT64_C(132601776136601234), 8); /* 2021-03-14 06:40:13.6601234 */
    put(&b, UINT64_C(132601776130000000), 8);
    put(&b, UINT64_C(132601776120000000), 8); /* 2021-03-14 06:40:12 */
    return b;
}

static struct buf zip_of(const struct entry *entries, size_t n, bool large)
{
    struct buf b = buf_new(1 << 16);
    struct buf central = buf_new(1 << 16);
    for (size_t i = 0; i < n; i++) {
        const struct entry *e = &entries[i];
        size_t at = b.n;
        put(&b, 0x04034b50, 4);
        put(&b, 20, 6);
        put(&b, TIME, 2);
        put(&b, DATE, 2);
        put(&b, 0, 12);
        put(&b, strlen(e->name), 2);
        put(&b, e->own.n, 2);
        buf_add_cstr(&b, e->name);
        buf_add(&b, e->own.p, e->own.n);
        put(&central, 0x02014b50, 4);
        put(&central, 20, 8);
        put(&central, TIME, 2);
        put(&central, DATE, 2);
        put(&central, 0, 12);
        put(&central, strlen(e->name), 2);
        put(&central, e->central.n + (large ? 12 : 0), 2);
        put(&central, 0, 10);
        put(&central, large ? UINT32_MAX : at, 4);
        buf_add_cstr(&central, e->name);
        buf_add(&central, e->central.p, e->central.n);
        if (large) {
            put(&central, 1, 2);
            put(&central, 8, 2);
            put(&central, at, 8);
        }
    }
    size_t from = b.n;
    buf_add(&b, central.p, central.n);
    size_t end = b.n;
    if (large) {
        put(&b, 0x06064b50, 4);
        put(&b, 44, 44);
        put(&b, from, 8);
        put(&b, 0x07064b50, 8);
        put(&b, end, 8);
        put(&b, 1, 4);
    }
    put(&b, 0x06054b50, 4);
    put(&b, 0, 8);
    put(&b, central.n, 4);
    put(&b, large ? UINT32_MAX : from, 4);
    put(&b, 0, 2);
    buf_free(&central);
    return b;
}

static struct bytes bytes_of(const struct buf *b)
{
    return str_bytes(buf_str(b));
}

/* What is told of a member of this name. */
static struct zip_entry find(struct bytes zip, const char *name)
{
    struct arena *arena = arena_new();
    struct zip_map map;
    struct zip_entry ret = {.modified = INSTANT_NONE};
    zip_map_read(zip, arena, &map);
    for (size_t i = 0; i < map.n; i++) {
        struct zip_entry e = {0};
        struct zip_entry own;
        if (map.at[i].entry < ZIP_DIRECTORY && zip_map_member(zip, &map.at[i], &e, &own) &&
            str_eq((struct str){(const char *)e.name.p, e.name.n}, str_of(name)))
            ret = e;
    }
    arena_free(arena);
    return ret;
}

static void check(struct zip_entry e, const char *modified, bool no_zone)
{
    char text[INSTANT_TEXT];
    T_OK(str_eq(instant_text(e.modified, text), str_of(modified)));
    T_EQ(e.no_zone, no_zone);
}

static void the_zone_is_told_or_not(void)
{
    for (int large = 0; large < 2; large++) {
        struct buf ntfs = extra_ntfs();
        const struct entry entries[] = {
            {"dos.aspx", STR(""), STR("")},
            {"stamp.aspx", STR(STAMP), STR(STAMP)},
            {"own.aspx", STR(STAMP), STR("")},
            {"left-out.aspx", STR(""), STR("")},
            {"ntfs.aspx", STR(""), buf_str(&ntfs)},
            {"read.aspx", STR(STAMP_READ_ONLY), STR("")},
        };
        struct buf zip = zip_of(entries, 6, large);
        struct bytes b = bytes_of(&zip);
        check(find(b, "dos.aspx"), "2021-03-14T06:40:12Z", true);
        check(find(b, "stamp.aspx"), "2021-03-14T06:39:09Z", false);
        check(find(b, "own.aspx"), "2021-03-14T06:39:09Z", false);
        T_EQ(find(b, "none.aspx").modified, INSTANT_NONE);
        check(find(b, "ntfs.aspx"), "2021-03-14T06:40:13.6601234Z", false);
        T_EQ(find(b, "ntfs.aspx").born, instant_of_filetime(UINT64_C(132601776120000000)));
        check(find(b, "read.aspx"), "2021-03-14T06:40:12Z", true);
        buf_free(&zip);
        buf_free(&ntfs);
    }
}

static void read_any(struct bytes zip)
{
    struct arena *arena = arena_new();
    struct zip_map map;
    zip_map_read(zip, arena, &map);
    arena_free(arena);
}

static void damage_harms_nobody(void)
{
    struct buf ntfs = extra_ntfs();
    const struct entry entries[] = {{"a", STR(STAMP), STR("")}, {"b", STR(""), buf_str(&ntfs)}};
    for (int large = 0; large < 2; large++) {
        struct buf zip = zip_of(entries, 2, large);
        t_each_prefix(bytes_of(&zip), read_any);
        for (size_t i = 0; i < zip.n * 8; i++) {
            zip.p[i / 8] ^= (char)(1 << i % 8);
            read_any(bytes_of(&zip));
            zip.p[i / 8] ^= (char)(1 << i % 8);
        }
        buf_free(&zip);
    }
    buf_free(&ntfs);
}

int main(void)
{
    T_RUN(the_zone_is_told_or_not);
    T_RUN(damage_harms_nobody);
    return t_done();
}
