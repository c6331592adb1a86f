#include "format/iis_w3c.h"

#include "t.h"

#define FIELDS                                                                            \
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip " \
    "cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken"

static struct bytes of(const char *text)
{
    return str_bytes(str_of(text));
}

static void cell_is(const struct iis_row *row, size_t at, const char *want)
{
    T_OK(bytes_eq(row->cells[at], of(want)));
}

static void follows_its_fields_line(void)
{
    struct arena *a = arena_new();
    struct iis_layout l;
    struct iis_row row;
    struct iis_clock none = {.at = INSTANT_NONE};
    T_OK(iis_layout_parse(of(FIELDS), a, &l));
    T_EQ(l.n, 15);
    T_EQ(l.at[IIS_STATUS], 11);
    T_EQ(l.at[IIS_COOKIE], SIZE_MAX);
    T_OK(iis_row_split(&l,
                       of("2021-03-05 03:06:27 10.0.0.5 POST /owa/auth/x.aspx a=b 443 - "
                          "203.0.113.9 Mozilla/5.0+(X) - 200 0 0 133"),
                       &row));
    cell_is(&row, 4, "/owa/auth/x.aspx");
    cell_is(&row, 14, "133");
    char text[INSTANT_TEXT];
    T_STR(instant_text(iis_row_time(&l, &row, &none), text), "2021-03-05T03:06:27Z");
    T_OK(!iis_layout_parse(of("#Fields:"), a, &l));
    T_OK(!iis_layout_parse(of("#Software: x"), a, &l));
    arena_free(a);
}

static void takes_out_surplus_blanks(void)
{
    static const struct {
        const char *row;
        size_t at;
        const char *want;
    } cases[] = {
        /* two blanks before the user, as real back-end rows have them */
        {"2021-03-05 03:06:27 ::1 GET /ecp/ - 444  DOM\\SRV$ ::1 UA - 200 0 0 1", 7,
         "DOM\\SRV$"},
        /* a user name with a blank */
        {"2021-03-05 03:06:27 ::1 GET /ecp/ - 444 DOM\\Ann Lee ::1 UA - 200 0 0 1", 7,
         "DOM\\Ann Lee"},
        /* an agent with blanks */
        {"2021-03-05 03:06:27 ::1 GET /ecp/ - 444 u ::1 My Own Agent - 200 0 0 1", 9,
         "My Own Agent"},
        /* an empty value where the count fits */
        {"2021-03-05 03:06:27 ::1 GET /ecp/  444 u ::1 UA - 200 0 0 1", 5, ""},
        /* a blank in the stem */
        {"2021-03-05 03:06:27 ::1 GET /a b.aspx - 80 u ::1 UA - 200 0 0 1", 4, "/a b.aspx"},
    };
    struct arena *a = arena_new();
    struct iis_layout l;
    struct iis_row row;
    T_OK(iis_layout_parse(of(FIELDS), a, &l));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        T_OK(iis_row_split(&l, of(cases[i].row), &row));
        cell_is(&row, cases[i].at, cases[i].want);
        cell_is(&row, 14, "1");
    }
    arena_free(a);
}

static void refuses_what_cannot_fit(void)
{
    struct arena *a = arena_new();
    struct iis_layout l;
    struct iis_row row;
    T_OK(iis_layout_parse(of(FIELDS), a, &l));
    T_OK(!iis_row_split(&l, of("2021-03-05 03:06:27 ::1 GET /ecp/ - 44"), &row));
    T_OK(!iis_row_split(&l, of(""), &row));
    T_OK(!iis_row_split(&l, of("a b c d e f g h i j k l m n o"), &row));
    T_OK(!iis_row_split(&l, of("a b c d e f g h i j k l m n o p q r s"), &row));
    arena_free(a);
}

static void takes_the_day_from_the_date_line(void)
{
    struct arena *a = arena_new();
    struct iis_layout l;
    struct iis_row row;
    struct iis_clock none = {.at = INSTANT_NONE};
    struct iis_clock clock = none;
    char text[INSTANT_TEXT];
    T_OK(iis_date_parse(of("#Date: 2021-03-05 00:00:11"), &clock.at));
    T_OK(iis_layout_parse(of("#Fields: time c-ip cs-uri-stem"), a, &l));
    T_OK(iis_row_split(&l, of("01:02:03 ::1 /x"), &row));
    T_STR(instant_text(iis_row_time(&l, &row, &clock), text), "2021-03-05T01:02:03Z");
    T_EQ(iis_row_time(&l, &row, &none), INSTANT_NONE);
    T_OK(!iis_date_parse(of("#Date: soon"), &clock.at));
    arena_free(a);
}

static void walk(struct bytes data)
{
    struct arena *a = arena_new();
    struct iis_layout l;
    struct iis_row row;
    size_t half = data.n / 2;
    if (!iis_layout_parse((struct bytes){data.p, half}, a, &l))
        iis_layout_default(&l);
    if (iis_row_split(&l, (struct bytes){data.p + half, data.n - half}, &row))
        for (size_t i = 0; i < row.n; i++)
            T_OK(row.cells[i].n <= data.n);
    arena_free(a);
}

static void survives_truncation_and_flips(void)
{
    char text[] = FIELDS "2021-03-05 03:06:27 ::1 GET /ecp/ - 444  DOM\\A B ::1 UA - 200 0 0 1";
    struct bytes b = of(text);
    t_each_prefix(b, walk);
    for (size_t i = 0; i < b.n; i++) {
        text[i] ^= 0x20;
        walk(b);
        text[i] ^= 0x20;
    }
}

int main(void)
{
    T_RUN(follows_its_fields_line);
    T_RUN(takes_out_surplus_blanks);
    T_RUN(refuses_what_cannot_fit);
    T_RUN(takes_the_day_from_the_date_line);
    T_RUN(survives_truncation_and_flips);
    return t_done();
}
