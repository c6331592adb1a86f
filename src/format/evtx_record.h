/* evtx_record.h - the fields of one EVTX record, located but not yet turned into text.
 *
 * A record is an instance of a template (or XML coded directly), and values of it may in
 * turn hold instances: usually the System part is the outer one and the EventData or
 * UserData the inner. Locating allocates nothing; everything borrows from the chunk and
 * from the table of plans, and is valid until the next record is located.
 *
 * Source: docs/formats/evtx.md, "Template instance".
 */
#pragma once

#include "format/evtx_chunk.h"
#include "format/evtx_template.h"
#include "format/evtx_value.h"

enum {
    EVTX_INSTANCES_MAX = 64,  /* in one record */
    EVTX_VALUES_MAX = 16384,  /* in all of them: each takes four bytes of a chunk */
    EVTX_NEST_DEPTH_MAX = 16, /* room; LIMIT_BINXML_NEST is what is allowed */
};

struct evtx_value {
    const uint8_t *p;
    uint16_t n;
    uint8_t type; /* evtx_value.h */
};

struct evtx_instance {
    const struct evtx_plan *plan;
    const struct evtx_value *values;
    uint16_t n_values; /* those the plan uses and the record has */
    uint16_t hole;     /* of the parent: where this instance stands */
    uint8_t parent;  /* index of the instance that holds this one; its own if it is the first */
    uint8_t section; /* of its data, if it is not the first */
};

struct evtx_record {
    struct evtx_instance instances[EVTX_INSTANCES_MAX]; /* in document order */
    unsigned n;
    struct evtx_value values[EVTX_VALUES_MAX];
    unsigned n_values;
    bool damaged;      /* some nested part is not readable; what is here is right */
    bool elsewhere;    /* a template was not at its place: with a strict table */
    struct err damage; /* then: why */
};

/* Locates the fields of a record.
 *
 * t       plans of the file; remembers what it learns. With a strict table, every value must
 *         have a size that fits its type, and together they must fill the record: a record
 *         that is partly written over is not taken for one
 * chunk   that the frame is of, as evtx_chunk_open was given it
 * ret     large: keep one and use it again. Untouched contents are never read
 * errors  ERR_CORRUPT, ERR_LIMIT: nothing of the record is readable. Damage further in
 *         costs the part it is in, and sets ret->damaged
 */
int evtx_record_locate(struct evtx_templates *t, const struct evtx_chunk *chunk,
                       const struct evtx_frame *frame, struct evtx_record *ret,
                       struct err *err);

struct evtx_field {
    const struct evtx_instance *instance;
    const struct evtx_hole *hole;
    enum evtx_section section;
};

struct evtx_fields { /* a walk over the fields of a record, in document order */
    const struct evtx_record *record;
    unsigned next_instance;
    unsigned depth;
    uint8_t instance[EVTX_NEST_DEPTH_MAX];
    uint16_t hole[EVTX_NEST_DEPTH_MAX];
};

struct evtx_fields evtx_fields_of(const struct evtx_record *record);

/* The next field that is there; false at the end (then *ret means nothing). Fields that an
 * optional value of type NULL removes are passed over. */
bool evtx_fields_next(struct evtx_fields *it, struct evtx_field *ret);

/* The next hole of the record's instances, whatever is in it: also what an optional value
 * removes. False at the end.
 *
 * ret_entered  an instance stands in it: its holes come next
 */
bool evtx_holes_next(struct evtx_fields *it, struct evtx_field *ret, bool *ret_entered);

/* Whether a hole that evtx_holes_next gave, and that was not entered, is a field that is there. */
bool evtx_field_is_there(const struct evtx_field *f);

/* Part `i` of a field: a value of the record, or a literal as a value of type string. A
 * number without a value gives type NULL. */
static inline struct evtx_value evtx_field_part(const struct evtx_field *f, unsigned i)
{
    const struct evtx_part *p = &f->instance->plan->parts[f->hole->part + i];
    if (p->value == EVTX_LITERAL)
        return (struct evtx_value){p->literal.p, (uint16_t)p->literal.n, EVTX_TYPE_STRING};
    if (p->value >= f->instance->n_values)
        return (struct evtx_value){0};
    return f->instance->values[p->value];
}

/* A System field of the first instance; false if the record has none. */
bool evtx_record_head(const struct evtx_record *record, enum evtx_head head,
                      struct evtx_field *ret);
