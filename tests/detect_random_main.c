/* detect_random_main.c - what is told of made logs with the fast engine, its looks at lines and the
 * verdicts it remembers, against what the plain one tells: signal by signal the same.
 *
 * detect_random ROUNDS [SEEDS]   SEEDS: a file of numbers, tried first
 *   Each round makes some rules and one log in which most records are nearly the same.
 *   ASSAY_ENGINE_ROUNDS, ASSAY_ENGINE_SEED for more; with ASSAY_ENGINE_KEEP, a file, the log of
 *   the first difference is written there.
 */
#include "detect/detect.h"
#include "detect/signal.h"
#include "made_rules.h"
#include "random_rounds.h"
#include "unit/evtx_t.h"

enum {
    RULES = 10, /* of a round */
    ROWS = 150, /* of a log */
    COLUMNS = 10,
    CHOICES = 3, /* of values for a column */
    TOLD_MAX = 3,
};

/* ---- text logs ---- */

static const char *const iis_columns[] = {"date",           "time",           "s-ip",
                                          "cs-method",      "cs-uri-stem",    "cs-uri-query",
                                          "s-port",         "cs-username",    "c-ip",
                                          "cs(User-Agent)", "cs(Referer)",    "sc-status",
                                          "sc-substatus",   "s-computername", "s-sitename",
                                          "cs-uri",         "cs(Host)",       "cs(Cookie)",
                                          "cs-uri-stem",    "C-IP",           "x-forwarded-for",
                                          "ComputerName",   "sc-win32-status"};

static const char *const iis_names[] = {
    "cs-uri-stem",    "cs-uri-query",    "c-uri",       "c-ip",           "cs-method",
    "sc-status",      "cs-username",     "WebPath",     "StaticResource", "HealthProbe",
    "DdiAction",      "DdiSchema",       "cafeReqId",   "ClientAddress",  "ClientAddressClass",
    "cs-uri",         "s-port",          "cs-host",     "ComputerName",   "Computer",
    "s-computername", "cs-user-agent",   "c-useragent", "cs-referer",     "s-sitename",
    "time",           "X-Forwarded-For", "cs-cookie",   "sc-substatus"};

static const char *const web_sources[] = {
    "{category: webserver}", "{product: windows, service: iis}", "{category: webserver}"};

static const char *const web_values[] = {"-",
                                         "/ecp/y.js",
                                         "/owa/auth/a.aspx",
                                         "/a//b/%61b.aspx",
                                         "/ecp/DDI/DDIService.svc/SetObject",
                                         "schema=ab&workflow=ba",
                                         "cafeReqId=0f8fad5b-d9cb-469f-a165-70867728950e",
                                         "a=%2561b+c&x=YWJhYmFiYWJhYmFiYWI=",
                                         "POST",
                                         "GET",
                                         "200",
                                         "241",
                                         "443",
                                         "444",
                                         "W3SVC2",
                                         "W3SVC1",
                                         "AMProbe/Local",
                                         "HealthMailbox1",
                                         "10.1.2.3",
                                         "192.0.2.7:443",
                                         "fe80::1%3",
                                         "EX01",
                                         "EX02",
                                         "a\xff\xfe",
                                         "\xc3\xa4"};

enum { FEW = 5 };

/* A round's own: the same stand in many columns, and rules ask for them. */
static const char *few[FEW];
static const char *few_names[FEW];

static void choose_few(struct random *r, const char *const *values, size_t n,
                       const char *const *names, size_t n_names)
{
    for (size_t i = 0; i < FEW; i++) {
        few[i] = one_of(r, values, n);
        few_names[i] = one_of(r, names, n_names);
    }
}

static struct str cell_of(struct random *r, struct arena *arena)
{
    if (below(r, 8))
        return str_of(ONE_OF(r, few));
    return below(r, 3) ? str_of(ONE_OF(r, web_values)) : text_of(r, arena, 4);
}

