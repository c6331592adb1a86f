#include "format/line.h"

#include "base/limits.h"
#include "t.h"

static struct bytes of(const char *p, size_t n)
{
    return (struct bytes){(const uint8_t *)p, n};
}

#define BYTES(text) of("" text, sizeof(text) - 1)

static void gives_lines_of_both_kinds(void)
{
    struct arena *a = arena_new();
    struct lines l = lines_of(BYTES("one\r\ntwo\n\nthree"), 0, UINT64_MAX, a);
    struct line line;
    struct err err = {0};
    static const struct {
        const char *text;
        uint64_t offset, size;
        bool cut;
    } want[] = {
        {"one", 0, 5, false}, {"two", 5, 4, false}, {"", 9, 1, false}, {"three", 10, 5, true}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        T_EQ(line_next(&l, &line, &err), 1);
        T_OK(bytes_eq(line.text, of(want[i].text, strlen(want[i].text))));
        T_EQ(line.offset, want[i].offset);
        T_EQ(line.size, want[i].size);
        T_EQ(line.cut, want[i].cut);
    }
    T_EQ(line_next(&l, &line, &err), 0);
    arena_free(a);
}

static void leaves_out_the_mark_and_other_spans(void)
{
    struct arena *a = arena_new();
    struct bytes file = BYTES("\xef\xbb\xbf"
                              "ab\ncd\nef\n");
    struct line line;
    struct err err = {0};
    struct lines l = lines_of(file, 0, 6, a);
    T_EQ(line_next(&l, &line, &err), 1);
    T_EQ(line.offset, 3);
    T_OK(bytes_eq(line.text, BYTES("ab")));
    T_EQ(line_next(&l, &line, &err), 0);
    l = lines_of(file, 6, 9, a);
    T_EQ(line_next(&l, &line, &err), 1);
    T_OK(bytes_eq(line.text, BYTES("cd")));
    T_EQ(line_next(&l, &line, &err), 0);
    T_OK(bytes_eq(line_at(&l, 0, NULL), BYTES("ab")));
    T_OK(bytes_eq(line_at(&l, 9, NULL), BYTES("ef")));
    T_EQ(line_at(&l, 99, NULL).n, 0);
    arena_free(a);
}

static void resumes_behind_nul_runs(void)
{
    struct arena *a = arena_new();
    struct lines l =
        lines_of(BYTES("good\ncu\0\0\0\0\0\0\0\0\0next\n\0\0\0"), 0, UINT64_MAX, a);
    struct line line;
    struct err err = {0};
    T_EQ(line_next(&l, &line, &err), 1);
    T_EQ(line_next(&l, &line, &err), 1);
    T_OK(bytes_eq(line.text, BYTES("cu")));
    T_OK(line.cut);
    T_OK(line_next(&l, &line, &err) < 0);
    T_EQ(line.offset, 7);
    T_EQ(line.size, 9);
    T_EQ(line_next(&l, &line, &err), 1);
    T_OK(bytes_eq(line.text, BYTES("next")));
    T_EQ(line_next(&l, &line, &err), 0); /* a preallocated tail is no damage */
    arena_free(a);
}

static void a_lone_nul_stays_in_its_line(void)
{
    struct arena *a = arena_new();
    struct lines l = lines_of(BYTES("a\0b\n"), 0, UINT64_MAX, a);
    struct line line;
    struct err err = {0};
    T_EQ(line_next(&l, &line, &err), 1);
    T_EQ(line.text.n, 3);
    arena_free(a);
}

static void decodes_utf16_and_keeps_offsets(void)
{
    struct arena *a = arena_new();
    /* A BOM, "a", U+00E9, LF, "b", LF */
    struct bytes file = BYTES("\xff\xfe"
                              "a\0\xe9\0\n\0b\0\n\0");
    struct lines l = lines_of(file, 0, file.n, a);
    struct line line;
    struct err err = {0};
    T_EQ(line_next(&l, &line, &err), 1);
    T_OK(bytes_eq(line.text, BYTES("a\xc3\xa9")));
    T_EQ(line.offset, 2);
    T_EQ(line.size, 6);
    T_EQ(line_next(&l, &line, &err), 1);
    T_EQ(line.offset, 8);
    T_EQ(line.size, 4);
    T_EQ(line_next(&l, &line, &err), 0);
    T_EQ(line_cut(file, 0), 8);
    T_EQ(line_cut(file, 7), 8 + 4);
    l = lines_of(file, 8, file.n, a); /* spans of it stand for themselves */
    T_EQ(line_next(&l, &line, &err), 1);
    T_OK(bytes_eq(line.text, BYTES("b")));
    T_EQ(line.offset, 8);
    T_EQ(line_next(&l, &line, &err), 0);
    l = lines_of(file, 0, 8, a);
    T_EQ(line_next(&l, &line, &err), 1);
    T_EQ(line_next(&l, &line, &err), 0);
    arena_free(a);
}

