/* What the fast matcher asks of readers, and what it keeps. That it says the same as the plain
 * one is tested over made rules (engine_random) and by cases (test_sigma_cases). */
#include "t.h"
#include "rule/rules.h"

static struct ruleset *rules_of(const char *const *detections, size_t n)
{
    struct ruleset *set = ruleset_new();
    struct arena *arena = arena_new();
    for (size_t i = 0; i < n; i++)
        ruleset_add(set, STR("t.yml"), STR(""),
                    arena_printf(arena,
                                 "title: t\nid: %zu\nlogsource: {product: windows}\n"
                                 "detection: %s\n",
                                 i, detections[i]));
    ruleset_freeze(set);
    T_EQ(ruleset_count(set), n);
    arena_free(arena);
    return set;
}

static struct event head_of(struct str channel, uint32_t id)
{
    return (struct event){
        .kind = EVENT_WINDOWS, .time = INSTANT_NONE, .channel = channel, .event_id = id};
}

static bool wishes(const struct wish *wish, const char *name)
{
    for (uint32_t i = 0; wish && i < wish->n; i++)
        if (str_eq(wish->names[i], str_of(name)))
            return true;
    return false;
}

static void fields_that_decide_are_wished_for(void)
{
    const char *const rules[] = {
        "{s: {A: x, B|contains: y}, f: {C: null}, condition: s and not f}",
        "{s: {EventID: 7, D: x}, condition: s}", "{s: {E|fieldref: F}, condition: s}"};
    struct ruleset *set = rules_of(rules, 3);
    struct matcher *m = matcher_new(set);
    struct event head = head_of(STR("Some"), 8);
    const struct wish *wish = matcher_wish(m, &head);
    T_OK(wishes(wish, "A") && wishes(wish, "B") && wishes(wish, "C"));
    T_OK(wishes(wish, "E") && wishes(wish, "F"));
    T_OK(!wishes(wish, "D")); /* another EventID */
    T_OK(!wishes(wish, "EventID"));
    uint32_t first = wish ? wish->id : 0;
    head.event_id = 7;
    wish = matcher_wish(m, &head);
    T_OK(wishes(wish, "D"));
    T_OK(first && wish && wish->id && wish->id != first);
    matcher_free(m);
    ruleset_free(set);
}

static void keywords_need_whole_events_unless_the_raw_bytes_have_none(void)
{
    const char *const rules[] = {"{k: ['sekurlsa::'], condition: k}"};
    struct ruleset *set = rules_of(rules, 1);
    struct matcher *m = matcher_new(set);
    struct event head = head_of(STR("Some"), 8);
    struct str with = STR("..a sekurlsa::logonpasswords..");
    struct str without = STR("..a quite ordinary command.. ");
    T_OK(!matcher_wish(m, &head));
    matcher_raw(m, str_bytes(without));
    const struct wish *wish = matcher_wish(m, &head);
    T_OK(wish && wish->apart);
    matcher_raw(m, str_bytes(with));
    T_OK(!matcher_wish(m, &head));
    matcher_raw(m, str_bytes(without));
    T_OK(matcher_wish(m, &head) != NULL);
    matcher_raw(m, (struct bytes){0});
    T_OK(!matcher_wish(m, &head));
    matcher_free(m);
    ruleset_free(set);
}

static void keywords_that_bytes_cannot_tell_need_whole_events(void)
{
    const char *const rules[] = {"{k: ['4624'], condition: k}"};
    struct ruleset *set = rules_of(rules, 1);
    struct matcher *m = matcher_new(set);
    struct event head = head_of(STR("Some"), 8);
    matcher_raw(m, str_bytes(STR("nothing of the kind")));
    T_OK(!matcher_wish(m, &head));
    matcher_free(m);
    ruleset_free(set);
}

