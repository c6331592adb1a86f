#include "event/logplace.h"

#include "t.h"

static void a_place_names_its_log(void)
{
    static const struct {
        const char *path, *source;
    } cases[] = {
        {"x/C/Exchange/Logging/HttpProxy/Ecp/a.LOG", "exchange.httpproxy"},
        {"flat/HTTPPROXY_2021030112-1.LOG.gz", "exchange.httpproxy"},
        {"x/Logging/HttpProxy", "exchange.httpproxy"}, /* the folder itself */
        {"x/FrontEnd/HttpProxy/owa/auth/x.aspx", ""},
        {"x/ECP/Server/ECPServer20210301-1.LOG", "exchange.ecp_server"},
        {"x/Logging/OABGeneratorLog/a.LOG", "exchange.oab_generator"},
        {"C/ExchangeSetupLogs/ExchangeSetup.log", "exchange.setup"},
        {"C/ExchangeSetupLogs/ExchangeSetup.msilog", ""},
        {"C/Windows/debug/msert.log.gz", "remediation"},
        {"C/Windows/debug/mrt.log", "remediation"},
        {"C/EOMT.ps1", ""},
        {"C/EOMTSummary.txt", "remediation"},
        {"ECPServer.txt", ""},
        {"V15/Logging/ECP/Activity/ECPActivity_11500_20230111-1.LOG", "exchange.ecp_activity"},
        {"V15/Logging/Ews/Ews_2023010616-1.LOG", "exchange.ews"},
        {"flat/ews_2023010616-1.log.zst", "exchange.ews"},
        {"V15/Logging/Autodiscover/x", "exchange.autodiscover"},
        {"V15/Logging/HttpProxy/Ews/x", "exchange.httpproxy"},
        {"V15/Logging/OWA/Server/x", "exchange.owa"},
        {"V15/Logging/MapiHttp/Mailbox/x", "exchange.mapihttp"},
        {"V15/Logging/CmdletInfra/Powershell-Proxy/Cmdlet/Rps_Cmdlet_2023011116-1.LOG",
         "exchange.rps_cmdlet"},
        {"V15/Logging/CmdletInfra/LocalPowerShell/Http/Rps_Http_2023011116-1.LOG",
         "exchange.rps_http"},
        {"V15/Logging/CmdletInfra/Powershell-Proxy/AuthZ/Rps_AuthZ_2023011116-1.LOG",
         "exchange.other"},
        {"V15/TransportRoles/Logs/MessageTracking/MSGTRKMS2022091915-1.LOG",
         "exchange.message_tracking"},
        {"MSGTRKMD2022091915-1.LOG", "exchange.message_tracking"},
        {"Logs/FrontEnd/ProtocolLog/SmtpReceive/x", "exchange.smtp"},
        {"RECV2023011116-1.LOG", "exchange.smtp"},
        {"recvfrom.c", ""},
        {"send.log", ""},
        {"TransportRoles/Logs/FrontEnd/AgentLog/x", "exchange.agent"},
        {"TransportRoles/Logs/Hub/Connectivity/CONNECTLOG20210301-1.LOG",
         "exchange.connectivity"},
        {"V15/Logging/LocalQueue/Exchange/audit20210314-32.LOG", "exchange.audit"},
        {"V15/Logging/CosmosQueue/audit/audit20230111-1.LOG", "exchange.audit"},
        {"audit20230111-1.LOG", ""}, /* many programs call theirs so */
        {"V15/Logging/MitigationService/x", "exchange.mitigation"},
        {"inetpub/logs/LogFiles/W3SVC1/anything", "iis.w3c"},
        {"u_ex210301.log", "iis.w3c"},
        {"W3SVC10/x.txt", "iis.w3c"},
        {"W3SVC/x.txt", ""},
        {"x/W3SVC10", ""},
        {"x/System32/LogFiles/HTTPERR/httperr7.log", "iis.httperr"},
        {"var/log/nginx/access.log.1", "web.access"},
        {"C/Windows/Security.EVTX", "windows"},
        {"C/Windows/Security.evtx.txt", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        t_str(log_place(str_of(cases[i].path)), str_of(cases[i].source), cases[i].path,
              __FILE__, (int)i);
}

static void a_name_names_its_channel(void)
{
    struct str sysmon = STR("Microsoft-Windows-Sysmon/Operational");
    T_OK(log_names_channel(STR("a/Microsoft-Windows-Sysmon%4Operational.evtx"), sysmon));
    T_OK(!log_names_channel(STR("a/Microsoft-Windows-Sysmon%4"), sysmon));
    T_OK(!log_names_channel(STR("a/Microsoft-Windows-Sysmon.evtx"), sysmon));
    T_OK(log_names_channel(STR("a/Archive-security-2021-03-01.evtx"), STR("Security")));
    T_OK(!log_names_channel(STR("Security/Application.evtx"), STR("Security")));
    T_OK(!log_names_channel(STR("a.evtx"), STR("")));
}

int main(void)
{
    T_RUN(a_place_names_its_log);
    T_RUN(a_name_names_its_channel);
    return t_done();
}