struct table { /* the columns of a log now, and the values that each may have */
    const char *names[COLUMNS];
    struct str values[COLUMNS][CHOICES];
    size_t n;
};

static void make_table(struct random *r, struct arena *arena, struct table *t,
                       const char *const *columns, size_t n)
{
    t->n = 1 + below(r, COLUMNS);
    for (size_t i = 0; i < t->n; i++) {
        t->names[i] = one_of(r, columns, n);
        if (below(r, 8) == 0)
            t->names[i] = ONE_OF(r, few_names);
        for (size_t k = 0; k < CHOICES; k++)
            t->values[i][k] = below(r, 6) ? cell_of(r, arena) : STR("");
    }
}

/* Most rows take the first value of a column. */
static struct str choice(struct random *r, const struct table *t, size_t column)
{
    return t->values[column][below(r, 3) ? 0 : below(r, CHOICES)];
}

static void put_w3c_cell(struct random *r, struct buf *out, const struct table *t, size_t i)
{
    struct str v = choice(r, t, i);
    if (strcmp(t->names[i], "date") == 0)
        v = STR("2021-03-02");
    else if (strcmp(t->names[i], "time") == 0)
        v = below(r, 2) ? STR("10:00:00") : STR("23:00:01");
    if (v.n == 0)
        v = STR("-");
    for (size_t k = 0; k < v.n; k++)
        buf_add_char(out, v.p[k] == ' ' || v.p[k] == '\n' ? '+' : v.p[k]);
}

static void w3c_log(struct random *r, struct arena *arena, struct buf *out)
{
    struct table t = {0};
    buf_add_str(out, STR("#Software: Microsoft Internet Information Services 8.5\r\n"));
    for (size_t i = 0; i < ROWS; i++) {
        if (i == 0 || below(r, 40) == 0) {
            make_table(r, arena, &t, iis_columns, sizeof iis_columns / sizeof *iis_columns);
            buf_add_str(out, STR("#Fields:"));
            for (size_t k = 0; k < t.n; k++)
                buf_addf(out, " %s", t.names[k]);
            buf_add_str(out, STR("\r\n"));
        }
        size_t n = below(r, 30) ? t.n : below(r, COLUMNS) + 1;
        for (size_t k = 0; k < n; k++) {
            buf_add_str(out, k ? STR(" ") : STR(""));
            if (k < t.n)
                put_w3c_cell(r, out, &t, k);
            else
                buf_add_str(out, STR("ab"));
        }
        buf_add_str(out, STR("\r\n"));
    }
}

static const char *const proxy_columns[] = {
    "DateTime",        "RequestId",   "MajorVersion",    "MinorVersion",   "BuildVersion",
    "RevisionVersion", "Protocol",    "UrlHost",         "UrlStem",        "AuthenticatedUser",
    "AnchorMailbox",   "UserAgent",   "ClientIpAddress", "ServerHostName", "HttpStatus",
    "BackEndStatus",   "Method",      "TargetServer",    "RoutingHint",    "BackEndCookie",
    "UrlQuery",        "GenericInfo", "GenericErrors",   "UrlStem",        "urlstem"};

static const char *const proxy_names[] = {
    "UrlStem",     "UrlQuery",      "AnchorMailbox",       "AnchorKind", "AnchorHost",
    "AnchorPath",  "BEVersion",     "BackEndCookieServer", "HttpStatus", "BackEndStatus",
    "UserAgent",   "WebPath",       "HealthProbe",         "Method",     "ClientAddress",
    "GenericInfo", "RoutingHint",   "ServerHostName",      "Build",      "BackEndCookie",
    "Column3",     "GenericErrors", "ClientIpAddress",     "DdiAction",  "RequestGuid"};

static const char *const proxy_sources[] = {"{product: exchange, service: httpproxy}",
                                            "{product: exchange, service: httpproxy}",
                                            "{category: webserver}"};

