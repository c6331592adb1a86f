/* askpass.h - a password asked for on the terminal. */
#pragma once

#include <stddef.h>

#include "base/err.h"

enum { ASKPASS_MAX = 1024 }; /* with the NUL at its end */

/* Asks on standard error and reads a line of standard input, which is a terminal, without showing
 * it. The terminal is as before on return, and while the program is stopped (Ctrl-Z) or when a
 * signal ends it.
 *
 * prompt  of ours: shown as it is
 * ret     the line without its end, NUL-terminated; to be wiped by the caller
 * returns 1; 0: standard input is no terminal, nothing was asked; -1
 * errors  ERR_INVALID (nothing was given, or a line that is too long), ERR_INTERRUPTED (a signal
 *         that the program handles), ERR_IO
 * Source: POSIX.1-2017, General Terminal Interface (11.) and pselect
 */
int askpass(const char *prompt, char ret[ASKPASS_MAX], struct err *err);
