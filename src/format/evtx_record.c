#include "format/evtx_record.h"

#include <inttypes.h>

#include "base/limits.h"
#include "format/evtx_int.h"
#include "format/evtx_value.h"

enum {
    TOKEN_FRAGMENT = 0x0f,
    TOKEN_INSTANCE = 0x0c,
    INSTANCE_HEAD = 10, /* token, u8, u32 template id, u32 definition offset */
    DEFINITION_HEAD = 24,
    DESCRIPTOR = 4, /* u16 size, u8 type, u8 zero */
};

_Static_assert((int)LIMIT_BINXML_NEST <= (int)EVTX_NEST_DEPTH_MAX,
               "walks have room for every level");

struct locator {
    struct evtx_templates *t;
    struct bytes chunk;
    uint64_t chunk_offset;
    struct evtx_record *ret;
    struct err *err;
    bool strict;
};

/* Where a fragment stands: in the root of the record, or in a hole of an instance. */
struct place {
    uint16_t hole;
    uint8_t parent;
    uint8_t section;
    unsigned depth;
};

static int locate(struct locator *l, uint32_t at, uint32_t end, struct place place);

static int cut_off(const struct locator *l, uint32_t at)
{
    return err_set(l->err, ERR_CORRUPT, "template instance at %" PRIu64 " is cut off",
                   l->chunk_offset + at);
}

/* Text, perhaps with NULs behind it; more text behind these was there before it. */
static bool is_text(const uint8_t *p, uint16_t n)
{
    bool ended = false;
    for (uint16_t i = 0; i + 1 < n; i += 2) {
        uint16_t c = le16(p + i);
        if (ended && c != 0)
            return false;
        ended = c == 0;
    }
    return n % 2 == 0;
}

/* Whether a value of this type may have n bytes at p. */
static bool fits(uint8_t type, const uint8_t *p, uint16_t n)
{
    static const uint8_t sizes[] = {
        [EVTX_TYPE_I8] = 1,     [EVTX_TYPE_U8] = 1,       [EVTX_TYPE_I16] = 2,
        [EVTX_TYPE_U16] = 2,    [EVTX_TYPE_I32] = 4,      [EVTX_TYPE_U32] = 4,
        [EVTX_TYPE_I64] = 8,    [EVTX_TYPE_U64] = 8,      [EVTX_TYPE_FLOAT] = 4,
        [EVTX_TYPE_DOUBLE] = 8, [EVTX_TYPE_BOOL] = 4,     [EVTX_TYPE_GUID] = 16,
        [EVTX_TYPE_HEX32] = 4,  [EVTX_TYPE_FILETIME] = 8, [EVTX_TYPE_SYSTEMTIME] = 16,
        [EVTX_TYPE_HEX64] = 8,
    };
    enum { SID_HEAD = 8, SID_PARTS = 15 };
    uint8_t one = (uint8_t)(type & ~EVTX_TYPE_ARRAY);
    if (one < sizeof sizes && sizes[one])
        return type == one ? n == sizes[one] : n % sizes[one] == 0;
    switch (type) {
    case EVTX_TYPE_NULL:
        return n <= 16; /* what was NULL may keep the room of its type */
    case EVTX_TYPE_STRING:
    case EVTX_TYPE_XML:
        return is_text(p, n);
    case EVTX_TYPE_STRING | EVTX_TYPE_ARRAY:
        return n % 2 == 0;
    case EVTX_TYPE_SIZE:
    case EVTX_TYPE_HANDLE:
        return n == 4 || n == 8;
    case EVTX_TYPE_SID:
        return n >= SID_HEAD && p[1] <= SID_PARTS && n == SID_HEAD + 4 * p[1];
    case EVTX_TYPE_ANSI:
    case EVTX_TYPE_BINARY:
    case EVTX_TYPE_BINXML:
        return true;
    default:
        return type & EVTX_TYPE_ARRAY && one <= EVTX_TYPE_BINXML;
    }
}

/* Whether `count` values from `at` on are as their descriptors say, and nothing but the end
 * of the fragment and padding is behind them. */
static int check_values(struct locator *l, const uint8_t *descriptor, uint32_t count,
                        uint32_t at, uint32_t end)
{
    enum { REST_MAX = 8 };
    const uint8_t *chunk = l->chunk.p;
    for (uint32_t i = 0; i < count; i++, descriptor += DESCRIPTOR) {
        uint16_t n = le16(descriptor);
        if (n > end - at || descriptor[3] != 0 || !fits(descriptor[2], chunk + at, n))
            return err_set(l->err, ERR_CORRUPT, "value at %" PRIu64 " does not fit its type",
                           l->chunk_offset + at);
        at += n;
    }
    if (end - at > REST_MAX || (at < end && chunk[at] != 0))
        return err_set(l->err, ERR_CORRUPT, "values do not fill the record at %" PRIu64,
                       l->chunk_offset + at);
    return 0;
}

