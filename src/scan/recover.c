#include "scan/recover.h"

#include <stdlib.h>

#include "sys/chance.h"
#include "sys/file.h"

enum {
    TEMPLATES_MAX = 1 << 16, /* kept of all logs: real ones have some thousands */
    GAPS_MAX = 200,          /* told of one log; then one to its end */
    MAPPED_MAX = 1 << 14,    /* files with templates; a process has room for 65530 mappings */
    SLOTS_START = 1024,
};

/* --- the first phase ----------------------------------------------------------------------- */

static bool is_packed(const struct evidence *e)
{
    return e->format == FORMAT_GZIP || e->format == FORMAT_ZSTD;
}

static void note_template(const struct evtx_definition *d, struct str host, struct buf *out)
{
    struct signal s = {.type = SIGNAL_LATER,
                       .later = LATER_TEMPLATE,
                       .host = host,
                       .a = d->chunk,
                       .b = d->at,
                       .c = d->fingerprint};
    memcpy(s.digest, d->guid, sizeof d->guid);
    signal_write(out, &s);
}

void recover_note(const struct source *read, const struct evidence *evidence, struct span span,
                  struct str host, struct buf *out)
{
    struct evtx_definition d;
    for (unsigned i = 0; !is_packed(evidence) && source_definition(read, i, &d); i++)
        note_template(&d, host, out);
    if (source_has_shells(read))
        signal_write(out, &(struct signal){.type = SIGNAL_LATER,
                                           .later = LATER_SLACK,
                                           .host = host,
                                           .a = span.from,
                                           .b = span.to});
}

void recover_seek(struct bytes file, struct span span, struct buf *out)
{
    struct arena *arena = arena_new();
    struct source *source = source_carve(file, span, NULL, arena);
    struct evtx_definition d;
    for (unsigned i = 0; source_definition(source, i, &d); i++)
        note_template(&d, STR(""), out);
    if (source_has_shells(source))
        signal_write(out, &(struct signal){.type = SIGNAL_LATER,
                                           .later = LATER_SLACK,
                                           .a = span.from,
                                           .b = span.to,
                                           .flag = true});
    source_close(source);
    arena_free(arena);
}

/* --- what the parent knows already ----------------------------------------------------------- */

struct seen {         /* a set of keys */
    struct bytes *at; /* p is NULL where a slot is empty */
    size_t n, slots;
    struct hash_key key; /* evidence chooses them */
};

struct recover_known {
    struct arena *arena;
    struct seen templates;
    struct seen hits;
};

struct recover_known *recover_known_new(struct arena *arena)
{
    struct recover_known *k = ARENA_NEW(arena, struct recover_known);
    k->arena = arena;
    k->templates.key = k->hits.key = chance_key();
    return k;
}

static struct bytes *find_slot(struct seen *s, struct bytes key)
{
    size_t i = (size_t)hash_keyed(&s->key, key) & (s->slots - 1);
    while (s->at[i].p && !bytes_eq(s->at[i], key))
        i = (i + 1) & (s->slots - 1);
    return &s->at[i];
}

static void grow(struct seen *s, struct arena *arena)
{
    struct seen old = *s;
    s->slots = old.slots ? 2 * old.slots : SLOTS_START;
    s->at = ARENA_ARRAY(arena, struct bytes, s->slots);
    for (size_t i = 0; i < old.slots; i++)
        if (old.at[i].p)
            *find_slot(s, old.at[i]) = old.at[i];
}

/* Whether the key was in the set; it is now. */
static bool was_seen(struct seen *s, struct str key, struct arena *arena)
{
    if (2 * s->n >= s->slots)
        grow(s, arena);
    struct bytes *slot = find_slot(s, str_bytes(key));
    if (slot->p)
        return true;
    *slot = str_bytes(arena_str(arena, key));
    s->n++;
    return false;
}

static void put_u64(struct buf *out, uint64_t v)
{
    buf_add(out, &v, sizeof v);
}

int recover_template(struct recover_known *k, const struct signal *signal)
{
    enum { KEY_MAX = 4096 };
    if (k->templates.n >= TEMPLATES_MAX)
        return -1;
    struct buf key = buf_new(KEY_MAX);
    put_u64(&key, signal->c);
    buf_add(&key, signal->digest, sizeof signal->digest);
    buf_add_str(&key, str_part(signal->host, 0, KEY_MAX / 2));
    bool seen = was_seen(&k->templates, buf_str(&key), k->arena);
    buf_free(&key);
    return !seen;
}

