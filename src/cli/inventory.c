#include "cli/inventory.h"

#include <stdlib.h>

#include "cli/sweeping.h"
#include "event/event_wire.h"
#include "event/map_file.h"

enum {
    BUCKETS = 4096,
    CLASSES_MAX = 65536, /* evidence may invent channels and hosts */
    FIELDS_MAX = 512,    /* of a class */
    NAME_MAX_BYTES = 256,
    FILE_HOSTS = 64, /* for which the files are counted */
};

struct class
{
    struct reach_class c;
    size_t cap_fields;
    struct class *next;
};

struct table {
    struct arena *arena;
    struct class *buckets[BUCKETS];
    size_t n;
    uint64_t lost;
    struct buf *out; /* of a worker */
};

struct counting { /* of a command */
    struct arena *arena;
    struct table *whole;
};

static uint64_t hash_of(const struct event *ev)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ ev->event_id ^ (uint64_t)ev->kind << 40;
    for (size_t i = 0; i < ev->channel.n; i++)
        h = (h ^ (unsigned char)ev->channel.p[i]) * UINT64_C(0x100000001b3);
    for (size_t i = 0; i < ev->host.n; i++)
        h = (h ^ (unsigned char)ev->host.p[i]) * UINT64_C(0x100000001b3);
    h *= UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 32;
}

/* The class of an event; NULL if there are too many. */
static struct class *class_of(struct table *t, const struct event *ev)
{
    struct str host = str_part(ev->host, 0, NAME_MAX_BYTES);
    struct str channel = str_part(ev->channel, 0, NAME_MAX_BYTES);
    struct class **bucket = &t->buckets[hash_of(ev) % BUCKETS];
    for (struct class *c = *bucket; c; c = c->next)
        if (c->c.kind == ev->kind && c->c.event_id == ev->event_id &&
            str_eq(c->c.channel, channel) && str_eq(c->c.host, host))
            return c;
    if (t->n == CLASSES_MAX)
        return NULL;
    struct class *c = ARENA_NEW(t->arena, struct class);
    c->c = (struct reach_class){.host = arena_str(t->arena, host),
                                .kind = ev->kind,
                                .channel = arena_str(t->arena, channel),
                                .event_id = ev->event_id,
                                .first = INSTANT_NONE,
                                .last = INSTANT_NONE};
    c->next = *bucket;
    *bucket = c;
    t->n++;
    return c;
}

/* hint  where it was in the last record of the class: most have the same fields in the same
 *       order */
static struct reach_field *field_of(struct table *t, struct class *class, struct str name,
                                    size_t hint)
{
    struct reach_class *c = &class->c;
    if (hint < c->n_fields && str_eq(c->fields[hint].name, name))
        return &c->fields[hint];
    for (size_t i = 0; i < c->n_fields; i++)
        if (str_eq(c->fields[i].name, name))
            return &c->fields[i];
    if (c->n_fields == FIELDS_MAX)
        return NULL;
    c->fields =
        arena_grow(t->arena, c->fields, c->n_fields, &class->cap_fields, sizeof *c->fields);
    c->fields[c->n_fields] = (struct reach_field){.name = arena_str(t->arena, name)};
    return &c->fields[c->n_fields++];
}

static void add_time(struct reach_class *c, instant first, instant last)
{
    if (first != INSTANT_NONE && (c->first == INSTANT_NONE || first < c->first))
        c->first = first;
    if (last != INSTANT_NONE && (c->last == INSTANT_NONE || last > c->last))
        c->last = last;
}

/* ---- in a worker ---- */

static void count_fields(struct table *t, struct class *class, const struct event *ev)
{
    for (size_t i = 0; i < ev->n; i++) {
        const struct field *f = &ev->fields[i];
        struct reach_field *to = field_of(t, class, str_part(f->name, 0, NAME_MAX_BYTES), i);
        if (!to)
            continue;
        to->records++;
        to->filled += f->type != FIELD_NULL && f->value.n && !str_eq(f->value, STR("-"));
    }
}

static void *begin(void *context, const struct evidence *evidence, struct bytes raw,
                   struct arena *arena, struct buf *out)
{
    struct table *t = ARENA_NEW(arena, struct table);
    (void)context;
    (void)evidence;
    (void)raw;
    t->arena = arena;
    t->out = out;
    return t;
}

/* What was recovered proves what it says, but says nothing of what else is logged. */
static void count_event(void *reader, struct source *source, struct event *ev,
                        struct arena *arena)
{
    struct table *t = reader;
    if (ev->marks & MARK_RECOVERED)
        return;
    source_fill(source, arena, ev);
    struct class *class = class_of(t, ev);
    if (!class) {
        t->lost++;
        return;
    }
    class->c.records++;
    add_time(&class->c, ev->time, ev->time);
    count_fields(t, class, ev);
}

static void write_class(const struct class *class, struct buf *out)
{
    const struct reach_class *c = &class->c;
    struct buf b = buf_new(1 << 20);
    struct event head = {.kind = c->kind,
                         .time = c->first,
                         .event_id = c->event_id,
                         .channel = c->channel,
                         .host = c->host};
    event_wire(&head, false, &b);
    wire_number(&b, c->records, 8);
    wire_number(&b, (uint64_t)c->last, 8);
    wire_number(&b, c->n_fields, 4);
    for (size_t i = 0; i < c->n_fields; i++) {
        wire_text(&b, c->fields[i].name);
        wire_number(&b, c->fields[i].records, 8);
        wire_number(&b, c->fields[i].filled, 8);
    }
    sweep_give(out, buf_str(&b));
    buf_free(&b);
}

