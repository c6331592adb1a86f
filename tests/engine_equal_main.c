/* engine_equal_main.c - the fast matcher against the plain one, over evidence.
 *
 * engine_equal RULES... -- EVIDENCE...   files or folders
 *   every event goes through both: rules, marks and decoded texts must be the same, and what
 *   the fast one says of the wished fields alone. Differences are told; exit status 1.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "event/source.h"
#include "rule/rules.h"
#include "sys/dir.h"
#include "sys/file.h"

enum { TOLD_MAX = 20 };

struct state {
    struct ruleset *set;
    struct matcher *plain;
    struct matcher *fast;
    const char *path;
    uint64_t events, wanted, maybe, matches, differences;
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
        if (!str_iends(path, STR(".yml")) || str_iends(path, STR("pack.yml")) ||
            str_find(path, STR("regression_data"), 0) != SIZE_MAX)
            continue;
        if (file_read(path.p, LIMIT_RULE_FILE, arena, &text, &err) != 0)
            stop(path.p, &err);
        ruleset_add(set, path, STR(""), (struct str){(const char *)text.p, text.n});
    }
    arena_free(arena);
}

static void differ(struct state *s, const struct event *ev, const char *what, uint32_t rule)
{
    const struct rule *r = ruleset_get(s->set, rule);
    if (s->differences++ < TOLD_MAX)
        printf("%s: record %" PRIu64 " at %" PRIu64 ": %s: %.*s (%.*s)\n", s->path, ev->record,
               ev->offset, what, STR_ARG(r->title), STR_ARG(r->id));
}

static void compare_match(struct state *s, const struct event *ev, uint32_t rule, size_t a,
                          size_t b)
{
    struct str how[2];
    struct str text[2] = {matcher_decoded(s->plain, a, &how[0]),
                          matcher_decoded(s->fast, b, &how[1])};
    if (matcher_marks(s->plain, a) != matcher_marks(s->fast, b))
        differ(s, ev, "other marks", rule);
    if (!str_eq(how[0], how[1]) || !str_eq(text[0], text[1]))
        differ(s, ev, "another decoded text", rule);
}

static void compare(struct state *s, const struct event *ev, bool may)
{
    const uint32_t *a = NULL;
    const uint32_t *b = NULL;
    size_t n = matcher_run(s->plain, ev, &a);
    size_t m = matcher_run(s->fast, ev, &b);
    size_t i = 0;
    size_t k = 0;
    s->matches += n;
    s->maybe += may;
    if (n && !may)
        differ(s, ev, "said to be impossible", a[0]);
    while (i < n || k < m) {
        if (k == m || (i < n && a[i] < b[k])) {
            differ(s, ev, "only plain", a[i++]);
        } else if (i == n || b[k] < a[i]) {
            differ(s, ev, "only fast", b[k++]);
        } else {
            compare_match(s, ev, a[i], i, k);
            i++;
            k++;
        }
    }
}

static void run_event(struct state *s, struct source *source, struct arena *arena,
                      struct event *ev)
{
    struct event some = *ev;
    s->events++;
    if (matcher_wants(s->plain, ev) != matcher_wants(s->fast, ev)) {
        printf("%s: record %" PRIu64 ": wanted by one\n", s->path, ev->record);
        s->differences++;
    }
    if (!matcher_wants(s->fast, ev))
        return;
    s->wanted++;
    matcher_raw(s->fast, source_raw(source));
    source_fill_some(source, arena, &some, matcher_wish(s->fast, ev));
    bool may = matcher_may(s->fast, &some);
    source_fill(source, arena, ev);
    compare(s, ev, may);
}

static void run_file(struct state *s)
{
    struct file_map map;
    struct err err = {0};
    if (file_map(s->path, &map, &err) != 0)
        return; /* what cannot be read is not for this test */
    struct arena *arena = arena_new();
    struct arena *one = arena_new();
    struct span span = {.to = map.bytes.n};
    struct span gap = {0};
    struct source *source =
        source_open(map.bytes, format_sniff(map.bytes), str_of(s->path), span, arena);
    struct event ev;
    for (int got; (got = source_next(source, one, &ev, &gap, &err)) != 0;) {
        if (got > 0)
            run_event(s, source, one, &ev);
        arena_reset(one);
    }
    matcher_raw(s->fast, (struct bytes){0});
    source_close(source);
    arena_free(one);
    arena_free(arena);
    file_unmap(&map);
}

static void run_folder(struct state *s, const char *root)
{
    struct arena *arena = arena_new();
    struct dir_list list = {0};
    struct err err = {0};
    if (dir_walk(root, 0, arena, &list, &err) != 0)
        stop(root, &err);
    for (size_t i = 0; i < list.n; i++) {
        s->path = list.entries[i].path.p;
        run_file(s);
    }
    arena_free(arena);
}

int main(int argc, char **argv)
{
    struct state s = {.set = ruleset_new()};
    int i = 1;
    for (; i < argc && strcmp(argv[i], "--") != 0; i++)
        load(s.set, argv[i]);
    ruleset_freeze(s.set);
    s.plain = matcher_new_plain(s.set);
    s.fast = matcher_new(s.set);
    for (i++; i < argc; i++)
        run_folder(&s, argv[i]);
    printf("%zu rules, %" PRIu64 " events, %" PRIu64 " wanted, %" PRIu64 " may match, %" PRIu64
           " matches, %" PRIu64 " differences\n",
           ruleset_count(s.set), s.events, s.wanted, s.maybe, s.matches, s.differences);
    matcher_free(s.plain);
    matcher_free(s.fast);
    ruleset_free(s.set);
    return s.differences != 0;
}
