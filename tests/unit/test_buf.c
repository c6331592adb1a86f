#include "base/buf.h"

#include "t.h"

static void builds_text(void)
{
    struct buf b = buf_new(100);
    buf_add(&b, "ab", 2);
    buf_add_str(&b, STR("cd"));
    buf_add_cstr(&b, "ef");
    buf_add_char(&b, '\0');
    buf_addf(&b, "%d%s", 42, "!");
    buf_add(&b, NULL, 0);
    T_STR(buf_str(&b), "abcdef\00042!");
    T_OK(!b.full);
    T_EQ(b.p[b.n], 0);
    buf_free(&b);
    T_EQ(b.max, 100);
    buf_free(&b);
}

/* Each write with a maximum one below, at and one above what it needs. */
static void a_write_that_does_not_fit_is_dropped_whole(void)
{
    for (size_t max = 0; max < 12; max++) {
        struct buf b = buf_new(max);
        buf_add_str(&b, STR("12345"));
        T_EQ(b.n, max >= 5 ? 5 : 0);
        T_EQ(b.full, max < 5);
        buf_addf(&b, "%s", "67890");
        T_EQ(b.n, max >= 10 ? 10 : max >= 5 ? 5 : 0);
        T_EQ(b.full, max < 10);
        buf_free(&b);
    }
}

static void full_stays_until_cleared(void)
{
    struct buf b = buf_new(4);
    buf_add_cstr(&b, "abc");
    buf_add_cstr(&b, "de");
    T_OK(b.full);
    buf_add_char(&b, 'd'); /* would fit: but then the text would have a hole */
    T_STR(buf_str(&b), "abc");
    buf_clear(&b);
    T_OK(!b.full);
    buf_add_cstr(&b, "wxyz");
    T_STR(buf_str(&b), "wxyz");
    buf_free(&b);
}

static void grows_to_its_maximum(void)
{
    enum { MAX = 100000 };
    struct buf b = buf_new(MAX);
    for (size_t i = 0; i < MAX; i++)
        buf_add_char(&b, (char)('a' + i % 26));
    T_OK(!b.full && b.n == MAX);
    for (size_t i = 0; i < MAX; i++)
        if (b.p[i] != (char)('a' + i % 26))
            T_EQ(b.p[i], 'a' + i % 26);
    buf_add(&b, "", 0);
    T_OK(!b.full);
    buf_add_char(&b, 'x');
    T_OK(b.full && b.n == MAX);
    buf_free(&b);
}

int main(void)
{
    T_RUN(builds_text);
    T_RUN(a_write_that_does_not_fit_is_dropped_whole);
    T_RUN(full_stays_until_cleared);
    T_RUN(grows_to_its_maximum);
    return t_done();
}
