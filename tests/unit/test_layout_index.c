#include "format/layout_index.h"

#include "t.h"

static void finds_header_lines(void)
{
    struct arena *a = arena_new();
    static const char text[] = "\xef\xbb\xbf"
                               "DateTime,RequestId,a\r\n#Fields: a\n"
                               "row with #Fields: inside\n\"a\";\"DateTime\";\"x\"\n";
    struct bytes file = {(const uint8_t *)text, sizeof text - 1};
    struct layout_index index = layout_index_of(file, a);
    T_EQ(index.n, 3);
    T_EQ(index.at[0], 0); /* the mark belongs to the first line */
    T_EQ(index.at[1], 25);
    T_EQ(file.p[index.at[2]], '"');
    T_EQ(layout_before(&index, 0), 0);
    T_EQ(layout_before(&index, 25), 0);
    T_EQ(layout_before(&index, 26), 25);
    T_EQ(layout_before(&index, file.n), index.at[2]);
    arena_free(a);
}

static void finds_them_in_utf16(void)
{
    struct arena *a = arena_new();
    static const char text[] = "\xff\xfe#\0F\0i\0e\0l\0d\0s\0:\0 \0a\0\n\0x\0\n\0"
                               "#\0F\0i\0e\0l\0d\0s\0:\0 \0b\0\n\0";
    struct layout_index index =
        layout_index_of((struct bytes){(const uint8_t *)text, sizeof text - 1}, a);
    T_EQ(index.n, 2);
    T_EQ(index.at[0], 0);
    T_EQ(index.at[1], 28);
    arena_free(a);
}

static void rows_without_a_date_stay_together(void)
{
    struct arena *a = arena_new();
    static const char text[] = "#Fields: date time c-ip\n2021-03-05 01:02:03 ::1\n"
                               "#Fields: time c-ip\n01:02:03 ::1\n"
                               "#Fields: time date c-ip\n";
    struct bytes file = {(const uint8_t *)text, sizeof text - 1};
    struct layout_index index = layout_index_of(file, a);
    T_EQ(index.n, 3);
    T_OK(layout_may_cut(&index, 0));
    T_OK(layout_may_cut(&index, index.at[1]));
    T_OK(!layout_may_cut(&index, index.at[1] + 1));
    T_OK(!layout_may_cut(&index, index.at[2]));
    T_OK(layout_may_cut(&index, file.n));
    arena_free(a);
}

static void in_steps_of_any_size(void)
{
    static const char text[] =
        "\xef\xbb\xbf#Fields: date time c-ip\r\n2021-03-05 01:02:03 ::1\n"
        "#TYPE X\nalpha,beta\n\n#Fields: time c-ip\n01:02:03 ::1";
    struct bytes file = {(const uint8_t *)text, sizeof text - 1};
    for (size_t step = 1; step <= file.n; step++) {
        struct arena *a = arena_new();
        struct layout_index whole = layout_index_of(file, a);
        struct layout_index index = layout_index_start(file, a);
        for (size_t at = 0; at < file.n; at += step)
            layout_index_go(&index, at + step, a);
        T_EQ(whole.n, 3);
        T_EQ(index.n, whole.n);
        for (size_t i = 0; i < whole.n && i < index.n; i++)
            T_EQ(index.at[i], whole.at[i]);
        arena_free(a);
    }
}

static size_t count(const char *text, size_t n)
{
    struct arena *a = arena_new();
    size_t found = layout_index_of((struct bytes){(const uint8_t *)text, n}, a).n;
    arena_free(a);
    return found;
}

#define COUNT(text) count(text, sizeof(text) - 1)

static void whatever_the_names(void)
{
    T_EQ(COUNT("2021-03-03T06:49:42.162Z,a,b\ndate-time,client-ip,source\n"), 1);
    T_EQ(COUNT("alpha,beta,gamma\n"), 0);             /* names, but of what */
    T_EQ(COUNT("#TYPE Selected.X\nalpha,beta\n"), 1); /* an export: these must be them */
    T_EQ(COUNT("#TYPE X\n#Date: x\nalpha,beta\n"), 0);
    T_EQ(COUNT("lost\0\0\0\0\0\0\0\0\0#Fields: a\n\0\0#Fields: b"),
         1); /* a few NULs are text */
    T_EQ(COUNT("\xef\xbb\xbf#Fields: a\n\xef\xbb\xbf#Fields: b\n"), 2);
    T_EQ(COUNT("\"\n\"\0"), 0);
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
    T_RUN(finds_them_in_utf16);
    T_RUN(rows_without_a_date_stay_together);
    T_RUN(in_steps_of_any_size);
    T_RUN(whatever_the_names);
    T_RUN(nothing_in_nothing);
    return t_done();
}
