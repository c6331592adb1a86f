#include "event/source.h"

#include "base/buf.h"
#include "base/limits.h"
#include "event/map_access.h"
#include "event/map_agent_config.h"
#include "event/map_defender.h"
#include "event/map_evtx.h"
#include "event/map_exch.h"
#include "event/map_hive.h"
#include "event/map_iis.h"
#include "event/map_iis_config.h"
#include "event/map_json.h"
#include "event/map_mft.h"
#include "event/map_mgmt.h"
#include "event/map_oab.h"
#include "event/map_removal.h"
#include "event/map_setup.h"
#include "event/map_task.h"
#include "event/map_usn.h"
#include "event/map_windows.h"
#include "format/unpack.h"

/* Everything that opening a reader takes. */
struct opening {
    struct bytes file;
    enum format format;
    struct str path;
    struct span span;
    struct arena *arena;
};

struct reader { /* one family of formats */
    void *(*open)(const struct opening *o);
    int (*next)(void *r, struct arena *arena, struct event *ret, struct span *gap,
                struct err *err);
    void (*fill)(void *r, struct arena *arena, struct event *ev);
    void (*close)(void *r);                                         /* NULL: nothing to do */
    bool (*row)(void *r, struct arena *arena, struct log_row *ret); /* NULL: there are none */
    void (*some)(void *r, struct arena *arena, struct event *ev,
                 const struct wish *wish); /* NULL: all or nothing */
};

/* next and fill of a reader whose functions are <name>_events_next and _fill. */
#define READER(name)                                                                          \
    static int name##_next(void *r, struct arena *arena, struct event *ret, struct span *gap, \
                           struct err *err)                                                   \
    {                                                                                         \
        return name##_events_next(r, arena, ret, gap, err);                                   \
    }                                                                                         \
    static void name##_fill(void *r, struct arena *arena, struct event *ev)                   \
    {                                                                                         \
        name##_events_fill(r, arena, ev);                                                     \
    }

/* --- Windows events --------------------------------------------------------------------- */

static void *evtx_open(const struct opening *o)
{
    return evtx_events_open(o->file, o->span.from, o->span.to, EVTX_CHECK_CRC, o->arena);
}

static int evtx_next(void *r, struct arena *arena, struct event *ret, struct span *gap,
                     struct err *err)
{
    struct evtx_gap where = {0};
    int got = evtx_events_next(r, arena, ret, &where, err);
    if (got < 0)
        *gap = (struct span){.from = where.from, .to = where.to};
    return got;
}

static void evtx_fill(void *r, struct arena *arena, struct event *ev)
{
    evtx_events_fill(r, arena, ev);
}

static void *json_open(const struct opening *o)
{
    struct json_events **r = ARENA_NEW(o->arena, struct json_events *);
    *r = json_events_open(o->file, o->format, o->span, o->arena);
    return r;
}

static int json_next(void *r, struct arena *arena, struct event *ret, struct span *gap,
                     struct err *err)
{
    return json_events_next(*(struct json_events **)r, arena, ret, gap, err);
}

static void json_fill(void *r, struct arena *arena, struct event *ev)
{
    json_events_fill(*(struct json_events **)r, arena, ev);
}

static void json_close(void *r)
{
    json_events_close(r);
}

/* --- text logs -------------------------------------------------------------------------- */

READER(iis)
READER(exch)
READER(oab)
READER(removal)
READER(setup)
READER(access)
READER(iis_config)
READER(agent_config)
READER(task)
READER(defender)
READER(mft)
READER(usn)
READER(hive)

static void *iis_open(const struct opening *o)
{
    return iis_events_open(o->file, o->format, o->path, o->span, o->arena);
}

static void *oab_open(const struct opening *o)
{
    return oab_events_open(o->file, o->path, o->span, o->arena);
}

static void *removal_open(const struct opening *o)
{
    return removal_events_open(o->file, o->path, o->span, o->arena);
}

static void *setup_open(const struct opening *o)
{
    return setup_events_open(o->file, o->path, o->span, o->arena);
}

static void *exch_open(const struct opening *o)
{
    return exch_events_open(o->file, o->format, o->path, o->span, o->arena);
}

static void *mft_open_reader(const struct opening *o)
{
    return mft_events_open(o->file, o->path, o->span, o->arena);
}

