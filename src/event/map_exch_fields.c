/* What is worked out from the rows of the logs of requests and cmdlets. */
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "base/num.h"
#include "base/utf.h"
#include "event/anchor.h"
#include "event/cmdlet.h"
#include "event/map_exch_int.h"
#include "event/web.h"
#include "event/webpath.h"

enum {
    ITEMS_MOST = 512, /* items of one cell; real cells have less than 100 */
};

static struct str cell(const struct exch_events *s, enum known which, struct arena *arena)
{
    return exch_cell(s, which, arena);
}

static void derive_true(struct event *ev, struct arena *arena, const char *name, bool is)
{
    if (is)
        web_derive(ev, arena, name, STR("true"));
}

/* --- builds ----------------------------------------------------------------------------- */

static bool read_number(const struct exch_events *s, enum known which, struct arena *arena,
                        uint32_t *ret)
{
    uint64_t v;
    if (!num_u64(cell(s, which, arena), &v) || v > UINT32_MAX)
        return false;
    *ret = (uint32_t)v;
    return true;
}

static bool is_new(const struct memo *memo, struct exch_build b)
{
    return memo->text.n == 0 || exch_build_cmp(memo->of, b) != 0;
}

struct str exch_row_build(struct exch_events *s, struct arena *arena)
{
    struct exch_build b;
    if (!read_number(s, MAJOR, arena, &b.major) || !read_number(s, MINOR, arena, &b.minor) ||
        !read_number(s, BUILD, arena, &b.build) ||
        !read_number(s, REVISION, arena, &b.revision))
        return STR("");
    if (is_new(&s->build, b))
        s->build = (struct memo){b, exch_build_text(b, s->arena)};
    return s->build.text;
}

static void derive_build(struct exch_events *s, struct arena *arena, struct event *ev)
{
    web_derive(ev, arena, "Build", exch_row_build(s, arena));
}

/* "FEAuth=BEVersion-1942063431": the digits; "" for none. */
static struct str version_digits(const struct exch_events *s, struct arena *arena)
{
    struct str info = cell(s, GENERIC_INFO, arena);
    struct str mark = STR("BEVersion-");
    const char *dash = info.n ? memchr(info.p, '-', info.n) : NULL;
    while (dash) {
        size_t from = (size_t)(dash - info.p) + 1;
        if (from >= mark.n && str_ieq(str_part(info, from - mark.n, from), mark)) {
            size_t to = from;
            while (to < info.n && info.p[to] >= '0' && info.p[to] <= '9')
                to++;
            return str_part(info, from, to);
        }
        dash = memchr(dash + 1, '-', info.n - from);
    }
    return STR("");
}

/* The version that the routing cookie claims. */
static void derive_version(struct exch_events *s, struct arena *arena, struct event *ev)
{
    uint64_t v;
    if (!num_u64(version_digits(s, arena), &v) || v > UINT32_MAX)
        return;
    struct exch_build b = exch_build_unpack((uint32_t)v);
    if (is_new(&s->be_version, b))
        s->be_version =
            (struct memo){b, arena_printf(s->arena, "%" PRIu32 ".%" PRIu32 ".%" PRIu32, b.major,
                                          b.minor, b.build)};
    web_derive(ev, arena, "BEVersion", s->be_version.text);
}

/* --- requests --------------------------------------------------------------------------- */

static void derive_page(struct exch_events *s, struct arena *arena, struct event *ev)
{
    struct str webpath = webpath_of_stem(cell(s, STEM, arena), arena);
    web_derive(ev, arena, "WebPath", webpath);
    derive_true(ev, arena, "StaticResource", web_is_static(webpath));
}

static bool is_probe(const struct exch_events *s, struct arena *arena)
{
    struct str agent = cell(s, s->at[USER_AGENT] == SIZE_MAX ? CLIENT_INFO : USER_AGENT, arena);
    return web_is_probe(agent, cell(s, USER, arena));
}

/* What the logs of requests have in common. */
static void derive_request(struct exch_events *s, struct arena *arena, struct event *ev)
{
    derive_build(s, arena, ev);
    web_add_client(ev, arena, cell(s, CLIENT, arena));
    web_derive(ev, arena, "RequestGuid", web_guid(cell(s, REQUEST, arena), arena));
    derive_page(s, arena, ev);
    derive_true(ev, arena, "HealthProbe", is_probe(s, arena));
    web_add_token(ev, arena, cell(s, QUERY, arena));
}

