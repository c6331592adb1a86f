/* sigma_run_main.c - rules over evidence, for tests: one line for each match.
 *
 * sigma_run RULES EVIDENCE...   RULES: a file or a folder of .yml files
 *   prints "evidence<TAB>record<TAB>rule id<TAB>title"; counts go to standard error.
 *   Record is the EventRecordID, or else the event's number.
 * sigma_run RULES               lists the rules that were refused, on standard error
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "event/source.h"
#include "rule/rules.h"
#include "sys/dir.h"
#include "sys/file.h"

struct tally {
    uint64_t events;
    uint64_t matches;
    uint64_t gaps;
};

static void stop(const char *path, const struct err *err)
{
    (void)fprintf(stderr, "%s: %s\n", path, err->msg);
    exit(2);
}

static void load(struct ruleset *set, const char *root)
{
    struct arena *arena = arena_new();
    struct dir_list list = {0};
    struct err err = {0};
    if (dir_walk(root, 0, arena, &list, &err) != 0)
        stop(root, &err);
    for (size_t i = 0; i < list.n; i++) {
        struct str path = list.entries[i].path;
        struct bytes text = {0};
        if (!str_iends(path, STR(".yml")) ||
            str_find(path, STR("regression_data"), 0) != SIZE_MAX)
            continue;
        if (file_read(path.p, LIMIT_RULE_FILE, arena, &text, &err) != 0)
            stop(path.p, &err);
        ruleset_add(set, path, STR(""), (struct str){(const char *)text.p, text.n});
    }
    arena_free(arena);
    ruleset_freeze(set);
}

static void run_event(const struct ruleset *set, struct matcher *m, const char *path,
                      struct source *source, struct arena *arena, struct event *ev,
                      struct tally *tally)
{
    const uint32_t *hits = NULL;
    tally->events++;
    if (!matcher_wants(m, ev))
        return;
    source_fill(source, arena, ev);
    size_t n = matcher_run(m, ev, &hits);
    tally->matches += n;
    for (size_t i = 0; i < n; i++) {
        const struct rule *rule = ruleset_get(set, hits[i]);
        printf("%s\t%" PRIu64 "\t%.*s\t%.*s\n", path, ev->record ? ev->record : tally->events,
               STR_ARG(rule->id), STR_ARG(rule->title));
    }
}

static void run_file(const struct ruleset *set, struct matcher *m, const char *path,
                     struct tally *tally)
{
    struct file_map map;
    struct err err = {0};
    if (file_map(path, &map, &err) != 0)
        stop(path, &err);
    struct arena *arena = arena_new();
    struct arena *event_arena = arena_new();
    struct span span = {.to = map.bytes.n};
    struct span gap = {0};
    struct source *source = source_open(map.bytes, format_sniff(map.bytes),
                                        (struct str){path, strlen(path)}, span, arena);
    struct event ev = {0};
    for (int got; (got = source_next(source, event_arena, &ev, &gap, &err)) != 0;) {
        if (got > 0)
            run_event(set, m, path, source, event_arena, &ev, tally);
        else
            tally->gaps++;
        arena_reset(event_arena);
    }
    source_close(source);
    arena_free(event_arena);
    arena_free(arena);
    file_unmap(&map);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        (void)fprintf(stderr, "usage: sigma_run RULES [EVIDENCE...]\n");
        return 2;
    }
    struct ruleset *set = ruleset_new();
    load(set, argv[1]);
    const struct refusal *refusals = NULL;
    size_t n_refusals = ruleset_refusals(set, &refusals);
    for (size_t i = 0; argc == 2 && i < n_refusals; i++)
        (void)fprintf(stderr, "refused %.*s: %.*s\n", STR_ARG(refusals[i].path),
                      STR_ARG(refusals[i].reason));
    struct matcher *m = matcher_new(set);
    struct tally tally = {0};
    for (int i = 2; i < argc; i++)
        run_file(set, m, argv[i], &tally);
    (void)fprintf(stderr,
                  "%zu rules, %zu refused, %" PRIu64 " events, %" PRIu64 " gaps, %" PRIu64
                  " matches\n",
                  ruleset_count(set), n_refusals, tally.events, tally.gaps, tally.matches);
    matcher_free(m);
    ruleset_free(set);
    return 0;
}
