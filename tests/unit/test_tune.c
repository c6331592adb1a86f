#include "rule/tune.h"

#include "t.h"

#define RULE(title, id)                                                          \
    "title: " title "\nid: " id "\nlevel: high\nlogsource: {product: windows}\n" \
    "detection: {s: {A: b}, condition: s}\n"

static struct ruleset *rules_of_test(void)
{
    struct ruleset *set = ruleset_new();
    ruleset_add(set, STR("a.yml"), STR(""), STR(RULE("One", "11111111")));
    ruleset_add(set, STR("b.yml"), STR(""), STR(RULE("Two", "22222222")));
    ruleset_add(set, STR("p.yml"), STR("pack"), STR(RULE("Of a pack", "33333333")));
    ruleset_freeze(set);
    return set;
}

static void patterns(void)
{
    static const struct {
        const char *pattern, *text;
        bool like;
    } cases[] = {
        {"", "", true},
        {"*", "", true},
        {"*", "abc", true},
        {"a?c", "abc", true},
        {"a?c",
         "a\xc3\xa9"
         "c",
         true},
        {"a?c", "ac", false},
        {"a*c", "abcbc", true},
        {"*bc", "abcbc", true},
        {"abc", "abcd", false},
        {"a*b*", "acb", true},
        {"a*b*d", "acb", false},
        {"??", "a", false},
        {"*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (tune_like(str_of(cases[i].pattern), str_of(cases[i].text)) != cases[i].like)
            printf("  case %s\n", cases[i].pattern);
        T_EQ(tune_like(str_of(cases[i].pattern), str_of(cases[i].text)), cases[i].like);
    }
}

static const char list[] = "- rule: one\n"
                           "  suppress: true\n"
                           "  host: [srv*, '*.lab.example.com']\n"
                           "  reason: test servers\n"
                           "- rule: [11111111, Two]\n"
                           "  level: low\n"
                           "  path: '*\\Backup\\*'\n"
                           "  until: 2021-03-02\n"
                           "  reason: seen before\n"
                           "- rule: two\n"
                           "  suppress: true\n"
                           "  reason: all of it\n";

static void the_first_entry_that_fits(void)
{
    static const struct {
        uint32_t rule;
        const char *host, *path;
        const char *time;
        unsigned line; /* of the entry; 0: none */
    } cases[] = {
        {0, "SRV1", "x.evtx", "2021-03-01", 1},
        {0, "srv1.example.com", "x.evtx", "", 1},
        {0, "web.lab.example.com", "x.evtx", "", 1},
        {0, "web.example.com", "x.evtx", "2021-03-01", 0},
        {0, "", "x.evtx", "2021-03-01", 0},
        {0, "web", "e/backup/x.evtx", "2021-03-01", 5},
        {0, "web", "e\\Backup\\x.evtx", "2021-03-01T23:59:59Z", 5},
        {0, "web", "e/backup/x.evtx", "2021-03-02", 0},
        {0, "web", "e/backup/x.evtx", "", 0},
        {1, "web", "e/backup/x.evtx", "2021-03-01", 5},
        {1, "web", "e/backup/x.evtx", "2021-03-03", 10},
        {2, "SRV1", "x.evtx", "2021-03-01", 0},
    };
    struct arena *arena = arena_new();
    struct ruleset *rules = rules_of_test();
    struct tuning *t = tune_new(arena);
    struct err err = {0};
    T_EQ(tune_add(t, STR("t.yml"), str_of(list), &err), 0);
    T_EQ(tune_bind(t, rules, &err), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tune_subject s = {str_of(cases[i].host), str_of(cases[i].path), STR("x"),
                                 INSTANT_NONE};
        (void)instant_parse(str_of(cases[i].time), &s.time);
        const struct tune_entry *e = tune_find(t, cases[i].rule, &s);
        T_EQ(e ? e->line : 0, cases[i].line);
    }
    const struct tune_entry *low = t->entries[1];
    T_EQ(tune_level(low, ruleset_get(rules, 0)), LEVEL_LOW);
    T_EQ(tune_level(NULL, ruleset_get(rules, 0)), LEVEL_HIGH);
    T_EQ(tune_level(t->entries[0], ruleset_get(rules, 0)), LEVEL_HIGH);
    T_OK(tune_find(NULL, 0, NULL) == NULL);
    ruleset_free(rules);
    arena_free(arena);
}

static void what_is_only_counted_needs_no_host(void)
{
    struct arena *arena = arena_new();
    struct ruleset *rules = rules_of_test();
    struct tuning *t = tune_new(arena);
    struct err err = {0};
    T_EQ(tune_add(t, STR("t.yml"),
                  STR("- {rule: One, suppress: true, path: '*.bak', reason: x}\n"
                      "- {rule: One, suppress: true, host: a, reason: x}\n"
                      "- {rule: One, suppress: true, reason: x}\n"
                      "- {rule: Two, level: low, reason: x}\n"),
                  &err),
         0);
    T_EQ(tune_bind(t, rules, &err), 0);
    T_OK(tune_find_counted(t, 0, STR("a.bak"), STR("a.bak")) == t->entries[0]);
    T_OK(tune_find_counted(t, 0, STR("a"), STR("a")) == NULL);
    T_OK(tune_find_counted(t, 1, STR("a"), STR("a")) == t->entries[3]);
    ruleset_free(rules);
    arena_free(arena);
}

static void mistakes_have_their_place(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"a: b\n", "t.yml:1:1: a tuning list"},
        {"- x\n", "t.yml:1:3: an entry is a map"},
        {"- {suppress: true, reason: x}\n", "t.yml:1:3: an entry needs `rule`"},
        {"- {rule: x, suppress: true}\n", "t.yml:1:3: an entry needs a `reason`"},
        {"- {rule: x, reason: x}\n", "t.yml:1:3: an entry needs either"},
        {"- {rule: x, level: low, suppress: true, reason: x}\n", "t.yml:1:3: an entry needs e"},
        {"- {rule: x, level: lo, reason: x}\n", "t.yml:1:20: unknown level lo"},
        {"- {rule: x, suppress: false, reason: x}\n", "t.yml:1:23: suppress is true"},
        {"- {rule: [], level: low, reason: x}\n", "t.yml:1:10: an empty list"},
        {"- {rule: x, hosts: a, level: low, reason: x}\n", "t.yml:1:13: want rule,"},
        {"- {rule: x, level: low, reason: x, until: soon}\n", "t.yml:1:43: until is a date"},
        {"- {rule: {a: b}, level: low, reason: x}\n", "t.yml:1:10: want a text"},
        {"- [\n", "t.yml:2:1: did not"},
        {"- {rule: Of a pack, level: low, reason: x}\n",
         "t.yml:1: \"Of a pack\" is a rule of the pack pack"},
    };
    struct ruleset *rules = rules_of_test();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct tuning *t = tune_new(arena);
        struct err err = {0};
        bool failed = tune_add(t, STR("t.yml"), str_of(cases[i].text), &err) < 0 ||
                      tune_bind(t, rules, &err) < 0;
        T_OK(failed && str_istarts(str_of(err.msg), str_of(cases[i].want)));
        if (!str_istarts(str_of(err.msg), str_of(cases[i].want)))
            printf("  %s  %s\n", cases[i].text, err.msg);
        arena_free(arena);
    }
    ruleset_free(rules);
}

