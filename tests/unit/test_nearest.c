#include "rule/nearest.h"

#include "t.h"

static void finds_the_word_that_was_meant(void)
{
    static const char *const words[] = {"contains", "endswith", "all", "re", "selection"};
    static const struct {
        const char *word, *best;
    } cases[] = {
        {"containz", "contains"},
        {"contain", "contains"},
        {"CONTAINS", "contains"},
        {"cnotains", "contains"},
        {"endwith", "endswith"},
        {"al", "all"},
        {"ald", "all"},
        {"selektion", "selection"},
        {"something", ""},
        {"x", ""},
        {"", ""},
        {"startswith", ""},
        {"rex", "re"},
        {"cotnaisn", "contains"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nearest n = nearest_to(str_of(cases[i].word));
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            nearest_try(&n, str_of(words[k]));
        if (!str_eq(n.best, str_of(cases[i].best)))
            printf("  case %s\n", cases[i].word);
        T_OK(str_eq(n.best, str_of(cases[i].best)));
    }
}

int main(void)
{
    T_RUN(finds_the_word_that_was_meant);
    return t_done();
}
