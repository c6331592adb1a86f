/* arc.c - libarchive behind arc.h. */
#include "format/arc.h"

#include <errno.h>
#include <locale.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/utf.h"
#include "format/unpack_int.h"

enum {
    NAME_MAX_BYTES = 4096,
    RATIO_FREE = 64 << 20, /* bytes unpacked before the ratio is asked for */
    CHUNK = 64 * 1024,
    REOPENED_MAX = 64, /* damaged entries behind which a ZIP is read on */
};

struct gunzip { /* what the library reads of a tar archive inside gzip: it checks no checksum */
    struct bytes in;
    size_t used;
    void *state;
    bool whole;        /* nothing of a stream is missing */
    struct err damage; /* told when all that came before it was given */
    uint8_t out[CHUNK];
};

struct arc {
    struct archive *lib;
    struct arc_limits limits;
    struct bytes file;
    const struct bytes *parts; /* in place of it; NULL: there are none */
    size_t n_parts, part;      /* the next one */
    unsigned formats;
    struct gunzip *gunzip; /* NULL: it is not inside gzip */
    uint64_t size;         /* of the archive */
    uint64_t entries;      /* so far */
    uint64_t bytes;        /* unpacked so far */
    uint64_t entry_bytes;  /* of the entry in hand */
    const char *refused;   /* the entry in hand */
    struct arena *names;   /* of the entry in hand */
    bool password;         /* one was given */
    bool costly;           /* to step over the entry in hand is to unpack it */
    bool over;             /* nothing more can be read */
    const uint8_t *block;  /* of the entry in hand: what was unpacked and not yet given, */
    size_t block_n;
    uint64_t hole;     /* behind so many zeros */
    struct err damage; /* to be told behind it */
    bool broken;       /* the library reads no further behind the entry in hand */
    unsigned reopened;
    bool held; /* `entry` is there, and is told next: what is before it is damaged */
    struct archive_entry *entry;
    int got; /* with it */
};

/* Fails with what the library says. */
static int fail(struct archive *lib, struct err *err)
{
    const char *text = archive_error_string(lib);
    struct str why = str_trim(str_of(text && *text ? text : "the archive is damaged"));
    return err_set(err, ERR_CORRUPT, "%.*s", STR_ARG(why));
}

/* A filter whose library is not built in would start another program: never. */
static void support_filters(struct archive *lib)
{
    if (archive_zlib_version())
        (void)archive_read_support_filter_gzip(lib);
    if (archive_bzlib_version())
        (void)archive_read_support_filter_bzip2(lib);
    if (archive_liblzma_version())
        (void)archive_read_support_filter_xz(lib);
    if (archive_libzstd_version())
        (void)archive_read_support_filter_zstd(lib);
}

void arc_prepare(void)
{
    (void)setlocale(LC_CTYPE, "C.UTF-8");
}

/* ---- inside gzip ---- */

static la_ssize_t gunzip_next(struct archive *lib, void *context, const void **ret)
{
    struct gunzip *g = context;
    struct codec_io io = {
        .in = g->in, .in_used = g->used, .out = g->out, .out_cap = sizeof g->out};
    while (io.out_used == 0 && g->damage.code == ERR_NONE) {
        struct bytes rest = {io.in.p + io.in_used, io.in.n - io.in_used};
        if (g->whole && !CODEC_GZIP.starts(rest))
            return 0;
        int more = rest.n ? CODEC_GZIP.step(g->state, &io, &g->damage)
                          : err_set(&g->damage, ERR_CORRUPT, "truncated gzip input");
        g->whole = more == 0;
        g->used = io.in_used;
    }
    *ret = g->out;
    if (io.out_used)
        return (la_ssize_t)io.out_used;
    archive_set_error(lib, EINVAL, "%s", g->damage.msg);
    return ARCHIVE_FATAL;
}

static struct gunzip *gunzip_new(struct bytes file, struct arena *arena)
{
    struct gunzip *g = ARENA_NEW(arena, struct gunzip);
    g->in = file;
    g->state = CODEC_GZIP.open(arena);
    return g->state ? g : NULL;
}

