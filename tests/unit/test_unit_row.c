/* Rows that are passed over as they stand, against the plain evaluator of the whole event: made
 * rules over made rows, with what the rules look for in every form that a server decodes. With
 * ASSAY_CORPORA, SigmaHQ's rules for web servers, too. */
#include "rule/unit_row.h"

#include "base/buf.h"
#include "event/decode_event.h"
#include "event/source.h"
#include "rule/rules.h"
#include "sys/dir.h"
#include "sys/file.h"
#include "t.h"

enum { ROUNDS = 900, ROWS = 40, RULES = 1, WORDS_MAX = 6000 };

static uint64_t state;

static unsigned any(unsigned below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 20) % below;
}

static bool one_in(unsigned n)
{
    return any(n) == 0;
}

/* --- what rules ask for --------------------------------------------------------------------- */

static struct str words[WORDS_MAX];
static size_t n_words;
static struct arena *keep;

static const char *const WORDS[] = {
    "/owa/auth/",
    "/ecp/",
    ".aspx",
    ".js",
    "union select",
    "union+select",
    "..\\\\..\\\\",
    "../../etc/",
    "cmd.exe /c",
    "'or 1=1",
    "<script>",
    "%3Cscript%3E",
    "c:\\windows",
    "/a//b",
    "p://x/y",
    "x?y=1",
    "?a=",
    "schema=Reset",
    "VirtualDirectory",
    "SetObject",
    "ServerInfo",
    "autodiscover.json",
    "a b",
    "K\xc3\xa9vin",
    "kelvin\xe2\x84\xaa",
    "%u0041",
    "100%",
    "+x+",
    "\"quoted\"",
    "it''s",
    "HealthMailbox",
    "sqlmap/1",
    "python-requests",
    "POST",
    "GET",
    "whoami",
    "$",
    "/",
    "e",
    "Server~",
    "true",
    "nikto",
};

static const char *const WEB_FIELDS[] = {
    "cs-uri-stem", "cs-uri-query", "cs-uri",        "c-uri",
    "c-useragent", "cs-referer",   "cs-user-agent", "WebPath",
    "webpath",     "WebPath",      "WebPath",       "cs-uri",
    "cs-method",   "sc-status",    "cs-username",   "StaticResource",
    "HealthProbe", "DdiAction",    "DdiSchema",     "ClientAddress",
    "cafeReqId",   "RpsTokenUser", "Build",         "ClientAddressClass",
    "c-uri-query", "c-uri-stem",   "cs-cookie",     "Cs-Host"};
static const char *const EXCH_FIELDS[] = {"UrlStem",           "UrlQuery",
                                          "UserAgent",         "AnchorMailbox",
                                          "AnchorKind",        "AnchorPath",
                                          "AnchorHost",        "WebPath",
                                          "WebPath",           "AnchorPath",
                                          "HttpStatus",        "Method",
                                          "BackEndCookie",     "BackEndCookieServer",
                                          "BEVersion",         "GenericInfo",
                                          "AuthenticatedUser", "StaticResource",
                                          "HealthProbe",       "DdiAction",
                                          "DdiSchema",         "AnchorIsLoopback",
                                          "RpsTokenUser",      "Protocol",
                                          "AnchorAuthorityRaw"};

/* A round's rules and rows are about few things, so that they meet. */
static size_t first_word, about;

static struct str word(void)
{
    struct str w = words[(first_word + any((unsigned)about)) % n_words];
    if (one_in(3) && w.n > 4) { /* a part of it */
        size_t from = any((unsigned)(w.n / 2));
        w = str_part(w, from, w.n - any((unsigned)(w.n / 2 - 1)));
    }
    return w;
}

/* A scalar in single quotes. */
static void put_scalar(struct buf *b, struct str s)
{
    buf_add_cstr(b, "'");
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\'')
            buf_add_cstr(b, "''");
        else if (s.p[i] != '\n' && s.p[i] != '\r' && s.p[i] != '\0')
            buf_add(b, &s.p[i], 1);
    buf_add_cstr(b, "'");
}

