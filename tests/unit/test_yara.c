#include "rule/yara.h"

#include "base/buf.h"
#include "t.h"

static struct yara_set *compiled(struct str text)
{
    struct yara_set *set = yara_set_new();
    struct err err = {0};
    yara_set_add(set, STR("made.yar"), STR(""), text);
    T_EQ(yara_set_compile(set, &err), 0);
    return set;
}

/* A rule set with the rules of a YARA set, all of them. */
static struct ruleset *bound(struct yara_set *set, const struct choice *choice)
{
    struct ruleset *rules = ruleset_new();
    ruleset_freeze(rules);
    yara_set_bind(set, rules, choice);
    return rules;
}

/* The names of the rules that match a text, one a line. */
static struct str names(const struct yara_set *set, struct str text,
                        const struct yara_file *about, struct arena *arena)
{
    struct yara_scanner *s = yara_scanner_make(set);
    const struct yara_found *found = NULL;
    struct buf out = buf_new(10000);
    struct err err = {0};
    size_t n = 0;
    T_EQ(yara_scan(s, false, str_bytes(text), about, arena, &found, &n, &err), 0);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < yara_set_count(set); k++)
            if (yara_set_get(set, k)->number == found[i].rule)
                buf_addf(&out, "%.*s\n", STR_ARG(yara_set_get(set, k)->name));
    struct str ret = arena_str(arena, buf_str(&out));
    buf_free(&out);
    yara_scanner_free(s);
    return ret;
}

static const struct yara_file NOTHING = {
    .name = {"", 0}, .directory = {"", 0}, .extension = {"", 0}, .type = {"", 0}};

static void says_what_rules_say(void)
{
    struct yara_set *set = compiled(STR(
        "rule a : one two { meta: description = \"made\" author = \"me\" reference = \"here\" "
        "score = 60 strings: $x = \"needle\" condition: $x }\n"
        "private rule hidden { condition: true }\n"
        "rule b { meta: severity = \"critical\" condition: false }\n"
        "rule c { condition: hidden and filesize > 3 }\n"
        "rule d { meta: severity = 3 condition: false }\n"));
    T_EQ(yara_set_count(set), 5);
    const struct yara_rule *a = yara_set_get(set, 0);
    T_STR(a->name, "a");
    T_STR(a->title, "a: made");
    T_STR(a->author, "me");
    T_EQ(a->level, LEVEL_MEDIUM);
    T_EQ(a->n_tags, 2);
    T_STR(a->tags[1], "two");
    T_OK(yara_set_get(set, 1)->hidden);
    T_EQ(yara_set_get(set, 2)->level, LEVEL_CRITICAL);
    T_EQ(yara_set_get(set, 3)->level, LEVEL_HIGH);
    T_EQ(yara_set_get(set, 4)->level, LEVEL_LOW);
    struct ruleset *rules = bound(set, NULL);
    T_EQ(ruleset_count(rules), 4); /* not the private one */
    T_STR(ruleset_get(rules, 0)->id, "yara:a");
    T_STR(str_of(rule_source(ruleset_get(rules, 0))), "yara");
    ruleset_free(rules);
    yara_set_free(set);
}

static void finds_with_places(void)
{
    struct arena *arena = arena_new();
    struct yara_set *set =
        compiled(STR("rule a { meta: author = \"me\" strings: $x = \"needle\" wide ascii "
                     "condition: $x }\nrule b { condition: filesize == 2 }\n"));
    struct ruleset *rules = bound(set, NULL);
    struct yara_scanner *s = yara_scanner_make(set);
    const struct yara_found *found = NULL;
    struct err err = {0};
    size_t n = 0;
    T_EQ(yara_scan(s, false, str_bytes(STR("a \x01 needle, needle")), &NOTHING, arena, &found,
                   &n, &err),
         0);
    T_EQ(n, 1);
    T_EQ(found[0].offset, 4);
    T_EQ(found[0].size, 6);
    T_STR(found[0].told, "YARA rule: a; author: me; $x at byte 4: needle");
    T_EQ(yara_scan(s, false, str_bytes(STR("ok")), &NOTHING, arena, &found, &n, &err), 0);
    T_EQ(n, 1);
    T_EQ(found[0].size, 0);
    T_EQ(yara_scan(s, true, str_bytes(STR("needle")), &NOTHING, arena, &found, &n, &err), 0);
    T_EQ(n, 0); /* none of the program's own */
    yara_scanner_free(s);
    ruleset_free(rules);
    yara_set_free(set);
    arena_free(arena);
}

