/* geo.h - where a web row's client is, as fields for rules. */
#pragma once

#include "base/arena.h"
#include "event/event.h"
#include "sys/geoip.h"

/* Adds GeoCountry, GeoCity, GeoAsn and GeoOrg for the row's ClientAddress, as far as the
 * databases know it. Nothing where there is none (geoip is NULL) or no such field. */
void geo_derive(const struct geoip *geoip, struct event *ev, struct arena *arena);
