#include "event/map_json.h"

#include <inttypes.h>

#include "base/num.h"
#include "event/winjson.h"
#include "format/json_stream.h"

struct json_events {
    struct json_stream *stream;
    struct arena *record_arena; /* the last record; emptied by the next */
    struct winjson last;
    enum format content;   /* FORMAT_EMPTY: JSON; else what a compressed file holds */
    uint64_t others;       /* objects that are no Windows events */
    struct span others_at; /* from the first to the last of them */
};

static bool is_packed(enum format format)
{
    return format == FORMAT_GZIP || format == FORMAT_ZSTD;
}

struct json_events *json_events_open(struct bytes file, enum format format, struct span span,
                                     struct arena *arena)
{
    struct json_events *s = ARENA_NEW(arena, struct json_events);
    s->record_arena = arena_new();
    s->content = FORMAT_EMPTY;
    if (!is_packed(format)) {
        s->stream = json_stream_open(file, span.from, span.to, arena);
        return s;
    }
    s->stream = json_stream_unpack(file, format, arena);
    enum format content = format_sniff(json_stream_peek(s->stream));
    if (content != FORMAT_JSON_LINES && content != FORMAT_JSON)
        s->content = content; /* empty where it is damaged from the start: the stream tells */
    return s;
}

void json_events_close(struct json_events **s)
{
    if (!*s)
        return;
    json_stream_close(&(*s)->stream);
    arena_free((*s)->record_arena);
    *s = NULL;
}

static void head_of(const struct winjson *w, const struct json_record *rec, struct event *ev)
{
    uint64_t id = 0;
    uint64_t number = 0;
    (void)num_u64(w->system[WJ_EVENT_ID], &id);
    (void)num_u64(w->system[WJ_RECORD], &number);
    *ev = (struct event){
        .kind = EVENT_WINDOWS,
        .time = w->time,
        .offset = rec->offset,
        .size = rec->size,
        .record = number,
        .marks = w->zoneless ? MARK_TIME_GUESSED : 0,
        .event_id = (uint32_t)(id & 0xffff), /* the rest is its qualifiers */
        .channel = w->system[WJ_CHANNEL],
        .provider = w->system[WJ_PROVIDER_NAME],
        .host = w->system[WJ_COMPUTER],
        .part = STR(""),
        .utc_hint = winjson_utc_hint(w),
    };
}

static int tell_other_content(struct json_events *s, struct span *gap, struct err *err)
{
    struct bytes head = json_stream_peek(s->stream);
    *gap = (struct span){.from = 0, .to = head.n};
    (void)err_set(err, ERR_UNSUPPORTED, "compressed %s: no events are read from it",
                  format_name(s->content));
    json_stream_close(&s->stream);
    return -1;
}

static void count_other(struct json_events *s, const struct json_record *rec)
{
    if (s->others++ == 0)
        s->others_at.from = rec->offset;
    s->others_at.to = rec->offset + rec->size;
}

static int tell_others(struct json_events *s, struct span *gap, struct err *err)
{
    uint64_t n = s->others;
    if (n == 0)
        return 0;
    s->others = 0;
    *gap = s->others_at;
    return err_set(err, ERR_UNSUPPORTED, "%" PRIu64 " JSON object%s that %s no Windows event%s",
                   n, n == 1 ? "" : "s", n == 1 ? "is" : "are", n == 1 ? "" : "s");
}

int json_events_next(struct json_events *s, struct arena *arena, struct event *ret,
                     struct span *gap, struct err *err)
{
    (void)arena; /* the head's texts lie in the record */
    if (!s->stream)
        return 0;
    if (s->content != FORMAT_EMPTY)
        return tell_other_content(s, gap, err);
    for (;;) {
        struct json_record rec;
        struct json_gap damage;
        arena_reset(s->record_arena);
        int r = json_stream_next(s->stream, s->record_arena, &rec, &damage, err);
        if (r == 0)
            return tell_others(s, gap, err);
        if (r < 0) {
            *gap = (struct span){.from = damage.from, .to = damage.to};
            return -1;
        }
        if (winjson_read(rec.value, s->record_arena, &s->last)) {
            head_of(&s->last, &rec, ret);
            return 1;
        }
        count_other(s, &rec);
    }
}

void json_events_fill(struct json_events *s, struct arena *arena, struct event *ev)
{
    winjson_fill(&s->last, arena, ev);
}