static void knows_what_stands_beside_the_content(void)
{
    struct arena *arena = arena_new();
    struct yara_set *set = compiled(
        STR("rule n { condition: filename == \"x.aspx\" }\n"
            "rule p { condition: filepath contains \"wwwroot\" and extension == \".aspx\" }\n"
            "rule t { condition: filetype == \"EXE\" or owner == \"nobody\" }\n"));
    struct ruleset *rules = bound(set, NULL);
    const struct yara_file about = {.name = STR("x.aspx"),
                                    .directory = STR("C:\\inetpub\\wwwroot"),
                                    .extension = STR("aspx"),
                                    .type = STR("ASP")};
    T_STR(names(set, STR("x"), &about, arena), "n\np\n");
    T_STR(names(set, STR("x"), &NOTHING, arena), "");
    ruleset_free(rules);
    yara_set_free(set);
    arena_free(arena);
}

static void an_error_costs_its_file(void)
{
    struct arena *arena = arena_new();
    struct yara_set *set = yara_set_new();
    const struct yara_problem *problems = NULL;
    struct err err = {0};
    yara_set_add(set, STR("bad.yar"), STR(""),
                 STR("rule a { condition: true }\nrule b { condition: nothing }\n"));
    yara_set_add(set, STR("include.yar"), STR(""), STR("include \"good.yar\"\n"));
    yara_set_add(set, STR("magic.yar"), STR(""),
                 STR("import  \"magic\"\nrule m { condition: magic.type() == \"x\" }\n"));
    yara_set_add(set, STR("good.yar"), STR(""), STR("rule a { condition: true }\n"));
    yara_set_add(set, STR("other.yar"), STR(""), /* the same name: a namespace of its own */
                 STR("\xef\xbb\xbfrule a { strings: $x = \"needle\" condition: $x }\n"));
    T_EQ(yara_set_compile(set, &err), 0);
    size_t n = yara_set_problems(set, &problems);
    T_EQ(n, 3);
    T_STR(problems[0].path, "bad.yar");
    T_EQ(problems[0].line, 2);
    T_STR(problems[0].text, "undefined identifier \"nothing\"");
    T_STR(problems[1].text, "includes are disabled");
    T_STR(problems[1].path, "include.yar");
    T_STR(problems[2].text, "it imports \"magic\", which cannot be used here");
    T_EQ(yara_set_count(set), 2);
    struct ruleset *rules = bound(set, NULL);
    T_STR(names(set, STR("y"), &NOTHING, arena), "a\n");
    T_STR(names(set, STR("needle"), &NOTHING, arena), "a\na\n");
    ruleset_free(rules);
    yara_set_free(set);
    arena_free(arena);
}

static void a_choice_leaves_out(void)
{
    struct arena *arena = arena_new();
    struct yara_set *set =
        compiled(STR("rule low { meta: level = \"low\" condition: true }\n"
                     "rule grave { meta: level = \"critical\" condition: low }\n"));
    struct choice choice = {.min_level = LEVEL_HIGH};
    struct ruleset *rules = bound(set, &choice);
    T_EQ(ruleset_count(rules), 1);
    T_STR(names(set, STR("x"), &NOTHING, arena), "grave\n");
    ruleset_free(rules);
    yara_set_free(set);
    arena_free(arena);
}

static void too_many_matches_are_told(void)
{
    struct arena *arena = arena_new();
    struct yara_set *set = compiled(STR("rule a { strings: $x = \"xx\" condition: #x > 2 }\n"));
    struct ruleset *rules = bound(set, NULL);
    struct yara_scanner *s = yara_scanner_make(set);
    const struct yara_found *found = NULL;
    struct err err = {0};
    size_t n = 0;
    enum { MANY = 1100000 };
    char *text = ARENA_ARRAY(arena, char, MANY);
    memset(text, 'x', MANY);
    T_EQ(yara_scan(s, false, (struct bytes){(const uint8_t *)text, MANY}, &NOTHING, arena,
                   &found, &n, &err),
         -1);
    T_EQ(err.code, ERR_LIMIT);
    yara_scanner_free(s);
    ruleset_free(rules);
    yara_set_free(set);
    arena_free(arena);
}

static void damaged_compiled_rules_are_refused(void)
{
    struct yara_set *set = yara_set_new();
    struct err err = {0};
    T_OK(yara_is_compiled(str_bytes(STR("YARA\x0b"))));
    T_OK(!yara_is_compiled(str_bytes(STR("rule"))));
    T_EQ(yara_set_add_compiled(set, STR("x.yarc"), str_bytes(STR("YARA")), &err), -1);
    T_EQ(err.code, ERR_CORRUPT);
    err = (struct err){0};
    T_EQ(yara_set_add_compiled(set, STR("x.yarc"), str_bytes(STR("rule a")), &err), -1);
    yara_set_free(set);
}

int main(void)
{
    T_RUN(says_what_rules_say);
    T_RUN(finds_with_places);
    T_RUN(knows_what_stands_beside_the_content);
    T_RUN(an_error_costs_its_file);
    T_RUN(a_choice_leaves_out);
    T_RUN(too_many_matches_are_told);
    T_RUN(damaged_compiled_rules_are_refused);
    return t_done();
}
