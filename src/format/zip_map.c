#include "format/zip_map.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cur.h"
#include "base/utf.h"

#define FULL_32 UINT32_MAX /* stands in the large form */

enum {
    END_SIZE = 22, /* of the record at the end, without its comment */
    COMMENT_MAX = 0xffff,
    LOCATOR_SIZE = 20, /* of the record before it that leads to the large form */
    LARGE_SIZE = 56,   /* of the end in its large form, as all write it */
    LARGE_HEAD = 12,   /* in it: what its size does not count */
    TORN_MAX = 16,     /* unlisted members that nothing of a ZIP follows: one is cut off */
    EXAMPLES = 3,      /* names told in a note */
    EXAMPLE_BYTES = 40,
};

struct directory {
    uint64_t from, to; /* its entries, as far as they can be read */
    uint64_t told_to;  /* as the end says */
    uint64_t entries;  /* as the end says; large: all bits of it */
    bool large;
    uint64_t large_from, large_to; /* the end in its large form */
    uint64_t end, end_to;          /* the end; with its comment */
};

struct behind {     /* what stands behind a member's bytes and repeats their sizes */
    uint64_t start; /* where those bytes start, if it is such a one */
    uint64_t at;
};

struct mapping {
    struct zip_map *map;
    struct bytes file;
    struct arena *arena;
    struct buf names; /* of members that are not listed: the first ones */
    struct buf renamed;
    struct buf resized;
    size_t n_renamed, n_resized, doubled, overlapping, cut_off, torn;
    uint64_t between_bytes, between_at;
    bool full;
};

/* --- where the directory is ---------------------------------------------------------------- */

static struct cur cur_at(struct bytes file, uint64_t at)
{
    size_t from = at < file.n ? (size_t)at : file.n;
    return cur_of((struct bytes){file.p + from, file.n - from}, from);
}

/* The end in its large form, where there is one. */
static void find_large(struct bytes file, uint64_t end, struct directory *d, uint64_t *size,
                       uint64_t *from)
{
    if (end < LOCATOR_SIZE || !zip_is_at(file, end - LOCATOR_SIZE, "PK\6\7"))
        return;
    uint64_t locator = end - LOCATOR_SIZE;
    struct cur c = cur_at(file, locator + 8);
    uint64_t at = cur_u64(&c);
    if (!zip_is_at(file, at, "PK\6\6"))
        at = locator >= LARGE_SIZE ? locator - LARGE_SIZE : locator;
    if (at > locator || !zip_is_at(file, at, "PK\6\6"))
        return;
    c = cur_at(file, at + 4);
    uint64_t record = cur_u64(&c);
    cur_skip(&c, 20);
    uint64_t entries = cur_u64(&c);
    uint64_t bytes = cur_u64(&c);
    uint64_t start = cur_u64(&c);
    if (c.bad)
        return;
    d->large = true;
    d->entries = entries;
    d->large_from = at;
    d->large_to = record <= locator - at && record + LARGE_HEAD <= locator - at
                      ? at + LARGE_HEAD + record
                      : locator;
    *size = bytes;
    *from = start;
}

/* The directory that this end tells of: it lies before the end, or where the end says. */
static bool read_end(struct bytes file, uint64_t end, struct directory *ret, uint64_t *shift)
{
    struct directory d = {.end = end};
    struct cur c = cur_at(file, end);
    cur_skip(&c, 10);
    d.entries = cur_u16(&c);
    uint64_t size = cur_u32(&c);
    uint64_t from = cur_u32(&c);
    uint64_t comment = cur_u16(&c);
    if (c.bad)
        return false;
    d.end_to = comment < file.n - end - END_SIZE ? end + END_SIZE + comment : file.n;
    if (d.entries == UINT16_MAX || size == FULL_32 || from == FULL_32)
        find_large(file, end, &d, &size, &from);
    uint64_t behind = d.large ? d.large_from : end;
    uint64_t before = size <= behind ? behind - size : UINT64_MAX;
    bool adjacent = before < behind && zip_is_at(file, before, "PK\1\2");
    bool told = from < end && zip_is_at(file, from, "PK\1\2");
    bool empty = d.entries == 0 && size == 0;
    if (!adjacent && !told && !empty)
        return false;
    d.from = adjacent ? before : told ? from : behind;
    d.told_to = size <= behind - d.from ? d.from + size : behind;
    *shift = empty ? 0 : d.from - from;
    *ret = d;
    return true;
}

