#include "cli/profile.h"

#include "t.h"

enum { LEVEL, RULES, STATUS, PLACEHOLDER, PLAIN, PROFILE };

static const struct opt opts[] = {
    [LEVEL] = {0, "min-level", "L", "", OPT_TEXT},
    [RULES] = {'r', "rules", "P", "", OPT_TEXTS},
    [STATUS] = {0, "status", "S", "", OPT_TEXTS},
    [PLACEHOLDER] = {0, "placeholder", "S", "", OPT_TEXTS},
    [PLAIN] = {0, "no-decode", NULL, "", OPT_FLAG},
    [PROFILE] = {0, "profile", "P", "", OPT_TEXT},
    {0, NULL, NULL, NULL, OPT_FLAG},
};
static const struct cmd scan = {.name = "scan", .operands = "", .opts = opts, .most = 10};

static struct args parsed(struct arena *arena, const char *const *words, int n)
{
    struct args args = {0};
    struct err err = {0};
    char *argv[8];
    for (int i = 0; i < n; i++)
        argv[i] = (char *)(uintptr_t)words[i];
    T_EQ(args_parse(&scan, n, argv, arena, &args, &err), 0);
    return args;
}

static void sets_what_the_command_line_leaves_open(void)
{
    static const char *const words[] = {"--status", "stable"};
    struct arena *arena = arena_new();
    struct err err = {0};
    struct args args = parsed(arena, words, 2);
    T_EQ(profile_apply_text(&scan, STR("team/p.yml"),
                            STR("about: ours\nrules: [/abs, none-such]\nstatus: [test, x]\n"
                                "min-level: high\nplaceholder: admins=lists/a.txt\n"
                                "no-decode: true\ntune: t.yml\n"),
                            &args, &err),
         0);
    T_EQ(args.n_texts[RULES], 2);
    T_STR(str_of(args.texts[RULES][0]), "/abs");
    T_STR(str_of(args.texts[RULES][1]), "none-such"); /* no file: the name of a set */
    T_EQ(args.n_texts[STATUS], 1);
    T_STR(str_of(args.texts[STATUS][0]), "stable");
    T_STR(str_of(args.text[LEVEL]), "high");
    T_STR(str_of(args.texts[PLACEHOLDER][0]), "admins=team/lists/a.txt");
    T_OK(args.flag[PLAIN]);
    arena_free(arena);
}

static void two_are_built_in(void)
{
    static const char *const core[] = {"--profile", "core"};
    static const char *const all[] = {"--profile", "all"};
    static const char *const none[] = {"--profile", "no-such-profile"};
    struct arena *arena = arena_new();
    struct err err = {0};
    struct args args = parsed(arena, core, 2);
    T_EQ(profile_apply(&scan, &args, &err), 0);
    T_STR(str_of(args.text[LEVEL]), "high");
    T_EQ(args.n_texts[STATUS], 2);
    args = parsed(arena, all, 2);
    T_EQ(profile_apply(&scan, &args, &err), 0);
    T_OK(args.text[LEVEL] == NULL);
    args = parsed(arena, none, 2);
    T_EQ(profile_apply(&scan, &args, &err), -1);
    T_EQ(err.code, ERR_INVALID);
    args = parsed(arena, NULL, 0);
    T_EQ(profile_apply(&scan, &args, &err), 0);
    arena_free(arena);
}

static void mistakes_have_their_place(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"- a\n", "p.yml:1:1: a profile is a map"},
        {"rules: x\nstatsu: y\n", "p.yml:2:1: a profile cannot hold statsu (did you mean 's"},
        {"output: x\n", "p.yml:1:1: a profile cannot hold output"},
        {"rules: {a: b}\n", "p.yml:1:8: want a text"},
        {"rules: [a, [b]]\n", "p.yml:1:12: want a text"},
        {"min-level: [high, low]\n", "p.yml:1:12: want one value"},
        {"min-level: []\n", "p.yml:1:12: want one value"},
        {"no-decode: maybe\n", "p.yml:1:12: want true"},
        {"a: [\n", "p.yml:2:1: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct err err = {0};
        struct args args = parsed(arena, NULL, 0);
        T_EQ(profile_apply_text(&scan, STR("p.yml"), str_of(cases[i].text), &args, &err), -1);
        T_OK(str_istarts(str_of(err.msg), str_of(cases[i].want)));
        if (!str_istarts(str_of(err.msg), str_of(cases[i].want)))
            printf("  %s  %s\n", cases[i].text, err.msg);
        arena_free(arena);
    }
}

static void harmless(struct bytes data)
{
    struct arena *arena = arena_new();
    struct err err = {0};
    struct args args = parsed(arena, NULL, 0);
    (void)profile_apply_text(&scan, STR("p.yml"), (struct str){(const char *)data.p, data.n},
                             &args, &err);
    arena_free(arena);
}

static void prefixes_are_harmless(void)
{
    static const char text[] = "rules: [a, b]\nmin-level: high\nno-decode: false\nabout: x\n";
    t_each_prefix((struct bytes){(const uint8_t *)text, sizeof text - 1}, harmless);
}

int main(void)
{
    T_RUN(sets_what_the_command_line_leaves_open);
    T_RUN(two_are_built_in);
    T_RUN(mistakes_have_their_place);
    T_RUN(prefixes_are_harmless);
    return t_done();
}
