/* Cases of tests/data/correlation_cases.yml: correlations, events, and what comes of them; each
 * also with its events in other orders, and with room for a few tuples in memory only. */
#include "base/limits.h"
#include "base/num.h"
#include "detect/correlate.h"
#include "detect/detect.h"
#include "rule/yaml.h"
#include "t.h"

enum { EVENTS_MAX = 2000, FILE_MAX = 4 << 20, EVIDENCE = 8 };

/* Rules a, b, c match events of their kind; rule ab those of a and b with a mark. */
static const char RULES[] =
    "title: A\nid: 00000000-0000-0000-0000-00000000000a\nname: a\n"
    "logsource: {product: windows, service: security}\n"
    "detection: {s: {Kind: a}, condition: s}\n"
    "---\n"
    "title: B\nname: b\nlogsource: {product: windows, service: security}\n"
    "detection: {s: {Kind: b}, condition: s}\n"
    "---\n"
    "title: C\nname: c\nlogsource: {product: windows, service: security}\n"
    "detection: {s: {Kind: c}, condition: s}\n"
    "---\n"
    "title: AB\nname: ab\nlogsource: {product: windows, service: security}\n"
    "detection: {s: {Kind: [a, b], twin: yes}, condition: s}\n"
    "---\n"
    "title: New\nname: new\nlogsource: {product: windows, category: process_creation}\n"
    "detection: {s: {Image|endswith: '\\x.exe'}, condition: s}\n"
    "---\n";

struct made { /* an event, and where it lies */
    struct event ev;
    size_t evidence;
};

struct run {
    const struct ruleset *rules;
    struct arena *arena;
    struct made events[EVENTS_MAX];
    size_t n;
    struct buf out;
};

static instant second(int64_t tenths)
{
    return instant_of_civil(2021, 3, 3, 12, 0, 0) + tenths * (INSTANT_SECOND / 10);
}

/* "12.5" in tenths; a dash is no time. */
static instant time_of(struct str text)
{
    int64_t whole = 0;
    int64_t tenth = 0;
    size_t dot = str_find(text, STR("."), 0);
    if (str_eq(text, STR("-")))
        return INSTANT_NONE;
    T_OK(num_i64(str_part(text, 0, dot), &whole));
    if (dot != SIZE_MAX)
        T_OK(num_i64(str_part(text, dot + 1, text.n), &tenth));
    return second(10 * whole + tenth);
}

static struct str word(struct str *rest)
{
    struct str s = str_trim(*rest);
    size_t end = str_find(s, STR(" "), 0);
    *rest = str_part(s, end, s.n);
    return str_part(s, 0, end);
}

static void set(struct made *m, struct str key, struct str value, struct arena *arena)
{
    uint64_t n = 0;
    bool number = num_u64(value, &n);
    if (str_eq(key, STR("file")) && number)
        m->evidence = (size_t)n;
    else if (str_eq(key, STR("rec")) && number)
        m->ev.record = n;
    else if (str_eq(key, STR("at")) && number)
        m->ev.offset = n;
    else if (str_eq(key, STR("id")) && number)
        m->ev.event_id = (uint32_t)n;
    else if (str_eq(key, STR("host")))
        m->ev.host = value;
    else if (str_eq(key, STR("recovered")))
        m->ev.marks |= MARK_RECOVERED;
    else
        event_add(&m->ev, arena, SECTION_DATA, FIELD_TEXT, key, value);
}

/* "TIME KIND key=value ..." */
static void add_event(struct run *r, struct str text)
{
    struct made *m = &r->events[r->n++];
    struct str rest = text;
    *m = (struct made){.ev = {.kind = EVENT_WINDOWS,
                              .time = time_of(word(&rest)),
                              .record = r->n,
                              .offset = 100 * r->n,
                              .size = 100,
                              .event_id = 4624,
                              .channel = STR("Security"),
                              .provider = STR("P"),
                              .host = STR("SRV"),
                              .utc_hint = INSTANT_NONE}};
    event_add(&m->ev, r->arena, SECTION_DATA, FIELD_TEXT, STR("Kind"), word(&rest));
    for (struct str w = word(&rest); w.n; w = word(&rest)) {
        size_t is = str_find(w, STR("="), 0);
        set(m, str_part(w, 0, is), str_part(w, is == SIZE_MAX ? w.n : is + 1, w.n), r->arena);
    }
}

/* A text "3*10 a u=x" stands for ten events, a second apart, the first at 3. */
static void add_events(struct run *r, struct str text)
{
    struct str rest = text;
    struct str first = word(&rest);
    size_t star = str_find(first, STR("*"), 0);
    int64_t from = 0;
    uint64_t n = 0;
    if (star == SIZE_MAX) {
        add_event(r, text);
        return;
    }
    T_OK(num_i64(str_part(first, 0, star), &from) &&
         num_u64(str_part(first, star + 1, first.n), &n));
    for (uint64_t i = 0; i < n && r->n < EVENTS_MAX; i++)
        add_event(r, arena_printf(r->arena, "%lld %.*s", (long long)from + (long long)i,
                                  STR_ARG(rest)));
}

