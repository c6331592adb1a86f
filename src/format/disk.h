/* disk.h - the bytes of a disk, however its image holds them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct disk {
    void *state;
    uint64_t size; /* bytes */
    /* All of n bytes at an offset, which lie on the disk; -1 where the image is damaged there. */
    int (*read)(void *state, uint64_t at, void *buf, size_t n, struct err *err);
    void (*close)(void *state); /* NULL: nothing to do */
};
