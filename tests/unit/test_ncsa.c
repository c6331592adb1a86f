#include "format/ncsa.h"

#include "base/utf.h"
#include "t.h"

static struct bytes of(const char *text)
{
    return str_bytes(str_of(text));
}

#define DATE "[05/Mar/2021:03:06:27 +0000] "
#define COMBINED                                                                   \
    "192.0.2.7 - DOM\\Ann Lee [05/Mar/2021:03:06:27 +0130] \"GET /owa/x.aspx?a=b " \
    "HTTP/1.1\" 200 512 \"http://h/\" \"Mozilla/5.0 (X)\" 0.003 \"-\" "            \
    "Via=\"192.0.2.1, 192.0.2.2\""

static bool eq(struct bytes got, const char *want)
{
    bool same = bytes_eq(got, of(want));
    if (!same)
        printf("  got \"%.*s\", want \"%s\"\n", (int)got.n, (const char *)got.p, want);
    return same;
}

static void splits_the_combined_form(void)
{
    struct ncsa_row r;
    char t[INSTANT_TEXT];
    T_OK(ncsa_split(of(COMBINED), &r));
    T_OK(eq(r.client, "192.0.2.7") && eq(r.ident, "-") && eq(r.user, "DOM\\Ann Lee"));
    T_STR(instant_text(r.time, t), "2021-03-05T01:36:27Z");
    T_OK(r.zoned);
    T_OK(eq(r.request, "GET /owa/x.aspx?a=b HTTP/1.1"));
    T_OK(eq(r.status, "200") && eq(r.size, "512"));
    T_OK(eq(r.referer, "http://h/") && eq(r.agent, "Mozilla/5.0 (X)"));
    T_EQ(r.n_extra, 3);
    T_OK(eq(r.extra[0], "0.003") && eq(r.extra[1], "-"));
    T_OK(eq(r.extra[2], "Via=\"192.0.2.1, 192.0.2.2\""));
}

static void knows_who_stands_in_front(void)
{
    static const struct {
        const char *prefix, *server, *forwarded, *client, *ident, *user;
    } cases[] = {
        {"::1 - - ", "", "", "::1", "-", "-"},
        {"host.example.com - - ", "", "", "host.example.com", "-", "-"},
        {"192.0.2.7 ident frank ", "", "", "192.0.2.7", "ident", "frank"},
        {"192.0.2.7 ident DOM\\A B ", "", "", "192.0.2.7", "ident", "DOM\\A B"},
        {"192.0.2.7 - - - ", "", "", "192.0.2.7", "-", "- -"},
        {"www.example.com:443 192.0.2.7 - - ", "www.example.com:443", "", "192.0.2.7", "-",
         "-"},
        {"www.example.com 192.0.2.7 id bob ", "www.example.com", "", "192.0.2.7", "id", "bob"},
        {"192.0.2.9:80 192.0.2.7 - - ", "192.0.2.9:80", "", "192.0.2.7", "-", "-"},
        {"192.0.2.9 localhost - - ", "192.0.2.9", "", "localhost", "-", "-"},
        {"192.0.2.7:9 www.example.com:2 - - ", "www.example.com:2", "", "192.0.2.7:9", "-",
         "-"},
        {"w.example.com 10.0.0.2, 10.0.0.1, 192.0.2.7 - - ", "w.example.com",
         "10.0.0.2, 10.0.0.1", "192.0.2.7", "-", "-"},
        {"w.example.com \"10.0.0.2, 10.0.0.1\" 192.0.2.7 - - ", "w.example.com",
         "10.0.0.2, 10.0.0.1", "192.0.2.7", "-", "-"},
        {"10.0.0.2, 192.0.2.7 - - ", "", "10.0.0.2", "192.0.2.7", "-", "-"},
        {"192.0.2.7 - \"Lee, Ann\" ", "", "", "192.0.2.7", "-", "Lee, Ann"},
    };
    char line[256];
    struct ncsa_row r;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(line, sizeof line, "%s" DATE "\"GET / HTTP/1.1\" 200 1",
                       cases[i].prefix);
        T_OK(ncsa_split(of(line), &r));
        T_OK(eq(r.server, cases[i].server) && eq(r.forwarded, cases[i].forwarded));
        T_OK(eq(r.client, cases[i].client) && eq(r.ident, cases[i].ident));
        T_OK(eq(r.user, cases[i].user));
    }
}

