#include "format/zip.h"

#include <inttypes.h>

#include "format/zip_map.h"

enum {
    RATIO_FREE = 64 << 20, /* bytes unpacked before the ratio is asked for */
    HEAD_MAX = 256,        /* bytes of a header as it is made up */
    AES_MAX = 64,          /* bytes of the field that AES needs; it has 11 */
    BEHIND_MAX = 24,
    KEPT_FLAGS = 0x47, /* encrypted, and how */
    STORED = 0,
};

struct zip {
    struct bytes file;
    struct arc_limits limits;
    struct zip_map map;
    size_t at, notes_told;
    uint64_t members, bytes; /* told, unpacked */
    bool over;
    struct arena *arena; /* of the member in hand */
    const struct zip_place *place;
    struct zip_entry entry;
    uint64_t data, data_to; /* where its packed bytes lie */
    const char *refused;
    struct arc *arc; /* unpacks it; NULL: it was not begun */
    struct bytes parts[3];
    uint8_t head[HEAD_MAX];
    uint8_t behind[BEHIND_MAX];
};

/* --- the next member ----------------------------------------------------------------------- */

static void leave_member(struct zip *z)
{
    arc_close(&z->arc);
    arena_reset(z->arena);
    z->refused = "there is no entry";
    z->place = NULL;
}

static const char *why_refused(const struct zip *z, bool whole, const char *name)
{
    if (name)
        return name;
    if (!whole)
        return "its own header is damaged";
    if (z->entry.flags & ZIP_ENCRYPTED && !(z->limits.password && *z->limits.password))
        return "it is encrypted: no password was given";
    return zip_is_link(&z->entry) ? "it is a link" : NULL;
}

/* Bytes that belong to no member are one, as they are. */
static void describe_between(struct zip *z, struct member *ret)
{
    z->data = z->place->from;
    z->data_to = z->place->to;
    z->refused = NULL;
    *ret = (struct member){
        .path =
            arena_printf(z->arena, "(bytes %" PRIu64 " to %" PRIu64 ")", z->data, z->data_to),
        .is_file = true,
        .unlisted = true,
        .has_size = true,
        .size = z->data_to - z->data,
        .modified = INSTANT_NONE,
        .born = INSTANT_NONE,
    };
}

static void describe(struct zip *z, struct member *ret)
{
    struct zip_entry own = {0};
    struct zip_entry *e = &z->entry;
    bool unlisted = z->place->entry == ZIP_UNLISTED;
    *e = (struct zip_entry){0};
    bool whole = zip_map_member(z->file, z->place, e, &own);
    z->data = own.to;
    z->data_to = unlisted ? z->place->to : z->file.n;
    if ((!unlisted || e->packed) && e->packed < z->data_to - z->data)
        z->data_to = z->data + e->packed;
    *ret = (struct member){.unlisted = unlisted && z->map.directory,
                           .is_file = !zip_is_folder(e) && !zip_is_link(e),
                           .has_size = e->size || !(e->flags & ZIP_SIZES_BEHIND),
                           .size = e->size,
                           .modified = e->modified,
                           .born = e->born,
                           .no_zone = e->no_zone};
    struct str name = {(const char *)e->name.p, e->name.n};
    const char *why = arc_safe_path(name, z->arena, &ret->path);
    bool own_folder = !ret->is_file && ret->path.n == 0 && name.n; /* "./" */
    z->refused = own_folder ? NULL : why_refused(z, whole, why);
    ret->refused = z->refused;
    if (!ret->is_file && !z->refused)
        z->refused = "it is a folder";
}

static int next_member(void *state, struct member *ret, struct err *err)
{
    struct zip *z = state;
    leave_member(z);
    if (z->notes_told < z->map.n_notes) {
        struct str text = z->map.notes[z->notes_told++];
        return err_set(err, ERR_CORRUPT, "%.*s", STR_ARG(text));
    }
    while (z->at < z->map.n && z->map.at[z->at].entry == ZIP_DIRECTORY)
        z->at++;
    if (z->over || z->at == z->map.n)
        return 0;
    if (++z->members > z->limits.entries) {
        z->over = true;
        return err_set(err, ERR_LIMIT, "the archive has more than %" PRIu64 " entries",
                       z->limits.entries);
    }
    z->place = &z->map.at[z->at++];
    if (z->place->entry == ZIP_BETWEEN)
        describe_between(z, ret);
    else
        describe(z, ret);
    return 1;
}

/* --- its bytes ------------------------------------------------------------------------------- */

static size_t put(uint8_t *to, size_t at, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[at + i] = (uint8_t)(v >> 8 * i);
    return at + n;
}

/* The header that the library is given: what both headers say together, with the sizes that
 * hold. */