/* ---- opening ---- */

static la_ssize_t next_part(struct archive *lib, void *context, const void **ret)
{
    struct arc *a = context;
    (void)lib;
    while (a->part < a->n_parts && a->parts[a->part].n == 0)
        a->part++;
    if (a->part == a->n_parts)
        return 0;
    *ret = a->parts[a->part].p;
    return (la_ssize_t)a->parts[a->part++].n;
}

static int open_lib(struct arc *a, struct err *err)
{
    a->lib = archive_read_new();
    if (!a->lib)
        return err_set(err, ERR_LIMIT, "no memory for an archive reader");
    if (a->formats & ARC_ZIP)
        (void)archive_read_support_format_zip(a->lib);
    if (a->formats & ARC_ZIP_STREAM)
        (void)archive_read_support_format_zip_streamable(a->lib);
    if (a->formats & ARC_7Z)
        (void)archive_read_support_format_7zip(a->lib);
    if (a->formats & ARC_TAR)
        (void)archive_read_support_format_tar(a->lib);
    if (a->formats & ARC_PACKED)
        (void)archive_read_support_format_raw(a->lib);
    if (a->formats & ARC_RAR) {
        (void)archive_read_support_format_rar(a->lib);
        (void)archive_read_support_format_rar5(a->lib);
    }
    if (a->formats & ARC_CAB)
        (void)archive_read_support_format_cab(a->lib);
    if (a->formats & ARC_ISO)
        (void)archive_read_support_format_iso9660(a->lib);
    if (a->formats & (ARC_TAR | ARC_PACKED) && !a->gunzip)
        support_filters(a->lib);
    const char *password = a->limits.password;
    a->password =
        password && *password && archive_read_add_passphrase(a->lib, password) == ARCHIVE_OK;
    struct bytes file = a->file;
    int got =
        a->gunzip ? archive_read_open(a->lib, a->gunzip, NULL, gunzip_next, NULL)
        : a->parts
            ? archive_read_open(a->lib, a, NULL, next_part, NULL)
            : archive_read_open_memory(a->lib, file.n ? file.p : (const uint8_t *)"", file.n);
    return got == ARCHIVE_OK ? 0 : fail(a->lib, err);
}

static int open_arc(struct arc *a, struct arc **ret, struct err *err)
{
    if (open_lib(a, err) < 0) {
        (void)archive_read_free(a->lib);
        return -1;
    }
    a->names = arena_new();
    *ret = a;
    return 0;
}

int arc_open(struct bytes file, unsigned formats, const struct arc_limits *limits,
             struct arena *arena, struct arc **ret, struct err *err)
{
    struct arc *a = ARENA_NEW(arena, struct arc);
    *a = (struct arc){.file = file, .formats = formats, .limits = *limits, .size = file.n};
    if (formats == ARC_TAR && CODEC_GZIP.starts(file))
        a->gunzip = gunzip_new(file, arena);
    return open_arc(a, ret, err);
}

int arc_open_parts(const struct bytes *parts, size_t n, unsigned formats,
                   const struct arc_limits *limits, struct arena *arena, struct arc **ret,
                   struct err *err)
{
    struct arc *a = ARENA_NEW(arena, struct arc);
    *a = (struct arc){.parts = parts, .n_parts = n, .formats = formats, .limits = *limits};
    for (size_t i = 0; i < n; i++)
        a->size += parts[i].n;
    return open_arc(a, ret, err);
}

void arc_close(struct arc **a)
{
    if (!*a)
        return;
    if ((*a)->lib)
        (void)archive_read_free((*a)->lib);
    arena_free((*a)->names);
    *a = NULL;
}

/* ---- names ---- */

static bool is_dots(struct str part)
{
    return str_eq(part, STR(".."));
}

static bool has_control(struct str name)
{
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] < 0x20 || name.p[i] == 0x7f)
            return true;
    return false;
}

static bool is_absolute(struct str name)
{
    return name.n && (name.p[0] == '/' || (name.n > 1 && name.p[1] == ':'));
}

