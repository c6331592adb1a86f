#include "detect/detect.h"

#include "base/limits.h"
#include "detect/signal.h"
#include "t.h"

static const char RULES[] =
    "title: one\nid: 00000000-0000-0000-0000-000000000001\nstatus: test\nlevel: high\n"
    "logsource: {product: windows, service: security}\n"
    "detection: {s: {Name: bad}, condition: s}\n"
    "assay: {axis: action, state: seen, act: a, what: 'ran {Name}', kind: execution}\n"
    "---\n"
    "title: two\nid: 00000000-0000-0000-0000-000000000002\nstatus: test\nlevel: low\n"
    "logsource: {category: webserver}\n"
    "detection: {s: {cs-uri-stem: /bad}, condition: s}\n"
    "---\n"
    "title: three\nid: 00000000-0000-0000-0000-000000000003\nstatus: test\nlevel: low\n"
    "logsource: {category: file_inventory}\n"
    "detection: {s: {WebPath: /bad}, condition: s}\n"
    "---\n"
    "title: four\nid: 00000000-0000-0000-0000-000000000004\nstatus: test\nlevel: high\n"
    "logsource: {product: windows, service: security}\n"
    "detection: {s: {CommandLine|contains: planted}, f: {CommandLine|contains: good},\n"
    "            condition: s and not f}\n"
    "assay: {axis: action, state: seen, act: a, what: 'ran {CommandLine}', kind: execution}\n";

static struct ruleset *rules;
static struct arena *arena;   /* of a test */
static struct buf out;        /* what a test's detect said */
static struct signal got[64]; /* that, read */
static struct bytes full;     /* what a test's detect is told of rules */
static size_t n_got;

static instant at(int minute)
{
    return instant_of_civil(2021, 3, 3, 12, 0, 0) + minute * INSTANT_MINUTE;
}

static struct event logged(int minute, uint64_t record)
{
    return (struct event){.kind = EVENT_WINDOWS,
                          .time = at(minute),
                          .record = record,
                          .event_id = 4688,
                          .channel = STR("Security"),
                          .provider = STR("P"),
                          .host = STR("SRV"),
                          .utc_hint = INSTANT_NONE};
}

static struct event row(int minute, struct str client, struct str build)
{
    struct event ev = {.kind = EVENT_IIS,
                       .time = at(minute),
                       .host = STR("SRV"),
                       .part = STR("frontend"),
                       .utc_hint = INSTANT_NONE};
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("ClientAddress"), client);
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("Build"), build);
    return ev;
}

static void run(const struct detect_config *given, struct bytes file, struct event *events,
                size_t n)
{
    struct err err = {0};
    struct detect_config config = *given;
    config.rules = rules;
    T_EQ(detect_config_init(&config, arena, &err), 0);
    struct matcher *matcher = matcher_new(rules);
    buf_clear(&out);
    struct detect *d = detect_new(&config, matcher, file, arena, &out);
    detect_full(d, full);
    for (size_t i = 0; i < n; i++)
        detect_event(d, NULL, &events[i], arena);
    detect_end(d);
    matcher_free(matcher);

    struct cur in = cur_of(str_bytes(buf_str(&out)), 0);
    struct signal s;
    int more;
    n_got = 0;
    while ((more = signal_read(&in, arena, &s, &err)) > 0)
        if (n_got < sizeof got / sizeof *got)
            got[n_got++] = s;
        else if (s.type == SIGNAL_MORE || s.type == SIGNAL_SPAN)
            got[n_got - 1 - (s.type == SIGNAL_MORE)] = s; /* the last two are kept */
    T_EQ(more, 0);
}

static const struct detect_config ALWAYS = {.from = INSTANT_NONE, .to = INSTANT_NONE};

static const struct signal *nth(enum signal_type type, size_t n)
{
    for (size_t i = 0; i < n_got; i++)
        if (got[i].type == type && n-- == 0)
            return &got[i];
    return NULL;
}

static void run_is(enum signal_type type, size_t n, const char *text, instant from, instant to)
{
    const struct signal *s = nth(type, n);
    T_OK(s != NULL);
    if (!s)
        return;
    T_OK(str_eq(s->text, str_of(text)));
    T_OK(s->from == from && s->to == to);
}

