#include "format/carrier_open.h"

#include "format/arc.h"
#include "format/unpack.h"
#include "format/volume.h"
#include "format/zip.h"

enum {
    TAR_BLOCK = 512,
};

static const struct arc_limits LIMITS = {
    .entries = CARRIER_ENTRIES_MAX,
    .entry_bytes = CARRIER_BYTES_MAX,
    .bytes = CARRIER_BYTES_MAX,
    .ratio = CARRIER_RATIO_MAX,
};

/* --- what is packed ------------------------------------------------------------------------ */

static size_t start_of_stream(struct bytes head, enum format format, uint8_t *to, size_t cap)
{
    struct arena *arena = arena_new();
    struct unpack *u = unpack_open(head, format, arena);
    struct err ignored = {0};
    size_t n = 0;
    size_t got = 0;
    while (n < cap && unpack_read(u, to + n, cap - n, &got, &ignored) > 0)
        n += got;
    unpack_close(&u);
    arena_free(arena);
    return n;
}

static size_t start_of_archive(struct bytes head, uint8_t *to, size_t cap)
{
    struct arena *arena = arena_new();
    struct arc *a = NULL;
    struct arc_entry entry;
    struct err ignored = {0};
    size_t n = 0;
    size_t got = 0;
    if (arc_open(head, ARC_PACKED, &LIMITS, arena, &a, &ignored) == 0 &&
        arc_next(a, &entry, &ignored) > 0)
        while (n < cap && arc_read(a, to + n, cap - n, &got, &ignored) > 0)
            n += got;
    arc_close(&a);
    arena_free(arena);
    return n;
}

enum format carrier_sniff(struct bytes file)
{
    struct bytes head = {file.p, file.n < CARRIER_SNIFFED ? file.n : CARRIER_SNIFFED};
    enum format format = format_sniff_file(file);
    uint8_t start[TAR_BLOCK];
    size_t n = 0;
    if (format == FORMAT_GZIP || format == FORMAT_ZSTD)
        n = start_of_stream(head, format, start, sizeof start);
    else if (format == FORMAT_XZ || format == FORMAT_BZIP2)
        n = start_of_archive(head, start, sizeof start);
    bool tar = n == sizeof start && format_sniff((struct bytes){start, n}) == FORMAT_TAR;
    return tar ? FORMAT_TAR : format;
}

/* --- one packed file: named as the carrier without its ending ------------------------------ */

struct packed {
    struct carrier archive;
    struct str name;
};

static struct str packed_name(struct str name, struct arena *arena)
{
    static const char *const endings[] = {".xz", ".bz2", ".bzip2", ".lzma"};
    size_t at = name.n;
    while (at > 0 && name.p[at - 1] != '/')
        at--;
    name = str_part(name, at, name.n);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (str_iends(name, str_of(endings[i])) && name.n > strlen(endings[i]))
            name = str_part(name, 0, name.n - strlen(endings[i]));
    return name.n ? arena_str(arena, name) : STR("data");
}

static int next_packed(void *state, struct member *ret, struct err *err)
{
    struct packed *p = state;
    int got = p->archive.calls->next(p->archive.state, ret, err);
    if (got > 0)
        ret->path = p->name;
    return got;
}

static int read_packed(void *state, void *buf, size_t cap, size_t *ret_n, struct err *err)
{
    struct packed *p = state;
    return p->archive.calls->read(p->archive.state, buf, cap, ret_n, err);
}

static void close_packed(void *state)
{
    struct packed *p = state;
    p->archive.calls->close(p->archive.state);
}

static struct carrier carrier_of_one(struct carrier archive, struct str name,
                                     struct arena *arena)
{
    static const struct carrier_calls calls = {next_packed, read_packed, close_packed};
    struct packed *p = ARENA_NEW(arena, struct packed);
    *p = (struct packed){archive, packed_name(name, arena)};
    return (struct carrier){&calls, p};
}

/* --- with a gap, which is told first ------------------------------------------------------- */

struct gapped {
    struct carrier inner;
    const char *gap; /* NULL: it was told */
};

static int next_behind_gap(void *state, struct member *ret, struct err *err)
{
    struct gapped *g = state;
    const char *gap = g->gap;
    g->gap = NULL;
    if (gap)
        return err_set(err, ERR_UNSUPPORTED, "%s", gap);
    return g->inner.calls->next(g->inner.state, ret, err);
}

static int read_gapped(void *state, void *buf, size_t cap, size_t *ret_n, struct err *err)
{
    struct gapped *g = state;
    return g->inner.calls->read(g->inner.state, buf, cap, ret_n, err);
}

static void close_gapped(void *state)
{
    struct gapped *g = state;
    g->inner.calls->close(g->inner.state);
}

static struct carrier carrier_with_gap(struct carrier inner, const char *gap,
                                       struct arena *arena)
{
    static const struct carrier_calls calls = {next_behind_gap, read_gapped, close_gapped};
    struct gapped *g = ARENA_NEW(arena, struct gapped);
    *g = (struct gapped){inner, gap};
    return (struct carrier){&calls, g};
}

/* Whether a disc has a file system of the newer form beside, or in place of, the older one.
 * Source: ECMA-167, part 2: the volume recognition sequence */