/* The last end that leads to a directory; rather one whose comment ends with the file. */
static bool find_directory(struct bytes file, struct directory *ret, uint64_t *shift)
{
    if (file.n < END_SIZE)
        return false;
    size_t last = file.n - END_SIZE;
    size_t first = last > COMMENT_MAX ? last - COMMENT_MAX : 0;
    for (int whole = 1; whole >= 0; whole--)
        for (size_t at = last + 1; at > first; at--) {
            struct directory d;
            if (!zip_is_at(file, at - 1, "PK\5\6") || !read_end(file, at - 1, &d, shift) ||
                (whole && d.end_to != file.n))
                continue;
            *ret = d;
            return true;
        }
    return false;
}

/* --- places ---------------------------------------------------------------------------------- */

static void add_place(struct mapping *m, uint64_t from, uint64_t entry, uint64_t to)
{
    struct zip_map *map = m->map;
    map->at = arena_grow(m->arena, map->at, map->n, &map->cap, sizeof *map->at);
    map->at[map->n++] = (struct zip_place){from, entry, to};
}

static int by_place(const void *x, const void *y)
{
    const struct zip_place *a = x;
    const struct zip_place *b = y;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return (a->entry > b->entry) - (a->entry < b->entry);
}

static void sort(struct zip_map *map)
{
    for (size_t i = 1; i < map->n; i++)
        if (by_place(&map->at[i - 1], &map->at[i]) > 0) {
            qsort(map->at, map->n, sizeof *map->at, by_place);
            return;
        }
}

static void note(struct mapping *m, struct str text)
{
    if (m->map->n_notes < ZIP_NOTES)
        m->map->notes[m->map->n_notes++] = text;
}

static void add_name(struct buf *to, size_t n, struct bytes name, struct arena *arena)
{
    if (n >= EXAMPLES)
        return;
    struct str text = utf8_repair(
        (struct bytes){name.p, name.n < EXAMPLE_BYTES ? name.n : EXAMPLE_BYTES}, arena);
    buf_addf(to, "%s%.*s", n ? ", " : "", STR_ARG(text));
}

static void read_directory(struct mapping *m, struct directory *d)
{
    struct zip_entry e;
    uint64_t at = d->from;
    size_t n = 0;
    for (; n < ZIP_ENTRIES_MAX && zip_entry_read(m->file, at, &e); n++, at = e.to)
        add_place(m, e.header + m->map->shift, at, 0);
    if (zip_is_at(m->file, at, "PK\5\5")) { /* a signature of it */
        struct cur c = cur_at(m->file, at + 4);
        uint64_t size = cur_u16(&c);
        at += size + 6 <= m->file.n - at ? size + 6 : 0;
    }
    d->to = at;
    bool same = d->large ? n == d->entries : (n & UINT16_MAX) == d->entries;
    if (n == ZIP_ENTRIES_MAX && !same)
        note(m, arena_printf(m->arena,
                             "its directory has more than %d entries: those behind "
                             "are read by their own headers, as far as they go",
                             ZIP_ENTRIES_MAX));
    else if (!same || d->to < d->told_to)
        note(m, arena_printf(m->arena,
                             "its directory is damaged: %zu entries can be read of %" PRIu64, n,
                             d->entries));
}

/* --- stretches that belong to none ------------------------------------------------------------- */

static bool is_known_method(uint16_t method)
{
    enum { LAST_OLD = 20, FIRST_NEW = 93, LAST_NEW = 99 };
    return method <= LAST_OLD || (method >= FIRST_NEW && method <= LAST_NEW);
}

