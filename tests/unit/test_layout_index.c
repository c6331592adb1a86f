#include "format/layout_index.h"

#include "t.h"

static void finds_header_lines(void)
{
    struct arena *a = arena_new();
    static const char text[] = "\xef\xbb\xbf"
                               "DateTime,RequestId\r\n#Fields: a\n"
                               "row with #Fields: inside\n\"DateTime\",\"x\"\n";
    struct bytes file = {(const uint8_t *)text, sizeof text - 1};
    struct layout_index index = layout_index_of(file, a);
    T_EQ(index.n, 3);
    T_EQ(index.at[0], 0); /* the mark belongs to the first line */
    T_EQ(index.at[1], 23);
    T_EQ(file.p[index.at[2]], '"');
    T_EQ(layout_before(&index, 0), 0);
    T_EQ(layout_before(&index, 23), 0);
    T_EQ(layout_before(&index, 24), 23);
    T_EQ(layout_before(&index, file.n), index.at[2]);
    arena_free(a);
}

static void nothing_in_nothing(void)
{
    struct arena *a = arena_new();
    struct layout_index index = layout_index_of((struct bytes){0}, a);
    T_EQ(index.n, 0);
    T_EQ(layout_before(&index, 100), 0);
    arena_free(a);
}

int main(void)
{
    T_RUN(finds_header_lines);
    T_RUN(nothing_in_nothing);
    return t_done();
}