static void an_ascii_newline_is_none_in_utf16(void)
{
    struct arena *a = arena_new();
    /* U+0A0D, U+0D0A and U+010A hold the bytes of line ends */
    struct bytes file = BYTES("\xff\xfe"
                              "\x0d\x0a\x0a\x0d\x0a\x01z\0\r\0\n\0b\0\n\0");
    struct lines l = lines_of(file, 0, file.n, a);
    struct line line;
    struct err err = {0};
    T_EQ(line_cut(file, 2), 14);
    T_EQ(line_next(&l, &line, &err), 1);
    T_EQ(line.size, 12);
    T_OK(bytes_eq(line.text, BYTES("\xe0\xa8\x8d\xe0\xb4\x8a\xc4\x8az")));
    T_EQ(line_next(&l, &line, &err), 1);
    T_OK(bytes_eq(line.text, BYTES("b")));
    arena_free(a);
}

static void joins_and_peeks_in_utf16(void)
{
    struct arena *a = arena_new();
    struct bytes file = BYTES("\xff\xfe"
                              "a\0\r\0\n\0b\0\xe9\0\n\0"
                              "c\0");
    struct lines l = lines_of(file, 0, file.n, a);
    struct line line;
    struct err err = {0};
    char peek[4];
    T_EQ(line_next(&l, &line, &err), 1);
    T_EQ(line_peek(&l, peek, 3), 3);
    T_OK(memcmp(peek, "b?\n", 3) == 0);
    struct bytes before = line.text;
    T_OK(line_join(&l, &line));
    T_OK(bytes_eq(line.text, BYTES("a\r\nb\xc3\xa9")));
    T_OK(bytes_eq(before, BYTES("a")));
    T_EQ(line.size, 12);
    T_OK(line_join(&l, &line));
    T_OK(line.cut);
    T_OK(!line_join(&l, &line));
    arena_free(a);
}

static void nul_runs_in_utf16(void)
{
    struct arena *a = arena_new();
    static const uint8_t file[] = "\xff\xfe"
                                  "a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                  "\0\1b\0\n\0\0\0\0";
    struct lines l = lines_of((struct bytes){file, sizeof file - 1}, 0, UINT64_MAX, a);
    struct line line;
    struct err err = {0};
    T_EQ(line_next(&l, &line, &err), 1);
    T_OK(line.cut);
    T_OK(line_next(&l, &line, &err) < 0);
    T_EQ(line.offset, 4);
    T_EQ(line.size, 16);
    T_EQ(line_next(&l, &line, &err), 1);
    T_OK(bytes_eq(line.text, BYTES("\xc4\x80"
                                   "b")));
    T_EQ(line_next(&l, &line, &err), 0);
    arena_free(a);
}

static void nuls_beyond_the_window(void)
{
    struct arena *a = arena_new();
    enum { LINES_OF_TEXT = 20000 };
    char *text = malloc(LINES_OF_TEXT * 8);
    if (!text)
        abort();
    for (size_t i = 0; i < LINES_OF_TEXT; i++)
        memcpy(text + i * 8, "abcdefg\n", 8);
    memset(text + 8 * 12345 + 3, 0, 12);
    struct lines l = lines_of(of(text, LINES_OF_TEXT * 8), 0, UINT64_MAX, a);
    struct line line;
    struct err err = {0};
    size_t n = 0;
    size_t gaps = 0;
    int got = 0;
    while ((got = line_next(&l, &line, &err)) != 0) {
        n += got > 0;
        gaps += got < 0;
    }
    T_EQ(gaps, 1);
    T_EQ(n, LINES_OF_TEXT);
    free(text);
    arena_free(a);
}

static void an_overlong_line_is_a_gap(void)
{
    struct arena *a = arena_new();
    size_t n = LIMIT_LINE + 10;
    char *text = malloc(n + 5);
    if (!text)
        abort();
    memset(text, 'x', n);
    static const char tail[] = {'\n', 'o', 'k', '\n'};
    memcpy(text + n, tail, sizeof tail);
    struct lines l = lines_of(of(text, n + 4), 0, UINT64_MAX, a);
    struct line line;
    struct err err = {0};
    T_OK(line_next(&l, &line, &err) < 0);
    T_EQ(err.code, ERR_LIMIT);
    T_EQ(line.size, n + 1);
    T_EQ(line_next(&l, &line, &err), 1);
    T_OK(bytes_eq(line.text, BYTES("ok")));
    free(text);
    arena_free(a);
}

static void joins_lines(void)
{
    struct arena *a = arena_new();
    struct lines l = lines_of(BYTES("a\r\nb\nc"), 0, UINT64_MAX, a);
    struct line line;
    struct err err = {0};
    T_EQ(line_next(&l, &line, &err), 1);
    T_OK(line_join(&l, &line));
    T_OK(bytes_eq(line.text, BYTES("a\r\nb")));
    T_EQ(line.size, 5);
    T_OK(line_join(&l, &line));
    T_OK(line.cut);
    T_OK(!line_join(&l, &line));
    arena_free(a);
}

/* Each line of such a file ends with NULs; to look for a newline from each would not end within
 * the time of a test. */