static bool has_udf(struct bytes file)
{
    enum { FIRST = 16, LAST = 31, SECTOR = 2048 };
    for (size_t i = FIRST; i <= LAST && (i + 1) * SECTOR <= file.n; i++)
        if (memcmp(file.p + i * SECTOR + 1, "NSR0", 4) == 0)
            return true;
    return false;
}

/* --- by format ----------------------------------------------------------------------------- */

static int open_archive(struct bytes file, unsigned formats,
                        const struct carrier_options *options, struct arena *arena,
                        struct carrier *ret, struct err *err)
{
    struct arc *a = NULL;
    struct arc_limits limits = LIMITS;
    limits.password = options->password;
    if (arc_open(file, formats, &limits, arena, &a, err) < 0)
        return -1;
    *ret = arc_carrier(a);
    if (formats == ARC_PACKED)
        *ret = carrier_of_one(*ret, options->name, arena);
    return 0;
}

void carrier_prepare(void)
{
    arc_prepare();
    volume_prepare();
}

static int open_zip(struct bytes file, const struct carrier_options *options,
                    struct arena *arena, struct carrier *ret, struct err *err)
{
    struct arc_limits limits = LIMITS;
    (void)err;
    limits.password = options->password;
    *ret = zip_open(file, &limits, arena);
    return 0;
}

static int open_7z(struct bytes file, const struct carrier_options *options,
                   struct arena *arena, struct carrier *ret, struct err *err)
{
    return open_archive(file, ARC_7Z, options, arena, ret, err);
}

static int open_rar(struct bytes file, const struct carrier_options *options,
                    struct arena *arena, struct carrier *ret, struct err *err)
{
    return open_archive(file, ARC_RAR, options, arena, ret, err);
}

static int open_cab(struct bytes file, const struct carrier_options *options,
                    struct arena *arena, struct carrier *ret, struct err *err)
{
    return open_archive(file, ARC_CAB, options, arena, ret, err);
}

static int open_iso(struct bytes file, const struct carrier_options *options,
                    struct arena *arena, struct carrier *ret, struct err *err)
{
    if (open_archive(file, ARC_ISO, options, arena, ret, err) < 0)
        return -1;
    if (has_udf(file))
        *ret = carrier_with_gap(*ret,
                                "an image of a disc that has a UDF file system, of which only "
                                "what its ISO 9660 part names is read: unpack it by 7z x",
                                arena);
    return 0;
}

static int open_tar(struct bytes file, const struct carrier_options *options,
                    struct arena *arena, struct carrier *ret, struct err *err)
{
    return open_archive(file, ARC_TAR, options, arena, ret, err);
}

static int open_packed(struct bytes file, const struct carrier_options *options,
                       struct arena *arena, struct carrier *ret, struct err *err)
{
    return open_archive(file, ARC_PACKED, options, arena, ret, err);
}

static int open_image(struct bytes file, enum format format,
                      const struct carrier_options *options, struct arena *arena,
                      struct carrier *ret, struct err *err)
{
    struct bytes *files = ARENA_ARRAY(arena, struct bytes, options->n_more + 1);
    files[0] = file;
    for (size_t i = 0; i < options->n_more; i++)
        files[i + 1] = options->more[i];
    return volume_open(files, options->n_more + 1, format, arena, ret, err);
}

static int open_raw(struct bytes file, const struct carrier_options *options,
                    struct arena *arena, struct carrier *ret, struct err *err)
{
    return open_image(file, FORMAT_RAW_DISK, options, arena, ret, err);
}

static int open_e01(struct bytes file, const struct carrier_options *options,
                    struct arena *arena, struct carrier *ret, struct err *err)
{
    return open_image(file, FORMAT_E01, options, arena, ret, err);
}

static int open_virtual(struct bytes file, const struct carrier_options *options,
                        struct arena *arena, struct carrier *ret, struct err *err)
{
    return open_image(file, FORMAT_VIRTUAL_DISK, options, arena, ret, err);
}

typedef int (*opener)(struct bytes file, const struct carrier_options *options,
                      struct arena *arena, struct carrier *ret, struct err *err);

/* Those that KNOWN in format.c says are carriers. */
static const opener OPENERS[FORMATS] = {
    [FORMAT_RAR] = open_rar,
    [FORMAT_CAB] = open_cab,
    [FORMAT_ISO] = open_iso,
    [FORMAT_ZIP] = open_zip,
    [FORMAT_7Z] = open_7z,
    [FORMAT_TAR] = open_tar,
    [FORMAT_XZ] = open_packed,
    [FORMAT_BZIP2] = open_packed,
    [FORMAT_RAW_DISK] = open_raw,
    [FORMAT_E01] = open_e01,
    [FORMAT_VIRTUAL_DISK] = open_virtual,
};

int carrier_open(struct bytes file, enum format format, const struct carrier_options *options,
                 struct arena *arena, struct carrier *ret, struct err *err)
{
    if ((unsigned)format >= FORMATS || !OPENERS[format])
        return err_set(err, ERR_UNSUPPORTED, "%s: its members cannot be read",
                       format_name(format));
    return OPENERS[format](file, options, arena, ret, err);
}
