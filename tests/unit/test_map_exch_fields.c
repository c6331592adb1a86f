#include "exch_t.h"

#define VERSION "MajorVersion,MinorVersion,BuildVersion,RevisionVersion,"
#define GUID "29d1a846-41f6-4da6-9dbf-dd8a9151ce59"

static void ews_says_whose_mailbox(void)
{
    struct arena *a = arena_new();
    struct event ev = t_row(
        FIELDS("DateTime,RequestId," VERSION
               "AuthenticatedUser,UserAgent,ClientIpAddress,ServerHostName,SoapAction,"
               "ImpersonatedUser,ActAsUser,GenericInfo") AT
        "," GUID ",15,1,2106,2,EXAMPLE\\SRV$,python-requests/2.25,203.0.113.9,SRV,"
        "GetItem,,adele@example.org,\"A=1;'S:AS.Req=x;y=''z''';Dbl:CCpu.T[CMD]=2;odd\"\r\n",
        FORMAT_EWS, "Logging/Ews/Ews_1.LOG", a);
    T_EQ(ev.kind, EVENT_EWS);
    T_STR(ev.host, "SRV");
    T_STR(event_text(&ev, "SoapAction"), "GetItem");
    T_STR(event_text(&ev, "Build"), "15.1.2106.2");
    T_STR(event_text(&ev, "ClientAddress"), "203.0.113.9");
    T_STR(event_text(&ev, "RequestGuid"), GUID);
    T_STR(event_text(&ev, "Mailbox"), "adele@example.org");
    T_STR(event_text(&ev, "OtherMailbox"), "true");
    T_STR(event_text(&ev, "MachineAccount"), "true");
    T_STR(event_text(&ev, "GenericInfo.A"), "1");
    T_STR(event_text(&ev, "GenericInfo.AS.Req"), "x;y='z'");
    T_STR(event_text(&ev, "GenericInfo.CCpu.T[CMD]"), "2");
    T_STR(event_text(&ev, "GenericInfo"),
          "A=1;'S:AS.Req=x;y=''z''';Dbl:CCpu.T[CMD]=2;odd"); /* the cell stays as it was */
    arena_free(a);
}

static void another_mailbox_only_where_it_is_sure(void)
{
    static const struct {
        const char *users, *mailbox, *other;
    } cases[] = {
        {"a@x.org,,A@X.ORG", "A@X.ORG", ""},
        {"a@x.org,,b@x.org", "b@x.org", "true"},
        {"a@x.org,b@x.org,", "b@x.org", "true"},
        {"DOM\\a,,b@x.org", "b@x.org", ""},
        {"NT AUTHORITY\\SYSTEM,,b@x.org", "b@x.org", "true"},
        {"a@x.org,,", "", ""},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        (void)snprintf(text, sizeof text,
                       "DateTime,AuthenticatedUser,ImpersonatedUser,ActAsUser\n" AT ",%s\n",
                       cases[i].users);
        struct event ev = t_row(text, FORMAT_EWS, "", a);
        t_str(event_text(&ev, "Mailbox"), str_of(cases[i].mailbox), "Mailbox", __FILE__,
              (int)i);
        t_str(event_text(&ev, "OtherMailbox"), str_of(cases[i].other), "OtherMailbox", __FILE__,
              (int)i);
    }
    arena_free(a);
}

static void an_item_never_passes_for_a_column(void)
{
    struct arena *a = arena_new();
    struct event ev = t_row(FIELDS("DateTime,HttpStatus,GenericInfo") AT
                            ",401,HttpStatus=200;Build=1;HealthProbe=true\n",
                            FORMAT_EWS, "", a);
    T_EQ(t_values(&ev, "HttpStatus"), 1);
    T_STR(event_text(&ev, "HttpStatus"), "401");
    T_STR(event_text(&ev, "HealthProbe"), "");
    T_STR(event_text(&ev, "GenericInfo.HttpStatus"), "200");
    ev = t_row(FIELDS("TimeStamp,ServerName,EventId,EventData") AT
               ",SRV,X,S:ServerName=other;S:A=1\n",
               FORMAT_OWA, "", a);
    T_STR(event_text(&ev, "ServerName"), "SRV");
    T_STR(event_text(&ev, "EventData.ServerName"), "other");
    T_STR(event_text(&ev, "A"), "1");
    arena_free(a);
}