static const char *const proxy_values[] = {
    "ServerInfo~localhost/ecp/default.flt?",
    "ServerInfo~a]@EX01.ab:444/autodiscover/autodiscover.xml?#",
    "Sid~S-1-5-18",
    "Smtp~a@ab",
    "ab~",
    "~",
    "FEAuth=BEVersion-1942063431",
    "beversion-3;FEAuth=BEVersion-1942062522",
    "X-BEResource-Cookie",
    "Server~EX01~1942062522",
    "rJqNiZqNgbqnz87Rnp0=",
    "a,b",
    "a\"b",
    "a\"\"b"};

static void put_csv_cell(struct buf *out, struct str v)
{
    bool quote = v.n && (memchr(v.p, ',', v.n) || memchr(v.p, '"', v.n));
    buf_add_str(out, quote ? STR("\"") : STR(""));
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, v.p[i] == '\n' ? ' ' : v.p[i]);
    }
    buf_add_str(out, quote ? STR("\"") : STR(""));
}

static void proxy_header(struct random *r, struct arena *arena, struct table *t,
                         struct buf *out)
{
    make_table(r, arena, t, proxy_columns, sizeof proxy_columns / sizeof *proxy_columns);
    for (size_t i = 0; i < t->n; i++)
        for (size_t k = 0; k < CHOICES; k++)
            if (below(r, 4) == 0)
                t->values[i][k] = str_of(ONE_OF(r, proxy_values));
    t->names[0] = "DateTime";
    buf_add_str(out, STR("#Software: Microsoft Exchange Server\r\n#Version: 15.01.2106.002\r\n"
                         "#Log-type: HttpProxy Logs\r\n#Date: 2021-03-02T10:00:00Z\r\n"
                         "#Fields: "));
    for (size_t k = 0; k < t->n; k++)
        buf_addf(out, "%s%s", k ? "," : "", t->names[k]);
    buf_add_str(out, STR("\r\n"));
}

static void proxy_log(struct random *r, struct arena *arena, struct buf *out)
{
    struct table t = {0};
    for (size_t i = 0; i < ROWS; i++) {
        if (i == 0 || below(r, 40) == 0)
            proxy_header(r, arena, &t, out);
        buf_addf(out, "2021-03-02T10:%02u:00.000Z", (unsigned)(i % 60));
        size_t n = below(r, 30) ? t.n : below(r, COLUMNS) + 1;
        for (size_t k = 1; k < n; k++) {
            buf_add_str(out, STR(","));
            put_csv_cell(out, k < t.n ? choice(r, &t, k) : STR("ab"));
        }
        buf_add_str(out, STR("\r\n"));
    }
}

static void ncsa_log(struct random *r, struct arena *arena, struct buf *out)
{
    struct table t = {0};
    static const char *const none[] = {""};
    make_table(r, arena, &t, none, 1);
    t.n = 8;
    for (size_t i = 0; i < t.n; i++)
        for (size_t k = 0; k < CHOICES; k++) {
            struct str v = t.values[i][k].n ? t.values[i][k] : cell_of(r, arena);
            char *p = ARENA_ARRAY(arena, char, v.n + 1);
            for (size_t c = 0; c < v.n; c++)
                p[c] = v.p[c] == ' ' || v.p[c] == '\n' || v.p[c] == '"' ? '+' : v.p[c];
            t.values[i][k] = v.n ? (struct str){p, v.n} : STR("-");
        }
    for (size_t i = 0; i < ROWS; i++) {
        struct str c[8];
        for (size_t k = 0; k < t.n; k++)
            c[k] = choice(r, &t, k);
        buf_addf(out,
                 "%.*s - %.*s [02/Mar/2021:10:%02u:00 +0000] \"GET /%.*s?%.*s HTTP/1.1\" %u "
                 "%u \"%.*s\" \"%.*s%s\"\n",
                 STR_ARG(c[0]), STR_ARG(c[1]), (unsigned)(i % 60), STR_ARG(c[2]), STR_ARG(c[3]),
                 200 + (unsigned)below(r, 3), (unsigned)below(r, 3), STR_ARG(c[4]),
                 STR_ARG(c[5]), below(r, 8) ? "" : "\\x41\\\"");
    }
}

