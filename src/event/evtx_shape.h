/* evtx_shape.h - which holes of a record hold what a wish asks for.
 *
 * Records that are instances of the same templates, nested in the same way, have one shape:
 * where the fields of a name stand is the same in all of them. It is found once for a wish and
 * a shape, then kept, within a bound: crafted evidence may invent shapes.
 *
 * Whatever event_find may take for a name that is wished for belongs to the shape, so that an
 * event with these fields alone gives the same answers as the whole one. Where all of a
 * name's holes are written alike, the answer is known before the record is read (a link);
 * else event_find is asked about the event (a name in doubt).
 */
#pragma once

#include "event/event.h"
#include "event/map_windows.h"
#include "format/evtx_record.h"

struct evtx_shape_hole {
    uint16_t hole;     /* of its instance's plan */
    uint8_t instance;  /* of the record */
    uint8_t section;   /* enum evtx_section */
    uint16_t link;     /* first of its links */
    uint16_t links;    /* names that it answers */
    bool event_id;     /* the head's EventID */
    bool always_there; /* nothing in a record removes it */
};

struct evtx_shape_derived { /* a derived field that answers a name */
    uint16_t name;
    uint16_t number; /* of windows_derived_name */
};

struct evtx_shape {
    const struct evtx_shape_hole *holes; /* in document order */
    const uint16_t *links;               /* names of the wish */
    const uint16_t *doubts;              /* names of which only the whole event can tell */
    const struct evtx_shape_derived *derived;
    uint16_t n_holes;
    uint16_t n_links;
    uint16_t n_doubts;
    uint16_t n_derived;
    uint16_t n_all;  /* holes of the shape, wished for or not */
    bool joined;     /* some text, wished for or not, stands in the record in several pieces */
    unsigned derive; /* what windows_derive_some is to derive */
    struct bytes print; /* all of this, and what the templates themselves say in these holes:
                           shapes of other files with the same print fill alike */
    uint64_t *mark;     /* for whoever knows the print: 0 until then */
};

struct evtx_shapes;

/* An empty table. Its memory is taken from `arena` when it is needed. */
struct evtx_shapes *evtx_shapes_new(struct arena *arena);

/* Names whose fields are to be filled whatever is wished for. `also` is kept; NULL: none. */
void evtx_shapes_also(struct evtx_shapes *s, const struct wish *also);

/* The shape of a record for a wish.
 *
 * returns NULL where none can be kept: templates that live for one record, names that are
 *         values, sizes beyond any use; then all fields must be filled. Else valid until the
 *         next call
 */
const struct evtx_shape *evtx_shape_of(struct evtx_shapes *s, const struct evtx_record *record,
                                       const struct wish *wish);
