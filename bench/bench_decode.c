/* bench_decode.c - what it costs to look into what events hide, on one thread.
 *
 * bench_decode RULES EVIDENCE
 *
 * All events of the EVTX files below EVIDENCE that some rule of RULES applies to are read into
 * memory. Then, several times in turn: the rules over the events as they stand; the decoding
 * alone; the rules over what was decoded. The best of each is printed. Time is processor time.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "bench.h"
#include "event/decode_event.h"
#include "event/source.h"
#include "rule/rules.h"
#include "sys/dir.h"
#include "sys/file.h"

enum { EVENTS_MAX = 1 << 20, ROUNDS = 7 };

static struct event *events;
static size_t n_events;
static struct ruleset *rules;
static struct matcher *matcher;

static void walk(const char *root, const char *suffix, void (*take)(const char *path))
{
    struct arena *arena = arena_new();
    struct dir_list list = {0};
    struct err err = {0};
    if (dir_walk(root, 0, arena, &list, &err) != 0) {
        (void)fprintf(stderr, "%s: %s\n", root, err.msg);
        exit(2);
    }
    for (size_t i = 0; i < list.n; i++)
        if (str_iends(list.entries[i].path, str_of(suffix)))
            take(list.entries[i].path.p);
    arena_free(arena);
}

static void load_rule(const char *path)
{
    struct arena *arena = arena_new();
    struct bytes text = {0};
    struct err err = {0};
    if (file_read(path, LIMIT_RULE_FILE, arena, &text, &err) == 0)
        ruleset_add(rules, str_of(path), STR(""), (struct str){(const char *)text.p, text.n});
    arena_free(arena);
}

/* The events stay: their memory is never given back. */
static void load_events(const char *path)
{
    struct arena *arena = arena_new();
    struct file_map map;
    struct err err = {0};
    struct span gap;
    int got;
    if (file_map(path, &map, &err) != 0)
        return;
    struct source *source = source_open(map.bytes, FORMAT_EVTX, str_of(path),
                                        (struct span){.to = map.bytes.n}, arena);
    struct event ev = {0};
    while ((got = source_next(source, arena, &ev, &gap, &err)) != 0) {
        if (got > 0 && n_events < EVENTS_MAX && matcher_wants(matcher, &ev)) {
            source_fill(source, arena, &ev);
            events[n_events++] = ev;
        }
        ev = (struct event){0};
    }
}

struct result {
    double plain, decode, decoded;
    size_t hits, more, carriers, forms;
};

static void run(struct arena *arena, struct result *r)
{
    const uint32_t *ignored;
    double start = cpu_now();
    *r = (struct result){0};
    for (size_t i = 0; i < n_events; i++)
        r->hits += matcher_run(matcher, &events[i], &ignored);
    r->plain = cpu_now() - start;
    start = cpu_now();
    for (size_t i = 0; i < n_events; i++) {
        struct decoded_events hidden;
        arena_reset(arena);
        decode_event(&events[i], arena, &hidden);
        r->carriers += hidden.n > 0;
        r->forms += hidden.n;
        if (hidden.n == 0)
            continue;
        double before = cpu_now();
        for (size_t k = 0; k < hidden.n; k++)
            r->more += matcher_run(matcher, &hidden.at[k].ev, &ignored);
        r->decoded += cpu_now() - before;
    }
    r->decode = cpu_now() - start - r->decoded;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fputs("usage: bench_decode RULES EVIDENCE\n", stderr);
        return 2;
    }
    events = calloc(EVENTS_MAX, sizeof *events);
    rules = ruleset_new();
    walk(argv[1], ".yml", load_rule);
    ruleset_freeze(rules);
    matcher = matcher_new(rules);
    walk(argv[2], ".evtx", load_events);
    struct arena *arena = arena_new();
    struct result best = {.plain = 1e9, .decode = 1e9, .decoded = 1e9};
    for (int i = 0; i < ROUNDS; i++) {
        struct result r;
        run(arena, &r);
        r.plain = r.plain < best.plain ? r.plain : best.plain;
        r.decode = r.decode < best.decode ? r.decode : best.decode;
        r.decoded = r.decoded < best.decoded ? r.decoded : best.decoded;
        best = r;
    }
    printf("%zu events, %zu matches: %.0f events/s\n", n_events, best.hits,
           (double)n_events / best.plain);
    printf("decoding: %.1f %% of that time; %zu events hide something, in %zu forms\n",
           100 * best.decode / best.plain, best.carriers, best.forms);
    printf("rules over the forms: %.1f %%\n", 100 * best.decoded / best.plain);
    return 0;
}
