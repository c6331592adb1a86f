/* outfile.h - a file, or standard output, that is written piece by piece. A file is written beside its place and
 * moved there when it is whole: what stood there stays until then, and nothing is left of a failure.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct outfile {
    int fd;
    const char *path; /* NULL: standard output */
    bool open;
    bool gone; /* whoever read standard output went away: no failure */
    char temporary[4096];
};

/* path    NULL: standard output. Must outlive the file
 * errors  ERR_INVALID (a path that is too long), ERR_IO */
int outfile_open(const char *path, struct outfile *ret, struct err *err);

int outfile_put(struct outfile *f, struct str text, struct err *err); /* errors ERR_IO */

/* The file is whole: moved to its place. errors ERR_IO */
int outfile_commit(struct outfile *f, struct err *err);

void outfile_close(struct outfile *f); /* without commit: nothing is left of it */
