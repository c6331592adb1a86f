#include "format/crc32.h"

#include "t.h"

static void known_value(void)
{
    T_EQ(crc32_of(0, str_bytes(STR("123456789"))), 0xcbf43926);
}

/* Every length around the steps, at every alignment, in one piece and in two. */
static void agrees_with_the_plain_one(void)
{
    enum { ROOM = 700 };
    uint8_t data[ROOM + 16];
    uint32_t r = 1;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)((r = r * 1664525 + 1013904223) >> 24);
    for (size_t from = 0; from < 16; from++) {
        for (size_t n = 0; n <= ROOM; n++) {
            struct bytes b = {data + from, n};
            uint32_t plain = crc32_plain((uint32_t)n, b);
            T_EQ(crc32_of((uint32_t)n, b), plain);
            struct bytes head = {b.p, n / 3};
            struct bytes rest = {b.p + n / 3, n - n / 3};
            T_EQ(crc32_of(crc32_of((uint32_t)n, head), rest), plain);
        }
    }
}

static void nothing_changes_nothing(void)
{
    T_EQ(crc32_of(7, (struct bytes){0}), 7);
}

int main(void)
{
    T_RUN(known_value);
    T_RUN(agrees_with_the_plain_one);
    T_RUN(nothing_changes_nothing);
    return t_done();
}