/* Points the values of an instance into the chunk. This is the hot loop: descriptors and
 * values are proved to lie before `end`, which the caller proved to lie in the chunk. */
static int read_values(struct locator *l, uint32_t at, uint32_t end, struct evtx_instance *in)
{
    const uint8_t *chunk = l->chunk.p;
    if (end < at || end - at < 4)
        return cut_off(l, at);
    uint32_t count = le32(chunk + at);
    at += 4;
    if (count > LIMIT_SUBSTITUTIONS || count > (end - at) / DESCRIPTOR)
        return cut_off(l, at);
    uint32_t wanted = count < in->plan->n_values ? count : in->plan->n_values;
    if (wanted > EVTX_VALUES_MAX - l->ret->n_values)
        return err_set(l->err, ERR_LIMIT, "too many values in the record at %" PRIu64,
                       l->chunk_offset + at);

    const uint8_t *descriptor = chunk + at;
    struct evtx_value *v = l->ret->values + l->ret->n_values;
    at += count * DESCRIPTOR;
    if (l->strict &&
        (wanted < in->plan->n_values || check_values(l, descriptor, count, at, end) < 0))
        return wanted < in->plan->n_values ? cut_off(l, at) : -1;
    for (uint32_t i = 0; i < wanted; i++, descriptor += DESCRIPTOR) {
        uint32_t d = le32(descriptor);
        uint16_t n = (uint16_t)d;
        if (n > end - at)
            return cut_off(l, at);
        v[i] = (struct evtx_value){.p = chunk + at, .n = n, .type = (uint8_t)(d >> 16)};
        at += n;
    }
    in->values = v;
    in->n_values = (uint16_t)wanted;
    l->ret->n_values += wanted;
    return 0;
}

/* Damage in a nested part costs that part: the System fields around it are still good. */
static void locate_nested(struct locator *l, unsigned index, unsigned depth)
{
    const struct evtx_instance *in = &l->ret->instances[index];
    for (unsigned i = 0; i < in->plan->n_nests; i++) {
        uint16_t number = in->plan->nests[i];
        const struct evtx_hole *hole = &in->plan->holes[number];
        uint16_t value = in->plan->parts[hole->part].value;
        if (value >= in->n_values || in->values[value].type != EVTX_TYPE_BINXML ||
            in->values[value].n == 0)
            continue;
        uint8_t section = hole->section == EVTX_RENDERING ? EVTX_RENDERING : EVTX_DATA;
        uint32_t at = (uint32_t)(in->values[value].p - l->chunk.p);
        struct place place = {number, (uint8_t)index, index ? in->section : section, depth + 1};
        if (locate(l, at, at + in->values[value].n, place) < 0 && !l->ret->damaged) {
            l->ret->damaged = true;
            l->ret->damage = *l->err;
        }
        if (l->strict && l->ret->damaged)
            return; /* the record will not be taken */
    }
}

/* A template instance. Its definition may stand right behind its head, or anywhere. */
static int locate_instance(struct locator *l, uint32_t at, uint32_t end,
                           struct evtx_instance *in)
{
    if (end - at < INSTANCE_HEAD)
        return cut_off(l, at);
    uint32_t id = le32(l->chunk.p + at + 2);
    uint32_t definition = le32(l->chunk.p + at + 6);
    at += INSTANCE_HEAD;
    if (evtx_template_at(l->t, definition, id, &in->plan, l->err) < 0) {
        if (!l->strict || definition == at ||
            evtx_template_by_id(l->t, id, &in->plan, l->err) < 0)
            return -1;
        l->ret->elsewhere = true;
    }
    if (definition == at) /* then its bounds within the chunk were just checked */
        at += DEFINITION_HEAD + le32(l->chunk.p + at + 20);
    return read_values(l, at, end, in);
}

/* Locates what stands at chunk[at, end): a fragment header perhaps, then an instance, an
 * element or nothing. Calls itself for nested fragments, LIMIT_BINXML_NEST deep at most. */
static int locate(struct locator *l, uint32_t at, uint32_t end, struct place place)
{
    const uint8_t *chunk = l->chunk.p;
    if (end - at >= 4 && chunk[at] == TOKEN_FRAGMENT)
        at += 4;
    if (at == end || (place.depth && chunk[at] == 0))
        return 0;
    unsigned index = l->ret->n;
    if (place.depth == LIMIT_BINXML_NEST || index == EVTX_INSTANCES_MAX)
        return err_set(l->err, ERR_LIMIT, "too much nesting in the record at %" PRIu64,
                       l->chunk_offset + at);
    struct evtx_instance *in = &l->ret->instances[index];
    in->n_values = 0;
    in->hole = place.hole;
    in->parent = place.parent;
    in->section = place.section;
    int got = chunk[at] == TOKEN_INSTANCE
                  ? locate_instance(l, at, end, in)
                  : evtx_template_direct(l->t, at, end, &in->plan, l->err);
    if (got < 0)
        return -1;
    l->ret->n++;
    if (in->plan->n_nests)
        locate_nested(l, index, place.depth);
    return 0;
}