bool recover_tells_again(struct recover_known *k, const struct hit *hit)
{
    enum { KEY_MAX = 16 * 1024 };
    struct buf key = buf_new(KEY_MAX);
    put_u64(&key, hit->rule);
    put_u64(&key, hit->indicator);
    put_u64(&key, (uint64_t)hit->time);
    put_u64(&key, hit->record);
    put_u64(&key, hit->host.n);
    buf_add_str(&key, str_part(hit->host, 0, KEY_MAX / 4));
    buf_add_str(&key, str_part(hit->source, 0, KEY_MAX / 4));
    bool seen = was_seen(&k->hits, buf_str(&key), k->arena);
    buf_free(&key);
    return seen;
}

/* --- the plan -------------------------------------------------------------------------------- */

struct known { /* a template definition */
    struct evtx_definition d;
    struct str host;
};

struct log {    /* a piece of work */
    bool image; /* a span of a file that is none */
    size_t evidence;
    struct span span;
    struct str host;
};

struct recover {
    const struct findings *findings;
    struct known *known; /* by id; then in the order of the evidence */
    size_t n_known;
    struct log *logs;
    size_t n_logs, cap_logs;
    struct file_map *maps; /* by evidence; empty where no template is defined */
};

static int by_id(const void *x, const void *y)
{
    const struct known *a = x;
    const struct known *b = y;
    if (a->d.id != b->d.id)
        return a->d.id < b->d.id ? -1 : 1;
    if (a->d.file != b->d.file)
        return a->d.file < b->d.file ? -1 : 1;
    if (a->d.chunk != b->d.chunk)
        return a->d.chunk < b->d.chunk ? -1 : 1;
    return a->d.at < b->d.at ? -1 : a->d.at > b->d.at;
}

static struct known known_of(const struct kept_later *l)
{
    struct known k = {.host = l->signal.host};
    const uint8_t *guid = l->signal.digest;
    k.d = (struct evtx_definition){
        .id = (uint32_t)guid[0] | (uint32_t)guid[1] << 8 | (uint32_t)guid[2] << 16 |
              (uint32_t)guid[3] << 24,
        .fingerprint = l->signal.c,
        .file = l->evidence,
        .chunk = l->signal.a,
        .at = (uint32_t)l->signal.b,
    };
    memcpy(k.d.guid, guid, sizeof k.d.guid);
    return k;
}

/* One log is one piece of work, from the first of its spans that has something to the last;
 * of an image, each span is. */
static void add_log(struct recover *r, const struct kept_later *l, struct arena *arena)
{
    struct log *last = r->n_logs ? &r->logs[r->n_logs - 1] : NULL;
    if (last && last->evidence == l->evidence && !last->image) {
        last->span.to = l->signal.b;
        return;
    }
    r->logs = arena_grow(arena, r->logs, r->n_logs, &r->cap_logs, sizeof *r->logs);
    r->logs[r->n_logs++] = (struct log){.image = l->signal.flag,
                                        .evidence = l->evidence,
                                        .span = {.from = l->signal.a, .to = l->signal.b},
                                        .host = l->signal.host};
}

/* This process never reads what it maps. A file that is gone has no definitions. */
static void map_definitions(struct recover *r, struct arena *arena)
{
    size_t n = 0;
    r->maps = ARENA_ARRAY(arena, struct file_map, r->findings->n_evidence);
    for (size_t i = 0; i < r->n_known && n < MAPPED_MAX && r->n_logs; i++) {
        size_t file = r->known[i].d.file;
        struct err ignored = {0};
        if (r->findings->evidence[file].carrier) /* it cannot be mapped */
            continue;
        if (!r->maps[file].bytes.p &&
            file_map(r->findings->evidence[file].opened.p, &r->maps[file], &ignored) == 0)
            n++;
    }
}

void recover_close(struct recover *r)
{
    for (size_t i = 0; i < r->findings->n_evidence; i++)
        file_unmap(&r->maps[i]);
}

struct recover *recover_gather(const struct findings *f, struct arena *arena)
{
    struct recover *r = ARENA_NEW(arena, struct recover);
    r->findings = f;
    r->known = ARENA_ARRAY(arena, struct known, f->n_later);
    for (size_t i = 0; i < f->n_later; i++) {
        const struct kept_later *l = &f->later[i];
        if (l->signal.later == LATER_TEMPLATE)
            r->known[r->n_known++] = known_of(l);
        else if (l->signal.later == LATER_SLACK)
            add_log(r, l, arena);
    }
    if (r->n_known)
        qsort(r->known, r->n_known, sizeof *r->known, by_id);
    map_definitions(r, arena);
    return r;
}

size_t recover_works(const struct recover *r)
{
    return r->n_logs;
}

struct work recover_work(const struct recover *r, size_t item)
{
    return (struct work){.kind = WORK_RECOVER,
                         .evidence = r->logs[item].evidence,
                         .span = r->logs[item].span,
                         .item = item};
}

/* --- one log --------------------------------------------------------------------------------- */

struct lookup { /* what definitions are looked for with */
    const struct recover *all;
    struct str host;        /* of the log; its own templates come first */
    struct answer *answers; /* by the first definition of an id: a host may have very many */
};

