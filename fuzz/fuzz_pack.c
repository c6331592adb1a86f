/* Any text as a pack; builds are judged by what it says. */
#include "rule/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *arena = arena_new();
    struct pack pack;
    struct err err;
    if (pack_parse((struct str){(const char *)data, n}, arena, &pack, &err) == 0) {
        struct build build = {{15, 1, 2106, 2}};
        bool weak;
        struct str name;
        (void)pack_judge_build(&pack, &build, true, &weak, &name);
    }
    arena_free(arena);
    return 0;
}
