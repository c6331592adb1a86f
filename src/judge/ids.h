/* ids.h - the ids of all findings of a scan, made once. */
#pragma once

#include "base/digest.h"
#include "judge/verdict.h"

struct finding_ids {
    const char (*at)[ID_TEXT]; /* per hit */
    const size_t *first;       /* per hit: the first hit of the same id; mostly itself. The
                                  same file found twice gives the same findings twice */
    size_t unique;             /* how many different ids there are */
};

/* arena  owns the result */
void finding_ids(const struct verdict *verdict, size_t n_hits, struct arena *arena,
                 struct finding_ids *ret);
