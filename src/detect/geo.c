#include "detect/geo.h"

#include <inttypes.h>

#include "event/web.h"

void geo_derive(const struct geoip *geoip, struct event *ev, struct arena *arena)
{
    struct geoip_place p;
    if (!geoip || !geoip_find_text(geoip, event_text(ev, "ClientAddress"), arena, &p))
        return;
    web_derive(ev, arena, "GeoCountry", p.country);
    web_derive(ev, arena, "GeoCity", p.city);
    if (p.asn)
        web_derive(ev, arena, "GeoAsn", arena_printf(arena, "%" PRIu32, p.asn));
    web_derive(ev, arena, "GeoOrg", p.organisation);
}
