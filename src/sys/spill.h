/* spill.h - a temporary file for what does not fit into memory. It has no name: nobody else
 * opens it, and nothing is left of it however the process ends. */
#pragma once

#include "base/err.h"
#include "base/str.h"

struct spill {
    int fd; /* -1: none */
    uint64_t size;
};

/* Where temporary files are to lie: TMPDIR, else /tmp. */
const char *spill_folder(void);

/* folder  where it is to lie; not where evidence lies
 * errors  ERR_IO */
int spill_open(const char *folder, struct spill *ret, struct err *err);
void spill_close(struct spill *s); /* one that is not open is fine */

/* Appends. What was written stands at the size that it had before. errors ERR_IO (no room) */
int spill_write(struct spill *s, struct bytes bytes, struct err *err);

/* Reads n bytes. errors ERR_IO (fewer are there) */
int spill_read(const struct spill *s, uint64_t at, void *ret, size_t n, struct err *err);
