/* arc.c - libarchive behind arc.h. */
#include "format/arc.h"

#include <locale.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/utf.h"
#include "format/zip_times.h"

enum {
    NAME_MAX_BYTES = 4096,
    RATIO_FREE = 64 << 20, /* bytes unpacked before the ratio is asked for */
    CHUNK = 64 * 1024,
};

struct arc {
    struct zip_times times;
    struct archive *lib;
    struct arc_limits limits;
    uint64_t size;        /* of the archive */
    uint64_t entries;     /* so far */
    uint64_t bytes;       /* unpacked so far */
    uint64_t entry_bytes; /* of the entry in hand */
    const char *refused;  /* the entry in hand */
    struct arena *names;  /* of the entry in hand */
    bool password;        /* one was given */
    bool costly;          /* to step over the entry in hand is to unpack it */
    bool over;            /* nothing more can be read */
};

static const char *reason(struct archive *lib)
{
    const char *text = archive_error_string(lib);
    return text && *text ? text : "the archive is damaged";
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

/* ---- opening ---- */

int arc_open(struct bytes file, unsigned formats, const struct arc_limits *limits,
             struct arena *arena, struct arc **ret, struct err *err)
{
    struct archive *lib = archive_read_new();
    if (!lib)
        return err_set(err, ERR_LIMIT, "no memory for an archive reader");
    if (formats & ARC_ZIP)
        (void)archive_read_support_format_zip(lib);
    if (formats & ARC_7Z)
        (void)archive_read_support_format_7zip(lib);
    if (formats & ARC_TAR)
        (void)archive_read_support_format_tar(lib);
    if (formats & ARC_PACKED)
        (void)archive_read_support_format_raw(lib);
    if (formats & (ARC_TAR | ARC_PACKED))
        support_filters(lib);
    bool password = limits->password && *limits->password &&
                    archive_read_add_passphrase(lib, limits->password) == ARCHIVE_OK;
    if (archive_read_open_memory(lib, file.n ? file.p : (const uint8_t *)"", file.n) !=
        ARCHIVE_OK) {
        (void)err_set(err, ERR_CORRUPT, "%s", reason(lib));
        (void)archive_read_free(lib);
        return -1;
    }
    struct arc *a = ARENA_NEW(arena, struct arc);
    *a = (struct arc){.lib = lib,
                      .limits = *limits,
                      .password = password,
                      .size = file.n,
                      .names = arena_new()};
    if (formats & ARC_ZIP)
        zip_times_read(file, arena, &a->times);
    *ret = a;
    return 0;
}

void arc_close(struct arc **a)
{
    if (!*a)
        return;
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

/* The library takes the local time of a ZIP for its own zone's. */
static void read_zip_time(struct arc *a, struct archive_entry *e, struct arc_entry *ret)
{
    const char *raw = archive_entry_pathname(e);
    struct str name = raw_name(e);
    const struct zip_time *t = zip_times_next(&a->times, str_bytes(name));
    if (!t && raw)
        t = zip_times_next(&a->times, str_bytes(str_of(raw)));
    ret->no_zone = t ? t->no_zone : ret->modified != INSTANT_NONE;
    ret->modified = t ? t->modified : ret->modified;
    ret->born = t ? t->born : ret->born;
}

static const char *describe(struct arc *a, struct archive_entry *e, struct arc_entry *ret)
{
    ret->modified = time_of(archive_entry_mtime_is_set(e), archive_entry_mtime(e),
                            archive_entry_mtime_nsec(e));
    ret->born = time_of(archive_entry_birthtime_is_set(e), archive_entry_birthtime(e),
                        archive_entry_birthtime_nsec(e));
    if (is_zip(a))
        read_zip_time(a, e, ret);
    const char *why = arc_safe_path(raw_name(e), a->names, &ret->path);
    ret->is_file = archive_entry_filetype(e) == AE_IFREG && !archive_entry_hardlink(e);
    ret->has_size = archive_entry_size_is_set(e) && archive_entry_size(e) >= 0;
    ret->size = ret->has_size ? (uint64_t)archive_entry_size(e) : 0;
    if (why)
        return why;
    if (archive_entry_is_encrypted(e) && !(a->password && is_zip(a)))
        return is_zip(a) ? "it is encrypted: no password was given"
                         : "it is encrypted, in a way that cannot be read";
    if (archive_entry_filetype(e) == AE_IFDIR)
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
    char chunk[CHUNK];
    la_ssize_t n = 0;
    if (!a->costly)
        return 0;
    a->costly = false;
    while ((n = archive_read_data(a->lib, chunk, sizeof chunk)) > 0) {
        a->bytes += (uint64_t)n;
        if (check_archive(a, err) < 0)
            return -1;
    }
    return 0; /* damage is met by the next step too */
}

int arc_next(struct arc *a, struct arc_entry *ret, struct err *err)
{
    struct archive_entry *e = NULL;
    if (a->over)
        return 0;
    if (leave_entry(a, err) < 0)
        return -1;
    int got = archive_read_next_header(a->lib, &e);
    arena_reset(a->names);
    a->entry_bytes = 0;
    a->refused = "there is no entry";
    if (got == ARCHIVE_EOF) {
        a->over = true;
        return 0;
    }
    if (got < ARCHIVE_WARN || !e) {
        a->over = got <= ARCHIVE_FATAL || !e;
        return err_set(err, ERR_CORRUPT, "%s", reason(a->lib));
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

int arc_read(struct arc *a, void *buf, size_t cap, size_t *ret_n, struct err *err)
{
    if (a->over)
        return err_set(err, ERR_LIMIT, "the archive is not read further");
    if (a->refused)
        return err_set(err, ERR_UNSUPPORTED, "%s", a->refused);
    la_ssize_t n = archive_read_data(a->lib, buf, cap);
    if (n < 0) {
        a->over = n <= ARCHIVE_FATAL;
        a->refused = "it is damaged";
        return err_set(err, ERR_CORRUPT, "%s", reason(a->lib));
    }
    if (n == 0) {
        a->costly = false;
        return 0;
    }
    a->entry_bytes += (uint64_t)n;
    a->bytes += (uint64_t)n;
    if (check_archive(a, err) < 0)
        return -1;
    if (a->entry_bytes > a->limits.entry_bytes) {
        a->refused = "it is too large";
        return err_set(err, ERR_LIMIT, "it has more than %llu bytes",
                       (unsigned long long)a->limits.entry_bytes);
    }
    *ret_n = (size_t)n;
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
    struct arc_entry e;
    int got = arc_next(state, &e, err);
    bool folder = got > 0 && !e.is_file && str_eq(str_of(e.refused), STR("it is a folder"));
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
