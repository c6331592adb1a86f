#include "format/asp_words.h"

static const struct str WORDS[] = {{"", 0},
#define WORD(name) {#name, sizeof #name - 1},
                                   ASP_WORDS(WORD)
#undef WORD
};

struct str asp_word_name(enum asp_word word)
{
    return (unsigned)word < W_WORDS ? WORDS[word] : WORDS[0];
}

enum asp_word asp_word(struct str name)
{
    size_t from = 1;
    size_t to = W_WORDS;
    while (from < to) {
        size_t at = from + (to - from) / 2;
        int order = str_cmp(name, WORDS[at]);
        if (order == 0)
            return (enum asp_word)at;
        if (order < 0)
            to = at;
        else
            from = at + 1;
    }
    return W_NONE;
}
