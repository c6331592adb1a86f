/* map_removal.h - what removal and mitigation tools wrote, as events.
 *
 * Microsoft Safety Scanner (msert.log) and the Malicious Software Removal Tool (mrt.log),
 * EOMT.ps1 and EOMTv2.ps1 (log and summary), a transcript of ExchangeMitigations.ps1, the
 * table of CompareExchangeHashes.ps1. One event per line, or per row.
 *
 * Fields: Message; Level (EOMT); a table's columns. Derived: Tool, ToolVersion, Threat,
 * Action, ActionResult, Result, ResourceKind, Path, WebPath, Mitigation, MitigationAction,
 * Site. All but the table's times are local: their offset is not told.
 *
 * Source: docs/formats/remediation.md
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/source.h"

struct removal_events;

/* These are source_open, source_next and source_fill for such logs. */
struct removal_events *removal_events_open(struct bytes file, struct str path, struct span span,
                                           struct arena *arena);
int removal_events_next(struct removal_events *s, struct arena *arena, struct event *ret,
                        struct span *gap, struct err *err);
void removal_events_fill(struct removal_events *s, struct arena *arena, struct event *ev);
