#include "rule/indicator_import.h"

#include "base/buf.h"
#include "t.h"

static struct arena *arena;

/* A set of one list of lines. */
static struct indicators *set_of(const char *list)
{
    struct indicators *set = indicators_new();
    struct err err = {0};
    T_EQ(indicators_import(set, STR("x/list.txt"), str_bytes(str_of(list)), &err), 0);
    indicators_finish(set);
    return set;
}

static size_t found_in(const struct indicators *set, struct str field, struct str value,
                       const struct indicator_hit **ret)
{
    struct indicator_finder *f = indicator_finder_new(set);
    struct event ev = {.kind = EVENT_WINDOWS};
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, field, value);
    size_t n = indicators_find(f, &ev, arena, ret);
    bool may = indicators_may_row(f, str_bytes(value));
    T_OK(may || n == 0); /* a row may be looked at in vain, never passed over wrongly */
    indicator_finder_free(f);
    return n;
}

struct meeting {
    const char *list, *field, *value;
    size_t n;
};

static void try_all(const struct meeting *all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct indicator_hit *hits = NULL;
        struct indicators *set = set_of(all[i].list);
        size_t got = found_in(set, str_of(all[i].field), str_of(all[i].value), &hits);
        if (got != all[i].n || set->n == 0)
            printf("  %s in %s\n", all[i].list, all[i].value);
        T_OK(set->n > 0);
        T_EQ(got, all[i].n);
        indicators_free(set);
    }
}

#define TRY(all) try_all((all), sizeof(all) / sizeof *(all))

static void addresses_have_borders(void)
{
    static const struct meeting all[] = {
        {"10.0.0.1", "A", "10.0.0.1", 1},
        {"10.0.0.1", "A", "from 10.0.0.1:443, to", 1},
        {"10.0.0.1", "A", "it was 10.0.0.1.", 1},
        {"10.0.0.1", "A", "10.0.0.1-10.0.0.9", 1},
        {"10.0.0.1", "A", "(10.0.0.1)", 1},
        {"10.0.0.1", "A", "110.0.0.1", 0},
        {"10.0.0.1", "A", "10.0.0.12", 0},
        {"10.0.0.1", "A", "10.0.0.1.5", 0},
        {"10.0.0.1", "A", "5.10.0.0.1", 0},
        {"10.0.0.1", "A", "v10.0.0.1", 0},
        {"10.0.0.1", "A", "10.0.0.1a", 0},
        {"10.0.0.1", "A", "host_10.0.0.1", 0},
        {"10.0.0.1", "A", "::ffff:10.0.0.1", 1},
        {"10.0.0.1", "A", "x%3a10.0.0.1%2f", 1},
        {"198.51.100.0/24", "A", "198.51.100.255", 1},
        {"198.51.100.0/24", "A", "198.51.101.0", 0},
        {"198.51.100.0/24", "A", "198.51.100.256", 0},
        {"203.0.113.7:8080", "A", "203.0.113.7", 1},
        {"2001:db8::1", "A", "2001:DB8:0:0:0:0:0:1", 1},
        {"2001:db8::1", "A", "[2001:db8::1]:443", 1},
        {"2001:db8::1", "A", "2001:db8::1%12", 1},
        {"2001:db8::1", "A", "2001:db8::12", 0},
        {"2001:db8::1", "A", "02001:db8::1", 0},
        {"2001:db8::/32", "A", "at 2001:db8:ffff::9 now", 1},
        {"2001:db8::/32", "A", "2001:db9::1", 0},
        {"2001:db8::/32", "A", "10:20:30", 0},
    };
    TRY(all);
}

