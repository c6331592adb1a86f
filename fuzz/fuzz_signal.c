/* Any bytes as a worker's reply. */
#include "detect/signal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *arena = arena_new();
    struct cur in = cur_of((struct bytes){data, n}, 0);
    struct signal s;
    struct err err;
    while (signal_read(&in, arena, &s, &err) > 0) {
    }
    arena_free(arena);
    return 0;
}