static void silence_starts_a_new_run(void)
{
    struct event events[] = {logged(0, 0),  logged(5, 0),  logged(3, 0),
                             logged(11, 0), logged(-5, 0), logged(16, 0)};
    events[3].time -= 1; /* 6 minutes less a tick behind minute 5 */
    run(&ALWAYS, (struct bytes){0}, events, 6);
    run_is(SIGNAL_COVER, 0, "windows:Security", at(-5), at(5));
    run_is(SIGNAL_COVER, 1, "windows:Security", at(11) - 1, at(11) - 1);
    run_is(SIGNAL_COVER, 2, "windows:Security", at(16), at(16));
    T_OK(!nth(SIGNAL_COVER, 3));
    const struct signal *span = nth(SIGNAL_SPAN, 0);
    T_OK(span && span->a == 6 && span->from == at(-5) && span->to == at(16));
}

static void an_event_of_its_own_has_coverage(void)
{
    const struct cover_event covers[] = {{STR("security"), 4688}, {STR("System"), 1}};
    struct detect_config config = ALWAYS;
    config.cover_events = covers;
    config.n_cover_events = 2;
    struct event events[] = {logged(0, 0), logged(1, 0)};
    events[1].event_id = 4624;
    run(&config, (struct bytes){0}, events, 2);
    run_is(SIGNAL_COVER, 0, "windows:Security", at(0), at(1));
    run_is(SIGNAL_COVER, 1, "windows:Security/4688", at(0), at(0));
    T_OK(!nth(SIGNAL_COVER, 2));
}

static void record_ids_show_holes(void)
{
    struct event events[] = {logged(0, 10), logged(1, 11), logged(2, 12),
                             logged(3, 20), logged(4, 21), logged(5, 0)};
    run(&ALWAYS, (struct bytes){0}, events, 6);
    const struct signal *a = nth(SIGNAL_IDS, 0);
    const struct signal *b = nth(SIGNAL_IDS, 1);
    T_OK(a && a->a == 10 && a->b == 12 && a->from == at(0) && a->to == at(2));
    T_OK(b && b->a == 20 && b->b == 21 && !nth(SIGNAL_IDS, 2));
}

static void clocks_are_voted_on(void)
{
    struct event events[] = {logged(0, 0), logged(1, 0), logged(2, 0), logged(3, 0),
                             logged(4, 0)};
    events[0].utc_hint = events[0].time;
    events[1].utc_hint = events[1].time - 5 * INSTANT_HOUR - 59 * INSTANT_SECOND;
    events[2].utc_hint = events[2].time - 5 * INSTANT_HOUR + 59 * INSTANT_SECOND;
    events[3].utc_hint = events[3].time + 5 * INSTANT_HOUR + 7 * INSTANT_MINUTE; /* no zone */
    run(&ALWAYS, (struct bytes){0}, events, 5);
    const struct signal *a = nth(SIGNAL_VOTES, 0);
    const struct signal *b = nth(SIGNAL_VOTES, 1);
    T_OK(a && a->offset == 0 && a->a == 1);
    T_OK(b && b->offset == -5 * INSTANT_HOUR && b->a == 2 && !nth(SIGNAL_VOTES, 2));
    const struct signal *host = nth(SIGNAL_HOST, 0);
    T_OK(host && host->a == 5 && str_eq(host->text, STR("Security|P")));
}

static void rows_tell_builds_and_public_clients(void)
{
    struct event events[] = {row(0, STR("10.0.0.1"), STR("15.1.1")),
                             row(60, STR("8.8.8.8"), STR("15.1.1")),
                             row(90, STR(""), STR("15.1.2")), row(99, STR("x"), STR(""))};
    run(&ALWAYS, (struct bytes){0}, events, 4);
    run_is(SIGNAL_COVER, 0, "iis.w3c|frontend", at(0), at(0));
    run_is(SIGNAL_BUILD, 0, "15.1.1", at(0), at(60));
    run_is(SIGNAL_BUILD, 1, "15.1.2", at(90), at(90));
    run_is(SIGNAL_PUBLIC, 0, "", at(60), at(60));
    T_OK(!nth(SIGNAL_BUILD, 2) && !nth(SIGNAL_PUBLIC, 1));

    struct event mail = row(0, STR("8.8.8.8"), STR("")); /* proves no open web front */
    mail.kind = EVENT_SMTP;
    run(&ALWAYS, (struct bytes){0}, &mail, 1);
    T_OK(!nth(SIGNAL_PUBLIC, 0));
}

