#include "event/map_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The small looks at a file's content, as each format that has one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const enum format formats[] = {FORMAT_VDIR_DUMP, FORMAT_ASPNET_COMPILED,
                                          FORMAT_SCRIPT};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct arena *arena = arena_new();
        struct file_facts facts = {
            .path = STR("C/inetpub/wwwroot/aspnet_client/x.aspx"),
            .modified = INSTANT_NONE,
            .sha256 = STR(""),
            .format = formats[i],
            .content = {data, n},
        };
        struct event ev;
        file_event(&facts, arena, &ev);
        arena_free(arena);
    }
    return 0;
}
