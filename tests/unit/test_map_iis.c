#include "event/map_iis.h"

#include "t.h"

#define HEADER                                                                            \
    "#Software: Microsoft Internet Information Services 10.0\r\n"                         \
    "#Version: 1.0\r\n#Date: 2021-03-05 00:00:00\r\n"                                     \
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip " \
    "cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken X-FF\r\n"

#define SHELL                                                                             \
    "2021-03-05 03:06:27 10.0.0.5 POST /owa/auth/X.aspx "                                 \
    "&CorrelationID=<empty>;&cafeReqId=CDE28FC4-299e-4179-b3e9-de56f5c1d9ee;&encoding=; " \
    "443 - 203.0.113.9 Mozilla/5.0+(X) - 200 0 0 133 198.51.100.7\r\n"

#define PROBE                                                                     \
    "2021-03-05 03:06:28 ::1 GET /ecp/default.flt - 444 DOM\\HealthMailbox1 ::1 " \
    "AMProbe/Local - 200 0 0 1 -\r\n"

#define DDI                                                                         \
    "2021-03-05 03:06:29 ::1 POST /ecp/DDI/DDIService.svc/SetObject "               \
    "msExchEcpCanary=x.&schema=ResetOABVirtualDirectory&X-Rps-CAT="                 \
    "VgEAVAdXaW5kb3dzQwBBCEtlcmJlcm9zTAVhQGIuY1U= 444  DOM\\SRV$ ::1 UA - 200 0 0 " \
    "9 -\r\n"

static struct bytes of(const char *text)
{
    return str_bytes(str_of(text));
}

static struct span whole(const char *text)
{
    return (struct span){.from = 0, .to = strlen(text)};
}

static void rows_become_events(void)
{
    struct arena *a = arena_new();
    static const char text[] = HEADER SHELL PROBE DDI;
    struct iis_events *s =
        iis_events_open(of(text), FORMAT_IIS_W3C, STR("x/W3SVC1/u_ex.log"), whole(text), a);
    struct event ev;
    struct span gap;
    struct err err = {0};
    char t[INSTANT_TEXT];
    T_EQ(iis_events_next(s, a, &ev, &gap, &err), 1);
    iis_events_fill(s, a, &ev);
    T_EQ(ev.kind, EVENT_IIS);
    T_STR(instant_text(ev.time, t), "2021-03-05T03:06:27Z");
    T_EQ(ev.offset, strlen(HEADER));
    T_EQ(ev.size, strlen(SHELL));
    T_STR(ev.part, "frontend");
    T_STR(event_text(&ev, "cs-user-agent"), "Mozilla/5.0+(X)");
    T_STR(event_text(&ev, "X-FF"), "198.51.100.7");
    T_STR(event_text(&ev, "cafeReqId"), "cde28fc4-299e-4179-b3e9-de56f5c1d9ee");
    T_STR(event_text(&ev, "WebPath"), "/owa/auth/x.aspx");
    T_STR(event_text(&ev, "ClientAddress"), "203.0.113.9");
    T_STR(event_text(&ev, "StaticResource"), "");
    T_STR(event_text(&ev, "HealthProbe"), "");
    size_t at = 0;
    const struct field *f = event_find(&ev, STR("cs-username"), &at);
    T_OK(f && f->type == FIELD_NULL && f->value.n == 0);
    at = 0;
    f = event_find(&ev, STR("sc-status"), &at);
    T_OK(f && f->type == FIELD_NUMBER);

    T_EQ(iis_events_next(s, a, &ev, &gap, &err), 1);
    iis_events_fill(s, a, &ev);
    T_STR(ev.part, "backend");
    T_STR(event_text(&ev, "HealthProbe"), "true");
    T_STR(event_text(&ev, "StaticResource"), "true");

    T_EQ(iis_events_next(s, a, &ev, &gap, &err), 1);
    iis_events_fill(s, a, &ev);
    T_STR(event_text(&ev, "cs-username"), "DOM\\SRV$");
    T_STR(event_text(&ev, "DdiAction"), "SetObject");
    T_STR(event_text(&ev, "RpsTokenUser"), "a@b.c");
    T_STR(event_text(&ev, "DdiSchema"), "ResetOABVirtualDirectory");
    T_STR(event_text(&ev, "HealthProbe"), ""); /* loopback alone is no probe */
    T_EQ(iis_events_next(s, a, &ev, &gap, &err), 0);
    arena_free(a);
}