/* The next header in a stretch that makes sense; false: there is none. */
static bool find_own(struct bytes file, uint64_t from, uint64_t to, struct zip_entry *ret)
{
    while (from < to && to - from >= ZIP_OWN_SIZE) {
        const uint8_t *hit = memmem(file.p + from, (size_t)(to - from), "PK\3\4", 4);
        if (!hit)
            return false;
        uint64_t at = (uint64_t)(hit - file.p);
        struct zip_entry e;
        if (zip_own_read((struct bytes){file.p, (size_t)to}, at, &e) && e.name.n &&
            is_known_method(e.method)) {
            *ret = e;
            return true;
        }
        from = at + 1;
    }
    return false;
}

static bool is_record(struct bytes file, uint64_t at)
{
    return zip_is_at(file, at, "PK\3\4") || zip_is_at(file, at, "PK\1\2") ||
           zip_is_at(file, at, "PK\5\6") || zip_is_at(file, at, "PK\6\6");
}

static int by_start(const void *x, const void *y)
{
    const struct behind *a = x;
    const struct behind *b = y;
    return (a->start > b->start) - (a->start < b->start);
}

/* All that may repeat sizes in a stretch, by where the bytes start that they would belong to. */
static struct behind *list_behind(struct bytes file, uint64_t from, uint64_t to,
                                  struct arena *arena, size_t *ret_n)
{
    struct behind *list = NULL;
    size_t n = 0;
    size_t cap = 0;
    uint64_t at = from;
    while (at < to && n < ZIP_UNLISTED_MAX) {
        const uint8_t *hit = memmem(file.p + at, (size_t)(to - at), "PK\7\10", 4);
        if (!hit)
            break;
        at = (uint64_t)(hit - file.p);
        struct cur c = cur_at(file, at + 8);
        uint64_t packed = cur_u32(&c); /* the lower half of it in the large form */
        if (!c.bad && packed <= at - from) {
            list = arena_grow(arena, list, n, &cap, sizeof *list);
            list[n++] = (struct behind){at - packed, at};
        }
        at += 4;
    }
    if (n)
        qsort(list, n, sizeof *list, by_start);
    *ret_n = n;
    return list;
}

static uint64_t find_behind(const struct behind *list, size_t n, uint64_t start)
{
    size_t from = 0;
    size_t to = n;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (list[mid].start < start)
            from = mid + 1;
        else
            to = mid;
    }
    return from < n && list[from].start == start ? list[from].at : UINT64_MAX;
}

/* Passes records of a directory, of which the stretch may hold another one. */
static uint64_t pass_records(struct bytes file, uint64_t at, uint64_t to)
{
    struct zip_entry e;
    struct bytes part = {file.p, (size_t)to};
    for (;;) {
        uint64_t size = 0;
        struct cur c = cur_at(part, at + 4);
        if (zip_entry_read(part, at, &e))
            size = e.to - at;
        else if (zip_is_at(part, at, "PK\6\6"))
            size = cur_u64(&c) & UINT32_MAX;
        else if (zip_is_at(part, at, "PK\6\7"))
            size = LOCATOR_SIZE;
        else if (zip_is_at(part, at, "PK\5\6")) {
            cur_skip(&c, 16);
            size = END_SIZE + (uint64_t)cur_u16(&c);
        } else
            return at;
        size += zip_is_at(part, at, "PK\6\6") ? LARGE_HEAD : 0;
        at = size < to - at ? at + size : to;
    }
}

/* Bytes that no header explains: no member can lie in a few, or in zeros. */
static void add_between(struct mapping *m, uint64_t from, uint64_t to)
{
    from = pass_records(m->file, from, to);
    while (from < to && m->file.p[from] == 0)
        from++;
    bool whole =
        from == 0 && to == m->file.n; /* that file is in hand: it is no member of itself */
    if (to - from < ZIP_OWN_SIZE || m->full || whole)
        return;
    if (m->map->between++ == 0)
        m->between_at = from;
    m->between_bytes += to - from;
    add_place(m, from, ZIP_BETWEEN, to);
    m->full = m->map->unlisted + m->map->between >= ZIP_UNLISTED_MAX;
}

