/* jail_calls.h - the list of system calls of a process in the jail. The one file that
 * includes libseccomp is jail_calls.c. */
#pragma once

#include <stdbool.h>

/* Allows what is listed and no more, from now on.
 *
 * output  standard output may be written
 * returns whether it could: a system may lack that
 */
bool jail_calls(bool output);
