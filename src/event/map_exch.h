/* map_exch.h - rows of Exchange's HttpProxy and ECP Server logs as events.
 *
 * Fields are the log's own columns; an empty cell is FIELD_NULL.
 *
 * HttpProxy, derived: Build, ClientAddress, RequestGuid, WebPath, StaticResource,
 * HealthProbe, AnchorKind, AnchorHost, AnchorPort, AnchorPath, AnchorAuthorityRaw,
 * AnchorIsLoopback, BEVersion (the packed version of the routing cookie, unpacked),
 * BackEndCookieServer, DdiAction, DdiSchema, DdiWorkflow (of the anchor's path, else of the
 * request's).
 *
 * ECP Server: EventData's items are fields too (TIME, SID, CMD, URL, ...). Derived: Cmdlet,
 * Param_<Name>, Build, RequestGuid, DdiAction, DdiSchema, DdiWorkflow.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/source.h"

struct exch_events;

/* These are source_open, source_next and source_fill for the two logs.
 * format  FORMAT_HTTPPROXY or FORMAT_ECP_SERVER */
struct exch_events *exch_events_open(struct bytes file, enum format format, struct str path,
                                     struct span span, struct arena *arena);
int exch_events_next(struct exch_events *s, struct arena *arena, struct event *ret,
                     struct span *gap, struct err *err);
void exch_events_fill(struct exch_events *s, struct arena *arena, struct event *ev);
