/* bench_evtx.c - how fast event logs are read, on one thread.
 *
 * bench_evtx [-n REPEATS] [-s STAGE] FILE...
 *
 * Per stage the best of the repeats: frames only, fields located, heads (what a rule asks
 * for before any field), fields that are wished for, all fields as text; and the first two with
 * checksums. STAGE: its number, from 0; all if not given. The files
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

/* What rules about processes ask for, and a few others. */
static const struct str wished[] = {
    {"Image", 5},
    {"CommandLine", 11},
    {"ParentImage", 11},
    {"ParentCommandLine", 17},
    {"OriginalFileName", 16},
    {"User", 4},
    {"Hashes", 6},
    {"TargetFilename", 14},
    {"TargetObject", 12},
    {"Details", 7},
    {"NewProcessName", 14},
    {"SubjectUserName", 15},
    {"TargetUserName", 14},
    {"LogonType", 9},
    {"IpAddress", 9},
    {"ServiceName", 11},
    {"ScriptBlockText", 15},
    {"Provider_Name", 13},
};
static const struct wish wish = {.names = wished, .n = sizeof wished / sizeof *wished, .id = 1};

enum fill { FILL_NONE, FILL_SOME, FILL_ALL };

static void events(struct bytes file, enum fill fill, struct result *r)
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
            if (fill == FILL_ALL ||
                (fill == FILL_SOME && !evtx_events_fill_some(e, one, &ev, &wish)))
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
        events(file, (enum fill)(stage - 4), r);
    }
}

int main(int argc, char **argv)
{
    static const char *const stages[] = {
        "frames", "frames, checksums", "fields located", "located, checksums",
        "heads",  "wished fields",     "fields as text"};
    enum { STAGES = sizeof stages / sizeof *stages };
    int repeats = 5;
    int only = -1;
    uint64_t bytes = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-n") == 0 && i + 1 < argc)
            repeats = (int)strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "-s") == 0 && i + 1 < argc)
            only = (int)strtol(argv[++i], NULL, 10);
        else if (n_files < FILES_MAX)
            files[n_files++] = read_file(argv[i]);
    }
    for (size_t i = 0; i < n_files; i++)
        bytes += files[i].n;
    for (int s = 0; s < STAGES; s++) {
        if (only >= 0 && s != only)
            continue;
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
