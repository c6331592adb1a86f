/* bench_evtx.c - how fast event logs are read, on one thread.
 *
 * bench_evtx [-n REPEATS] FILE...
 *
 * Per stage the best of the repeats: frames only, fields located, heads (what a rule asks
 * for before any field), all fields as text; and the first two with checksums. The files
 * are read into memory before, so that no disk is measured; time is processor time, so that
 * a busy machine does not count.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "event/map_evtx.h"
#include "format/evtx_record.h"

enum { FILES_MAX = 4096 };

static struct bytes files[FILES_MAX];
static size_t n_files;
static struct evtx_record record;

struct result {
    uint64_t records;
    uint64_t fields;
    uint64_t gaps;
    uint64_t sink; /* of what was read, so that the reading is not optimised away */
};

static void frames(struct bytes file, bool crc, struct result *r)
{
    struct evtx_file f = evtx_file_open(file, 0, file.n, crc);
    struct evtx_frame frame;
    struct evtx_gap gap;
    struct err err;
    for (int got; (got = evtx_file_next(&f, &frame, &gap, &err)) != 0;) {
        r->gaps += got < 0;
        if (got > 0) {
            r->records++;
            r->sink += frame.id;
        }
    }
}

static void locate(struct bytes file, bool crc, struct result *r)
{
    struct arena *arena = arena_new();
    struct evtx_templates *t = evtx_templates_new(arena);
    struct evtx_file f = evtx_file_open(file, 0, file.n, crc);
    struct evtx_frame frame;
    struct evtx_gap gap;
    struct err err;
    for (int got; (got = evtx_file_next(&f, &frame, &gap, &err)) != 0;) {
        if (got < 0 || evtx_record_locate(t, &f.chunk, &frame, &record, &err) < 0) {
            r->gaps++;
            continue;
        }
        r->records++;
        struct evtx_fields it = evtx_fields_of(&record);
        for (struct evtx_field field; evtx_fields_next(&it, &field);) {
            r->fields++;
            for (unsigned i = 0; i < field.hole->parts; i++) {
                struct evtx_value v = evtx_field_part(&field, i);
                r->sink += v.n + (v.n ? v.p[0] : 0U);
            }
        }
    }
    arena_free(arena);
}

static void events(struct bytes file, bool fill, struct result *r)
{
    struct arena *arena = arena_new();
    struct arena *one = arena_new();
    struct evtx_events *e = evtx_events_open(file, 0, file.n, 0, arena);
    struct event ev;
    struct evtx_gap gap;
    struct err err;
    for (int got; (got = evtx_events_next(e, one, &ev, &gap, &err)) != 0;) {
        r->gaps += got < 0;
        if (got > 0) {
            r->records++;
            if (fill)
                evtx_events_fill(e, one, &ev);
            r->fields += ev.n;
            r->sink += ev.event_id + ev.channel.n;
        }
        arena_reset(one);
    }
    arena_free(one);
    arena_free(arena);
}

static void run_stage(int stage, struct bytes file, struct result *r)
{
    switch (stage) {
    case 0:
    case 1:
        frames(file, stage == 1, r);
        break;
    case 2:
    case 3:
        locate(file, stage == 3, r);
        break;
    default:
        events(file, stage == 5, r);
    }
}

int main(int argc, char **argv)
{
    static const char *const stages[] = {"frames",         "frames, checksums",
                                         "fields located", "located, checksums",
                                         "heads",          "fields as text"};
    int repeats = 5;
    uint64_t bytes = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-n") == 0 && i + 1 < argc)
            repeats = (int)strtoul(argv[++i], NULL, 10);
        else if (n_files < FILES_MAX)
            files[n_files++] = read_file(argv[i]);
    }
    for (size_t i = 0; i < n_files; i++)
        bytes += files[i].n;
    for (int s = 0; s < 6; s++) {
        double best = 1e9;
        struct result r = {0};
        for (int k = 0; k < repeats; k++) {
            r = (struct result){0};
            double from = cpu_now();
            for (size_t i = 0; i < n_files; i++)
                run_stage(s, files[i], &r);
            double took = cpu_now() - from;
            best = took < best ? took : best;
        }
        printf("%-20s %8.4f s %9.0f records/s %8.0f MB/s  %" PRIu64 " records %" PRIu64
               " fields %" PRIu64 " gaps (%u)\n",
               stages[s], best, (double)r.records / best, (double)bytes / best / 1e6, r.records,
               r.fields, r.gaps, (unsigned)(r.sink & 1));
    }
    return 0;
}