/* An update of Exchange, as the installer records it; one that failed tells nothing. */
static void an_installed_update_tells_its_build(void)
{
    static const char *const status[] = {"0", "1603", "0"};
    struct event ev[3];
    for (int i = 0; i < 3; i++) {
        ev[i] = logged(10 * i, 0);
        ev[i].event_id = i < 2 ? 1036 : 1040;
        ev[i].channel = STR("Application");
        ev[i].provider = STR("MsiInstaller");
        event_add(&ev[i], arena, SECTION_DATA, FIELD_TEXT, STR("Data"),
                  STR("Security Update for Exchange Server 2016 Cumulative Update 18 "
                      "(KB5000871)"));
        event_add(&ev[i], arena, SECTION_DATA, FIELD_TEXT, STR("Data"), str_of(status[i]));
    }
    run(&ALWAYS, (struct bytes){0}, ev, 3);
    run_is(SIGNAL_BUILD, 0, "Exchange 2016 CU18 KB5000871", at(0), at(0));
}

/* The product, as the installer records it: 1033 installed, 1035 configured anew, 1034 removed. Its
 * language packs have the same version and are no server. */
static void the_installed_product_tells_its_build(void)
{
    static const struct {
        uint32_t id;
        const char *name, *version, *status;
    } rows[] = {
        {1033, "Microsoft Exchange Server", "15.1.2106.2", "0"},
        {1033, "Microsoft Exchange Server", "15.1.2176.2", "1603"},
        {1034, "Microsoft Exchange Server", "15.1.1979.3", "0"},
        {1033, "Microsoft Exchange Server 2016 Language Pack - German", "15.1.2044.4", "0"},
        {1033, "Microsoft Exchange Client", "15.1.2044.4", "0"},
        {1035, "Microsoft Exchange Server 2016 Cumulative Update 19", "15.1.2176.2", "0"}};
    struct event ev[6];
    for (int i = 0; i < 6; i++) {
        ev[i] = logged(10 * i, 0);
        ev[i].event_id = rows[i].id;
        ev[i].channel = STR("Application");
        ev[i].provider = STR("MsiInstaller");
        const char *data[] = {rows[i].name, rows[i].version, "1033", rows[i].status,
                              "Microsoft Corporation"};
        for (size_t k = 0; k < 5; k++)
            event_add(&ev[i], arena, SECTION_DATA, FIELD_TEXT, STR("Data"), str_of(data[k]));
    }
    run(&ALWAYS, (struct bytes){0}, ev, 6);
    run_is(SIGNAL_BUILD, 0, "15.1.2106.2", at(0), at(0));
    run_is(SIGNAL_BUILD, 1, "15.1.2176.2", at(50), at(50));
    T_OK(!nth(SIGNAL_BUILD, 2));
    const struct signal *build = nth(SIGNAL_BUILD, 0);
    T_OK(build && build->offset == 1); /* the cumulative update only */
}

static void a_dump_tells_its_build_at_its_own_time(void)
{
    struct event ev = {.kind = EVENT_FILE, .time = at(0), .utc_hint = INSTANT_NONE};
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("DumpBuild"), STR("15.1.1"));
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("DumpWhenChanged"),
              STR("2021-03-01T00:00:00Z"));
    run(&ALWAYS, (struct bytes){0}, &ev, 1);
    const struct signal *span = nth(SIGNAL_SPAN, 0);
    run_is(SIGNAL_BUILD, 0, "15.1.1", at(0) - 2 * INSTANT_DAY - 12 * INSTANT_HOUR,
           at(0) - 2 * INSTANT_DAY - 12 * INSTANT_HOUR);
    const struct signal *build = nth(SIGNAL_BUILD, 0);
    T_OK(build && build->offset == 1); /* which update is in cannot be seen */
    T_OK(!nth(SIGNAL_COVER, 0) && span && span->a == 0 && span->from == INSTANT_NONE);
}