static void a_cmdlet_over_remote_powershell(void)
{
    struct arena *a = arena_new();
    struct event ev = t_row(
        FIELDS("DateTime,RequestId," VERSION
               "ServerHostName,ProcessName,AuthenticatedUser,ClientApplication,Cmdlet,"
               "Parameters,ExecutionResult,GenericInfo") AT
        "," GUID ",15,1,2176,2,SRV,w3wp#MSExchangePowerShellAppPool,adele@example.org,"
        "Unknown,New-MailboxExportRequest,\"-Mailbox \"\"adele\"\" -FilePath "
        "\"\"\\\\127.0.0.1\\c$\\inetpub\\x.aspx\"\"\",Success,PSSenderInfo=x;\r\n",
        FORMAT_RPS_CMDLET, "V15/Logging/CmdletInfra/powershell-proxy/Cmdlet/Rps_1.LOG", a);
    T_STR(ev.part, "Powershell-Proxy");
    T_STR(event_text(&ev, "Cmdlet"), "New-MailboxExportRequest");
    T_STR(event_text(&ev, "Param_Mailbox"), "adele");
    T_STR(event_text(&ev, "Param_FilePath"), "\\\\127.0.0.1\\c$\\inetpub\\x.aspx");
    T_STR(event_text(&ev, "CmdletResult"), "succeeded");
    T_STR(event_text(&ev, "CmdletCaller"), "adele@example.org");
    T_STR(event_text(&ev, "CmdletProcess"), "w3wp#MSExchangePowerShellAppPool");
    T_STR(event_text(&ev, "GenericInfo.PSSenderInfo"), "x");
    arena_free(a);
}

static void a_request_of_remote_powershell(void)
{
    struct arena *a = arena_new();
    struct event ev =
        t_row(FIELDS("DateTime,RequestId,UrlStem,AuthenticatedUser,ClientIpAddress,CommandName,"
                     "ClientInfo,UrlQuery") AT
              "," GUID ",/PowerShell/,a,fe80::1%3,Get-Mailbox,Mozilla/5.0,"
              "?X-Rps-CAT=VgEAVAdXaW5kb3dzQwBBCEtlcmJlcm9zTAFhVQhTLTEt"
              "NS0xOA%3D%3D&Email=x\r\n",
              FORMAT_RPS_HTTP, "", a);
    T_STR(event_text(&ev, "WebPath"), "/powershell/");
    T_STR(event_text(&ev, "Cmdlet"), "Get-Mailbox");
    T_STR(event_text(&ev, "RpsTokenUser"), "a");
    T_STR(event_text(&ev, "RpsTokenSid"), "S-1-5-18");
    T_STR(event_text(&ev, "ClientAddressClass"), "link-local");
    T_STR(event_text(&ev, "HealthProbe"), "");
    arena_free(a);
}

static void control_panel_activity(void)
{
    struct arena *a = arena_new();
    struct event ev =
        t_row(FIELDS("MyTimeStamp,ServerName,EventId,EventData") AT
              ",SRV,Request,S:PSA=<PII>adele@example.org</PII>;S:URL=https://localhost:444/ecp/"
              "RulesEditor/InboxRules.svc/NewObject?msExchEcpCanary=x;S:Bld=15.1.2375.7\r\n",
              FORMAT_ECP_ACTIVITY, "", a);
    T_STR(event_text(&ev, "Mailbox"), "adele@example.org");
    T_STR(event_text(&ev, "WebPath"), "/ecp/ruleseditor/inboxrules.svc/newobject");
    T_STR(event_text(&ev, "Build"), "15.1.2375.7");
    arena_free(a);
}

static void mapi_and_a_log_nobody_knows(void)
{
    struct arena *a = arena_new();
    struct event ev =
        t_row("DateTime,ClientIP,AuthenticatedUserEmail,ActAsUserEmail,RopIds\n" AT
              ",192.0.2.4,a@x.org,b@x.org,1;2\n",
              FORMAT_MAPIHTTP, "Logging/MapiHttp/Mailbox/x.LOG", a);
    T_STR(ev.part, "Mailbox");
    T_STR(event_text(&ev, "ClientAddress"), "192.0.2.4");
    T_STR(event_text(&ev, "OtherMailbox"), "true");
    ev = t_row("#Log-type: IMAP4 Log\n#Fields: dateTime,cIp,user,context,extra\n" AT
               ",192.0.2.4:5,u,,1,2,3\n",
               FORMAT_EXCHANGE, "", a);
    T_STR(ev.part, "IMAP4 Log");
    T_STR(event_text(&ev, "ClientAddress"), "192.0.2.4");
    T_STR(event_text(&ev, "extra"), "1");
    T_STR(event_text(&ev, "Column6"), "2"); /* more cells than columns: not lost */
    T_STR(event_text(&ev, "Column7"), "3");
    arena_free(a);
}

