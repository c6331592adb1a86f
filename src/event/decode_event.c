#include "event/decode_event.h"

/* Fields that carry code, in the events that have them. A name stands for all channels:
 * what it holds is looked at by its content. */
struct carrier {
    struct str name;
    unsigned hints;
};

static const struct carrier windows[] = {
    {{"CommandLine", sizeof "CommandLine" - 1}, DECODE_COMMAND},
    {{"ParentCommandLine", sizeof "ParentCommandLine" - 1}, DECODE_COMMAND},
    {{"ProcessCommandLine", sizeof "ProcessCommandLine" - 1}, DECODE_COMMAND},
    {{"ScriptBlockText", sizeof "ScriptBlockText" - 1}, 0},
    {{"Payload", sizeof "Payload" - 1}, 0},
    {{"ContextInfo", sizeof "ContextInfo" - 1}, DECODE_COMMAND},
    {{"HostApplication", sizeof "HostApplication" - 1}, DECODE_COMMAND},
    {{"Data", sizeof "Data" - 1},
     DECODE_COMMAND}, /* Windows PowerShell 400, 600, 800 and others */
    {{"Details", sizeof "Details" - 1}, DECODE_COMMAND},
    {{"NewValue", sizeof "NewValue" - 1}, DECODE_COMMAND},
    {{"ImagePath", sizeof "ImagePath" - 1}, DECODE_COMMAND},
    {{"ServiceFileName", sizeof "ServiceFileName" - 1}, DECODE_COMMAND},
    {{"TaskContent", sizeof "TaskContent" - 1}, DECODE_COMMAND},
    {{"TaskContentNew", sizeof "TaskContentNew" - 1}, DECODE_COMMAND},
    {{"Destination", sizeof "Destination" - 1}, DECODE_COMMAND}, /* Sysmon 20 */
    {{"Query", sizeof "Query" - 1}, 0},
    {{"PossibleCause", sizeof "PossibleCause" - 1}, DECODE_COMMAND},
    {{"Command", sizeof "Command" - 1}, DECODE_COMMAND},
    {{"Contents", sizeof "Contents" - 1}, 0},      /* Sysmon 15 */
    {{"Path", sizeof "Path" - 1}, DECODE_COMMAND}, /* Defender 1116 */
    {{"CmdletParameters", sizeof "CmdletParameters" - 1}, 0},
};

static const struct carrier web[] = {
    {{"cs-uri-query", sizeof "cs-uri-query" - 1}, DECODE_WEB},
    {{"cs-cookie", sizeof "cs-cookie" - 1}, DECODE_WEB},
    {{"UrlQuery", sizeof "UrlQuery" - 1}, DECODE_WEB},
    {{"AnchorPath", sizeof "AnchorPath" - 1}, DECODE_WEB},
};

static const struct carrier files[] = {
    {{"DumpExternalUrl", sizeof "DumpExternalUrl" - 1}, DECODE_WEB},
    {{"DumpScript", sizeof "DumpScript" - 1}, 0},
};

static const struct carrier registry[] = {
    {{"AutostartCommand", sizeof "AutostartCommand" - 1}, DECODE_COMMAND},
};

static const struct carrier *carriers_of(enum event_kind kind, size_t *ret_n)
{
    if (kind == EVENT_WINDOWS) {
        *ret_n = sizeof windows / sizeof *windows;
        return windows;
    }
    if (kind == EVENT_FILE) {
        *ret_n = sizeof files / sizeof *files;
        return files;
    }
    if (kind == EVENT_REGISTRY) {
        *ret_n = sizeof registry / sizeof *registry;
        return registry;
    }
    *ret_n = sizeof web / sizeof *web;
    return web;
}

_Static_assert(sizeof windows / sizeof *windows <= DECODE_CARRIERS, "the header says so");

size_t decode_event_names(enum event_kind kind, struct str *ret)
{
    size_t n;
    const struct carrier *all = carriers_of(kind, &n);
    for (size_t i = 0; i < n; i++)
        ret[i] = all[i].name;
    return n;
}

struct carriers {
    const struct carrier *at;
    size_t n;
    uint64_t lengths; /* bit i: some name has i bytes */
    uint32_t letters; /* bit i: some name begins with a letter whose low five bits are i */
};

static uint32_t letter_bit(struct str name)
{
    return (uint32_t)1 << ((unsigned char)name.p[0] & 31);
}

static struct carriers carriers_new(enum event_kind kind)
{
    struct carriers c = {0};
    c.at = carriers_of(kind, &c.n);
    for (size_t i = 0; i < c.n; i++) {
        c.lengths |= UINT64_C(1) << c.at[i].name.n % 64;
        c.letters |= letter_bit(c.at[i].name);
    }
    return c;
}

/* The same for all events of a kind: made once. */
static const struct carriers *carriers_for(enum event_kind kind)
{
    static struct carriers made[EVENT_KINDS];
    if (!made[kind].at)
        made[kind] = carriers_new(kind);
    return &made[kind];
}

static const struct carrier *carrier_of(const struct carriers *c, const struct field *f)
{
    bool text = f->section != SECTION_SYSTEM && f->type != FIELD_NULL && f->value.n;
    if (!text || f->name.n == 0 || f->name.n >= 64 || !(c->lengths >> f->name.n & 1) ||
        !(c->letters & letter_bit(f->name)))
        return NULL;
    for (size_t i = 0; i < c->n; i++)
        if (c->at[i].name.n == f->name.n && str_ieq(c->at[i].name, f->name))
            return &c->at[i];
    return NULL;
}