const char *arc_safe_path(struct str name, struct arena *arena, struct str *ret_path)
{
    struct str text = utf8_repair(str_bytes(str_part(name, 0, NAME_MAX_BYTES)), arena);
    char *to = ARENA_ARRAY(arena, char, text.n + 1);
    size_t n = 0;
    bool out = false;
    for (size_t i = 0; i < text.n; i++)
        to[i] = text.p[i] == '\\' ? '/' : text.p[i];
    struct str slashed = {to, text.n};
    bool absolute = is_absolute(slashed);
    for (size_t at = 0; at < slashed.n;) {
        size_t end = str_find(slashed, STR("/"), at);
        end = end < slashed.n ? end : slashed.n;
        struct str part = str_part(slashed, at, end);
        at = end + 1;
        if (part.n == 0 || str_eq(part, STR(".")))
            continue;
        out = out || is_dots(part);
        if (n)
            to[n++] = '/';
        memmove(to + n, part.p, part.n); /* never further on than where it was read */
        n += part.n;
    }
    *ret_path = (struct str){to, n};
    if (name.n > NAME_MAX_BYTES)
        return "its name is too long";
    if (absolute || out)
        return "its name leads out of the archive's folder";
    if (n == 0)
        return "it has no name";
    return has_control(*ret_path) ? "its name holds control characters" : NULL;
}

/* ---- entries ---- */

static struct str raw_name(struct archive_entry *e)
{
    const char *name = archive_entry_pathname_utf8(e);
    if (!name)
        name = archive_entry_pathname(e);
    return str_of(name ? name : "");
}

static instant time_of(bool is_set, time_t seconds, long nanoseconds)
{
    instant t = is_set ? instant_of_unix(seconds) : INSTANT_NONE;
    bool whole = t == INSTANT_NONE || nanoseconds < 0 || nanoseconds > 999999999;
    return whole ? t : t + nanoseconds / 100;
}

