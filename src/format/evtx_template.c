#include "format/evtx_template.h"

#include <inttypes.h>

#include "base/limits.h"
#include "base/utf.h"
#include "format/evtx_chunk.h"
#include "format/evtx_int.h"

enum {
    DEFINITION_HEAD = 24, /* u32 next, GUID, u32 size */
    GUID_SIZE = 16,

    /* Room to compile in. A chunk cannot hold more elements than this with names of usual
     * length; a crafted one that needs more costs its record. */
    SCRATCH_HOLES = 8192,
    SCRATCH_PARTS = 8192,
    SCRATCH_TEXT = 256 * 1024,

    /* Room to keep plans in: 250 of the usual size per block. All samples together need
     * about 700 plans. */
    PLANS_MAX = 4096,
    SLOTS = 2 * PLANS_MAX,
    BLOCK_SIZE = 512 * 1024,
    BLOCKS_MAX = 16,

    TOUCHED_MAX = 1024,
    TRIES_MAX = 64, /* a crafted file may want to make searching slow */
};

struct known_plan {
    uint8_t guid[GUID_SIZE];
    uint64_t fingerprint;
    uint64_t chunk; /* where it was learned: start of the chunk in the file */
    uint32_t at;    /* and bytes into that */
    struct evtx_plan plan;
};

struct evtx_templates {
    struct arena *arena;
    struct bytes chunk; /* that `at` speaks of */
    uint64_t chunk_offset;
    uint16_t at[EVTX_CHUNK_SIZE];  /* plan number + 1 by definition offset, this chunk */
    uint16_t touched[TOUCHED_MAX]; /* entries of `at` to clear */
    unsigned n_touched;

    struct known_plan plans[PLANS_MAX];
    unsigned n_plans;
    uint16_t slots[SLOTS]; /* open addressing by fingerprint: plan number + 1 */
    char *blocks[BLOCKS_MAX];
    unsigned block; /* the one being filled */
    size_t block_used;
    bool full; /* forget everything before the next record; strict: keep no more */
    uint64_t compiled;
    uint32_t numbered; /* plans that were kept so far */
    uint64_t work;     /* bytes of definitions read */

    bool strict;
    const struct evtx_elsewhere *elsewhere;
    uint16_t ids[SLOTS]; /* strict: open addressing by id: plan number + 1 */

    struct evtx_hole holes[SCRATCH_HOLES]; /* plans under construction, and those that */
    struct evtx_part parts[SCRATCH_PARTS]; /* live for one record, one after the other */
    uint16_t nests[SCRATCH_HOLES];
    char text[SCRATCH_TEXT];
    struct evtx_plan passing[LIMIT_BINXML_NEST * 8];
    unsigned n_holes, n_parts, n_nests, n_passing;
    size_t n_text;
};

struct evtx_templates *evtx_templates_new(struct arena *arena)
{
    struct evtx_templates *t = ARENA_NEW(arena, struct evtx_templates);
    t->arena = arena;
    return t;
}

struct evtx_templates *evtx_templates_new_strict(struct arena *arena,
                                                 const struct evtx_elsewhere *elsewhere)
{
    struct evtx_templates *t = evtx_templates_new(arena);
    t->strict = true;
    t->elsewhere = elsewhere;
    return t;
}

bool evtx_templates_strict(const struct evtx_templates *t)
{
    return t->strict;
}

bool evtx_templates_learned(const struct evtx_templates *t, unsigned i,
                            struct evtx_definition *ret)
{
    if (i >= t->n_plans)
        return false;
    const struct known_plan *k = &t->plans[i];
    *ret = (struct evtx_definition){
        .id = le32(k->guid), .fingerprint = k->fingerprint, .chunk = k->chunk, .at = k->at};
    memcpy(ret->guid, k->guid, sizeof ret->guid);
    return true;
}

uint64_t evtx_templates_work(const struct evtx_templates *t)
{
    return t->work;
}

uint64_t evtx_templates_compiled(const struct evtx_templates *t)
{
    return t->compiled;
}

static void forget_chunk(struct evtx_templates *t)
{
    if (t->n_touched == TOUCHED_MAX)
        memset(t->at, 0, sizeof t->at);
    else
        for (unsigned i = 0; i < t->n_touched; i++)
            t->at[t->touched[i]] = 0;
    t->n_touched = 0;
}

