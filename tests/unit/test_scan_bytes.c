#include "format/scan_bytes.h"

#include "t.h"

enum { ROOM = 200 };

static void same(struct bytes b, size_t most)
{
    uint32_t fast[ROOM + 1];
    uint32_t plain[ROOM + 1];
    fast[most] = plain[most] = 77;
    size_t n = scan_bytes(b, ' ', fast, most);
    T_EQ(n, scan_bytes_plain(b, ' ', plain, most));
    T_OK(memcmp(fast, plain, n * sizeof *fast) == 0);
    T_EQ(fast[most], 77);
}

static void agrees_with_the_plain_search(void)
{
    uint8_t text[ROOM];
    uint32_t seed = 1;
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < sizeof text; i++) {
            seed = seed * 1664525 + 1013904223;
            text[i] = seed >> 24 < (unsigned)round ? ' ' : (uint8_t)(seed >> 16);
        }
        size_t from = (size_t)(seed >> 8) % 20;
        for (size_t n = 0; n < sizeof text - from; n += 7)
            for (size_t most = 0; most <= ROOM; most += 25)
                same((struct bytes){text + from, n}, most);
    }
}

static void each_prefix(struct bytes b)
{
    same(b, ROOM);
    same(b, 3);
}

static void reads_no_byte_too_far(void)
{
    static const char text[] = "a bb ccc dddd eeeee ffffff ggggggg hhhhhhhh  iiiiiiiii   j ";
    t_each_prefix((struct bytes){(const uint8_t *)text, sizeof text - 1}, each_prefix);
}

int main(void)
{
    T_RUN(agrees_with_the_plain_search);
    T_RUN(reads_no_byte_too_far);
    return t_done();
}