static void put_regex(struct buf *b, struct str s)
{
    buf_add_cstr(b, "'(?i)");
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool plain = (c >= '0' && c <= '9') || (c | 32U) - 'a' < 26U || c == '/' || c >= 0x80;
        buf_addf(b, plain ? "%c" : "[%c]",
                 plain                                                        ? c
                 : c == '\'' || c == '^' || c == '\\' || c == ']' || c == '[' ? 'e'
                                                                              : c);
    }
    buf_add_cstr(b, one_in(2) ? "|zzz.*yyy'" : ".*'");
}

static void put_values(struct buf *b, bool regex)
{
    for (unsigned n = 1 + any(3); n > 0; n--) {
        buf_add_cstr(b, "      - ");
        if (regex)
            put_regex(b, word());
        else
            put_scalar(b, word());
        buf_add_cstr(b, "\n");
    }
}

static void put_item(struct buf *b, const char *field)
{
    static const char *const how[] = {"|contains",     "|startswith", "|endswith", "",
                                      "|contains|all", "|re",         "|contains"};
    const char *h = how[any(sizeof how / sizeof *how)];
    if (one_in(12))
        buf_addf(b, "    %s|contains: %u\n", field, any(600));
    else if (one_in(12))
        buf_addf(b, "    %s: %s\n", field, one_in(2) ? "null" : "200");
    else {
        buf_addf(b, "    %s%s:\n", field, h);
        put_values(b, strcmp(h, "|re") == 0);
    }
}

static void put_selection(struct buf *b, const char *name, bool web)
{
    buf_addf(b, "  %s:\n", name);
    if (one_in(4)) {
        for (unsigned n = 1 + any(3); n > 0; n--) {
            buf_add_cstr(b, "    - ");
            put_scalar(b, word());
            buf_add_cstr(b, "\n");
        }
        return;
    }
    const char *used = "";
    for (unsigned n = one_in(3) ? 2 : 1; n > 0; n--) {
        const char *field = web ? WEB_FIELDS[any(sizeof WEB_FIELDS / sizeof *WEB_FIELDS)]
                                : EXCH_FIELDS[any(sizeof EXCH_FIELDS / sizeof *EXCH_FIELDS)];
        if (strcmp(field, used) != 0)
            put_item(b, field);
        used = field;
    }
}

static struct ruleset *made_rules(bool web)
{
    static const char *const conditions[] = {"a",
                                             "a",
                                             "b",
                                             "c",
                                             "a and b",
                                             "a or b",
                                             "a and not b",
                                             "1 of them",
                                             "all of them",
                                             "(a or b) and c",
                                             "a and (b or c)",
                                             "a and not (b and c)",
                                             "2 of them"};
    struct ruleset *set = ruleset_new();
    struct buf b = buf_new(1 << 20);
    for (int i = 0; i < RULES; i++) {
        buf_addf(&b, "title: r%d\nstatus: test\nlevel: high\nlogsource: %s\ndetection:\n", i,
                 web ? "{category: webserver}" : "{product: exchange, service: httpproxy}");
        put_selection(&b, "a", web);
        put_selection(&b, "b", web);
        put_selection(&b, "c", web);
        buf_addf(&b, "  condition: %s\n---\n",
                 conditions[any(sizeof conditions / sizeof *conditions)]);
    }
    ruleset_add(set, STR("made"), STR(""), buf_str(&b));
    buf_free(&b);
    ruleset_freeze(set);
    return set;
}

/* --- rows --------------------------------------------------------------------------------------- */

static void put_escaped(struct buf *b, unsigned char c, unsigned twice)
{
    if (twice)
        buf_addf(b, one_in(2) ? "%%25%02x" : "%%25%02X", c);
    else if (one_in(8) && c < 0x80)
        buf_addf(b, "%%u%04x", c);
    else if (one_in(8) && (c == '/' || c == '\\'))
        buf_addf(b, "%%c%d%%%02x", c >= 0x40, 0x80 | (c & 0x3f));
    else
        buf_addf(b, one_in(2) ? "%%%02x" : "%%%02X", c);
}

