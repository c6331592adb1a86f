#include "base/time.h"

#include "t.h"

static struct str show(instant t)
{
    static char out[INSTANT_TEXT];
    struct str s = instant_text(t, out);
    T_EQ(s.p[s.n], 0);
    return s;
}

static void forms_that_are_times(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"2021-03-14T06:40:13.66Z", "2021-03-14T06:40:13.660Z"},
        {"2021-03-14 06:40:13", "2021-03-14T06:40:13Z"},
        {"2021-03-14t06:40:13z", "2021-03-14T06:40:13Z"},
        {"2021-03-14 06:40:13 UTC", "2021-03-14T06:40:13Z"},
        {"2021-03-14T06:40:13.1234567Z", "2021-03-14T06:40:13.1234567Z"},
        {"2021-03-14T06:40:13.123456789Z", "2021-03-14T06:40:13.1234567Z"},
        {"2021-03-14T06:40:13,5Z", "2021-03-14T06:40:13.500Z"},
        {"2021-03-14T06:40:13.0000001", "2021-03-14T06:40:13.0000001Z"},
        {"2021-03-14T01:40:13+05:30", "2021-03-13T20:10:13Z"},
        {"2021-03-14T01:40:13-0500", "2021-03-14T06:40:13Z"},
        {"2021-03-14T01:40:13.5+14:00", "2021-03-13T11:40:13.500Z"},
        {"2021-03-14T01:40:13-00:00", "2021-03-14T01:40:13Z"},
        {"2021-03-14", "2021-03-14T00:00:00Z"},
        {"2020-02-29", "2020-02-29T00:00:00Z"},
        {"2000-02-29", "2000-02-29T00:00:00Z"},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"}, /* leap second */
        {"1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.9999999Z"},
        {"1600-03-01T00:00:00Z", "1600-03-01T00:00:00Z"},
        {"0001-01-01", "0001-01-01T00:00:00Z"},
        {"9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        instant t = INSTANT_NONE;
        T_OK(instant_parse(str_of(cases[i].text), &t));
        t_str(show(t), str_of(cases[i].want), cases[i].text, __FILE__, __LINE__);
    }
}

static void forms_that_are_none(void)
{
    static const char *const cases[] = {
        "",
        "2021",
        "2021-03",
        "2021-3-14",
        "21-03-14",
        "2021-13-01",
        "2021-00-01",
        "2021-02-29",
        "1900-02-29",
        "2021-04-31",
        "2021-03-00",
        "2021-03-14T",
        "2021-03-14Z",
        "2021-03-14T06:40",
        "2021-03-14T24:00:00Z",
        "2021-03-14T06:60:00Z",
        "2021-03-14T06:40:61Z",
        "2021-03-14T06:40:13.Z",
        "2021-03-14T06:40:13.1234567890Z",
        "2021-03-14T06:40:13+15:00",
        "2021-03-14T06:40:13+05:60",
        "2021-03-14T06:40:13+5",
        "2021-03-14T06:40:13Z ",
        " 2021-03-14",
        "2021-03-14T06:40:13ZZ",
        "2021-03-14T06:40:13Z+01:00",
        "2021-03-14T06:40:13 utc",
        "2021/03/14",
        "0000-01-01",
        "2021-03-14_06:40:13",
        "-021-03-14",
        "2021-03-14T-6:40:13",
        /* in range as written, but not as UTC */
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "9999-12-31T23:59:60Z",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        instant t = 77;
        if (instant_parse(str_of(cases[i]), &t) || t != 77)
            t_failed += printf("taken: %s\n", cases[i]) > 0;
    }
}

static void filetimes(void)
{
    static const uint64_t epoch = UINT64_C(116444736000000000);
    static const uint64_t last = UINT64_C(2650467743999999999); /* end of 9999 */
    T_EQ(instant_of_filetime(epoch), 0);
    T_EQ(instant_of_filetime(epoch + 1), 1);
    T_STR(show(instant_of_filetime(1)), "1601-01-01T00:00:00.0000001Z");
    T_STR(show(instant_of_filetime(last)), "9999-12-31T23:59:59.9999999Z");
    T_OK(instant_of_filetime(0) == INSTANT_NONE);
    T_OK(instant_of_filetime(last + 1) == INSTANT_NONE);
    T_OK(instant_of_filetime(INT64_MAX) == INSTANT_NONE);
    T_OK(instant_of_filetime((uint64_t)INT64_MAX + 1) == INSTANT_NONE);
    T_OK(instant_of_filetime(UINT64_MAX) == INSTANT_NONE);
}