/* Some of it. */
static void derive_some(struct exch_events *s, struct arena *arena, struct event *ev,
                        unsigned groups)
{
    if (groups & EXCH_CLIENT)
        web_add_client(ev, arena, cell(s, CLIENT, arena));
    if (groups & EXCH_PAGE)
        derive_page(s, arena, ev);
    if (groups & EXCH_PROBE)
        derive_true(ev, arena, "HealthProbe", is_probe(s, arena));
}

/* Adds the anchor's parts; returns its path as written, "" if it has none. */
static struct str derive_anchor(const struct exch_events *s, struct arena *arena,
                                struct event *ev)
{
    struct anchor a;
    if (!anchor_parse(cell(s, ANCHOR, arena), arena, &a))
        return STR("");
    web_derive(ev, arena, "AnchorKind", a.kind);
    if (!str_ieq(a.kind, STR("ServerInfo")))
        return STR("");
    web_derive(ev, arena, "AnchorHost", a.host);
    web_derive(ev, arena, "AnchorPort", a.port);
    web_derive(ev, arena, "AnchorPath", a.path);
    web_derive(ev, arena, "AnchorAuthorityRaw", a.authority);
    web_derive(ev, arena, "AnchorIsLoopback", a.loopback ? STR("true") : STR("false"));
    return a.url;
}

