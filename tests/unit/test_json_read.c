#include "base/json_read.h"

#include "base/buf.h"
#include "base/limits.h"
#include "t.h"

static struct arena *arena;

static int read_text(struct str text, size_t *at, const struct json **ret, struct err *err)
{
    struct json *v = NULL;
    int r = json_next(text, at, arena, &v, err);
    *ret = v;
    return r;
}

/* The whole text as one value, or NULL. */
static const struct json *whole(struct str text)
{
    struct err err = {0};
    const struct json *v = NULL;
    size_t at = 0;
    if (read_text(text, &at, &v, &err) != 1)
        return NULL;
    const struct json *more;
    return read_text(text, &at, &more, &err) == 0 ? v : NULL;
}

#define WHOLE(lit) whole(STR(lit))

static void accepts_what_the_standard_accepts(void)
{
    static const char *const good[] = {
        "[]",
        "{}",
        "[[]]",
        "[{}]",
        " [1] ",
        "[1,2]",
        "[\"\"]",
        "[null,true,false]",
        "\"x\"",
        "1",
        "-0",
        "-1",
        "0.5",
        "1e5",
        "1E+5",
        "1e-5",
        "123.456e78",
        "{\"a\":1}",
        "{\"a\":1,\"a\":2}",
        "{\"\":0}",
        "{\"a\":{\"b\":[]}}",
        "\t[\r\n1\t]\n",
        "\"\\u0041\\n\\/\\\\\\\"\"",
        "\"\\ud834\\udd1e\"",
        "\"\x7f\"",
        "\"a\tb\"",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (!whole((struct str){good[i], strlen(good[i])}))
            t_failed += printf("refused: %s\n", good[i]) > 0;
    }
}

static void refuses_what_the_standard_refuses(void)
{
    static const char *const bad[] = {
        "[",
        "]",
        "{",
        "}",
        "[1",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1,,2]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{1:1}",
        "{\"a\" 1}",
        "[1}",
        "{\"a\":1]",
        "01",
        "-",
        "+1",
        ".5",
        "1.",
        "1.e1",
        "1e",
        "1e+",
        "-01",
        "0x1",
        "NaN",
        "Infinity",
        "tru",
        "nul",
        "True",
        "'x'",
        "\"",
        "\"a",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u123g\"",
        "\"a\nb\"",
        "\"\\",
        "[1]]",
        "{}}",
        "[\"a\",\n4\n,1,",
        "\xef\xbb\xbf{}",
        "[1]x",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (whole((struct str){bad[i], strlen(bad[i])}))
            t_failed += printf("accepted: %s\n", bad[i]) > 0;
    }
}

static void keeps_members_in_order_with_their_types(void)
{
    const struct json *v = WHOLE("{\"s\":\"x\",\"n\":-1.5e3,\"t\":true,\"f\":false,\"z\":null,"
                                 "\"a\":[1,[2]],\"o\":{\"k\":\"v\"}}");
    T_OK(v && v->type == JSON_OBJECT);
    if (!v)
        return;
    T_STR(v->child->key, "s");
    T_STR(json_get(v, "s")->text, "x");
    T_STR(json_get(v, "n")->text, "-1.5e3");
    T_EQ(json_get(v, "n")->type, JSON_NUMBER);
    T_EQ(json_get(v, "t")->type, JSON_TRUE);
    T_EQ(json_get(v, "f")->type, JSON_FALSE);
    T_EQ(json_get(v, "z")->type, JSON_NULL);
    const struct json *a = json_get(v, "a");
    T_EQ(a->type, JSON_ARRAY);
    T_STR(a->child->text, "1");
    T_STR(a->child->next->child->text, "2");
    T_OK(!a->child->next->next);
    T_STR(json_get(json_get(v, "o"), "k")->text, "v");
    T_OK(!json_get(v, "missing"));
    T_OK(!json_get(a, "s"));
    T_OK(!json_get(NULL, "s"));
}