static void forget_plans(struct evtx_templates *t)
{
    forget_chunk(t);
    memset(t->slots, 0, sizeof t->slots);
    t->n_plans = 0;
    t->block = 0;
    t->block_used = 0;
    t->full = false;
}

void evtx_templates_record(struct evtx_templates *t, struct bytes chunk, uint64_t chunk_offset)
{
    t->n_holes = t->n_parts = t->n_nests = t->n_passing = 0;
    t->n_text = 0;
    if (t->chunk.p != chunk.p || t->chunk_offset != chunk_offset) {
        forget_chunk(t);
        t->chunk = chunk;
        t->chunk_offset = chunk_offset;
    }
    if (t->full && !t->strict)
        forget_plans(t);
}

/* ---- compiling ---- */

struct element {
    struct bytes name;
    struct bytes given;  /* Data's Name attribute, where that is a literal */
    uint16_t name_value; /* or its value number; else EVTX_LITERAL */
    bool named;          /* it has one */
    bool attributes;     /* it has others */
    bool has_child;
    uint8_t section;
    int text;       /* hole of its content; -1 if there is none yet */
    unsigned first; /* the first hole within it */
};

struct compiler {
    struct evtx_templates *t;
    struct element stack[LIMIT_BINXML_DEPTH];
    unsigned depth;         /* elements open */
    struct bytes attribute; /* whose value comes now */
    bool in_attribute;
    int attribute_hole; /* -1: none yet, or none wanted */
    bool root_is_event;
    bool limit; /* ran out of room */
    unsigned first_hole, first_part, first_nest;
    size_t first_text;
    unsigned n_values;
    int head[EVTX_HEADS];
};

/* The stack stays as it is: a level is written before it is read. */
static void compiler_start(struct compiler *c, struct evtx_templates *t)
{
    c->t = t;
    c->depth = 0;
    c->attribute = (struct bytes){0};
    c->in_attribute = false;
    c->attribute_hole = -1;
    c->root_is_event = false;
    c->limit = false;
    c->first_hole = t->n_holes;
    c->first_part = t->n_parts;
    c->first_nest = t->n_nests;
    c->first_text = t->n_text;
    c->n_values = 0;
    for (size_t i = 0; i < EVTX_HEADS; i++)
        c->head[i] = -1;
}

static void put_text(struct compiler *c, struct bytes utf16)
{
    if (SCRATCH_TEXT - c->t->n_text < utf16.n / 2 * 3) {
        c->limit = true;
        return;
    }
    c->t->n_text += utf16le_put(c->t->text + c->t->n_text, utf16);
}

/* The field name of an element's content or, with `attribute`, of that attribute. */
static struct str field_name(struct compiler *c, const struct element *e,
                             const struct bytes *attribute)
{
    size_t from = c->t->n_text;
    put_text(c, e->given.n && !attribute ? e->given : e->name);
    if (attribute) {
        put_text(c, (struct bytes){(const uint8_t *)"_", 2}); /* '_' and NUL: one character */
        put_text(c, *attribute);
    }
    return (struct str){c->t->text + from, c->t->n_text - from};
}

static int new_hole(struct compiler *c, const struct element *e, struct str name)
{
    struct evtx_templates *t = c->t;
    if (t->n_holes == SCRATCH_HOLES || c->limit) {
        c->limit = true;
        return -1;
    }
    t->holes[t->n_holes] = (struct evtx_hole){
        .name = name,
        .part = t->n_parts - c->first_part,
        .name_value = EVTX_LITERAL,
        .only = EVTX_LITERAL,
        .section = e->section,
        .depth = (uint8_t)c->depth,
    };
    return (int)(t->n_holes++ - c->first_hole);
}

static void set_head(struct compiler *c, enum evtx_head head, int hole)
{
    if (c->head[head] < 0)
        c->head[head] = hole;
}

static void note_text_head(struct compiler *c, const struct element *e, int hole)
{
    if (utf16_is(e->name, "EventID"))
        set_head(c, EVTX_EVENT_ID, hole);
    else if (utf16_is(e->name, "Channel"))
        set_head(c, EVTX_CHANNEL, hole);
    else if (utf16_is(e->name, "Computer"))
        set_head(c, EVTX_COMPUTER, hole);
    else if (utf16_is(e->name, "EventRecordID"))
        set_head(c, EVTX_RECORD_ID, hole);
}

