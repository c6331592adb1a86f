#include "rule/choice.h"

#include "rule/rules.h"
#include "t.h"

static const char rule[] = "title: x\nlevel: high\nstatus: test\n"
                           "tags: [attack.t1505.003, cve.2021-26855]\n"
                           "logsource: {product: windows, category: process_creation}\n"
                           "detection: {s: {A: b}, condition: s}\n";

static void takes_what_is_wanted(void)
{
    static const struct {
        enum level level;
        const char *status, *tags, *logsource;
        bool takes;
    } cases[] = {
        {LEVEL_INFORMATIONAL, NULL, NULL, NULL, true},
        {LEVEL_HIGH, NULL, NULL, NULL, true},
        {LEVEL_CRITICAL, NULL, NULL, NULL, false},
        {LEVEL_LOW, "test", NULL, NULL, true},
        {LEVEL_LOW, "stable, TEST", NULL, NULL, true},
        {LEVEL_LOW, "stable", NULL, NULL, false},
        {LEVEL_LOW, "!test", NULL, NULL, false},
        {LEVEL_LOW, NULL, "attack.t1505", NULL, true},
        {LEVEL_LOW, NULL, "cve.2022,cve.2021", NULL, true},
        {LEVEL_LOW, NULL, "attack.t1003", NULL, false},
        {LEVEL_LOW, NULL, "!cve.", NULL, false},
        {LEVEL_LOW, NULL, "attack.t1505,!cve.", NULL, false},
        {LEVEL_LOW, NULL, "!attack.t1003", NULL, true},
        {LEVEL_LOW, NULL, NULL, "windows", true},
        {LEVEL_LOW, NULL, NULL, "Windows/process_creation", true},
        {LEVEL_LOW, NULL, NULL, "windows/security", false},
        {LEVEL_LOW, NULL, NULL, "linux,windows", true},
        {LEVEL_LOW, NULL, NULL, "!process_creation", false},
    };
    struct arena *arena = arena_new();
    struct yaml *document = NULL;
    struct err err = {0};
    T_EQ(yaml_parse(str_of(rule), arena, &document, &err), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct choice *c = ARENA_NEW(arena, struct choice);
        c->min_level = (int)cases[i].level;
        if (cases[i].status)
            T_EQ(choice_add(&c->status, str_of(cases[i].status), &err), 0);
        if (cases[i].tags)
            T_EQ(choice_add(&c->tags, str_of(cases[i].tags), &err), 0);
        if (cases[i].logsource)
            T_EQ(choice_add(&c->logsource, str_of(cases[i].logsource), &err), 0);
        if (choice_takes(c, document) != cases[i].takes)
            printf("  case %zu\n", i);
        T_EQ(choice_takes(c, document), cases[i].takes);
    }
    arena_free(arena);
}

static void refuses_empty_words(void)
{
    static const char *const texts[] = {"", "a,", ",a", "!", "a,!,b"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct choice_words words = {.n_wanted = 0};
        struct err err = {0};
        T_EQ(choice_add(&words, str_of(texts[i]), &err), -1);
        T_EQ(err.code, ERR_INVALID);
    }
}

static void packs_are_always_in_use(void)
{
    struct ruleset *set = ruleset_new();
    struct arena *arena = arena_new();
    struct choice *choice = ARENA_NEW(arena, struct choice);
    choice->min_level = LEVEL_CRITICAL;
    ruleset_choose(set, choice);
    ruleset_add(set, STR("mine.yml"), STR(""), str_of(rule));
    ruleset_add(set, STR("pack.yml"), STR("a-pack"), str_of(rule));
    ruleset_refuse(set, STR("big.yml"), STR("too large"));
    ruleset_freeze(set);
    T_EQ(ruleset_count(set), 1);
    T_STR(ruleset_get(set, 0)->path, "pack.yml");
    T_EQ(ruleset_left_out(set), 1);
    const struct refusal *refused;
    T_EQ(ruleset_refusals(set, &refused), 1);
    T_STR(refused->reason, "too large");
    ruleset_free(set);
    arena_free(arena);
}

int main(void)
{
    T_RUN(takes_what_is_wanted);
    T_RUN(refuses_empty_words);
    T_RUN(packs_are_always_in_use);
    return t_done();
}
