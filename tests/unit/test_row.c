#include "event/row.h"

#include "event/decode_event.h"
#include "event/decode_int.h"
#include "t.h"

static uint32_t state = 1;

static unsigned any(unsigned below)
{
    state = state * 1664525U + 1013904223U;
    return (state >> 8) % below;
}

static void marks_are_the_same_for_many_bytes_at_once(void)
{
    static const char some[] = "aaaaaaaaaaaaaaa/\\:\"'%\x80";
    for (int round = 0; round < 20000; round++) {
        uint8_t text[70];
        size_t n = any(sizeof text);
        unsigned rare = 1 + any(23);
        for (size_t i = 0; i < n; i++)
            text[i] = (uint8_t)some[any(sizeof some - 1) % (rare + any(2) * 22 - 0) % 22];
        struct bytes b = {text, n};
        T_EQ(row_marks(b), row_marks_plain(b));
    }
}

static void marks_of_parts_are_those_of_the_whole(void)
{
    static const char some[] = "/\\:\"'%\x80";
    for (int round = 0; round < 20000; round++) {
        enum { PART = 64 };
        uint8_t text[3 * PART];
        bool parts[3] = {false, false, false};
        size_t n = 3 + any(sizeof text - 3);
        memset(text, 'x', n);
        for (unsigned k = 0; k < 3; k++)
            text[any((unsigned)n)] = (uint8_t)some[any(sizeof some - 1)];
        size_t at = any((unsigned)n - 2);
        text[at + 1] = text[at];
        row_marks_by_part((struct bytes){text, n}, PART, parts);
        bool told = parts[0] || parts[1] || parts[2];
        T_OK(told || row_marks_plain((struct bytes){text, n}) == 0);
        for (size_t i = 0; i * PART < n; i++) {
            size_t to = (i + 1) * PART < n ? (i + 1) * PART : n;
            T_OK(parts[i] ||
                 row_marks_plain((struct bytes){text + i * PART, to - i * PART}) == 0);
        }
    }
}

static void vectors_find_the_marks_that_the_plain_ones_do(void)
{
    static const char some[] = "xxxxxxxx/\\:\"'%\x80";
    uint8_t text[2 + 100];
    if (!row_avx2_is_here())
        return;
    for (int round = 0; round < 50000; round++) {
        size_t n = ROW_MARKS_LEAST + any(100 - ROW_MARKS_LEAST);
        memset(text, 'x', sizeof text);
        for (unsigned k = any(4); k > 0; k--) {
            size_t at = any((unsigned)n + 1);
            text[at] = (uint8_t)some[any(sizeof some - 1)];
            text[at + 1] = any(2) ? text[at] : (uint8_t)some[any(sizeof some - 1)];
        }
        unsigned plain = 0; /* of what starts before the n bytes, only what ends in them */
        for (size_t at = 2; at < n + 2; at++) {
            size_t from = at - 2;
            unsigned three = row_marks_plain((struct bytes){text + from, 3});
            plain |= three != 0 && three != row_marks_plain((struct bytes){text + from, 2});
        }
        if (plain)
            T_OK(row_has_mark_avx2(text + 2, n));
        if (row_marks_plain((struct bytes){text, n + 2}) == 0)
            T_OK(!row_has_mark_avx2(text + 2, n));
    }
}

static void each_mark_is_found_at_each_place(void)
{
    static const struct {
        const char *text;
        unsigned mark;
    } marks[] = {{"%", ROW_PERCENT},   {"//", ROW_SLASHES},  {"/\\", ROW_SLASHES},
                 {"\\/", ROW_SLASHES}, {"\"\"", ROW_QUOTES}, {"''", ROW_APOSTROPHES},
                 {"\xff", ROW_HIGH},   {"://", 0},           {"\"'", 0}};
    for (size_t k = 0; k < sizeof marks / sizeof *marks; k++)
        for (size_t n = 4; n < 60; n++)
            for (size_t at = 0; at + strlen(marks[k].text) <= n; at++) {
                char text[64];
                memset(text, 'x', n);
                memcpy(text + at, marks[k].text, strlen(marks[k].text));
                T_EQ(row_marks((struct bytes){(const uint8_t *)text, n}), marks[k].mark);
            }
}

static void derived_fields_are_known_by_any_spelling(void)
{
    T_EQ(row_field_of(EVENT_IIS, STR("web path")).relation, ROW_WEBPATH);
    T_EQ(row_field_of(EVENT_IIS, STR("cs-uri-stem")).relation, ROW_PIECE);
    T_OK(row_field_of(EVENT_HTTPPROXY, STR("BEVersion")).needs != NULL);
    T_OK(row_field_of(EVENT_ECP_SERVER, STR("BEVersion")).needs == NULL);
    T_OK(!row_may_name(STR("STATICRESOURCE")) && !row_may_name(STR("Data")));
    T_OK(!row_may_name(STR("")) && row_may_name(STR("cs-method")));
}