static void decodes_escapes(void)
{
    T_STR(WHOLE("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"")->text, "\"\\/\b\f\n\r\t");
    T_STR(WHOLE("\"C:\\\\a\\u00e9\\u20ac\"")->text, "C:\\a\xc3\xa9\xe2\x82\xac");
    T_STR(WHOLE("\"\\ud834\\udd1e\"")->text, "\xf0\x9d\x84\x9e");
    T_STR(WHOLE("\"a\\u0000b\"")->text, "a\0b");
    T_STR(WHOLE("{\"\\u0061\":1}")->child->key, "a");
}

static void repairs_surrogates_and_bad_bytes(void)
{
    T_STR(WHOLE("\"\\ud834\"")->text, "\xef\xbf\xbd");
    T_STR(WHOLE("\"\\ud834x\"")->text, "\xef\xbf\xbdx");
    T_STR(WHOLE("\"\\udd1e\"")->text, "\xef\xbf\xbd");
    T_STR(WHOLE("\"\\ud834\\u0041\"")->text, "\xef\xbf\xbd"
                                             "A");
    T_STR(WHOLE("\"\\ud834\\n\"")->text, "\xef\xbf\xbd\n");
    T_STR(WHOLE("\"a\xff\xc0z\"")->text, "a\xef\xbf\xbd\xef\xbf\xbdz");
    T_STR(WHOLE("\"\xff\\n\"")->text, "\xef\xbf\xbd\n");
    T_STR(WHOLE("\"\xc3\xa9\"")->text, "\xc3\xa9");
}

static void borrows_plain_strings(void)
{
    static const char text[] = "[\"plain\",\"esc\\n\"]";
    const struct json *v = whole(STR("[\"plain\"]"));
    T_OK(v != NULL);
    size_t at = 0;
    struct err err;
    T_EQ(read_text((struct str){text, sizeof text - 1}, &at, &v, &err), 1);
    T_OK(v->child->text.p == text + 2);
    T_OK(v->child->next->text.p < text || v->child->next->text.p > text + sizeof text);
}

static void reads_values_one_after_the_other(void)
{
    struct str text = STR("{\"a\":1}\n{\"a\":2}[3]\n\n");
    struct err err;
    const struct json *v;
    size_t at = 0;
    T_EQ(read_text(text, &at, &v, &err), 1);
    T_EQ(at, 7);
    T_EQ(read_text(text, &at, &v, &err), 1);
    T_STR(json_get(v, "a")->text, "2");
    T_EQ(read_text(text, &at, &v, &err), 1);
    T_EQ(v->type, JSON_ARRAY);
    T_EQ(read_text(text, &at, &v, &err), 0);
    T_EQ(at, text.n);
}

static void says_where_the_damage_is(void)
{
    struct err err = {0};
    const struct json *v = NULL;
    size_t at = 0;
    T_EQ(read_text(STR("  {\"a\":x}"), &at, &v, &err), -1);
    T_EQ(at, 7);
    T_EQ(err.code, ERR_CORRUPT);
    T_OK(!v);
    at = 0;
    T_EQ(read_text(STR("{\"a\":tr"), &at, &v, &err), -1);
    T_EQ(at, 7); /* the end: more text might have made it whole */
}

static void stops_at_the_nesting_limit(void)
{
    char text[2 * LIMIT_JSON_DEPTH + 2];
    for (size_t depth = LIMIT_JSON_DEPTH; depth <= LIMIT_JSON_DEPTH + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        struct err err = {0};
        const struct json *v;
        size_t at = 0;
        int r = read_text((struct str){text, 2 * depth}, &at, &v, &err);
        T_EQ(r, depth == LIMIT_JSON_DEPTH ? 1 : -1);
        T_EQ(err.code, depth == LIMIT_JSON_DEPTH ? ERR_NONE : ERR_LIMIT);
    }
}

static void stops_at_the_limit_of_values(void)
{
    size_t n = (size_t)LIMIT_JSON_NODES * 2 + 2;
    char *text = malloc(n);
    for (size_t i = 0; i < n; i++)
        text[i] = i % 2 ? ',' : '0';
    text[0] = ' ';
    text[1] = '[';
    struct err err = {0};
    const struct json *v;
    size_t at = 0;
    T_EQ(read_text((struct str){text, n}, &at, &v, &err), -1);
    T_EQ(err.code, ERR_LIMIT);
    free(text);
}

static const char SAMPLE[] =
    "{\"Event\":{\"System\":{\"EventID\":1,\"Keywords\":\"0x8000\",\"Correlation\":null},"
    "\"EventData\":{\"Image\":\"C:\\\\\\u00e9\\ud834\\udd1e\",\"Data\":[\"a\",1.5e3,true]}}}";

static void read_all(struct bytes b)
{
    struct err err;
    const struct json *v;
    size_t at = 0;
    struct str text = {(const char *)b.p, b.n};
    while (read_text(text, &at, &v, &err) > 0)
        ;
    T_OK(at <= b.n);
}

static void no_prefix_is_whole(struct bytes b)
{
    T_OK(!whole((struct str){(const char *)b.p, b.n}));
    read_all(b);
}

static void survives_truncation_and_flipped_bits(void)
{
    struct bytes data = {(const uint8_t *)SAMPLE, sizeof SAMPLE - 1};
    T_OK(whole((struct str){SAMPLE, sizeof SAMPLE - 1}) != NULL);
    t_each_prefix(data, no_prefix_is_whole);
    uint8_t copy[sizeof SAMPLE];
    for (size_t i = 0; i < data.n * 8; i++) {
        memcpy(copy, data.p, data.n);
        copy[i / 8] ^= (uint8_t)(1U << i % 8);
        read_all((struct bytes){copy, data.n});
    }
}

static void a_document_is_the_whole_text(void)
{
    struct err err = {0};
    struct json *document = NULL;
    T_EQ(json_document(STR(" {\"a\":[1,2]} \n"), arena, &document, &err), 0);
    T_OK(json_get(document, "a") != NULL);
    const struct str bad[] = {STR(""),    STR("  "), STR("{} {}"),
                              STR("{},"), STR("{"),  STR("{}x")};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err.code = ERR_NONE;
        T_EQ(json_document(bad[i], arena, &document, &err), -1);
        T_EQ(err.code, ERR_CORRUPT);
    }
    struct buf many = buf_new(SIZE_MAX / 4); /* more than an event may have */
    buf_add_char(&many, '[');
    for (size_t i = 0; i <= LIMIT_JSON_NODES; i++)
        buf_add_str(&many, STR("1,"));
    buf_add_str(&many, STR("1]"));
    T_EQ(json_document(buf_str(&many), arena, &document, &err), 0);
    buf_free(&many);
}

int main(void)
{
    arena = arena_new();
    T_RUN(accepts_what_the_standard_accepts);
    T_RUN(refuses_what_the_standard_refuses);
    T_RUN(keeps_members_in_order_with_their_types);
    T_RUN(decodes_escapes);
    T_RUN(repairs_surrogates_and_bad_bytes);
    T_RUN(borrows_plain_strings);
    T_RUN(reads_values_one_after_the_other);
    T_RUN(says_where_the_damage_is);
    T_RUN(stops_at_the_nesting_limit);
    T_RUN(stops_at_the_limit_of_values);
    T_RUN(a_document_is_the_whole_text);
    T_RUN(survives_truncation_and_flipped_bits);
    arena_free(arena);
    return t_done();
}
