#include "sys/priority.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As <linux/ioprio.h> has it, which older systems keep to themselves.
 * Source: Documentation/block/ioprio.rst of Linux. */
enum { IOPRIO_WHO_PROCESS = 1, IOPRIO_CLASS_IDLE = 3, IOPRIO_CLASS_SHIFT = 13 };

int priority_lowest(struct err *err)
{
    enum { NICEST = 19 };
    if (setpriority(PRIO_PROCESS, 0, NICEST) < 0)
        return err_set(err, ERR_IO, "--nice: %s", strerror(errno));
    /* Where the disk's scheduler knows no priorities this changes nothing. */
    (void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
                  IOPRIO_CLASS_IDLE << IOPRIO_CLASS_SHIFT);
    return 0;
}
