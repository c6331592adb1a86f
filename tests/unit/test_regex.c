#include "rule/regex.h"
#include "t.h"

static enum regex_result search(const char *pattern, unsigned flags, struct str text)
{
    struct arena *arena = arena_new();
    struct err err = {0};
    struct regex *r = regex_new((struct str){pattern, strlen(pattern)}, flags, arena, &err);
    struct regex_scratch *scratch = regex_scratch_new(arena);
    enum regex_result ret = r ? regex_search(r, text, scratch) : REGEX_LIMIT;
    regex_free(r);
    regex_scratch_free(scratch);
    arena_free(arena);
    return ret;
}

static void patterns_are_searched(void)
{
    T_EQ(search("b+", 0, STR("abbc")), REGEX_YES);
    T_EQ(search("B+", 0, STR("abbc")), REGEX_NO);
    T_EQ(search("B+", REGEX_IGNORE_CASE, STR("abbc")), REGEX_YES);
    T_EQ(search("^b", 0, STR("a\nb")), REGEX_NO);
    T_EQ(search("^b", REGEX_MULTILINE, STR("a\nb")), REGEX_YES);
    T_EQ(search("a.b", 0, STR("a\nb")), REGEX_NO);
    T_EQ(search("a.b", REGEX_DOT_ALL, STR("a\nb")), REGEX_YES);
    T_EQ(search("^.$", 0, STR("\xc3\xa4")), REGEX_YES);
    T_EQ(search("(?<!x)b(?=c)", 0, STR("abc")), REGEX_YES);
    T_EQ(search("", 0, STR("")), REGEX_YES);
    T_EQ(search("a", 0, (struct str){0}), REGEX_NO);
    T_EQ(search("b", 0,
                STR("\xff\xfe"
                    "b")),
         REGEX_YES); /* not UTF-8: no harm */
    T_EQ(search("^/[^/]+b$", 0, STR("/\xff\xfe\xe9z\xc3\xa9yb")), REGEX_YES);
    T_EQ(search("^/..b$", 0, STR("/\xff\xff\xffz")), REGEX_NO);
}

static void work_is_bounded(void)
{
    T_EQ(search("^(a|a)+$", 0, STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")), REGEX_LIMIT);
    T_EQ(search("(?:.*x){20}", 0, STR("yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy")), REGEX_NO);
}

static void bad_patterns_say_where(void)
{
    struct arena *arena = arena_new();
    struct err err = {0};
    T_OK(regex_new(STR("a(b"), 0, arena, &err) == NULL);
    T_EQ(err.code, ERR_INVALID);
    T_OK(strstr(err.msg, "byte 3"));
    T_OK(regex_new(STR("\\C"), 0, arena, &err) == NULL);
    arena_free(arena);
}

int main(void)
{
    T_RUN(patterns_are_searched);
    T_RUN(work_is_bounded);
    T_RUN(bad_patterns_say_where);
    return t_done();
}
