#include "format/vdisk.h"

#include <string.h>

#include "base/buf.h"

int vdisk_stretch(const struct vdisk *d, uint64_t from, uint64_t n, struct vdisk_piece *ret,
                  struct err *err)
{
    if (from >= d->file.n)
        return err_set(err, ERR_CORRUPT, "a block of the disk lies behind the image's end");
    uint64_t left = d->file.n - from;
    n = n < left ? n : left;
    *ret = (struct vdisk_piece){.there = {d->file.p + from, (size_t)n}, .n = n};
    return 0;
}

static int vdisk_read(void *state, uint64_t at, void *buf, size_t n, struct err *err)
{
    struct vdisk *d = state;
    uint8_t *to = buf;
    while (n > 0) {
        struct vdisk_piece piece = {0};
        if (d->piece(d, at, &piece, err) < 0)
            return -1;
        size_t take = piece.n < n ? (size_t)piece.n : n;
        if (piece.zeros)
            memset(to, 0, take);
        else
            memcpy(to, piece.there.p, take);
        to += take;
        at += take;
        n -= take;
    }
    return 0;
}

static void vdisk_close(void *state)
{
    struct vdisk *d = state;
    if (d->content)
        buf_free(d->content);
}

static bool starts(struct bytes file, const char *magic)
{
    return file.n >= strlen(magic) && memcmp(file.p, magic, strlen(magic)) == 0;
}

bool vdisk_is_read(struct bytes file)
{
    return starts(file, "conectix") || starts(file, "vhdxfile") || starts(file, "KDMV");
}

int vdisk_open(struct bytes file, struct arena *arena, struct disk *ret, struct str *ret_gap,
               struct err *err)
{
    struct vdisk *d = ARENA_NEW(arena, struct vdisk);
    struct str gap = STR("");
    *d = (struct vdisk){.file = file};
    int failed = starts(file, "conectix")   ? vhd_open(d, &gap, err)
                 : starts(file, "vhdxfile") ? vhdx_open(d, &gap, err)
                 : starts(file, "KDMV")
                     ? vmdk_open(d, &gap, err)
                     : err_set(err, ERR_UNSUPPORTED, "no disk of a form that is read");
    if (failed)
        return -1;
    if (d->size == 0 || d->size > VDISK_SIZE_MAX || d->block == 0)
        return err_set(err, ERR_CORRUPT, "it does not say how large the disk is");
    if (d->packed) {
        d->content = ARENA_NEW(arena, struct buf);
        *d->content = buf_new((size_t)d->block + 1);
    }
    *ret_gap = gap;
    *ret = (struct disk){.state = d, .size = d->size, .read = vdisk_read, .close = vdisk_close};
    return 0;
}
