#include "format/evtx_recover.h"

#include "base/limits.h"
#include "format/evtx_int.h"
#include "format/evtx_value.h"

enum {
    SHELLS_MAX = 1 << 19,      /* of one call of open: 32 MiB of memory */
    REGION_WORK_MAX = 1 << 20, /* bytes of shells and definitions read for one region, and
                                  again: whole records need about 64 KiB */
    TWINS_MAX = 4,             /* records of the same number and time that are compared */
    CHAIN_MAX = 64,            /* shells looked at for them: crafted ones may share a slot */
    RECORDS_AT = 512,          /* where the records of a chunk start */
    RECORD_HEAD = 24,
    RECORD_FRAME = 28, /* bytes of a record around its binary XML */
    HASH_START = 64,
};

/* 1990 and 2100 as FILETIME: no record was written outside of this. */
static const uint64_t TIME_FIRST = UINT64_C(122756256000000000);
static const uint64_t TIME_LAST = UINT64_C(157469184000000000);

struct region { /* a stretch that is searched */
    uint64_t from, to;
    uint64_t context; /* offset of its chunk, of which names and definitions are */
    uint32_t context_n;
    uint8_t origin;  /* enum evtx_origin */
    bool lone;       /* no chunk is known: each record tells where its own would be */
    bool renumbered; /* record ids of the frames are not those of the events: an export */
};

struct shell {
    uint64_t offset;
    uint64_t id, written;
    uint64_t context; /* as of its region, or its own if that is `lone` */
    uint32_t size;
    uint32_t region;
    uint32_t next; /* same slot of the table; index + 1 */
    uint32_t twin; /* first of its records in the chunks; index + 1 */
};

struct twin { /* a record of a chunk with the number and time of a shell */
    struct evtx_frame frame;
    uint64_t chunk;
    uint32_t next; /* index + 1 */
};

struct content {   /* what a whole shell says */
    uint64_t hash; /* 0: the slot is free */
    bool known;    /* the log's own records say it, or a shell before */
};

struct evtx_recovery {
    struct arena *arena;
    struct bytes file;
    struct evtx_templates *templates;
    struct region *regions;
    size_t n_regions, cap_regions;
    struct shell *shells;
    size_t n_shells, cap_shells;
    uint32_t *slots; /* of shells by number and time; index + 1 */
    size_t n_slots;
    struct twin *twins;
    size_t n_twins, cap_twins;
    bool renumbered;          /* the log */
    struct content *contents; /* of the whole ones; as many slots as of shells */
    struct evtx_gap cut;      /* not searched: too many shells; told at the end */
    size_t at;                /* next shell */
    uint64_t taken_to;        /* end of the record that was taken last */
    uint64_t spent;           /* of the region's work */
    uint32_t spent_on;        /* which region */
    struct evtx_recovery_counts counts;
    struct evtx_record record;
    struct evtx_record other; /* that it is compared with */
};

static struct bytes part(struct bytes file, uint64_t from, uint64_t n)
{
    if (from >= file.n)
        return (struct bytes){0};
    uint64_t left = file.n - from;
    return (struct bytes){file.p + from, (size_t)(n < left ? n : left)};
}

/* ---- where to search ---- */

static void add_region(struct evtx_recovery *r, struct region region)
{
    if (region.from >= region.to)
        return;
    r->regions =
        arena_grow(r->arena, r->regions, r->n_regions, &r->cap_regions, sizeof *r->regions);
    r->regions[r->n_regions++] = region;
}

/* The number that the record itself states. */
static bool has_number(const struct evtx_record *record, uint64_t *ret)
{
    struct evtx_field f;
    if (!evtx_record_head(record, EVTX_RECORD_ID, &f) || f.hole->parts != 1)
        return false;
    struct evtx_value v = evtx_field_part(&f, 0);
    return evtx_value_number(v.type, (struct bytes){v.p, v.n}, ret);
}

/* Whether that is not the one of its frame. */
static bool is_renumbered(const struct evtx_record *record, const struct evtx_frame *frame)
{
    uint64_t id;
    return has_number(record, &id) && id != frame->id;
}