/* A text as a client may write it. */
static void put_encoded(struct buf *b, struct str s, unsigned style)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (style == 1 && one_in(2))
            put_escaped(b, c, 0);
        else if (style == 2 && one_in(2))
            put_escaped(b, c, 1);
        else if (style == 3 && c == ' ')
            buf_add_cstr(b, "+");
        else if (style == 4 && c == '/')
            buf_add_cstr(b, one_in(2) ? "\\" : one_in(2) ? "//" : "/\\");
        else if (style == 5 && (c | 32U) - 'a' < 26U)
            buf_addf(b, "%c", one_in(2) ? c ^ 32 : c);
        else
            buf_addf(b, "%c", c < 0x20 ? '.' : c);
    }
}

static void put_text(struct buf *b, bool often)
{
    static const char *const plain[] = {"/owa/auth/logon.aspx",
                                        "a=1&b=2",
                                        "Mozilla/5.0+(X11)",
                                        "https://mail.example.com/owa/",
                                        "-",
                                        "CORP\\u1",
                                        "/"};
    if (!often || one_in(2))
        buf_add_cstr(b, plain[any(sizeof plain / sizeof *plain)]);
    for (unsigned n = often ? 1 + any(2) : any(6) / 5; n > 0; n--)
        put_encoded(b, word(), any(9));
}

static struct str cell(struct buf *b, char without, struct arena *arena)
{
    struct str s = arena_str(arena, buf_str(b));
    char *p = arena_alloc(arena, s.n + 1, 1);
    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] == without ? '_' : s.p[i];
    buf_clear(b);
    return (struct str){s.n ? p : "-", s.n ? s.n : 1};
}

static void put_iis(struct buf *out, struct arena *arena)
{
    static const char *const agents[] = {"AMProbe/Local", "Mozilla/5.0+(Windows+NT+10.0)", "-"};
    bool often = one_in(2);
    struct buf b = buf_new(1 << 16);
    buf_addf(out, "2021-03-03 06:%02u:%02u 10.0.0.5 %s /", any(60), any(60),
             one_in(2) ? "GET" : "POST");
    put_text(&b, often);
    buf_add_str(out, cell(&b, ' ', arena));
    for (int i = 0; i < 4; i++) {
        put_text(&b, often && one_in(3));
        buf_addf(out, " %.*s", STR_ARG(cell(&b, ' ', arena)));
        buf_add_cstr(out, i == 0 ? " 443" : i == 1 ? " 198.51.100.7" : "");
    }
    buf_addf(out, " %s %u 0 0 12\r\n", agents[any(3)], one_in(2) ? 200 : any(600));
    buf_free(&b);
}

static const char IIS_HEAD[] =
    "#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time s-ip "
    "cs-method "
    "cs-uri-stem cs-uri-query s-port cs-username c-ip cs(Referer) cs(Cookie) cs(User-Agent) "
    "sc-status sc-substatus sc-win32-status time-taken\r\n";

static const char PROXY_HEAD[] =
    "#Software: Microsoft Exchange Server\r\n#Log-type: HttpProxy Logs\r\n#Fields: "
    "DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,Protocol,"
    "UrlStem,AnchorMailbox,UserAgent,ClientIpAddress,ServerHostName,HttpStatus,Method,"
    "BackEndCookie,UrlQuery,GenericInfo,AuthenticatedUser\r\n";

static void put_cell(struct buf *out, struct buf *b, struct arena *arena)
{
    struct str s = cell(b, '\n', arena);
    if (!one_in(3) && (s.p == NULL || (!memchr(s.p, ',', s.n) && !memchr(s.p, '"', s.n)))) {
        buf_addf(out, ",%.*s", STR_ARG(s));
        return;
    }
    buf_add_cstr(out, ",\"");
    for (size_t i = 0; i < s.n; i++)
        buf_addf(out, s.p[i] == '"' ? "\"\"" : "%c", s.p[i]);
    buf_add_cstr(out, "\"");
}