/* ---- event logs ---- */

static const char *const data_names[] = {"F",
                                         "G",
                                         "f",
                                         "F G",
                                         "Image",
                                         "User",
                                         "ProcessId",
                                         "NewProcessName",
                                         "Data",
                                         "CommandLine",
                                         "ParentImage",
                                         "ParentCommandLine",
                                         "TargetFilename",
                                         "ObjectName",
                                         "EventID",
                                         "Computer",
                                         "ScriptBlockText",
                                         "Hashes"};

static const char *const event_names[] = {"F",
                                          "G",
                                          "f",
                                          "F G",
                                          "Image",
                                          "User",
                                          "ProcessId",
                                          "PidNumber",
                                          "Data",
                                          "CommandLine",
                                          "ParentImage",
                                          "AppPool",
                                          "WebPath",
                                          "CompiledPage",
                                          "ImageName",
                                          "Provider_Name",
                                          "Computer",
                                          "EventID",
                                          "Channel",
                                          "Qualifiers",
                                          "EventID_Qualifiers",
                                          "TimeCreated",
                                          "Level",
                                          "TargetFilename",
                                          "Hashes",
                                          "ParentImageName",
                                          "EventRecordID"};

static const char *const event_sources[] = {
    "{product: windows}", "{product: windows, service: security}",
    "{product: windows, category: process_creation}", "{product: windows, service: sysmon}"};

static const char *const event_values[] = {"a", "ab",     "abab", "0x1",
                                           "1", "C:\\ab", "-a",   "EX01"};

enum {
    VALUES_MOST = 8, /* of a template */
    TEMPLATES = 5,
    RECORDS = 60,
};
static const uint64_t HOUR = UINT64_C(36000000000);

struct made_template {
    uint32_t id;
    uint64_t seed;     /* of what it is made of; some share it, and differ in little */
    size_t definition; /* where it stands; 0: nowhere yet */
    size_t values;
};

struct making {
    struct random *r;
    struct random own; /* the template's */
};

/* Mostly what another template of the same seed has here, too. */
static size_t pick(struct making *m, size_t n)
{
    size_t v = below(&m->own, n);
    return below(m->r, 12) ? v : below(m->r, n);
}

#define PICK_OF(m, list) list[pick(m, sizeof(list) / sizeof *(list))]

/* How the parts of one element's text stand in the template. */
static void put_parts(struct making *m, struct builder *b, size_t values)
{
    for (size_t n = pick(m, 5) ? 1 : pick(m, 4); n > 0; n--) {
        if (pick(m, 5) == 0) {
            const char *text = PICK_OF(m, pieces);
            put(b, 0x05, 1);
            put(b, 0x01, 1);
            put(b, strlen(text), 2);
            put_chars(b, text);
            continue;
        }
        put(b, pick(m, 3) ? 0x0e : 0x0d, 1);
        put(b, pick(m, values), 2);
        put(b, pick(m, 2) ? 0x01 : 0x08, 1);
    }
}

/* <Data Name="x">...</Data>, or <x>...</x> */
static void put_datum(struct making *m, struct builder *b, size_t values)
{
    const char *name = pick(m, 3) ? PICK_OF(m, few_names) : PICK_OF(m, data_names);
    bool attribute = pick(m, 2) != 0;
    if (strchr(name, ' '))
        attribute = true;
    put(b, attribute ? 0x41 : 0x01, 1);
    put(b, 0xffff, 2);
    put(b, 0, 4);
    put_name(b, attribute ? "Data" : name);
    if (attribute) {
        put(b, 0, 4); /* the list's size is not used */
        put(b, 0x06, 1);
        put_name(b, "Name");
        put(b, 0x05, 1);
        put(b, 0x01, 1);
        put(b, strlen(name), 2);
        put_chars(b, name);
    }
    put(b, 0x02, 1);
    put_parts(m, b, values);
    put(b, 0x04, 1);
}