static bool is_zip(const struct arc *a)
{
    return (archive_format(a->lib) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP;
}

static const char *describe(struct arc *a, struct archive_entry *e, struct arc_entry *ret)
{
    ret->modified = time_of(archive_entry_mtime_is_set(e), archive_entry_mtime(e),
                            archive_entry_mtime_nsec(e));
    ret->born = time_of(archive_entry_birthtime_is_set(e), archive_entry_birthtime(e),
                        archive_entry_birthtime_nsec(e));
    ret->no_zone = is_zip(a) && ret->modified != INSTANT_NONE; /* it was taken for our zone's */
    const char *why = arc_safe_path(raw_name(e), a->names, &ret->path);
    ret->is_file = archive_entry_filetype(e) == AE_IFREG && !archive_entry_hardlink(e);
    ret->has_size = archive_entry_size_is_set(e) && archive_entry_size(e) >= 0;
    ret->size = ret->has_size ? (uint64_t)archive_entry_size(e) : 0;
    bool folder = archive_entry_filetype(e) == AE_IFDIR;
    if (folder && ret->path.n == 0 && raw_name(e).n) /* "./", the archive's own folder */
        return "it is a folder";
    if (why)
        return why;
    if (archive_entry_is_encrypted(e) && !(a->password && is_zip(a)))
        return is_zip(a) ? "it is encrypted: no password was given"
                         : "it is encrypted, in a way that cannot be read: unpack it by 7z x";
    if (folder)
        return "it is a folder";
    bool link = archive_entry_filetype(e) == AE_IFLNK || archive_entry_hardlink(e);
    return ret->is_file ? NULL : link ? "it is a link" : "it is no file";
}

static int check_archive(struct arc *a, struct err *err)
{
    if (a->bytes > a->limits.bytes) {
        a->over = true;
        return err_set(err, ERR_LIMIT, "the archive holds more than %llu bytes",
                       (unsigned long long)a->limits.bytes);
    }
    if (a->bytes > RATIO_FREE && a->bytes / a->limits.ratio > a->size) {
        a->over = true;
        return err_set(err, ERR_LIMIT, "the archive holds more than %llu times its size",
                       (unsigned long long)a->limits.ratio);
    }
    return 0;
}

/* To step over an entry the library may have to unpack it; then that is counted like any
 * other unpacking. In a ZIP that says how long an entry is, it is a step. */
static int leave_entry(struct arc *a, struct err *err)
{
    const void *p = NULL;
    size_t n = 0;
    la_int64_t at = 0;
    int got = ARCHIVE_OK;
    a->block_n = 0;
    a->hole = 0;
    a->damage = (struct err){0};
    if (!a->costly)
        return 0;
    a->costly = false;
    while ((got = archive_read_data_block(a->lib, &p, &n, &at)) == ARCHIVE_OK) {
        a->bytes += n;
        if (check_archive(a, err) < 0)
            return -1;
    }
    a->broken = got <= ARCHIVE_FATAL;
    return 0;
}

/* Goes on behind an entry whose content ended the library's reading: a ZIP's directory tells
 * where the next one is. */
static int go_on(struct arc *a, struct err *err)
{
    struct archive_entry *e = NULL;
    a->broken = false;
    a->got = ARCHIVE_EOF;
    if (!is_zip(a) || a->reopened++ == REOPENED_MAX)
        return err_set(err, ERR_CORRUPT, "it is damaged: what is behind that is not known");
    (void)archive_read_free(a->lib);
    if (open_lib(a, err) < 0)
        return -1;
    for (uint64_t i = 0; i < a->entries; i++)
        if (archive_read_next_header(a->lib, &e) < ARCHIVE_WARN)
            return fail(a->lib, err);
    return 0;
}

/* The next header that can be read. One that cannot is a block of a tar archive: what stands there
 * may be entries. */
static int next_header(struct arc *a, struct err *err)
{
    enum { BLOCK = 512 };
    bool damaged = false;
    while ((a->got = archive_read_next_header(a->lib, &a->entry)) == ARCHIVE_RETRY) {
        damaged = true;
        a->bytes += BLOCK;
        if (check_archive(a, err) < 0)
            return -1;
    }
    a->held = damaged && a->got != ARCHIVE_EOF;
    return damaged ? err_set(err, ERR_CORRUPT,
                             "a part of the archive is damaged: what it held is not known")
                   : 0;
}

/* At its end: an archive that was cut off between two entries ends, too, but has no end. */
static int check_end(struct arc *a, struct err *err)
{
    const void *rest = NULL;
    la_ssize_t n = 0;
    bool tar = (archive_format(a->lib) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
    if (tar && a->entries > 0 &&
        archive_filter_bytes(a->lib, 0) == archive_read_header_position(a->lib))
        return err_set(err, ERR_CORRUPT,
                       "it has no end: it was cut off, and may have held more");
    while (a->gunzip && (n = gunzip_next(a->lib, a->gunzip, &rest)) > 0) {
        a->bytes += (uint64_t)n;
        if (check_archive(a, err) < 0)
            return -1;
    }
    return n < 0 ? fail(a->lib, err) : 0;
}

int arc_next(struct arc *a, struct arc_entry *ret, struct err *err)
{
    if (a->over)
        return 0;
    if (!a->held && (leave_entry(a, err) < 0 || (a->broken && go_on(a, err) < 0) ||
                     next_header(a, err) < 0)) {
        a->refused = "there is no entry";
        a->over |= a->got == ARCHIVE_EOF;
        return -1;
    }
    struct archive_entry *e = a->entry;
    int got = a->got;
    a->held = false;
    arena_reset(a->names);
    a->entry_bytes = 0;
    a->refused = "there is no entry";
    if (got == ARCHIVE_EOF) {
        a->over = true;
        return check_end(a, err);
    }
    if (got < ARCHIVE_WARN || !e) {
        a->over = got <= ARCHIVE_FATAL || !e;
        return fail(a->lib, err);
    }
    if (++a->entries > a->limits.entries) {
        a->over = true;
        return err_set(err, ERR_LIMIT, "the archive has more than %llu entries",
                       (unsigned long long)a->limits.entries);
    }
    struct arc_entry entry = {0};
    entry.refused = describe(a, e, &entry);
    a->refused = entry.refused;
    a->costly = !is_zip(a) || (entry.is_file && !entry.has_size);
    *ret = entry;
    return 1;
}

/* ---- content ---- */

static int tell_damage(struct arc *a, struct err *err)
{
    *err = a->damage;
    a->damage = (struct err){0};
    a->refused = "it is damaged";
    return -1;
}

/* The next part of the entry. The library may say of the one that it gives that it is damaged. */
static int next_block(struct arc *a, struct err *err)
{
    const void *p = NULL;
    size_t n = 0;
    la_int64_t at = 0;
    if (a->damage.code != ERR_NONE)
        return tell_damage(a, err);
    int got = archive_read_data_block(a->lib, &p, &n, &at);
    if (got == ARCHIVE_EOF) {
        a->costly = false;
        return 0;
    }
    if (got < ARCHIVE_OK) {
        (void)fail(a->lib, &a->damage);
        a->broken = got <= ARCHIVE_FATAL;
        a->costly = a->costly && !a->broken;
        if (a->broken || !p || n == 0)
            return tell_damage(a, err);
    }
    a->block = p;
    a->block_n = n;
    a->hole = at > 0 && (uint64_t)at > a->entry_bytes ? (uint64_t)at - a->entry_bytes : 0;
    return 1;
}

static size_t give(struct arc *a, uint8_t *to, size_t cap)
{
    uint64_t there = a->hole ? a->hole : a->block_n;
    size_t n = there < cap ? (size_t)there : cap;
    if (a->hole) {
        memset(to, 0, n);
        a->hole -= n;
        return n;
    }
    memcpy(to, a->block, n);
    a->block += n;
    a->block_n -= n;
    return n;
}

int arc_read(struct arc *a, void *buf, size_t cap, size_t *ret_n, struct err *err)
{
    if (a->over)
        return err_set(err, ERR_LIMIT, "the archive is not read further");
    if (a->refused)
        return err_set(err, ERR_UNSUPPORTED, "%s", a->refused);
    while (a->hole == 0 && a->block_n == 0) {
        int got = next_block(a, err);
        if (got <= 0)
            return got;
    }
    size_t n = give(a, buf, cap);
    a->entry_bytes += n;
    a->bytes += n;
    if (check_archive(a, err) < 0)
        return -1;
    if (a->entry_bytes > a->limits.entry_bytes) {
        a->refused = "it is too large";
        return err_set(err, ERR_LIMIT, "it has more than %llu bytes",
                       (unsigned long long)a->limits.entry_bytes);
    }
    *ret_n = n;
    return 1;
}

int arc_read_all(struct arc *a, struct buf *out, struct err *err)
{
    char chunk[CHUNK];
    size_t n = 0;
    int got = 0;
    while ((got = arc_read(a, chunk, sizeof chunk, &n, err)) > 0) {
        buf_add(out, chunk, n);
        if (out->full)
            return err_set(err, ERR_LIMIT, "it has more than %zu bytes", out->max);
    }
    return got;
}

/* ---- as a carrier ---- */

static int next_member(void *state, struct member *ret, struct err *err)
{
    struct arc_entry e = {0};
    int got = arc_next(state, &e, err);
    bool folder =
        got > 0 && !e.is_file && e.refused && str_eq(str_of(e.refused), STR("it is a folder"));
    if (got > 0)
        *ret = (struct member){.path = e.path,
                               .refused = folder ? NULL : e.refused,
                               .is_file = e.is_file,
                               .has_size = e.has_size,
                               .size = e.size,
                               .modified = e.modified,
                               .no_zone = e.no_zone,
                               .born = e.born};
    return got;
}

static int read_member(void *state, void *buf, size_t cap, size_t *ret_n, struct err *err)
{
    return arc_read(state, buf, cap, ret_n, err);
}

static void close_archive(void *state)
{
    struct arc *a = state;
    arc_close(&a);
}

struct carrier arc_carrier(struct arc *a)
{
    static const struct carrier_calls calls = {next_member, read_member, close_archive};
    return (struct carrier){&calls, a};
}
