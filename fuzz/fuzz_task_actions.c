/* Any bytes as what the scheduler's cache in the registry says that a task runs. */
#include <assert.h>

#include "base/utf.h"
#include "event/hive_task.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *arena = arena_new();
    struct task_actions actions;
    struct task_action one;
    if (task_actions_open((struct bytes){data, n}, arena, &actions))
        while (task_actions_next(&actions, arena, &one)) {
            assert(one.kind.n && utf8_valid(str_bytes(one.command)));
            assert(utf8_valid(str_bytes(one.arguments)) && utf8_valid(str_bytes(one.data)));
        }
    arena_free(arena);
    return 0;
}