static void put_text(struct builder *b, const char *name, const char *text)
{
    open_tag(b, name);
    put(b, 0x05, 1);
    put(b, 0x01, 1);
    put(b, strlen(text), 2);
    put_chars(b, text);
    put(b, 0x04, 1);
}

static void put_system(struct making *m, struct builder *b)
{
    open_tag(b, "System");
    value_in(b, "EventID", 0, 0x06);
    if (pick(m, 4))
        put_text(b, "Channel", pick(m, 2) ? "Security" : "SECURITY");
    else
        put_text(b, "Channel", "Microsoft-Windows-Sysmon/Operational");
    value_in(b, "Computer", 1, 0x01);
    if (pick(m, 2))
        put_text(b, "Level", pick(m, 2) ? "4" : "2");
    put(b, 0x04, 1);
}

static void put_definition(struct random *r, struct builder *b, struct made_template *t)
{
    struct making m = {r, {t->seed, NULL}};
    t->definition = b->n + 4;
    put(b, t->definition, 4);
    put(b, 0, 4);
    put(b, t->id, 4);
    put(b, 0, 8);
    put(b, 0, 4);
    size_t size_at = b->n;
    put(b, 0, 4);
    put(b, 0x0001010f, 4);
    open_tag(b, "Event");
    put_system(&m, b);
    open_tag(b, pick(&m, 4) ? "EventData" : "UserData");
    for (size_t n = 1 + pick(&m, 5); n > 0; n--)
        put_datum(&m, b, t->values);
    put(b, 0x0404, 2);
    put(b, 0x00, 1);
    patch(b, size_at, b->n - size_at - 4, 4);
}

struct made_value {
    uint8_t type;
    uint8_t n;
    uint8_t bytes[64];
};

static void make_value(struct random *r, struct made_value *v)
{
    static const uint8_t types[] = {0x01, 0x01, 0x01, 0x01, 0x00, 0x02, 0x08,
                                    0x04, 0x81, 0x0f, 0x14, 0x06, 0x0d, 0x21};
    static const uint8_t sizes[256] = {
        [0x08] = 4, [0x04] = 1, [0x0f] = 16, [0x14] = 4, [0x06] = 2, [0x0d] = 4};
    v->type = types[below(r, sizeof types)];
    v->n = sizes[v->type];
    for (size_t i = 0; i < v->n; i++)
        v->bytes[i] = (uint8_t)below(r, 3);
    bool wide = v->type == 0x01 || v->type == 0x81;
    if (!wide && v->type != 0x02)
        return;
    for (size_t parts = below(r, 5) ? 1 : below(r, 3); parts > 0; parts--) {
        const char *p = below(r, 4) ? ONE_OF(r, few) : ONE_OF(r, pieces);
        for (; *p && v->n + 2U <= sizeof v->bytes; p++) {
            v->bytes[v->n++] = (uint8_t)*p;
            if (wide)
                v->bytes[v->n++] = 0;
        }
        if (v->type == 0x81 && v->n + 2U <= sizeof v->bytes) {
            v->bytes[v->n++] = 0;
            v->bytes[v->n++] = 0;
        }
    }
}

/* The same bytes as another type. */
static void make_twin(struct random *r, const struct made_value *of, struct made_value *v)
{
    static const uint8_t texts[] = {0x01, 0x02, 0x81, 0x0e};
    static const uint8_t fours[] = {0x08, 0x14, 0x07, 0x0b};
    *v = *of;
    v->type = of->n == 4 ? fours[below(r, sizeof fours)] : texts[below(r, sizeof texts)];
}

