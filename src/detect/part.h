/* part.h - one part of a script that PowerShell logged in several records.
 *
 * A script of 20,000 characters or more is logged as parts, each an event 4104 of its own:
 * MessageNumber of MessageTotal, the same ScriptBlockId. A text that lies across two of them
 * is in neither; so the parts are kept for a later phase, which joins them.
 *
 * Source: PowerShell, CompiledScriptBlock.cs, LogScriptBlockCreation.
 */
#pragma once

#include "detect/signal.h"

struct part {
    struct event ev; /* its fields, without the text of the script */
    struct str block;
    struct str text;
    uint32_t number, total; /* 1 to total; total > 1 */
    size_t text_at;         /* which field of ev is to get the text */
};

/* The names of the fields that tell whether an event is such a part. */
enum { PART_NAMES = 4 };
void part_names(struct str ret[PART_NAMES]);

/* Whether an event is such a part. *ret borrows from the event. */
bool part_of(const struct event *ev, struct part *ret);

/* Writes it as SIGNAL_LATER, LATER_PART. False, and nothing written, where its other fields are
 * too long. */
bool part_write(struct buf *out, const struct part *part);

/* Reads it back; the fields are the arena's, their texts borrowed from the signal.
 * errors  ERR_CORRUPT */
int part_read(const struct signal *s, struct arena *arena, struct part *ret, struct err *err);