static void *usn_open_reader(const struct opening *o)
{
    return usn_events_open(o->file, o->path, o->span, o->arena);
}

static void *access_open(const struct opening *o)
{
    return access_events_open(o->file, o->format, o->path, o->span, o->arena);
}

static void *hive_open_events(const struct opening *o)
{
    return hive_events_open(o->file, o->arena);
}

static bool hive_row(void *r, struct arena *arena, struct log_row *ret)
{
    return hive_events_row(r, arena, ret);
}

static void *iis_config_open(const struct opening *o)
{
    return iis_config_events_open(o->file, o->path, o->arena);
}

static void *agent_config_open(const struct opening *o)
{
    return agent_config_events_open(o->file, o->path, o->arena);
}

static void *task_open(const struct opening *o)
{
    return task_events_open(o->file, o->path, o->arena);
}

static void *defender_open(const struct opening *o)
{
    return defender_events_open(o->file, o->arena);
}

static bool iis_row(void *r, struct arena *arena, struct log_row *ret)
{
    return iis_events_row(r, arena, ret);
}

static bool exch_row(void *r, struct arena *arena, struct log_row *ret)
{
    return exch_events_row(r, arena, ret);
}

static void iis_some(void *r, struct arena *arena, struct event *ev, const struct wish *wish)
{
    iis_events_fill_some(r, arena, ev, wish);
}

static void exch_some(void *r, struct arena *arena, struct event *ev, const struct wish *wish)
{
    exch_events_fill_some(r, arena, ev, wish);
}

static bool access_row(void *r, struct arena *arena, struct log_row *ret)
{
    return access_events_row(r, arena, ret);
}

/* --- which for what --------------------------------------------------------------------- */

static const struct reader EVTX = {evtx_open, evtx_next, evtx_fill, NULL, NULL, NULL};
static const struct reader JSON = {json_open, json_next, json_fill, json_close, NULL, NULL};
static const struct reader IIS = {iis_open, iis_next, iis_fill, NULL, iis_row, iis_some};
static const struct reader EXCH = {exch_open, exch_next, exch_fill, NULL, exch_row, exch_some};
static const struct reader OAB = {oab_open, oab_next, oab_fill, NULL, NULL, NULL};
static const struct reader REMOVAL = {removal_open, removal_next, removal_fill,
                                      NULL,         NULL,         NULL};
static const struct reader SETUP = {setup_open, setup_next, setup_fill, NULL, NULL, NULL};

static const struct reader ACCESS = {access_open, access_next, access_fill,
                                     NULL,        access_row,  NULL};

static const struct reader MFT = {mft_open_reader, mft_next, mft_fill, NULL, NULL, NULL};
static const struct reader HIVE = {hive_open_events, hive_next, hive_fill, NULL,
                                   hive_row,         NULL};

static const struct reader USN = {usn_open_reader, usn_next, usn_fill, NULL, NULL, NULL};

static const struct reader IIS_CONFIG = {
    iis_config_open, iis_config_next, iis_config_fill, NULL, NULL, NULL};
static const struct reader AGENT_CONFIG = {
    agent_config_open, agent_config_next, agent_config_fill, NULL, NULL, NULL};
static const struct reader DEFENDER = {defender_open, defender_next, defender_fill,
                                       NULL,          NULL,          NULL};
static const struct reader TASK = {task_open, task_next, task_fill, NULL, NULL, NULL};

