/* evtx_template.h - binary XML compiled to field plans.
 *
 * A template says where in the XML each value of a record belongs. It is read once, into a
 * plan: a list of holes, each with the name of its field and the parts (literals and value
 * numbers) of which its text consists. Locating the fields of a record is then a matter of
 * adding up value sizes.
 *
 * A definition is known again by its GUID and a fingerprint of what it means: the bytes
 * differ from chunk to chunk, because names are stored once per chunk and then referred to
 * by offset. Binary XML without a template is compiled into a plan of literals that lives
 * for one record.
 *
 * Source: docs/formats/evtx.md, "Templates" and "Field names".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "format/evtx_binxml.h"

enum evtx_section {
    EVTX_SYSTEM,    /* Event/System */
    EVTX_DATA,      /* EventData, UserData and whatever else */
    EVTX_RENDERING, /* Event/RenderingInfo: texts that a collector rendered */
};

enum evtx_head { /* System fields that are found without a search */
                 EVTX_PROVIDER,
                 EVTX_EVENT_ID,
                 EVTX_CHANNEL,
                 EVTX_COMPUTER,
                 EVTX_TIME,
                 EVTX_RECORD_ID,
                 EVTX_HEADS,
};

enum { EVTX_LITERAL = 0xffff }; /* in place of a value number: there is no value */

struct evtx_part {
    struct bytes literal; /* UTF-16LE, if value is EVTX_LITERAL */
    uint16_t value;
};

enum evtx_hole_kind {
    EVTX_TEXT,    /* a field */
    EVTX_NEST,    /* its one part is a value that may hold binary XML */
    EVTX_NOTHING, /* blanks between elements */
};

struct evtx_hole {
    struct str name;     /* of the field; element name, or Element_Attribute */
    uint32_t part;       /* first of its parts */
    uint16_t parts;      /* 0: the field is there, and empty */
    uint16_t name_value; /* the name is this value's text; EVTX_LITERAL: it is `name` */
    uint16_t only;       /* its one part is this value; EVTX_LITERAL: it has others, or none */
    uint8_t kind;        /* enum evtx_hole_kind */
    uint8_t section;     /* enum evtx_section */
    uint8_t depth;       /* of its element */
    bool attribute;      /* it is the value of one, not content */
    bool optional;       /* it vanishes if all its values are NULL */
};

struct evtx_plan {
    const struct evtx_hole *holes;
    const struct evtx_part *parts;
    const uint16_t *nests; /* which holes are EVTX_NEST */
    uint16_t n_holes;
    uint16_t n_parts;
    uint16_t n_nests;
    uint16_t n_values; /* one more than the highest value number in use */
    uint32_t number;   /* no other plan of the table ever has it; 0: lives for one record */
    int16_t head[EVTX_HEADS]; /* hole of each; -1 if there is none */
};

struct evtx_definition { /* where a template's definition lies */
    uint32_t id;
    uint8_t guid[16];
    uint64_t fingerprint;
    size_t file;    /* the caller's number of the file; 0 as long as there is one only */
    uint64_t chunk; /* where its chunk starts in the file */
    uint32_t at;    /* bytes into the chunk */
};

/* Definitions outside the chunk in hand, for records whose own are overwritten. */
struct evtx_elsewhere {
    void *context;
    /* 1 and *ret if one is known for this id, 0 if none, -1 if several differ */
    int (*find)(void *context, uint32_t id, struct evtx_definition *ret);
    /* The chunk of a definition, empty if it cannot be read; valid until the next call. */
    struct bytes (*chunk)(void *context, const struct evtx_definition *d);
};

struct evtx_templates;

/* An empty table of plans, for the chunks of one file. All its memory is taken from
 * `arena`, up to a fixed bound: when the table is full it forgets and starts again. */
struct evtx_templates *evtx_templates_new(struct arena *arena);

/* An empty table for recovery: names in definitions must be whole, nothing is forgotten, and
 * what is not at its place is looked for by its id.
 *
 * elsewhere  definitions out of undamaged records; kept; NULL: none
 */
struct evtx_templates *evtx_templates_new_strict(struct arena *arena,
                                                 const struct evtx_elsewhere *elsewhere);
bool evtx_templates_strict(const struct evtx_templates *t);

/* Definition number `i` of those that were learned and are not forgotten; false behind the
 * last. */
bool evtx_templates_learned(const struct evtx_templates *t, unsigned i,
                            struct evtx_definition *ret);

/* Says that the next record is of this chunk, and drops what lived for the last record. */
void evtx_templates_record(struct evtx_templates *t, struct bytes chunk, uint64_t chunk_offset);

/* The plan of the template definition at chunk offset `at`.
 *
 * id      the template's id as the instance states it
 * ret     valid until the next evtx_templates_record
 * errors  ERR_CORRUPT (bounds, tokens, or the id is not the GUID's), ERR_LIMIT (depth, size)
 */
int evtx_template_at(struct evtx_templates *t, uint32_t at, uint32_t id,
                     const struct evtx_plan **ret, struct err *err);

/* The plan of a template whose definition is not at its place: that elsewhere, or the one that
 * was learned from a record that is recovered too. Only of a strict table.
 *
 * errors  ERR_CORRUPT: none is known, or several differ. Valid as above
 */
int evtx_template_by_id(struct evtx_templates *t, uint32_t id, const struct evtx_plan **ret,
                        struct err *err);

/* The plan of binary XML without a template at chunk[at, end). Valid and errors as above. */
int evtx_template_direct(struct evtx_templates *t, uint32_t at, uint32_t end,
                         const struct evtx_plan **ret, struct err *err);

/* Bytes of definitions read since the table was made: what crafted records can make many of. */
uint64_t evtx_templates_work(const struct evtx_templates *t);

/* How many plans were compiled since the table was made. For tests and measurements. */
uint64_t evtx_templates_compiled(const struct evtx_templates *t);
