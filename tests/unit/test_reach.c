/* Whether rules could fire: each state, for the right reason. */
#include "rule/advice.h"
#include "rule/reach.h"
#include "t.h"

#define SECURITY "title: t\nlogsource: {product: windows, service: security}\ndetection:\n"
#define PROCESS \
    "title: t\nlogsource: {product: windows, category: process_creation}\ndetection:\n"

#define S(text)                \
    {                          \
        text, sizeof(text) - 1 \
    } /* STR is no constant */

static struct reach_field process_fields[] = {{S("NewProcessName"), 10, 10},
                                              {S("ParentProcessName"), 10, 10},
                                              {S("CommandLine"), 10, 0},
                                              {S("SubjectUserName"), 10, 10}};
static struct reach_field iis_fields[] = {{S("cs-uri-stem"), 5, 5}, {S("cs-username"), 5, 0}};
static const struct reach_class evidence[] = {
    {.host = S("mail01"),
     .kind = EVENT_WINDOWS,
     .channel = S("Security"),
     .event_id = 4688,
     .records = 10,
     .fields = process_fields,
     .n_fields = 4},
    {.host = S("mail01.example.com"),
     .kind = EVENT_WINDOWS,
     .channel = S("Security"),
     .event_id = 4634,
     .records = 3},
    {.host = S(""), .kind = EVENT_IIS, .records = 5, .fields = iis_fields, .n_fields = 2},
};
enum { CLASSES = sizeof evidence / sizeof *evidence };

static struct arena *kept;

static struct reach reach_in(const char *rule, const struct reach_class *classes, size_t n)
{
    struct ruleset *set = ruleset_new();
    struct reach got;
    ruleset_add(set, STR("r.yml"), STR(""), str_of(rule));
    ruleset_freeze(set);
    T_EQ(ruleset_count(set), 1);
    struct reacher *r = reacher_new(set, classes, n);
    reach_rule(r, 0, &got);
    for (size_t i = 0; i < got.n_needs; i++) { /* outlives the set in these tests */
        got.needs[i].field = arena_str(kept, got.needs[i].field);
        got.needs[i].channel = arena_str(kept, got.needs[i].channel);
    }
    for (size_t i = 0; i < got.n_fields; i++)
        got.fields[i] = arena_str(kept, got.fields[i]);
    for (size_t i = 0; i < got.n_filters; i++)
        got.filters[i] = arena_str(kept, got.filters[i]);
    reacher_free(r);
    ruleset_free(set);
    return got;
}

static struct reach of(const char *rule)
{
    return reach_in(rule, evidence, CLASSES);
}

static void could_fire(void)
{
    struct reach r = of(PROCESS "  s: {Image|endswith: x}\n  condition: s\n");
    T_EQ(r.state, REACH_FULL);
    T_EQ(r.n_needs, 0);
    T_EQ(r.hosts[REACH_FULL], 1); /* two names and none: one host */
    T_EQ(of(SECURITY "  s: {EventID: 4634}\n  condition: s\n").state, REACH_FULL);
    T_EQ(of(SECURITY "  s: [word]\n  condition: s\n").state, REACH_FULL);
    T_EQ(of("title: t\nlogsource: {category: webserver}\ndetection:\n"
            "  s: {cs-uri-query|contains: x}\n  t: {cs-uri-stem: x}\n  condition: s or t\n")
             .state,
         REACH_PARTLY);
}

static void reads_nothing_of_the_sort(void)
{
    struct reach r = of("title: t\nlogsource: {product: macos}\ndetection:\n  s: {A: x}\n"
                        "  condition: s\n");
    T_EQ(r.state, REACH_UNREADABLE);
    T_EQ(r.n_needs, 0);
}

static void the_source_is_absent(void)
{
    struct reach r = of("title: t\nlogsource: {product: windows, category: dns_query}\n"
                        "detection:\n  s: {QueryName: x}\n  condition: s\n");
    T_EQ(r.state, REACH_NO_SOURCE);
    T_EQ(r.n_needs, 1);
    T_STR(r.needs[0].channel, "microsoft-windows-sysmon/operational");
    T_EQ(r.needs[0].ids[0], 22);
}

static void the_event_is_not_seen(void)
{
    struct reach r = of(SECURITY "  s: {EventID: [4697, 4698], X: y}\n  condition: s\n");
    T_EQ(r.state, REACH_NO_EVENT);
    T_EQ(r.n_needs, 1);
    T_EQ(r.needs[0].n_ids, 2);
    T_EQ(r.needs[0].ids[0], 4697);
}

static void the_field_is_not_logged(void)
{
    /* CommandLine is there, but never filled; ParentCommandLine is not in event 4688 at all */
    struct reach r = of(PROCESS "  s: {Image|endswith: x, CommandLine|contains: y}\n"
                                "  condition: s\n");
    T_EQ(r.state, REACH_NO_FIELD);
    T_EQ(r.n_fields, 1);
    T_STR(r.fields[0], "CommandLine");
    T_EQ(r.n_needs, 1);
    T_STR(r.needs[0].field, "CommandLine");
    T_EQ(r.needs[0].ids[0], 4688);
    r = of(PROCESS "  s: {ParentCommandLine: y}\n  condition: s\n");
    T_EQ(r.state, REACH_NO_FIELD);
    T_EQ(r.n_needs, 1); /* Sysmon has it */
    T_EQ(r.needs[0].ids[0], 1);
    T_STR(r.needs[0].channel, "microsoft-windows-sysmon/operational");
}

