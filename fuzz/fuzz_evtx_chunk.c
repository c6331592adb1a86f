#include "event/map_evtx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The input is a chunk, or several: a log may start with one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *file = arena_new();
    struct arena *one = arena_new();
    struct evtx_events *e =
        evtx_events_open((struct bytes){data, n}, 0, n, EVTX_CHECK_CRC, file);
    struct event ev;
    struct evtx_gap gap;
    struct err err = {0};
    for (int got; (got = evtx_events_next(e, one, &ev, &gap, &err)) != 0; arena_reset(one))
        if (got > 0)
            evtx_events_fill(e, one, &ev);
    arena_free(one);
    arena_free(file);
    return 0;
}