static void finds_where_the_request_ends(void)
{
    static const struct {
        const char *rest, *request, *status, *size;
    } cases[] = {
        {"\"-\" 408 -", "-", "408", "-"},
        {"\"\" 400 0", "", "400", "0"},
        {"\"\\n\" 400 226 98", "\\n", "400", "226"},
        {"\"GET /\\\" 200 HTTP/1.1\" 404 5", "GET /\\\" 200 HTTP/1.1", "404", "5"},
        {"\"GET /a\"b\" c HTTP/1.1\" 404 5", "GET /a\"b\" c HTTP/1.1", "404", "5"},
        {"\"GET /a\\\" 404 5", "GET /a\\", "404", "5"}, /* IIS does not escape */
        {"\"GET / HTTP/1.1\" - -", "GET / HTTP/1.1", "-", "-"},
        {"\"GET / HTTP/1.1\" 200", "GET / HTTP/1.1", "200", ""},
    };
    char line[256];
    struct ncsa_row r;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(line, sizeof line, "::1 - - " DATE "%s", cases[i].rest);
        T_OK(ncsa_split(of(line), &r));
        T_OK(eq(r.request, cases[i].request) && eq(r.status, cases[i].status));
        T_OK(eq(r.size, cases[i].size));
    }
}

static void keeps_what_stands_behind(void)
{
    struct ncsa_row r;
    T_OK(ncsa_split(of("::1 - - " DATE "\"-\" 200 1 3413 \"r\" \"a\\\" b\" \"x\""), &r));
    T_OK(eq(r.referer, "r") && eq(r.agent, "a\\\" b"));
    T_EQ(r.n_extra, 2);
    T_OK(eq(r.extra[0], "3413") && eq(r.extra[1], "x"));
    T_OK(ncsa_split(of("::1 - - " DATE "\"-\" 200 1 \"alone\" 5 \"two\""), &r));
    T_EQ(r.agent.n, 0);
    T_EQ(r.n_extra, 3);
    T_OK(eq(r.extra[0], "alone") && eq(r.extra[1], "5") && eq(r.extra[2], "two"));

    T_OK(ncsa_split(of("::1 - - " DATE "\"-\" 200 1 \"-\" \"cut off in"), &r));
    T_OK(eq(r.agent, "cut off in"));
    T_EQ(r.n_extra, 0);

    char line[512] = "::1 - - " DATE "\"-\" 200 1";
    for (int i = 0; i < 50; i++)
        strcat(line, " v"); /* NOLINT: room is known */
    T_OK(ncsa_split(of(line), &r));
    T_EQ(r.n_extra, NCSA_EXTRA);
    T_EQ(r.extra[NCSA_EXTRA - 1].n, 2 * (50 - NCSA_EXTRA + 1) - 1);
}

static void reads_dates(void)
{
    static const struct {
        const char *date, *want;
        bool zoned;
    } cases[] = {
        {"[05/Mar/2021:03:06:27 -0830]", "2021-03-05T11:36:27Z", true},
        {"[05/mar/2021:03:06:27.125 +0000]", "2021-03-05T03:06:27.125Z", true},
        {"[05/Mar/2021:03:06:27]", "2021-03-05T03:06:27Z", false},
        {"[31/Feb/2021:03:06:27 +0000]", "", true},
        {"[05/Mär/2021:03:06:27 +0000]", NULL, false},
        {"[2021-03-05 03:06:27]", NULL, false},
    };
    char line[256];
    char t[INSTANT_TEXT];
    struct ncsa_row r;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(line, sizeof line, "::1 - - %s \"-\" 200 1", cases[i].date);
        T_EQ(ncsa_split(of(line), &r), cases[i].want != NULL);
        if (cases[i].want) {
            T_OK(str_eq(instant_text(r.time, t), str_of(cases[i].want)));
            T_EQ(r.zoned, cases[i].zoned);
        }
    }
    T_OK(ncsa_split(
        of("[05/Mar/2021:03:06:27 +0000] 192.0.2.7 TLSv1.2 AES \"GET / HTTP/1.1\" 12"), &r));
    T_OK(eq(r.client, "192.0.2.7") && eq(r.size, "12") && r.n_extra == 2);
}