/* Whether the first readable record of a chunk is renumbered; -1 if none is readable. */
static int chunk_renumbered(struct evtx_recovery *r, struct evtx_chunk chunk)
{
    struct evtx_frame frame;
    struct err ignored = {0};
    while (evtx_chunk_next(&chunk, &frame, &ignored) > 0)
        if (evtx_record_locate(r->templates, &chunk, &frame, &r->record, &ignored) == 0 &&
            !r->record.damaged)
            return is_renumbered(&r->record, &frame);
    return -1;
}

/* The regions of a log: of each block what is behind the records of its chunk, or all of it
 * where it is none. */
static void regions_of_log(struct evtx_recovery *r, uint64_t from, uint64_t to)
{
    int renumbered = -1;
    if (from == 0 && !evtx_is_chunk(r->file))
        from = EVTX_HEADER_SIZE;
    for (uint64_t at = from; at < to; at += EVTX_CHUNK_SIZE) {
        struct bytes block = part(r->file, at, EVTX_CHUNK_SIZE);
        struct region region = {at,    at + block.n, at, (uint32_t)block.n, EVTX_OF_BLOCK,
                                false, false};
        struct evtx_chunk chunk;
        struct evtx_frame frame;
        struct err ignored = {0};
        if (evtx_chunk_open(block, at, &chunk, &ignored) == 0) {
            int got;
            if (renumbered < 0)
                renumbered = chunk_renumbered(r, chunk);
            while ((got = evtx_chunk_next(&chunk, &frame, &ignored)) > 0) {
            }
            region.from = at + chunk.at + (-chunk.at & 3); /* in the chunk's steps */
            region.origin = (uint8_t)(got < 0 ? EVTX_OF_DAMAGE : EVTX_OF_SLACK);
        }
        region.renumbered = renumbered > 0;
        add_region(r, region);
    }
    r->renumbered = renumbered > 0;
}

static void lone_region(struct evtx_recovery *r, uint64_t from, uint64_t to)
{
    from += -from & 3; /* the same steps, whatever part of the file this is */
    add_region(r,
               (struct region){.from = from, .to = to, .origin = EVTX_OF_IMAGE, .lone = true});
}

/* The next chunk that starts in [from, to); UINT64_MAX if there is none. */
static uint64_t find_chunk(struct bytes file, uint64_t from, uint64_t to)
{
    struct evtx_chunk chunk;
    struct err ignored = {0};
    while (from < to) {
        const uint8_t *p = memchr(file.p + from, 'E', (size_t)(to - from));
        if (!p)
            break;
        from = (uint64_t)(p - file.p);
        struct bytes block = part(file, from, EVTX_CHUNK_SIZE);
        if (evtx_is_chunk(block) && evtx_chunk_open(block, from, &chunk, &ignored) == 0)
            return from;
        from++;
    }
    return UINT64_MAX;
}

/* The regions of an image: the chunks in it, and what is between them. A chunk that starts
 * before `from` is that of the part before, and so are its records behind `from`: each record
 * belongs to the part in which it starts, wherever its chunk does. */
static void regions_of_image(struct evtx_recovery *r, uint64_t from, uint64_t to)
{
    uint64_t back = from > EVTX_CHUNK_SIZE ? from - EVTX_CHUNK_SIZE : 0;
    uint64_t at = find_chunk(r->file, back, to);
    uint64_t done = from; /* regions reach up to here */
    while (at != UINT64_MAX) {
        struct bytes block = part(r->file, at, EVTX_CHUNK_SIZE);
        uint64_t next = find_chunk(r->file, at + 1, to);
        uint64_t end = at + block.n < next ? at + block.n : next;
        struct evtx_chunk chunk;
        struct err ignored = {0};
        (void)evtx_chunk_open(block, at, &chunk, &ignored);
        uint64_t first = at + RECORDS_AT > done ? at + RECORDS_AT : done;
        struct region region = {.from = first + ((at - first) & 3), /* in the chunk's steps */
                                .to = end < to ? end : to,
                                .context = at,
                                .context_n = (uint32_t)block.n,
                                .origin = EVTX_OF_IMAGE,
                                .renumbered = chunk_renumbered(r, chunk) > 0};
        if (at > done)
            lone_region(r, done, at);
        add_region(r, region);
        done = end > done ? end : done;
        at = next;
    }
    lone_region(r, done, to);
}