static void put_made_values(struct random *r, struct builder *b,
                            struct made_value (*values)[CHOICES], size_t n)
{
    static const uint16_t ids[] = {4688, 1, 4624, 1};
    const struct made_value *given[VALUES_MOST] = {0};
    struct made_value id = {.type = 0x06, .n = 2};
    uint16_t number = ids[below(r, 4) ? 0 : below(r, 4)];
    id.bytes[0] = (uint8_t)number;
    id.bytes[1] = (uint8_t)(number >> 8);
    if (below(r, 40) == 0)
        n = 2; /* the others are missing */
    for (size_t i = 0; i < n; i++)
        given[i] = i ? &values[i][below(r, 3) ? 0 : below(r, CHOICES)] : &id;
    put(b, n, 4);
    for (size_t i = 0; i < n; i++) {
        put(b, given[i]->n, 2);
        put(b, given[i]->type, 2);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < given[i]->n; k++)
            put(b, given[i]->bytes[k], 1);
}

static void event_log(struct random *r, struct arena *arena, struct buf *out)
{
    struct builder *b = ARENA_NEW(arena, struct builder);
    struct made_template t[TEMPLATES] = {0};
    struct made_value values[VALUES_MOST][CHOICES];
    memset(values, 0, sizeof values);
    for (size_t i = 0; i < VALUES_MOST; i++)
        for (size_t k = 0; k < CHOICES; k++)
            if (k == 0 || below(r, 3))
                make_value(r, &values[i][k]);
            else
                make_twin(r, &values[i][0], &values[i][k]);
    for (size_t i = 0; i < TEMPLATES; i++) {
        t[i].id = 0x1000 + (uint32_t)below(r, 1000) * 16 + (uint32_t)i;
        t[i].seed = i % 2 ? t[i - 1].seed : next(r) | 1;
        t[i].values = i % 2 ? t[i - 1].values : 3 + below(r, VALUES_MOST - 2);
    }
    start_chunk(b);
    for (uint64_t id = 1; id <= RECORDS * 2 && b->n < sizeof b->p - 8192; id++) {
        struct made_template *of = &t[below(r, TEMPLATES)];
        size_t at = start_record(b, id);
        patch(b, at + 16, UINT64_C(0x01d415586e15d29b) + below(r, 3) * HOUR, 8);
        put(b, 0x010c, 2);
        put(b, of->id, 4);
        if (of->definition == 0)
            put_definition(r, b, of);
        else
            put(b, of->definition, 4);
        put_made_values(r, b, values, of->values);
        end_record(b, at);
    }
    patch(b, 48, b->n, 4);
    enum { HEADER = 4096 };
    char header[HEADER] = "ElfFile";
    header[32] = (char)128;
    header[36] = 1;
    header[38] = 3;
    header[41] = 0x10;
    header[42] = 1;
    buf_add(out, header, sizeof header);
    buf_add(out, (const char *)b->p, sizeof b->p);
}

/* ---- comparing ---- */

#define LIST(a) a, sizeof(a) / sizeof *(a)

static const struct made_log {
    enum format format;
    const char *path;
    void (*make)(struct random *r, struct arena *arena, struct buf *out);
    struct made_names names;
    const char *const *values; /* that stand in it often */
    size_t n_values;
} logs[] = {
    {FORMAT_IIS_W3C,
     "C/inetpub/logs/LogFiles/W3SVC1/u_ex210302.log",
     w3c_log,
     {LIST(web_sources), LIST(iis_names)},
     LIST(web_values)},
    {FORMAT_HTTPPROXY,
     "HttpProxy_2021030210-1.LOG",
     proxy_log,
     {LIST(proxy_sources), LIST(proxy_names)},
     LIST(proxy_values)},
    {FORMAT_NCSA,
     "access.log",
     ncsa_log,
     {LIST(web_sources), LIST(iis_names)},
     LIST(web_values)},
    {FORMAT_EVTX,
     "Security.evtx",
     event_log,
     {LIST(event_sources), LIST(event_names)},
     LIST(event_values)},
};

