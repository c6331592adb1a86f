#include "format/unpack.h"

#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include "base/limits.h"
#include "t.h"

static struct arena *arena;

struct sample {
    const char *name;
    enum format format;
    struct bytes (*pack)(struct bytes content);
};

static struct bytes pack_gzip(struct bytes content)
{
    size_t cap = content.n + content.n / 100 + 100;
    uint8_t *out = ARENA_ARRAY(arena, uint8_t, cap);
    z_stream z = {0};
    if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    z.next_in = content.p;
    z.avail_in = (uInt)content.n;
    z.next_out = out;
    z.avail_out = (uInt)cap;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        abort();
    size_t n = z.total_out;
    (void)deflateEnd(&z);
    return (struct bytes){out, n};
}

static struct bytes pack_zstd(struct bytes content)
{
    size_t cap = ZSTD_compressBound(content.n);
    uint8_t *out = ARENA_ARRAY(arena, uint8_t, cap);
    ZSTD_CCtx *z = ZSTD_createCCtx();
    (void)ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
    size_t n = ZSTD_compress2(z, out, cap, content.p, content.n);
    (void)ZSTD_freeCCtx(z);
    if (ZSTD_isError(n))
        abort();
    return (struct bytes){out, n};
}

static const struct sample SAMPLES[] = {
    {"gzip", FORMAT_GZIP, pack_gzip},
    {"zstd", FORMAT_ZSTD, pack_zstd},
};

#define EACH_SAMPLE                   \
    const struct sample *s = SAMPLES; \
    s < SAMPLES + 2;                  \
    s++

static struct bytes of(struct str s)
{
    return (struct bytes){(const uint8_t *)s.p, s.n};
}

static struct bytes join(struct bytes a, struct bytes b)
{
    uint8_t *p = ARENA_ARRAY(arena, uint8_t, a.n + b.n);
    memcpy(p, a.p, a.n);
    memcpy(p + a.n, b.p, b.n);
    return (struct bytes){p, a.n + b.n};
}

/* Lines that differ, about n bytes. */
static struct bytes some_log(size_t n)
{
    char *p = ARENA_ARRAY(arena, char, n + 64);
    size_t at = 0;
    for (unsigned i = 0; at < n; i++)
        at += (size_t)snprintf(p + at, 64, "line %u status %u\n", i, i * 2654435761U);
    return (struct bytes){(const uint8_t *)p, at};
}

struct result {
    struct str text;
    int end; /* 0 or -1 */
    struct err err;
};

/* Reads everything in pieces of `piece` bytes. */
static struct result read_all(struct bytes packed, enum format format, size_t piece)
{
    struct result r = {0};
    struct buf all = buf_new((size_t)1 << 30);
    char *p = ARENA_ARRAY(arena, char, piece);
    struct unpack *u = unpack_open(packed, format, arena);
    size_t n = 0;
    while ((r.end = unpack_read(u, p, piece, &n, &r.err)) > 0) {
        T_OK(n > 0 && n <= piece);
        buf_add(&all, p, n);
    }
    T_EQ(unpack_read(u, p, piece, &n, &r.err), 0); /* over is over */
    unpack_close(&u);
    T_OK(!u);
    char *copy = ARENA_ARRAY(arena, char, all.n);
    if (all.n)
        memcpy(copy, all.p, all.n);
    r.text = (struct str){copy, all.n};
    buf_free(&all);
    return r;
}

static void gives_the_content_back(void)
{
    struct bytes log = some_log(300000);
    for (EACH_SAMPLE) {
        struct bytes packed = s->pack(log);
        for (size_t piece = 1; piece < (1U << 20); piece *= 37) {
            struct result r = read_all(packed, s->format, piece);
            T_EQ(r.end, 0);
            T_OK(r.text.n == log.n && memcmp(r.text.p, log.p, log.n) == 0);
        }
    }
}

static void reads_member_after_member(void)
{
    for (EACH_SAMPLE) {
        struct bytes a = s->pack(of(STR("first\n")));
        struct bytes empty = s->pack(of(STR("")));
        struct bytes b = s->pack(of(STR("second\n")));
        struct result r = read_all(join(join(a, empty), b), s->format, 100);
        T_EQ(r.end, 0);
        T_STR(r.text, "first\nsecond\n");
        r = read_all(join(a, of(STR("\0\0\0\0"))), s->format, 100);
        T_EQ(r.end, 0);
        T_STR(r.text, "first\n");
    }
    struct bytes skippable = of(STR("\x53\x2a\x4d\x18\x03\0\0\0abc"));
    struct result r = read_all(join(skippable, pack_zstd(of(STR("x")))), FORMAT_ZSTD, 100);
    T_EQ(r.end, 0);
    T_STR(r.text, "x");
}

