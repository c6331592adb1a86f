/* jail_calls.h - the list of system calls of a process in the jail. The one file that
 * includes libseccomp is jail_calls.c. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/* Allows what is listed and no more, from now on.
 *
 * output  standard output may be written
 * returns 1, or 0 where this system cannot
 * errors  ERR_IO (the list could not be made)
 */
int jail_calls(bool output, struct err *err);
