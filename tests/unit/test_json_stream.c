#include "format/json_stream.h"

#define ZLIB_CONST
#include <zlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "t.h"

static struct arena *arena;

static struct bytes gzip(struct bytes content)
{
    size_t cap = content.n + content.n / 100 + 100;
    uint8_t *out = ARENA_ARRAY(arena, uint8_t, cap);
    z_stream z = {0};
    if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    z.next_in = content.p;
    z.avail_in = (uInt)content.n;
    z.next_out = out;
    z.avail_out = (uInt)cap;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        abort();
    size_t n = z.total_out;
    (void)deflateEnd(&z);
    return (struct bytes){out, n};
}

static void put_member(struct buf *out, const struct json *v)
{
    const struct json *a = json_get(v, "a");
    buf_add_str(out, a ? a->text : STR("?"));
}

/* Reads to the end and writes what came: a record as its member "a", a gap as [from-to). */
static struct str tell(struct json_stream *s, struct bytes content)
{
    struct buf out = buf_new(1 << 16);
    struct json_record rec;
    struct json_gap gap;
    struct err err;
    int r;
    while ((r = json_stream_next(s, arena, &rec, &gap, &err)) != 0) {
        if (out.n)
            buf_add_char(&out, ' ');
        if (r < 0) {
            buf_addf(&out, "[%d-%d)", (int)gap.from, (int)gap.to);
            T_OK(gap.from <= gap.to && gap.to <= content.n);
            continue;
        }
        put_member(&out, rec.value);
        T_OK(rec.size >= 2 && rec.offset + rec.size <= content.n);
        T_EQ(content.p[rec.offset], '{');
        T_EQ(content.p[rec.offset + rec.size - 1], '}');
    }
    struct str text = arena_str(arena, buf_str(&out));
    buf_free(&out);
    return text;
}

/* The content must tell the same plain and packed. */
static struct str read_all(struct str text)
{
    struct bytes content = str_bytes(text);
    struct json_stream *plain = json_stream_open(content, 0, content.n, arena);
    struct str told = tell(plain, content);
    json_stream_close(&plain);

    struct json_stream *packed = json_stream_unpack(gzip(content), FORMAT_GZIP, arena);
    T_OK(str_eq(told, tell(packed, content)));
    json_stream_close(&packed);
    T_OK(!packed);
    return told;
}

static void reads_lines(void)
{
    T_STR(read_all(STR("")), "");
    T_STR(read_all(STR("{\"a\":1}\n{\"a\":2}\r\n\n{\"a\":3}")), "1 2 3");
    T_STR(read_all(STR("\xef\xbb\xbf{\"a\":\"x\"}\n")), "x");
}

static void reads_arrays_and_concatenations(void)
{
    T_STR(read_all(STR("[{\"a\":1},{\"a\":2}]")), "1 2");
    T_STR(read_all(STR("[\n  {\n    \"a\": 1\n  },\n  {\n    \"a\": 2\n  }\n]\n")), "1 2");
    T_STR(read_all(STR("{\n \"a\": 1\n}\n{\n \"a\": 2\n}{\"a\":3}")), "1 2 3");
    T_STR(read_all(STR("{\"a\":1},\n{\"a\":2},\n")), "1 2");
    T_STR(read_all(STR("[]")), "");
}

static void opens_containers(void)
{
    T_STR(read_all(STR("{\"Events\": [{\"a\":1},{\"a\":2}]}")), "1 2");
    T_STR(read_all(STR("{\"records\":[{\"a\":1}], \"next\":\"{\"}")), "1");
    T_STR(read_all(STR("{\"Events\":{\"Event\":[{\"a\":1},{\"a\":2}]}}")), "1 2");
    T_STR(read_all(STR("{\"Events\":{\"Event\":{\"a\":1}}}")), "1");
    T_STR(
        read_all(STR("{\"took\":3,\"timed_out\":false,\"_shards\":{\"total\":1},\"hits\":"
                     "{\"total\":{\"value\":2},\"max_score\":null,\"hits\":[{\"_index\":\"x\","
                     "\"_source\":{\"a\":1}},{\"_source\":{\"a\":2}}]}}\n")),
        "1 2");
    /* a record that is only named like one */
    T_STR(read_all(STR("{\"Event\":{\"System\":{}},\"a\":1}")), "1");
    T_STR(read_all(STR("{\"hits\":7,\"a\":1}")), "1");
}

static void a_bad_line_costs_that_line(void)
{
    T_STR(read_all(STR("{\"a\":1}\n{\"a\":tru}\n{\"a\":3}\n")), "1 [8-17) 3");
    T_STR(read_all(STR("{\"a\":1}\n{\"a\":\"x\n{\"a\":3}\n")), "1 [8-16) 3");
    T_STR(read_all(STR("{\"a\":1}\n{\"a\":{\"b\":1\n{\"a\":3}\n")), "1 [8-20) 3");
    T_STR(read_all(STR("{\"a\":1}\n{\"a\":[1,\n{\"a\":3}\n{\"a\":4}\n")), "1 [8-17) 3 4");
    T_STR(read_all(STR("{\"a\":1}\nnot json\n{\"a\":3}\n")), "1 [8-17) 3");
    T_STR(read_all(STR("{\"a\":1]\n{\"a\":3}\n")), "[0-8) 3");
    T_STR(read_all(STR("{\"a\":1}\n{\"a\":2")), "1 [8-14)");
}