static void put_proxy(struct buf *out, struct arena *arena)
{
    static const char *const anchors[] = {
        "Sid~S-1-5-21-1", "ServerInfo~a]@ex01.corp:444/ecp/proxylogon.ecp?#~1942062522",
        ("ServerInfo~localhost\\ecp/DDI/DDIService.svc/"
         "SetObject?schema=ResetOABVirtualDirectory"),
        "-", "serverinfo~burpcollaborator.net?x#~1"};
    static const char *const cookies[] = {"-", "Server~ex01.corp~19420",
                                          "rJqNiZqNgYc=", "jJqNiZqNgYc", "Database~1"};
    bool often = one_in(2);
    struct buf b = buf_new(1 << 16);
    buf_addf(out,
             "2021-03-03T06:%02u:%02u.125Z,7f0c2a1e-8e0b-4d0c-9a51-0d6bb1d3a4f%x,15,1,%u,2,Owa",
             any(60), any(60), any(16), 2176 + any(3));
    buf_add_cstr(&b, "/");
    put_text(&b, often);
    put_cell(out, &b, arena);
    buf_add_cstr(&b, anchors[one_in(4) ? any(5) : 0]);
    put_cell(out, &b, arena);
    put_text(&b, often);
    put_cell(out, &b, arena);
    buf_addf(out, ",%s,EX01,%u,%s", one_in(2) ? "198.51.100.7" : "[2001:db8::1]:443",
             one_in(2) ? 200 : any(600), one_in(2) ? "GET" : "POST");
    buf_add_cstr(&b, cookies[one_in(4) ? any(5) : 0]);
    put_cell(out, &b, arena);
    for (int i = 0; i < 3; i++) {
        put_text(&b, often && one_in(2));
        if (i == 1 && one_in(3))
            buf_add_cstr(&b, ";FEAuth=BEVersion-1942063431;S:X=1;'S:Y=a''''b'");
        if (i == 0 && one_in(9))
            buf_add_cstr(&b, "&X-Rps-CAT=VgEAVAdXaW5kb3dzQwBBCEtlcmJlcm9zTAZhQGIuY1U=");
        put_cell(out, &b, arena);
    }
    buf_add_cstr(out, "\r\n");
    buf_free(&b);
}

/* As Apache writes a value: quotes, backslashes and what is not ASCII escaped, or some of it. */
static void put_logged(struct buf *out, struct buf *b, struct arena *arena)
{
    struct str s = cell(b, '\n', arena);
    bool all = one_in(2);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || (c == '\\' && (all || one_in(2))))
            buf_addf(out, "\\%c", c);
        else if (c >= 0x80 && (all || one_in(2)))
            buf_addf(out, "\\x%02x", c);
        else
            buf_addf(out, "%c", c);
    }
}

static void put_ncsa(struct buf *out, struct arena *arena)
{
    static const char *const users[] = {"-", "CORP\\\\ann", "CORP\\bob", "eve"};
    bool often = one_in(2);
    struct buf b = buf_new(1 << 16);
    buf_addf(out, "198.51.100.7 - %s [03/Mar/2021:06:%02u:%02u +0000] \"%s /", users[any(4)],
             any(60), any(60), one_in(2) ? "GET" : "POST");
    put_text(&b, often);
    buf_add_str(&b, one_in(2) ? STR("?a=") : STR("x"));
    put_text(&b, often && one_in(2));
    put_logged(out, &b, arena);
    buf_addf(out, " HTTP/1.1\" %u 12 \"", one_in(2) ? 200 : 100 + any(500));
    put_text(&b, often && one_in(3));
    put_logged(out, &b, arena);
    buf_add_cstr(out, "\" \"");
    put_text(&b, often && one_in(3));
    put_logged(out, &b, arena);
    buf_add_cstr(out, "\"\n");
    buf_free(&b);
}

/* --- both ways ------------------------------------------------------------------------------------ */

static size_t passed, seen, found;

/* What is told of a passed row has to be what its fields would have told. */
static void check_passed(const struct log_row *row, const struct event *ev, struct arena *arena)
{
    struct decoded_events hidden;
    bool has = false;
    for (size_t i = 0; i < row->n_carriers; i++)
        has |= decode_row_has(row->carriers[i], arena);
    decode_event(ev, arena, &hidden);
    T_OK(has || (hidden.n == 0 && !hidden.cut));
    T_OK(ev->kind == EVENT_ACCESS || str_eq(row->client, event_text(ev, "ClientAddress")));
    T_OK(str_eq(row->build, event_text(ev, "Build")));
}

