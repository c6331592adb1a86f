/* map_iis.h - rows of logs in W3C extended format as events: IIS, HTTP.sys's error log,
 * other programs' logs of the same form.
 *
 * Fields are the log's own columns; cs(User-Agent), cs(Referer), cs(Cookie) and cs(Host) get
 * the names that rules use (cs-user-agent, ...). A "-" is FIELD_NULL. Derived: WebPath,
 * cs-uri (stem and query; or, of a column cs-uri, cs-uri-stem and cs-uri-query), cafeReqId
 * (joins the row with the HttpProxy row of the same request), ClientAddress, ClientAddressClass,
 * StaticResource, HealthProbe, DdiAction, DdiSchema, DdiWorkflow.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/source.h"

struct iis_events;

/* These are source_open, source_next, source_fill, source_fill_some and source_row for logs in W3C extended format. */
struct iis_events *iis_events_open(struct bytes file, enum format format, struct str path,
                                   struct span span, struct arena *arena);
int iis_events_next(struct iis_events *s, struct arena *arena, struct event *ret,
                    struct span *gap, struct err *err);
void iis_events_fill(struct iis_events *s, struct arena *arena, struct event *ev);
void iis_events_fill_some(struct iis_events *s, struct arena *arena, struct event *ev,
                          const struct wish *wish);
bool iis_events_key(struct iis_events *s, struct arena *arena, const struct wish *wish,
                    struct row_key *ret);
bool iis_events_row(struct iis_events *s, struct arena *arena, struct log_row *ret);