static int text_hole(struct compiler *c, struct element *e)
{
    int hole = new_hole(c, e, field_name(c, e, NULL));
    if (hole < 0)
        return hole;
    if (e->named)
        c->t->holes[c->first_hole + (unsigned)hole].name_value = e->name_value;
    if (e->section == EVTX_SYSTEM && c->depth == 3)
        note_text_head(c, e, hole);
    return hole;
}

/* TimeCreated has nothing but its SystemTime: the field takes the element's name. */
static int attribute_hole(struct compiler *c, struct element *e)
{
    bool time = e->section == EVTX_SYSTEM && utf16_is(e->name, "TimeCreated") &&
                utf16_is(c->attribute, "SystemTime");
    e->attributes = true;
    int hole = new_hole(c, e, field_name(c, e, time ? NULL : &c->attribute));
    if (hole < 0)
        return hole;
    c->t->holes[c->first_hole + (unsigned)hole].attribute = true;
    if (time)
        set_head(c, EVTX_TIME, hole);
    if (e->section == EVTX_SYSTEM && utf16_is(e->name, "Provider") &&
        utf16_is(c->attribute, "Name"))
        set_head(c, EVTX_PROVIDER, hole);
    return hole;
}

static void add_part(struct compiler *c, int hole, const struct binxml_token *tok)
{
    struct evtx_templates *t = c->t;
    if (hole < 0 || t->n_parts == SCRATCH_PARTS) {
        c->limit = true;
        return;
    }
    struct evtx_hole *h = &t->holes[c->first_hole + (unsigned)hole];
    struct evtx_part *part = &t->parts[t->n_parts++];
    *part = (struct evtx_part){.literal = tok->text, .value = EVTX_LITERAL};
    if (tok->kind == BINXML_VALUE)
        part->value = tok->value;
    h->only = h->parts == 0 ? part->value : EVTX_LITERAL;
    h->optional = tok->optional && (h->parts == 0 || h->optional);
    h->parts++;
}

static bool takes_name_from_attribute(const struct compiler *c, const struct element *e)
{
    return e->section != EVTX_SYSTEM && utf16_is(c->attribute, "Name") &&
           (utf16_is(e->name, "Data") || utf16_is(e->name, "ComplexData"));
}

static bool is_namespace(struct bytes attribute)
{
    return attribute.n >= 10 && utf16_is((struct bytes){attribute.p, 10}, "xmlns");
}

static void attribute_value(struct compiler *c, struct element *e,
                            const struct binxml_token *tok)
{
    if (is_namespace(c->attribute))
        return;
    if (takes_name_from_attribute(c, e)) {
        if (!e->named && tok->kind == BINXML_VALUE)
            e->name_value = tok->value;
        else if (!e->named)
            e->given = tok->text; /* an empty name is none: the element's is used */
        e->named = true;
        return;
    }
    if (c->attribute_hole < 0)
        c->attribute_hole = attribute_hole(c, e);
    add_part(c, c->attribute_hole, tok);
}

static void nest(struct compiler *c, struct element *e, const struct binxml_token *tok)
{
    struct evtx_templates *t = c->t;
    int hole = new_hole(c, e, field_name(c, e, NULL));
    add_part(c, hole, tok);
    if (c->limit)
        return;
    e->has_child = true;
    t->holes[c->first_hole + (unsigned)hole].kind = EVTX_NEST;
    t->nests[t->n_nests++] = (uint16_t)hole; /* never more than there are holes */
}

/* The parts of a hole lie side by side: content behind a child element is a new hole. */
static void content(struct compiler *c, struct element *e, const struct binxml_token *tok)
{
    enum { TYPE_BINXML = 0x21 };
    if (tok->kind == BINXML_VALUE && tok->type == TYPE_BINXML) {
        nest(c, e, tok);
        return;
    }
    if (e->text >= 0) {
        const struct evtx_hole *h = &c->t->holes[c->first_hole + (unsigned)e->text];
        if (h->part + h->parts != c->t->n_parts - c->first_part)
            e->text = -1;
    }
    if (e->text < 0)
        e->text = text_hole(c, e);
    add_part(c, e->text, tok);
}