static void a_regular_expression_that_is_given_up_may_match(void)
{
    const char *const rules[] = {"{s: {A|re: '^(a|aa)+$'}, condition: s}"};
    struct ruleset *set = rules_of(rules, 1);
    struct matcher *m = matcher_new(set);
    struct arena *arena = arena_new();
    struct event ev = head_of(STR("Some"), 8);
    char *text = arena_alloc(arena, 4001, 1);
    const uint32_t *hits = NULL;
    memset(text, 'a', 4000);
    text[4000] = 'b';
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("A"), (struct str){text, 4001});
    bool may = matcher_may(m, &ev);
    uint64_t before = matcher_limits(m);
    T_EQ(matcher_run(m, &ev, &hits), 0);
    T_OK(matcher_limits(m) == before || may); /* else it would not be told */
    arena_free(arena);
    matcher_free(m);
    ruleset_free(set);
}

/* Evidence may invent channels. */
static void classes_are_forgotten_and_learned_again(void)
{
    enum { CHANNELS = 40000 };
    const char *const rules[] = {"{s: {A|endswith: ['x', 'yy']}, condition: s}"};
    struct ruleset *set = rules_of(rules, 1);
    struct matcher *m = matcher_new(set);
    struct arena *arena = arena_new();
    size_t wrong = 0;
    for (unsigned i = 0; i < CHANNELS; i++) {
        const uint32_t *hits = NULL;
        struct event ev = head_of(arena_printf(arena, "Channel %u", i), i % 7);
        event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("A"), i % 2 ? STR("AX") : STR("Y"));
        wrong += matcher_run(m, &ev, &hits) != i % 2;
        arena_reset(arena);
    }
    T_EQ(wrong, 0);
    arena_free(arena);
    matcher_free(m);
    ruleset_free(set);
}

/* Of one class, events with invented names are met without end. */
static void many_shapes_of_events_are_right(void)
{
    const char *const rules[] = {"{s: {A: x, B: y}, condition: s}"};
    struct ruleset *set = rules_of(rules, 1);
    struct matcher *m = matcher_new(set);
    struct arena *arena = arena_new();
    size_t wrong = 0;
    for (unsigned i = 0; i < 2000; i++) {
        const uint32_t *hits = NULL;
        struct event ev = head_of(STR("Some"), 8);
        for (unsigned k = 0; k < i % 5; k++)
            event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, arena_printf(arena, "N%u", i),
                      STR("z"));
        event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, i % 3 ? STR("a") : STR("A"), STR("X"));
        event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("B"), i % 2 ? STR("Y") : STR("Q"));
        wrong += matcher_run(m, &ev, &hits) != i % 2;
        arena_reset(arena);
    }
    T_EQ(wrong, 0);
    arena_free(arena);
    matcher_free(m);
    ruleset_free(set);
}

static void what_the_head_says_is_unpadded_too(void)
{
    const char *const rules[] = {"{s: {Provider_Name: Some}, condition: s}",
                                 "{s: {Computer|endswith: st}, condition: s}"};
    struct ruleset *set = rules_of(rules, 2);
    struct matcher *plain = matcher_new_plain(set);
    struct matcher *fast = matcher_new(set);
    const uint32_t *hits = NULL;
    struct event ev = head_of(STR("Any"), 8);
    ev.provider = STR("Some ");
    ev.host = STR("host  ");
    T_EQ(matcher_run(plain, &ev, &hits), 2);
    T_EQ(matcher_run(fast, &ev, &hits), 2);
    T_OK(matcher_may(fast, &ev));
    matcher_free(fast);
    matcher_free(plain);
    ruleset_free(set);
}

int main(void)
{
    T_RUN(fields_that_decide_are_wished_for);
    T_RUN(keywords_need_whole_events_unless_the_raw_bytes_have_none);
    T_RUN(keywords_that_bytes_cannot_tell_need_whole_events);
    T_RUN(a_regular_expression_that_is_given_up_may_match);
    T_RUN(classes_are_forgotten_and_learned_again);
    T_RUN(many_shapes_of_events_are_right);
    T_RUN(what_the_head_says_is_unpadded_too);
    return t_done();
}
