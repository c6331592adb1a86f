/* stix.h - a case as a STIX 2.1 bundle.
 *
 * Source: docs/exports.md, "STIX"; STIX 2.1 (OASIS Standard, 10 June 2021)
 */
#pragma once

#include "base/buf.h"
#include "report/gather.h"

struct stix_told {
    uint64_t without_indicator; /* addresses of intruders that make none, being redacted */
    uint64_t undated;           /* acts that are no observed data, having no time */
};

/* Appends the bundle. modified: of the objects; INSTANT_NONE: the end of the evidence. */
void stix_bundle(const struct share *s, const struct gathering *g, instant modified,
                 struct buf *out, struct stix_told *ret);
