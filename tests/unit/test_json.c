#include "base/json.h"

#include "base/json_read.h"
#include "t.h"

static void text(const char *bytes, size_t n, const char *want)
{
    struct buf b = buf_new(4096);
    struct json_out j = json_out(&b);
    json_str(&j, (struct str){bytes, n});
    t_str(buf_str(&b), str_of(want), want, __FILE__, __LINE__);
    buf_free(&b);
}

static void no_text_ends_its_string(void)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *want;
    } cases[] = {
        {"", 0, "\"\""},
        {"plain", 5, "\"plain\""},
        {"a\"b\\c/", 6, "\"a\\\"b\\\\c/\""},
        {"\n\r\t", 3, "\"\\n\\r\\t\""},
        {"\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\\u007f\""},
        {"\xc3\xa9\xf0\x9f\x98\x80", 6, "\"\xc3\xa9\xf0\x9f\x98\x80\""},
        {"\xc2\x9b\xe2\x80\xae", 5, "\"\\u009b\\u202e\""}, /* a terminal would obey these */
        {"\xf3\xa0\x81\x81", 4, "\"\\udb40\\udc41\""},
        {"\xff", 1, "\"\xef\xbf\xbd\""},
        {"\xc3", 1, "\"\xef\xbf\xbd\""},
        {"\xc3\"", 2, "\"\xef\xbf\xbd\\\"\""},
        {"\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xe2\x82", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        text(cases[i].bytes, cases[i].n, cases[i].want);
}

static void commas_are_placed(void)
{
    struct buf b = buf_new(4096);
    struct json_out j = json_out(&b);
    json_begin(&j, '{');
    json_key(&j, "a");
    json_u64(&j, UINT64_MAX);
    json_key_str(&j, STR("b\""));
    json_begin(&j, '[');
    json_i64(&j, INT64_MIN);
    json_bool(&j, true);
    json_bool(&j, false);
    json_null(&j);
    json_begin(&j, '{');
    json_end(&j, '}');
    json_begin(&j, '[');
    json_end(&j, ']');
    json_raw(&j, STR("{\"x\":1}"));
    json_cstr(&j, "s");
    json_end(&j, ']');
    json_key(&j, "t");
    json_time(&j, 0);
    json_key(&j, "n");
    json_time(&j, INSTANT_NONE);
    json_end(&j, '}');
    T_STR(buf_str(&b),
          "{\"a\":18446744073709551615,\"b\\\"\":[-9223372036854775808,true,false,"
          "null,{},[],{\"x\":1},\"s\"],\"t\":\"1970-01-01T00:00:00Z\",\"n\":null}");
    buf_free(&b);
}

/* Every pair of bytes reads back as one string, by our own reader. */
static void any_bytes_read_back(void)
{
    struct arena *a = arena_new();
    struct err err;
    for (unsigned x = 0; x < 256; x++) {
        struct buf b = buf_new(65536);
        struct json_out j = json_out(&b);
        json_begin(&j, '[');
        for (unsigned y = 0; y < 256; y++)
            json_str(&j, (struct str){(char[]){(char)x, (char)y}, 2});
        json_end(&j, ']');
        size_t at = 0;
        struct json *v = NULL;
        T_EQ(json_next(buf_str(&b), &at, a, &v, &err), 1);
        T_EQ(at, b.n);
        unsigned y = 0;
        for (const struct json *e = v->child; e; e = e->next, y++)
            if (x < 0x80 && y < 0x80)
                T_OK(e->text.n == 2 && e->text.p[0] == (char)x && e->text.p[1] == (char)y);
        T_EQ(y, 256);
        buf_free(&b);
        arena_reset(a);
    }
    arena_free(a);
}

int main(void)
{
    T_RUN(no_text_ends_its_string);
    T_RUN(commas_are_placed);
    T_RUN(any_bytes_read_back);
    return t_done();
}