static void unknown_rules_are_kept(void)
{
    struct arena *arena = arena_new();
    struct ruleset *rules = rules_of_test();
    struct tuning *t = tune_new(arena);
    struct err err = {0};
    T_EQ(tune_add(t, STR("t.yml"), STR("\n- {rule: [One, Nine], level: low, reason: x}\n"),
                  &err),
         0);
    T_EQ(tune_add(t, STR("empty.yml"), STR(""), &err), 0);
    T_EQ(tune_bind(t, rules, &err), 0);
    T_EQ(t->n_unknown, 1);
    T_STR(t->unknown[0].rule, "Nine");
    T_EQ(t->unknown[0].entry->line, 2);
    ruleset_free(rules);
    arena_free(arena);
}

static void harmless(struct bytes data)
{
    struct arena *arena = arena_new();
    struct err err = {0};
    (void)tune_add(tune_new(arena), STR("t.yml"), (struct str){(const char *)data.p, data.n},
                   &err);
    arena_free(arena);
}

static void prefixes_and_flipped_bits_are_harmless(void)
{
    char copy[sizeof list];
    t_each_prefix((struct bytes){(const uint8_t *)list, sizeof list - 1}, harmless);
    for (size_t i = 0; i < (sizeof list - 1) * 8; i++) {
        memcpy(copy, list, sizeof list);
        copy[i / 8] = (char)(copy[i / 8] ^ 1 << i % 8);
        harmless((struct bytes){(const uint8_t *)copy, sizeof list - 1});
    }
}

int main(void)
{
    T_RUN(patterns);
    T_RUN(the_first_entry_that_fits);
    T_RUN(what_is_only_counted_needs_no_host);
    T_RUN(mistakes_have_their_place);
    T_RUN(unknown_rules_are_kept);
    T_RUN(prefixes_and_flipped_bits_are_harmless);
    return t_done();
}