enum exch_group exch_group_of(struct str name)
{
    static const struct {
        const char *name;
        enum exch_group group;
    } fields[] = {{"AnchorKind", EXCH_ANCHOR},
                  {"AnchorHost", EXCH_ANCHOR},
                  {"AnchorPort", EXCH_ANCHOR},
                  {"AnchorPath", EXCH_ANCHOR},
                  {"AnchorAuthorityRaw", EXCH_ANCHOR},
                  {"AnchorIsLoopback", EXCH_ANCHOR},
                  {"BEVersion", EXCH_VERSION},
                  {"BackEndCookieServer", EXCH_COOKIE},
                  {"WebPath", EXCH_PAGE},
                  {"StaticResource", EXCH_PAGE},
                  {"HealthProbe", EXCH_PROBE},
                  {"ClientAddress", EXCH_CLIENT},
                  {"ClientAddressClass", EXCH_CLIENT}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (row_same_name(str_of(fields[i].name), name))
            return fields[i].group;
    return EXCH_REST;
}

void exch_derive_httpproxy(struct exch_events *s, struct arena *arena, struct event *ev,
                           unsigned groups)
{
    struct str url = STR("");
    if (groups & EXCH_REST)
        derive_request(s, arena, ev);
    else
        derive_some(s, arena, ev, groups);
    if (groups & (EXCH_ANCHOR | EXCH_REST))
        url = derive_anchor(s, arena, ev);
    if (groups & EXCH_VERSION)
        derive_version(s, arena, ev);
    if (groups & EXCH_COOKIE)
        web_derive(ev, arena, "BackEndCookieServer",
                   anchor_cookie_server(cell(s, BACK_END_COOKIE, arena), arena));
    if (!(groups & EXCH_REST))
        return;
    if (url.n)
        web_add_ddi(ev, arena, url, STR(""));
    else
        web_add_ddi(ev, arena, cell(s, STEM, arena), cell(s, QUERY, arena));
}

bool exch_key_httpproxy(const struct exch_events *s, struct arena *arena, unsigned groups,
                        struct row_key *key)
{
    struct anchor a;
    if (groups & EXCH_REST)
        return false;
    if (groups & EXCH_ANCHOR) {
        bool is = anchor_parse(cell(s, ANCHOR, arena), arena, &a);
        if ((is && str_ieq(a.kind, STR("ServerInfo"))) ||
            !row_key_add(key, is ? STR("~") : STR("")) || (is && !row_key_add(key, a.kind)))
            return false;
    }
    if (groups & EXCH_VERSION && !row_key_add(key, version_digits(s, arena)))
        return false;
    if (groups & EXCH_PAGE && !row_key_add(key, cell(s, STEM, arena)))
        return false;
    if (groups & EXCH_PROBE && !row_key_add(key, is_probe(s, arena) ? STR("1") : STR("0")))
        return false;
    if (groups & EXCH_CLIENT && !row_key_add(key, cell(s, CLIENT, arena)))
        return false;
    return !(groups & EXCH_COOKIE) || row_key_add(key, cell(s, BACK_END_COOKIE, arena));
}

static void derive_httpproxy(struct exch_events *s, struct arena *arena, struct event *ev)
{
    exch_derive_httpproxy(s, arena, ev, EXCH_ALL);
}

/* The server's own account, or the system's: no person's. */
static bool is_machine(struct str user)
{
    return (user.n > 1 && user.p[user.n - 1] == '$') ||
           str_ieq(user, STR("NT AUTHORITY\\SYSTEM"));
}

static bool is_address(struct str s)
{
    return str_find(s, STR("@"), 0) != SIZE_MAX;
}

/* Whose mailbox, and whether somebody else asked: said only where the two can be compared,
 * which an address and DOMAIN\name cannot. */
static void derive_mailbox(struct event *ev, struct arena *arena, struct str user,
                           struct str mailbox)
{
    bool machine = is_machine(user);
    bool other = mailbox.n && !str_ieq(user, mailbox) &&
                 (machine || (is_address(user) && is_address(mailbox)));
    web_derive(ev, arena, "Mailbox", mailbox);
    derive_true(ev, arena, "OtherMailbox", other);
    derive_true(ev, arena, "MachineAccount", machine);
}

static void derive_ews(struct exch_events *s, struct arena *arena, struct event *ev)
{
    static const enum known whose[] = {ACT_AS, IMPERSONATED, PROXY_AS};
    struct str mailbox = STR("");
    for (size_t i = 0; i < sizeof whose / sizeof *whose && mailbox.n == 0; i++)
        mailbox = cell(s, whose[i], arena);
    derive_request(s, arena, ev);
    derive_mailbox(ev, arena, cell(s, USER, arena), mailbox);
}

static void derive_mapi(struct exch_events *s, struct arena *arena, struct event *ev)
{
    struct str acted = cell(s, ACT_AS_MAIL, arena);
    struct str user = cell(s, USER_MAIL, arena);
    derive_build(s, arena, ev);
    web_add_client(ev, arena, cell(s, CLIENT_IP_MAPI, arena));
    web_derive(ev, arena, "RequestGuid", web_guid(cell(s, REQUEST, arena), arena));
    derive_true(ev, arena, "HealthProbe",
                web_is_probe(cell(s, SOFTWARE, arena), cell(s, USER, arena)));
    derive_mailbox(ev, arena, user.n ? user : cell(s, USER, arena),
                   acted.n ? acted : cell(s, MAILBOX_ID, arena));
}

/* --- remote PowerShell ------------------------------------------------------------------ */

static void derive_rps_http(struct exch_events *s, struct arena *arena, struct event *ev)
{
    struct str command = cell(s, COMMAND_NAME, arena);
    derive_request(s, arena, ev);
    if (str_find(command, STR("-"), 0) != SIZE_MAX)
        web_derive(ev, arena, "Cmdlet", command);
}

static void derive_rps_cmdlet(struct exch_events *s, struct arena *arena, struct event *ev)
{
    struct str parameters = cell(s, PARAMETERS, arena);
    struct str result = cell(s, EXECUTION_RESULT, arena);
    derive_build(s, arena, ev);
    web_derive(ev, arena, "RequestGuid", web_guid(cell(s, REQUEST, arena), arena));
    derive_true(ev, arena, "HealthProbe", web_is_probe(STR(""), cell(s, USER, arena)));
    web_derive(ev, arena, "CmdletParameters", parameters);
    if (result.n)
        web_derive(ev, arena, "CmdletResult",
                   str_ieq(result, STR("Success")) ? STR("succeeded") : STR("failed"));
    cmdlet_derive_parameters(ev, arena, parameters);
    web_derive(ev, arena, "CmdletCaller", cell(s, USER, arena));
    web_derive(ev, arena, "CmdletHost", cell(s, APPLICATION, arena));
    web_derive(ev, arena, "CmdletProcess", cell(s, PROCESS_NAME, arena));
}

/* --- items "K=V;" ----------------------------------------------------------------------- */

/* "https://localhost:444/ecp/x" -> "/ecp/x" */
static struct str path_of_url(struct str url)
{
    size_t scheme = str_find(url, STR("://"), 0);
    if (scheme == SIZE_MAX)
        return url;
    return str_part(url, str_find(url, STR("/"), scheme + 3), url.n);
}

/* "<PII>user@example.com</PII>" -> "user@example.com" */
static struct str without_pii(struct str s)
{
    struct str open = STR("<PII>");
    struct str close = STR("</PII>");
    if (str_istarts(s, open) && str_iends(s, close) && s.n >= open.n + close.n)
        return str_part(s, open.n, s.n - close.n);
    return s;
}

static void derive_ecp_item(const struct exch_events *s, struct event *ev, struct arena *arena,
                            struct str key, struct str value)
{
    struct exch_build build;
    if (str_ieq(key, STR("CMD")))
        cmdlet_derive_ecp(ev, arena, value);
    else if (str_ieq(key, STR("EX")) && value.n)
        web_derive(ev, arena, "CmdletResult", STR("failed"));
    else if (str_ieq(key, STR("BLD")) && exch_build_parse(value, &build))
        web_derive(ev, arena, "Build", exch_build_text(build, arena));
    else if (str_ieq(key, STR("REQID")))
        web_derive(ev, arena, "RequestGuid", web_guid(value, arena));
    else if (str_ieq(key, STR("PSA")))
        web_derive(ev, arena, "Mailbox", without_pii(value));
    if (!str_ieq(key, STR("URL")))
        return;
    web_add_ddi(ev, arena, value, STR(""));
    if (s->kind != EVENT_ECP_SERVER)
        web_derive(ev, arena, "WebPath", webpath_of_stem(path_of_url(value), arena));
}

/* The items of one column as fields: under their own name where the log has nothing else,
 * else with the column's before it, so that what a client wrote into an item can never pass
 * for a column. */
static void add_items(const struct exch_events *s, size_t which, struct arena *arena,
                      struct event *ev)
{
    size_t column = s->keyed_at[which];
    if (column >= s->row.n)
        return;
    struct str text = exch_text(s, column, arena);
    struct str key;
    struct str value;
    size_t at = 0;
    for (int i = 0; i < ITEMS_MOST && exch_item_next(text, &at, arena, &key, &value); i++) {
        if (key.n == 0)
            continue;
        if (s->log->plain_keys && exch_column_of(&s->layout, key) == SIZE_MAX) {
            event_add(ev, arena, SECTION_DATA, exch_type_of(value), key, value);
            continue;
        }
        struct str name = web_join(s->keyed_name[which], '.', key, arena);
        event_add(ev, arena, SECTION_DERIVED, exch_type_of(value), name, value);
    }
}

static void derive_event_data(struct exch_events *s, struct arena *arena, struct event *ev)
{
    struct str data = cell(s, EVENT_DATA, arena);
    struct str key;
    struct str value;
    size_t at = 0;
    for (int i = 0; i < ITEMS_MOST && exch_item_next(data, &at, arena, &key, &value); i++)
        derive_ecp_item(s, ev, arena, key, value);
}

/* Logs that nothing is known of: what their columns' names promise. */
static void derive_other(struct exch_events *s, struct arena *arena, struct event *ev)
{
    derive_request(s, arena, ev);
    if (s->at[CLIENT] == SIZE_MAX) {
        struct str client = cell(s, IMAP_CLIENT, arena);
        web_add_client(ev, arena, client.n ? client : cell(s, CLIENT_IP, arena));
    }
    derive_event_data(s, arena, ev);
}

/* --- which for what --------------------------------------------------------------------- */

typedef void (*derive_row)(struct exch_events *s, struct arena *arena, struct event *ev);

static const derive_row DERIVE[EVENT_KINDS] = {
    [EVENT_HTTPPROXY] = derive_httpproxy,
    [EVENT_ECP_SERVER] = derive_event_data,
    [EVENT_ECP_ACTIVITY] = derive_event_data,
    [EVENT_EWS] = derive_ews,
    [EVENT_AUTODISCOVER] = derive_request,
    [EVENT_OWA] = derive_event_data,
    [EVENT_MAPIHTTP] = derive_mapi,
    [EVENT_RPS_CMDLET] = derive_rps_cmdlet,
    [EVENT_RPS_HTTP] = derive_rps_http,
    [EVENT_MESSAGE_TRACKING] = exch_derive_tracking,
    [EVENT_SMTP] = exch_derive_smtp,
    [EVENT_AGENT] = exch_derive_agent,
    [EVENT_CONNECTIVITY] = exch_derive_connectivity,
    [EVENT_AUDIT] = exch_derive_audit,
    [EVENT_MITIGATION] = derive_other,
    [EVENT_EXCHANGE] = derive_other,
};

void exch_derive(struct exch_events *s, struct arena *arena, struct event *ev)
{
    for (size_t i = 0; i < EXCH_KEYED; i++)
        add_items(s, i, arena, ev);
    if (DERIVE[s->kind])
        DERIVE[s->kind](s, arena, ev);
}
