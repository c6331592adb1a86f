#include "rule/indicator_import.h"

#include "base/buf.h"
#include "t.h"

static struct indicators *imported(const char *name, struct str text)
{
    struct indicators *set = indicators_new();
    struct err err = {0};
    T_EQ(indicators_import(set, str_of(name), str_bytes(text), &err), 0);
    T_STR(str_of(err.msg), "");
    indicators_finish(set);
    return set;
}

/* The one indicator of this type. */
static const struct indicator *only(const struct indicators *set, enum indicator_type type)
{
    const struct indicator *found = NULL;
    for (size_t i = 0; i < set->n; i++) {
        if (set->list[i].type == type) {
            T_OK(found == NULL);
            found = &set->list[i];
        }
    }
    static const struct indicator none = {0};
    T_OK(found != NULL);
    return found ? found : &none;
}

static void tells_types_by_shape(void)
{
    static const struct {
        const char *value;
        enum indicator_type type;
    } cases[] = {
        {"203.0.113.7", INDICATOR_ADDRESS},
        {"2001:db8::/32", INDICATOR_ADDRESS},
        {"evil.example.com", INDICATOR_DOMAIN},
        {"evil.com", INDICATOR_DOMAIN},
        {"http://x.example/", INDICATOR_URL},
        {"x.example.com/a", INDICATOR_URL},
        {"x@example.com", INDICATOR_EMAIL},
        {"evil.exe", INDICATOR_FILE_NAME},
        {"shell.aspx", INDICATOR_FILE_NAME},
        {"C:\\a\\b.dll", INDICATOR_FILE_PATH},
        {"/owa/auth/x.aspx", INDICATOR_FILE_PATH},
        {"%temp%\\x.dat", INDICATOR_FILE_PATH},
        {"\\\\.\\pipe\\x1", INDICATOR_PIPE},
        {"C3AB8FF13720E8AD9047DD39466B3C89", INDICATOR_MD5},
        {"just words", INDICATOR_TYPES},
        {"word", INDICATOR_TYPES},
        {"256.1.1.1", INDICATOR_TYPES},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum indicator_type got = indicator_shape(str_of(cases[i].value));
        if (got != cases[i].type)
            printf("  %s\n", cases[i].value);
        T_EQ(got, cases[i].type);
    }
}

static void undoes_what_makes_harmless(void)
{
    static const struct {
        const char *from, *to;
    } cases[] = {
        {"hxxp://evil[.]example[.]com/a", "http://evil.example.com/a"},
        {"hXXps[:]//evil(.)com", "https://evil.com"},
        {"203[.]0.113{.}7", "203.0.113.7"},
        {"x[at]evil[dot]com", "x@evil.com"},
        {"evil.com", "evil.com"},
        {"[2001:db8::1]", "[2001:db8::1]"},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str got = indicator_refang(str_of(cases[i].from), arena);
        if (!str_eq(got, str_of(cases[i].to)))
            printf("  %s: %.*s\n", cases[i].from, STR_ARG(got));
        T_OK(str_eq(got, str_of(cases[i].to)));
    }
    arena_free(arena);
}

static void reads_lines(void)
{
    struct indicators *set = imported("l.txt", STR("# made\n\n203.0.113[.]7 # seen\r\n"
                                                   "sha256: nonsense\n"
                                                   "0.0.0.0 sink.example.org\n"
                                                   "bad.exe,a tool\n"
                                                   "what is this\n"
                                                   "10.1.2.3\n10.1.2.3\n"));
    const struct indicator_list *l = &set->lists[0];
    T_STR(str_of(l->form), "text");
    T_EQ(set->n, 4);
    T_EQ(l->refused.n, 2);
    T_EQ(l->refused.list[0].place, 4);
    T_EQ(l->refused.list[1].place, 7);
    T_EQ(l->repeated, 1);
    T_EQ(l->warnings.n, 1); /* a private address */
    T_STR(set->list[0].about, "seen");
    T_EQ(set->list[0].place, 3);
    T_STR(only(set, INDICATOR_DOMAIN)->value, "sink.example.org");
    T_STR(only(set, INDICATOR_FILE_NAME)->about, "a tool");
    T_EQ(set->list[3].level, LEVEL_INFORMATIONAL);
    indicators_free(set);
}

