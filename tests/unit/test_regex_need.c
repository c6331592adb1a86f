#include "rule/regex_need.h"

#include <stdlib.h>

#include "base/buf.h"
#include "rule/fold.h"
#include "rule/regex.h"
#include "t.h"

/* The needed texts, one behind the other: "a|b". */
static void check(const char *pattern, const char *want)
{
    struct arena *arena = arena_new();
    struct regex_need need;
    struct buf all = buf_new(4096);
    regex_need_of(str_of(pattern), arena, &need);
    for (size_t i = 0; i < need.n; i++) {
        buf_add_cstr(&all, i ? "|" : "");
        buf_add(&all, need.any[i].p, need.any[i].n);
    }
    t_str(buf_str(&all), str_of(want), pattern, __FILE__, __LINE__);
    buf_free(&all);
    arena_free(arena);
}

static void literals_are_found(void)
{
    check("Invoke-Mimikatz", "invoke-mimikatz");
    check("^/[^?#]*proxylogon\\.ecp", "proxylogon.ecp");
    check("(?i)\\b(cmd|powershell)\\.exe$", "cmd.exe|powershell.exe");
    check("colou?r", "color|colour");
    check("ab[cC]d", "abcd");
    check("ab[cx]d", "abcd|abxd");
    check("ab[^c]defg", "defg");
    check("ab[a-z]", "ab");
    check("x{3}y", "xxxy");
    check("(ab)+c", "abc");
    check("a.*bcd.{20,}ef", "bcd");
    check("\\x41\\x{42}\\t", "ab\t");
    check("(?<name>abc)def", "abcdef");
    check("(?:abc(?=x)def)", "abcdef");
    check("[[:alpha:]]+foo", "foo");
    check("[]a]foo", "]foo|afoo");
    check("a{x}b", "a{x}b");
    check("\\$\\{[a-z]+\\}", "${");
    check("(?#note)abc", "abc");
}

static void what_is_not_needed_is_not_said(void)
{
    check("", "");
    check("a*", "");
    check(".{200,}", "");
    check("^[A-Za-z0-9]{16}$", "");
    check("abc|x*", "");
    check("abc|", "");
    check("(abc)?", "");
    check("(abc){0}", "");
    check("(abc){0,2}", "");
    check("(?!abc)", "");
    check("\xc3\xa4", "");
}

/* Forms that are not followed: the answer is that nothing is known. */
static void what_is_not_understood_is_given_up(void)
{
    static const char *const patterns[] = {
        "(?x) a b c # note",
        "\\Qabc\\E",
        "(abc)\\1",
        "abc(?R)?",
        "(?(?=a)abc|abd)",
        "(*UCP)abc",
        "abc\\Kdef",
        "a{,3}bcd",
        "abc(",
        "abc)",
        "abc[",
        "abc\\",
        "\\N{U+0041}",
        "(?P>x)abc",
        "a{2",
        "abc\\g{1}",
        "abc\\x{ 41 }",
        "(?C1)abc",
        "\\o{101}ab",
        "\\101abc",
        "((((((((((((((((((((((((((((((((((abc))))))))))))))))))))))))))))))))))"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        check(patterns[i], "");
}

static uint64_t state = 88172645463325252U;

static unsigned below(unsigned n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 33) % n;
}

static void random_pattern(struct buf *to, int depth)
{
    static const char *const atoms[] = {"a",     "b",    "C",        "ab",  ".", "\\d",
                                        "[ab]",  "[^a]", "\\x62",    "\\b", "^", "$",
                                        "[a-c]", "(?i)", "\xc3\xa4", "K",   "s"};
    static const char *const repeats[] = {"",    "",      "",     "*",  "+",    "?",
                                          "{2}", "{0,2}", "{1,}", "+?", "{2,3}"};
    static const char *const opens[] = {"(", "(?:", "(?=", "(?!", "(?<n>", "(?>", "(?i:"};
    unsigned n = 1 + below(4);
    for (unsigned i = 0; i < n; i++) {
        if (depth < 3 && below(4) == 0) {
            buf_add_cstr(to, opens[below(sizeof opens / sizeof *opens)]);
            random_pattern(to, depth + 1);
            buf_add_cstr(to, ")");
        } else {
            buf_add_cstr(to, atoms[below(sizeof atoms / sizeof *atoms)]);
        }
        buf_add_cstr(to, repeats[below(sizeof repeats / sizeof *repeats)]);
        if (below(6) == 0)
            buf_add_cstr(to, "|");
    }
}

static void random_text(struct buf *to)
{
    static const char *const pieces[] = {"a",        "b",    "c",        "A",
                                         "B",        "1",    "\n",       "ab",
                                         "aab",      " ",    "\xc3\xa4", "\xe2\x84\xaa",
                                         "\xc5\xbf", "\xff", "k"};
    for (unsigned n = below(8); n > 0; n--)
        buf_add_cstr(to, pieces[below(sizeof pieces / sizeof *pieces)]);
}

static bool holds_one(const struct regex_need *need, struct str folded)
{
    for (size_t i = 0; i < need->n; i++)
        if (str_find(folded, need->any[i], 0) != SIZE_MAX)
            return true;
    return false;
}

/* Whatever matches holds what is said to be needed. */
static void matches_hold_what_is_needed(void)
{
    enum { PATTERNS = 3000, TEXTS = 40 };
    struct buf pattern = buf_new(4096);
    struct buf text = buf_new(4096);
    unsigned gated = 0;
    unsigned matched = 0;
    for (int i = 0; i < PATTERNS; i++) {
        struct arena *arena = arena_new();
        struct regex_scratch *scratch = regex_scratch_new(arena);
        struct regex_need need;
        struct err err = {0};
        buf_clear(&pattern);
        random_pattern(&pattern, 0);
        struct regex *r =
            regex_new(buf_str(&pattern), below(2) ? REGEX_IGNORE_CASE : 0, arena, &err);
        regex_need_of(buf_str(&pattern), arena, &need);
        gated += r && need.n;
        for (int k = 0; r && need.n && k < TEXTS; k++) {
            buf_clear(&text);
            random_text(&text);
            if (regex_search(r, buf_str(&text), scratch) != REGEX_YES)
                continue;
            matched++;
            t_ok(holds_one(&need, fold_str(buf_str(&text), arena)),
                 arena_printf(arena, "%.*s", STR_ARG(buf_str(&pattern))).p, __FILE__, __LINE__);
        }
        regex_free(r);
        regex_scratch_free(scratch);
        arena_free(arena);
    }
    T_OK(gated > PATTERNS / 10);
    T_OK(matched > 100);
    buf_free(&pattern);
    buf_free(&text);
}

int main(void)
{
    T_RUN(literals_are_found);
    T_RUN(what_is_not_needed_is_not_said);
    T_RUN(what_is_not_understood_is_given_up);
    T_RUN(matches_hold_what_is_needed);
    return t_done();
}
