/* Any bytes as a language file, and its first line as a sentence to be translated. */
#include "report/lang.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *arena = arena_new();
    struct str file = {(const char *)data, n};
    struct lang *lang;
    struct err err = {0};
    struct str words;
    if (lang_load(STR("language en\n"), file, arena, &lang, &err) == 0)
        (void)lang_sentence(lang, str_part(file, 0, str_find(file, STR("\n"), 0)), arena,
                            &words);
    arena_free(arena);
    return 0;
}
