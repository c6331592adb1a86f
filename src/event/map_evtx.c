#include "event/map_evtx.h"

#include "base/limits.h"
#include "event/evtx_shape.h"
#include "format/evtx_record.h"
#include "format/evtx_value.h"

/* Channel, provider and computer are the same few texts in millions of records: they are
 * decoded once. */
enum {
    MEMO_SLOTS = 256,
    MEMO_TEXT_MAX = 512,     /* bytes of one text worth remembering */
    MEMO_TOTAL = 256 * 1024, /* bytes of all of them */
};

struct memo {
    struct bytes raw[MEMO_SLOTS]; /* copies */
    struct str text[MEMO_SLOTS];
    size_t used;
};

struct evtx_events {
    struct arena *arena;
    struct evtx_file file;
    struct evtx_templates *templates;
    struct evtx_record record;      /* of `file` */
    const struct evtx_record *now;  /* the last one */
    struct evtx_recovery *recovery; /* NULL: the records are the chunks' own */
    struct evtx_recovered recovered;
    struct evtx_gap damaged; /* the part of it that is not readable; reported next */
    struct memo memo;
    struct evtx_shapes *shapes;
    uint8_t key[EVENT_KEY_MAX];
};

struct evtx_events *evtx_events_open(struct bytes file, uint64_t from, uint64_t to,
                                     unsigned options, struct arena *arena)
{
    struct evtx_events *e = ARENA_NEW(arena, struct evtx_events);
    e->arena = arena;
    e->file = evtx_file_open(file, from, to, options & EVTX_CHECK_CRC);
    e->templates = evtx_templates_new(arena);
    e->shapes = evtx_shapes_new(arena);
    e->now = &e->record;
    return e;
}

struct evtx_events *evtx_events_recover(struct bytes file, uint64_t from, uint64_t to,
                                        bool image, const struct evtx_elsewhere *elsewhere,
                                        struct arena *arena)
{
    struct evtx_events *e = ARENA_NEW(arena, struct evtx_events);
    e->arena = arena;
    e->now = &e->record;
    e->recovery = evtx_recovery_open(file, from, to, image, elsewhere, arena);
    return e;
}

struct evtx_recovery_counts evtx_events_recovered(const struct evtx_events *e)
{
    return e->recovery ? evtx_recovery_counts(e->recovery) : (struct evtx_recovery_counts){0};
}

bool evtx_events_has_shells(const struct evtx_events *e)
{
    return e->recovery ? evtx_recovery_has_shells(e->recovery) : e->file.has_shells;
}

bool evtx_events_definition(const struct evtx_events *e, unsigned i,
                            struct evtx_definition *ret)
{
    if (e->recovery)
        return evtx_recovery_definition(e->recovery, i, ret);
    return evtx_templates_learned(e->templates, i, ret);
}

/* ---- text of fields ---- */

static struct str value_text(struct evtx_value v, struct arena *arena)
{
    return evtx_value_text(v.type, (struct bytes){v.p, v.n}, arena);
}

/* Several parts are one text: literals around values, references, CDATA. */
static struct str joined_text(const struct evtx_field *f, struct arena *arena)
{
    struct str *texts = ARENA_ARRAY(arena, struct str, f->hole->parts);
    size_t n = 0;
    for (unsigned i = 0; i < f->hole->parts; i++) {
        texts[i] = value_text(evtx_field_part(f, i), arena);
        n += texts[i].n;
    }
    char *out = ARENA_ARRAY(arena, char, n);
    size_t at = 0;
    for (unsigned i = 0; i < f->hole->parts; i++) {
        memcpy(out + at, texts[i].p, texts[i].n);
        at += texts[i].n;
    }
    return (struct str){out, n};
}

static struct str field_text(const struct evtx_field *f, struct arena *arena)
{
    if (f->hole->parts == 0)
        return STR("");
    return f->hole->parts == 1 ? value_text(evtx_field_part(f, 0), arena)
                               : joined_text(f, arena);
}

/* ---- head ---- */