static const struct reader *const READERS[FORMATS] = {
    [FORMAT_EVTX] = &EVTX,
    [FORMAT_JSON_LINES] = &JSON,
    [FORMAT_JSON] = &JSON,
    [FORMAT_GZIP] = &JSON, /* a log is unpacked before this is asked */
    [FORMAT_ZSTD] = &JSON,
    [FORMAT_IIS_W3C] = &IIS,
    [FORMAT_HTTPPROXY] = &EXCH,
    [FORMAT_ECP_SERVER] = &EXCH,
    [FORMAT_HTTPERR] = &IIS,
    [FORMAT_ECP_ACTIVITY] = &EXCH,
    [FORMAT_EWS] = &EXCH,
    [FORMAT_AUTODISCOVER] = &EXCH,
    [FORMAT_OWA] = &EXCH,
    [FORMAT_MAPIHTTP] = &EXCH,
    [FORMAT_RPS_CMDLET] = &EXCH,
    [FORMAT_RPS_HTTP] = &EXCH,
    [FORMAT_MESSAGE_TRACKING] = &EXCH,
    [FORMAT_SMTP] = &EXCH,
    [FORMAT_AGENT] = &EXCH,
    [FORMAT_CONNECTIVITY] = &EXCH,
    [FORMAT_AUDIT] = &EXCH,
    [FORMAT_MITIGATION] = &EXCH,
    [FORMAT_EXCHANGE] = &EXCH,
    [FORMAT_OAB_GENERATOR] = &OAB,
    [FORMAT_EXCHANGE_SETUP] = &SETUP,
    [FORMAT_REMEDIATION] = &REMOVAL,
    [FORMAT_REGISTRY] = &HIVE,
    [FORMAT_IIS_CONFIG] = &IIS_CONFIG,
    [FORMAT_AGENT_CONFIG] = &AGENT_CONFIG,
    [FORMAT_TASK] = &TASK,
    [FORMAT_DEFENDER] = &DEFENDER,
    [FORMAT_NCSA] = &ACCESS,
    [FORMAT_IIS_NATIVE] = &ACCESS,
    [FORMAT_MFT] = &MFT,
    [FORMAT_USN] = &USN,
};

struct source {
    enum format format; /* of what is read: of the content, where a log was unpacked */
    const struct reader *reader;
    void *events;        /* the reader's; NULL: there is no reader for it */
    struct buf unpacked; /* the content of a compressed log */
    struct err damaged;  /* what became of unpacking it; told behind its last event */
    struct bytes file;   /* that is read, unpacked */
    struct span span;
    struct evtx_elsewhere own; /* the templates that another source has learned */
};

/* What a compressed file holds, as far as its first bytes tell. */
static enum format content_of(struct bytes file, enum format format)
{
    enum { SNIFF_BYTES = 64 * 1024 };
    struct err ignored = {0};
    struct buf head = buf_new(SNIFF_BYTES);
    (void)unpack_all(file, format, &head, &ignored); /* ends when the buffer is full */
    enum format content = format_sniff(str_bytes(buf_str(&head)));
    buf_free(&head);
    return content;
}

static bool is_log(enum format format)
{
    bool stream = format == FORMAT_JSON || format == FORMAT_JSON_LINES ||
                  format == FORMAT_GZIP || format == FORMAT_ZSTD;
    return format_has_events(format) && !stream;
}

/* A compressed log is unpacked into memory, within a limit; JSON is read as a stream. */
static void unpack_log(struct source *s, struct bytes *file, struct span *span)
{
    enum format content = content_of(*file, s->format);
    if (!is_log(content))
        return;
    s->unpacked = buf_new(LIMIT_UNPACKED_LOG);
    (void)unpack_all(*file, s->format, &s->unpacked, &s->damaged);
    s->format = content;
    *file = str_bytes(buf_str(&s->unpacked));
    *span = (struct span){.from = 0, .to = file->n};
}

struct source *source_open(struct bytes file, enum format format, struct str path,
                           struct span span, struct arena *arena)
{
    struct source *s = ARENA_NEW(arena, struct source);
    s->format = format;
    if (format == FORMAT_GZIP || format == FORMAT_ZSTD)
        unpack_log(s, &file, &span);
    s->file = file;
    s->span = span;
    s->reader = READERS[s->format];
    if (s->reader)
        s->events = s->reader->open(&(struct opening){file, s->format, path, span, arena});
    return s;
}

int source_next(struct source *s, struct arena *arena, struct event *ret, struct span *gap,
                struct err *err)
{
    int got = s->reader ? s->reader->next(s->events, arena, ret, gap, err) : 0;
    if (got != 0 || s->damaged.code == ERR_NONE)
        return got;
    *gap = (struct span){.from = s->unpacked.n, .to = s->unpacked.n};
    *err = s->damaged;
    s->damaged = (struct err){0};
    return -1;
}

bool source_has_shells(const struct source *s)
{
    return s->format == FORMAT_EVTX && evtx_events_has_shells(s->events);
}

