#include "format/asp_page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The first byte says what the file's name would; the rest is the page. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0)
        return 0;
    struct arena *arena = arena_new();
    struct asp_verdict v;
    asp_look((struct bytes){data + 1, n - 1}, (enum asp_kind)(data[0] % (ASP_KIND_OTHER + 1)),
             arena, &v);
    arena_free(arena);
    return 0;
}
