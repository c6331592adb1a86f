#include "rule/yaml.h"
#include "t.h"

static struct yaml *parse(struct arena *arena, struct str text, struct err *err)
{
    struct yaml *ret = NULL;
    return yaml_parse(text, arena, &ret, err) == 0 ? ret : NULL;
}

static void plain_scalars_have_types(void)
{
    static const struct {
        const char *text;
        enum yaml_type type;
        int64_t integer;
    } cases[] = {
        {"abc", YAML_STRING, 0},
        {"'4'", YAML_STRING, 0},
        {"\"4\"", YAML_STRING, 0},
        {"4", YAML_INT, 4},
        {"-4", YAML_INT, -4},
        {"+4", YAML_INT, 4},
        {"0x1F", YAML_INT, 31},
        {"010", YAML_INT, 8},
        {"0o10", YAML_INT, 8},
        {"0", YAML_INT, 0},
        {"1.5", YAML_FLOAT, 0},
        {".5", YAML_FLOAT, 0},
        {"1.", YAML_FLOAT, 0},
        {"1.5e+3", YAML_FLOAT, 0},
        {"1.2.3", YAML_STRING, 0},
        {".inf", YAML_FLOAT, 0},
        {"true", YAML_BOOL, 1},
        {"No", YAML_BOOL, 0},
        {"null", YAML_NULL, 0},
        {"~", YAML_NULL, 0},
        {"Null", YAML_NULL, 0},
        {"nulL", YAML_STRING, 0},
        {"12:30", YAML_STRING, 0},
        {"2021-03-14", YAML_STRING, 0},
        {"1_000", YAML_STRING, 0},
        {"0x", YAML_STRING, 0},
        {"089", YAML_INT, 89},
        {"!!str 4", YAML_STRING, 0},
        {"18446744073709551616", YAML_STRING, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_new();
        struct err err = {0};
        struct yaml *y = parse(arena, (struct str){cases[i].text, strlen(cases[i].text)}, &err);
        T_OK(y && y->type == cases[i].type && y->integer == cases[i].integer);
        if (!y || y->type != cases[i].type || y->integer != cases[i].integer)
            printf("  case: %s\n", cases[i].text);
        arena_free(arena);
    }
}

static void trees_keep_order_keys_and_lines(void)
{
    struct arena *arena = arena_new();
    struct err err = {0};
    struct yaml *y = parse(arena, STR("a: 1\nb:\n  - x\n  - {c: d}\ne:\n---\nsecond\n"), &err);
    T_OK(y && y->type == YAML_MAP);
    if (!y)
        return;
    T_STR(yaml_text(y, "a"), "1");
    T_STR(yaml_text(y, "e"), "");
    T_STR(yaml_text(y, "none"), "");
    T_EQ(yaml_get(y, "e")->type, YAML_NULL);
    const struct yaml *b = yaml_get(y, "b");
    T_EQ(b->type, YAML_LIST);
    T_EQ(b->child->line, 3);
    T_EQ(b->child->column, 5);
    T_STR(b->child->text, "x");
    T_STR(yaml_text(b->child->next, "c"), "d");
    T_OK(b->child->next->next == NULL);
    T_OK(y->next && y->next->next == NULL);
    T_STR(y->next->text, "second");
    T_OK(yaml_get(y->next, "a") == NULL);
    T_OK(yaml_get(NULL, "a") == NULL);
    T_OK(parse(arena, STR(""), &err) == NULL);
    T_EQ(err.code, ERR_NONE);
    arena_free(arena);
}

static void what_rules_never_need_is_refused(void)
{
    static const char *const texts[] = {
        "a: &x 1\n",    "a: &x [1]\n", "a: &x {b: 1}\n", "a: *x\n",
        "a: 1\na: 2\n", "[a]: 1\n",    "{a: 1}: 2\n",    "a: [1\n",
        "a: b: c\n",    "\t- a\n",     "a: \"\\xzz\"\n", "a: \xff\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct arena *arena = arena_new();
        struct err err = {0};
        T_OK(parse(arena, (struct str){texts[i], strlen(texts[i])}, &err) == NULL);
        T_EQ(err.code, ERR_INVALID);
        T_OK(strstr(err.msg, "line "));
        arena_free(arena);
    }
}

static void nesting_has_a_limit(void)
{
    char text[200];
    memset(text, '[', 100);
    memset(text + 100, ']', 100);
    struct arena *arena = arena_new();
    struct err err = {0};
    T_OK(parse(arena, (struct str){text, 200}, &err) == NULL);
    T_EQ(err.code, ERR_LIMIT);
    T_OK(parse(arena, (struct str){text + 40, 120}, &err) != NULL);
    arena_free(arena);
}

static void parse_prefix(struct bytes b)
{
    struct arena *arena = arena_new();
    struct err err = {0};
    (void)parse(arena, (struct str){(const char *)b.p, b.n}, &err);
    arena_free(arena);
}

static void prefixes_and_flipped_bits_are_harmless(void)
{
    static const char text[] =
        "title: t\nlist:\n  - 'a'\n  - \"b\\u00e4\"\n  - {c: [1, ~, x]}\n"
        "text: |\n  block\n  text\n---\nnext: >\n  folded\n";
    t_each_prefix((struct bytes){(const uint8_t *)text, sizeof text - 1}, parse_prefix);
    uint8_t copy[sizeof text];
    for (size_t i = 0; i < 8 * (sizeof text - 1); i++) {
        memcpy(copy, text, sizeof text);
        copy[i / 8] ^= (uint8_t)(1U << i % 8);
        parse_prefix((struct bytes){copy, sizeof text - 1});
    }
}

static void tells_places_in_keys_and_values(void)
{
    struct arena *arena = arena_new();
    struct err err = {0};
    struct yaml *y = parse(arena,
                           STR("a|b: plain text\n'q|r': \"quo ted\"\nesc: \"a\\tb\"\n"
                               "\xc3\xa9: \xc3\xa9x\nlong: |\n  one\n  two\n"),
                           &err);
    T_OK(y != NULL);
    if (!y)
        return;
    static const struct {
        const char *key;
        bool of_key;
        size_t offset;
        unsigned line, column;
    } cases[] = {
        {"a|b", true, 0, 1, 1},  {"a|b", true, 2, 1, 3},       {"a|b", false, 6, 1, 12},
        {"q|r", true, 2, 2, 4},  {"q|r", false, 0, 2, 8},      {"q|r", false, 4, 2, 13},
        {"esc", false, 2, 3, 6}, {"\xc3\xa9", false, 2, 4, 5}, {"long", false, 3, 5, 7},
        {"long", true, 1, 5, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct yaml_mark at =
            yaml_mark_of(yaml_get(y, cases[i].key), cases[i].of_key, cases[i].offset);
        T_EQ(at.line, cases[i].line);
        T_EQ(at.column, cases[i].column);
    }
    T_EQ(yaml_mark_of(NULL, false, 0).line, 0);
    arena_free(arena);
}

static void a_failure_has_its_place(void)
{
    static const struct {
        const char *text;
        unsigned line, column;
    } cases[] = {
        {"a: 1\nb: &x 2\n", 2, 4},
        {"a: 1\n  a: [\n", 2, 4},
        {"a: 1\nb: 2\na: 3\n", 3, 1},
        {"a: 1\nb: \xff\n", 2, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct err err = {0};
        struct yaml *y = NULL;
        struct yaml_mark at = {0};
        T_EQ(yaml_parse_at(str_of(cases[i].text), arena, &y, &at, &err), -1);
        T_EQ(at.line, cases[i].line);
        T_EQ(at.column, cases[i].column);
        T_OK(strstr(err.msg, "line") == NULL);
        arena_free(arena);
    }
}

int main(void)
{
    T_RUN(tells_places_in_keys_and_values);
    T_RUN(a_failure_has_its_place);
    T_RUN(plain_scalars_have_types);
    T_RUN(trees_keep_order_keys_and_lines);
    T_RUN(what_rules_never_need_is_refused);
    T_RUN(nesting_has_a_limit);
    T_RUN(prefixes_and_flipped_bits_are_harmless);
    return t_done();
}