static const char *field_of(struct random *r, const struct made_log *log)
{
    return below(r, 4) ? ONE_OF(r, few_names)
                       : one_of(r, log->names.fields, log->names.n_fields);
}

static struct str item_of(struct random *r, struct arena *arena, const struct made_log *log)
{
    static const char *const manners_here[] = {"", "", "|contains", "|startswith", "|endswith"};
    static const char *const others[] = {"null", "''", "1", "200"};
    struct str value = quoted(str_of(ONE_OF(r, few)), arena);
    if (below(r, 8) == 0)
        return arena_printf(arena, "\"%s\": %s", field_of(r, log), ONE_OF(r, others));
    return arena_printf(arena, "\"%s%s\": %.*s", field_of(r, log), ONE_OF(r, manners_here),
                        STR_ARG(value));
}

/* A rule of which some part stands in many records, and all of it in few: these are looked at
 * by their fields, and remembered. */
static struct str near_rule(struct random *r, struct arena *arena, const struct made_log *log,
                            size_t number)
{
    static const char *const how[] = {"s0 and s1", "s0 and s1", "s0 and not s1", "s0"};
    return arena_printf(arena,
                        "title: t%zu\nid: %zu\nlogsource: %s\ndetection:\n  condition: %s\n"
                        "  s0: {%.*s}\n  s1: {%.*s}\n",
                        number, number, one_of(r, log->names.sources, log->names.n_sources),
                        ONE_OF(r, how), STR_ARG(item_of(r, arena, log)),
                        STR_ARG(item_of(r, arena, log)));
}

/* What is told of a log, twice over: what was learned the first time is known the second. */
static uint64_t told_of(const struct made_log *log, const struct ruleset *set, bool fast,
                        struct bytes file, struct buf *out)
{
    struct arena *arena = arena_new();
    struct detect_config config = {.rules = set, .from = INSTANT_NONE, .to = INSTANT_NONE};
    struct err err = {0};
    uint64_t events = 0;
    struct matcher *matcher = fast ? matcher_new(set) : matcher_new_plain(set);
    if (detect_config_init(&config, arena, &err) < 0) {
        printf("%s\n", err.msg);
        exit(2);
    }
    for (int turn = 0; turn < 2; turn++) {
        struct arena *one = arena_new();
        struct event ev;
        struct span gap;
        struct source *s = source_open(file, log->format, str_of(log->path),
                                       (struct span){.to = file.n}, arena);
        struct detect *d = detect_new(&config, matcher, file, arena, out);
        for (int got; (got = source_next(s, one, &ev, &gap, &err)) != 0; arena_reset(one))
            if (got > 0) {
                detect_event(d, s, &ev, one);
                events++;
            }
        detect_end(d);
        source_close(s);
        arena_free(one);
    }
    matcher_free(matcher);
    arena_free(arena);
    return events;
}

static uint64_t matches_in(struct bytes told, const struct ruleset *set)
{
    struct arena *arena = arena_new();
    struct cur in = cur_of(told, 0);
    struct err err = {0};
    struct signal s;
    uint64_t n = 0;
    (void)set;
    while (signal_read(&in, arena, &s, &err) > 0)
        n += s.type == SIGNAL_HIT;
    arena_free(arena);
    return n;
}