static void a_match_carries_its_record_and_seed(void)
{
    static const char file[] = "0123456789";
    struct event events[] = {logged(0, 7), logged(1, 8)};
    events[0].offset = 2;
    events[0].size = 3;
    events[1].offset = 8;
    events[1].size = 3; /* not all of it is in the file: told from the fields */
    for (size_t i = 0; i < 2; i++)
        event_add(&events[i], arena, SECTION_DATA, FIELD_TEXT, STR("Name"), STR("bad"));
    run(&ALWAYS, (struct bytes){(const uint8_t *)file, 10}, events, 2);
    const struct signal *a = nth(SIGNAL_HIT, 0);
    const struct signal *b = nth(SIGNAL_HIT, 1);
    T_OK(a && b && !nth(SIGNAL_HIT, 2));
    if (!a || !b)
        return;
    T_STR(a->hit.excerpt, "234");
    T_OK(str_starts(b->hit.excerpt, STR("{")));
    T_OK(a->hit.record == 7 && a->hit.time == at(0) && a->hit.n_seeds == 1);
    T_STR(a->hit.source, "windows:Security");
    T_STR(a->hit.seeds[0].what, "ran bad");
    T_OK(!nth(SIGNAL_MORE, 0));
}

static void events_outside_the_bounds_are_not_looked_at(void)
{
    struct detect_config config = {.from = at(1), .to = at(3)};
    struct event events[] = {logged(0, 1), logged(1, 2), logged(2, 3), logged(3, 4)};
    for (size_t i = 0; i < 4; i++)
        event_add(&events[i], arena, SECTION_DATA, FIELD_TEXT, STR("Name"), STR("bad"));
    run(&config, (struct bytes){0}, events, 4);
    T_OK(nth(SIGNAL_HIT, 1) && !nth(SIGNAL_HIT, 2));
    run_is(SIGNAL_COVER, 0, "windows:Security", at(1), at(2));
    const struct signal *span = nth(SIGNAL_SPAN, 0);
    T_OK(span && span->a == 4);
}

static void matches_beyond_the_limit_are_counted(void)
{
    enum { EVENTS = LIMIT_HITS_PER_SPAN + 5 };
    struct event *events = ARENA_ARRAY(arena, struct event, EVENTS);
    for (size_t i = 0; i < EVENTS; i++) {
        events[i] = logged(0, 0);
        event_add(&events[i], arena, SECTION_DATA, FIELD_TEXT, STR("Name"), STR("bad"));
    }
    run(&ALWAYS, (struct bytes){0}, events, EVENTS);
    const struct signal *more = nth(SIGNAL_MORE, 0);
    T_OK(more && more->a == 0 && more->b == 5 && !nth(SIGNAL_MORE, 1));
    run(&ALWAYS, (struct bytes){0}, events, EVENTS - 5);
    T_OK(!nth(SIGNAL_MORE, 0));
}

static void matches_of_full_rules_are_counted(void)
{
    static const uint8_t first_two[] = {3};
    struct event events[] = {row(0, STR("10.0.0.1"), STR("")), logged(1, 1)};
    event_add(&events[0], arena, SECTION_DATA, FIELD_TEXT, STR("cs-uri-stem"), STR("/bad"));
    event_add(&events[1], arena, SECTION_DATA, FIELD_TEXT, STR("Name"), STR("bad"));
    run(&ALWAYS, (struct bytes){0}, events, 2);
    T_OK(nth(SIGNAL_HIT, 1) && !nth(SIGNAL_MORE, 0));
    full = (struct bytes){first_two, sizeof first_two};
    run(&ALWAYS, (struct bytes){0}, events, 2);
    full = (struct bytes){0};
    const struct signal *hit = nth(SIGNAL_HIT, 0);
    const struct signal *more = nth(SIGNAL_MORE, 0);
    T_OK(hit && hit->hit.rule == 0 && !nth(SIGNAL_HIT, 1)); /* it has facts to tell */
    T_OK(more && more->a == 1 && more->b == 1);
}

static struct event command(const char *text)
{
    struct event ev = logged(0, 1);
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("CommandLine"), str_of(text));
    return ev;
}

