/* Any bytes as a ZIP: where all of it lies. */
#include <assert.h>

#include "format/zip_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct bytes file = {data, n};
    struct arena *arena = arena_new();
    struct zip_map map;
    struct zip_entry e;
    struct zip_entry own;
    zip_map_read(file, arena, &map);
    for (size_t i = 0; i < map.n; i++) {
        const struct zip_place *p = &map.at[i];
        bool found = p->entry == ZIP_UNLISTED || p->entry == ZIP_BETWEEN;
        assert(i == 0 || p->from >= map.at[i - 1].from);
        assert(!found || (p->from <= p->to && p->to <= n));
        if (p->entry != ZIP_BETWEEN && p->entry != ZIP_DIRECTORY &&
            zip_map_member(file, p, &e, &own))
            assert(own.to <= n && (p->entry != ZIP_UNLISTED || own.to <= p->to));
    }
    arena_free(arena);
    return 0;
}
