/* misp.h - a case as a MISP event.
 *
 * Source: docs/exports.md, "MISP"; MISP core format (draft-dulaunoy-misp-core-format), object templates
 * file and http-request of misp-objects
 */
#pragma once

#include "base/buf.h"
#include "report/gather.h"

/* Appends the event. modified: its timestamp; INSTANT_NONE: the end of the evidence. */
void misp_event(const struct share *s, const struct gathering *g, instant modified,
                struct buf *out);