static void domains_are_whole_labels(void)
{
    static const struct meeting all[] = {
        {"evil.com", "A", "evil.com", 1},
        {"evil.com", "A", "WWW.Evil.COM", 1},
        {"evil.com", "A", "a.b.evil.com.", 1},
        {"evil.com", "A", "notevil.com", 0},
        {"evil.com", "A", "not-evil.com", 0},
        {"evil.com", "A", "evil.com.au", 0},
        {"evil.com", "A", "evil.community", 0},
        {"evil.com", "A", "https://evil.com/x", 1},
        {"evil.com", "A", "https://x/?u=evil.com", 1},
        {"evil.com", "A", "https://evil.com@good.example/", 0},
        {"evil.com", "A", "user@evil.com", 1},
        {"evil.com", "A", "evil.com@good.example", 0},
        {"evil.com", "A", "\\\\evil.com\\share\\x", 1},
        {"evil.com", "A", "\\\\evil.com@SSL\\DavWWWRoot\\x", 1},
        {"evil.com", "A", "\\\\?\\UNC\\evil.com\\x", 1},
        {"evil.com", "A", "C:\\dos\\evil.com", 0}, /* a program of that name */
        {"evil.com", "A", "/a/evil.com", 0},
        {"evil.com", "A", "evil.com:8443", 1},
        {"evil.com", "A", "x=%2F%2Fevil.com%2Fy", 1},
        {"evil.com", "A", "x=%252F%252Fevil%252Ecom", 1},
        {"*.evil.com", "A", "x.evil.com", 1},
        {"b\xc3\xbc"
         "cher.example",
         "A",
         "B\xc3\x9c"
         "CHER.example",
         1},
    };
    TRY(all);
}

static void urls_stand_for_what_is_below(void)
{
    static const struct meeting all[] = {
        {"http://evil.com/a/b.php", "A", "get http://evil.com/a/b.php now", 1},
        {"http://evil.com/a/b.php", "A", "https://EVIL.com:443/a/b.php#x", 1},
        {"http://evil.com:80/a/", "A", "http://evil.com/a", 1},
        {"http://evil.com/a", "A", "http://evil.com/a/b", 1},
        {"http://evil.com/a", "A", "http://evil.com/a?b=c", 1},
        {"http://evil.com/a?b=c", "A", "http://evil.com/a?b=c&d=e", 1},
        {"http://evil.com/a?b=c", "A", "http://evil.com/a?b=cc", 0},
        {"http://evil.com/a", "A", "http://evil.com/ab", 0},
        {"http://evil.com/a", "A", "http://x.evil.com/a", 0},
        {"http://evil.com/a", "A", "http://evil.com.au/a", 0},
        {"http://evil.com/a", "A", "http://evil.com:8080/a", 0},
        {"http://evil.com:8080/a", "A", "http://evil.com:8080/a", 1},
        {"http://evil.com/a b", "A", "http://evil.com/a", 1},
        {"http://evil.com/%61", "A", "http://evil.com/a", 1},
        {"http://evil.com/a", "A", "curl evil.com/a", 1},
        {"http://203.0.113.7/x", "A", "http://u:p@203.0.113.7/x", 1},
        {"hxxps://evil[.]com/a", "A", "https://evil.com/a", 1},
    };
    TRY(all);
}

static void hashes_are_whole(void)
{
#define MD5 "c3ab8ff13720e8ad9047dd39466b3c89"
    static const struct meeting all[] = {
        {MD5, "Hashes", "MD5=C3AB8FF13720E8AD9047DD39466B3C89,IMPHASH=0", 1},
        {MD5, "Hashes", "IMPHASH=" MD5, 0},
        {MD5, "Imphash", MD5, 0},
        {"imphash: " MD5, "Hashes", "SHA1=x,IMPHASH=" MD5, 1},
        {"imphash: " MD5, "Hashes", "MD5=" MD5, 0},
        {MD5, "A", MD5 ".exe", 1},
        {MD5, "A", "VirusShare_" MD5, 1},
        {MD5, "A", MD5 "0", 0},
        {MD5, "A", "0" MD5, 0},
        {MD5, "A", "g" MD5, 0},
        {MD5 "01234567", "A", "SHA1=" MD5 "01234567", 1},
        {MD5 MD5, "A", MD5 MD5, 1},
        {MD5 MD5, "A", MD5, 0},
    };
    TRY(all);
}