static void it_could_fire_on_a_part(void)
{
    struct reach r =
        of(PROCESS "  s: {Image: x}\n  t: {CommandLine: y}\n  condition: s or t\n");
    T_EQ(r.state, REACH_PARTLY);
    T_EQ(r.n_fields, 1);
    T_EQ(r.n_filters, 0);
    r = of(PROCESS "  s: {Image: x}\n  f: {CommandLine: y}\n  condition: s and not f\n");
    T_EQ(r.state, REACH_PARTLY);
    T_EQ(r.n_fields, 0);
    T_STR(r.filters[0], "CommandLine");
    r = of(PROCESS "  s: {Image: x, CommandLine|neq: y}\n  condition: s\n");
    T_EQ(r.state, REACH_PARTLY);
    T_EQ(r.n_filters, 1);
}

/* What is asked of a missing field need not be a value. */
static void a_missing_field_may_be_wanted(void)
{
    T_EQ(of(PROCESS "  s: {Image: x, Nothing: null}\n  condition: s\n").state, REACH_FULL);
    T_EQ(of(PROCESS "  s: {Nothing|exists: false}\n  condition: s\n").state, REACH_FULL);
    T_EQ(of(PROCESS "  s: {Nothing|exists: true, Image: x}\n  condition: s\n").state,
         REACH_NO_FIELD);
    T_EQ(of(PROCESS "  s: {CommandLine: '-'}\n  condition: s\n").state, REACH_PARTLY);
    T_EQ(of(PROCESS "  s: {CommandLine: ''}\n  condition: s\n").state, REACH_PARTLY);
}

static void each_host_is_judged(void)
{
    const struct reach_class two[] = {
        evidence[0],
        {.host = STR("web02"),
         .kind = EVENT_WINDOWS,
         .channel = STR("Security"),
         .event_id = 4624,
         .records = 1},
        {.host = STR("dc03"),
         .kind = EVENT_WINDOWS,
         .channel = STR("System"),
         .event_id = 6005,
         .records = 1},
    };
    struct reach r = reach_in(PROCESS "  s: {Image: x}\n  condition: s\n", two, 3);
    T_EQ(r.state, REACH_FULL);
    T_EQ(r.hosts[REACH_FULL], 1);
    T_EQ(r.hosts[REACH_NO_EVENT], 1);
    T_EQ(r.hosts[REACH_NO_SOURCE], 1);
    r = reach_in(PROCESS "  s: {Image: x}\n  condition: s\n", NULL, 0);
    T_EQ(r.state, REACH_NO_SOURCE);
    T_EQ(r.n_needs, 2); /* Sysmon, or Security */
}

static void advice_is_sourced_and_found(void)
{
    struct arena *arena = arena_new();
    struct advices all = {0};
    struct err err = {0};
    T_EQ(advice_load(arena, &all, &err), 0);
    T_OK(all.n > 50);
    for (size_t i = 0; i < all.n; i++)
        T_OK(str_starts(all.p[i].source, STR("https://")) ||
             str_starts(all.p[i].source, STR("assay packs show")));
    struct reach_need need = {.channel = STR("security"), .ids = {4688}, .n_ids = 1};
    const struct advice *a = advice_for(&all, &need);
    T_OK(a && str_find(a->how, STR("Process Creation"), 0) != SIZE_MAX);
    need.field = STR("CommandLine");
    a = advice_for(&all, &need);
    T_OK(a && str_find(a->how, STR("ProcessCreationIncludeCmdLine_Enabled"), 0) != SIZE_MAX);
    need.field = STR("SubjectUserName");
    T_OK(!advice_for(&all, &need));
    need = (struct reach_need){.kind = EVENT_IIS, .field = STR("cs-referer")};
    T_OK(advice_for(&all, &need) != NULL);
    T_EQ(advice_parse(STR("advice: [{channel: X, say: y}]"), arena, &all, &err), -1);
    T_EQ(advice_parse(STR("advice: [{kind: nothing, say: y, source: z}]"), arena, &all, &err),
         -1);
    T_EQ(advice_parse(STR("a: b"), arena, &all, &err), -1);
    arena_free(arena);
}

int main(void)
{
    kept = arena_new();
    T_RUN(could_fire);
    T_RUN(reads_nothing_of_the_sort);
    T_RUN(the_source_is_absent);
    T_RUN(the_event_is_not_seen);
    T_RUN(the_field_is_not_logged);
    T_RUN(it_could_fire_on_a_part);
    T_RUN(a_missing_field_may_be_wanted);
    T_RUN(each_host_is_judged);
    T_RUN(advice_is_sourced_and_found);
    arena_free(kept);
    return t_done();
}
