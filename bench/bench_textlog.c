/* bench_textlog.c - how fast text logs are read, on one thread.
 *
 * bench_textlog [-n REPEATS] FILE...
 *
 * Per stage the best of the repeats: lines; heads (every column located, time and host
 * read: all that is needed to pass over a row that no rule asks for); fields (every value
 * as text, derived ones too). Files are read into memory before, so that no disk is
 * measured; time is processor time, so that a busy machine does not count.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "event/source.h"
#include "format/line.h"

enum stage { STAGE_LINES, STAGE_HEADS, STAGE_FIELDS, STAGES };

struct result {
    uint64_t rows;
    uint64_t gaps;
    uint64_t sink; /* of what was read, so that the reading is not optimised away */
};

static void read_lines(struct bytes file, struct result *r)
{
    struct arena *arena = arena_new();
    struct lines lines = lines_of(file, 0, file.n, arena);
    struct line line;
    struct err err;
    for (int got; (got = line_next(&lines, &line, &err)) != 0;) {
        r->gaps += got < 0;
        r->rows += got > 0;
        r->sink += line.size;
    }
    arena_free(arena);
}

static void read_events(struct bytes file, const char *path, bool fill, struct result *r)
{
    struct arena *arena = arena_new();
    struct arena *one = arena_new();
    struct source *s = source_open(file, format_sniff(file), (struct str){path, strlen(path)},
                                   (struct span){.to = file.n}, arena);
    struct event ev;
    struct span gap;
    struct err err;
    for (int got; (got = source_next(s, one, &ev, &gap, &err)) != 0;) {
        r->gaps += got < 0;
        if (got > 0) {
            r->rows++;
            if (fill)
                source_fill(s, one, &ev);
            r->sink += ev.n + (uint64_t)ev.time;
        }
        arena_reset(one);
    }
    source_close(s);
    arena_free(one);
    arena_free(arena);
}

static struct result best_of(int repeats, enum stage stage, struct bytes file, const char *path,
                             double *best)
{
    struct result r = {0};
    *best = 1e9;
    for (int k = 0; k < repeats; k++) {
        r = (struct result){0};
        double from = cpu_now();
        if (stage == STAGE_LINES)
            read_lines(file, &r);
        else
            read_events(file, path, stage == STAGE_FIELDS, &r);
        double took = cpu_now() - from;
        *best = took < *best ? took : *best;
    }
    return r;
}

int main(int argc, char **argv)
{
    static const char *const names[STAGES] = {"lines", "heads", "fields"};
    int repeats = 3;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-n") == 0 && i + 1 < argc) {
            repeats = (int)strtoul(argv[++i], NULL, 10);
            continue;
        }
        struct bytes file = read_file(argv[i]);
        printf("%s: %.1f MB, %s\n", argv[i], (double)file.n / 1e6,
               format_name(format_sniff(file)));
        for (enum stage s = STAGE_LINES; s < STAGES; s++) {
            double took;
            struct result r = best_of(repeats, s, file, argv[i], &took);
            printf("  %-8s %8.3f s %10.0f rows/s %8.0f MB/s  %" PRIu64 " rows %" PRIu64
                   " gaps (%u)\n",
                   names[s], took, (double)r.rows / took, (double)file.n / took / 1e6, r.rows,
                   r.gaps, (unsigned)(r.sink & 1));
        }
        free((void *)(uintptr_t)file.p);
    }
    return 0;
}
