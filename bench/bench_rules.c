/* bench_rules.c - how fast rules are evaluated, on one thread.
 *
 * bench_rules [-n REPEATS] [-s STAGES] RULES... -- FILE...
 *
 * The files are read into memory before; time is processor time, the best of the repeats:
 *   heads   the head of each record, no fields
 *   whole   all fields as text, no rules
 *   fast    what a scan does: the wished fields, and all of them only where a rule may match
 *   run     all fields, the fast matcher
 *   plain   all fields, the plain matcher
 * STAGES: letters of h, w, f, r, p; hwfr if not given. Each matcher meets its classes of events
 * in a first pass that is told apart ("first").
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "bench.h"
#include "event/source.h"
#include "rule/rules.h"
#include "sys/dir.h"
#include "sys/file.h"

enum { FILES_MAX = 4096 };

static struct bytes files[FILES_MAX];
static size_t n_files;

struct result {
    uint64_t records, bytes, maybe, matches, sink;
};

struct stage {
    char letter;
    const char *name;
    bool fill, some, run, plain;
};

static const struct stage stages[] = {
    {.letter = 'h', .name = "heads"},
    {.letter = 'w', .name = "whole", .fill = true},
    {.letter = 'f', .name = "fast", .some = true, .run = true},
    {.letter = 'r', .name = "run", .fill = true, .run = true},
    {.letter = 'p', .name = "plain", .fill = true, .run = true, .plain = true},
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

static void one_event(const struct stage *stage, struct matcher *m, struct source *source,
                      struct arena *arena, struct event *ev, struct result *r)
{
    const uint32_t *rules = NULL;
    r->records++;
    r->bytes += ev->size;
    r->sink += ev->event_id + ev->channel.n;
    if (m && !matcher_wants(m, ev))
        return;
    if (stage->some) {
        matcher_raw(m, source_raw(source));
        struct event some = *ev;
        source_fill_some(source, arena, &some, matcher_wish(m, ev));
        if (!matcher_may(m, &some))
            return;
        r->maybe++;
    }
    if (stage->fill || stage->some)
        source_fill(source, arena, ev);
    r->sink += ev->n;
    if (m)
        r->matches += matcher_run(m, ev, &rules);
}

static void one_file(const struct stage *stage, struct matcher *m, struct bytes file,
                     struct result *r)
{
    struct arena *arena = arena_new();
    struct arena *one = arena_new();
    struct span span = {.to = file.n};
    struct span gap;
    struct err err;
    struct event ev;
    struct source *source = source_open(file, format_sniff(file), STR(""), span, arena);
    for (int got; (got = source_next(source, one, &ev, &gap, &err)) != 0;) {
        if (got > 0)
            one_event(stage, m, source, one, &ev, r);
        arena_reset(one);
    }
    if (m)
        matcher_raw(m, (struct bytes){0});
    source_close(source);
    arena_free(one);
    arena_free(arena);
}

static void told(const char *name, const char *which, double took, const struct result *r)
{
    printf("%-6s %-6s %8.4f s %9.0f records/s %7.0f MB/s  %" PRIu64 " records, %" PRIu64
           " may match, %" PRIu64 " matches (%u)\n",
           name, which, took, (double)r->records / took, (double)r->bytes / took / 1e6,
           r->records, r->maybe, r->matches, (unsigned)(r->sink & 1));
}

static void run_stage(const struct stage *stage, const struct ruleset *set, int repeats)
{
    struct matcher *m = !stage->run    ? NULL
                        : stage->plain ? matcher_new_plain(set)
                                       : matcher_new(set);
    double best = 1e9;
    struct result r = {0};
    for (int k = 0; k < repeats + (m != NULL); k++) {
        r = (struct result){0};
        double from = cpu_now();
        for (size_t i = 0; i < n_files; i++)
            one_file(stage, m, files[i], &r);
        double took = cpu_now() - from;
        if (m && k == 0)
            told(stage->name, "first", took, &r);
        else
            best = took < best ? took : best;
    }
    told(stage->name, "", best, &r);
    matcher_free(m);
}

int main(int argc, char **argv)
{
    const char *wanted = "hwfr";
    int repeats = 3;
    int i = 1;
    struct ruleset *set = ruleset_new();
    double from = cpu_now();
    for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "-n") == 0 && i + 1 < argc)
            repeats = (int)strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "-s") == 0 && i + 1 < argc)
            wanted = argv[++i];
        else
            load(set, argv[i]);
    }
    ruleset_freeze(set);
    printf("%zu rules loaded in %.3f s\n", ruleset_count(set), cpu_now() - from);
    for (i++; i < argc && n_files < FILES_MAX; i++)
        files[n_files++] = read_file(argv[i]);
    for (size_t s = 0; s < sizeof stages / sizeof stages[0]; s++)
        if (strchr(wanted, stages[s].letter))
            run_stage(&stages[s], set, repeats);
    ruleset_free(set);
    return 0;
}
