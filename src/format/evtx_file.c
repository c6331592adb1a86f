#include "format/evtx_file.h"

#include <inttypes.h>

static const uint8_t FILE_MAGIC[8] = "ElfFile"; /* the eighth byte is NUL */

/* Where the chunks end that the header counts; 0 without a header. */
static uint64_t counted_end(struct bytes file)
{
    enum { CHUNK_COUNT = 42 };
    if (file.n < EVTX_HEADER_SIZE || memcmp(file.p, FILE_MAGIC, sizeof FILE_MAGIC) != 0)
        return 0;
    struct cur c = cur_of(file, 0);
    cur_seek(&c, CHUNK_COUNT);
    return EVTX_HEADER_SIZE + (uint64_t)cur_u16(&c) * EVTX_CHUNK_SIZE;
}

struct evtx_file evtx_file_open(struct bytes file, uint64_t from, uint64_t to, bool check_crc)
{
    if (to > file.n)
        to = file.n;
    return (struct evtx_file){.file = file,
                              .at = from,
                              .to = to,
                              .counted = counted_end(file),
                              .check_crc = check_crc};
}

static struct bytes block_at(const struct evtx_file *f, size_t want)
{
    size_t left = f->file.n - (size_t)f->at;
    return (struct bytes){f->file.p + f->at, left < want ? left : want};
}

/* Passes over the file header. A file that starts with a chunk is read as chunks: so look
 * those that were cut out of an image. */
static int pass_header(struct evtx_file *f, struct evtx_gap *gap, struct err *err)
{
    struct bytes head = block_at(f, EVTX_HEADER_SIZE);
    if (evtx_is_chunk(head))
        return 0;
    f->at += head.n;
    if (head.n == EVTX_HEADER_SIZE && memcmp(head.p, FILE_MAGIC, sizeof FILE_MAGIC) == 0)
        return 0;
    *gap = (struct evtx_gap){0, f->at};
    return err_set(err, ERR_CORRUPT, "no event log header at the start of the file");
}

static bool is_zero(struct bytes b)
{
    return b.n == 0 || (b.p[0] == 0 && memcmp(b.p, b.p + 1, b.n - 1) == 0);
}

static void look_for_shells(struct evtx_file *f, struct bytes block, size_t from)
{
    struct evtx_frame shell;
    if (!f->has_shells)
        f->has_shells = evtx_shell_find(block, 0, from, &shell);
}

/* Enters the next chunk: 1 entered, 0 passed over a block of zeros that was not used yet,
 * -1 no chunk. */
static int enter_chunk(struct evtx_file *f, struct evtx_gap *gap, struct err *err)
{
    struct bytes block = block_at(f, EVTX_CHUNK_SIZE);
    uint64_t offset = f->at;
    f->at += block.n;
    bool blank = !evtx_is_chunk(block) && is_zero(block);
    if (blank && offset < f->counted) {
        struct bytes next;
        while (f->at < f->to && f->at < f->counted &&
               is_zero(next = block_at(f, EVTX_CHUNK_SIZE)))
            f->at += next.n; /* one gap for the whole stretch */
        *gap = (struct evtx_gap){offset, f->at};
        return err_set(err, ERR_CORRUPT, "nothing but zeros where the header counts a chunk");
    }
    if (blank)
        return 0;
    if (evtx_chunk_open(block, offset, &f->chunk, err) < 0) {
        *gap = (struct evtx_gap){offset, f->at};
        look_for_shells(f, block, 0);
        return -1;
    }
    f->crc_bad = f->check_crc && !evtx_chunk_crc_ok(block);
    return 1;
}

/* The end of the file: once -1 if chunks are missing that the header counts. */
static int end_file(struct evtx_file *f, struct evtx_gap *gap, struct err *err)
{
    if (f->to < f->file.n || f->counted <= f->file.n || f->end_told)
        return 0;
    f->end_told = true;
    *gap = (struct evtx_gap){f->file.n, f->counted};
    return err_set(err, ERR_CORRUPT,
                   "the file was cut: its header counts chunks up to byte %" PRIu64,
                   f->counted);
}

int evtx_file_next(struct evtx_file *f, struct evtx_frame *ret, struct evtx_gap *gap,
                   struct err *err)
{
    if (f->at == 0 && f->to > 0 && pass_header(f, gap, err) < 0)
        return -1;
    for (;;) {
        int got = f->in_chunk ? evtx_chunk_next(&f->chunk, ret, err) : 0;
        if (got > 0)
            return 1;
        if (f->in_chunk)
            look_for_shells(f, f->chunk.bytes, f->chunk.at + (-f->chunk.at & 3));
        f->in_chunk = false;
        if (got < 0) {
            *gap = (struct evtx_gap){f->chunk.offset + f->chunk.at,
                                     f->chunk.offset + f->chunk.bytes.n};
            return -1;
        }
        if (f->at >= f->to)
            return end_file(f, gap, err);
        got = enter_chunk(f, gap, err);
        if (got < 0)
            return -1;
        f->in_chunk = got > 0;
    }
}