static void reads_loki_lists(void)
{
    struct indicators *set =
        imported("f.txt", STR("# A made family\n\\\\evil[0-9]\\.exe;80;\\\\good\n"
                              "\\\\harmless\\.exe;-50\n"
                              "C3AB8FF13720E8AD9047DD39466B3C89;a hash\n"
                              "c3ab8ff13720e8ad9047dd39466b3c8a;50;another\n"
                              "evil.example.org;a server\n"
                              "[unclosed;70\nneither nor;words\n"));
    const struct indicator_list *l = &set->lists[0];
    T_STR(str_of(l->form), "LOKI list");
    T_EQ(set->n, 4);
    T_EQ(l->left, 1);
    T_EQ(l->refused.n, 2);
    T_STR(only(set, INDICATOR_FILE_REGEX)->about, "A made family");
    T_EQ(only(set, INDICATOR_FILE_REGEX)->level, LEVEL_HIGH);
    T_EQ(set->list[2].level, LEVEL_MEDIUM);
    T_STR(set->list[2].about, "another");
    indicators_free(set);
    set = imported("my-keywords.txt", STR("# c\nsekurlsa::logonpasswords\nabc\n"));
    T_EQ(only(set, INDICATOR_TEXT)->place, 2);
    T_EQ(set->lists[0].refused.n, 1);
    indicators_free(set);
}

static void reads_tables(void)
{
    struct indicators *set = imported(
        "t.csv",
        STR("Type;Value;Comment;TLP;Valid Until;Confidence;to_ids\n"
            "ip-dst;203.0.113.7;\"one; \"\"two\"\"\nthree\";TLP:AMBER+STRICT;"
            "2021-05-01T00:00:00Z;30;1\n"
            "domain|ip;evil.example.org|198.51.100.9;;white;soon;;1\n"
            "filename|md5;a.exe|c3ab8ff13720e8ad9047dd39466b3c89;;;;high;1\n"
            "btc;1abc;;;;;1\nmd5;zz;;;;;1\nurl;http://x.example.org/;;;;;0\n;;;;;;\n"));
    const struct indicator_list *l = &set->lists[0];
    T_STR(str_of(l->form), "CSV");
    T_EQ(set->n, 4);
    T_STR(set->list[0].about, "one; \"two\"\nthree");
    T_EQ(set->list[0].tlp, TLP_AMBER_STRICT);
    T_EQ(set->list[0].until, instant_of_civil(2021, 5, 1, 0, 0, 0));
    T_EQ(set->list[0].level, LEVEL_LOW);
    T_EQ(only(set, INDICATOR_DOMAIN)->tlp, TLP_CLEAR);
    T_EQ(only(set, INDICATOR_DOMAIN)->place, 4);
    T_EQ(only(set, INDICATOR_MD5)->level, LEVEL_HIGH);
    T_EQ(l->refused.n, 3); /* btc, no MD5, no value */
    T_EQ(l->left, 1);
    T_EQ(l->warnings.n, 1); /* "soon" */
    T_EQ(l->ending, 1);
    indicators_free(set);
    set = imported("u.csv", STR("# \"first_seen\", \"ioc_value\", \"ioc_type\"\n"
                                "\"2021-01-01\", \"203.0.113.7:443\", \"ip:port\"\n"
                                "\"2021-01-01\", \"c3ab8ff13720e8ad9047dd39466b3c89\", \"\"\n"
                                "\"2021-01-01\", \"unclosed, \"md5\"\n"));
    T_STR(only(set, INDICATOR_ADDRESS)->value, "203.0.113.7:443");
    T_EQ(set->lists[0].refused.n, 1);
    indicators_free(set);
    set = imported("c.csv", STR("ip,md5_hash,notes\n203.0.113.7,"
                                "c3ab8ff13720e8ad9047dd39466b3c89,both\n,,none\n"));
    T_EQ(set->n, 2);
    T_STR(only(set, INDICATOR_MD5)->about, "both");
    T_EQ(set->lists[0].refused.n, 1);
    indicators_free(set);
}

