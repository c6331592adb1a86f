/* json_twins_main.c - Windows events as JSON, over real data: the recording of an attack,
 * and events of which both the EVTX and evtx_dump's JSON are there.
 *
 *     json_twins CORPORA
 */
#include <ftw.h>

#include "base/auto.h"
#include "base/buf.h"
#include "event/map_evtx.h"
#include "event/map_json.h"
#include "unit/t.h"

enum { FILE_MAX = 64 << 20, PATH_LENGTH = 4096 };

static unsigned compared;

static bool read_file(const char *path, struct buf *ret)
{
    char piece[1 << 16];
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        buf_add(ret, piece, n);
    (void)fclose(f);
    return !ret->full;
}

/* ---- the recording ---- */

static void check_recording(struct bytes file)
{
    struct arena *run = arena_new();
    struct arena *arena = arena_new();
    struct span span = {.to = file.n};
    struct json_events *s = json_events_open(file, format_sniff(file), span, run);
    struct event ev;
    struct span gap;
    struct err err;
    unsigned events = 0;
    unsigned hints = 0;
    unsigned late = 0; /* events whose hint is about five hours later */
    int r;
    while ((r = json_events_next(s, arena, &ev, &gap, &err)) != 0) {
        T_EQ(r, 1);
        events++;
        T_OK(ev.time != INSTANT_NONE);
        T_STR(ev.host, "MXS01.azsentinel.local");
        if (ev.utc_hint != INSTANT_NONE) {
            int64_t minutes = (ev.utc_hint - ev.time + INSTANT_MINUTE / 2) / INSTANT_MINUTE;
            hints++;
            late += minutes >= 299 && minutes <= 300;
        }
        arena_reset(arena);
    }
    T_EQ(events, 10487);
    T_EQ(hints, 4679);
    T_OK(late >= hints - hints / 100);
    json_events_close(&s);
    arena_free(arena);
    arena_free(run);
}

/* ---- twins ---- */

/* What may differ: evtx_dump gives times to the microsecond and no blanks at the ends of
 * text, and one of the files was edited by hand, in the case of a letter. */
static bool same_text(const struct field *evtx, const struct field *json)
{
    if (str_eq(evtx->name, STR("TimeCreated"))) {
        struct str to_micro = str_part(evtx->value, 0, sizeof "2021-03-14T06:40:13.660123" - 1);
        return str_starts(json->value, to_micro);
    }
    return str_ieq(str_trim(evtx->value), str_trim(json->value));
}

static void compare(const char *path, const struct event *evtx, const struct event *json)
{
    compared++;
    T_EQ(json->event_id, evtx->event_id);
    T_OK(str_eq(json->channel, evtx->channel) && str_eq(json->provider, evtx->provider));
    T_OK(str_eq(json->host, evtx->host));
    T_OK(json->time / 10 == evtx->time / 10);
    if (evtx->n != json->n)
        t_failed += printf("%s: %zu fields, EVTX has %zu\n", path, json->n, evtx->n) > 0;
    for (size_t i = 0; i < evtx->n && i < json->n; i++) {
        const struct field *e = &evtx->fields[i];
        const struct field *j = &json->fields[i];
        if (e->section != j->section || (e->type == FIELD_GUID) != (j->type == FIELD_GUID) ||
            !str_eq(e->name, j->name) || !same_text(e, j))
            t_failed +=
                printf("%s: %.*s is \"%.*s\", EVTX has %.*s \"%.*s\"\n", path, STR_ARG(j->name),
                       STR_ARG(j->value), STR_ARG(e->name), STR_ARG(e->value)) > 0;
    }
}

/* Looks in the EVTX for the event with this record number, and compares. */
static void compare_with_evtx(const char *path, struct bytes file, const struct event *json)
{
    struct arena *run = arena_new();
    struct arena *arena = arena_new();
    struct evtx_events *s = evtx_events_open(file, 0, file.n, 0, run);
    struct event ev;
    struct evtx_gap gap;
    struct err err;
    int r;
    while ((r = evtx_events_next(s, arena, &ev, &gap, &err)) != 0) {
        if (r > 0 && ev.record == json->record) {
            evtx_events_fill(s, arena, &ev);
            compare(path, &ev, json);
            break;
        }
    }
    T_EQ(r, 1);
    arena_free(arena);
    arena_free(run);
}

static void check_twins(const char *path, struct bytes json, struct bytes evtx)
{
    struct arena *run = arena_new();
    struct arena *arena = arena_new();
    struct span span = {.to = json.n};
    struct json_events *s = json_events_open(json, format_sniff(json), span, run);
    struct event ev;
    struct span gap;
    struct err err;
    int r;
    while ((r = json_events_next(s, arena, &ev, &gap, &err)) != 0) {
        T_EQ(r, 1);
        json_events_fill(s, arena, &ev);
        compare_with_evtx(path, evtx, &ev);
        arena_reset(arena);
    }
    json_events_close(&s);
    arena_free(arena);
    arena_free(run);
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)ftw;
    struct str name = str_of(path);
    if (type != FTW_F || !str_iends(name, STR(".json")) || name.n >= PATH_LENGTH)
        return 0;
    char twin[PATH_LENGTH];
    (void)snprintf(twin, sizeof twin, "%.*s.evtx", (int)(name.n - 5), path);
    AUTO(buf_free) struct buf json = buf_new(FILE_MAX);
    AUTO(buf_free) struct buf evtx = buf_new(FILE_MAX);
    if (read_file(path, &json) && read_file(twin, &evtx))
        check_twins(path, str_bytes(buf_str(&json)), str_bytes(buf_str(&evtx)));
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: json_twins CORPORA\n");
        return EXIT_FAILURE;
    }
    char path[PATH_LENGTH];
    AUTO(buf_free) struct buf recording = buf_new(FILE_MAX);
    (void)snprintf(path, sizeof path, "%s/proxylogon-recording.jsonl", argv[1]);
    T_OK(read_file(path, &recording));
    check_recording(str_bytes(buf_str(&recording)));
    (void)snprintf(path, sizeof path, "%s/sigma/regression_data", argv[1]);
    (void)nftw(path, visit, 16, FTW_PHYS);
    printf("%u events compared with EVTX\n", compared);
    T_OK(compared >= 200);
    return t_done();
}