enum { KEPT = 256 };

static struct kept { /* an answer, of the log at hand */
    uint32_t wish;
    struct row_key key;
    bool may;
} kept[KEPT];
static size_t n_kept, again;

/* Rows with one key have one answer. */
static void check_key(uint32_t wish, const struct row_key *key, bool may)
{
    for (size_t i = 0; i < n_kept; i++)
        if (kept[i].wish == wish && kept[i].key.n == key->n &&
            memcmp(kept[i].key.bytes, key->bytes, key->n) == 0) {
            T_EQ(kept[i].may, may);
            again++;
            return;
        }
    if (n_kept < KEPT)
        kept[n_kept++] = (struct kept){wish, *key, may};
}

/* As detect_event does. */
static bool may_row(struct matcher *m, struct source *s, const struct event *head,
                    struct bytes row, struct arena *arena)
{
    if (!matcher_may_row(m, head, row))
        return false;
    const struct wish *wish = matcher_rest_wish(m);
    struct event some = *head;
    struct row_key key;
    bool narrow = !wish || one_in(4);
    bool sure = matcher_sure_row(m, row, narrow);
    if (narrow && !sure)
        return false;
    wish = matcher_rest_wish(m);
    if (!wish)
        return sure;
    source_fill_some(s, arena, &some, wish);
    bool may = matcher_may_rest(m, &some);
    if (!wish->timed && source_row_key(s, arena, wish, &key))
        check_key(wish->id, &key, may);
    return sure && may;
}

static void compare(const struct ruleset *set, struct str log, uint64_t seed)
{
    struct arena *arena = arena_new();
    struct arena *one = arena_new();
    struct matcher *fast = matcher_new(set);
    struct matcher *plain = matcher_new_plain(set);
    n_kept = 0;
    if (one_in(2))
        matcher_text(fast, str_bytes(log));
    struct source *s = source_open(str_bytes(log), format_sniff(str_bytes(log)), STR("x/y.log"),
                                   (struct span){.to = log.n}, arena);
    struct event ev = {0};
    struct span gap = {0};
    struct err err = {0};
    for (int got; (got = source_next(s, one, &ev, &gap, &err)) != 0; arena_reset(one)) {
        struct log_row row;
        if (got < 0)
            continue;
        seen++;
        bool has = source_row(s, one, &row);
        bool may = !has || may_row(fast, s, &ev, row.text, one);
        source_fill(s, one, &ev);
        const uint32_t *rules;
        size_t n = matcher_run(plain, &ev, &rules);
        found += n > 0;
        passed += !may;
        if (n && !may)
            printf("seed %" PRIu64 ", rule %s: %.*s\n", seed,
                   ruleset_get(set, rules[0])->title.p, STR_ARG(row.text));
        T_OK(n == 0 || may);
        if (has)
            check_passed(&row, &ev, one);
    }
    source_close(s);
    matcher_free(fast);
    matcher_free(plain);
    arena_free(one);
    arena_free(arena);
}

static struct str made_log(bool web, int rows, struct arena *arena)
{
    struct buf out = buf_new(64 << 20);
    bool ncsa = web && one_in(3);
    if (!ncsa)
        buf_add_cstr(&out, web ? IIS_HEAD : PROXY_HEAD);
    for (int i = 0; i < rows; i++) {
        if (ncsa)
            put_ncsa(&out, arena);
        else if (web)
            put_iis(&out, arena);
        else
            put_proxy(&out, arena);
    }
    struct str log = arena_str(arena, buf_str(&out));
    buf_free(&out);
    return log;
}

static void use_own_words(void)
{
    n_words = 0;
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        words[n_words++] = str_of(WORDS[i]);
}

static void no_row_of_made_rules_is_passed_that_matches(void)
{
    use_own_words();
    passed = seen = found = 0;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        state = seed * UINT64_C(0x9e3779b97f4a7c15);
        first_word = any((unsigned)n_words);
        about = 1 + any(5);
        struct arena *arena = arena_new();
        struct ruleset *set = made_rules(seed % 2);
        int rows = seed % 50 < 2 ? 10 * ROWS : ROWS; /* some are looked through in pieces */
        compare(set, made_log(seed % 2, rows, arena), seed);
        ruleset_free(set);
        arena_free(arena);
    }
    printf("    %zu rows, %zu matched, %zu passed over, %zu keys met again\n", seen, found,
           passed, again);
    T_OK(again > 0);
    T_OK(seen > ROUNDS * ROWS / 2 && found > seen / 20 && passed > seen / 100);
}

