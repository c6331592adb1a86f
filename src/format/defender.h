/* defender.h - values of a file of Microsoft Defender's detection history, one after the other.
 *
 * Source: docs/formats/defender.md
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum defender_type { /* of those that are known */
                     DEFENDER_TIME = 0x0a,
                     DEFENDER_TEXT = 0x15,
                     DEFENDER_GUID = 0x1e,
                     DEFENDER_BYTES = 0x28,
};

enum { DEFENDER_VALUE_MAX = 1 << 20 }; /* bytes of one value */

struct defender_value {
    uint32_t type;
    struct bytes data;
    uint64_t number; /* of values of up to 8 bytes */
    struct str text; /* of a text, without its zero; of a GUID */
    uint64_t offset;
};

struct defender_values { /* of a file; start with its bytes and zeros */
    struct bytes file;
    size_t at;
};

/* Whether a file is one, by its first bytes. */
bool defender_is(struct bytes head);

/* The next value: 1, 0 at the end, -1 where the rest is none; after that there is nothing more.
 * arena   owns its text
 * errors  ERR_CORRUPT, ERR_LIMIT; values->at then says where */
int defender_next(struct defender_values *values, struct arena *arena,
                  struct defender_value *ret, struct err *err);

/* The next of the tracking data that a value of type DEFENDER_BYTES holds: a name, and a text or a
 * number as text. False at the end, or where it does not add up. Start with *at = 0. */
bool defender_tracking_next(struct bytes data, size_t *at, struct arena *arena,
                            struct str *ret_name, struct str *ret_value);
