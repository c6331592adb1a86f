#include "event/source.h"

#include "base/buf.h"
#include "base/limits.h"
#include "event/map_evtx.h"
#include "event/map_exch.h"
#include "event/map_iis.h"
#include "event/map_json.h"
#include "event/map_mgmt.h"
#include "event/map_windows.h"
#include "format/unpack.h"

struct source {
    enum format format;  /* of what is read: of the content, where a log was unpacked */
    struct buf unpacked; /* the content of a compressed log */
    struct err damaged;  /* what became of unpacking it; told behind its last event */
    union {
        struct evtx_events *evtx;
        struct iis_events *iis;
        struct exch_events *exch;
        struct json_events *json;
    } of;
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
    return format == FORMAT_EVTX || format == FORMAT_IIS_W3C || format == FORMAT_HTTPPROXY ||
           format == FORMAT_ECP_SERVER;
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
    format = s->format;
    if (format == FORMAT_EVTX)
        s->of.evtx = evtx_events_open(file, span.from, span.to, EVTX_CHECK_CRC, arena);
    else if (format == FORMAT_IIS_W3C)
        s->of.iis = iis_events_open(file, path, span, arena);
    else if (format == FORMAT_HTTPPROXY)
        s->of.exch = exch_events_open(file, EVENT_HTTPPROXY, path, span, arena);
    else if (format == FORMAT_ECP_SERVER)
        s->of.exch = exch_events_open(file, EVENT_ECP_SERVER, path, span, arena);
    else
        s->of.json = json_events_open(file, format, span, arena);
    return s;
}

static int next_evtx(struct source *s, struct arena *arena, struct event *ret, struct span *gap,
                     struct err *err)
{
    struct evtx_gap where = {0};
    int got = evtx_events_next(s->of.evtx, arena, ret, &where, err);
    if (got < 0)
        *gap = (struct span){.from = where.from, .to = where.to};
    return got;
}

static int next_of(struct source *s, struct arena *arena, struct event *ret, struct span *gap,
                   struct err *err)
{
    if (s->format == FORMAT_EVTX)
        return next_evtx(s, arena, ret, gap, err);
    if (s->format == FORMAT_IIS_W3C)
        return iis_events_next(s->of.iis, arena, ret, gap, err);
    if (s->format == FORMAT_HTTPPROXY || s->format == FORMAT_ECP_SERVER)
        return exch_events_next(s->of.exch, arena, ret, gap, err);
    return json_events_next(s->of.json, arena, ret, gap, err);
}

int source_next(struct source *s, struct arena *arena, struct event *ret, struct span *gap,
                struct err *err)
{
    int got = next_of(s, arena, ret, gap, err);
    if (got != 0 || s->damaged.code == ERR_NONE)
        return got;
    *gap = (struct span){.from = s->unpacked.n, .to = s->unpacked.n};
    *err = s->damaged;
    s->damaged = (struct err){0};
    return -1;
}

void source_close(struct source *s)
{
    buf_free(&s->unpacked);
    bool json = s->format != FORMAT_EVTX && s->format != FORMAT_IIS_W3C &&
                s->format != FORMAT_HTTPPROXY && s->format != FORMAT_ECP_SERVER;
    if (json)
        json_events_close(&s->of.json);
}

void source_fill(struct source *s, struct arena *arena, struct event *ev)
{
    if (s->format == FORMAT_EVTX)
        evtx_events_fill(s->of.evtx, arena, ev);
    else if (s->format == FORMAT_IIS_W3C)
        iis_events_fill(s->of.iis, arena, ev);
    else if (s->format == FORMAT_HTTPPROXY || s->format == FORMAT_ECP_SERVER)
        exch_events_fill(s->of.exch, arena, ev);
    else
        json_events_fill(s->of.json, arena, ev);
    if (ev->kind != EVENT_WINDOWS)
        return;
    mgmt_derive(ev, arena);
    windows_derive(ev, arena);
}