/* Where the bytes of a member end whose own header alone is there. Its word is taken only where
 * something of a ZIP follows: else it could claim what lies behind. */
static uint64_t end_of(struct mapping *m, const struct zip_entry *e, uint64_t to,
                       const struct behind *list, size_t n_list, bool *ret_sure)
{
    struct bytes part = {m->file.p, (size_t)to};
    *ret_sure = true;
    if (!(e->flags & ZIP_SIZES_BEHIND) || e->packed) {
        bool fits = e->packed <= to - e->to;
        uint64_t end = fits ? e->to + e->packed : to;
        uint64_t behind = fits ? zip_behind(part, end, e) : 0;
        *ret_sure = fits && (end + behind == to || is_record(part, end + behind));
        return end + behind;
    }
    uint64_t at = find_behind(list, n_list, e->to);
    if (at != UINT64_MAX)
        return at;
    struct zip_entry next;
    return find_own(m->file, e->to, to, &next) ? next.from : to;
}

static void add_unlisted(struct mapping *m, const struct zip_entry *e, uint64_t to)
{
    add_name(&m->names, m->map->unlisted, e->name, m->arena);
    m->map->unlisted++;
    add_place(m, e->from, ZIP_UNLISTED, to);
    m->full = m->map->unlisted + m->map->between >= ZIP_UNLISTED_MAX;
}

/* The length of what repeats sizes; after the one form or the other a record follows. */
static size_t size_behind(struct bytes file, uint64_t at, uint64_t to)
{
    enum { SHORT = 16, LONG = 24 };
    if (at >= to || !zip_is_at(file, at, "PK\7\10"))
        return 0;
    bool is_long = to - at >= LONG && !is_record(file, at + SHORT) &&
                   (to - at == LONG || is_record(file, at + LONG));
    size_t size = is_long ? LONG : SHORT;
    return size < to - at ? size : (size_t)(to - at);
}

/* Members in a stretch that none of the known ones takes. rest: what is left is a place, too */
static void search(struct mapping *m, uint64_t from, uint64_t to, bool rest)
{
    struct zip_entry e;
    if (!find_own(m->file, from, to, &e)) {
        if (rest)
            add_between(m, from, to);
        return;
    }
    struct arena *arena = arena_new();
    struct behind *list = NULL;
    size_t n = 0;
    bool listed = false;
    uint64_t left = from; /* what is behind belongs to nothing yet */
    uint64_t at = from;
    for (; !m->full && find_own(m->file, at, to, &e); left += size_behind(m->file, left, to)) {
        bool sure = false;
        if (!listed && e.flags & ZIP_SIZES_BEHIND && e.packed == 0) {
            list = list_behind(m->file, from, to, arena, &n);
            listed = true;
        }
        uint64_t end = end_of(m, &e, to, list, n, &sure);
        if (!sure && ++m->torn > TORN_MAX) { /* these bytes are taken for no header */
            at = e.from + 1;
            continue;
        }
        if (rest && e.from > left)
            add_between(m, left, e.from);
        add_unlisted(m, &e, end);
        at = sure ? end : e.to;
        at = at > e.from ? at : e.to;
        left = end > left ? end : left;
    }
    if (rest && left < to)
        add_between(m, left, to);
    arena_free(arena);
}

static bool is_zeros(struct bytes file, uint64_t from, uint64_t to)
{
    while (from < to && file.p[from] == 0)
        from++;
    return from == to;
}

static void take_stretch(struct mapping *m, uint64_t from, uint64_t to)
{
    if (from < to && !is_zeros(m->file, from, to))
        search(m, from, to, true);
}

/* --- members that are listed ------------------------------------------------------------------- */