/* --- keys ----------------------------------------------------------------------------------------- */

/* Stem, anchor, cookie and info of rows that differ in one of them at least. */
static const char *const KEYED[][4] = {
    {"/a", "Sid~S-1", "Server~x~1", "FEAuth=BEVersion-1942063431"},
    {"/b", "Sid~S-1", "Server~x~1", "FEAuth=BEVersion-1942063431"},
    {"/a", "Sid~S-2", "Server~x~1", "FEAuth=BEVersion-1942063431"},
    {"/a", "Smtp~S-1", "Server~x~1", "FEAuth=BEVersion-1942063431"},
    {"/a", "", "Server~x~1", "FEAuth=BEVersion-1942063431"},
    {"/a", "Sid~S-1", "Server~y~1", "FEAuth=BEVersion-1942063431"},
    {"/a", "Sid~S-1", "", "FEAuth=BEVersion-1942063431"},
    {"/a", "Sid~S-1", "Server~x~1", "FEAuth=BEVersion-3"},
    {"/a", "Sid~S-1", "Server~x~1", "a=b;FEAuth=beversion-1942063431;c=d"},
    {"/a", "Sid~S-1", "Server~x~1", ""},
    {"/a", "~", "", "BEVersion-"},
    {"/a.js", "Sid~S-1", "Server~x~1", "FEAuth=BEVersion-1942063431"},
};

enum { KEYED_ROWS = sizeof KEYED / sizeof *KEYED };

static struct str fields_of(const struct event *ev, struct arena *arena)
{
    struct buf out = buf_new(1 << 16);
    for (size_t i = 0; i < ev->n; i++)
        buf_addf(&out, "%d %.*s=%.*s\n", (int)ev->fields[i].type, STR_ARG(ev->fields[i].name),
                 STR_ARG(ev->fields[i].value));
    struct str text = arena_str(arena, buf_str(&out));
    buf_free(&out);
    return text;
}

static void compare_keys(const struct wish *wish, struct str log, bool has)
{
    struct arena *arena = arena_new();
    struct source *s = source_open(str_bytes(log), format_sniff(str_bytes(log)), STR("x/y.log"),
                                   (struct span){.to = log.n}, arena);
    struct row_key keys[KEYED_ROWS];
    struct str fields[KEYED_ROWS];
    struct event ev = {0};
    struct span gap = {0};
    struct err err = {0};
    size_t n = 0;
    while (n < KEYED_ROWS && source_next(s, arena, &ev, &gap, &err) > 0) {
        T_EQ(source_row_key(s, arena, wish, &keys[n]), has);
        source_fill_some(s, arena, &ev, wish);
        fields[n++] = fields_of(&ev, arena);
    }
    T_EQ(n, KEYED_ROWS);
    for (size_t i = 0; has && i < n; i++)
        for (size_t k = 0; k < i; k++) {
            bool same =
                keys[i].n == keys[k].n && memcmp(keys[i].bytes, keys[k].bytes, keys[i].n) == 0;
            T_OK(!same || str_eq(fields[i], fields[k]));
            T_OK(same || wish->n > 1 || !str_eq(fields[i], fields[k]) || fields[i].n == 0);
        }
    source_close(s);
    arena_free(arena);
}