static void tells_of_something_else_behind_the_end(void)
{
    for (EACH_SAMPLE) {
        struct bytes packed = join(s->pack(of(STR("first\n"))), of(STR("garbage")));
        struct result r = read_all(packed, s->format, 100);
        T_EQ(r.end, -1);
        T_EQ(r.err.code, ERR_CORRUPT);
        T_STR(r.text, "first\n");
    }
}

static const struct sample *cut_sample;

static void cut(struct bytes b)
{
    struct result r = read_all(b, cut_sample->format, 50);
    T_EQ(r.end, -1);
    T_EQ(r.err.code, ERR_CORRUPT);
}

static void a_truncated_stream_gives_what_was_there(void)
{
    for (EACH_SAMPLE) {
        cut_sample = s;
        t_each_prefix(s->pack(of(STR("a small text, a small text, a small text"))), cut);

        struct bytes log = some_log(1 << 20);
        struct bytes packed = s->pack(log);
        packed.n -= packed.n / 4;
        struct result r = read_all(packed, s->format, 4096);
        T_EQ(r.end, -1);
        T_OK(r.text.n > log.n / 2 && r.text.n < log.n);
        T_OK(memcmp(r.text.p, log.p, r.text.n) == 0);
    }
}

static void flipped_bits_are_noticed(void)
{
    struct str text = STR("text text text text 1234");
    for (EACH_SAMPLE) {
        struct bytes packed = s->pack(of(text));
        uint8_t *copy = ARENA_ARRAY(arena, uint8_t, packed.n);
        for (size_t i = 0; i < packed.n * 8; i++) {
            memcpy(copy, packed.p, packed.n);
            copy[i / 8] ^= (uint8_t)(1U << i % 8);
            struct result r = read_all((struct bytes){copy, packed.n}, s->format, 7);
            T_OK(r.end < 0 || str_eq(r.text, text)); /* some header bits mean nothing */
        }
    }
}

static void refuses_a_bomb(void)
{
    struct bytes zeros = {ARENA_ARRAY(arena, uint8_t, 66 << 20), 66 << 20};
    for (EACH_SAMPLE) {
        struct result r = read_all(s->pack(zeros), s->format, 1 << 20);
        T_EQ(r.end, -1);
        T_EQ(r.err.code, ERR_LIMIT);
        T_OK(r.text.n <= (LIMIT_UNPACK_FREE + (2 << 20)));
    }
}

static void refuses_a_window_that_is_too_large(void)
{
    /* descriptor 0: a window byte follows; exponent 31, 2 TiB */
    struct result r = read_all(of(STR("\x28\xb5\x2f\xfd\x00\xf8\x01\0\0")), FORMAT_ZSTD, 10);
    T_EQ(r.end, -1);
    T_EQ(r.err.code, ERR_UNSUPPORTED);
}

static void nothing_is_not_a_stream(void)
{
    for (EACH_SAMPLE) {
        struct result r = read_all((struct bytes){0}, s->format, 10);
        T_EQ(r.end, -1);
        T_EQ(r.text.n, 0);
    }
    struct unpack *none = NULL;
    unpack_close(&none);
}

static void unpacks_whole_into_a_buffer(void)
{
    struct bytes log = some_log(200000);
    for (EACH_SAMPLE) {
        struct bytes packed = s->pack(log);
        struct err err = {0};
        struct buf all = buf_new(1 << 20);
        T_EQ(unpack_all(packed, s->format, &all, &err), 0);
        T_EQ(all.n, log.n);
        buf_free(&all);

        struct buf small = buf_new(100000);
        T_EQ(unpack_all(packed, s->format, &small, &err), -1);
        T_EQ(err.code, ERR_LIMIT);
        T_OK(small.n > 0 && small.n <= 100000);
        buf_free(&small);

        packed.n -= packed.n / 8;
        T_EQ(unpack_all(packed, s->format, &all, &err), -1);
        T_EQ(err.code, ERR_CORRUPT);
        T_OK(all.n > 0);
        buf_free(&all);
    }
}

int main(void)
{
    arena = arena_new();
    T_RUN(gives_the_content_back);
    T_RUN(reads_member_after_member);
    T_RUN(tells_of_something_else_behind_the_end);
    T_RUN(a_truncated_stream_gives_what_was_there);
    T_RUN(flipped_bits_are_noticed);
    T_RUN(refuses_a_bomb);
    T_RUN(refuses_a_window_that_is_too_large);
    T_RUN(nothing_is_not_a_stream);
    T_RUN(unpacks_whole_into_a_buffer);
    arena_free(arena);
    return t_done();
}