static void seconds_since_1970(void)
{
    T_STR(show(instant_of_unix(1615704013)), "2021-03-14T06:40:13Z");
    T_STR(show(instant_of_unix(-1)), "1969-12-31T23:59:59Z");
    T_STR(show(instant_of_unix(INT64_C(253402300799))), "9999-12-31T23:59:59Z");
    T_STR(show(instant_of_unix(INT64_C(-62135596800))), "0001-01-01T00:00:00Z");
    T_OK(instant_of_unix(INT64_C(253402300800)) == INSTANT_NONE);
    T_OK(instant_of_unix(INT64_C(-62135596801)) == INSTANT_NONE);
    T_OK(instant_of_unix(INT64_MAX) == INSTANT_NONE);
}

static void texts(void)
{
    char out[INSTANT_TEXT];
    instant t = instant_of_civil(2021, 3, 2, 18, 0, 5);
    T_STR(instant_text_plain(t + INSTANT_SECOND - 1, out), "2021-03-02 18:00:05 UTC");
    T_STR(instant_text_plain(INSTANT_NONE, out), "");
    T_STR(show(INSTANT_NONE), "");
    T_STR(show(t + 10000), "2021-03-02T18:00:05.001Z");
    T_STR(show(t + 10001), "2021-03-02T18:00:05.0010001Z");
    T_OK(instant_of_civil(2021, 2, 29, 0, 0, 0) == INSTANT_NONE);
    T_OK(instant_of_civil(10000, 1, 1, 0, 0, 0) == INSTANT_NONE);
}

/* Every day of the calendar, and odd steps inside: text reads back as the same instant. */
static void every_day_reads_back(void)
{
    instant t = instant_of_civil(1, 1, 1, 0, 0, 0);
    instant end = instant_of_civil(9999, 12, 31, 23, 59, 59);
    size_t bad = 0;
    for (; t <= end; t += 17 * INSTANT_DAY + 3 * INSTANT_HOUR + 12345671) {
        instant back = INSTANT_NONE;
        bad += !instant_parse(show(t), &back) || back != t;
    }
    T_EQ(bad, 0);
}

static void durations(void)
{
    static const struct {
        const char *text;
        int64_t want; /* -1: none */
    } cases[] = {
        {"5s", 5 * INSTANT_SECOND},
        {"90m", 90 * INSTANT_MINUTE},
        {"26h", 26 * INSTANT_HOUR},
        {"8d", 8 * INSTANT_DAY},
        {"0s", 0},
        {"99999999s", 99999999 * INSTANT_SECOND},
        {"99999999d", -1}, /* more than an instant can hold */
        {"", -1},
        {"s", -1},
        {"5", -1},
        {"5w", -1},
        {"-5s", -1},
        {"5 s", -1},
        {"5ss", -1},
        {"999999999s", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t v = -1;
        T_EQ(duration_parse(str_of(cases[i].text), &v), cases[i].want >= 0);
        t_eq((uint64_t)v, (uint64_t)cases[i].want, cases[i].text, __FILE__, __LINE__);
    }
}

/* Each time says what it says alone, whatever was read before. */
static void near_times_are_read_alike(void)
{
    static const char *const texts[] = {
        "2021-03-02T03:04:05.123Z",          "2021-03-02T03:04:59.999Z",
        "2021-03-02T03:04:60.000Z",          "2021-03-02T03:04:00.000Z",
        "2021-03-02 03:04:05.123Z",          "2021-03-02T03:04:05.12Z",
        "2021-03-02T03:04:05,123Z",          "2021-03-02T03:04:05.123",
        "2021-03-02T03:04:0x.123Z",          "2021-03-02T03:05:05.123Z",
        "2021-02-30T03:04:05.123Z",          "2021-03-02T24:04:05.123Z",
        "2021-03-02T03:04:05.123z",          "9999-12-31T23:59:59.999Z",
        "0000-03-02T03:04:05.123Z",          "0001-01-01T00:00:00.000Z",
        "2021-03-02T03:04:05.1234567+01:00", ""};
    enum { N = sizeof texts / sizeof *texts };
    struct instant_near near = {.at = 0};
    for (size_t a = 0; a < N; a++)
        for (size_t b = 0; b < N; b++) {
            const char *two[] = {texts[a], texts[b]};
            for (size_t i = 0; i < 2; i++) {
                instant alone = 1;
                instant t = 1;
                bool is = instant_parse(str_of(two[i]), &alone);
                T_EQ(instant_parse_near(str_of(two[i]), &near, &t), is);
                T_EQ(t, alone);
            }
        }
}

int main(void)
{
    T_RUN(near_times_are_read_alike);
    T_RUN(forms_that_are_times);
    T_RUN(forms_that_are_none);
    T_RUN(filetimes);
    T_RUN(seconds_since_1970);
    T_RUN(texts);
    T_RUN(every_day_reads_back);
    T_RUN(durations);
    return t_done();
}
