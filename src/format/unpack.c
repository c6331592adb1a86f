#include "format/unpack.h"

#include <assert.h>
#include <inttypes.h>

#include "base/limits.h"
#include "format/unpack_int.h"

struct unpack {
    const struct codec *codec;
    void *state; /* NULL: closed, or the library had no memory */
    struct bytes file;
    size_t used;
    uint64_t made;  /* bytes of content so far */
    bool inside;    /* of a member */
    bool over;      /* nothing more will be read */
    struct err err; /* why it is over, until it has been told; ERR_NONE: the end */
};

struct unpack *unpack_open(struct bytes file, enum format format, struct arena *arena)
{
    assert(format == FORMAT_GZIP || format == FORMAT_ZSTD);
    struct unpack *u = ARENA_NEW(arena, struct unpack);
    u->codec = format == FORMAT_GZIP ? &CODEC_GZIP : &CODEC_ZSTD;
    u->file = file.p ? file : (struct bytes){(const uint8_t *)"", 0};
    u->state = u->codec->open(arena);
    if (!u->state) {
        u->over = true;
        (void)err_set(&u->err, ERR_LIMIT, "%s: no memory", u->codec->name);
    }
    return u;
}

void unpack_close(struct unpack **u)
{
    if (!*u)
        return;
    if ((*u)->state)
        (*u)->codec->close((*u)->state);
    (*u)->state = NULL;
    (*u)->over = true;
    *u = NULL;
}

static struct bytes rest(const struct unpack *u)
{
    return (struct bytes){u->file.p + u->used, u->file.n - u->used};
}

/* Some writers fill the last block with zeros. */
static bool only_zeros(struct bytes b)
{
    for (size_t i = 0; i < b.n; i++) {
        if (b.p[i] != 0)
            return false;
    }
    return true;
}

/* Between members: 1 another starts, 0 the end, -1 something else is there. */
static int next_member(struct unpack *u)
{
    struct bytes in = rest(u);
    if (u->codec->starts(in))
        return 1;
    if (u->used > 0 && only_zeros(in))
        return 0;
    return err_set(&u->err, ERR_CORRUPT, "%s: no %s at byte %zu", u->codec->name,
                   u->codec->part, u->used);
}

static int check_limits(struct unpack *u)
{
    if (u->made > LIMIT_UNPACKED)
        return err_set(&u->err, ERR_LIMIT, "%s: more than %zu bytes unpacked", u->codec->name,
                       LIMIT_UNPACKED);
    if (u->made > LIMIT_UNPACK_FREE && u->made / LIMIT_UNPACK_RATIO > u->used)
        return err_set(&u->err, ERR_LIMIT,
                       "%s: %zu bytes unpack to more than %" PRIu64 ": no log packs so well",
                       u->codec->name, u->used, u->made);
    return 0;
}

/* One step into out[n..cap): 1 go on, 0 the end, -1 damaged with u->err set. */
static int step(struct unpack *u, uint8_t *out, size_t cap, size_t *n)
{
    if (!u->inside) {
        int more = next_member(u);
        if (more <= 0)
            return more;
        u->inside = true;
    }
    struct codec_io io = {.in = rest(u), .out_cap = cap, .out_used = *n};
    io.out = out;
    int r = u->codec->step(u->state, &io, &u->err);
    bool moved = io.in_used > 0 || io.out_used > *n;
    u->used += io.in_used;
    u->made += io.out_used - *n;
    *n = io.out_used;
    if (r < 0)
        return -1;
    u->inside = r > 0;
    if (u->inside && !moved)
        return err_set(&u->err, ERR_CORRUPT, "%s: the last %s ends early", u->codec->name,
                       u->codec->part);
    return check_limits(u) < 0 ? -1 : 1;
}

int unpack_read(struct unpack *u, void *buf, size_t cap, size_t *ret_n, struct err *err)
{
    size_t n = 0;
    while (!u->over && n < cap)
        u->over = step(u, buf, cap, &n) <= 0;
    if (n > 0) {
        *ret_n = n;
        return 1;
    }
    if (u->err.code == ERR_NONE)
        return 0;
    *err = u->err;
    u->err = (struct err){0};
    return -1;
}

int unpack_all(struct bytes file, enum format format, struct buf *out, struct err *err)
{
    enum { PIECE = 64 * 1024 };
    struct arena *arena = arena_new();
    struct unpack *u = unpack_open(file, format, arena);
    char *piece = ARENA_ARRAY(arena, char, PIECE);
    size_t n;
    int r;
    while ((r = unpack_read(u, piece, PIECE, &n, err)) > 0 && !out->full)
        buf_add(out, piece, n);
    if (out->full)
        r = err_set(err, ERR_LIMIT, "more than %zu bytes unpacked", out->max);
    unpack_close(&u);
    arena_free(arena);
    return r < 0 ? -1 : 0;
}
