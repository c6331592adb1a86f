/* shape.h - where the fields of an event are, found once for all events with the same names in
 * the same order.
 */
#pragma once

#include "event/event.h"

struct shapes; /* for some names, the shapes of events met so far */

/* names   borrowed
 * arena   owns all; bounded */
struct shapes *shapes_new(const struct str *names, uint32_t n, struct arena *arena);

struct places { /* fields of an event, in order */
    const uint16_t *at;
    uint32_t n;
};

struct shape;

/* The shape of an event; NULL if it has too many fields, or too many shapes were met.
 * Lives as long as `shapes`. */
const struct shape *shapes_of(struct shapes *s, const struct event *ev);

/* What event_find gives for each of the names. */
const struct places *shape_places(const struct shape *shape);