int evtx_record_locate(struct evtx_templates *t, const struct evtx_chunk *chunk,
                       const struct evtx_frame *frame, struct evtx_record *ret, struct err *err)
{
    evtx_templates_record(t, chunk->bytes, chunk->offset);
    ret->n = 0;
    ret->n_values = 0;
    ret->damaged = false;
    ret->elsewhere = false;
    struct err why = {0}; /* of nested parts: success leaves *err alone */
    struct locator l = {t, chunk->bytes, chunk->offset, ret, &why, evtx_templates_strict(t)};
    uint32_t at = (uint32_t)(frame->binxml.p - chunk->bytes.p);
    uint32_t end = at + (uint32_t)frame->binxml.n;
    if (locate(&l, at, end, (struct place){0}) < 0) {
        *err = why;
        return -1;
    }
    if (ret->n == 0)
        return err_set(err, ERR_CORRUPT, "record at %" PRIu64 " is empty", frame->offset);
    return 0;
}

struct evtx_fields evtx_fields_of(const struct evtx_record *record)
{
    struct evtx_fields it; /* levels are written before they are read */
    it.record = record;
    it.next_instance = 1;
    it.depth = record->n ? 1 : 0;
    it.instance[0] = 0;
    it.hole[0] = 0;
    return it;
}

/* Goes into the instance that stands in this hole, if there is one. */
static bool descend(struct evtx_fields *it, uint8_t parent, uint16_t hole)
{
    const struct evtx_record *r = it->record;
    if (it->next_instance >= r->n || r->instances[it->next_instance].parent != parent ||
        r->instances[it->next_instance].hole != hole)
        return false;
    it->instance[it->depth] = (uint8_t)it->next_instance++;
    it->hole[it->depth] = 0;
    it->depth++;
    return true;
}

static bool are_null(const struct evtx_field *f)
{
    for (unsigned i = 0; i < f->hole->parts; i++)
        if (evtx_field_part(f, i).type != EVTX_TYPE_NULL)
            return false;
    return true;
}

/* All that the element would hold is optional and NULL: it is not written at all. */
static inline bool is_omitted(const struct evtx_field *f)
{
    uint16_t only = f->hole->only;
    if (only == EVTX_LITERAL)
        return are_null(f);
    return only >= f->instance->n_values || f->instance->values[only].type == EVTX_TYPE_NULL;
}

static inline bool is_there(const struct evtx_field *f)
{
    if (f->hole->kind == EVTX_NEST) {
        uint8_t type = evtx_field_part(f, 0).type;
        if (type == EVTX_TYPE_BINXML || type == EVTX_TYPE_NULL)
            return false;
    }
    return !f->hole->optional || !is_omitted(f);
}

bool evtx_field_is_there(const struct evtx_field *f)
{
    return is_there(f);
}

static inline bool next_hole(struct evtx_fields *it, struct evtx_field *ret, bool *ret_entered)
{
    while (it->depth) {
        unsigned top = it->depth - 1;
        uint8_t index = it->instance[top];
        const struct evtx_instance *in = &it->record->instances[index];
        if (it->hole[top] >= in->plan->n_holes) {
            it->depth--;
            continue;
        }
        uint16_t number = it->hole[top]++;
        const struct evtx_hole *hole = &in->plan->holes[number];
        if (hole->kind == EVTX_NOTHING)
            continue;
        ret->instance = in;
        ret->hole = hole;
        ret->section = (enum evtx_section)(index ? in->section : hole->section);
        *ret_entered = hole->kind == EVTX_NEST && descend(it, index, number);
        return true;
    }
    return false;
}

bool evtx_holes_next(struct evtx_fields *it, struct evtx_field *ret, bool *ret_entered)
{
    return next_hole(it, ret, ret_entered);
}

bool evtx_fields_next(struct evtx_fields *it, struct evtx_field *ret)
{
    bool entered;
    while (next_hole(it, ret, &entered))
        if (!entered && is_there(ret))
            return true;
    return false;
}

bool evtx_record_head(const struct evtx_record *record, enum evtx_head head,
                      struct evtx_field *ret)
{
    const struct evtx_instance *in = &record->instances[0];
    if (record->n == 0 || in->plan->head[head] < 0)
        return false;
    struct evtx_field f = {in, &in->plan->holes[in->plan->head[head]], EVTX_SYSTEM};
    if (f.hole->optional && is_omitted(&f))
        return false;
    *ret = f;
    return true;
}