/* ---- shells ---- */

static size_t slot_of(const struct evtx_recovery *r, uint64_t id, uint64_t written)
{
    uint64_t h = (id ^ written * UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xff51afd7ed558ccd);
    return (size_t)(h >> 32) & (r->n_slots - 1);
}

/* Where the chunk of a lone record starts, as its own template definition tells, which knows
 * its place in the chunk; UINT64_MAX if the record has none. */
static uint64_t context_of(struct bytes file, const struct evtx_frame *frame)
{
    enum { INSTANCE_AT = 4, ID_AT = 6, PLACE_AT = 10, DEFINITION_AT = 14, GUID_AT = 18 };
    const uint8_t *p = frame->binxml.p;
    if (frame->binxml.n < GUID_AT + 4 || p[INSTANCE_AT] != 0x0c ||
        le32(p + ID_AT) != le32(p + GUID_AT))
        return UINT64_MAX;
    uint64_t definition = (uint64_t)(p - file.p) + DEFINITION_AT;
    uint32_t place = le32(p + PLACE_AT);
    bool plausible = place > RECORDS_AT && place < EVTX_CHUNK_SIZE && place <= definition;
    return plausible ? definition - place : UINT64_MAX;
}

static bool add_shell(struct evtx_recovery *r, size_t region, uint64_t context,
                      const struct evtx_frame *frame)
{
    if (r->n_shells == SHELLS_MAX)
        return false;
    r->shells = arena_grow(r->arena, r->shells, r->n_shells, &r->cap_shells, sizeof *r->shells);
    r->shells[r->n_shells++] = (struct shell){.offset = frame->offset,
                                              .id = frame->id,
                                              .written = frame->written,
                                              .context = context,
                                              .size = frame->size,
                                              .region = (uint32_t)region};
    return true;
}

/* All shells of a region, overlapping ones too. False when there are too many. */
static bool list_shells(struct evtx_recovery *r, size_t index)
{
    const struct region *g = &r->regions[index];
    uint64_t end = g->lone ? g->to + EVTX_CHUNK_SIZE : g->context + g->context_n;
    struct bytes block = part(r->file, g->from, end - g->from);
    struct evtx_frame frame;
    uint64_t context = UINT64_MAX; /* of the lone records before */
    for (uint64_t at = g->from; evtx_shell_find(block, g->from, (size_t)(at - g->from), &frame);
         at = frame.offset + 4) {
        if (frame.offset >= g->to)
            break;
        uint64_t own = g->lone ? context_of(r->file, &frame) : g->context;
        if (own != UINT64_MAX)
            context = own;
        if (context != UINT64_MAX && frame.offset + frame.size - context > EVTX_CHUNK_SIZE)
            context = UINT64_MAX;
        if (!add_shell(r, index, context == UINT64_MAX ? frame.offset : context, &frame)) {
            r->cut = (struct evtx_gap){frame.offset, r->regions[r->n_regions - 1].to};
            return false;
        }
    }
    return true;
}

static void index_shells(struct evtx_recovery *r)
{
    r->n_slots = HASH_START;
    while (r->n_slots <= 2 * r->n_shells) /* contents may be two for each: never full */
        r->n_slots *= 2;
    r->slots = ARENA_ARRAY(r->arena, uint32_t, r->n_slots);
    r->contents = ARENA_ARRAY(r->arena, struct content, r->n_slots);
    for (size_t i = r->n_shells; i > 0; i--) { /* so that chains are in the order of the file */
        struct shell *s = &r->shells[i - 1];
        uint32_t *slot = &r->slots[slot_of(r, s->id, s->written)];
        s->next = *slot;
        *slot = (uint32_t)i;
    }
}

