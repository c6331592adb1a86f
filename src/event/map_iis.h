/* map_iis.h - IIS rows as events.
 *
 * Fields are the log's own columns; cs(User-Agent), cs(Referer) and cs(Cookie) get the
 * names that rules use (cs-user-agent, ...). A "-" is FIELD_NULL. Derived: WebPath, cs-uri
 * (stem and query), cafeReqId (joins the row with the HttpProxy row of the same request),
 * ClientAddress, ClientAddressClass, StaticResource, HealthProbe, DdiAction, DdiSchema, DdiWorkflow.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/source.h"

struct iis_events;

/* These are source_open, source_next and source_fill for IIS logs. */
struct iis_events *iis_events_open(struct bytes file, struct str path, struct span span,
                                   struct arena *arena);
int iis_events_next(struct iis_events *s, struct arena *arena, struct event *ret,
                    struct span *gap, struct err *err);
void iis_events_fill(struct iis_events *s, struct arena *arena, struct event *ev);