#define BUNDLE(objects) "{\"type\":\"bundle\",\"objects\":[" objects "]}"
#define PATTERN(text) \
    "{\"type\":\"indicator\",\"pattern_type\":\"stix\",\"pattern\":\"" text "\"}"

static void reads_stix_patterns(void)
{
    static const struct {
        const char *pattern;
        size_t n, refused, warned;
        enum indicator_type first;
    } cases[] = {
        {"[ipv4-addr:value = '203.0.113.7']", 1, 0, 0, INDICATOR_ADDRESS},
        {"[ipv4-addr:value ISSUBSET '198.51.100.0/24']", 1, 0, 0, INDICATOR_ADDRESS},
        {"[domain-name:value = 'a.example.org' OR url:value = 'http://b.example.org/x']", 2, 0,
         0, INDICATOR_DOMAIN},
        {"[domain-name:value IN ('a.example.org', 'b.example.org')]", 2, 0, 0,
         INDICATOR_DOMAIN},
        {"[file:name = 'a.exe' AND file:hashes.'SHA-1' = "
         "'c3ab8ff13720e8ad9047dd39466b3c8901234567']",
         1, 0, 1, INDICATOR_SHA1},
        {"[file:name = 'a.exe' AND file:parent_directory_ref.path = 'C:\\\\\\\\Temp']", 1, 0, 0,
         INDICATOR_FILE_PATH},
        {"[file:name LIKE 'a%.exe']", 1, 0, 0, INDICATOR_FILE_NAME},
        {"[file:name MATCHES '^evil[0-9]+$']", 1, 0, 0, INDICATOR_FILE_REGEX},
        {"[file:name = '\\\\\\\\\\\\\\\\.\\\\\\\\pipe\\\\\\\\evil']", 1, 0, 0, INDICATOR_PIPE},
        {"[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'tool "
         "1']",
         1, 0, 0, INDICATOR_USER_AGENT},
        {"[network-traffic:dst_ref.value = '203.0.113.7' AND network-traffic:dst_port = 443]",
         1, 0, 1, INDICATOR_ADDRESS},
        {"[ipv4-addr:value = '203.0.113.7'] OR [ipv4-addr:value = '203.0.113.8']", 2, 0, 0,
         INDICATOR_ADDRESS},
        {"[(ipv4-addr:value = '203.0.113.7' OR ipv4-addr:value = '203.0.113.8')]", 2, 0, 0,
         INDICATOR_ADDRESS},
        {"[ipv4-addr:value = '203.0.113.7'] AND [ipv4-addr:value = '203.0.113.8']", 0, 1, 0, 0},
        {"[ipv4-addr:value = '203.0.113.7'] FOLLOWEDBY [url:value = 'http://x.example/']", 0, 1,
         0, 0},
        {"[ipv4-addr:value = '203.0.113.7'] WITHIN 5 SECONDS", 0, 1, 0, 0},
        {"[ipv4-addr:value != '203.0.113.7']", 0, 1, 0, 0},
        {"[NOT ipv4-addr:value = '203.0.113.7']", 0, 1, 0, 0},
        {"[software:name = 'x']", 0, 1, 0, 0},
        {"[ipv4-addr:value = '203.0.113.7'", 0, 1, 0, 0},
        {"ipv4-addr:value = '203.0.113.7'", 0, 1, 0, 0},
        {"", 0, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b = buf_new(4096);
        buf_addf(&b,
                 "{\"type\":\"bundle\",\"objects\":[{\"type\":\"indicator\","
                 "\"pattern_type\":\"stix\",\"pattern\":\"%s\"}]}",
                 cases[i].pattern);
        struct indicators *set = imported("b.json", buf_str(&b));
        if (set->n != cases[i].n || set->lists[0].refused.n != cases[i].refused ||
            set->lists[0].warnings.n != cases[i].warned)
            printf("  %s\n", cases[i].pattern);
        T_EQ(set->n, cases[i].n);
        T_EQ(set->lists[0].refused.n, cases[i].refused);
        T_EQ(set->lists[0].warnings.n, cases[i].warned);
        if (set->n)
            T_EQ(set->list[set->n > 1 ? 0 : 0].type, cases[i].first);
        indicators_free(set);
        buf_free(&b);
    }
}

static void reads_stix_bundles(void)
{
    struct indicators *set = imported(
        "b.json",
        STR(BUNDLE(
            "{\"type\":\"indicator\",\"name\":\"made\",\"confidence\":90,"
            "\"pattern\":\"[ipv4-addr:value = '203.0.113.7']\",\"pattern_type\":\"stix\","
            "\"valid_until\":\"2021-05-01T00:00:00Z\","
            "\"object_marking_refs\":[\"marking-definition--mine\"]},"
            "{\"type\":\"marking-definition\",\"id\":\"marking-definition--mine\","
            "\"definition_type\":\"tlp\",\"definition\":{\"tlp\":\"amber\"}},"
            "{\"type\":\"indicator\",\"pattern\":\"[url:value = 'http://x.example.org/']\","
            "\"object_marking_refs\":"
            "[\"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003\"]},"
            "{\"type\":\"indicator\",\"revoked\":true,\"pattern\":\"[url:value = "
            "'http://y/']\"},"
            "{\"type\":\"indicator\",\"pattern_type\":\"yara\",\"pattern\":\"rule x\"},"
            "{\"type\":\"ipv4-addr\",\"value\":\"203.0.113.7\"},"
            "{\"type\":\"domain-name\",\"value\":\"seen.example.org\"},"
            "{\"type\":\"malware\",\"name\":\"m\"}")));
    const struct indicator_list *l = &set->lists[0];
    T_EQ(set->n, 3);
    const struct indicator *address = only(set, INDICATOR_ADDRESS);
    T_EQ(address->tlp, TLP_AMBER);
    T_EQ(address->level, LEVEL_HIGH);
    T_STR(address->about, "made");
    T_EQ(only(set, INDICATOR_URL)->tlp, TLP_AMBER_STRICT);
    T_EQ(only(set, INDICATOR_DOMAIN)->level, LEVEL_LOW); /* seen, not called malicious */
    T_EQ(l->left, 1);
    T_EQ(l->refused.n, 1);
    T_EQ(l->repeated, 1);
    indicators_free(set);
    set = imported("cut.json", STR("{\"type\":\"bundle\",\"objects\":[" PATTERN(
                                   "[ipv4-addr:value = '203.0.113.7']") ",{\"type\":"));
    T_EQ(set->n, 1);
    T_OK(set->lists[0].refused.n >= 1);
    indicators_free(set);
}

static void reads_misp(void)
{
    struct indicators *set = imported(
        "e.json",
        STR("{\"response\":[{\"Event\":{\"Attribute\":["
            "{\"type\":\"ip-dst|port\",\"value\":\"203.0.113.7|443\",\"to_ids\":true,"
            "\"comment\":\"c\"},"
            "{\"type\":\"domain\",\"value\":\"no.example.org\",\"to_ids\":false},"
            "{\"type\":\"md5\",\"value\":\"c3ab8ff13720e8ad9047dd39466b3c89\",\"to_ids\":\"1\","
            "\"Tag\":[{\"name\":\"tlp:red\"}]},"
            "{\"type\":\"btc\",\"value\":\"x\",\"to_ids\":true}],"
            "\"Object\":[{\"name\":\"file\",\"Attribute\":[{\"type\":\"filename\","
            "\"value\":\"bad.exe\",\"to_ids\":true}]}],"
            "\"info\":\"a made event\",\"Tag\":[{\"name\":\"tlp:green\"}]}},"
            "{\"Event\":{\"info\":\"second\",\"Attribute\":[{\"type\":\"url\","
            "\"value\":\"hxxp://x[.]example.org/a\",\"to_ids\":true}]}}]}"));
    const struct indicator_list *l = &set->lists[0];
    T_STR(str_of(l->form), "MISP");
    T_EQ(set->n, 4);
    T_STR(only(set, INDICATOR_ADDRESS)->about, "a made event; c");
    T_EQ(only(set, INDICATOR_ADDRESS)->tlp, TLP_GREEN);
    T_EQ(only(set, INDICATOR_MD5)->tlp, TLP_RED);
    T_EQ(only(set, INDICATOR_FILE_NAME)->tlp, TLP_GREEN);
    T_STR(only(set, INDICATOR_URL)->about, "second");
    T_EQ(only(set, INDICATOR_URL)->tlp, TLP_NONE);
    T_EQ(l->left, 1);
    T_EQ(l->refused.n, 1);
    indicators_free(set);
}

static void refuses_what_is_no_list(void)
{
    struct indicators *set = indicators_new();
    struct err err = {0};
    T_EQ(indicators_import(set, STR("x"), str_bytes(STR("a\0b")), &err), -1);
    T_EQ(err.code, ERR_INVALID);
    T_EQ(indicators_import(set, STR("x"), str_bytes(STR("{\"a\":1}")), &err), -1);
    T_EQ(set->n_lists, 0);
    indicators_free(set);
}

static void doubts_what_harmless_systems_have(void)
{
    struct indicators *set = imported("d.txt", STR("10.0.0.1\n8.8.8.8\nmicrosoft.com\ncmd.exe\n"
                                                   "d41d8cd98f00b204e9800998ecf8427e\n"
                                                   "update.microsoft.com\n203.0.113.7\n"));
    T_EQ(set->n, 7);
    T_EQ(set->lists[0].warnings.n, 5);
    for (size_t i = 0; i < set->n; i++)
        T_EQ(set->list[i].level == LEVEL_INFORMATIONAL, i < 5);
    indicators_free(set);
    set = imported("d.txt", STR("0.0.0.0/0\n10.0.0.0/7\nab\ntext: abc\n::/0\n"));
    T_EQ(set->n, 0);
    T_EQ(set->lists[0].refused.n, 5);
    indicators_free(set);
}

static void import_any(struct bytes data)
{
    struct indicators *set = indicators_new();
    struct err err = {0};
    (void)indicators_import(set, STR("x"), data, &err);
    indicators_finish(set);
    struct indicator_finder *f = indicator_finder_new(set);
    (void)indicators_may_row(f, data);
    indicator_finder_free(f);
    indicators_free(set);
}

static void survives_damage(void)
{
    static const char *const samples[] = {
        "type,value,comment\nip-dst,203.0.113.7,\"a "
        "\"\"b\"\"\"\ndomain|ip,a.example.org|::1,x\n",
        "\\\\a[0-9]\\.exe;80;x\nhxxp[:]//a[.]example.org/%41?b#c\nx[at]a.example.org # y\n",
        BUNDLE(
            PATTERN("[(a:b = 'x' OR file:name LIKE 'a%') AND url:value IN ('http://a.bc/')]")),
        "{\"Event\":{\"info\":\"i\",\"Attribute\":[{\"type\":\"filename|md5\",\"value\":\"a|"
        "b\","
        "\"to_ids\":true}],\"Tag\":[{\"name\":\"tlp:red\"}]}}",
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct bytes whole = str_bytes(str_of(samples[i]));
        t_each_prefix(whole, import_any);
        char copy[512];
        for (size_t bit = 0; bit < 8 * whole.n && whole.n <= sizeof copy; bit++) {
            memcpy(copy, whole.p, whole.n);
            copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
            import_any((struct bytes){(const uint8_t *)copy, whole.n});
        }
    }
}

int main(void)
{
    T_RUN(tells_types_by_shape);
    T_RUN(undoes_what_makes_harmless);
    T_RUN(reads_lines);
    T_RUN(reads_loki_lists);
    T_RUN(reads_tables);
    T_RUN(reads_stix_patterns);
    T_RUN(reads_stix_bundles);
    T_RUN(reads_misp);
    T_RUN(refuses_what_is_no_list);
    T_RUN(doubts_what_harmless_systems_have);
    T_RUN(survives_damage);
    return t_done();
}
