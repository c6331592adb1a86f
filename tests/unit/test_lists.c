#include "cli/lists.h"

#include "t.h"

static void lines_are_values(void)
{
    struct arena *arena = arena_new();
    struct err err = {0};
    struct str *values = NULL;
    size_t n = 0;
    T_EQ(lists_parse(STR("\xef\xbb\xbfone\r\n\n# not this\n  two words \t\n#\nadm_*"), arena,
                     &values, &n, &err),
         0);
    T_EQ(n, 3);
    T_STR(values[0], "one");
    T_STR(values[1], "two words");
    T_STR(values[2], "adm_*");
    T_EQ(lists_parse(STR(""), arena, &values, &n, &err), 0);
    T_EQ(n, 0);
    T_EQ(lists_parse(STR("# nothing\n\n"), arena, &values, &n, &err), 0);
    T_EQ(n, 0);
    T_EQ(lists_parse(STR("a\n\xff\n"), arena, &values, &n, &err), -1);
    T_EQ(err.code, ERR_INVALID);
    arena_free(arena);
}

static void names_stand_before_the_first_equal_sign(void)
{
    static const char *const wrong[] = {"", "=", "name", "name=", "=file"};
    struct err err = {0};
    struct str name = {0};
    const char *path = NULL;
    T_EQ(lists_split("Servers=a=b.txt", &name, &path, &err), 0);
    T_STR(name, "Servers");
    T_OK(strcmp(path, "a=b.txt") == 0);
    T_EQ(lists_split("%Servers%=x", &name, &path, &err), 0);
    T_STR(name, "Servers");
    T_EQ(lists_split("%%=x", &name, &path, &err), 0);
    T_STR(name, "%%");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        T_EQ(lists_split(wrong[i], &name, &path, &err), -1);
}

int main(void)
{
    T_RUN(lines_are_values);
    T_RUN(names_stand_before_the_first_equal_sign);
    return t_done();
}