bool source_definition(const struct source *s, unsigned i, struct evtx_definition *ret)
{
    return s->format == FORMAT_EVTX && evtx_events_definition(s->events, i, ret);
}

static int find_own(void *context, uint32_t id, struct evtx_definition *ret)
{
    const struct source *read = context;
    struct evtx_definition d;
    int found = 0;
    for (unsigned i = 0; found >= 0 && source_definition(read, i, &d); i++) {
        if (d.id != id)
            continue;
        found = found ? -1 : 1;
        *ret = d;
    }
    return found;
}

static struct bytes own_chunk(void *context, const struct evtx_definition *d)
{
    const struct source *read = context;
    if (d->chunk >= read->file.n)
        return (struct bytes){0};
    size_t left = read->file.n - (size_t)d->chunk;
    return (struct bytes){read->file.p + d->chunk,
                          left < EVTX_CHUNK_SIZE ? left : EVTX_CHUNK_SIZE};
}

static struct source *recover(struct bytes file, struct span span, bool image,
                              const struct evtx_elsewhere *elsewhere, struct arena *arena)
{
    struct source *s = ARENA_NEW(arena, struct source);
    s->format = FORMAT_EVTX;
    s->reader = READERS[FORMAT_EVTX];
    s->file = file;
    s->span = span;
    s->events = evtx_events_recover(file, span.from, span.to, image, elsewhere, arena);
    return s;
}

struct source *source_recover(struct source *read, const struct evtx_elsewhere *elsewhere,
                              struct arena *arena)
{
    if (read->format != FORMAT_EVTX)
        return NULL;
    read->own = (struct evtx_elsewhere){read, find_own, own_chunk};
    return recover(read->file, read->span, false, elsewhere ? elsewhere : &read->own, arena);
}

struct source *source_carve(struct bytes file, struct span span,
                            const struct evtx_elsewhere *elsewhere, struct arena *arena)
{
    return recover(file, span, true, elsewhere, arena);
}

struct evtx_recovery_counts source_recovered(const struct source *s)
{
    return s->format == FORMAT_EVTX ? evtx_events_recovered(s->events)
                                    : (struct evtx_recovery_counts){0};
}

void source_close(struct source *s)
{
    if (s->reader && s->reader->close)
        s->reader->close(s->events);
    buf_free(&s->unpacked);
}

void source_fill(struct source *s, struct arena *arena, struct event *ev)
{
    if (s->reader)
        s->reader->fill(s->events, arena, ev);
    if (ev->kind != EVENT_WINDOWS)
        return;
    mgmt_derive(ev, arena);
    windows_derive(ev, arena);
}

void source_fill_some(struct source *s, struct arena *arena, struct event *ev,
                      const struct wish *wish)
{
    if (wish && s->reader && s->reader->some) {
        s->reader->some(s->events, arena, ev, wish);
        return;
    }
    bool whole = !wish || s->format != FORMAT_EVTX || windows_needs_all(ev) || mgmt_derives(ev);
    if (whole || !evtx_events_fill_some(s->events, arena, ev, wish))
        source_fill(s, arena, ev);
}

struct bytes source_raw(const struct source *s)
{
    return s->format == FORMAT_EVTX ? evtx_events_chunk(s->events) : (struct bytes){0};
}

void source_also(struct source *s, const struct wish *also)
{
    if (s->format == FORMAT_EVTX)
        evtx_events_also(s->events, also);
}

bool source_event_key(struct source *s, const struct event *ev, const struct wish *wish,
                      struct event_key *ret)
{
    return s->reader == &EVTX && !windows_needs_all(ev) && !mgmt_derives(ev) &&
           evtx_events_key(s->events, ev, wish, ret);
}

bool source_row(struct source *s, struct arena *arena, struct log_row *ret)
{
    return s->reader && s->reader->row && s->reader->row(s->events, arena, ret);
}

bool source_row_key(struct source *s, struct arena *arena, const struct wish *wish,
                    struct row_key *ret)
{
    if (s->reader == &IIS)
        return iis_events_key(s->events, arena, wish, ret);
    if (s->reader == &ACCESS)
        return access_events_key(s->events, arena, wish, ret);
    return s->reader == &EXCH && exch_events_key(s->events, arena, wish, ret);
}