static void put_second(struct buf *out, instant t)
{
    int64_t tenths = (t - second(0)) / (INSTANT_SECOND / 10);
    buf_addf(out, "%lld", (long long)(tenths / 10));
    if (tenths % 10)
        buf_addf(out, ".%lld", (long long)(tenths % 10));
}

static void put_result(struct run *r, const struct correlate_result *result)
{
    const struct correlated *c = result->found;
    buf_addf(&r->out, "%.*s ", STR_ARG(ruleset_get(r->rules, result->rule)->title));
    put_second(&r->out, c->first);
    buf_add_cstr(&r->out, "..");
    put_second(&r->out, c->last);
    buf_addf(&r->out, " %llu", (unsigned long long)c->count);
    for (size_t i = 0; i < c->n_group; i++)
        buf_addf(&r->out, " %.*s=%.*s", STR_ARG(c->fields[i]), STR_ARG(c->values[i]));
    if (c->measure.n)
        buf_addf(&r->out, "; %.*s", STR_ARG(c->measure));
    buf_add_cstr(&r->out, " [");
    for (size_t i = 0; i < c->n_events; i++)
        buf_addf(&r->out, "%s%llu", i ? " " : "",
                 (unsigned long long)(c->events[i].offset / 100));
    buf_add_cstr(&r->out, "]\n");
    T_OK(c->n_events > 0);
    T_OK(c->n_events <= CORRELATED_EVENTS_MAX);
}

static void put_told(struct run *r, const struct correlate_told *t)
{
    const struct {
        const char *name;
        uint64_t n;
    } all[] = {{"without time", t->without_time},
               {"without group", t->without_group},
               {"without value", t->without_value},
               {"copies", t->copies},
               {"lost", t->lost}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].n)
            buf_addf(&r->out, "%.*s: %s %llu\n", STR_ARG(ruleset_get(r->rules, t->rule)->title),
                     all[i].name, (unsigned long long)all[i].n);
}

/* The events one after the other through a worker's detect and the parent's correlations. */
static void run_events(struct run *r, const size_t *order,
                       const struct correlate_limits *limits)
{
    struct err err = {0};
    struct detect_config config = {.rules = r->rules, .from = INSTANT_NONE, .to = INSTANT_NONE};
    T_EQ(detect_config_init(&config, r->arena, &err), 0);
    struct matcher *matcher = matcher_new(r->rules);
    struct correlate *c = correlate_new(r->rules, limits, r->arena);
    uint64_t hits = 0;
    size_t same[EVIDENCE] = {0, 1, 2, 3, 4, 5, 6, 2}; /* the last is a copy of the third */
    for (size_t i = 0; i < r->n; i++) {
        struct made *m = &r->events[order[i]];
        struct event ev = m->ev;
        struct signal s;
        struct buf out = buf_new(1 << 20);
        struct detect *d = detect_new(&config, matcher, (struct bytes){0}, r->arena, &out);
        detect_event(d, NULL, &ev, r->arena);
        detect_end(d);
        struct cur in = cur_of(str_bytes(buf_str(&out)), 0);
        while (signal_read(&in, r->arena, &s, &err) > 0) {
            hits += s.type == SIGNAL_HIT;
            if (s.type == SIGNAL_MATCH)
                correlate_add(c, &s.matched, m->evidence);
        }
        buf_free(&out);
    }
    struct correlate_result *results = NULL;
    const struct correlate_told *told = NULL;
    size_t n = 0;
    buf_clear(&r->out);
    T_EQ(correlate_run(c, same, &results, &n, &err), 0);
    for (size_t i = 0; i < n; i++)
        put_result(r, &results[i]);
    if (hits)
        buf_addf(&r->out, "hits %llu\n", (unsigned long long)hits);
    n = correlate_told(c, &told);
    for (size_t i = 0; i < n; i++)
        put_told(r, &told[i]);
    correlate_free(c);
    matcher_free(matcher);
}

static void check(struct run *r, struct str name, struct str want, const char *how)
{
    if (!str_eq(str_trim(buf_str(&r->out)), str_trim(want)))
        t_failed += printf("%.*s (%s): got\n%.*swant\n%.*s\n", STR_ARG(name), how,
                           STR_ARG(buf_str(&r->out)), STR_ARG(want)) > 0;
}

static void run_orders(struct run *r, struct str name, struct str want)
{
    struct correlate_limits plenty = {0};
    struct correlate_limits little = {.memory = 1, .folder = "."};
    size_t order[EVENTS_MAX];
    for (size_t i = 0; i < r->n; i++)
        order[i] = i;
    run_events(r, order, &plenty);
    check(r, name, want, "in order");
    run_events(r, order, &little);
    check(r, name, want, "through a file");
    for (size_t i = 0; i < r->n; i++)
        order[i] = r->n - 1 - i;
    run_events(r, order, &plenty);
    check(r, name, want, "reversed");
    uint64_t seed = 1;
    for (size_t i = r->n; i > 1; i--) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        size_t k = (size_t)(seed >> 33) % i;
        size_t other = order[k];
        order[k] = order[i - 1];
        order[i - 1] = other;
    }
    run_events(r, order, &little);
    check(r, name, want, "shuffled, through a file");
}

