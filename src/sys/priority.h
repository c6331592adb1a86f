/* priority.h - taking the processor and the disk only when nobody else wants them. */
#pragma once

#include "base/err.h"

/* Gives this process, and those that it starts from now on, the lowest priority for the
 * processor, and for disks where the system schedules these. It cannot be taken back.
 * errors ERR_IO */
int priority_lowest(struct err *err);
