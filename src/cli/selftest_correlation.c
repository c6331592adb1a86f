/* selftest_correlation.c - tests of correlations: events with times, of which a window must come,
 * or must not. Source: docs/formats/correlation.md, "Tests" */
#include "cli/selftest.h"
#include "detect/correlate.h"
#include "detect/detect.h"

enum { TEST_EVENTS_MAX = 10000, REPLY_MAX = 64 << 20 };

struct tested {
    struct selftest *t;
    uint32_t rule;
    struct arena *arena;
    struct detect_config config;
    struct correlate *correlate;
    uint64_t n;
};

static bool is_called(const struct rule *rule, struct str name)
{
    return (rule->name.n && str_eq(rule->name, name)) || (rule->id.n && str_eq(rule->id, name));
}

/* The rule whose log source says what kind of event it is: the one named, else the first that
 * the correlation rests on. */
static bool find_rule(const struct tested *x, struct str name, uint32_t *ret)
{
    const struct ruleset *rules = x->t->rules;
    uint32_t at = x->rule;
    for (uint32_t i = 0; name.n && i < ruleset_count(rules); i++) {
        if (is_called(ruleset_get(rules, i), name) && !ruleset_get(rules, i)->correlation) {
            *ret = i;
            return true;
        }
    }
    while (ruleset_get(rules, at)->correlation) {
        if (ruleset_get(rules, at)->correlation->n_members == 0)
            return false;
        at = ruleset_get(rules, at)->correlation->members[0].rule;
    }
    *ret = at;
    return name.n == 0;
}

/* "90s", "5m", or seconds; nothing is the start. */
static bool read_time(const struct yaml *at, instant *ret)
{
    static const int64_t MOST = INT64_C(100000000000);
    int64_t since = 0;
    if (at && at->type == YAML_INT && at->integer >= 0 && at->integer < MOST)
        since = at->integer * INSTANT_SECOND;
    else if (at && !duration_parse(at->text, &since))
        return false;
    *ret = instant_of_civil(2021, 1, 1, 0, 0, 0) + since;
    return true;
}

/* Through a worker's eyes and into the correlations. */
static void take(struct tested *x, struct event *ev)
{
    struct err err = {0};
    struct signal s;
    struct buf out = buf_new(REPLY_MAX);
    struct detect *d = detect_new(&x->config, x->t->matcher, (struct bytes){0}, x->arena, &out);
    detect_event(d, NULL, ev, x->arena);
    detect_end(d);
    struct cur in = cur_of(str_bytes(buf_str(&out)), 0);
    while (signal_read(&in, x->arena, &s, &err) > 0)
        if (s.type == SIGNAL_MATCH)
            correlate_add(x->correlate, &s.matched, 0);
    buf_free(&out);
}

static bool take_event(struct tested *x, const struct yaml *y)
{
    struct event ev;
    uint32_t rule = 0;
    instant time = INSTANT_NONE;
    if (!find_rule(x, yaml_text(y, "rule"), &rule) || !read_time(yaml_get(y, "at"), &time) ||
        !selftest_event(x->t, rule, y, x->arena, &ev))
        return false;
    ev.time = time;
    ev.record = ++x->n;
    ev.offset = x->n;
    ev.host = yaml_text(y, "host");
    take(x, &ev);
    return true;
}

static bool has_window(struct tested *x, struct err *err)
{
    static const size_t same[1];
    struct correlate_result *results = NULL;
    size_t n = 0;
    bool any = false;
    if (correlate_run(x->correlate, same, &results, &n, err) < 0)
        return false;
    for (size_t i = 0; i < n; i++)
        any = any || results[i].rule == x->rule;
    return any;
}

void selftest_correlation(struct selftest *t, uint32_t rule, const struct yaml *test,
                          bool must_match, struct arena *arena)
{
    const struct rule *r = ruleset_get(t->rules, rule);
    const struct yaml *events = yaml_get(test, "events");
    struct correlate_limits limits = {.all = true};
    struct err err = {0};
    struct tested x = {
        .t = t,
        .rule = rule,
        .arena = arena,
        .config = {.rules = t->rules, .from = INSTANT_NONE, .to = INSTANT_NONE},
    };
    if (detect_config_init(&x.config, arena, &err) < 0) {
        selftest_fail(t, r, test->key_at, "%s", err.msg);
        return;
    }
    x.correlate = correlate_new(t->rules, &limits, arena);
    bool good = events && events->type == YAML_LIST && events->child;
    for (const struct yaml *y = good ? events->child : NULL; y && good; y = y->next)
        good = x.n < TEST_EVENTS_MAX && take_event(&x, y);
    if (!good)
        selftest_fail(t, r, test->key_at,
                      "%.*s: a correlation's test has 'events', each with 'at', 'fields', and "
                      "'rule' or 'head'",
                      STR_ARG(str_part(test->key, 0, 60)));
    else if (has_window(&x, &err) != must_match)
        selftest_fail(
            t, r, test->key_at, "%.*s: the correlation %s", STR_ARG(str_part(test->key, 0, 60)),
            must_match ? "has no window in its events" : "has a window in its near miss");
    correlate_free(x.correlate);
}
