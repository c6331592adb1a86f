#include "cli/selftest.h"

#include "base/num.h"
#include "cli/setup.h"

static bool kind_of(struct str text, enum event_kind *ret)
{
    for (unsigned i = 0; i < EVENT_KINDS; i++) {
        if (str_eq(text, str_of(event_kind_name((enum event_kind)i)))) {
            *ret = (enum event_kind)i;
            return true;
        }
    }
    return text.n == 0;
}

static void add_field(struct event *ev, struct arena *arena, const struct yaml *y)
{
    if (y->type != YAML_LIST) {
        event_add(ev, arena, SECTION_DATA, y->type == YAML_NULL ? FIELD_NULL : FIELD_TEXT,
                  y->key, y->text);
        return;
    }
    for (const struct yaml *v = y->child; v; v = v->next)
        event_add(ev, arena, SECTION_DATA, FIELD_TEXT, y->key, v->text);
}

/* An event as a rule's test writes it down. */
static bool event_of(const struct yaml *test, struct arena *arena, struct event *ret)
{
    const struct yaml *head = yaml_get(test, "head");
    const struct yaml *fields = yaml_get(test, "fields");
    uint64_t id = 0;
    *ret = (struct event){.time = INSTANT_NONE, .utc_hint = INSTANT_NONE};
    if (!kind_of(yaml_text(head, "kind"), &ret->kind))
        return false;
    ret->channel = yaml_text(head, "channel");
    ret->provider = yaml_text(head, "provider");
    if (num_u64(yaml_text(head, "event_id"), &id))
        ret->event_id = (uint32_t)id;
    if (ret->kind == EVENT_WINDOWS) {
        event_add(ret, arena, SECTION_SYSTEM, FIELD_TEXT, STR("Channel"), ret->channel);
        event_add(ret, arena, SECTION_SYSTEM, FIELD_TEXT, STR("Provider_Name"), ret->provider);
        event_add(ret, arena, SECTION_SYSTEM, FIELD_NUMBER, STR("EventID"),
                  yaml_text(head, "event_id"));
    }
    for (const struct yaml *y = fields ? fields->child : NULL; y; y = y->next)
        add_field(ret, arena, y);
    return true;
}

static bool matches(struct matcher *m, const struct event *ev, uint32_t rule)
{
    const uint32_t *hits = NULL;
    size_t n = matcher_wants(m, ev) ? matcher_run(m, ev, &hits) : 0;
    for (size_t i = 0; i < n; i++)
        if (hits[i] == rule)
            return true;
    return false;
}

struct tally {
    size_t run, failed;
};

static void fail(struct tally *t, struct buf *out, const struct rule *rule, const char *why)
{
    t->failed++;
    buf_addf(out, "%.*s: %s\n", STR_ARG(rule->path), why);
}

static void test_rule(struct matcher *m, const struct rule *rule, uint32_t index,
                      struct tally *t, struct buf *out)
{
    const struct yaml *tests = yaml_get(yaml_get(rule->document, "assay"), "tests");
    struct arena *arena = arena_new();
    size_t hits = 0;
    size_t misses = 0;
    for (const struct yaml *y = tests ? tests->child : NULL; y; y = y->next) {
        bool must_match = str_istarts(y->key, STR("match"));
        struct event ev;
        t->run++;
        hits += must_match;
        misses += !must_match;
        if (!event_of(y, arena, &ev))
            fail(t, out, rule, "a test's head.kind is not known");
        else if (matches(m, &ev, index) != must_match)
            fail(t, out, rule,
                 must_match ? "does not match its event" : "matches its near miss");
    }
    if (hits == 0 || misses == 0)
        fail(t, out, rule, "needs tests: an event that matches and a near miss");
    arena_free(arena);
}

int selftest_packs(struct buf *out, struct err *err)
{
    struct arena *arena = arena_new();
    struct setup_options options = {0};
    struct setup setup = {0};
    struct tally t = {0};
    if (setup_load(&options, arena, &setup, err) < 0) {
        arena_free(arena);
        return -1;
    }
    struct matcher *m = matcher_new(setup.rules);
    for (uint32_t i = 0; i < ruleset_count(setup.rules); i++)
        test_rule(m, ruleset_get(setup.rules, i), i, &t, out);
    const struct refusal *refused;
    size_t n = ruleset_refusals(setup.rules, &refused);
    for (size_t i = 0; i < n; i++)
        buf_addf(out, "%.*s: refused: %.*s\n", STR_ARG(refused[i].path),
                 STR_ARG(refused[i].reason));
    buf_addf(out, "%zu rules, %zu tests, %zu failed, %zu refused\n", ruleset_count(setup.rules),
             t.run, t.failed, n);
    matcher_free(m);
    setup_close(&setup);
    arena_free(arena);
    if (t.failed + n)
        return err_set(err, ERR_INVALID, "packs check: %zu problems", t.failed + n);
    return 0;
}
