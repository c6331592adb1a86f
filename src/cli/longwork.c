#include "cli/longwork.h"

#include "base/num.h"
#include "sys/priority.h"

int longwork_read(const struct args *args, size_t first, struct longwork *ret, struct err *err)
{
    enum { MB_MAX = 1 << 24 };
    const char *memory = args->text[first + LONGWORK_MEMORY];
    uint64_t mb = 0;
    if (progress_mode(args->text[first + LONGWORK_PROGRESS], &ret->progress, err) < 0)
        return -1;
    if (memory && (!num_u64(str_of(memory), &mb) || mb < 1 || mb > MB_MAX))
        return err_set(err, ERR_INVALID, "--max-memory %s: want megabytes, from 1 to %d",
                       memory, MB_MAX);
    ret->max_memory = (size_t)mb << 20;
    return args->flag[first + LONGWORK_NICE] ? priority_lowest(err) : 0;
}
