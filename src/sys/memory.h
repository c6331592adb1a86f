/* memory.h - how much memory this process has of its own, and a limit of it. */
#pragma once

#include <stddef.h>

/* Bytes of memory that are this process's own: what it may write, without stacks. 0 where the
 * system does not say. */
size_t memory_in_use(void);

/* Limits them. Where more is asked for, the process says on standard error that --max-memory
 * is too little and ends with this exit status. 0 bytes: the limit before the first call.
 * Workers that are forked meanwhile have limits of their own (sys/jail.h). */
void memory_limit(size_t bytes, int exit_status);