/* Notes a record of a chunk if shells have its number and time. */
static void note_twin(struct evtx_recovery *r, const struct evtx_frame *frame, uint64_t chunk)
{
    unsigned tries = 0;
    unsigned steps = 0;
    for (uint32_t i = r->slots[slot_of(r, frame->id, frame->written)]; i && steps < CHAIN_MAX;
         i = r->shells[i - 1].next, steps++) {
        struct shell *s = &r->shells[i - 1];
        if (s->id != frame->id || s->written != frame->written)
            continue;
        if (tries++ == TWINS_MAX)
            return;
        r->twins = arena_grow(r->arena, r->twins, r->n_twins, &r->cap_twins, sizeof *r->twins);
        r->twins[r->n_twins] = (struct twin){*frame, chunk, s->twin};
        s->twin = (uint32_t)++r->n_twins;
    }
}

/* Looks through the log's own records for those that shells may be copies of. */
static void find_twins(struct evtx_recovery *r)
{
    struct evtx_file f = evtx_file_open(r->file, 0, r->file.n, false);
    struct evtx_frame frame;
    struct evtx_gap gap;
    struct err ignored = {0};
    f.has_shells = true; /* it need not look */
    for (int got; (got = evtx_file_next(&f, &frame, &gap, &ignored)) != 0;)
        if (got > 0)
            note_twin(r, &frame, f.chunk.offset);
}

/* ---- what makes a shell a record ---- */

/* How many bytes of a value say something: not the room of a NULL, not what ends a text. */
static size_t said_by(struct evtx_value v)
{
    if (v.type == EVTX_TYPE_NULL)
        return 0;
    size_t n = v.n;
    while (v.type == EVTX_TYPE_STRING && n >= 2 && le16(v.p + n - 2) == 0)
        n -= 2;
    return n;
}

/* A number for what a record says, the same wherever its template and names are. Not 0. */
static uint64_t content_of(const struct evtx_record *record)
{
    uint64_t h = UINT64_C(0x9e3779b97f4a7c15);
    struct evtx_fields it = evtx_fields_of(record);
    for (struct evtx_field f; evtx_fields_next(&it, &f);) {
        h = evtx_mix_bytes(h, str_bytes(f.hole->name));
        for (unsigned i = 0; i < f.hole->parts; i++) {
            struct evtx_value v = evtx_field_part(&f, i);
            h = evtx_mix_bytes(evtx_mix(h, v.type), (struct bytes){v.p, said_by(v)});
        }
    }
    return h ? h : 1;
}

static bool has_text(const struct evtx_record *record, enum evtx_head head)
{
    struct evtx_field f;
    if (!evtx_record_head(record, head, &f))
        return false;
    for (unsigned i = 0; i < f.hole->parts; i++)
        if (evtx_field_part(&f, i).n)
            return true;
    return false;
}

static bool in_time(uint64_t filetime)
{
    return filetime >= TIME_FIRST && filetime < TIME_LAST;
}

static bool has_time(const struct evtx_record *record)
{
    struct evtx_field f;
    uint64_t filetime;
    if (!evtx_record_head(record, EVTX_TIME, &f) || f.hole->parts != 1)
        return true; /* then it is the time written */
    struct evtx_value v = evtx_field_part(&f, 0);
    return evtx_value_filetime(v.type, (struct bytes){v.p, v.n}, &filetime) &&
           in_time(filetime);
}

static bool has_event_id(const struct evtx_record *record)
{
    struct evtx_field f;
    uint64_t id;
    if (!evtx_record_head(record, EVTX_EVENT_ID, &f) || f.hole->parts != 1)
        return false;
    struct evtx_value v = evtx_field_part(&f, 0);
    return evtx_value_number(v.type, (struct bytes){v.p, v.n}, &id);
}

/* Locates a shell's fields; false if it is no record. */
static bool is_record(struct evtx_recovery *r, const struct shell *s)
{
    const struct region *g = &r->regions[s->region];
    struct err ignored = {0};
    uint64_t n = s->context == s->offset ? s->size : EVTX_CHUNK_SIZE;
    struct bytes context = part(r->file, s->context, n);
    if (!g->lone)
        context = part(r->file, g->context, g->context_n);
    struct evtx_chunk chunk = {.bytes = context, .offset = s->context};
    struct evtx_frame frame = {
        .offset = s->offset,
        .size = s->size,
        .id = s->id,
        .binxml = {r->file.p + s->offset + RECORD_HEAD, s->size - RECORD_FRAME}};
    return in_time(s->written) &&
           evtx_record_locate(r->templates, &chunk, &frame, &r->record, &ignored) == 0 &&
           !r->record.damaged && (g->renumbered || !is_renumbered(&r->record, &frame)) &&
           has_time(&r->record) && has_event_id(&r->record) &&
           (has_text(&r->record, EVTX_CHANNEL) || has_text(&r->record, EVTX_PROVIDER));
}