static void a_bad_element_costs_that_element(void)
{
    T_STR(read_all(STR("[{\"a\":1},{\"a\":x},{\"a\":3}]\n")), "1 [9-16) 3");
    T_STR(read_all(STR("[\n  {\n    \"a\": x\n  },\n  {\n    \"a\": 2\n  }\n]\n")), "[4-20) 2");
    T_STR(read_all(STR("[\n  {\n    \"b\": [\n      {\"a\":1}\n  },\n  {\n \"a\": 2\n  }\n]")),
          "[4-38) 2");
    T_STR(read_all(STR("[{\n  \"a\": x\n},{\n  \"a\": 2\n}]\n")), "[1-13) 2");
}

static void skips_record_numbers(void)
{
    T_STR(read_all(STR("Record 1\n{\n \"a\": 1\n}\nRecord 22\n{\n \"a\": 2\n}\n")), "1 2");
}

static void says_where_the_records_are(void)
{
    struct bytes content = str_bytes(STR("{\"a\":1}\n {\"a\":22} \n{\"a\":3}\n"));
    struct json_stream *s = json_stream_open(content, 8, 19, arena);
    struct json_record rec;
    struct json_gap gap;
    struct err err;
    T_EQ(json_stream_next(s, arena, &rec, &gap, &err), 1);
    T_EQ(rec.offset, 9);
    T_EQ(rec.size, 8);
    T_EQ(json_stream_next(s, arena, &rec, &gap, &err), 0);
    json_stream_close(&s);
}

static void shows_what_comes_next(void)
{
    struct bytes content = str_bytes(STR("{\"a\":1}\n"));
    struct json_stream *s = json_stream_unpack(gzip(content), FORMAT_GZIP, arena);
    T_OK(bytes_eq(json_stream_peek(s), content));
    T_STR(tell(s, content), "1");
    json_stream_close(&s);
}

static void a_truncated_archive_gives_what_it_holds(void)
{
    struct buf text = buf_new(1 << 20);
    for (unsigned i = 0; i < 5000; i++)
        buf_addf(&text, "{\"a\":%u,\"b\":%u}\n", i, i * 2654435761U);
    struct bytes packed = gzip(str_bytes(buf_str(&text)));
    packed.n -= packed.n / 3;
    struct json_stream *s = json_stream_unpack(packed, FORMAT_GZIP, arena);
    struct json_record rec;
    struct json_gap gap;
    struct err err = {0};
    unsigned events = 0;
    unsigned gaps = 0;
    int r;
    while ((r = json_stream_next(s, arena, &rec, &gap, &err)) != 0) {
        events += r > 0;
        gaps += r < 0;
    }
    T_OK(events > 2000 && events < 5000);
    T_OK(gaps == 1 || gaps == 2); /* perhaps the cut object; the cut archive */
    T_EQ(err.code, ERR_CORRUPT);
    json_stream_close(&s);
    buf_free(&text);
}

static void a_value_over_the_limit_is_a_gap(void)
{
    struct buf text = buf_new((size_t)LIMIT_JSON_VALUE * 2);
    buf_add_cstr(&text, "{\"a\":1}\n{\"a\":[\"");
    for (size_t i = 0; i < LIMIT_JSON_VALUE / 8; i++)
        buf_add_cstr(&text, i % 1000 == 0 ? "zzz\", \"zz" : "zzzzzzzz");
    buf_add_cstr(&text, "\"]}\n{\"a\":3}\n");
    struct str told = read_all(buf_str(&text));
    T_OK(str_starts(told, STR("1 [8-")));
    T_OK(str_iends(told, STR(" 3")));
    buf_free(&text);
}

static const char SAMPLE[] = "{\"took\":1,\"hits\":{\"hits\":[{\"_source\":{\"a\":1}}]}}\n"
                             "Record 1\n{\n  \"a\": [{}, \"\\u00e9\"]\n},\nrubbish\n{\"a\":\"";

static void read_prefix(struct bytes b)
{
    struct json_stream *s = json_stream_open(b, 0, b.n, arena);
    (void)tell(s, b);
    json_stream_close(&s);
    (void)read_all((struct str){(const char *)b.p, b.n});
}

static void survives_truncation_and_flipped_bits(void)
{
    struct bytes data = {(const uint8_t *)SAMPLE, sizeof SAMPLE - 1};
    t_each_prefix(data, read_prefix);
    uint8_t copy[sizeof SAMPLE];
    for (size_t i = 0; i < data.n * 8; i++) {
        memcpy(copy, data.p, data.n);
        copy[i / 8] ^= (uint8_t)(1U << i % 8);
        struct json_stream *s =
            json_stream_open((struct bytes){copy, data.n}, 0, data.n, arena);
        (void)tell(s, (struct bytes){copy, data.n});
        json_stream_close(&s);
    }
}

int main(void)
{
    arena = arena_new();
    T_RUN(reads_lines);
    T_RUN(reads_arrays_and_concatenations);
    T_RUN(opens_containers);
    T_RUN(a_bad_line_costs_that_line);
    T_RUN(a_bad_element_costs_that_element);
    T_RUN(skips_record_numbers);
    T_RUN(says_where_the_records_are);
    T_RUN(shows_what_comes_next);
    T_RUN(a_truncated_archive_gives_what_it_holds);
    T_RUN(a_value_over_the_limit_is_a_gap);
    T_RUN(survives_truncation_and_flipped_bits);
    arena_free(arena);
    return t_done();
}
