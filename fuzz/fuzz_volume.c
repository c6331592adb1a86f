/* Any bytes as an image of a disk, raw and in the Expert Witness form: each member's path is
 * text without "." and "..", and reading ends. An input that starts with "BLOCKS" is a raw image
 * of zeros but for its blocks, each behind its number: volumes are large for what they hold. */
#include <assert.h>
#include <string.h>

#include "base/utf.h"
#include "format/volume.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_all(struct bytes file, enum format format)
{
    enum { STEPS = 2000, WINDOW = 64 * 1024, READS = 16 };
    static uint8_t window[WINDOW];
    struct arena *arena = arena_new();
    struct carrier c;
    struct err err = {0};
    if (volume_open(&file, 1, format, arena, &c, &err) == 0) {
        struct member m;
        size_t got_n;
        int got;
        for (int i = 0; i < STEPS && (got = c.calls->next(c.state, &m, &err)) != 0; i++) {
            if (got < 0)
                continue;
            assert(m.path.n && utf8_valid(str_bytes(m.path)));
            assert(str_find(m.path, STR("/../"), 0) == SIZE_MAX && m.path.p[0] != '/');
            for (int k = 0; k < READS; k++)
                if (c.calls->read(c.state, window, WINDOW, &got_n, &err) <= 0)
                    break;
        }
        c.calls->close(c.state);
    }
    arena_free(arena);
}

static struct bytes from_blocks(const uint8_t *data, size_t n)
{
    enum { BLOCK = 512, BLOCKS = 8192, STEP = 2 + BLOCK };
    static uint8_t image[BLOCK * BLOCKS];
    memset(image, 0, sizeof image);
    for (; n >= STEP; data += STEP, n -= STEP)
        memcpy(image + (size_t)(data[0] | data[1] << 8) % BLOCKS * BLOCK, data + 2, BLOCK);
    return (struct bytes){image, sizeof image};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char magic[] = "BLOCKS";
    enum { MAGIC = sizeof magic - 1 };
    if (n >= MAGIC && memcmp(data, magic, MAGIC) == 0) {
        read_all(from_blocks(data + MAGIC, n - MAGIC), FORMAT_RAW_DISK);
        return 0;
    }
    struct bytes file = {data, n};
    enum format format = volume_sniff(file);
    read_all(file, FORMAT_RAW_DISK);
    if (format != FORMAT_UNKNOWN)
        read_all(file, format);
    return 0;
}