/* Whether one of the chunks' own records says the same. Leaves r->record unusable if it
 * looked at any: sets *ret_looked. */
static bool has_twin(struct evtx_recovery *r, const struct shell *s, uint64_t content,
                     bool *ret_looked)
{
    for (uint32_t i = s->twin; i; i = r->twins[i - 1].next) {
        const struct twin *w = &r->twins[i - 1];
        struct evtx_chunk chunk = {.bytes = part(r->file, w->chunk, EVTX_CHUNK_SIZE),
                                   .offset = w->chunk};
        struct err ignored = {0};
        r->spent += w->frame.size;
        *ret_looked = true;
        if (evtx_record_locate(r->templates, &chunk, &w->frame, &r->other, &ignored) == 0 &&
            content_of(&r->other) == content)
            return true;
    }
    return false;
}

static struct content *find_content(const struct evtx_recovery *r, uint64_t hash)
{
    size_t i = (size_t)(hash >> 32) & (r->n_slots - 1);
    while (r->contents[i].hash && r->contents[i].hash != hash)
        i = (i + 1) & (r->n_slots - 1);
    return &r->contents[i];
}

/* Whether this was said before; it is now. */
static bool was_seen(const struct evtx_recovery *r, uint64_t hash)
{
    struct content *c = find_content(r, hash);
    bool known = c->known;
    *c = (struct content){hash, true};
    return known;
}

/* A region's share of work: of a small one, as an image with chunk upon chunk has very many,
 * less; of what lies between the chunks of an image, in proportion. */
static uint64_t share_of(const struct region *g)
{
    enum { LEAST = 128 * 1024, CROWDED = 16, SPARSE = 4 };
    uint64_t n = g->to - g->from;
    uint64_t share = LEAST + CROWDED * n;
    if (g->lone)
        return REGION_WORK_MAX + SPARSE * n;
    return share < REGION_WORK_MAX ? share : REGION_WORK_MAX;
}

/* Whether the region's share of work is not used up yet. */
static bool may_spend(struct evtx_recovery *r, const struct shell *s)
{
    if (s->region != r->spent_on) {
        r->spent_on = s->region;
        r->spent = 0;
    }
    return r->spent < share_of(&r->regions[s->region]);
}

/* is_record, with its cost. */
static bool look_at(struct evtx_recovery *r, const struct shell *s)
{
    uint64_t before = evtx_templates_work(r->templates);
    bool yes = is_record(r, s);
    r->spent += s->size + evtx_templates_work(r->templates) - before;
    return yes;
}

/* Learns the definitions that lie in shells: those before and behind may need them. */
static void learn_definitions(struct evtx_recovery *r)
{
    uint64_t taken_to = 0;
    for (size_t i = 0; i < r->n_shells; i++) {
        const struct shell *s = &r->shells[i];
        if (s->offset >= taken_to && may_spend(r, s) && look_at(r, s))
            taken_to = s->offset + s->size;
    }
    r->spent = 0;
    r->spent_on = 0;
}

/* An export numbers records anew and may write them at another time: there, only what they
 * say tells a copy. Puts down what the whole shells say, and which of that the log's own
 * records say too. */
