/* Any bytes as a ZIP of which the times are wanted. */
#include <assert.h>

#include "format/zip_times.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *arena = arena_new();
    struct zip_times t;
    zip_times_read((struct bytes){data, n}, arena, &t);
    for (size_t i = 0; i < t.n; i++)
        assert(i == 0 || t.at[i].header >= t.at[i - 1].header);
    for (size_t i = 0; i < t.n; i++)
        (void)zip_times_next(&t, t.at[t.n - 1 - i].name);
    arena_free(arena);
    return 0;
}