static void value_or_text(struct compiler *c, const struct binxml_token *tok)
{
    if (tok->kind == BINXML_VALUE && tok->value >= c->n_values)
        c->n_values = tok->value + 1U;
    if (tok->kind == BINXML_VALUE && tok->value >= LIMIT_SUBSTITUTIONS) {
        c->limit = true;
        return;
    }
    /* A template may be nothing but a value: then there is no element around it. */
    static const struct element nowhere = {.section = EVTX_DATA, .text = -1};
    struct element outside = nowhere;
    struct element *e = c->depth ? &c->stack[c->depth - 1] : &outside;
    if (c->in_attribute && c->depth)
        attribute_value(c, e, tok);
    else if (c->depth || tok->kind == BINXML_VALUE)
        content(c, e, tok);
}

static uint8_t section_of(const struct compiler *c, struct bytes name)
{
    if (c->depth == 0 || !c->root_is_event)
        return EVTX_DATA;
    if (c->depth > 1)
        return c->stack[c->depth - 1].section;
    if (utf16_is(name, "System"))
        return EVTX_SYSTEM;
    return utf16_is(name, "RenderingInfo") ? EVTX_RENDERING : EVTX_DATA;
}

static void open_element(struct compiler *c, struct bytes name)
{
    if (c->depth == LIMIT_BINXML_DEPTH) {
        c->limit = true;
        return;
    }
    if (c->depth == 0)
        c->root_is_event = utf16_is(name, "Event");
    else
        c->stack[c->depth - 1].has_child = true;
    c->stack[c->depth] = (struct element){.name = name,
                                          .name_value = EVTX_LITERAL,
                                          .section = section_of(c, name),
                                          .text = -1,
                                          .first = c->t->n_holes};
    c->depth++;
    c->in_attribute = false;
}

static bool is_blank(struct bytes utf16)
{
    for (size_t i = 0; i + 1 < utf16.n; i += 2)
        if (utf16.p[i + 1] != 0 ||
            (utf16.p[i] != ' ' && (utf16.p[i] < '\t' || utf16.p[i] > '\r')))
            return false;
    return true;
}

/* Layout between child elements is not a field. */
static void drop_blanks(struct compiler *c, const struct element *e)
{
    for (unsigned i = e->first; i < c->t->n_holes; i++) {
        struct evtx_hole *h = &c->t->holes[i];
        bool blank = h->depth == c->depth && h->kind == EVTX_TEXT && h->parts && !h->attribute;
        for (unsigned k = 0; blank && k < h->parts; k++) {
            const struct evtx_part *p = &c->t->parts[c->first_part + h->part + k];
            blank = p->value == EVTX_LITERAL && is_blank(p->literal);
        }
        if (blank)
            h->kind = EVTX_NOTHING;
    }
}

static void end_element(struct compiler *c)
{
    if (c->depth == 0)
        return;
    struct element *e = &c->stack[c->depth - 1];
    unsigned wrappers = c->root_is_event ? 2 : 1; /* Event and EventData are no fields */
    bool leaf = !e->has_child && e->text < 0;
    if (leaf && e->section != EVTX_SYSTEM && c->depth > wrappers &&
        (e->named || !e->attributes))
        (void)text_hole(c, e);
    if (e->has_child && e->text >= 0)
        drop_blanks(c, e);
    c->depth--;
    c->in_attribute = false;
}

static void compile_token(struct compiler *c, const struct binxml_token *tok)
{
    switch (tok->kind) {
    case BINXML_OPEN:
        open_element(c, tok->text);
        break;
    case BINXML_ATTRIBUTE:
        c->attribute = tok->text;
        c->attribute_hole = -1;
        c->in_attribute = true;
        break;
    case BINXML_CLOSE_TAG:
        c->in_attribute = false;
        break;
    case BINXML_END:
        end_element(c);
        break;
    case BINXML_TEXT:
    case BINXML_VALUE:
        value_or_text(c, tok);
        break;
    }
}

