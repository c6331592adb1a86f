#include "rule/regex_shape.h"

#include "base/buf.h"
#include "rule/regex.h"
#include "t.h"

static bool is_known(const char *pattern, bool nocase)
{
    struct arena *arena = arena_new();
    struct regex_shape shape;
    regex_shape_of(str_of(pattern), nocase, false, arena, &shape);
    arena_free(arena);
    return shape.known;
}

static void shapes_are_known(void)
{
    T_OK(is_known("\\+.*\\+.*\\+", false));
    T_OK(is_known("abc", false));
    T_OK(is_known("cmd.*exe", true));
    T_OK(is_known(".{200,}", false));
    T_OK(is_known(".{200}", false));
    T_OK(is_known("(.){200,}", false));
}

static void others_are_not(void)
{
    static const char *const patterns[] = {
        "",    "a.b",      "a.*",   ".*a",     "a.*?b",     "a.*+b", "a+",
        "a|b", "^a",       "a$",    "\\d",     "\\ba",      "a{2}",  "[a]",
        "(a)", ".{2,3}",   ".{,3}", ".{0,}",   ".{99999,}", "..{2}", "a.*b{2}",
        "a\\", "\xc3\xa4", "a.*b.", "\\Qa\\E", "a.{200,}",  "a\nb",  "a.*.*b"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        t_ok(!is_known(patterns[i], false), patterns[i], __FILE__, __LINE__);
    T_OK(!is_known("ask", true));
    T_OK(is_known("ask", false));
}

static uint64_t state = 88172645463325252U;

static unsigned below(unsigned n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 33) % n;
}

static void random_text(struct buf *to)
{
    static const char *const pieces[] = {"a", "b",  "+",    "\n",      "\r",
                                         "A", "ab", "\xff", "\xc3\xa4"};
    buf_clear(to);
    for (unsigned n = below(12); n > 0; n--)
        buf_add_cstr(to, pieces[below(sizeof pieces / sizeof *pieces)]);
}

/* With a group that changes nothing around it, an expression has no shape: then the library
 * answers. */
static void the_library_says_the_same(void)
{
    static const char *const patterns[] = {"a.*b",       "\\+.*\\+.*\\+", "ab",
                                           "a.*a.*b.*b", ".{3,}",         ".{4}",
                                           "(.){5,}",    "\\r.*a",        "a.*\\+b.*a"};
    enum { ROUNDS = 4000 };
    struct buf text = buf_new(4096);
    unsigned matched = 0;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        for (unsigned flags = 0; flags < 8; flags++) {
            struct arena *arena = arena_new();
            struct regex_scratch *scratch = regex_scratch_new(arena);
            struct err err = {0};
            struct str grouped = arena_printf(arena, "(?:%s)(?:)", patterns[i]);
            struct regex *shaped = regex_new(str_of(patterns[i]), flags, arena, &err);
            struct regex *plain = regex_new(grouped, flags, arena, &err);
            for (int k = 0; k < ROUNDS / 8; k++) {
                random_text(&text);
                enum regex_result want = regex_search(plain, buf_str(&text), scratch);
                matched += want == REGEX_YES;
                t_ok(regex_search(shaped, buf_str(&text), scratch) == want, patterns[i],
                     __FILE__, __LINE__);
            }
            regex_free(shaped);
            regex_free(plain);
            regex_scratch_free(scratch);
            arena_free(arena);
        }
    }
    T_OK(matched > ROUNDS);
    buf_free(&text);
}

int main(void)
{
    T_RUN(shapes_are_known);
    T_RUN(others_are_not);
    T_RUN(the_library_says_the_same);
    return t_done();
}
