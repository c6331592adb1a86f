#include "base/arena.h"

#include "t.h"

static bool is_zero(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

static void memory_is_aligned_zeroed_and_apart(void)
{
    static const size_t sizes[] = {1, 0, 3, 15, 16, 17, 31, 4095, 16384, 16385, 100000, 1, 7};
    enum { N = sizeof sizes / sizeof *sizes };
    struct arena *a = arena_new();
    char *at[N];
    for (size_t i = 0; i < N; i++) {
        at[i] = arena_alloc(a, sizes[i], 1);
        T_EQ((uintptr_t)at[i] % _Alignof(max_align_t), 0);
        T_OK(is_zero(at[i], sizes[i]));
        memset(at[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < sizes[i]; k++)
            if (at[i][k] != (char)(i + 1))
                T_EQ(at[i][k], i + 1);
    arena_free(a);
    arena_free(NULL);
}

static void reset_hands_out_zeroes_again(void)
{
    struct arena *a = arena_new();
    for (int round = 0; round < 3; round++) {
        T_EQ(arena_used(a), 0);
        char *small = ARENA_ARRAY(a, char, 1000);
        char *large = ARENA_ARRAY(a, char, 50000);
        char *next = ARENA_ARRAY(a, char, 16000);
        T_OK(is_zero(small, 1000) && is_zero(large, 50000) && is_zero(next, 16000));
        T_OK(arena_used(a) >= 67000);
        memset(small, 0x5a, 1000);
        memset(large, 0x5a, 50000);
        memset(next, 0x5a, 16000);
        arena_reset(a);
    }
    arena_reset(a);
    T_EQ(arena_used(a), 0);
    arena_free(a);
}

static void tables_grow_and_keep_their_content(void)
{
    struct arena *a = arena_new();
    uint32_t *table = NULL;
    size_t cap = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t *before = table;
        size_t had = cap;
        table = arena_grow(a, table, i, &cap, sizeof *table);
        T_OK(i < cap);
        T_OK(had == cap ? table == before : cap >= 2 * had);
        table[i] = i * 3;
    }
    for (uint32_t i = 0; i < 1000; i++)
        T_EQ(table[i], i * 3);
    arena_free(a);
}

static void texts_are_copies(void)
{
    struct arena *a = arena_new();
    char text[] = "w3wp.exe";
    struct str copy = arena_str(a, (struct str){text, 8});
    text[0] = 'X';
    T_STR(copy, "w3wp.exe");
    T_STR(arena_str(a, (struct str){"a\0b", 3}), "a\0b");
    T_STR(arena_str(a, (struct str){NULL, 0}), "");
    T_OK(arena_str(a, (struct str){NULL, 0}).p != NULL);
    T_STR(arena_printf(a, "%s:%d", "port", 443), "port:443");
    T_STR(arena_printf(a, "%s", ""), "");
    T_EQ(arena_printf(a, "%50000d", 1).n, 50000);
    arena_free(a);
}

static void goes_back_to_a_mark(void)
{
    enum { SMALL = 40, LARGE = 100000 };
    struct arena *a = arena_new();
    struct arena_mark empty = arena_mark(a);
    (void)ARENA_ARRAY(a, char, LARGE);
    arena_back(a, &empty);
    T_EQ(arena_used(a), 0);
    struct str kept = arena_str(a, STR("kept"));
    struct arena_mark mark = arena_mark(a);
    size_t used = arena_used(a);
    char *p = ARENA_ARRAY(a, char, SMALL);
    memset(p, 'x', SMALL);
    memset(ARENA_ARRAY(a, char, LARGE), 'x', LARGE);
    arena_back(a, &mark);
    T_EQ(arena_used(a), used);
    T_STR(kept, "kept");
    char *again = ARENA_ARRAY(a, char, SMALL);
    T_OK(again == p); /* handed out anew, with zeroes */
    for (size_t i = 0; i < SMALL; i++)
        T_EQ(again[i], 0);
    arena_free(a);
}

int main(void)
{
    T_RUN(memory_is_aligned_zeroed_and_apart);
    T_RUN(reset_hands_out_zeroes_again);
    T_RUN(tables_grow_and_keep_their_content);
    T_RUN(texts_are_copies);
    T_RUN(goes_back_to_a_mark);
    return t_done();
}