static void the_audit_queue(void)
{
    struct arena *a = arena_new();
    struct event ev = t_row(
        FIELDS("Timestamp,Server,TenantId,RecordType,Data,UserKey,RecordId,Operation,Workload,"
               "ResultStatus,Version,Scope") AT
        ",SRV,0,ExchangeAdmin,\"{\"\"Operation\"\":\"\"Set-OabVirtualDirectory\"\","
        "\"\"UserId\"\":\"\"example.org/Users/Administrator\"\",\"\"ExternalAccess\"\":false,"
        "\"\"ClientIP\"\":\"\"[2001:db8::1]:5\"\",\"\"L\"\":[\"\"a\"\",2,{}],"
        "\"\"OriginatingServer\"\":\"\"SRV (15.01.2106.002)\"\",\"\"Parameters\"\":[{\"\"Name"
        "\"\":\"\"ExternalUrl\"\",\"\"Value\"\":\"\"http://f/"
        "<script>\"\"},{\"\"Name\"\":\"\"bad "
        "name\"\",\"\"Value\"\":1},7]}\",u,1,Set-OabVirtualDirectory,Exchange,False,1,"
        "Online\r\n",
        FORMAT_AUDIT, "Logging/LocalQueue/Exchange/audit1.LOG", a);
    T_STR(ev.part, "LocalQueue");
    T_STR(ev.host, "SRV");
    T_STR(event_text(&ev, "Cmdlet"), "Set-OabVirtualDirectory");
    T_STR(event_text(&ev, "CmdletResult"), "failed");
    T_STR(event_text(&ev, "CmdletCaller"), "example.org/Users/Administrator");
    T_STR(event_text(&ev, "Param_ExternalUrl"), "http://f/<script>");
    T_STR(event_text(&ev, "Build"), "15.1.2106.2");
    T_STR(event_text(&ev, "ClientAddress"), "2001:db8::1");
    T_STR(event_text(&ev, "Data.ExternalAccess"), "false");
    T_EQ(t_values(&ev, "Data.L"), 2);
    ev = t_row(FIELDS("Timestamp,Server,RecordType,UserKey,RecordId,Data") AT
               ",SRV,a,b,c,\"{\"\"OriginatingServer\"\":\"\"SRV2 (15.01.2106.002)\"\"}\"\r\n",
               FORMAT_AUDIT, "", a);
    T_STR(event_text(&ev, "Build"), ""); /* another server's */
    arena_free(a);
}

static void exports_of_every_form(void)
{
    struct arena *a = arena_new();
    struct event ev = t_row("#TYPE Selected.X\n\"UrlStem\";\"When\";\"AnchorMailbox\"\n"
                            "\"/ecp/y.js\";\"x;y\";\"ServerInfo~a]@b/ecp/\"\n",
                            FORMAT_HTTPPROXY, "", a);
    T_EQ(ev.time, INSTANT_NONE); /* no column has it */
    T_STR(event_text(&ev, "When"), "x;y");
    T_STR(event_text(&ev, "AnchorHost"), "b");
    ev = t_row("DateTime\tUrlStem\tAnchorMailbox\n" AT "\t/a,b\tSid~1\n", FORMAT_HTTPPROXY, "",
               a);
    T_STR(event_text(&ev, "UrlStem"), "/a,b");
    T_STR(event_text(&ev, "AnchorKind"), "Sid");
    arena_free(a);
}

static void survives_truncation_and_flips(void)
{
    char text[] =
        "#TYPE X\n\"DateTime\",\"RequestId\",\"UrlQuery\",\"EventData\",\"Data\"\n" AT
        ",,X-Rps-CAT=VgEAVAdX,S:PSA=<PII></PII>;'S:URL=x:///y','{\n" AT
        ",1,2,\"S:CMD=Set-X.Y=''\",\"{\"\"Parameters\"\":[{\"\"Name\"\":\"\"a\"\"}]}\"\n";
    t_each_prefix((struct bytes){(const uint8_t *)text, sizeof text - 1}, t_walk_exch);
    t_flip_exch(text, sizeof text - 1);
}

int main(void)
{
    T_RUN(ews_says_whose_mailbox);
    T_RUN(another_mailbox_only_where_it_is_sure);
    T_RUN(an_item_never_passes_for_a_column);
    T_RUN(a_cmdlet_over_remote_powershell);
    T_RUN(a_request_of_remote_powershell);
    T_RUN(control_panel_activity);
    T_RUN(mapi_and_a_log_nobody_knows);
    T_RUN(the_audit_queue);
    T_RUN(exports_of_every_form);
    T_RUN(survives_truncation_and_flips);
    return t_done();
}