static struct evtx_plan plan_of(const struct compiler *c)
{
    const struct evtx_templates *t = c->t;
    struct evtx_plan p = {
        .holes = t->holes + c->first_hole,
        .parts = t->parts + c->first_part,
        .nests = t->nests + c->first_nest,
        .n_holes = (uint16_t)(t->n_holes - c->first_hole),
        .n_parts = (uint16_t)(t->n_parts - c->first_part),
        .n_nests = (uint16_t)(t->n_nests - c->first_nest),
        .n_values = (uint16_t)c->n_values,
    };
    for (size_t i = 0; i < EVTX_HEADS; i++)
        p.head[i] = (int16_t)c->head[i];
    return p;
}

/* Compiles a fragment into the scratch memory behind what is already there. */
static int compile(struct compiler *c, struct binxml b, struct err *err)
{
    uint64_t offset = c->t->chunk_offset + b.at;
    struct binxml_token tok;
    while (!c->limit && binxml_next(&b, &tok))
        compile_token(c, &tok);
    c->t->compiled++;
    if (c->limit)
        return err_set(err, ERR_LIMIT, "binary XML at %" PRIu64 ": too deep or too large",
                       offset);
    if (b.bad)
        return err_set(err, ERR_CORRUPT, "binary XML at %" PRIu64 ": damaged near %" PRIu64,
                       offset, c->t->chunk_offset + b.at);
    return 0;
}

/* ---- keeping ---- */

/* A number for what a definition means, the same wherever its names are stored. */
static bool fingerprint(struct binxml b, uint64_t *ret)
{
    uint64_t h = UINT64_C(0x9e3779b97f4a7c15);
    struct binxml_token tok;
    while (binxml_next(&b, &tok)) {
        h = evtx_mix(h, (uint64_t)tok.kind | (uint64_t)tok.text.n << 8 |
                            (uint64_t)tok.value << 32 | (uint64_t)tok.type << 48 |
                            (uint64_t)tok.optional << 56);
        if (tok.text.n)
            h = evtx_mix_bytes(h, tok.text);
    }
    *ret = h;
    return !b.bad;
}

static struct evtx_plan *find_plan(struct evtx_templates *t, const uint8_t *guid, uint64_t fp,
                                   unsigned *slot)
{
    unsigned i = (unsigned)(fp >> 32) % SLOTS;
    for (; t->slots[i]; i = (i + 1) % SLOTS) {
        struct known_plan *k = &t->plans[t->slots[i] - 1];
        if (k->fingerprint == fp && memcmp(k->guid, guid, GUID_SIZE) == 0)
            break;
    }
    *slot = i;
    return t->slots[i] ? &t->plans[t->slots[i] - 1].plan : NULL;
}

/* Memory for one plan to stay; NULL if the table's bound is reached. */
static char *take_room(struct evtx_templates *t, size_t n)
{
    if (n > BLOCK_SIZE)
        return NULL;
    if (t->block_used + n > BLOCK_SIZE) {
        t->block++;
        t->block_used = 0;
    }
    if (t->block == BLOCKS_MAX)
        return NULL;
    if (!t->blocks[t->block])
        t->blocks[t->block] = ARENA_ARRAY(t->arena, char, BLOCK_SIZE);
    char *p = t->blocks[t->block] + t->block_used;
    t->block_used += n + (-n & (sizeof(max_align_t) - 1));
    return p;
}

static size_t literal_bytes(const struct evtx_plan *plan)
{
    size_t n = 0;
    for (size_t i = 0; i < plan->n_parts; i++)
        n += plan->parts[i].literal.n;
    return n;
}

/* Copies a plan out of the scratch memory, with its names and literals. */
static bool keep_plan(struct evtx_templates *t, const struct compiler *c,
                      struct evtx_plan *plan)
{
    size_t holes = plan->n_holes * sizeof *plan->holes;
    size_t parts = plan->n_parts * sizeof *plan->parts;
    size_t nests = plan->n_nests * sizeof *plan->nests;
    size_t text = t->n_text - c->first_text;
    char *room = take_room(t, holes + parts + nests + text + literal_bytes(plan));
    if (!room)
        return false;