/* Of a member whose sizes stand behind its bytes, and that no directory tells of. */
static void read_behind(struct bytes file, uint64_t at, struct zip_entry *e)
{
    uint64_t packed = at - e->to;
    struct cur c = cur_at(file, at + 4);
    uint32_t crc = cur_u32(&c);
    uint64_t small = cur_u32(&c);
    uint64_t size = cur_u32(&c);
    if (small != (uint32_t)packed || !zip_is_at(file, at, "PK\7\10"))
        return;
    if (size == packed >> 32 && packed > 0) /* that is the rest of a large size */
        size = cur_u64(&c);
    if (c.bad)
        return;
    e->crc = crc;
    e->packed = packed;
    e->size = size;
}

bool zip_map_member(struct bytes file, const struct zip_place *place, struct zip_entry *ret,
                    struct zip_entry *ret_own)
{
    if (place->entry == ZIP_UNLISTED) {
        if (!zip_own_read(file, place->from, ret_own))
            return false;
        if (ret_own->flags & ZIP_SIZES_BEHIND && ret_own->packed == 0 &&
            place->to > ret_own->to)
            read_behind(file, place->to, ret_own);
        *ret = *ret_own;
        return true;
    }
    if (!zip_entry_read(file, place->entry, ret) ||
        !zip_own_read_damaged(file, place->from, ret_own))
        return false;
    bool named = ret_own->name.n == ret->name.n &&
                 memcmp(ret_own->name.p, ret->name.p, ret->name.n) == 0;
    if (!named && !zip_is_at(file, place->from, "PK\3\4"))
        return false;
    zip_entry_add_own(ret, ret_own);
    return true;
}

/* A folder may have its '/' in one of them only, and backslashes. */
static bool same_name(struct bytes a, struct bytes b)
{
    if (a.n && (a.p[a.n - 1] == '/' || a.p[a.n - 1] == '\\'))
        a.n--;
    if (b.n && (b.p[b.n - 1] == '/' || b.p[b.n - 1] == '\\'))
        b.n--;
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if ((a.p[i] == '\\' ? '/' : a.p[i]) != (b.p[i] == '\\' ? '/' : b.p[i]))
            return false;
    return true;
}

/* Both headers of a member tell the same, or a program that trusts the other one sees another
 * member. */
static void compare(struct mapping *m, const struct zip_entry *e, const struct zip_entry *own)
{
    if (!same_name(e->name, own->name)) {
        add_name(&m->renamed, m->n_renamed, own->name, m->arena);
        m->n_renamed++;
    }
    bool behind = own->flags & ZIP_SIZES_BEHIND;
    bool sizes = own->packed == e->packed && own->size == e->size;
    if ((!sizes && !behind) || own->method != e->method ||
        (own->flags & ZIP_ENCRYPTED) != (e->flags & ZIP_ENCRYPTED)) {
        add_name(&m->resized, m->n_resized, e->name, m->arena);
        m->n_resized++;
    }
}

/* Where a listed member ends. Where its own header is damaged the directory may lead astray: then
 * nothing is its own, and all that is there is looked at. */
static uint64_t take_member(struct mapping *m, const struct zip_place *place)
{
    struct zip_entry e = {0};
    struct zip_entry own;
    if (!zip_map_member(m->file, place, &e, &own))
        return 0;
    compare(m, &e, &own);
    if (own.name.n + own.extra.n > ZIP_OWN_SIZE) /* they may hold a member, too */
        search(m, own.from + ZIP_OWN_SIZE, own.to, false);
    if (e.packed > m->file.n - own.to) {
        m->cut_off++;
        return m->file.n;
    }
    uint64_t end = own.to + e.packed;
    return end + zip_behind(m->file, end, &e);
}

/* --- all together -------------------------------------------------------------------------------- */

static void add_directory(struct mapping *m)
{
    struct directory d = {0};
    m->map->directory = find_directory(m->file, &d, &m->map->shift);
    if (!m->map->directory) {
        m->map->shift = 0;
        return;
    }
    read_directory(m, &d);
    add_place(m, d.from, ZIP_DIRECTORY, d.to);
    if (d.large) {
        add_place(m, d.large_from, ZIP_DIRECTORY, d.large_to);
        add_place(m, d.end - LOCATOR_SIZE, ZIP_DIRECTORY, d.end);
    }
    add_place(m, d.end, ZIP_DIRECTORY, d.end_to);
}

