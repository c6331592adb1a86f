/* evtx_dump_main.c - prints an event log as JSON lines, for the tests that compare the
 * reader with other readers.
 *
 * evtx_dump FILE...         each event as event_json writes it, then its head and gaps
 * evtx_dump --count FILE... records and gaps per file
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "event/map_evtx.h"

static struct bytes read_file(const char *path, uint8_t **to_free)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0) {
        perror(path);
        exit(2);
    }
    long size = ftell(f);
    rewind(f);
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
    size_t n = data && size > 0 ? fread(data, 1, (size_t)size, f) : 0;
    (void)fclose(f);
    *to_free = data;
    return (struct bytes){data, n};
}

static void dump(const char *path, bool count)
{
    uint8_t *data;
    struct bytes file = read_file(path, &data);
    struct arena *arena = arena_new();
    struct arena *record = arena_new();
    struct evtx_events *e = evtx_events_open(file, 0, file.n, EVTX_CHECK_CRC, arena);
    struct event ev;
    struct evtx_gap gap;
    struct err err = {0};
    struct buf line = buf_new(SIZE_MAX);
    uint64_t records = 0;
    uint64_t gaps = 0;
    for (int got; (got = evtx_events_next(e, record, &ev, &gap, &err)) != 0;) {
        if (got < 0) {
            gaps++;
            if (!count)
                printf("{\"gap\":[%" PRIu64 ",%" PRIu64 "],\"why\":\"%s\"}\n", gap.from, gap.to,
                       err.msg);
            continue;
        }
        records++;
        if (!count) {
            buf_clear(&line);
            evtx_events_fill(e, record, &ev);
            event_json(&ev, &line);
            printf("%.*s\n", STR_ARG(buf_str(&line)));
        }
        arena_reset(record);
    }
    if (count)
        printf("%" PRIu64 "\t%" PRIu64 "\t%s\n", records, gaps, path);
    buf_free(&line);
    arena_free(record);
    arena_free(arena);
    free(data);
}

int main(int argc, char **argv)
{
    bool count = argc > 1 && strcmp(argv[1], "--count") == 0;
    for (int i = count ? 2 : 1; i < argc; i++)
        dump(argv[i], count);
    return 0;
}