struct making {
    const struct event *ev;
    struct decode_known *known;
    struct arena *arena;
    struct decoded_events *ret;
    size_t cap;
    struct field *last; /* all fields, each in its last form */
    size_t fields;      /* how many of them were decoded */
};

static struct str joined(struct arena *arena, const struct str *parts, size_t n)
{
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += parts[i].n + 1;
    char *text = ARENA_ARRAY(arena, char, bytes);
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        if (i)
            text[at++] = '\n';
        memcpy(text + at, parts[i].p, parts[i].n);
        at += parts[i].n;
    }
    return (struct str){text, at};
}

static struct event copy_of(const struct event *ev, struct field *fields, struct arena *arena)
{
    struct event copy = *ev;
    copy.fields = ARENA_ARRAY(arena, struct field, ev->n);
    memcpy(copy.fields, fields, ev->n * sizeof *fields);
    copy.cap = ev->n;
    copy.wish = 0; /* what is decoded goes by names of its own */
    copy.marks |= MARK_DECODED;
    return copy;
}

static void give(struct making *m, size_t field, const struct decoded *d)
{
    if (m->ret->n == DECODE_EVENTS) {
        m->ret->cut = true;
        return;
    }
    struct decoded_event made = {.ev = copy_of(m->ev, m->ev->fields, m->arena)};
    made.ev.fields[field].value = d->text;
    made.ev.fields[field].type = FIELD_TEXT;
    made.how = arena_printf(m->arena, "%.*s: %.*s", STR_ARG(m->ev->fields[field].name),
                            STR_ARG(d->chain));
    for (size_t i = 0; i < d->n_parts; i++)
        event_add(&made.ev, m->arena, SECTION_DERIVED, FIELD_TEXT, STR("Decoded"), d->parts[i]);
    if (d->program.n) {
        event_add(&made.ev, m->arena, SECTION_DERIVED, FIELD_TEXT, STR("DecodedFormat"),
                  STR("pe"));
        event_add(&made.ev, m->arena, SECTION_DERIVED, FIELD_TEXT, STR("DecodedSha256"),
                  d->program);
    }
    made.decoded = d->n_parts ? joined(m->arena, d->parts, d->n_parts) : d->text;
    m->ret->at = arena_grow(m->arena, m->ret->at, m->ret->n, &m->cap, sizeof *m->ret->at);
    m->ret->at[m->ret->n++] = made;
}

static void decode_field(struct making *m, size_t i, unsigned hints)
{
    struct decoded_list list;
    decode_known_text(m->known, m->ev->fields[i].value, hints, m->arena, &list);
    m->ret->cut |= list.cut;
    for (size_t k = 0; k < list.n; k++)
        give(m, i, &list.at[k]);
    if (list.n == 0)
        return;
    if (!m->last) {
        m->last = ARENA_ARRAY(m->arena, struct field, m->ev->n);
        memcpy(m->last, m->ev->fields, m->ev->n * sizeof *m->last);
    }
    m->last[i].value = list.at[list.n - 1].text;
    m->fields++;
}

/* A rule may ask for something in two fields that are both encoded. */
static void give_all(struct making *m)
{
    if (m->fields < 2 || m->ret->n == DECODE_EVENTS)
        return;
    struct decoded_event made = {.ev = copy_of(m->ev, m->last, m->arena),
                                 .how = STR("several fields decoded")};
    m->ret->at = arena_grow(m->arena, m->ret->at, m->ret->n, &m->cap, sizeof *m->ret->at);
    m->ret->at[m->ret->n++] = made;
}

void decode_event(const struct event *ev, struct arena *arena, struct decoded_events *ret)
{
    decode_event_known(ev, NULL, arena, ret);
}

void decode_event_known(const struct event *ev, struct decode_known *known, struct arena *arena,
                        struct decoded_events *ret)
{
    const struct carriers *all = carriers_for(ev->kind);
    struct making m = {.ev = ev, .known = known, .arena = arena, .ret = ret};
    *ret = (struct decoded_events){0};
    for (size_t i = 0; i < ev->n; i++) {
        const struct carrier *c = carrier_of(all, &ev->fields[i]);
        if (c)
            decode_field(&m, i, c->hints);
    }
    give_all(&m);
}

bool decode_event_looks(enum event_kind kind, struct str name)
{
    size_t n;
    const struct carrier *all = carriers_of(kind, &n);
    for (size_t i = 0; i < n; i++)
        if (str_ieq(all[i].name, name))
            return true;
    return false;
}

bool decode_event_may(const struct event *ev, struct decode_known *known, struct arena *arena)
{
    const struct carriers *all = carriers_for(ev->kind);
    if (known)
        decode_known_turn(known);
    for (size_t i = 0; i < ev->n; i++) {
        struct decoded_list list;
        const struct carrier *c = carrier_of(all, &ev->fields[i]);
        if (!c)
            continue;
        decode_known_text(known, ev->fields[i].value, c->hints, arena, &list);
        if (list.n || list.cut)
            return true;
    }
    return false;
}