/* Goes through the places that the directory tells of, and what lies between them. */
static void go_through(struct mapping *m)
{
    size_t n = m->map->n; /* others are added behind */
    uint64_t at = 0;
    uint64_t last = UINT64_MAX;
    for (size_t i = 0; i < n; i++) {
        struct zip_place p = m->map->at[i];
        uint64_t from = p.from < m->file.n ? p.from : m->file.n;
        bool own = p.entry == ZIP_DIRECTORY;
        bool twice = !own && p.from == last;
        take_stretch(m, at, from);
        m->doubled += twice;
        m->overlapping += !twice && p.from < at;
        uint64_t to = own ? p.to : take_member(m, &p);
        if (own)
            search(m, p.from, p.to, false);
        last = own ? last : p.from;
        at = to > at ? to : at;
    }
    take_stretch(m, at, m->file.n);
}

static void tell_unlisted(struct mapping *m)
{
    const struct zip_map *map = m->map;
    if (!map->directory)
        note(m, arena_printf(m->arena,
                             "it has no directory that can be read: it was cut off, or is "
                             "damaged. %zu members were found by their own headers; it may "
                             "have held more",
                             map->unlisted));
    else if (map->unlisted)
        note(m, arena_printf(m->arena,
                             "%zu members that its directory does not list: %.*s%s. They are "
                             "read as well",
                             map->unlisted, STR_ARG(buf_str(&m->names)),
                             map->unlisted > EXAMPLES ? ", ..." : ""));
    if (map->between)
        note(m, arena_printf(m->arena,
                             "%" PRIu64 " bytes of it, in %zu places, belong to none of its "
                             "members, the first at %" PRIu64 ": they are read as files of "
                             "their own",
                             m->between_bytes, map->between, m->between_at));
    if (m->torn > TORN_MAX)
        note(m, arena_printf(m->arena,
                             "%zu more headers in it tell of members that do not end where "
                             "something of a ZIP follows: they are not read",
                             m->torn - TORN_MAX));
    if (m->full)
        note(m, STR("it holds very many members that its directory does not list: only the "
                    "first are read"));
}

static void tell_differences(struct mapping *m)
{
    if (m->n_renamed)
        note(m, arena_printf(m->arena,
                             "%zu members have another name in their own header than in the "
                             "directory, by which they are told: %.*s%s",
                             m->n_renamed, STR_ARG(buf_str(&m->renamed)),
                             m->n_renamed > EXAMPLES ? ", ..." : ""));
    if (m->n_resized)
        note(m,
             arena_printf(m->arena,
                          "%zu members have other sizes or another method in their own header "
                          "than in the directory, by which they are read: %.*s%s",
                          m->n_resized, STR_ARG(buf_str(&m->resized)),
                          m->n_resized > EXAMPLES ? ", ..." : ""));
    if (m->doubled)
        note(m, arena_printf(m->arena,
                             "%zu entries of its directory name the bytes of another entry",
                             m->doubled));
    if (m->overlapping)
        note(m, arena_printf(m->arena, "%zu parts of it start inside of another part",
                             m->overlapping));
    if (m->cut_off)
        note(m, arena_printf(m->arena, "%zu of its members go on behind its end", m->cut_off));
}

void zip_map_read(struct bytes file, struct arena *arena, struct zip_map *ret)
{
    enum { NAMES = 512 };
    *ret = (struct zip_map){0};
    struct mapping m = {.map = ret,
                        .file = file,
                        .arena = arena,
                        .names = buf_new(NAMES),
                        .renamed = buf_new(NAMES),
                        .resized = buf_new(NAMES)};
    add_directory(&m);
    sort(ret);
    go_through(&m);
    sort(ret);
    tell_unlisted(&m);
    tell_differences(&m);
    buf_free(&m.names);
    buf_free(&m.renamed);
    buf_free(&m.resized);
}