static void names_paths_and_pipes(void)
{
    static const struct meeting all[] = {
        {"bad.exe", "A", "C:\\Temp\\BAD.EXE", 1},
        {"bad.exe", "A", "\"c:/temp/bad.exe\" -x", 1},
        {"bad.exe", "A", "notbad.exe", 0},
        {"bad.exe", "A", "bad.exe.config", 0},
        {"bad.exe", "A", "run bad.exe.", 1},
        {"file-name: my bad.exe", "A", "c:\\my bad.exe", 1},
        {"file-name: my bad.exe", "A", "c:\\xmy bad.exe", 0},
        {"file-name: bad*.exe", "A", "c:\\bad123.exe", 1},
        {"file-name: bad*.exe", "A", "c:\\xbad123.exe", 0},
        {"\\aspnet_client\\x.aspx", "A", "C:\\inetpub\\wwwroot\\aspnet_client\\x.aspx", 1},
        {"\\aspnet_client\\x.aspx", "A", "/aspnet_client/x.aspx", 1},
        {"/aspnet_client/x.aspx", "A", "c:\\\\aspnet_client\\\\X.aspx", 1},
        {"\\aspnet_client\\x.aspx", "A", "\\other_client\\x.aspx", 0},
        {"\\aspnet_client\\x.aspx", "A", "\\myaspnet_client\\x.aspx", 0},
        {"\\aspnet_client\\x.aspx", "A", "\\aspnet_client\\x.aspx.bak", 0},
        {"C:\\Windows\\Temp\\x.dll", "A", "rundll32 C:\\windows\\temp\\x.dll,go", 1},
        {"C:\\Windows\\Temp\\x.dll", "A", "D:\\windows\\temp\\x.dll", 0},
        {"%windir%\\temp\\x.dll", "A", "D:\\windows\\temp\\x.dll", 1},
        {"C:\\Perf Logs\\x.dll", "A", "C:\\Perf Logs\\x.dll", 1},
        {"C:\\Stage\\", "A", "copy C:\\stage\\a.txt", 1},
        {"C:\\Stage\\", "A", "copy C:\\stages\\a.txt", 0},
        {"C:\\Users\\*\\x??.dll", "A", "C:\\Users\\bob\\x12.dll", 1},
        {"C:\\Users\\*\\x??.dll", "A", "C:\\Users\\bob\\x123.dll", 0},
        {"pipe: evil_1", "PipeName", "\\evil_1", 1},
        {"\\\\.\\pipe\\evil_1", "PipeName", "\\EVIL_1", 1},
        {"pipe: evil_1", "PipeName", "\\evil_12", 0},
        {"pipe: evil_1", "CommandLine", "\\evil_1", 0},
        {"pipe: evil_1", "CommandLine", "echo > \\\\.\\pipe\\evil_1", 1},
        {"pipe: evil_*", "PipeName", "\\evil_77", 1},
        {"pipe: evil_*", "PipeName", "\\my_evil_77", 0},
        {"\\\\Temp\\\\[a-z]{4}\\.exe;80;\\\\Temp\\\\good", "A", "C:\\Temp\\abcd.exe", 1},
        {"\\\\Temp\\\\[a-z]{4}\\.exe;80;\\\\Temp\\\\good", "A", "C:\\Temp\\good.exe", 0},
        {"\\\\Temp\\\\[a-z]{4}\\.exe;80", "A", "C:/Temp/abcd.exe", 1},
        {"\\\\Temp\\\\[a-z]{4}\\.exe;80", "A", "C:\\Temp\\abcde.exe", 0},
    };
    TRY(all);
}

