#include "../tests/wish_check.h"
#include "event/map_evtx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What a record says does not depend on what else of it is asked for. */
static void compare_wishes(struct bytes file)
{
    static struct wish_pool pool;
    pool.n = 0;
    pool.random = file.n;
    wish_see_all(&pool, file);
    wish_make(&pool);
    wish_check(&pool, file, 2);
}

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
    compare_wishes((struct bytes){data, n});
    return 0;
}
