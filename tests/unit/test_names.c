#include "judge/names.h"

#include "t.h"

static void each_text_has_one_number(void)
{
    enum { TEXTS = 5000 };
    struct arena *arena = arena_new();
    struct names names = {0};
    T_EQ(names_find(&names, STR("t1")), SIZE_MAX);
    for (size_t i = 0; i < TEXTS; i++)
        T_EQ(names_number(&names, arena_printf(arena, "t%zu", i), arena), i);
    for (size_t i = 0; i < TEXTS; i++) {
        T_EQ(names_number(&names, arena_printf(arena, "t%zu", i), arena), i);
        T_EQ(names_find(&names, arena_printf(arena, "t%zu", i)), i);
    }
    T_EQ(names.n, TEXTS);
    T_EQ(names_find(&names, STR("T1")), SIZE_MAX);
    T_EQ(names_number(&names, STR(""), arena), TEXTS);
    T_EQ(names_find(&names, STR("")), TEXTS);
    arena_free(arena);
}

int main(void)
{
    T_RUN(each_text_has_one_number);
    return t_done();
}