static void agents_mail_and_texts(void)
{
    static const struct meeting all[] = {
        {"ua: Evil Tool/1.0", "UserAgent", "evil tool/1.0", 1},
        {"ua: Evil Tool/1.0", "cs(User-Agent)", "Evil+Tool/1.0", 1},
        {"ua: Evil Tool/1.0", "UserAgent", "Evil Tool/1.01", 0},
        {"ua: Evil Tool/1.0", "Other", "Evil Tool/1.0", 0},
        {"ua: *Evil Tool*", "UserAgent", "x Evil Tool/1.01", 1},
        {"x@evil.com", "A", "From: <X@Evil.com>", 1},
        {"x@evil.com", "A", "y.x@evil.com", 0},
        {"x@evil.com", "A", "tag+x@evil.com", 0},
        {"x@evil.com", "A", "x@evil.com.au", 0},
        {"x@evil.com", "A", "to=x%40evil.com", 1},
        {"text: procdump -ma", "A", "cmd /c PROCDUMP -MA lsass", 1},
        {"text: procdump -ma", "A", "procdump  -ma", 0},
        {"text: procdump -ma", "A", "cmd=procdump+-ma", 1},
    };
    TRY(all);
}

/* The fields of such rows are other texts than the line's. */
static void rows_read_otherwise_are_taken_apart(void)
{
    struct indicators *set = set_of("text: Request[\"x\n"
                                    "text: it's here\n"
                                    "text: caf\xc3\xa9 bar\n");
    struct indicator_finder *f = indicator_finder_new(set);
    T_OK(indicators_may_row(f, str_bytes(STR("a,\"eval(Request[\"\"x\"\"])\",b"))));
    T_OK(indicators_may_row(f, str_bytes(STR("a,'A=it''s here',b"))));
    T_OK(indicators_may_row(f, str_bytes(STR("GET /caf\xe9 bar"))));
    T_OK(!indicators_may_row(f, str_bytes(STR("a,\"b\",'c',caf\xc3\xa9"))));
    indicator_finder_free(f);
    indicators_free(set);
}

static void told_once_for_a_record(void)
{
    struct indicators *set = set_of("203.0.113.7\nevil.example.org\n");
    struct indicator_finder *f = indicator_finder_new(set);
    const struct indicator_hit *hits = NULL;
    struct event ev = {.kind = EVENT_WINDOWS};
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("First"), STR("203.0.113.7"));
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("Second"), STR("203.0.113.7"));
    indicator_finder_record(f);
    T_EQ(indicators_find(f, &ev, arena, &hits), 1);
    T_STR(hits[0].field, "First");
    T_EQ(indicators_find(f, &ev, arena, &hits), 0); /* the same record in another form */
    indicator_finder_record(f);
    T_EQ(indicators_find(f, &ev, arena, &hits), 1);
    indicator_finder_free(f);
    indicators_free(set);
}

static void validity_ends(void)
{
    struct indicators *set = set_of("type,value,valid_until\nip,203.0.113.7,2021-03-05\n");
    const struct indicator *it = &set->list[0];
    instant end = instant_of_civil(2021, 3, 5, 0, 0, 0);
    T_OK(!indicator_is_outdated(it, end - 1));
    T_OK(indicator_is_outdated(it, end));
    T_OK(!indicator_is_outdated(it, INSTANT_NONE));
    struct ruleset *rules = ruleset_new();
    ruleset_freeze(rules);
    indicators_bind(set, rules);
    T_EQ(ruleset_count(rules), 2);
    T_EQ(ruleset_given(rules), 0);
    T_OK(indicators_rule(set, 0, end) != indicators_rule(set, 0, end - 1));
    T_EQ(ruleset_get(rules, indicators_rule(set, 0, end))->level, LEVEL_INFORMATIONAL);
    ruleset_free(rules);
    indicators_free(set);
}

/* --- against a plain search ----------------------------------------------------------------- */

static uint32_t seed = 1;

static uint32_t next(uint32_t below)
{
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) % below;
}

static struct str random_host(void)
{
    static const char *const labels[] = {"a", "evil", "b1", "x-y", "com", "org", "au"};
    return arena_printf(arena, "%s.%s.%s", labels[next(4)], labels[next(4)],
                        labels[4 + next(3)]);
}

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

