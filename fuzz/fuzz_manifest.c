/* Any text as a manifest: read, taken apart, compared with itself cut short. */
#include "store/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *arena = arena_new();
    struct str text = {(const char *)data, n};
    struct manifest whole = {0};
    struct manifest half = {0};
    struct difference *list = NULL;
    struct err err;
    if (manifest_parse(text, arena, &whole, &err) == 0) {
        for (size_t i = 0; i < whole.n; i++)
            (void)manifest_plain(manifest_field(&whole.list[i], i % MANIFEST_FIELDS), arena);
        if (manifest_parse(str_part(text, 0, n / 2), arena, &half, &err) == 0)
            (void)manifest_compare(&whole, &half, arena, &list);
    }
    arena_free(arena);
    return 0;
}