static void what_is_hidden_is_matched(void)
{
    struct event events[] = {
        command("x cnVuIHRoZSBwbGFudGVkIHRvb2w="), /* run the planted tool */
        command("planted cnVuIHRoZSBwbGFudGVkIHRvb2w="),
        command("good cnVuIHRoZSBwbGFudGVkIHRvb2w="),
        command("x cnVuIHRoZSBwYWludGVkIHRvb2w="), /* run the painted tool */
    };
    run(&ALWAYS, (struct bytes){0}, events, 4);
    const struct signal *hidden = nth(SIGNAL_HIT, 0);
    const struct signal *plain = nth(SIGNAL_HIT, 1);
    T_OK(hidden && plain && !nth(SIGNAL_HIT, 2));
    if (!hidden || !plain)
        return;
    T_STR(hidden->hit.how, "CommandLine: base64");
    T_STR(hidden->hit.decoded, "run the planted tool");
    T_EQ(hidden->hit.marks, MARK_DECODED);
    T_STR(hidden->hit.seeds[0].what, "ran x run the planted tool");
    T_OK(str_find(hidden->hit.excerpt, STR("cnVuIHRoZSBwbGFudGVkIHRvb2w="), 0) !=
         SIZE_MAX); /* the record as read */
    T_STR(plain->hit.how, "");
    T_STR(plain->hit.decoded, "");
    T_EQ(plain->hit.marks, 0);

    struct detect_config config = ALWAYS;
    config.plain = true;
    run(&config, (struct bytes){0}, events, 4);
    T_OK(nth(SIGNAL_HIT, 0) && !nth(SIGNAL_HIT, 1));
}

static void what_was_not_decoded_is_told(void)
{
    struct event events[] = {
        command("x"),
        command("Vm0xd1IxVXhUbkpOVm1SWVYwZDRWMWxyV25kalJsWnpXa1JTVjAxWGVIcFdWelZQWVVaS2MyTkdXbF"
                "pXTTFGM1ZrZHplRmRIVmtsaVJtaG9UVlp3ZVZkV1VrZFhiVlpIVkc1S2FWSnRVbkJXYTFaWFRURmFW"
                "Vk5xVWxWTlZXdzBWa2MxUjFaSFNrbFJiVGxhVmtWck1WUnRlRnBsVjA1R1pFWlNUbUpGY0VoV1JFWm"
                "hWakZhVjFkclZsSldSM001")};
    events[1].offset = 100;
    events[1].size = 10;
    run(&ALWAYS, (struct bytes){0}, events, 2);
    const struct signal *gap = nth(SIGNAL_GAP, 0);
    T_OK(gap && gap->a == 100 && gap->b == 110 && !nth(SIGNAL_GAP, 1));
    T_OK(!nth(SIGNAL_HIT, 0));
}

static void a_made_event_counts_for_nothing_else(void)
{
    const bool already[] = {true, false, false, false};
    struct event ev = command("planted");
    struct err err = {0};
    struct detect_config config = ALWAYS;
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("Name"), STR("bad"));
    config.rules = rules;
    T_EQ(detect_config_init(&config, arena, &err), 0);
    struct matcher *matcher = matcher_new(rules);
    buf_clear(&out);
    struct detect *d = detect_new(&config, matcher, (struct bytes){0}, arena, &out);
    detect_made(d, &ev, STR("joined"), already, arena);
    detect_end(d);
    matcher_free(matcher);
    struct cur in = cur_of(str_bytes(buf_str(&out)), 0);
    struct signal s[3];
    size_t n = 0;
    while (n < 3 && signal_read(&in, arena, &s[n], &err) > 0)
        n++;
    T_EQ(n, 2); /* rule "one" is told already */
    T_OK(s[0].type == SIGNAL_HIT && s[0].hit.rule == 3);
    T_STR(s[0].hit.how, "joined");
    T_OK(s[1].type == SIGNAL_SPAN && s[1].a == 0 && s[1].from == INSTANT_NONE);
}

int main(void)
{
    static void (*const tests[])(void) = {
        silence_starts_a_new_run,
        an_event_of_its_own_has_coverage,
        record_ids_show_holes,
        clocks_are_voted_on,
        rows_tell_builds_and_public_clients,
        an_installed_update_tells_its_build,
        the_installed_product_tells_its_build,
        a_dump_tells_its_build_at_its_own_time,
        a_match_carries_its_record_and_seed,
        events_outside_the_bounds_are_not_looked_at,
        matches_beyond_the_limit_are_counted,
        matches_of_full_rules_are_counted,
        what_is_hidden_is_matched,
        what_was_not_decoded_is_told,
        a_made_event_counts_for_nothing_else,
    };
    rules = ruleset_new();
    ruleset_add(rules, STR("r.yml"), STR("p"), str_of(RULES));
    ruleset_freeze(rules);
    T_EQ(ruleset_count(rules), 4);
    out = buf_new((size_t)1 << 30);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        arena = arena_new();
        tests[i]();
        arena_free(arena);
    }
    buf_free(&out);
    ruleset_free(rules);
    return t_done();
}