/* Texts of pieces that decoding looks for, and of what lies near them. */
static void a_glance_misses_nothing_that_is_hidden(void)
{
    static const char *const pieces[] = {"a=1&",
                                         "%41",
                                         "%2541",
                                         "%u0041",
                                         "65,",
                                         "66 ",
                                         "-replace",
                                         "-f ",
                                         "'+'",
                                         "[char]65+",
                                         "41-42-43-44-45-46-47-48-",
                                         "d2hvYW1p",
                                         "cG93ZXJzaGVsbA==",
                                         "9bb08d14-",
                                         "f7ed-",
                                         "4f00-be11-",
                                         "7f0c2a1e-8e0b-4d0c-9a51-0d6bb1d3a4f1",
                                         ";",
                                         ":",
                                         "104,116,116,112,",
                                         ".Replace(",
                                         "/split",
                                         "`",
                                         "^",
                                         "&#104;&#105;&#106;",
                                         "\\x41\\x42\\x43",
                                         "$a+",
                                         "x",
                                         "-",
                                         "_",
                                         "=",
                                         "<empty>",
                                         "15.1.2176.2",
                                         "68747470733a2f2f6578616d706c652e636f6d",
                                         " -e "};
    size_t hidden = 0;
    size_t plain = 0;
    for (int round = 0; round < 60000; round++) {
        struct arena *arena = arena_new();
        char text[400];
        size_t n = 0;
        unsigned kinds = 1 + any(5);
        unsigned first = any(sizeof pieces / sizeof *pieces);
        for (unsigned left = 1 + any(24); left > 0; left--) {
            const char *p = pieces[(first + any(kinds)) % (sizeof pieces / sizeof *pieces)];
            size_t more = strlen(p);
            if (n + more > sizeof text)
                break;
            memcpy(text + n, p, more);
            n += more;
        }
        struct decoded_list list;
        decode_text((struct str){text, n}, DECODE_WEB, arena, &list);
        bool has = decode_row_has((struct str){text, n}, arena);
        T_OK(has == (list.n > 0 || list.cut));
        hidden += has;
        plain += !has;
        arena_free(arena);
    }
    T_OK(hidden > 1000 && plain > 1000);
}

static void glances_agree(const char *text, size_t n)
{
    char room[GLANCE_MAX + GLANCE_BEHIND];
    memcpy(room, text, n);
    memset(room + n, '~', GLANCE_BEHIND);
    T_OK(decode_glance(room, n) == decode_glance_avx2(room, n));
}

static void glances_are_the_same_for_many_bytes_at_once(void)
{
    static const char *const pieces[] = {"58b8c8e9-0123-4f6a-9d11-3c02ddee1f20",
                                         "58b8c8e9-0123-4f6a-9d11-3c02ddee1f2",
                                         "58b8c8e9-0123-4f6a-9d11-3c02ddee1f20-",
                                         "58b8c8e9_0123-4f6a-9d11-3c02ddee1f20",
                                         "abcdefghijklmno",
                                         "abcdefghijklmnop",
                                         "-re",
                                         "/F",
                                         "/fx",
                                         " -",
                                         ".Rx",
                                         ",",
                                         "-1f-",
                                         "&x=",
                                         "~",
                                         "="};
    if (!decode_avx2_is_here())
        return;
    for (int round = 0; round < 200000; round++) {
        char text[GLANCE_MAX];
        size_t n = 0;
        size_t most = any(sizeof text + 1);
        bool words = any(2) == 0;
        while (n < most) {
            const char *p = pieces[any(sizeof pieces / sizeof *pieces)];
            size_t more = strlen(p);
            if (words && more <= most - n) {
                memcpy(text + n, p, more);
                n += more;
            } else {
                text[n++] = (char)(any(8) ? 'a' + any(26) : any(256));
            }
        }
        glances_agree(text, n);
    }
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++)
            for (unsigned at = 0; at < 3; at++) {
                char text[] = {'~', '~', '-', 'e', '2', '.', '~', '~'};
                text[2 + at] = (char)a;
                text[3 + at] = (char)b;
                glances_agree(text, sizeof text);
            }
}

int main(void)
{
    T_RUN(marks_are_the_same_for_many_bytes_at_once);
    T_RUN(marks_of_parts_are_those_of_the_whole);
    T_RUN(vectors_find_the_marks_that_the_plain_ones_do);
    T_RUN(each_mark_is_found_at_each_place);
    T_RUN(derived_fields_are_known_by_any_spelling);
    T_RUN(a_glance_misses_nothing_that_is_hidden);
    T_RUN(glances_are_the_same_for_many_bytes_at_once);
    return t_done();
}