/* Whether a domain stands in a text of words and blanks as a whole, or below another name. */
static bool plainly_has(struct str text, struct str domain)
{
    for (size_t at = str_find(text, domain, 0); at != SIZE_MAX;
         at = str_find(text, domain, at + 1)) {
        size_t end = at + domain.n;
        bool left = at == 0 || !is_host_char(text.p[at - 1]) || text.p[at - 1] == '.';
        if (left && (end == text.n || !is_host_char(text.p[end])))
            return true;
    }
    return false;
}

static void finds_what_a_plain_search_finds(void)
{
    enum { ROUNDS = 300, LISTED = 12, WORDS = 8 };
    for (int round = 0; round < ROUNDS; round++) {
        struct buf list = buf_new(4096);
        struct buf text = buf_new(4096);
        for (int i = 0; i < LISTED; i++) {
            struct str host = random_host();
            buf_add_str(&list, next(3)
                                   ? host
                                   : str_part(host, str_find(host, STR("."), 0) + 1, host.n));
            buf_add_char(&list, '\n');
        }
        for (int i = 0; i < WORDS; i++)
            buf_addf(&text, "%s%.*s%s ", next(4) ? "" : "www.", STR_ARG(random_host()),
                     next(5) ? "" : ".au");
        struct indicators *set = indicators_new();
        struct err err = {0};
        const struct indicator_hit *hits = NULL;
        T_EQ(indicators_import(set, STR("l"), str_bytes(buf_str(&list)), &err), 0);
        indicators_finish(set);
        size_t want = 0;
        for (size_t i = 0; i < set->n; i++)
            want += plainly_has(buf_str(&text), set->list[i].key);
        T_EQ(found_in(set, STR("A"), buf_str(&text), &hits), want);
        indicators_free(set);
        buf_free(&list);
        buf_free(&text);
    }
}

static void finds_networks_as_a_plain_search_does(void)
{
    enum { ROUNDS = 200, LISTED = 10 };
    for (int round = 0; round < ROUNDS; round++) {
        struct buf list = buf_new(4096);
        uint32_t address[LISTED];
        unsigned bits[LISTED];
        for (int i = 0; i < LISTED; i++) {
            bits[i] = 8 + next(25);
            uint32_t mask = UINT32_MAX << (32 - bits[i]);
            address[i] = (0x0b000000U + (next(4) << 22) + next(1 << 16)) & mask;
            buf_addf(&list, "%u.%u.%u.%u/%u\n", address[i] >> 24, address[i] >> 16 & 255,
                     address[i] >> 8 & 255, address[i] & 255, bits[i]);
        }
        uint32_t at = 0x0b000000U + (next(4) << 22) + next(1 << 16);
        struct indicators *set = indicators_new();
        struct err err = {0};
        const struct indicator_hit *hits = NULL;
        T_EQ(indicators_import(set, STR("l"), str_bytes(buf_str(&list)), &err), 0);
        indicators_finish(set);
        size_t want = 0;
        for (int i = 0; i < LISTED; i++) {
            bool again = false;
            for (int k = 0; k < i; k++)
                again = again || (address[k] == address[i] && bits[k] == bits[i]);
            want += !again && (at & (UINT32_MAX << (32 - bits[i]))) == address[i];
        }
        struct str text = arena_printf(arena, "x %u.%u.%u.%u:80", at >> 24, at >> 16 & 255,
                                       at >> 8 & 255, at & 255);
        T_EQ(found_in(set, STR("A"), text, &hits), want);
        indicators_free(set);
        buf_free(&list);
    }
}

int main(void)
{
    arena = arena_new();
    T_RUN(addresses_have_borders);
    T_RUN(domains_are_whole_labels);
    T_RUN(urls_stand_for_what_is_below);
    T_RUN(hashes_are_whole);
    T_RUN(names_paths_and_pipes);
    T_RUN(agents_mail_and_texts);
    T_RUN(rows_read_otherwise_are_taken_apart);
    T_RUN(told_once_for_a_record);
    T_RUN(validity_ends);
    T_RUN(finds_what_a_plain_search_finds);
    T_RUN(finds_networks_as_a_plain_search_does);
    arena_free(arena);
    return t_done();
}
