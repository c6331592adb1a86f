/* Any bytes as the disk of a virtual machine. The first one says how they lie: a VHDX has megabytes of
 * nothing between its parts. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "format/vdisk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static size_t place(uint8_t *to, size_t at, const uint8_t *data, size_t n, size_t most)
{
    size_t take = n < most ? n : most;
    memcpy(to + at, data, take);
    return take;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum { READ = 8192, READS = 64, KB = 1024, SPREAD = 256 * KB };
    uint8_t buf[READ];
    if (n == 0)
        return 0;
    size_t size = n + SPREAD;
    uint8_t *copy = calloc(size, 1);
    assert(copy);
    bool spread = data[0] & 1;
    data++;
    n--;
    if (spread) {
        static const size_t places[] = {0, 64, 128, 192};
        for (size_t i = 0; i < 4; i++) {
            size_t took = place(copy, places[i] * KB, data, n, 128);
            data += took;
            n -= took;
        }
        memcpy(copy + SPREAD, data, n);
    } else {
        memcpy(copy, data, n);
        size = n;
    }
    struct arena *arena = arena_new();
    struct disk disk;
    struct str gap = STR("");
    struct err err = {0};
    if (vdisk_open((struct bytes){copy, size}, arena, &disk, &gap, &err) == 0) {
        uint64_t step = disk.size / READS + 1;
        for (uint64_t at = 0; at < disk.size; at += step) {
            uint64_t left = disk.size - at;
            (void)disk.read(disk.state, at, buf, left < READ ? (size_t)left : READ, &err);
        }
        disk.close(disk.state);
    }
    arena_free(arena);
    free(copy);
    return 0;
}