static void columns_change_inside_a_file(void)
{
    struct arena *a = arena_new();
    static const char text[] = HEADER PROBE "#Fields: date time cs-uri-stem s-computername\r\n"
                                            "2021-03-06 00:00:01 /x SRV1\r\n";
    struct iis_events *s = iis_events_open(of(text), FORMAT_IIS_W3C, STR(""), whole(text), a);
    struct event ev;
    struct span gap;
    struct err err = {0};
    T_EQ(iis_events_next(s, a, &ev, &gap, &err), 1);
    T_EQ(iis_events_next(s, a, &ev, &gap, &err), 1);
    T_STR(ev.host, "SRV1");
    iis_events_fill(s, a, &ev);
    T_STR(event_text(&ev, "WebPath"), "/x");
    T_STR(event_text(&ev, "sc-status"), "");
    arena_free(a);
}

static void a_later_span_knows_the_columns(void)
{
    struct arena *a = arena_new();
    static const char text[] =
        "#Date: 2021-03-05 00:00:00\n#Fields: time cs-uri-stem\n01:02:03 /a\n"
        "04:05:06 /b\n";
    uint64_t from = (uint64_t)(strstr(text, "04:") - text);
    uint64_t layout = (uint64_t)(strstr(text, "#Fields") - text);
    struct span span = {.from = from, .to = sizeof text - 1, .layout = layout};
    struct iis_events *s = iis_events_open(of(text), FORMAT_IIS_W3C, STR(""), span, a);
    struct event ev;
    struct span gap;
    struct err err = {0};
    char t[INSTANT_TEXT];
    T_EQ(iis_events_next(s, a, &ev, &gap, &err), 1);
    T_STR(instant_text(ev.time, t), "2021-03-05T04:05:06Z");
    T_EQ(ev.marks, MARK_TIME_GUESSED);
    T_EQ(iis_events_next(s, a, &ev, &gap, &err), 0);
    arena_free(a);
}

static void times_are(const char *name, const char *text, const char *const *want, size_t n)
{
    struct arena *a = arena_new();
    struct iis_events *s =
        iis_events_open(of(text), FORMAT_IIS_W3C, str_of(name), whole(text), a);
    struct event ev;
    struct span gap;
    struct err err = {0};
    char t[INSTANT_TEXT];
    for (size_t i = 0; i < n; i++) {
        T_EQ(iis_events_next(s, a, &ev, &gap, &err), 1);
        T_OK(str_eq(instant_text(ev.time, t), str_of(want[i])));
        T_OK(ev.marks & MARK_TIME_GUESSED);
    }
    T_EQ(iis_events_next(s, a, &ev, &gap, &err), 0);
    arena_free(a);
}

static void days_go_on_over_midnight(void)
{
    static const char *const want[] = {"2013-07-30T23:58:00Z", "2013-07-31T00:00:01Z",
                                       "2013-07-30T23:59:59Z", "2013-07-31T13:00:00Z",
                                       "2013-08-01T12:00:00Z", "2013-08-05T00:00:00Z"};
    times_are("x/ex.log",
              "#Date: 2013-07-30 23:55:00\n#Fields: time c-ip cs-uri-stem\n"
              "23:58:00 ::1 /a\n00:00:01 ::1 /b\n23:59:59 ::1 /late\n13:00:00 ::1 /c\n"
              "12:00:00 ::1 /d\n#Date: 2013-08-05 00:00:00\n00:00:00 ::1 /e\n",
              want, 6);
    static const char *const named[] = {"2013-07-30T01:00:00Z", "2013-07-31T00:30:00Z"};
    times_are("W3SVC1/ex130730.log",
              "#Fields: time c-ip cs-uri-stem\n01:00:00 ::1 /a\n00:30:00 ::1 /b\n", named, 2);
    static const char *const none[] = {""};
    times_are("x.log", "#Fields: time c-ip cs-uri-stem\n01:00:00 ::1 /a\n", none, 1);
}

static struct event first_event(enum format format, const char *text, struct arena *a)
{
    struct iis_events *s = iis_events_open(of(text), format, STR(""), whole(text), a);
    struct event ev = {0};
    struct span gap;
    struct err err = {0};
    T_EQ(iis_events_next(s, a, &ev, &gap, &err), 1);
    iis_events_fill(s, a, &ev);
    return ev;
}

