/* bench.h - what the benchmarks have in common. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/str.h"

/* Processor seconds of this process. */
static inline double cpu_now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* A whole file in memory, so that no disk is measured; ends the program if it cannot be. */
static inline struct bytes read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0) {
        perror(path);
        exit(2);
    }
    long size = ftell(f);
    rewind(f);
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
    size_t n = data && size > 0 ? fread(data, 1, (size_t)size, f) : 0;
    (void)fclose(f);
    return (struct bytes){data, n};
}
