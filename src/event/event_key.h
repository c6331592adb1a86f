/* event_key.h - what the wished fields of an event are made from.
 *
 * Logs repeat themselves: most records say the same, in all that rules ask for, as one before.
 * That can be told from the record's bytes, before any text is made of them.
 */
#pragma once

#include <stdint.h>

#include "base/str.h"

enum {
    EVENT_KEY_HEAD = 16, /* bytes left free at the beginning, for whoever keeps keys */
    EVENT_KEY_MAX = 4096,
};

/* Where the prints of two events are the same, and the bytes behind the head too, then
 * source_fill_some gives both the same fields for the same wish; nor do provider and host differ. */
struct event_key {
    struct bytes print; /* where these bytes stand in an event like this */
    uint64_t *mark; /* a place beside the print for a number that stands for it; 0 at first */
    uint8_t *bytes; /* of the reader, until the next key */
    size_t n;       /* the head included */
};
