#include "event/map_evtx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_all(struct bytes file, bool image)
{
    struct arena *arena = arena_new();
    struct arena *one = arena_new();
    struct evtx_events *e = evtx_events_recover(file, 0, file.n, image, NULL, arena);
    struct event ev;
    struct evtx_gap gap;
    struct err err = {0};
    for (int got; (got = evtx_events_next(e, one, &ev, &gap, &err)) != 0; arena_reset(one))
        if (got > 0)
            evtx_events_fill(e, one, &ev);
    arena_free(one);
    arena_free(arena);
}

/* The input as a log, whose first block is a chunk or none, and as an image. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    read_all((struct bytes){data, n}, false);
    read_all((struct bytes){data, n}, true);
    return 0;
}
