#include "base/str.h"

#include "t.h"

static void parts_are_clamped(void)
{
    struct str s = STR("abcdef");
    T_STR(str_part(s, 0, 6), "abcdef");
    T_STR(str_part(s, 2, 4), "cd");
    T_STR(str_part(s, 2, SIZE_MAX), "cdef");
    T_STR(str_part(s, 6, 6), "");
    T_STR(str_part(s, 9, 3), "");
    T_STR(str_part(s, 4, 2), "");
    T_STR(str_part(s, SIZE_MAX, SIZE_MAX), "");
    T_STR(str_part(STR(""), 1, 2), "");
}

static void found_at(void)
{
    struct str s = STR("aXbxaB");
    T_EQ(str_find(s, STR("x"), 0), 3);
    T_EQ(str_ifind(s, STR("x"), 0), 1);
    T_EQ(str_ifind(s, STR("x"), 2), 3);
    T_EQ(str_ifind(s, STR("x"), 4), SIZE_MAX);
    T_EQ(str_find(s, STR("aB"), 0), 4);
    T_EQ(str_ifind(s, STR("AXBXAB"), 0), 0);
    T_EQ(str_find(s, STR("aXbxaBc"), 0), SIZE_MAX);
    T_EQ(str_find(s, STR(""), 6), 6);
    T_EQ(str_find(s, STR(""), 7), SIZE_MAX);
    T_EQ(str_find(STR(""), STR("a"), 0), SIZE_MAX);
    T_EQ(str_find(s, STR("a"), SIZE_MAX), SIZE_MAX);
}

static void compared(void)
{
    T_OK(str_eq(STR("a\0b"), STR("a\0b")) && !str_eq(STR("a\0b"), STR("a\0c")));
    T_OK(str_eq((struct str){NULL, 0}, STR("")));
    T_OK(str_ieq(STR("W3WP.exe"), STR("w3wp.EXE")) && !str_ieq(STR("a"), STR("ab")));
    T_OK(!str_ieq(STR("@["), STR("`{"))); /* beside the letters */
    T_OK(!str_ieq(STR("\xc3\x84"), STR("\xc3\xa4")));
    T_OK(str_starts(STR("abc"), STR("ab")) && !str_starts(STR("abc"), STR("aB")));
    T_OK(!str_starts(STR("a"), STR("ab")) && str_starts(STR("a"), STR("")));
    T_OK(str_istarts(STR("ABC"), STR("ab")) && !str_istarts(STR("a"), STR("ab")));
    T_OK(str_iends(STR("x.ASPX"), STR(".aspx")) && !str_iends(STR("aspx"), STR(".aspx")));
    T_OK(bytes_eq(str_bytes(STR("ab")), str_bytes(STR("ab"))));
    T_OK(!bytes_eq(str_bytes(STR("ab")), str_bytes(STR("ac"))));
}

static void ordered(void)
{
    const struct str rising[] = {STR(""),   STR("A"),  STR("a"),       STR("a\0"),
                                 STR("aa"), STR("ab"), STR("\xc3\xa4")};
    enum { N = sizeof rising / sizeof *rising };
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < N; k++) {
            int d = str_cmp(rising[i], rising[k]);
            T_OK(i < k ? d < 0 : i > k ? d > 0 : d == 0);
        }
}

static void trimmed(void)
{
    T_STR(str_trim(STR(" \t\r\n\v\fa b \n")), "a b");
    T_STR(str_trim(STR("")), "");
    T_STR(str_trim(STR(" \n ")), "");
    T_STR(str_trim(STR("\x1c"
                       "a")),
          "\x1c"
          "a");
    T_STR(str_trim(STR("a")), "a");
}

int main(void)
{
    T_RUN(parts_are_clamped);
    T_RUN(found_at);
    T_RUN(compared);
    T_RUN(ordered);
    T_RUN(trimmed);
    return t_done();
}
