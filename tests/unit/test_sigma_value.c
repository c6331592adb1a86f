#include "rule/sigma_value.h"
#include "t.h"

static struct str cstr(const char *s)
{
    return (struct str){s, strlen(s)};
}

static void the_cheapest_test_is_chosen(void)
{
    static const struct {
        const char *value;
        enum text_test test;
        const char *text;
    } cases[] = {
        {"abc", TEXT_EXACT, "abc"},
        {"abc*", TEXT_PREFIX, "abc"},
        {"*abc", TEXT_SUFFIX, "abc"},
        {"*abc*", TEXT_CONTAINS, "abc"},
        {"*", TEXT_ANY, NULL},
        {"**", TEXT_ANY, NULL},
        {"", TEXT_EXACT, ""},
        {"a*b", TEXT_GLOB,
         "a\xff"
         "b"},
        {"a?b", TEXT_GLOB,
         "a\xfe"
         "b"},
        {"?", TEXT_GLOB, "\xfe"},
        {"\\*", TEXT_EXACT, "*"},
        {"a\\", TEXT_EXACT, "a\\"},
        {"\\\\", TEXT_EXACT, "\\"},
        {"a\\\\\\*b", TEXT_EXACT, "a\\*b"},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text_pattern p = text_pattern_of(sigma_value_code(cstr(cases[i].value), arena));
        T_EQ(p.test, cases[i].test);
        T_OK(!cases[i].text || str_eq(p.text, cstr(cases[i].text)));
    }
    arena_free(arena);
}

/* What a wildcard pattern means, by definition: slow and without cleverness. */
static bool slow(const char *p, const char *t)
{
    if (!*p)
        return !*t;
    if (*p == '*')
        return slow(p + 1, t) || (*t && slow(p, t + 1));
    return *t && (*p == '?' || *p == *t) && slow(p + 1, t + 1);
}

static void all_short_patterns_mean_what_they_say(void)
{
    static const char pattern_letters[] = "ab*?";
    struct arena *arena = arena_new();
    for (unsigned i = 0; i < 4 * 4 * 4 * 4 * 4; i++) {
        char pattern[6] = {0};
        for (unsigned k = 0, v = i; k < 5; k++, v /= 4)
            pattern[k] = pattern_letters[v % 4];
        struct text_pattern p = text_pattern_of(sigma_value_code(cstr(pattern), arena));
        for (unsigned j = 0; j < 1U << 8; j++) {
            char text[8] = {0};
            unsigned n = j >> 5;
            for (unsigned k = 0; k < n && k < 7; k++)
                text[k] = (j >> (k % 5) & 1) ? 'a' : 'b';
            struct str s = cstr(text);
            uint64_t grams[GRAM_BITS / 64] = {0};
            text_add_grams(grams, s);
            bool got = text_matches(&p, s);
            if (got != slow(pattern, text) || (got && !text_may_match(&p, grams))) {
                t_failed++;
                printf("%s on %s\n", pattern, text);
            }
        }
        if (i % 64 == 0)
            arena_reset(arena);
    }
    arena_free(arena);
}

static void grams_never_hide_a_match(void)
{
    struct arena *arena = arena_new();
    char text[300];
    uint32_t seed = 1;
    for (size_t i = 0; i < sizeof text; i++) {
        seed = seed * 1103515245U + 12345U;
        text[i] = (char)('a' + (seed >> 16) % 26);
    }
    struct str whole = {text, sizeof text};
    uint64_t grams[GRAM_BITS / 64] = {0};
    text_add_grams(grams, whole);
    struct text_pattern absent = text_pattern_of(STR("\xff"
                                                     "0123456789"
                                                     "\xff"));
    T_OK(!text_may_match(&absent, grams));
    for (size_t from = 0; from < sizeof text; from += 7) {
        for (size_t n = 1; from + n <= sizeof text && n < 60; n++) {
            struct str piece = {text + from, n};
            struct text_pattern p = text_pattern_of(sigma_value_wrap(piece, true, true, arena));
            T_OK(text_matches(&p, whole) && text_may_match(&p, grams));
        }
    }
    arena_free(arena);
}

static void base64_of_known_texts(void)
{
    static const struct {
        const char *text, *whole, *shifted[3];
    } cases[] = {
        {"f", "Zg==", {"Zg==", "Zg==", "Zg=="}},
        {"foobar", "Zm9vYmFy", {"Zm9vYmFy", "Zvb2Jhc", "mb29iYX"}},
        {"foo", "Zm9v", {"Zm9v", "Zvb", "mb2"}},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str text = cstr(cases[i].text);
        T_OK(str_eq(sigma_value_base64(text, arena), cstr(cases[i].whole)));
        for (unsigned shift = 0; i > 0 && shift < 3; shift++)
            T_OK(str_eq(sigma_value_base64_offset(text, shift, arena),
                        cstr(cases[i].shifted[shift])));
    }
    arena_free(arena);
}

static void numbers_are_whole_texts(void)
{
    struct number n = {0};
    T_OK(number_parse(STR("42"), &n) && n.whole && !n.minus && n.size == 42);
    T_OK(number_parse(STR("-42"), &n) && n.whole && n.minus && n.size == 42);
    T_OK(number_parse(STR("0xff"), &n) && n.whole && n.size == 255);
    T_OK(number_parse(STR("1.5"), &n) && !n.whole && n.d > 1.49 && n.d < 1.51);
    T_OK(number_parse(STR("-1.5e2"), &n) && n.d < -149.9 && n.d > -150.1);
    T_OK(number_parse(STR("1e999999999"), &n) && n.d > 1e300);
    T_OK(!number_parse(STR(""), &n));
    T_OK(!number_parse(STR("."), &n));
    T_OK(!number_parse(STR("-"), &n));
    T_OK(!number_parse(STR("1.5x"), &n));
    T_OK(!number_parse(STR("1e"), &n));
    T_OK(!number_parse(STR(" 1"), &n));
    T_OK(!number_parse(STR("1.2.3"), &n));
}

int main(void)
{
    T_RUN(the_cheapest_test_is_chosen);
    T_RUN(all_short_patterns_mean_what_they_say);
    T_RUN(grams_never_hide_a_match);
    T_RUN(base64_of_known_texts);
    T_RUN(numbers_are_whole_texts);
    return t_done();
}
