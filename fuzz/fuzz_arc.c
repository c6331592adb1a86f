/* Any bytes as an archive of any kind, every entry read. */
#include <assert.h>

#include "format/arc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const struct arc_limits limits = {1000, 1 << 20, 1 << 22, 100, NULL};
    struct arena *arena = arena_new();
    struct arc *a = NULL;
    struct arc_entry e;
    struct err err = {0};
    int got =
        arc_open((struct bytes){data, n}, ARC_ZIP | ARC_7Z | ARC_TAR, &limits, arena, &a, &err);
    for (int i = 0; got == 0 && i < 2000; i++) {
        int next = arc_next(a, &e, &err);
        if (next == 0)
            break;
        if (next < 0)
            continue;
        struct buf out = buf_new(1 << 20);
        assert(e.refused || (e.path.n && e.path.p[0] != '/'));
        (void)arc_read_all(a, &out, &err);
        buf_free(&out);
    }
    arc_close(&a);
    arena_free(arena);
    return 0;
}