static void refuses_what_is_no_row(void)
{
    static const char *const lines[] = {
        "",
        "prose with [brackets] and \"quotes\" 200 12",
        "We saw 192.0.2.7 on [05/Mar/2021:03:06:27 +0000] and \"GET /\" came back 200 twice",
        "192.0.2.7 - - [05/Mar/2021:03:06:27 +0000] GET / 200 1",
        "192.0.2.7 - - [05/Mar/2021:03:06:27 +0000] \"GET /\" ok 1",
        "192.0.2.7 - - [05/Mar/2021:03:06:27 +0000]",
        "- [05/Mar/2021:03:06:27 +0000] \"GET / HTTP/1.1\" 200 1",
        "192.0.2.7,-,[05/Mar/2021:03:06:27 +0000],\"GET / HTTP/1.1\",200,1",
    };
    struct ncsa_row r;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        T_OK(!ncsa_split(of(lines[i]), &r));
}

static void takes_requests_apart(void)
{
    struct ncsa_request r;
    T_OK(ncsa_request_parse(STR("GET /a b?c=d?e HTTP/1.1"), &r));
    T_STR(r.method, "GET");
    T_STR(r.stem, "/a b");
    T_STR(r.query, "c=d?e");
    T_STR(r.version, "HTTP/1.1");
    T_OK(ncsa_request_parse(STR("RPC_IN_DATA /rpc"), &r));
    T_STR(r.stem, "/rpc");
    T_STR(r.version, "");
    T_OK(ncsa_request_parse(STR("GET /x "), &r));
    T_STR(r.stem, "/x ");
    T_OK(!ncsa_request_parse(STR("some invalid request"), &r));
    T_OK(!ncsa_request_parse(STR("-"), &r));
    T_OK(!ncsa_request_parse(STR("- - HTTP/1.0"), &r));
    T_OK(!ncsa_request_parse(STR("hello"), &r));
    T_OK(!ncsa_request_parse(STR(""), &r));
    T_OK(!ncsa_request_parse(STR("\x16\x03 x"), &r));
}

static void takes_escapes_out(void)
{
    static const struct {
        const char *raw;
        const char *want;
    } cases[] = {
        {"a\\\"b\\\\c", "a\"b\\c"},
        {"\\xd0\\x90\\x0a", "\xd0\x90\n"},
        {"c:\\boot.ini", "c:\\boot.ini"},
        {"a\\nb", "a\\nb"},
        {"\\x16\\x03\\x8f", "\\x16\\x03\\x8f"}, /* no text: as written */
        {"C:\\dir\\x41", "C:\\dir\\x41"},       /* nobody escapes an A */
        {"DOM\\bob", "DOM\\bob"},
        {"DOM\\\\bob", "DOM\\bob"},
        {"DOM\\xavier", "DOM\\xavier"},
        {"M\xfcller", "M\xc3\xbcller"},
        {"end\\", "end\\"},
        {"end\\x1", "end\\x1"},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        T_OK(eq(str_bytes(ncsa_text(of(cases[i].raw), a)), cases[i].want));
    arena_free(a);
}

static void walk(struct bytes data)
{
    struct arena *a = arena_new();
    struct ncsa_row r;
    struct ncsa_request q;
    if (ncsa_split(data, &r)) {
        struct str text = ncsa_text(r.request, a);
        T_OK(utf8_valid(str_bytes(text)));
        (void)ncsa_request_parse(text, &q);
        for (size_t i = 0; i < r.n_extra; i++)
            T_OK(utf8_valid(str_bytes(ncsa_text(r.extra[i], a))));
    }
    arena_free(a);
}

static void survives_truncation_and_flips(void)
{
    char text[] = COMBINED;
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
    T_RUN(splits_the_combined_form);
    T_RUN(knows_who_stands_in_front);
    T_RUN(finds_where_the_request_ends);
    T_RUN(keeps_what_stands_behind);
    T_RUN(reads_dates);
    T_RUN(refuses_what_is_no_row);
    T_RUN(takes_requests_apart);
    T_RUN(takes_escapes_out);
    T_RUN(survives_truncation_and_flips);
    return t_done();
}
