#include "rule/fold.h"

#include "base/utf.h"
#include "rule/forms.h"
#include "t.h"

static void letters_of_all_scripts_fold(void)
{
    static const uint32_t pairs[][2] = {
        {'A', 'a'},         {'Z', 'z'},       {'@', '@'},       {'[', '['},
        {0xc0, 0xe0},       {0xd7, 0xd7},     {0xdf, 0xdf},     {0x100, 0x101},
        {0x178, 0xff},      {0x130, 0x130},   {0x131, 0x131},   {0x17f, 's'},
        {0x212a, 'k'},      {0x391, 0x3b1},   {0x3c2, 0x3c3},   {0x410, 0x430},
        {0x401, 0x451},     {0x531, 0x561},   {0xff21, 0xff41}, {0x1e9e, 0xdf},
        {0x10400, 0x10428}, {0x24b6, 0x24d0}, {0x23a, 0x2c65},  {0x1f600, 0x1f600},
        {0xb5, 0x3bc},      {0x1c4, 0x1c6},   {0x1c5, 0x1c6},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        T_EQ(fold_point(pairs[i][0]), pairs[i][1]);
}

static void folding_is_idempotent(void)
{
    for (uint32_t c = 0; c < 0x110000; c++) {
        if (fold_point(fold_point(c)) != fold_point(c))
            T_EQ(c, 0);
    }
}

static void text_folds_and_grows(void)
{
    struct arena *arena = arena_new();
    struct str same = STR("nothing to do 123");
    T_OK(fold_str(same, arena).p == same.p);
    T_STR(fold_str(STR("ABC xyz"), arena), "abc xyz");
    T_STR(fold_str(STR("\xc3\x84\xc3\x96"), arena), "\xc3\xa4\xc3\xb6");
    T_STR(fold_str(STR("\xc8\xba\xc8\xba\xc8\xba"), arena),
          "\xe2\xb1\xa5\xe2\xb1\xa5\xe2\xb1\xa5");
    T_STR(fold_str(STR("\xff\xfe\xfd"
                       "A\xc3"),
                   arena),
          "\xff\xfe\xfd"
          "a\xc3");
    T_STR(fold_str(STR(""), arena), "");
    arena_free(arena);
}

static uint32_t next_random(void)
{
    static uint64_t seed = 1;
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33);
}

/* Letters, and now and then a run of any bytes or a character of another script. */
static struct str random_text(struct arena *arena)
{
    const struct str pieces[] = {STR("A"),        STR("z9"),
                                 STR("\xc3\x84"), STR("\xc8\xba"),
                                 STR("\xe2\x84"), STR("\xf0\x90\x90\x80"),
                                 STR("\xff"),     STR("ABCDEFGHIJKLMNOPQRSTUVWXYZ @[`{")};
    struct str text = {ARENA_ARRAY(arena, char, 4096), 0};
    for (uint32_t left = next_random() % 60; left > 0; left--) {
        uint32_t kind = next_random() % 4 == 0 ? next_random() % 8 : next_random() % 2;
        memcpy((char *)(uintptr_t)text.p + text.n, pieces[kind].p, pieces[kind].n);
        text.n += pieces[kind].n;
    }
    return text;
}

static void folds_as_character_by_character(void)
{
    size_t wrong = 0;
    for (int round = 0; round < 20000; round++) {
        struct arena *arena = arena_new();
        struct str text = random_text(arena);
        char *want = ARENA_ARRAY(arena, char, 8192);
        size_t n = 0;
        for (size_t at = 0; at < text.n;) {
            uint32_t c;
            size_t used = fold_next(text, at, &c);
            if (used == 1 && c >= 0x80)
                want[n++] = text.p[at];
            else
                n += utf8_put(want + n, fold_point(c));
            at += used;
        }
        wrong += !str_eq(fold_str(text, arena), (struct str){want, n});
        arena_free(arena);
    }
    T_EQ(wrong, 0);
}

static void percent_forms_are_decoded_once(void)
{
    static const struct {
        const char *from, *once, *plus;
    } cases[] = {
        {"abc", "abc", "abc"},
        {"a%20b", "a b", "a b"},
        {"a+b", "a+b", "a b"},
        {"a%2bb", "a+b", "a+b"},
        {"%2525", "%25", "%25"},
        {"a+%20b", "a+ b", "a  b"},
        {"%", "%", "%"},
        {"%4", "%4", "%4"},
        {"%zz", "%zz", "%zz"},
        {"%u0041", "A", "A"},
        {"%u20ac", "\xe2\x82\xac", "\xe2\x82\xac"},
        {"%u20a", "%u20a", "%u20a"},
        {"%c3%a4", "\xc3\xa4", "\xc3\xa4"},
        {"%c3", "\xef\xbf\xbd", "\xef\xbf\xbd"},
        {"%ff%fe", "\xef\xbf\xbd\xef\xbf\xbd", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"%ud800", "\xef\xbf\xbd", "\xef\xbf\xbd"},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str from = {cases[i].from, strlen(cases[i].from)};
        struct str once = {cases[i].once, strlen(cases[i].once)};
        struct str plus = {cases[i].plus, strlen(cases[i].plus)};
        T_OK(str_eq(forms_decode(from, false, arena), once));
        T_OK(str_eq(forms_decode(from, true, arena), plus));
    }
    arena_free(arena);
}

int main(void)
{
    T_RUN(letters_of_all_scripts_fold);
    T_RUN(folding_is_idempotent);
    T_RUN(text_folds_and_grows);
    T_RUN(folds_as_character_by_character);
    T_RUN(percent_forms_are_decoded_once);
    return t_done();
}
