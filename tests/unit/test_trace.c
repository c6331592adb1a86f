/* Traces: each part of a rule has the answer that the evaluator gives it. */
#include "base/buf.h"
#include "rule/rules.h"
#include "rule/trace_wire.h"
#include "t.h"

static const char RULE[] = "title: t\n"
                           "logsource: {product: windows, category: process_creation}\n"
                           "detection:\n"
                           "  s:\n"
                           "    Image|endswith: ['\\cmd.exe', '\\x.exe']\n"
                           "    User|contains: bob\n"
                           "  k: [whoami, nobody]\n"
                           "  _f: {Missing: null}\n"
                           "  condition: (s or 1 of k*) and not _f\n";

static struct arena *arena;

static struct event process(const char *channel, uint32_t id)
{
    struct event ev = {.kind = EVENT_WINDOWS,
                       .channel = str_of(channel),
                       .event_id = id,
                       .time = INSTANT_NONE};
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("NewProcessName"), STR("C:\\CMD.exe"));
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("SubjectDomainName"), STR("EX"));
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("SubjectUserName"), STR("bob"));
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("CommandLine"), STR("x WHOAMI"));
    return ev;
}

static struct ruleset *rules_of(const char *text)
{
    struct ruleset *set = ruleset_new();
    ruleset_add(set, STR("r.yml"), STR(""), str_of(text));
    ruleset_freeze(set);
    T_EQ(ruleset_count(set), 1);
    return set;
}

static const struct trace *find(const struct trace *t, const char *name)
{
    if (str_eq(t->name, str_of(name)))
        return t;
    for (size_t i = 0; i < t->n; i++) {
        const struct trace *found = find(t->child[i], name);
        if (found)
            return found;
    }
    return NULL;
}

static void each_part_has_its_answer(void)
{
    struct ruleset *set = rules_of(RULE);
    struct tracer *t = NULL;
    struct trace *root = NULL;
    struct err err = {0};
    struct event ev = process("Security", 4688);
    T_EQ(tracer_new(set, 0, &t, &err), 0);
    T_EQ(tracer_feeds(t), 2);
    T_EQ(tracer_run(t, 0, &ev, arena, &root), FEED_OTHER); /* Sysmon's */
    T_EQ(tracer_run(t, 1, &ev, arena, &root), FEED_TAKES);
    T_OK(!root->result); /* _f is true: there is no such field */
    T_OK(find(root, "s")->result);
    T_OK(find(root, "_f")->result);
    const struct trace *image = find(root, "Image|endswith");
    T_EQ(image->n_asked, 2);
    T_OK(image->asked[0].hit && !image->asked[1].hit);
    T_STR(image->values[0].field, "NewProcessName"); /* through the mapping */
    T_STR(image->values[0].text, "C:\\CMD.exe");
    T_OK(image->values[0].hit);
    const struct trace *user = find(root, "User|contains");
    T_STR(user->values[user->n_values - 1].text, "EX\\bob");
    const struct trace *k = find(root, "k");
    T_OK(k->result && k->child[0]->child[0]->result && !k->child[0]->child[1]->result);
    T_STR(k->child[0]->child[0]->values[0].field, "CommandLine");
    tracer_free(t);
    ruleset_free(set);
}

static void hits_are_what_made_it_true(void)
{
    struct ruleset *set = rules_of(RULE);
    struct tracer *t = NULL;
    struct trace *root = NULL;
    struct trace_value hit[8];
    struct err err = {0};
    struct event ev = process("Security", 4688);
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("Missing"), STR("no"));
    T_EQ(tracer_new(set, 0, &t, &err), 0);
    T_EQ(tracer_run(t, 1, &ev, arena, &root), FEED_TAKES);
    T_OK(root->result);
    T_EQ(trace_hits(root, hit, 8), 3);
    T_STR(hit[0].field, "NewProcessName");
    T_STR(hit[2].field, "CommandLine");
    T_EQ(hit[2].at, 2);
    T_EQ(trace_hits(root, hit, 1), 1);
    bool seen[8] = {false};
    const struct str *names = NULL;
    T_EQ(tracer_fields(t, &names), 3);
    T_OK(tracer_see(t, &ev, seen));
    T_OK(seen[0] && seen[1] && seen[2]);
    ev.event_id = 1;
    T_OK(!tracer_see(t, &ev, seen));
    tracer_free(t);
    ruleset_free(set);
}

/* The walk and the evaluator must not differ: over conditions of all forms. */
static void the_whole_is_what_the_matcher_says(void)
{
    static const char *const conditions[] = {"a",
                                             "not a",
                                             "a and b",
                                             "a or b",
                                             "not (a and not b)",
                                             "1 of them",
                                             "all of them",
                                             "2 of *",
                                             "a and not 1 of b*",
                                             "b or not b and a"};
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        char text[400];
        (void)snprintf(
            text, sizeof text,
            "title: t\nlogsource: {product: windows, service: security}\n"
            "detection:\n  a: {SubjectUserName: bob}\n  b: {SubjectUserName|neq: bob}\n"
            "  c: {CommandLine|re: WHO}\n  condition: %s\n",
            conditions[i]);
        struct ruleset *set = rules_of(text);
        struct matcher *m = matcher_new(set);
        struct tracer *t = NULL;
        struct trace *root = NULL;
        const uint32_t *hits = NULL;
        struct err err = {0};
        struct event ev = process("Security", 4688);
        T_EQ(tracer_new(set, 0, &t, &err), 0);
        T_EQ(tracer_run(t, 0, &ev, arena, &root), FEED_TAKES);
        T_EQ(root->result, matcher_run(m, &ev, &hits));
        tracer_free(t);
        matcher_free(m);
        ruleset_free(set);
    }
}

static void read(struct bytes data)
{
    struct cur in = cur_of(data, 0);
    T_OK(trace_read(&in, arena) == NULL);
}

static void traces_travel_as_bytes(void)
{
    struct ruleset *set = rules_of(RULE);
    struct tracer *t = NULL;
    struct trace *root = NULL;
    struct err err = {0};
    struct event ev = process("Security", 4688);
    struct buf b = buf_new(1 << 16);
    T_EQ(tracer_new(set, 0, &t, &err), 0);
    (void)tracer_run(t, 1, &ev, arena, &root);
    trace_write(root, &b);
    struct cur in = cur_of(str_bytes(buf_str(&b)), 0);
    const struct trace *back = trace_read(&in, arena);
    T_OK(back && cur_left(&in) == 0);
    T_EQ(find(back, "Image|endswith")->n_asked, 2);
    T_EQ(find(back, "s")->result, true);
    t_each_prefix(str_bytes(buf_str(&b)), read);
    for (size_t i = 0; i < b.n * 8; i++) { /* any answer, no crash */
        b.p[i / 8] = (char)(b.p[i / 8] ^ 1 << i % 8);
        in = cur_of(str_bytes(buf_str(&b)), 0);
        (void)trace_read(&in, arena);
        b.p[i / 8] = (char)(b.p[i / 8] ^ 1 << i % 8);
    }
    buf_free(&b);
    tracer_free(t);
    ruleset_free(set);
}

int main(void)
{
    arena = arena_new();
    T_RUN(each_part_has_its_answer);
    T_RUN(hits_are_what_made_it_true);
    T_RUN(the_whole_is_what_the_matcher_says);
    T_RUN(traces_travel_as_bytes);
    arena_free(arena);
    return t_done();
}
