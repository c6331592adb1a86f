#include "format/disk_sniff.h"
#include "t.h"

enum { HEAD = 8192, SUPER = 1024 };

static uint8_t head[HEAD];

static void put(size_t at, uint64_t v, size_t width)
{
    for (size_t i = 0; i < width; i++)
        head[SUPER + at + i] = (uint8_t)(v >> (8 * i));
}

/* A volume of 1024 blocks of 1 KiB. */
static void make(void)
{
    memset(head, 0, sizeof head);
    put(0, 128, 4);  /* files */
    put(4, 1024, 4); /* blocks */
    put(32, 8192, 4);
    put(40, 128, 4); /* files of a group */
    put(56, 0xef53, 2);
    put(76, 1, 4);
    put(88, 256, 2); /* bytes of a file's entry */
}

static bool adds_up(void)
{
    return ext_adds_up((struct bytes){head, sizeof head}, 1 << 20);
}

static void numbers_of_ext_must_fit(void)
{
    static const struct {
        size_t at, width;
        uint64_t value;
    } wrong[] = {
        {0, 4, UINT32_MAX}, {0, 4, 129}, {4, 4, UINT32_MAX}, {24, 4, 7},   {32, 4, 0},
        {32, 4, 8193},      {40, 4, 0},  {40, 4, 8193},      {88, 2, 127}, {88, 2, 2048},
    };
    make();
    T_EQ(volume_kind((struct bytes){head, sizeof head}), VOLUME_EXT);
    T_OK(adds_up());
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        make();
        put(wrong[i].at, wrong[i].value, wrong[i].width);
        T_OK(!adds_up());
    }
    make();
    put(76, 0, 4); /* the first form of ext2 has entries of one size */
    put(88, 0, 2);
    T_OK(adds_up());
}

static void look(struct bytes b)
{
    (void)volume_kind(b);
    (void)table_kind(b);
    (void)virtual_disk(b);
    if (b.n < SUPER + 90)
        T_OK(!ext_adds_up(b, UINT64_MAX));
}

static void survives_truncation(void)
{
    make();
    t_each_prefix((struct bytes){head, 2048}, look);
}

int main(void)
{
    T_RUN(numbers_of_ext_must_fit);
    T_RUN(survives_truncation);
    return t_done();
}