static void rows_of_one_key_have_the_same_fields(void)
{
    static const struct {
        struct str names[3];
        uint32_t n;
        bool has;
    } wishes[] = {{{{"BEVersion", 9}}, 1, true},
                  {{{"AnchorKind", 10}}, 1, true},
                  {{{"UrlStem", 7}}, 1, true},
                  {{{"BackEndCookieServer", 19}}, 1, true},
                  {{{"BEVersion", 9}, {"AnchorKind", 10}, {"UrlStem", 7}}, 3, true},
                  {{{"WebPath", 7}}, 1, true},
                  {{{"StaticResource", 14}, {"HealthProbe", 11}, {"AnchorKind", 10}}, 3, true},
                  {{{"ClientAddressClass", 18}, {"WebPath", 7}}, 2, true},
                  {{{"Build", 5}, {"BEVersion", 9}}, 2, false}};
    struct buf log = buf_new(1 << 16);
    buf_add_cstr(&log, PROXY_HEAD);
    for (size_t i = 0; i < KEYED_ROWS; i++)
        buf_addf(
            &log,
            "2021-03-03T06:00:00.125Z,7f0c2a1e-8e0b-4d0c-9a51-0d6bb1d3a4f0,15,1,2176,2,Owa,"
            "%s,%s,agent,198.51.100.7,EX01,200,GET,%s,,%s,\r\n",
            KEYED[i][0], KEYED[i][1], KEYED[i][2], KEYED[i][3]);
    for (uint32_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
        struct wish wish = {.names = wishes[i].names, .n = wishes[i].n, .id = i + 1};
        compare_keys(&wish, buf_str(&log), wishes[i].has);
    }
    buf_free(&log);
}

/* --- one by one ----------------------------------------------------------------------------------- */