static void many_nul_runs_without_a_newline(void)
{
    enum { LINES = 300000, STEP = 20 };
    struct arena *a = arena_new();
    uint8_t *file = ARENA_ARRAY(a, uint8_t, (size_t)LINES * STEP);
    for (size_t i = 0; i < LINES; i++)
        memset(file + i * STEP, 'x', STEP / 2);
    struct lines l = lines_of((struct bytes){file, (size_t)LINES * STEP}, 0, UINT64_MAX, a);
    struct line line;
    struct err err = {0};
    size_t n = 0;
    for (int got; (got = line_next(&l, &line, &err)) != 0;)
        n += got > 0;
    T_EQ(n, LINES);
    arena_free(a);
}

/* A line is tried with those behind it and given up again, at every line. */
static void goes_back_with_its_room(void)
{
    struct arena *a = arena_new();
    static const uint8_t file[] = "\xff\xfe"
                                  "a\0\r\0\n\0b\0\n\0c\0d\0\n\0";
    struct lines l = lines_of((struct bytes){file, sizeof file - 1}, 0, UINT64_MAX, a);
    struct line line;
    struct err err = {0};
    T_EQ(line_next(&l, &line, &err), 1);
    struct lines before = l;
    T_OK(line_join(&l, &line));
    T_OK(line_join(&l, &line));
    T_OK(bytes_eq(line.text, BYTES("a\r\nb\ncd")));
    line_back(&l, &before);
    T_EQ(line_next(&l, &line, &err), 1);
    T_OK(bytes_eq(line.text, BYTES("b")));
    T_OK(line_join(&l, &line));
    T_OK(bytes_eq(line.text, BYTES("b\ncd")));
    arena_free(a);
}

static void walk(struct bytes data)
{
    struct arena *a = arena_new();
    struct lines l = lines_of(data, 0, data.n, a);
    struct line line;
    struct err err = {0};
    uint64_t at = 0;
    while (line_next(&l, &line, &err) != 0) {
        T_OK(line.offset >= at);
        T_OK(line.offset + line.size <= data.n);
        at = line.offset + line.size;
    }
    arena_free(a);
}

static void survives_truncation_and_flips(void)
{
    uint8_t data[] = "\xff\xfe"
                     "a\0\n\0\0\xd8x\0one\r\n\0\0\0\0\0\0\0\0\0\0two\n\0\0\0three";
    for (size_t skip = 0; skip < 3; skip += 2) {
        struct bytes b = {data + skip, sizeof data - 1 - skip};
        t_each_prefix(b, walk);
        for (size_t i = 0; i < b.n; i++) {
            data[skip + i] ^= 0x0a;
            walk(b);
            data[skip + i] ^= 0x0a;
        }
    }
}

/* Lines of many lengths, with a byte that is not ASCII here and there. */
static void tells_which_lines_are_ascii(void)
{
    enum { SIZE = 100000 };
    struct arena *a = arena_new();
    char *text = ARENA_ARRAY(a, char, SIZE);
    uint32_t state = 7;
    size_t told = 0;
    for (size_t i = 0; i < SIZE; i++) {
        state = state * 1664525U + 1013904223U;
        unsigned v = state >> 16;
        text[i] = v % 61 == 0 ? '\n' : i > SIZE / 3 && v % 997 == 5 ? (char)0xe4 : 'x';
    }
    struct lines l = lines_of((struct bytes){(const uint8_t *)text, SIZE}, 0, SIZE, a);
    struct lines before = l;
    struct line line;
    struct err err;
    for (int round = 0; round < 2; round++) {
        while (line_next(&l, &line, &err) > 0) {
            bool ascii = true;
            for (size_t i = 0; i < line.text.n; i++)
                ascii &= line.text.p[i] < 0x80;
            told += ascii;
            T_OK(line_is_ascii(&l, &line) == ascii);
        }
        line_back(&l, &before);
    }
    T_OK(told > 1000);
    l = lines_of((struct bytes){(const uint8_t *)"a\0b\0\n\0", 6}, 0, 6, a);
    l.unit = 2;
    T_OK(line_next(&l, &line, &err) == 1 && !line_is_ascii(&l, &line));
    arena_free(a);
}

int main(void)
{
    T_RUN(gives_lines_of_both_kinds);
    T_RUN(leaves_out_the_mark_and_other_spans);
    T_RUN(resumes_behind_nul_runs);
    T_RUN(a_lone_nul_stays_in_its_line);
    T_RUN(decodes_utf16_and_keeps_offsets);
    T_RUN(an_ascii_newline_is_none_in_utf16);
    T_RUN(joins_and_peeks_in_utf16);
    T_RUN(nul_runs_in_utf16);
    T_RUN(nuls_beyond_the_window);
    T_RUN(an_overlong_line_is_a_gap);
    T_RUN(joins_lines);
    T_RUN(many_nul_runs_without_a_newline);
    T_RUN(goes_back_with_its_room);
    T_RUN(tells_which_lines_are_ascii);
    T_RUN(survives_truncation_and_flips);
    return t_done();
}