static void end(void *reader)
{
    struct table *t = reader;
    for (size_t i = 0; i < BUCKETS; i++)
        for (const struct class *c = t->buckets[i]; c; c = c->next)
            write_class(c, t->out);
    if (t->lost) {
        struct buf b = buf_new(16);
        wire_number(&b, t->lost, 8);
        sweep_give(t->out, buf_str(&b));
        buf_free(&b);
    }
}

static const struct sweep_reader READER = {begin, count_event, end};

/* ---- in the parent ---- */

static int take(void *context, const struct evidence *evidence, struct str item,
                struct err *err)
{
    struct table *t = ((struct counting *)context)->whole;
    struct cur in = cur_of(str_bytes(item), 0);
    struct event head = {0};
    (void)evidence;
    if (item.n == 8) {
        t->lost += cur_u64(&in);
        return 0;
    }
    event_wire_read(&in, t->arena, &head);
    uint64_t records = cur_u64(&in);
    instant last = (instant)cur_u64(&in);
    uint32_t n = cur_u32(&in);
    if (in.bad || n > FIELDS_MAX)
        return err_set(err, ERR_CORRUPT, "a worker's answer makes no sense");
    struct class *class = class_of(t, &head);
    if (!class) {
        t->lost += records;
        return 0;
    }
    class->c.records += records;
    add_time(&class->c, head.time, last);
    for (uint32_t i = 0; i < n && !in.bad; i++) {
        struct str name = wire_read_text(&in);
        uint64_t with = cur_u64(&in);
        uint64_t filled = cur_u64(&in);
        struct reach_field *f = in.bad ? NULL : field_of(t, class, name, i);
        if (f) {
            f->records += with;
            f->filled += filled;
        }
    }
    return 0;
}

/* ---- files ---- */

/* What only the content of a script tells; the scan looks into it. */
static const char *const of_scripts[] = {
    "ScriptMarks",     "DumpObject",      "DumpServer",          "DumpExternalUrl",
    "DumpInternalUrl", "DumpWhenChanged", "DumpWhenChangedText", "DumpBuild",
    "DumpScript",      "DumpKey",         "CompiledPage",
};

/* The files themselves are evidence too: of the host that the records name, or of each of
 * them, for a path alone does not tell. */
static void count_file(struct table *t, struct str host, const struct evidence *e,
                       struct arena *scratch)
{
    struct event ev = {0};
    struct file_facts facts = {.path = e->path,
                               .size = e->size,
                               .modified = e->modified,
                               .sha256 = STR("0"),
                               .format = e->format};
    arena_reset(scratch);
    file_event(&facts, scratch, &ev);
    for (size_t i = 0;
         event_text(&ev, "ScriptType").n && i < sizeof of_scripts / sizeof *of_scripts; i++)
        event_add(&ev, scratch, SECTION_DERIVED, FIELD_TEXT, str_of(of_scripts[i]), STR("?"));
    ev.host = host;
    struct class *class = class_of(t, &ev);
    if (!class)
        return;
    class->c.records++;
    count_fields(t, class, &ev);
}

/* The hosts that records name, as many as there is room for; *ret_more: there are others. */
static size_t named_hosts(const struct table *t, struct str hosts[FILE_HOSTS], bool *ret_more)
{
    size_t n = 0;
    *ret_more = false;
    for (size_t i = 0; i < BUCKETS; i++) {
        for (const struct class *c = t->buckets[i]; c; c = c->next) {
            bool known = c->c.host.n == 0;
            for (size_t k = 0; k < n && !known; k++)
                known = str_eq(hosts[k], c->c.host);
            *ret_more |= !known && n == FILE_HOSTS;
            if (!known && n < FILE_HOSTS)
                hosts[n++] = c->c.host;
        }
    }
    return n;
}

static void count_files(struct table *t, const struct findings *listed)
{
    struct arena *scratch = arena_new();
    struct str hosts[FILE_HOSTS];
    bool more;
    size_t n = named_hosts(t, hosts, &more);
    if (n == 0)
        hosts[n++] = STR("");
    if (more)
        t->lost += listed->n_evidence; /* not counted for these hosts */
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < listed->n_evidence; i++)
            if (listed->evidence[i].format != FORMATS)
                count_file(t, hosts[k], &listed->evidence[i], scratch);
    arena_free(scratch);
}

static int by_place(const void *x, const void *y)
{
    const struct reach_class *a = x;
    const struct reach_class *b = y;
    int d = str_cmp(a->host, b->host);
    if (d == 0)
        d = (a->kind > b->kind) - (a->kind < b->kind);
    if (d == 0)
        d = str_cmp(a->channel, b->channel);
    return d ? d : (a->event_id > b->event_id) - (a->event_id < b->event_id);
}

int inventory_make(const struct sweep_options *what, const struct longwork *work,
                   struct arena *arena, struct inventory *ret, struct err *err)
{
    struct inventory inventory = {0};
    struct table *t = ARENA_NEW(arena, struct table);
    struct counting counting = {.arena = arena, .whole = t};
    struct sweep_options options = *what;
    options.no_recover = true;
    options.reader = &READER;
    options.context = &counting;
    options.take = take;
    t->arena = arena;
    if (sweeping_run(&options, work, arena, &inventory.swept, err) < 0)
        return -1;
    count_files(t, &inventory.swept.listed);
    inventory.classes = ARENA_ARRAY(arena, struct reach_class, t->n);
    for (size_t i = 0; i < BUCKETS; i++)
        for (const struct class *c = t->buckets[i]; c; c = c->next)
            inventory.classes[inventory.n++] = c->c;
    if (inventory.n)
        qsort(inventory.classes, inventory.n, sizeof *inventory.classes, by_place);
    inventory.lost = t->lost;
    *ret = inventory;
    return 0;
}
