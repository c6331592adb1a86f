#include "event/map_access.h"

#include "t.h"

static struct bytes of(const char *text)
{
    return str_bytes(str_of(text));
}

static struct event only_event(enum format format, const char *name, const char *text,
                               struct arena *a)
{
    struct access_events *s = access_events_open(
        of(text), format, str_of(name), (struct span){.from = 0, .to = strlen(text)}, a);
    struct event ev = {0};
    struct span gap;
    struct err err = {0};
    T_EQ(access_events_next(s, a, &ev, &gap, &err), 1);
    access_events_fill(s, a, &ev);
    return ev;
}

static void ncsa_rows_have_w3c_names(void)
{
    struct arena *a = arena_new();
    struct event ev = only_event(
        FORMAT_NCSA, "access.log",
        "mail.example.com:443 203.0.113.9 - DOM\\\\ann [05/Mar/2021:03:06:27 -0100] \"POST "
        "/ecp/DDI/DDIService.svc/SetObject?schema=OABVirtualDirectory HTTP/1.1\" 200 512 \"-\" "
        "\"AMProbe\" 0.5\n",
        a);
    char t[INSTANT_TEXT];
    T_EQ(ev.kind, EVENT_ACCESS);
    T_EQ(ev.marks, 0);
    T_STR(instant_text(ev.time, t), "2021-03-05T04:06:27Z");
    T_STR(event_text(&ev, "cs-host"), "mail.example.com");
    T_STR(event_text(&ev, "s-port"), "443");
    T_STR(event_text(&ev, "c-ip"), "203.0.113.9");
    T_STR(event_text(&ev, "cs-username"), "DOM\\ann");
    T_STR(event_text(&ev, "cs-method"), "POST");
    T_STR(event_text(&ev, "cs-uri-stem"), "/ecp/DDI/DDIService.svc/SetObject");
    T_STR(event_text(&ev, "cs-uri-query"), "schema=OABVirtualDirectory");
    T_STR(event_text(&ev, "cs-version"), "HTTP/1.1");
    T_STR(event_text(&ev, "sc-bytes"), "512");
    T_STR(event_text(&ev, "cs-user-agent"), "AMProbe");
    T_STR(event_text(&ev, "extra-1"), "0.5");
    T_STR(event_text(&ev, "ClientAddress"), "203.0.113.9");
    T_STR(event_text(&ev, "DdiAction"), "SetObject");
    T_STR(event_text(&ev, "HealthProbe"), "true");
    size_t at = 0;
    const struct field *f = event_find(&ev, STR("cs-referer"), &at);
    T_OK(f && f->type == FIELD_NULL);
    arena_free(a);
}

static void what_is_no_request_stays_whole(void)
{
    struct arena *a = arena_new();
    struct event ev =
        only_event(FORMAT_NCSA, "x",
                   "::1 - - [05/Mar/2021:03:06:27 +0000] \"\\x16\\x03\\x01\\xff\" 400 0\n", a);
    T_STR(event_text(&ev, "cs-request"), "\\x16\\x03\\x01\\xff");
    T_STR(event_text(&ev, "cs-method"), "");
    T_STR(event_text(&ev, "WebPath"), "");
    ev = only_event(FORMAT_NCSA, "x",
                    "::1 - - [05/Mar/2021:03:06:27] \"GET http://h:8/A/b?c HTTP/1.1\" 200 0\n",
                    a);
    T_STR(event_text(&ev, "WebPath"), "/a/b");
    T_EQ(ev.marks, MARK_TIME_GUESSED | MARK_NO_ZONE);
    arena_free(a);
}

static void native_rows_are_in_local_time(void)
{
    struct arena *a = arena_new();
    struct event ev = only_event(FORMAT_IIS_NATIVE, "W3SVC1/in210503.log",
                                 "192.0.2.7, -, 3/5/21, 7:55:20, W3SVC1, SALES1, 192.0.2.9, 4, "
                                 "163, 3223, 200, 0, GET, /A.gif, a=b,\n",
                                 a);
    char t[INSTANT_TEXT];
    T_EQ(ev.kind, EVENT_ACCESS);
    T_EQ(ev.marks, MARK_TIME_GUESSED | MARK_NO_ZONE);
    T_STR(instant_text(ev.time, t), "2021-05-03T07:55:20Z");
    T_STR(ev.host, "SALES1");
    T_STR(event_text(&ev, "cs-uri"), "/A.gif?a=b");
    T_STR(event_text(&ev, "WebPath"), "/a.gif");
    T_STR(event_text(&ev, "StaticResource"), "true");
    T_STR(event_text(&ev, "time-taken"), "4");
    ev = only_event(FORMAT_IIS_NATIVE, "x",
                    "192.0.2.7, -, 3/5/21, 7:55:20, MSFTPSVC1, S, 192.0.2.9, 4, 1, 3, 0, 0, "
                    "[3]PASS, -, -,\n",
                    a);
    T_STR(ev.part, "ftp");
    arena_free(a);
}

static void damaged_rows_are_one_gap(void)
{
    struct arena *a = arena_new();
    static const char text[] = "::1 - - [05/Mar/2021:03:06:27 +0000] \"GET / HTTP/1.1\" 200 0\n"
                               "torn\nmore\n\n"
                               "::1 - - [05/Mar/2021:03:06:28 +0000] \"GET / HTTP/1.1\" 200 0\n"
                               "::1 - - [05/Mar/2021:03:06:29 +0000] \"GET /";
    struct access_events *s = access_events_open(
        of(text), FORMAT_NCSA, STR(""), (struct span){.from = 0, .to = sizeof text - 1}, a);
    struct event ev;
    struct span gap;
    struct err err = {0};
    T_EQ(access_events_next(s, a, &ev, &gap, &err), 1);
    T_OK(access_events_next(s, a, &ev, &gap, &err) < 0);
    T_EQ(gap.to - gap.from, 10);
    T_EQ(access_events_next(s, a, &ev, &gap, &err), 1);
    T_OK(access_events_next(s, a, &ev, &gap, &err) < 0);
    T_EQ(gap.to, sizeof text - 1);
    T_EQ(access_events_next(s, a, &ev, &gap, &err), 0);
    arena_free(a);
}

int main(void)
{
    T_RUN(ncsa_rows_have_w3c_names);
    T_RUN(what_is_no_request_stays_whole);
    T_RUN(native_rows_are_in_local_time);
    T_RUN(damaged_rows_are_one_gap);
    return t_done();
}