/* Each row is matched, though what the rule asks for does not stand in its line. */
static void what_is_made_of_a_line_is_not_passed(void)
{
    static const struct {
        bool web;
        const char *item, *a, *b, *c;
    } cases[] = {
        {false, "UserAgent|contains: 'a\"b'", "\"x a\"\"b\"", "", ""},
        {false, "BackEndCookieServer: null", "x", "", ""},
        {false, "MajorVersion: 15", "x", "", ""},
        {false, "RpsTokenUser|contains: 'a'", "x",
         "?X-Rps-CAT=VgEAVAdXaW5kb3dzQwBBCEtlcmJlcm9zTANhQGJVAVM=", ""},
        {true, "cs-uri-stem|contains: '\xc3\xa9t'", "/\xe9t", "-", "-"},
        {true, "cs-uri-stem|contains: '\xc3\xa9t'", "/%C3%A9t", "-", "-"},
        {true, "cs-uri|contains: 'x?y=1'", "/x", "y=1", "-"},
        {true, "c-uri|endswith: '/x?y=1'", "/x", "%79=1", "-"},
        {true, "cs-uri-query|contains: 'x?y'", "/x", "y", "-"},
        {true, "WebPath|contains: 'p:/x'", "/p://x", "-", "-"},
        {true, "WebPath: '/a/b c'", "//A\\b+c", "-", "-"},
        {true, "WebPath: '/a/b c'", "/a%2f/b%20c", "-", "-"},
        {true, "StaticResource: 'true'", "/a.%6as", "-", "-"},
        {true, "HealthProbe: 'true'", "/a", "-", "AMProbe/Local"},
        {true, "DdiSchema|startswith: 'Reset'", "/ecp/DDI/DDIService.svc/SetObject",
         "schema=Reset1", "-"},
        {true, "cs-user-agent|contains: 'a b'", "/a", "-", "a+b"},
        {true, "cs-uri-query|contains: '<script>'", "/a", "a=%253Cscript%253e", "-"},
        {true, "cs-uri-stem|contains: '../'", "/..%c0%afx", "-", "-"},
        {true, "cs-uri-stem|neq: 'zzz'", "/a", "-", "-"},
        {true, "ClientAddressClass|contains: 'o'", "/a", "-", "-"},
        {true, "cs-method|cased: 'GET'", "/a", "-", "-"},
        {true, "cs-username: null", "/a", "-", "-"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct ruleset *set = ruleset_new();
        ruleset_add(set, STR("made"), STR(""),
                    arena_printf(arena,
                                 "title: r\nstatus: test\nlevel: high\nlogsource: %s\n"
                                 "detection:\n  a:\n    %s\n  condition: a\n",
                                 cases[i].web ? "{category: webserver}"
                                              : "{product: exchange, service: httpproxy}",
                                 cases[i].item));
        ruleset_freeze(set);
        struct buf log = buf_new(1 << 16);
        if (cases[i].web)
            buf_addf(&log,
                     "%s2021-03-03 06:00:00 10.0.0.5 GET %s %s 443 - 198.51.100.7 - - %s 200 0 "
                     "0 1\r\n",
                     IIS_HEAD, cases[i].a, cases[i].b, cases[i].c);
        else {
            buf_add_cstr(&log, PROXY_HEAD);
            buf_addf(
                &log,
                "2021-03-03T06:00:00.125Z,7f0c2a1e-8e0b-4d0c-9a51-0d6bb1d3a4f1,15,1,2176,2,"
                "Owa,/x,Sid~1,%s,192.0.2.1,EX01,200,GET,,%s,%s,u\r\n",
                cases[i].a, cases[i].b, cases[i].c);
        }
        found = 0;
        compare(set, buf_str(&log), i);
        if (found != 1)
            printf("    case %zu: %s\n", i, cases[i].item);
        T_EQ(found, 1);
        buf_free(&log);
        ruleset_free(set);
        arena_free(arena);
    }
}

/* --- other people's rules -------------------------------------------------------------------------- */

/* The scalars of a rule are what its rows are made of. */
static void take_words(struct str text)
{
    for (size_t at = 0; at < text.n;) {
        size_t to = str_find(text, STR("\n"), at);
        to = to < text.n ? to : text.n;
        struct str line = str_trim(str_part(text, at, to));
        at = to + 1;
        size_t colon = str_find(line, STR(": '"), 0);
        if (colon < line.n)
            line = str_part(line, colon + 2, line.n);
        else if (str_starts(line, STR("- ")))
            line = str_part(line, 2, line.n);
        else
            continue;
        while (line.n && (line.p[0] == '\'' || line.p[0] == '"' || line.p[0] == '*'))
            line = str_part(line, 1, line.n);
        while (line.n && strchr("'\"*", line.p[line.n - 1]))
            line.n--;
        if (line.n > 0 && line.n < 200 && n_words < WORDS_MAX)
            words[n_words++] = arena_str(keep, line);
    }
}

static void add_folder(struct ruleset *set, const char *corpora, const char *below)
{
    struct dir_list list = {0};
    struct err err = {0};
    struct str path = arena_printf(keep, "%s/sigma/%s", corpora, below);
    if (dir_walk(path.p, 0, keep, &list, &err) < 0)
        return;
    for (size_t i = 0; i < list.n; i++) {
        struct file_map map = {0};
        if (!str_iends(list.entries[i].path, STR(".yml")) ||
            file_map(list.entries[i].path.p, &map, &err) < 0)
            continue;
        struct str text = {(const char *)map.bytes.p, map.bytes.n};
        if (str_find(text, STR("category: webserver"), 0) < text.n) {
            ruleset_add(set, list.entries[i].path, STR(""), text);
            take_words(text);
        }
        file_unmap(&map);
    }
}

static void no_row_of_sigmahq_is_passed_that_matches(void)
{
    const char *corpora = getenv("ASSAY_CORPORA");
    if (!corpora)
        return;
    struct ruleset *set = ruleset_new();
    n_words = 0;
    add_folder(set, corpora, "rules");
    add_folder(set, corpora, "rules-emerging-threats");
    add_folder(set, corpora, "rules-threat-hunting");
    ruleset_freeze(set);
    if (n_words == 0) {
        ruleset_free(set);
        return;
    }
    passed = seen = found = 0;
    about = n_words;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        state = seed * UINT64_C(0x9e3779b97f4a7c15);
        struct arena *arena = arena_new();
        compare(set, made_log(true, 600, arena), seed);
        arena_free(arena);
    }
    printf("    %zu rows, %zu matched, %zu passed over\n", seen, found, passed);
    T_OK(found > seen / 50 && passed > seen / 4);
    ruleset_free(set);
}

int main(void)
{
    keep = arena_new();
    T_RUN(no_row_of_made_rules_is_passed_that_matches);
    T_RUN(rows_of_one_key_have_the_same_fields);
    T_RUN(what_is_made_of_a_line_is_not_passed);
    T_RUN(no_row_of_sigmahq_is_passed_that_matches);
    arena_free(keep);
    return t_done();
}
