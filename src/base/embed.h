/* embed.h - files that are part of the program; tables of them are made by
 * tools/embed.py at build time. */
#pragma once

#include <stddef.h>

struct embedded {
    const char *path; /* relative, '/'-separated; NULL ends a table */
    const unsigned char *p;
    size_t n;
};