    struct evtx_hole *new_holes = (struct evtx_hole *)(void *)room;
    struct evtx_part *new_parts = (struct evtx_part *)(void *)(room + holes);
    uint16_t *new_nests = (uint16_t *)(void *)(room + holes + parts);
    char *new_text = room + holes + parts + nests;
    char *literal = new_text + text;
    memcpy(new_holes, plan->holes, holes);
    memcpy(new_parts, plan->parts, parts);
    memcpy(new_nests, plan->nests, nests);
    memcpy(new_text, t->text + c->first_text, text);
    for (size_t i = 0; i < plan->n_holes; i++)
        new_holes[i].name.p = new_text + (new_holes[i].name.p - (t->text + c->first_text));
    for (size_t i = 0; i < plan->n_parts; i++) {
        struct bytes *b = &new_parts[i].literal;
        if (b->n)
            memcpy(literal, b->p, b->n);
        b->p = (const uint8_t *)literal;
        literal += b->n;
    }
    plan->holes = new_holes;
    plan->parts = new_parts;
    plan->nests = new_nests;
    return true;
}

static void remember_offset(struct evtx_templates *t, uint32_t at, const struct evtx_plan *plan)
{
    const struct known_plan *k =
        (const struct known_plan *)(const void *)((const char *)plan -
                                                  offsetof(struct known_plan, plan));
    t->at[at] = (uint16_t)(k - t->plans + 1);
    if (t->n_touched < TOUCHED_MAX)
        t->touched[t->n_touched++] = (uint16_t)at;
}

/* A plan that lives for one record: directly coded, or too large to keep. */
static int pass_plan(struct evtx_templates *t, struct evtx_plan plan,
                     const struct evtx_plan **ret, struct err *err)
{
    if (t->n_passing == sizeof t->passing / sizeof *t->passing)
        return err_set(err, ERR_LIMIT, "too many fragments of binary XML in one record");
    t->passing[t->n_passing] = plan;
    *ret = &t->passing[t->n_passing++];
    return 0;
}

static void release_scratch(const struct compiler *c)
{
    c->t->n_holes = c->first_hole;
    c->t->n_parts = c->first_part;
    c->t->n_nests = c->first_nest;
    c->t->n_text = c->first_text;
}

struct definition { /* one that is being read */
    const uint8_t *guid;
    struct binxml body;
    uint64_t fingerprint;
    uint64_t chunk; /* offset in the file */
    uint32_t at;
};

static void index_id(struct evtx_templates *t, uint32_t id)
{
    unsigned i = id % SLOTS;
    while (t->ids[i])
        i = (i + 1) % SLOTS;
    t->ids[i] = (uint16_t)t->n_plans;
}

static int learn(struct evtx_templates *t, const struct definition *d, unsigned slot,
                 const struct evtx_plan **ret, struct err *err)
{
    struct compiler c;
    compiler_start(&c, t);
    if (compile(&c, d->body, err) < 0) {
        release_scratch(&c);
        return -1;
    }
    struct evtx_plan plan = plan_of(&c);
    if (t->full || t->n_plans == PLANS_MAX || !keep_plan(t, &c, &plan)) {
        t->full = true;
        return pass_plan(t, plan, ret, err);
    }
    release_scratch(&c);
    plan.number = ++t->numbered;
    struct known_plan *k = &t->plans[t->n_plans++];
    memcpy(k->guid, d->guid, GUID_SIZE);
    k->fingerprint = d->fingerprint;
    k->chunk = d->chunk;
    k->at = d->at;
    k->plan = plan;
    t->slots[slot] = (uint16_t)t->n_plans;
    if (t->strict)
        index_id(t, le32(k->guid));
    *ret = &k->plan;
    return 0;
}

/* Reads the definition with this id at chunk offset `at`, up to its fingerprint. */
static int read_definition(struct evtx_templates *t, struct bytes chunk, uint64_t offset,
                           uint32_t at, uint32_t id, struct definition *ret, struct err *err)
{
    struct cur cur = cur_of(chunk, offset);
    cur_seek(&cur, at);
    cur_skip(&cur, 4); /* next in the bucket */
    struct bytes guid = cur_take(&cur, GUID_SIZE);
    uint32_t size = cur_u32(&cur);
    if (!guid.p || !cur_fits(&cur, size, 1))
        return err_set(err, ERR_CORRUPT, "template definition at %" PRIu64 " is cut off",
                       offset + at);
    if (le32(guid.p) != id)
        return err_set(err, ERR_CORRUPT, "template %08" PRIx32 " is not at %" PRIu64, id,
                       offset + at);

    uint32_t from = at + DEFINITION_HEAD;
    struct binxml body = binxml_of(chunk, from, from + size, true);
    body.check_names = t->strict;
    *ret = (struct definition){.guid = guid.p, .body = body, .chunk = offset, .at = at};
    t->work += size;
    if (!fingerprint(body, &ret->fingerprint))
        return err_set(err, ERR_CORRUPT, "template definition at %" PRIu64 " is damaged",
                       offset + at);
    return 0;
}