struct answer {
    int got; /* as evtx_elsewhere.find */
    bool known;
    struct evtx_definition d;
};

static size_t first_with(const struct recover *r, uint32_t id)
{
    size_t low = 0;
    size_t high = r->n_known;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->known[middle].d.id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool same_meaning(const struct evtx_definition *a, const struct evtx_definition *b)
{
    return a->fingerprint == b->fingerprint && memcmp(a->guid, b->guid, sizeof a->guid) == 0;
}

/* The definition with this id: of the host if `own`, else of any. As evtx_elsewhere.find. */
static int find_among(const struct lookup *l, uint32_t id, bool own,
                      struct evtx_definition *ret)
{
    const struct evtx_definition *found = NULL;
    for (size_t i = first_with(l->all, id); i < l->all->n_known && l->all->known[i].d.id == id;
         i++) {
        const struct known *k = &l->all->known[i];
        if (own && !str_ieq(k->host, l->host))
            continue;
        if (found && !same_meaning(found, &k->d))
            return -1;
        found = found ? found : &k->d;
    }
    if (found)
        *ret = *found;
    return found ? 1 : 0;
}

static int find_definition(void *context, uint32_t id, struct evtx_definition *ret)
{
    const struct lookup *l = context;
    size_t first = first_with(l->all, id);
    if (first == l->all->n_known || l->all->known[first].d.id != id)
        return 0;
    struct answer *a = &l->answers[first];
    if (!a->known) {
        a->known = true;
        a->got = find_among(l, id, true, &a->d);
        a->got = a->got ? a->got : find_among(l, id, false, &a->d);
    }
    if (a->got > 0)
        *ret = a->d;
    return a->got;
}

static struct bytes definition_chunk(void *context, const struct evtx_definition *d)
{
    const struct lookup *l = context;
    struct bytes file = l->all->maps[d->file].bytes;
    if (d->chunk >= file.n)
        return (struct bytes){0};
    size_t left = file.n - (size_t)d->chunk;
    return (struct bytes){file.p + d->chunk, left < EVTX_CHUNK_SIZE ? left : EVTX_CHUNK_SIZE};
}

static void write_gap(struct buf *out, uint64_t from, uint64_t to, struct str why)
{
    signal_write(out, &(struct signal){.type = SIGNAL_GAP, .a = from, .b = to, .text = why});
}

static void read_recovered(struct source *source, const struct work *work, struct detect *d,
                           struct arena *record, struct buf *out)
{
    size_t gaps = 0;
    for (;;) {
        struct event ev = {0};
        struct span gap = {0};
        struct err err = {0};
        arena_reset(record);
        int got = source_next(source, record, &ev, &gap, &err);
        if (got == 0)
            return;
        if (got > 0)
            detect_event(d, source, &ev, record);
        else if (gaps++ < GAPS_MAX)
            write_gap(out, gap.from, gap.to, str_of(err.msg));
        else if (gaps == GAPS_MAX + 1)
            write_gap(out, gap.from, work->span.to, str_of(err.msg));
    }
}

/* A member of a carrier: it is passed once more for the templates that its records need, for
 * those of other members cannot be had. */
static void learn_own(struct source *read, struct arena *record)
{
    struct event ev;
    struct span gap;
    struct err err;
    do
        arena_reset(record);
    while (source_next(read, record, &ev, &gap, &err) != 0);
}

void recover_answer(const struct recover *r, const struct work *work,
                    const struct work_shared *shared, struct bytes file, struct buf *reply)
{
    const struct evidence *e = &shared->findings->evidence[work->evidence];
    struct lookup lookup = {.all = r, .host = r->logs[work->item].host};
    struct evtx_elsewhere elsewhere = {&lookup, find_definition, definition_chunk};
    struct arena *arena = arena_new();
    struct arena *record = arena_new();
    lookup.answers = ARENA_ARRAY(arena, struct answer, r->n_known);
    struct source *read = source_open(file, e->format, e->path, work->span, arena);
    bool image = r->logs[work->item].image;
    if (e->carrier && !image)
        learn_own(read, record);
    struct source *source = image ? source_carve(file, work->span, &elsewhere, arena)
                                  : source_recover(read, e->carrier ? NULL : &elsewhere, arena);
    struct detect *d =
        detect_new(shared->detect, shared->matcher, (struct bytes){0}, arena, reply);
    if (source) {
        read_recovered(source, work, d, record, reply);
        struct evtx_recovery_counts n = source_recovered(source);
        signal_write(reply, &(struct signal){.type = SIGNAL_RECOVERED,
                                             .a = n.recovered,
                                             .b = n.copies,
                                             .c = n.unreadable});
        source_close(source);
    }
    detect_end(d);
    source_close(read);
    arena_free(record);
    arena_free(arena);
}
