/* wish.h - which fields of an event are wanted, so that the others need not be decoded.
 *
 * Most records are of no interest to any rule, and that can be told from a few of their
 * fields. A reader that is given a wish fills those alone (source_fill_some).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct wish {
    const struct str *names; /* as rules write them; found as event_find finds them */
    uint32_t n;
    bool apart;  /* not of an event with a text that the record has in several pieces: such an
                    event is filled whole */
    bool timed;  /* what is asked depends on the event's time, too */
    uint32_t id; /* of no other wish that the same reader is given, ever; never 0 */
};

struct wished {     /* one value of a field that is wished for */
    uint16_t name;  /* in the names of the wish */
    uint16_t field; /* in the fields of the event */
};