/* Whether undamaged records have a template of this very GUID that means something else: then
 * what was found is a definition partly written over. */
static bool is_contradicted(const struct evtx_templates *t, const struct definition *d)
{
    struct evtx_definition known;
    return t->strict && t->elsewhere &&
           t->elsewhere->find(t->elsewhere->context, le32(d->guid), &known) > 0 &&
           memcmp(known.guid, d->guid, GUID_SIZE) == 0 && known.fingerprint != d->fingerprint;
}

int evtx_template_at(struct evtx_templates *t, uint32_t at, uint32_t id,
                     const struct evtx_plan **ret, struct err *err)
{
    if (at < EVTX_CHUNK_SIZE && t->at[at]) {
        const struct known_plan *k = &t->plans[t->at[at] - 1];
        if (le32(k->guid) == id) {
            *ret = &k->plan;
            return 0;
        }
    }
    struct definition d;
    unsigned slot;
    if (read_definition(t, t->chunk, t->chunk_offset, at, id, &d, err) < 0)
        return -1;
    *ret = find_plan(t, d.guid, d.fingerprint, &slot);
    if (!*ret && is_contradicted(t, &d))
        return err_set(err, ERR_CORRUPT, "template definition at %" PRIu64 " is damaged",
                       d.chunk + at);
    if (!*ret && learn(t, &d, slot, ret, err) < 0)
        return -1;
    if (!t->full)
        remember_offset(t, at, *ret);
    return 0;
}

static int load(struct evtx_templates *t, const struct evtx_definition *known,
                const struct evtx_plan **ret, struct err *err)
{
    struct definition d;
    unsigned slot;
    *ret = find_plan(t, known->guid, known->fingerprint, &slot);
    if (*ret)
        return 0;
    if (t->full) /* a plan that is not kept would point into the other chunk */
        return err_set(err, ERR_LIMIT, "too many templates");
    struct bytes chunk = t->elsewhere->chunk(t->elsewhere->context, known);
    if (read_definition(t, chunk, known->chunk, known->at, known->id, &d, err) < 0)
        return -1;
    if (d.fingerprint != known->fingerprint || memcmp(d.guid, known->guid, GUID_SIZE) != 0)
        return err_set(err, ERR_CORRUPT, "template definition at %" PRIu64 " has changed",
                       d.chunk + d.at);
    if (learn(t, &d, slot, ret, err) < 0)
        return -1;
    return t->full ? err_set(err, ERR_LIMIT, "too many templates") : 0;
}

int evtx_template_by_id(struct evtx_templates *t, uint32_t id, const struct evtx_plan **ret,
                        struct err *err)
{
    struct evtx_definition known;
    const struct evtx_plan *found = NULL;
    int got = t->elsewhere ? t->elsewhere->find(t->elsewhere->context, id, &known) : 0;
    if (got > 0)
        return load(t, &known, ret, err);
    for (unsigned i = id % SLOTS, tries = 0; got == 0 && t->ids[i] && tries < TRIES_MAX;
         i = (i + 1) % SLOTS, tries++) {
        const struct known_plan *k = &t->plans[t->ids[i] - 1];
        if (le32(k->guid) != id)
            continue;
        got = found ? -1 : 0;
        found = &k->plan;
    }
    if (got < 0)
        return err_set(err, ERR_CORRUPT, "templates with the id %08" PRIx32 " differ", id);
    if (!found)
        return err_set(err, ERR_CORRUPT, "no template with the id %08" PRIx32 " is known", id);
    *ret = found;
    return 0;
}

int evtx_template_direct(struct evtx_templates *t, uint32_t at, uint32_t end,
                         const struct evtx_plan **ret, struct err *err)
{
    struct compiler c;
    compiler_start(&c, t);
    struct binxml body = binxml_of(t->chunk, at, end, false);
    body.check_names = t->strict;
    if (compile(&c, body, err) < 0)
        return -1;
    return pass_plan(t, plan_of(&c), ret, err);
}
