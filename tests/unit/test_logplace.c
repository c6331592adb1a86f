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
