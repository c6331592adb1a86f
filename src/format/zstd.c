#include "format/pack.h"
#include "format/unpack_int.h"

#include <zstd.h>
#include <zstd_errors.h>

enum { WINDOW_LOG_MAX = 27 }; /* 128 MiB, what the zstd command takes without being asked */

static void *zstd_open(struct arena *arena)
{
    (void)arena; /* the library has no public way to take memory from elsewhere */
    ZSTD_DCtx *z = ZSTD_createDCtx();
    if (z)
        (void)ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    return z;
}

static void zstd_close(void *state)
{
    (void)ZSTD_freeDCtx(state);
}

static bool zstd_starts(struct bytes in)
{
    if (in.n < 4)
        return false;
    const uint8_t *p = in.p;
    bool frame = p[0] == 0x28 && p[1] == 0xb5 && p[2] == 0x2f && p[3] == 0xfd;
    bool skippable = (p[0] & 0xf0) == 0x50 && p[1] == 0x2a && p[2] == 0x4d && p[3] == 0x18;
    return frame || skippable;
}

static enum err_code code_of(size_t result)
{
    ZSTD_ErrorCode code = ZSTD_getErrorCode(result);
    return code == ZSTD_error_frameParameter_windowTooLarge ? ERR_UNSUPPORTED
           : code == ZSTD_error_dictionary_wrong            ? ERR_UNSUPPORTED
                                                            : ERR_CORRUPT;
}

static int zstd_step(void *state, struct codec_io *io, struct err *err)
{
    ZSTD_inBuffer in = {io->in.p, io->in.n, io->in_used};
    ZSTD_outBuffer out = {io->out, io->out_cap, io->out_used};
    size_t r = ZSTD_decompressStream(state, &out, &in);
    io->in_used = in.pos;
    io->out_used = out.pos;
    if (ZSTD_isError(r))
        return err_set(err, code_of(r), "zstd: %s", ZSTD_getErrorName(r));
    return r == 0 ? 0 : 1;
}

const struct codec CODEC_ZSTD = {
    .name = "zstd",
    .part = "frame",
    .open = zstd_open,
    .close = zstd_close,
    .starts = zstd_starts,
    .step = zstd_step,
};

/* --- packing --------------------------------------------------------------------------------- */

int pack_zstd(struct bytes in, struct buf *out, struct err *err)
{
    enum { CHUNK = 1 << 16 };
    char chunk[CHUNK];
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_inBuffer from = {in.p, in.n, 0};
    size_t left = context ? ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 1) : 0;
    bool well = context && !ZSTD_isError(left);
    for (left = 1; well && left; well = well && !ZSTD_isError(left)) {
        ZSTD_outBuffer to = {chunk, sizeof chunk, 0};
        left = ZSTD_compressStream2(context, &to, &from, ZSTD_e_end);
        buf_add(out, chunk, to.pos);
    }
    (void)ZSTD_freeCCtx(context);
    return well && !out->full ? 0 : err_set(err, ERR_LIMIT, "zstd: no room");
}
