/* piped.h - standard input as a file that can be read from any place, more than once. */
#pragma once

#include "base/err.h"

#define PIPED "-" /* how a user names it */
#define PIPED_CALLED "standard input"

enum { PIPED_PATH = 32 };

/* The path under which it can be opened while this process runs. What comes through a pipe is
 * kept in a temporary file without a name, in the folder TMPDIR.
 *
 * ret     stays right for further calls: it is read once
 * errors  ERR_IO (a terminal, a folder, no room), ERR_INTERRUPTED
 */
int piped_path(char ret[PIPED_PATH], struct err *err);
