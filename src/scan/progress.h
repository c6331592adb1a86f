/* progress.h - how far a scan or a sweep has come. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct scan_progress {
    size_t files, files_done;   /* members of archives count as they are met */
    uint64_t bytes, bytes_done; /* likewise: both grow while archives are open */
    uint64_t events;
    size_t hits;     /* kept so far */
    struct str path; /* what was handed to a worker last, as evidence has it; the view ends with
                        the call. "" where nothing was yet */
    bool growing;    /* archives are being read: more may come */
    bool finishing;  /* a later phase: what needed all the rest first */
};
