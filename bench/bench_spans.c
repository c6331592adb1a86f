/* bench_spans.c - how fast a worker looks through a log, on one thread.
 *
 * bench_spans [-n REPEATS] [-p] RULES... -- FILE...
 *
 * What a worker does with one large log, span by span (scan/work.c), without the start of the
 * program and without the file's digest: events are read, rules decide, signals are written. The
 * files are read into memory before; time is processor time, the best of the repeats behind a
 * first pass, in which what is made once is made. The number at the end of a line is a sum of all
 * signals: it tells whether two builds say the same.
 *
 * -p  nothing is decoded
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "bench.h"
#include "detect/detect.h"
#include "format/line.h"
#include "sys/dir.h"
#include "sys/file.h"

enum {
    TEXT_SPAN = 4 << 20, /* those of scan/work.h */
    EVTX_SPAN = 16 * 65536,
    REPLY_MAX = 256 << 20,
};

struct result {
    uint64_t events, replied, sum;
};

static void load(struct ruleset *set, const char *root)
{
    struct arena *arena = arena_new();
    struct dir_list list = {0};
    struct err err = {0};
    (void)dir_walk(root, 0, arena, &list, &err);
    for (size_t i = 0; i < list.n; i++) {
        struct str path = list.entries[i].path;
        struct bytes text = {0};
        if (str_iends(path, STR(".yml")) && !str_iends(path, STR("pack.yml")) &&
            file_read(path.p, LIMIT_RULE_FILE, arena, &text, &err) == 0)
            ruleset_add(set, path, STR(""), (struct str){(const char *)text.p, text.n});
    }
    arena_free(arena);
}

static void one_span(const struct detect_config *config, struct matcher *m, struct bytes file,
                     enum format format, struct span span, struct result *r)
{
    struct arena *arena = arena_new();
    struct arena *one = arena_new();
    struct buf reply = buf_new(REPLY_MAX);
    struct source *source = source_open(file, format, STR("log"), span, arena);
    struct detect *d =
        detect_new(config, m, format == FORMAT_EVTX ? (struct bytes){0} : file, arena, &reply);
    for (;;) {
        struct event ev = {0};
        struct span gap = {0};
        struct err err = {0};
        arena_reset(one);
        int got = source_next(source, one, &ev, &gap, &err);
        if (got == 0)
            break;
        r->events += got > 0;
        if (got > 0)
            detect_event(d, source, &ev, one);
    }
    detect_end(d);
    matcher_raw(m, (struct bytes){0});
    source_close(source);
    for (size_t i = 0; i < reply.n; i++)
        r->sum = (r->sum ^ (unsigned char)reply.p[i]) * UINT64_C(0x100000001b3);
    r->replied += reply.n;
    buf_free(&reply);
    arena_free(one);
    arena_free(arena);
}

/* Text is cut behind newlines; its header is in the first span's first lines. */
static uint64_t cut_of(struct bytes file, enum format format, uint64_t at)
{
    if (format == FORMAT_EVTX)
        return at == 0 ? 4096 + EVTX_SPAN : at + EVTX_SPAN;
    return line_cut(file, at + TEXT_SPAN);
}

static uint64_t layout_of(struct bytes file)
{
    const char *fields = "#Fields:";
    const uint8_t *at =
        file.n ? memmem(file.p, file.n < 4096 ? file.n : 4096, fields, 8) : NULL;
    return at ? (uint64_t)(at - file.p) : 0;
}

static void one_pass(const struct detect_config *config, struct matcher *m, struct bytes file,
                     struct result *r)
{
    enum format format = format_sniff(file);
    uint64_t layout = format == FORMAT_EVTX ? 0 : layout_of(file);
    for (uint64_t at = 0; at < file.n;) {
        uint64_t to = cut_of(file, format, at);
        to = to < file.n ? to : file.n;
        one_span(config, m, file, format, (struct span){at, to, at ? layout : 0}, r);
        at = to;
    }
}

static void bench(const struct detect_config *config, const char *path, int repeats)
{
    struct bytes file = read_file(path);
    struct matcher *m = matcher_new(config->rules);
    double best = 1e9;
    struct result r = {0};
    for (int k = 0; k <= repeats; k++) {
        r = (struct result){0};
        double from = cpu_now();
        one_pass(config, m, file, &r);
        double took = cpu_now() - from;
        best = k && took < best ? took : best;
    }
    printf("%-24s %8.3f s %6.0f MB/s %10.0f events/s %6.0f ns  %" PRIu64
           " bytes said, %016" PRIx64 "\n",
           path, best, (double)file.n / best / 1e6, (double)r.events / best,
           best * 1e9 / (double)r.events, r.replied, r.sum);
    matcher_free(m);
    free((void *)(uintptr_t)file.p);
}

int main(int argc, char **argv)
{
    int repeats = 3;
    int i = 1;
    struct ruleset *set = ruleset_new();
    struct detect_config config = {.rules = set, .from = INSTANT_NONE, .to = INSTANT_NONE};
    struct arena *arena = arena_new();
    struct err err = {0};
    for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "-n") == 0 && i + 1 < argc)
            repeats = (int)strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "-p") == 0)
            config.plain = true;
        else
            load(set, argv[i]);
    }
    ruleset_freeze(set);
    if (detect_config_init(&config, arena, &err) < 0) {
        (void)fprintf(stderr, "bench_spans: %s\n", err.msg);
        return 2;
    }
    for (i++; i < argc; i++)
        bench(&config, argv[i], repeats);
    arena_free(arena);
    ruleset_free(set);
    return 0;
}
