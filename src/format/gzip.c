#include "format/inflate.h"
#include "format/unpack_int.h"

#define ZLIB_CONST /* zlib only reads its input */
#include <zlib.h>

enum {
    WINDOW_BITS = 15 + 16, /* the largest window; 16 asks zlib for the gzip wrapper */
    STEP = 1 << 30,        /* zlib counts in 32 bits */
};

/* zlib's memory comes from the reader's arena: allocated once, kept for all members. */
static voidpf take(voidpf arena, uInt n, uInt size)
{
    return arena_alloc(arena, n, size);
}

static void leave(voidpf arena, voidpf p)
{
    (void)arena;
    (void)p;
}

static void *gzip_open(struct arena *arena)
{
    z_stream *z = ARENA_NEW(arena, z_stream);
    z->zalloc = take;
    z->zfree = leave;
    z->opaque = arena;
    return inflateInit2(z, WINDOW_BITS) == Z_OK ? z : NULL;
}

static void gzip_close(void *state)
{
    (void)state;
}

static bool gzip_starts(struct bytes in)
{
    return in.n >= 2 && in.p[0] == 0x1f && in.p[1] == 0x8b;
}

static int gzip_step(void *state, struct codec_io *io, struct err *err)
{
    z_stream *z = state;
    size_t in = io->in.n - io->in_used;
    size_t out = io->out_cap - io->out_used;
    z->next_in = io->in.p + io->in_used;
    z->avail_in = (uInt)(in < STEP ? in : STEP);
    z->next_out = io->out + io->out_used;
    z->avail_out = (uInt)(out < STEP ? out : STEP);

    int r = inflate(z, Z_NO_FLUSH);
    io->in_used = (size_t)(z->next_in - io->in.p);
    io->out_used = (size_t)(z->next_out - io->out);
    if (r == Z_STREAM_END)
        return inflateReset(z) == Z_OK ? 0 : err_set(err, ERR_CORRUPT, "gzip: reset failed");
    if (r == Z_OK || r == Z_BUF_ERROR)
        return 1;
    return err_set(err, ERR_CORRUPT, "gzip: %s", z->msg ? z->msg : "damaged");
}

const struct codec CODEC_GZIP = {
    .name = "gzip",
    .part = "member",
    .open = gzip_open,
    .close = gzip_close,
    .starts = gzip_starts,
    .step = gzip_step,
};

static int inflate_into(z_stream *z, struct bytes in, struct buf *out)
{
    enum { PIECE = 16 * 1024 };
    uint8_t piece[PIECE];
    int r = Z_OK;
    z->next_in = in.p;
    z->avail_in = (uInt)(in.n < STEP ? in.n : STEP);
    while (r == Z_OK && !out->full) {
        z->next_out = piece;
        z->avail_out = PIECE;
        r = inflate(z, Z_NO_FLUSH);
        buf_add(out, piece, PIECE - z->avail_out);
    }
    return r == Z_STREAM_END ? 1 : r == Z_OK || r == Z_BUF_ERROR ? 0 : -1;
}

int inflate_all(struct bytes in, enum inflate_wrapping wrapping, struct buf *out)
{
    static const int window[] = {
        [INFLATE_RAW] = -15, [INFLATE_ZLIB] = 15, [INFLATE_GZIP] = WINDOW_BITS};
    struct arena *arena = arena_new();
    z_stream z = {.zalloc = take, .zfree = leave, .opaque = arena};
    int r = -1;
    if (in.n && inflateInit2(&z, window[wrapping]) == Z_OK)
        r = inflate_into(&z, in, out);
    arena_free(arena);
    return r;
}