static void find_said(struct evtx_recovery *r)
{
    struct evtx_file f = evtx_file_open(r->file, 0, r->file.n, false);
    struct evtx_frame frame;
    struct evtx_gap gap;
    struct err ignored = {0};
    uint64_t taken_to = 0;
    for (size_t i = 0; i < r->n_shells; i++) {
        const struct shell *s = &r->shells[i];
        if (s->offset < taken_to || !may_spend(r, s) || !look_at(r, s))
            continue;
        uint64_t hash = content_of(&r->record);
        find_content(r, hash)->hash = hash;
        taken_to = s->offset + s->size;
    }
    f.has_shells = true;
    for (int got; (got = evtx_file_next(&f, &frame, &gap, &ignored)) != 0;) {
        if (got < 0 ||
            evtx_record_locate(r->templates, &f.chunk, &frame, &r->record, &ignored) < 0)
            continue;
        struct content *c = find_content(r, content_of(&r->record));
        c->known = c->hash != 0;
    }
    r->spent = 0;
    r->spent_on = 0;
}

struct evtx_recovery *evtx_recovery_open(struct bytes file, uint64_t from, uint64_t to,
                                         bool image, const struct evtx_elsewhere *elsewhere,
                                         struct arena *arena)
{
    struct evtx_recovery *r = ARENA_NEW(arena, struct evtx_recovery);
    r->arena = arena;
    r->file = file;
    r->templates = evtx_templates_new_strict(arena, elsewhere);
    to = to < file.n ? to : file.n;
    if (image)
        regions_of_image(r, from, to);
    else
        regions_of_log(r, from, to);
    for (size_t i = 0; i < r->n_regions; i++)
        if (!list_shells(r, i))
            break;
    if (r->n_shells == 0)
        return r;
    index_shells(r);
    if (!image)
        find_twins(r);
    learn_definitions(r);
    if (r->renumbered)
        find_said(r);
    return r;
}

static void give(struct evtx_recovery *r, const struct shell *s, struct evtx_recovered *ret)
{
    *ret = (struct evtx_recovered){
        .frame = {.offset = s->offset,
                  .size = s->size,
                  .id = s->id,
                  .written = s->written,
                  .binxml = {r->file.p + s->offset + RECORD_HEAD, s->size - RECORD_FRAME}},
        .record = &r->record,
        .origin = (enum evtx_origin)r->regions[s->region].origin,
        .elsewhere = r->record.elsewhere,
    };
}

/* The rest of a region is given up. */
static int give_up(struct evtx_recovery *r, const struct shell *s, struct evtx_gap *gap,
                   struct err *err)
{
    uint32_t region = s->region;
    *gap = (struct evtx_gap){s->offset, r->regions[region].to};
    while (r->at < r->n_shells && r->shells[r->at].region == region)
        r->at++;
    return err_set(err, ERR_LIMIT, "too many damaged records to search for whole ones");
}

static int end(struct evtx_recovery *r, struct evtx_gap *gap, struct err *err)
{
    if (r->cut.to == 0)
        return 0;
    *gap = r->cut;
    r->cut = (struct evtx_gap){0};
    return err_set(err, ERR_LIMIT, "too many records left over to search for whole ones");
}

int evtx_recovery_next(struct evtx_recovery *r, struct evtx_recovered *ret,
                       struct evtx_gap *gap, struct err *err)
{
    while (r->at < r->n_shells) {
        const struct shell *s = &r->shells[r->at++];
        bool looked = false;
        if (s->offset < r->taken_to)
            continue;
        if (!may_spend(r, s))
            return give_up(r, s, gap, err);
        if (!look_at(r, s)) {
            r->counts.unreadable++;
            continue;
        }
        r->taken_to = s->offset + s->size;
        uint64_t content = content_of(&r->record);
        if (was_seen(r, content) || has_twin(r, s, content, &looked)) {
            r->counts.copies++;
            continue;
        }
        if (looked && !look_at(r, s))
            continue; /* cannot be: it was a record just now */
        r->counts.recovered++;
        give(r, s, ret);
        return 1;
    }
    return end(r, gap, err);
}

bool evtx_recovery_has_shells(const struct evtx_recovery *r)
{
    return r->n_shells > 0;
}

bool evtx_recovery_definition(const struct evtx_recovery *r, unsigned i,
                              struct evtx_definition *ret)
{
    return evtx_templates_learned(r->templates, i, ret);
}

struct evtx_recovery_counts evtx_recovery_counts(const struct evtx_recovery *r)
{
    return r->counts;
}
