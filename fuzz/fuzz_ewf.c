/* Any bytes as an image in the Expert Witness form. Sums of sections are set right first: no
 * chance finds them. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "format/ewf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void put(uint8_t *to, uint32_t v)
{
    for (size_t i = 0; i < 4; i++)
        to[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t adler(const uint8_t *p, size_t n)
{
    uint32_t low = 1;
    uint32_t high = 0;
    for (size_t i = 0; i < n; i++) {
        low = (low + p[i]) % 65521;
        high = (high + low) % 65521;
    }
    return high << 16 | low;
}

static uint64_t next_of(const uint8_t *section)
{
    uint64_t v = 0;
    for (size_t i = 0; i < 8; i++)
        v |= (uint64_t)section[16 + i] << (8 * i);
    return v;
}

static void set_sums(uint8_t *file, size_t n)
{
    enum { HEADER = 13, DESCRIPTOR = 76 };
    for (uint64_t at = HEADER; at <= n && n - at >= DESCRIPTOR;) {
        uint64_t next = next_of(file + at);
        put(file + at + DESCRIPTOR - 4, adler(file + at, DESCRIPTOR - 4));
        if (next <= at)
            return;
        at = next;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum { READ = 8192, READS = 64 };
    uint8_t buf[READ];
    uint8_t *copy = malloc(n + 1);
    assert(copy);
    memcpy(copy, data, n);
    set_sums(copy, n);
    struct bytes file = {copy, n};
    struct arena *arena = arena_new();
    struct disk disk;
    struct str gap = STR("");
    struct err err = {0};
    if (ewf_open(&file, 1, arena, &disk, &gap, &err) == 0) {
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
