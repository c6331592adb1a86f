#include "event/anchor.h"

#include "t.h"

static void takes_the_target_apart(void)
{
    static const struct {
        const char *text, *host, *port, *path, *authority;
        bool loopback;
    } cases[] = {
        {"ServerInfo~a]@srv.example.local:444/ecp/DDI/DDIService.svc/SetObject?x=1#",
         "srv.example.local", "444", "/ecp/ddi/ddiservice.svc/setobject?x=1#",
         "a]@srv.example.local:444", false},
        {"ServerInfo~localhost/ecp/default.flt?~3", "localhost", "", "/ecp/default.flt?",
         "localhost", true},
        {"serverinfo~LOCALHOST", "localhost", "", "", "LOCALHOST", true},
        {"ServerInfo~localhost.example.org/x", "localhost.example.org", "", "/x",
         "localhost.example.org", false},
        {"ServerInfo~x@localhost@evil.example/autodiscover", "evil.example", "",
         "/autodiscover", "x@localhost@evil.example", false},
        {"ServerInfo~[::1]:444/x~1942062522", "::1", "444", "/x", "[::1]:444", true},
        {"ServerInfo~::1/x", "::1", "", "/x", "::1", true},
        {"ServerInfo~h#/autodiscover", "h", "", "/#/autodiscover", "h", false},
        {"ServerInfo~h\\x", "h", "", "/x", "h", false},
        {"ServerInfo~mail.example.org~1942062522", "mail.example.org", "", "",
         "mail.example.org", false},
        {"ServerInfo~", "", "", "", "", false},
        {"ServerInfo~]", "]", "", "", "]", false},
        {"ServerInfo~[", "[", "", "", "[", false},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct anchor got;
        T_OK(anchor_parse(str_of(cases[i].text), a, &got));
        T_OK(str_ieq(got.kind, STR("ServerInfo")));
        bool same = str_eq(got.host, str_of(cases[i].host)) &&
                    str_eq(got.port, str_of(cases[i].port)) &&
                    str_eq(got.path, str_of(cases[i].path)) &&
                    str_eq(got.authority, str_of(cases[i].authority));
        if (!same)
            printf("  %s: %.*s|%.*s|%.*s\n", cases[i].text, STR_ARG(got.host),
                   STR_ARG(got.port), STR_ARG(got.path));
        T_OK(same);
        T_EQ(got.loopback, cases[i].loopback);
    }
    arena_free(a);
}

static void others_have_only_a_kind(void)
{
    struct arena *a = arena_new();
    struct anchor got;
    T_OK(anchor_parse(STR("Sid~S-1-5-21-1/2"), a, &got));
    T_STR(got.kind, "Sid");
    T_STR(got.host, "");
    T_OK(!anchor_parse(STR(""), a, &got));
    T_OK(!anchor_parse(STR("plain"), a, &got));
    arena_free(a);
}

static void reads_cookies_clear_and_encoded(void)
{
    struct arena *a = arena_new();
    T_STR(anchor_cookie_server(STR("Server~srv.example.local~1942063431~2021-03-14"), a),
          "srv.example.local");
    T_STR(anchor_cookie_server(STR("Database~fb7adba2~~2021"), a), "");
    T_STR(anchor_cookie_server(STR(""), a), "");
    T_STR(anchor_cookie_server(STR("not base64!"), a), "");
    /* "Server~evil/x~1~2" complemented, in Base64 */
    T_STR(anchor_cookie_server(STR("rJqNiZqNgZqJlpPQh4HOgc0="), a), "evil/x");
    arena_free(a);
}

int main(void)
{
    T_RUN(takes_the_target_apart);
    T_RUN(others_have_only_a_kind);
    T_RUN(reads_cookies_clear_and_encoded);
    return t_done();
}