static uint64_t eight(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* Some places of a text tell enough. */
static unsigned memo_slot(struct bytes raw)
{
    uint64_t h = raw.n * UINT64_C(0x9e3779b97f4a7c15);
    if (raw.n >= 8) {
        size_t last = raw.n - 8;
        for (size_t i = 0; i < 5; i++)
            h = (h ^ eight(raw.p + last * i / 4)) * UINT64_C(0xff51afd7ed558ccd);
    } else {
        for (size_t i = 0; i < raw.n; i++)
            h = (h ^ raw.p[i]) * UINT64_C(0xff51afd7ed558ccd);
    }
    return (unsigned)(h >> 56) % MEMO_SLOTS;
}

static struct str memo_text(struct evtx_events *e, struct evtx_value v, struct arena *arena)
{
    struct bytes raw = {v.p, v.n};
    if (v.type != EVTX_TYPE_STRING || raw.n == 0 || raw.n > MEMO_TEXT_MAX)
        return value_text(v, arena);
    unsigned slot = memo_slot(raw);
    if (bytes_eq(e->memo.raw[slot], raw))
        return e->memo.text[slot];
    if (e->memo.used > MEMO_TOTAL)
        return value_text(v, arena);
    uint8_t *copy = ARENA_ARRAY(e->arena, uint8_t, raw.n);
    memcpy(copy, raw.p, raw.n);
    e->memo.raw[slot] = (struct bytes){copy, raw.n};
    e->memo.text[slot] = value_text(v, e->arena);
    e->memo.used += raw.n + e->memo.text[slot].n;
    return e->memo.text[slot];
}

static struct str head_text(struct evtx_events *e, enum evtx_head head, struct arena *arena)
{
    struct evtx_field f;
    if (!evtx_record_head(e->now, head, &f) || f.hole->parts == 0)
        return STR("");
    return f.hole->parts == 1 ? memo_text(e, evtx_field_part(&f, 0), arena)
                              : joined_text(&f, arena);
}

static bool head_number(const struct evtx_events *e, enum evtx_head head, uint64_t *ret)
{
    struct evtx_field f;
    if (!evtx_record_head(e->now, head, &f) || f.hole->parts != 1)
        return false;
    struct evtx_value v = evtx_field_part(&f, 0);
    return evtx_value_number(v.type, (struct bytes){v.p, v.n}, ret);
}

static instant time_of(const struct evtx_events *e, const struct evtx_frame *frame)
{
    struct evtx_field f;
    uint64_t filetime;
    instant t = INSTANT_NONE;
    if (evtx_record_head(e->now, EVTX_TIME, &f) && f.hole->parts == 1) {
        struct evtx_value v = evtx_field_part(&f, 0);
        if (evtx_value_filetime(v.type, (struct bytes){v.p, v.n}, &filetime))
            t = instant_of_filetime(filetime);
    }
    return t != INSTANT_NONE ? t : instant_of_filetime(frame->written);
}

/* The lower half of an EventID is the number people know; the upper one, where a log still
 * has it, is what else is called Qualifiers. */
static uint32_t event_id_of(const struct evtx_events *e)
{
    uint64_t id;
    return head_number(e, EVTX_EVENT_ID, &id) ? (uint32_t)(id & 0xffff) : 0;
}

static struct event head_of(struct evtx_events *e, const struct evtx_frame *frame,
                            struct arena *arena)
{
    struct event ev = {
        .kind = EVENT_WINDOWS,
        .time = time_of(e, frame),
        .offset = frame->offset,
        .size = frame->size,
        .marks = e->recovery       ? MARK_RECOVERED
                 : e->file.crc_bad ? MARK_CRC_BAD
                                   : 0,
        .event_id = event_id_of(e),
        .utc_hint = INSTANT_NONE,
    };
    /* Of a forwarded event, the frame's id is the collector's, not the event's. */
    if (!head_number(e, EVTX_RECORD_ID, &ev.record))
        ev.record = frame->id;
    ev.channel = head_text(e, EVTX_CHANNEL, arena);
    ev.provider = head_text(e, EVTX_PROVIDER, arena);
    ev.host = head_text(e, EVTX_COMPUTER, arena);
    ev.part = STR("");
    return ev;
}

static int report_damaged(struct evtx_events *e, struct evtx_gap *gap, struct err *err)
{
    *gap = e->damaged;
    *err = e->record.damage;
    e->damaged = (struct evtx_gap){0};
    return -1;
}

static int next_recovered(struct evtx_events *e, struct arena *arena, struct event *ret,
                          struct evtx_gap *gap, struct err *err)
{
    int got = evtx_recovery_next(e->recovery, &e->recovered, gap, err);
    if (got <= 0)
        return got;
    e->now = e->recovered.record;
    *ret = head_of(e, &e->recovered.frame, arena);
    return 1;
}

int evtx_events_next(struct evtx_events *e, struct arena *arena, struct event *ret,
                     struct evtx_gap *gap, struct err *err)
{
    struct evtx_frame frame;
    if (e->recovery)
        return next_recovered(e, arena, ret, gap, err);
    if (e->damaged.to)
        return report_damaged(e, gap, err);
    int got = evtx_file_next(&e->file, &frame, gap, err);
    if (got <= 0)
        return got;

    struct evtx_gap whole = {frame.offset, frame.offset + frame.size};
    if (evtx_record_locate(e->templates, &e->file.chunk, &frame, &e->record, err) < 0) {
        *gap = whole;
        return -1;
    }
    if (e->record.damaged)
        e->damaged = whole;
    *ret = head_of(e, &frame, arena);
    return 1;
}

/* ---- fields ---- */

static enum field_section section_of(const struct evtx_field *f)
{
    static const enum field_section sections[] = {
        [EVTX_SYSTEM] = SECTION_SYSTEM,
        [EVTX_DATA] = SECTION_DATA,
        [EVTX_RENDERING] = SECTION_MESSAGE,
    };
    return sections[f->section];
}

static enum field_type type_of(uint8_t type)
{
    type &= (uint8_t)~EVTX_TYPE_ARRAY;
    if (type == EVTX_TYPE_NULL)
        return FIELD_NULL;
    if (type == EVTX_TYPE_GUID)
        return FIELD_GUID;
    return type >= EVTX_TYPE_I8 && type <= EVTX_TYPE_U64 ? FIELD_NUMBER : FIELD_TEXT;
}

static struct str name_of(const struct evtx_field *f, struct arena *arena)
{
    uint16_t number = f->hole->name_value;
    if (number == EVTX_LITERAL || number >= f->instance->n_values)
        return f->hole->name;
    struct str name = value_text(f->instance->values[number], arena);
    return name.n ? name : f->hole->name;
}

/* An array repeats the element that holds it, once for each item. */
static void add_items(const struct evtx_field *f, struct evtx_value v, struct str name,
                      struct arena *arena, struct event *ev)
{
    size_t at = 0;
    struct bytes item;
    struct bytes raw = {v.p, v.n};
    uint8_t type = (uint8_t)(v.type & ~EVTX_TYPE_ARRAY);
    if (raw.n == 0)
        event_add(ev, arena, section_of(f), FIELD_TEXT, name, STR(""));
    while (evtx_value_item(v.type, raw, &at, &item))
        event_add(ev, arena, section_of(f), type_of(type), name,
                  evtx_value_text(type, item, arena));
}

static void add_field(const struct evtx_field *f, struct arena *arena, struct event *ev)
{
    struct str name = name_of(f, arena);
    if (f->hole->parts != 1) {
        event_add(ev, arena, section_of(f), FIELD_TEXT, name, field_text(f, arena));
        return;
    }
    struct evtx_value v = evtx_field_part(f, 0);
    if (v.type & EVTX_TYPE_ARRAY)
        add_items(f, v, name, arena, ev);
    else
        event_add(ev, arena, section_of(f), type_of(v.type), name, value_text(v, arena));
}

static void add_origin(const struct evtx_recovered *r, struct arena *arena, struct event *ev)
{
    static const char *const origins[] = {
        [EVTX_OF_SLACK] = "slack",
        [EVTX_OF_DAMAGE] = "behind damage",
        [EVTX_OF_BLOCK] = "no chunk",
        [EVTX_OF_IMAGE] = "image",
    };
    event_add(ev, arena, SECTION_DERIVED, FIELD_TEXT, STR("RecoveredFrom"),
              str_of(origins[r->origin]));
    if (r->elsewhere)
        event_add(ev, arena, SECTION_DERIVED, FIELD_TEXT, STR("RecoveredTemplate"),
                  STR("elsewhere"));
}

static void add_event_id(const struct evtx_field *f, uint64_t number, struct arena *arena,
                         struct event *ev)
{
    uint16_t id = (uint16_t)(number & 0xffff);
    uint8_t raw[2] = {(uint8_t)id, (uint8_t)(id >> 8)};
    event_add(ev, arena, SECTION_SYSTEM, FIELD_NUMBER, f->hole->name,
              evtx_value_text(EVTX_TYPE_U16, (struct bytes){raw, sizeof raw}, arena));
}

void evtx_events_fill(struct evtx_events *e, struct arena *arena, struct event *ev)
{
    struct evtx_field id;
    struct evtx_field f;
    uint64_t number;
    bool has_id =
        evtx_record_head(e->now, EVTX_EVENT_ID, &id) && head_number(e, EVTX_EVENT_ID, &number);
    struct evtx_fields it = evtx_fields_of(e->now);
    if (e->recovery)
        add_origin(&e->recovered, arena, ev);
    while (evtx_fields_next(&it, &f)) {
        if (has_id && f.instance == id.instance && f.hole == id.hole)
            add_event_id(&f, number, arena, ev);
        else
            add_field(&f, arena, ev);
    }
}

/* ---- fields that are wished for ---- */

struct filling {
    struct event *ev;
    struct arena *arena;
    struct wished *wished;
    size_t n;
    size_t cap;
};

static void answer(struct filling *fill, uint16_t name, size_t field)
{
    fill->wished =
        arena_grow(fill->arena, fill->wished, fill->n, &fill->cap, sizeof *fill->wished);
    fill->wished[fill->n++] = (struct wished){name, (uint16_t)field};
}

static void fill_hole(const struct evtx_events *e, const struct evtx_shape *shape,
                      const struct evtx_shape_hole *h, struct filling *fill)
{
    const struct evtx_instance *in = &e->now->instances[h->instance];
    struct evtx_field f = {in, &in->plan->holes[h->hole], (enum evtx_section)h->section};
    size_t first = fill->ev->n;
    uint64_t number;
    if (!h->always_there && !evtx_field_is_there(&f))
        return;
    if (h->event_id && head_number(e, EVTX_EVENT_ID, &number))
        add_event_id(&f, number, fill->arena, fill->ev);
    else
        add_field(&f, fill->arena, fill->ev);
    for (size_t i = first; i < fill->ev->n; i++)
        for (unsigned k = 0; k < h->links; k++)
            answer(fill, shape->links[h->link + k], i);
}

/* The event may hold more fields than are kept: which ones then depends on all of them. */
static bool may_overflow(const struct evtx_events *e, const struct evtx_shape *shape,
                         const struct event *ev)
{
    enum { DERIVED = 16 };
    size_t most = (size_t)shape->n_all + DERIVED;
    if (most + ev->size < LIMIT_FIELDS)
        return false;
    for (unsigned i = 0; i < e->now->n_values; i++)
        if (e->now->values[i].type & EVTX_TYPE_ARRAY)
            most += e->now->values[i].n;
    return most >= LIMIT_FIELDS;
}

static void answer_derived(struct filling *fill, const struct evtx_shape *shape, size_t first)
{
    for (size_t i = first; i < fill->ev->n; i++)
        for (unsigned k = 0; k < shape->n_derived; k++)
            if (str_eq(fill->ev->fields[i].name,
                       str_of(windows_derived_name(shape->derived[k].number))))
                answer(fill, shape->derived[k].name, i);
}

static void answer_doubts(struct filling *fill, const struct evtx_shape *shape,
                          const struct wish *wish)
{
    for (unsigned k = 0; k < shape->n_doubts; k++) {
        size_t at = 0;
        while (event_find(fill->ev, wish->names[shape->doubts[k]], &at))
            answer(fill, shape->doubts[k], at - 1);
    }
}

bool evtx_events_fill_some(struct evtx_events *e, struct arena *arena, struct event *ev,
                           const struct wish *wish)
{
    if (e->recovery)
        return false;
    const struct evtx_shape *shape = evtx_shape_of(e->shapes, e->now, wish);
    if (!shape || (wish->apart && shape->joined) || may_overflow(e, shape, ev))
        return false;
    enum { ROOM = 16 };
    struct filling fill = {.ev = ev, .arena = arena};
    fill.cap = (size_t)shape->n_links + shape->n_derived + ROOM;
    fill.wished = ARENA_ARRAY(arena, struct wished, fill.cap);
    ev->cap = (size_t)shape->n_holes + ROOM;
    ev->fields = ARENA_ARRAY(arena, struct field, ev->cap);
    ev->n = 0;
    for (unsigned i = 0; i < shape->n_holes; i++)
        fill_hole(e, shape, &shape->holes[i], &fill);
    size_t first = ev->n;
    windows_derive_some(ev, arena, shape->derive);
    answer_derived(&fill, shape, first);
    answer_doubts(&fill, shape, wish);
    ev->wished = fill.wished;
    ev->n_wished = (uint32_t)fill.n;
    ev->wish = wish->id;
    return true;
}

/* ---- keys ---- */

/* False if there is no room. */
static bool key_add(struct event_key *key, uint8_t type, const void *p, size_t n)
{
    enum { HEAD = 3 };
    if (n > EVENT_KEY_MAX || n + HEAD > EVENT_KEY_MAX - key->n)
        return false;
    uint8_t *to = key->bytes + key->n;
    to[0] = type;
    to[1] = (uint8_t)n;
    to[2] = (uint8_t)(n >> 8);
    if (n)
        memcpy(to + HEAD, p, n);
    key->n += HEAD + n;
    return true;
}

static bool key_add_absent(struct event_key *key)
{
    if (!key_add(key, 0, NULL, 0))
        return false;
    memset(key->bytes + key->n - sizeof(uint16_t), UINT8_MAX, sizeof(uint16_t));
    return true;
}

/* What the template says is in the shape's print. */
static bool key_hole(const struct evtx_events *e, const struct evtx_shape_hole *h,
                     struct event_key *key)
{
    const struct evtx_instance *in = &e->now->instances[h->instance];
    struct evtx_field f = {in, &in->plan->holes[h->hole], (enum evtx_section)h->section};
    if (!h->always_there && !evtx_field_is_there(&f))
        return key_add_absent(key);
    for (unsigned i = 0; i < f.hole->parts; i++) {
        if (in->plan->parts[f.hole->part + i].value == EVTX_LITERAL)
            continue;
        struct evtx_value v = evtx_field_part(&f, i);
        if (!key_add(key, v.type, v.p, v.n))
            return false;
    }
    return true;
}

bool evtx_events_key(struct evtx_events *e, const struct event *ev, const struct wish *wish,
                     struct event_key *ret)
{
    if (e->recovery)
        return false;
    const struct evtx_shape *shape = evtx_shape_of(e->shapes, e->now, wish);
    if (!shape || (wish->apart && shape->joined) || may_overflow(e, shape, ev))
        return false;
    *ret = (struct event_key){shape->print, shape->mark, e->key, EVENT_KEY_HEAD};
    bool fits = key_add(ret, 0, ev->provider.p, ev->provider.n) &&
                key_add(ret, 0, ev->host.p, ev->host.n);
    for (unsigned i = 0; i < shape->n_holes && fits; i++)
        fits = key_hole(e, &shape->holes[i], ret);
    return fits;
}

struct bytes evtx_events_chunk(const struct evtx_events *e)
{
    struct bytes none = {0};
    return e->recovery ? none : e->file.chunk.bytes;
}

void evtx_events_also(struct evtx_events *e, const struct wish *also)
{
    if (e->shapes)
        evtx_shapes_also(e->shapes, also);
}