/* The first signals that differ. */
static void tell(struct bytes plain, struct bytes fast, const struct ruleset *set)
{
    struct arena *arena = arena_new();
    struct cur in[2] = {cur_of(plain, 0), cur_of(fast, 0)};
    struct err err = {0};
    struct signal s[2];
    int got[2] = {1, 1};
    for (size_t told = 0; told < 4 && (got[0] > 0 || got[1] > 0);) {
        for (int i = 0; i < 2; i++)
            got[i] = got[i] > 0 ? signal_read(&in[i], arena, &s[i], &err) : got[i];
        if (got[0] > 0 && got[1] > 0 && s[0].type == s[1].type &&
            (s[0].type != SIGNAL_HIT ||
             (s[0].hit.rule == s[1].hit.rule && s[0].hit.offset == s[1].hit.offset)))
            continue;
        for (int i = 0; i < 2; i++)
            if (got[i] > 0 && s[i].type == SIGNAL_HIT)
                printf("  %s: rule %u (%.*s) at %" PRIu64 "\n", i ? "fast" : "plain",
                       (unsigned)s[i].hit.rule, STR_ARG(ruleset_get(set, s[i].hit.rule)->title),
                       s[i].hit.offset);
            else
                printf("  %s: %s %d\n", i ? "fast" : "plain", got[i] > 0 ? "signal" : "end",
                       got[i] > 0 ? (int)s[i].type : 0);
        told += 4;
    }
    arena_free(arena);
}

static void keep_log(struct bytes file)
{
    const char *path = getenv("ASSAY_ENGINE_KEEP");
    FILE *f = path ? fopen(path, "wb") : NULL;
    if (f) {
        (void)fwrite(file.p, 1, file.n, f);
        (void)fclose(f);
    }
}

static void round_of(uint64_t seed, struct tally *t)
{
    struct random r = {seed * UINT64_C(0x9e3779b97f4a7c15) | 1, NULL};
    const struct made_log *log = &logs[below(&r, sizeof logs / sizeof *logs)];
    struct arena *arena = arena_new();
    struct ruleset *set = ruleset_new();
    struct str texts[RULES];
    struct buf file = buf_new(1 << 20);
    struct buf told[2] = {buf_new(64 << 20), buf_new(64 << 20)};
    r.names = &log->names;
    choose_few(&r, log->values, log->n_values, log->names.fields, log->names.n_fields);
    bool near = below(&r, 4) != 0;
    size_t n = 1 + below(&r, near ? 4 : RULES);
    for (size_t i = 0; i < n; i++) {
        struct made_rule rule = make_rule(&r, arena);
        texts[i] = near ? near_rule(&r, arena, log, i) : rule_text(&rule, i, arena);
        ruleset_add(set, STR("made.yml"), STR(""), texts[i]);
    }
    ruleset_freeze(set);
    log->make(&r, arena, &file);
    struct bytes bytes = str_bytes(buf_str(&file));
    t->rounds++;
    t->events += told_of(log, set, false, bytes, &told[0]);
    (void)told_of(log, set, true, bytes, &told[1]);
    struct bytes plain = str_bytes(buf_str(&told[0]));
    struct bytes fast = str_bytes(buf_str(&told[1]));
    t->matches += matches_in(plain, set);
    if (!bytes_eq(plain, fast) && t->differences++ < TOLD_MAX) {
        printf("seed %" PRIu64 " (%s): what is told differs\n", seed, log->path);
        tell(plain, fast, set);
        if (getenv("ASSAY_ENGINE_KEEP"))
            for (size_t i = 0; i < n; i++)
                printf("%.*s---\n", STR_ARG(texts[i]));
        keep_log(bytes);
    }
    buf_free(&file);
    buf_free(&told[0]);
    buf_free(&told[1]);
    ruleset_free(set);
    arena_free(arena);
}

int main(int argc, char **argv)
{
    struct tally t = random_rounds(argc, argv, round_of);
    printf("%" PRIu64 " rounds, %" PRIu64 " events, %" PRIu64 " matches, %" PRIu64
           " differences\n",
           t.rounds, t.events, t.matches, t.differences);
    return t.differences || t.matches < t.rounds || t.events < t.rounds * 10;
}