static void reads_the_error_log_of_http_sys(void)
{
    struct arena *a = arena_new();
    struct event ev = first_event(
        FORMAT_HTTPERR,
        "#Software: Microsoft HTTP API 2.0\n#Version: 1.0\n#Date: 2021-03-05 03:06:27\n"
        "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid "
        "sc-status s-siteid s-reason s-queuename cs(User-Agent)\n"
        "2021-03-05 03:06:27 203.0.113.9%4 51122 10.0.0.5 443 HTTP/1.1 GET "
        "/owa/Auth/a b.aspx?x=1 0 503 1 Connection_Abandoned_By_AppPool MSExchangeOWAAppPool "
        "curl\n",
        a);
    T_EQ(ev.kind, EVENT_HTTPERR);
    T_STR(event_text(&ev, "cs-uri"), "/owa/Auth/a b.aspx?x=1");
    T_STR(event_text(&ev, "cs-uri-stem"), "/owa/Auth/a b.aspx");
    T_STR(event_text(&ev, "cs-uri-query"), "x=1");
    T_STR(event_text(&ev, "WebPath"), "/owa/auth/a b.aspx");
    T_STR(event_text(&ev, "streamid"), "0");
    T_STR(event_text(&ev, "s-reason"), "Connection_Abandoned_By_AppPool");
    T_STR(event_text(&ev, "cs-user-agent"), "curl");
    T_STR(ev.part, "frontend");
    ev = first_event(FORMAT_HTTPERR,
                     "2018-12-30 14:22:07 ::1%0 49958 ::1%0 80 - - - - - Timer_ConnectionIdle "
                     "-\n",
                     a);
    T_EQ(ev.kind, EVENT_HTTPERR);
    T_EQ(ev.marks, MARK_NO_HEADER);
    T_STR(event_text(&ev, "s-reason"), "Timer_ConnectionIdle");
    arena_free(a);
}

/* Any site may listen to 443. */
static void other_sites_are_not_the_front_end(void)
{
    static const struct {
        const char *path, *site, *port, *part;
    } cases[] = {
        {"W3SVC1/x.log", "W3SVC1", "443", "frontend"}, {"x.log", "-", "443", "frontend"},
        {"W3SVC3/x.log", "-", "443", "other"},         {"a/W3SVC12/x.log", "-", "80", "other"},
        {"x.log", "W3SVC4", "443", "other"},           {"W3SVC3/x.log", "-", "444", "backend"},
        {"W3SVC2/x.log", "W3SVC2", "444", "backend"},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct str text =
            arena_printf(a,
                         "#Fields: date time s-sitename s-port cs-uri-stem\n"
                         "2021-03-05 01:02:03 %s %s /\n",
                         cases[i].site, cases[i].port);
        const struct bytes data = {(const uint8_t *)text.p, text.n};
        struct span span = {.from = 0, .to = data.n};
        struct str path = str_of(cases[i].path);
        struct event ev;
        struct err err = {0};
        struct iis_events *s = iis_events_open(data, FORMAT_IIS_W3C, path, span, a);
        T_EQ(iis_events_next(s, a, &ev, &span, &err), 1);
        T_OK(str_eq(ev.part, str_of(cases[i].part)));
    }
    arena_free(a);
}

static void other_programs_are_no_evidence_about_iis(void)
{
    struct arena *a = arena_new();
    struct event ev =
        first_event(FORMAT_IIS_W3C,
                    "#Software: Microsoft Forefront Threat Management Gateway\n"
                    "#Fields: c-ip\tcs-username\tdate\ttime\tcs-uri\tsc-status\n"
                    "192.0.2.7\tEX AMPLE\\Ann Lee\t2021-03-05\t01:02:03\thttp://h/a/B?c\t200\n",
                    a);
    T_EQ(ev.kind, EVENT_ACCESS);
    T_STR(event_text(&ev, "cs-username"), "EX AMPLE\\Ann Lee");
    T_STR(event_text(&ev, "WebPath"), "/a/b");
    ev = first_event(FORMAT_IIS_W3C,
                     "#Software: Microsoft Internet Information Services 10.0\n"
                     "#Fields: date time c-ip cs-username s-ip s-port cs-method cs-uri-stem "
                     "sc-status\n"
                     "2022-10-05 10:43:56 192.0.2.7 user1 192.0.2.9 21 RETR /x.zip 226\n",
                     a);
    T_EQ(ev.kind, EVENT_ACCESS);
    T_STR(ev.part, "ftp");
    arena_free(a);
}