/* "path: why" of the first refusal or notice. */
static void check_told(const struct yaml *y, const struct ruleset *rules, struct str name)
{
    const struct refusal *refused = NULL;
    struct str want = yaml_text(y, "refused");
    struct str notice = yaml_text(y, "notice");
    size_t n = ruleset_refusals(rules, &refused);
    if (want.n == 0 ? n != 0 : n == 0 || str_find(refused[0].reason, want, 0) == SIZE_MAX)
        t_failed += printf("%.*s: refused: \"%.*s\", want \"%.*s\"\n", STR_ARG(name),
                           STR_ARG(n ? refused[0].reason : STR("")), STR_ARG(want)) > 0;
    if (n)
        T_OK(refused[0].at.line > 0);
    n = ruleset_notices(rules, &refused);
    if (notice.n == 0 ? n != 0 : n == 0 || str_find(refused[0].reason, notice, 0) == SIZE_MAX)
        t_failed += printf("%.*s: notice: \"%.*s\", want \"%.*s\"\n", STR_ARG(name),
                           STR_ARG(n ? refused[0].reason : STR("")), STR_ARG(notice)) > 0;
}

static void run_case(const struct yaml *y)
{
    struct str name = yaml_text(y, "case");
    struct arena *arena = arena_new();
    struct ruleset *rules = ruleset_new();
    struct run *r = ARENA_NEW(arena, struct run);
    const struct yaml *events = yaml_get(y, "events");
    struct buf text = buf_new(1 << 20);
    buf_add_cstr(&text, RULES);
    buf_add_str(&text, yaml_text(y, "rules"));
    ruleset_add(rules, STR("case.yml"), STR(""), buf_str(&text));
    if (yaml_text(y, "elsewhere").n)
        ruleset_add(rules, STR("other.yml"), STR(""), yaml_text(y, "elsewhere"));
    ruleset_freeze(rules);
    check_told(y, rules, name);
    *r = (struct run){.rules = rules, .arena = arena, .out = buf_new(1 << 20)};
    for (const struct yaml *e = events ? events->child : NULL; e; e = e->next)
        add_events(r, e->text);
    if (events)
        run_orders(r, name, yaml_text(y, "want"));
    buf_free(&r->out);
    buf_free(&text);
    ruleset_free(rules);
    arena_free(arena);
}

static const char CHAIN[] =
    "title: T\ncorrelation: {type: temporal, rules: [m, o], group-by: [x], timespan: 5m,\n"
    "  aliases: {x: {m: u, o: v}}, condition: m and (o or o)}\n"
    "---\n"
    "title: M\nname: m\ncorrelation: {type: value_count, rules: a, group-by: u,\n"
    "  timespan: 1h, condition: {field: [v, w], gte: 2, lt: 9}}\n"
    "---\n"
    "title: O\nname: o\nlogsource: {product: windows}\n"
    "detection: {s: {F: x}, timeframe: 5m, condition: 's | count(F) by u, v > 3'}\n"
    "---\n"
    "title: A\nname: a\nlogsource: {product: windows}\ndetection: {s: {F: x}, condition: s}\n";

static void freeze(struct bytes text)
{
    struct ruleset *set = ruleset_new();
    ruleset_add(set, STR("p.yml"), STR(""), (struct str){(const char *)text.p, text.n});
    ruleset_freeze(set);
    T_OK(ruleset_given(set) <= 4);
    ruleset_free(set);
}

/* Cut off anywhere, and with any character changed: rules or refusals, nothing worse. */
static void damaged_texts_do_no_harm(void)
{
    char text[sizeof CHAIN];
    struct bytes whole = {(const uint8_t *)text, sizeof CHAIN - 1};
    memcpy(text, CHAIN, sizeof text);
    t_each_prefix(whole, freeze);
    for (size_t i = 0; i < whole.n; i++) {
        text[i] = (char)(CHAIN[i] ^ 1 << i % 7);
        freeze(whole);
        text[i] = CHAIN[i];
    }
    struct ruleset *set = ruleset_new();
    ruleset_add(set, STR("p.yml"), STR(""), (struct str){CHAIN, sizeof CHAIN - 1});
    ruleset_freeze(set);
    T_EQ(ruleset_given(set), 4);
    ruleset_free(set);
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_new();
    struct err err = {0};
    struct yaml *y = NULL;
    size_t n = 0;
    FILE *f = argc > 1 ? fopen(argv[1], "rb") : NULL;
    T_OK(f != NULL);
    char *text = arena_alloc(arena, FILE_MAX, 1);
    size_t size = f ? fread(text, 1, FILE_MAX, f) : 0;
    if (f)
        (void)fclose(f);
    T_EQ(yaml_parse((struct str){text, size}, arena, &y, &err), 0);
    if (err.code)
        printf("%s\n", err.msg);
    for (; y; y = y->next, n++)
        run_case(y);
    printf("%zu cases\n", n);
    T_OK(n >= 60);
    T_RUN(damaged_texts_do_no_harm);
    arena_free(arena);
    return t_done();
}
