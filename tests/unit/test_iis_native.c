#include "format/iis_native.h"

#include "t.h"

#define ROW                                                                              \
    "192.0.2.7, -, 03/05/21, 7:55:20, W3SVC2, SALES1, 192.0.2.9, 4502, 163, 3223, 200, " \
    "0, GET, /a.gif, x=1,2,"

static struct bytes of(const char *text)
{
    return str_bytes(str_of(text));
}

static void splits_rows(void)
{
    static const struct {
        const char *line;
        const char *user, *method, *stem, *query;
    } cases[] = {
        {ROW, "-", "GET", "/a.gif", "x=1,2"},
        {"::1, Lee, Ann, 3/5/2021, 07:55:20, W3SVC1, S, ::1, 1, 2, 3, 200, 0, POST, /b, -,",
         "Lee, Ann", "POST", "/b", "-"},
        {"192.0.2.7, x, 8/18/06, 13:17:37, SMTPSVC1, M, 192.0.2.9, 90, 42, 0, 250, 0, MAIL "
         "FROM, -,FROM:<a@example.com>,",
         "x", "MAIL FROM", "-", "FROM:<a@example.com>"},
        {"::1, -, 05.03.2021, 07:55:20, W3SVC1, S, ::1, 1, 2, 3, 200, 0, GET, /c", "-", "GET",
         "/c", ""},
    };
    struct iis_native_row r;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        T_OK(iis_native_split(of(cases[i].line), &r));
        T_OK(bytes_eq(r.cells[NATIVE_USER], of(cases[i].user)));
        T_OK(bytes_eq(r.cells[NATIVE_METHOD], of(cases[i].method)));
        T_OK(bytes_eq(r.cells[NATIVE_STEM], of(cases[i].stem)));
        T_OK(bytes_eq(r.cells[NATIVE_QUERY], of(cases[i].query)));
    }
}

static void reads_dates(void)
{
    static const struct {
        const char *date;
        const char *named; /* "" none */
        const char *want;
    } cases[] = {
        {"03/05/21", "", "2021-03-05T07:55:20Z"},
        {"18/3/2021", "", "2021-03-18T07:55:20Z"},
        {"03/05/21", "2021-05-03", "2021-05-03T07:55:20Z"},
        {"03/05/21", "2021-03-05", "2021-03-05T07:55:20Z"},
        {"03/05/21", "2021-07-07", "2021-03-05T07:55:20Z"},
        {"2021-03-05", "", "2021-03-05T07:55:20Z"},
        {"12/31/99", "", "1999-12-31T07:55:20Z"},
        {"31/31/21", "", ""},
    };
    struct iis_native_row r = {0};
    char t[INSTANT_TEXT];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        instant named = INSTANT_NONE;
        (void)instant_parse(str_of(cases[i].named), &named);
        r.cells[NATIVE_DATE] = of(cases[i].date);
        r.cells[NATIVE_TIME] = of("7:55:20");
        T_OK(str_eq(instant_text(iis_native_time(&r, named), t), str_of(cases[i].want)));
    }
}

static void refuses_other_comma_lists(void)
{
    static const char *const lines[] = {
        "",
        "name, user, date, time, site, computer, ip, 1, 2, 3, 4, 5, GET, /, -,",
        ("192.0.2.7, -, 03/05/21, 7:55:20, W3SVC2, SALES1, 192.0.2.9, 4502, 163, 3223, OK, 0, "
         "GET, /a.gif, -,"),
        "192.0.2.7, -, 03/05/21, 7:55:20, W3SVC2, SALES1",
        "2021-03-03T06:49:42.162Z,29d1a846,15,1,2106,2,,Ecp,,,,,,,,,,,,,,",
        ", -, 03/05/21, 7:55:20, W3SVC2, S, ::1, 1, 2, 3, 200, 0, GET, /, -,",
    };
    struct iis_native_row r;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        T_OK(!iis_native_split(of(lines[i]), &r));
}

static void names_every_column(void)
{
    for (int i = 0; i < NATIVE_COLUMNS; i++)
        T_OK(iis_native_name((enum iis_native_column)i) != NULL);
}

static void walk(struct bytes data)
{
    struct iis_native_row r;
    if (iis_native_split(data, &r)) {
        (void)iis_native_time(&r, INSTANT_NONE);
        for (size_t i = 0; i < NATIVE_COLUMNS; i++)
            T_OK(r.cells[i].n <= data.n);
    }
}

static void survives_truncation_and_flips(void)
{
    char text[] = ROW;
    struct bytes b = of(text);
    t_each_prefix(b, walk);
    for (size_t i = 0; i < b.n; i++)
        for (int bit = 0; bit < 8; bit++) {
            text[i] = (char)(text[i] ^ 1 << bit);
            walk(b);
            text[i] = (char)(text[i] ^ 1 << bit);
        }
}

int main(void)
{
    T_RUN(splits_rows);
    T_RUN(reads_dates);
    T_RUN(refuses_other_comma_lists);
    T_RUN(names_every_column);
    T_RUN(survives_truncation_and_flips);
    return t_done();
}
