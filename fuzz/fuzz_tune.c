/* Any bytes as a tuning list. */
#include "rule/tune.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *arena = arena_new();
    struct tuning *t = tune_new(arena);
    struct err err = {0};
    (void)tune_add(t, STR("t.yml"), (struct str){(const char *)data, n}, &err);
    for (size_t i = 0; i < t->n; i++)
        for (size_t k = 0; k < t->entries[i]->n_paths; k++)
            (void)tune_like(t->entries[i]->paths[k], STR("a/backup/aab.evtx"));
    arena_free(arena);
    return 0;
}
