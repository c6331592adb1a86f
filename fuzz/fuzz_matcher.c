/* Any rules over any log: a text of rules, a line "%%", and a log of any kind. The fast matcher
 * must say what the plain one says, and may pass over nothing that matches. */
#include <stdlib.h>
#include <string.h>

#include "event/row.h"
#include "event/source.h"
#include "rule/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct both {
    struct matcher *plain;
    struct matcher *fast;
    struct source *source;
};

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool may_row(const struct both *b, struct arena *arena, const struct event *ev)
{
    struct log_row row;
    struct event some = *ev;
    if (!source_row(b->source, arena, &row))
        return true;
    if (!matcher_may_row(b->fast, ev, row.text))
        return false;
    source_fill_some(b->source, arena, &some, matcher_rest_wish(b->fast));
    return matcher_may_rest(b->fast, &some);
}

static bool may(const struct both *b, struct arena *arena, const struct event *ev)
{
    struct event some = *ev;
    if (ev->kind != EVENT_WINDOWS)
        return may_row(b, arena, ev);
    matcher_raw(b->fast, source_raw(b->source));
    source_fill_some(b->source, arena, &some, matcher_wish(b->fast, ev));
    return matcher_may(b->fast, &some);
}

static void compare(const struct both *b, struct arena *arena, struct event *ev)
{
    const uint32_t *plain = NULL;
    const uint32_t *fast = NULL;
    must(matcher_wants(b->plain, ev) == matcher_wants(b->fast, ev));
    if (!matcher_wants(b->fast, ev))
        return;
    bool promising = may(b, arena, ev);
    source_fill(b->source, arena, ev);
    size_t n = matcher_run(b->plain, ev, &plain);
    must(matcher_run(b->fast, ev, &fast) == n);
    must(n == 0 || memcmp(plain, fast, n * sizeof *plain) == 0);
    must(n == 0 || promising);
}

static void walk(struct both *b, struct bytes log)
{
    struct arena *arena = arena_new();
    struct arena *record = arena_new();
    struct span gap;
    struct event ev;
    struct err err = {0};
    int got;
    b->source = source_open(log, format_sniff(log), STR("x/u_ex210303.log"),
                            (struct span){.from = 0, .to = log.n}, arena);
    while ((got = source_next(b->source, record, &ev, &gap, &err)) != 0) {
        if (got > 0)
            compare(b, record, &ev);
        arena_reset(record);
    }
    source_close(b->source);
    arena_free(record);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str all = {(const char *)data, n};
    size_t mark = str_find(all, STR("\n%%\n"), 0);
    if (mark == SIZE_MAX)
        return 0;
    struct ruleset *set = ruleset_new();
    ruleset_add(set, STR("fuzz.yml"), STR(""), str_part(all, 0, mark + 1));
    ruleset_freeze(set);
    struct both b = {.plain = matcher_new_plain(set), .fast = matcher_new(set)};
    walk(&b, (struct bytes){data + mark + 4, n - mark - 4});
    matcher_free(b.plain);
    matcher_free(b.fast);
    ruleset_free(set);
    return 0;
}