static void make_header(struct zip *z, const struct zip_entry *e, bool behind)
{
    bool large = e->packed >= UINT32_MAX || e->size >= UINT32_MAX;
    uint64_t flags = (e->flags & KEPT_FLAGS) | (behind ? ZIP_SIZES_BEHIND : 0);
    size_t aes = e->method == ZIP_AES && e->aes.n <= AES_MAX ? e->aes.n : 0;
    size_t at = put(z->head, 0, 0x04034b50, 4);
    at = put(z->head, at, large ? 45 : 20, 2);
    at = put(z->head, at, flags, 2);
    at = put(z->head, at, e->method, 2);
    at = put(z->head, at, e->time, 2);
    at = put(z->head, at, e->date, 2);
    at = put(z->head, at, e->crc, 4);
    at = put(z->head, at, large ? UINT32_MAX : e->packed, 4);
    at = put(z->head, at, large ? UINT32_MAX : e->size, 4);
    at = put(z->head, at, 1, 2);
    at = put(z->head, at, (large ? 20 : 0) + aes, 2);
    at = put(z->head, at, 'm', 1);
    if (large) {
        at = put(z->head, at, 1, 2);
        at = put(z->head, at, 16, 2);
        at = put(z->head, at, e->size, 8);
        at = put(z->head, at, e->packed, 8);
    }
    if (aes)
        memcpy(z->head + at, e->aes.p, aes);
    z->parts[0] = (struct bytes){z->head, at + aes};
    size_t wide = large ? 8 : 4;
    at = put(z->behind, 0, 0x08074b50, 4);
    at = put(z->behind, at, e->crc, 4);
    at = put(z->behind, at, e->packed, wide);
    at = put(z->behind, at, e->size, wide);
    z->parts[2] = (struct bytes){z->behind, behind ? at : 0};
}

/* That sizes stand behind the bytes is told on only where it must be: ZipCrypto checks the
 * password by it, and of a member that no directory tells of nothing else may be known. */
static int begin(struct zip *z, struct err *err)
{
    struct zip_entry e = z->entry;
    struct arc_entry ignored;
    uint64_t there = z->data_to - z->data;
    bool unknown = z->place->entry == ZIP_UNLISTED && e.flags & ZIP_SIZES_BEHIND &&
                   e.packed == 0 && there > 0;
    bool crypto = e.flags & ZIP_ENCRYPTED && e.method != ZIP_AES && e.flags & ZIP_SIZES_BEHIND;
    if (unknown && e.method == STORED) {
        e.packed = there;
        e.size = there;
        unknown = false;
    }
    make_header(z, &e, crypto || unknown);
    z->parts[1] = (struct bytes){z->file.p + z->data, (size_t)there};
    struct arc_limits limits = {.entries = 1,
                                .entry_bytes = z->limits.entry_bytes,
                                .bytes = UINT64_MAX,
                                .ratio = UINT64_MAX,
                                .password = z->limits.password};
    if (arc_open_parts(z->parts, 3, ARC_ZIP_STREAM, &limits, z->arena, &z->arc, err) < 0)
        return -1;
    int got = arc_next(z->arc, &ignored, err);
    return got > 0 ? 0 : got < 0 ? -1 : err_set(err, ERR_CORRUPT, "it is damaged");
}

static int give_between(struct zip *z, void *buf, size_t cap, size_t *ret_n)
{
    uint64_t left = z->data_to - z->data;
    size_t n = left < cap ? (size_t)left : cap;
    if (n == 0)
        return 0;
    memcpy(buf, z->file.p + z->data, n);
    z->data += n;
    *ret_n = n;
    return 1;
}

static int check_limits(struct zip *z, struct err *err)
{
    z->over = z->bytes > z->limits.bytes ||
              (z->bytes > RATIO_FREE && z->bytes / z->limits.ratio > z->file.n);
    if (z->bytes > z->limits.bytes)
        return err_set(err, ERR_LIMIT, "the archive holds more than %" PRIu64 " bytes",
                       z->limits.bytes);
    return z->over ? err_set(err, ERR_LIMIT,
                             "the archive holds more than %" PRIu64 " times its size",
                             z->limits.ratio)
                   : 0;
}

static int read_member(void *state, void *buf, size_t cap, size_t *ret_n, struct err *err)
{
    struct zip *z = state;
    size_t n = 0;
    if (z->refused || z->over)
        return err_set(err, z->over ? ERR_LIMIT : ERR_UNSUPPORTED, "%s",
                       z->over ? "the archive is not read further" : z->refused);
    if (!z->arc && z->place->entry != ZIP_BETWEEN && begin(z, err) < 0) {
        z->refused = "it is damaged";
        return -1;
    }
    int got = z->place->entry == ZIP_BETWEEN ? give_between(z, buf, cap, &n)
                                             : arc_read(z->arc, buf, cap, &n, err);
    if (got <= 0)
        return got;
    z->bytes += n;
    if (check_limits(z, err) < 0)
        return -1;
    *ret_n = n;
    return 1;
}

static void close_zip(void *state)
{
    struct zip *z = state;
    arc_close(&z->arc);
    arena_free(z->arena);
}

struct carrier zip_open(struct bytes file, const struct arc_limits *limits, struct arena *arena)
{
    static const struct carrier_calls calls = {next_member, read_member, close_zip};
    struct zip *z = ARENA_NEW(arena, struct zip);
    *z = (struct zip){
        .file = file, .limits = *limits, .arena = arena_new(), .refused = "there is no entry"};
    zip_map_read(file, arena, &z->map);
    return (struct carrier){&calls, z};
}
