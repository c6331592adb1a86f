#include "scan/again.h"

size_t again_plan(const struct findings *f, struct arena *arena, const struct work **ret)
{
    (void)f;
    (void)arena;
    *ret = NULL;
    return 0;
}