static void a_later_span_knows_whose_log_it_is(void)
{
    struct arena *a = arena_new();
    static const char text[] = "#Software: Some Proxy 1.0\n#Fields: date time c-ip cs-uri\n"
                               "2021-03-05 01:02:03 ::1 /a\n"
                               "#Fields: date time cs-uri c-ip\n2021-03-05 01:02:04 /b ::1\n"
                               "2021-03-05 01:02:05 /c ::1\n";
    struct span span = {.from = (uint64_t)(strstr(text, "2021-03-05 01:02:05") - text),
                        .to = sizeof text - 1,
                        .layout = (uint64_t)(strstr(text, "#Fields: date time cs") - text)};
    struct iis_events *s = iis_events_open(of(text), FORMAT_IIS_W3C, STR(""), span, a);
    struct event ev = {0};
    struct span gap;
    struct err err = {0};
    T_EQ(iis_events_next(s, a, &ev, &gap, &err), 1);
    iis_events_fill(s, a, &ev);
    T_EQ(ev.kind, EVENT_ACCESS);
    T_STR(event_text(&ev, "WebPath"), "/c");
    arena_free(a);
}

static void reads_ansi(void)
{
    struct arena *a = arena_new();
    struct event ev = first_event(FORMAT_IIS_W3C,
                                  "#Fields: date time c-ip cs-username cs-uri-stem\n"
                                  "2021-03-05 01:02:03 ::1 M\xfcller\x80 /\xc3\xbc\n",
                                  a);
    T_STR(event_text(&ev, "cs-username"), "M\xc3\xbcller\xe2\x82\xac");
    T_STR(event_text(&ev, "cs-uri-stem"), "/\xc3\xbc");
    arena_free(a);
}

static void rows_without_header(void)
{
    struct arena *a = arena_new();
    static const char text[] =
        "2021-03-05 03:06:27 xxx GET /owa/auth/x.aspx - 443 - 203.0.113.9 UA - 200 0 0 133\n";
    struct iis_events *s = iis_events_open(of(text), FORMAT_IIS_W3C, STR(""), whole(text), a);
    struct event ev;
    struct span gap;
    struct err err = {0};
    T_EQ(iis_events_next(s, a, &ev, &gap, &err), 1);
    T_EQ(ev.marks, MARK_NO_HEADER);
    arena_free(a);
}

static void damage_is_a_gap_and_reading_goes_on(void)
{
    struct arena *a = arena_new();
    static const char text[] = HEADER "garbage\r\nmore of it\r\n" SHELL "2021-03-05 04:0";
    struct iis_events *s = iis_events_open(of(text), FORMAT_IIS_W3C, STR(""), whole(text), a);
    struct event ev;
    struct span gap;
    struct err err = {0};
    T_OK(iis_events_next(s, a, &ev, &gap, &err) < 0);
    T_EQ(err.code, ERR_CORRUPT);
    T_EQ(gap.from, strlen(HEADER));
    T_EQ(gap.to, strlen(HEADER) + 21); /* both lines in one gap */
    T_EQ(iis_events_next(s, a, &ev, &gap, &err), 1);
    T_OK(iis_events_next(s, a, &ev, &gap, &err) < 0);
    T_EQ(gap.to, sizeof text - 1);
    T_EQ(iis_events_next(s, a, &ev, &gap, &err), 0);
    arena_free(a);
}

static void walk(struct bytes data)
{
    struct arena *a = arena_new();
    struct arena *record = arena_new();
    for (uint64_t from = 0; from < 2; from++) {
        struct span span = {.from = from * data.n / 2, .to = data.n};
        struct iis_events *s = iis_events_open(data, FORMAT_IIS_W3C, STR("W3SVC2/x"), span, a);
        struct event ev;
        struct span gap;
        struct err err = {0};
        int got;
        while ((got = iis_events_next(s, record, &ev, &gap, &err)) != 0) {
            if (got > 0)
                iis_events_fill(s, record, &ev);
            else
                T_OK(gap.from < gap.to && gap.to <= data.n);
            arena_reset(record);
        }
    }
    arena_free(record);
    arena_free(a);
}

static void survives_truncation_and_flips(void)
{
    char text[] = HEADER SHELL PROBE DDI;
    struct bytes b = of(text);
    t_each_prefix(b, walk);
    for (size_t i = 0; i < b.n; i++) {
        text[i] ^= 0x1a;
        walk(b);
        text[i] ^= 0x1a;
    }
}

int main(void)
{
    T_RUN(rows_become_events);
    T_RUN(columns_change_inside_a_file);
    T_RUN(a_later_span_knows_the_columns);
    T_RUN(days_go_on_over_midnight);
    T_RUN(reads_the_error_log_of_http_sys);
    T_RUN(other_sites_are_not_the_front_end);
    T_RUN(other_programs_are_no_evidence_about_iis);
    T_RUN(a_later_span_knows_whose_log_it_is);
    T_RUN(reads_ansi);
    T_RUN(rows_without_header);
    T_RUN(damage_is_a_gap_and_reading_goes_on);
    T_RUN(survives_truncation_and_flips);
    return t_done();
}
