/* unpack_int.h - what unpack.c asks of a compression library's wrapper. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Input and output of one step; the codec moves both `used` forward. */
struct codec_io {
    struct bytes in;
    size_t in_used;
    uint8_t *out;
    size_t out_cap;
    size_t out_used;
};

struct codec {
    const char *name;
    const char *part; /* what the format calls one of its streams: "member", "frame" */

    void *(*open)(struct arena *arena);
    void (*close)(void *state);

    /* Whether a member starts here. */
    bool (*starts)(struct bytes in);

    /* Unpacks as much as input and output allow: 0 the member is complete (the next call
     * starts another), 1 it is not, -1 damaged. */
    int (*step)(void *state, struct codec_io *io, struct err *err);
};

extern const struct codec CODEC_GZIP;
extern const struct codec CODEC_ZSTD;
