#include "event/row.h"

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

int main(void)
{
    T_RUN(marks_are_the_same_for_many_bytes_at_once);
    T_RUN(each_mark_is_found_at_each_place);
    T_RUN(derived_fields_are_known_by_any_spelling);
    return t_done();
}
