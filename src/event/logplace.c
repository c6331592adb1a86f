#include "event/logplace.h"

#include "event/webpath.h"

struct place {
    const char *folder; /* whole names, anywhere in the path; "": the name must tell */
    const char *name;   /* start of the file's name, '#' at its end: a digit follows; "": the
                           folder must tell */
    const char *source;
};

/* The first that fits. Source: Exchange's and IIS's installed places; docs/formats */
static const struct place places[] = {
    {"", "Rps_Cmdlet_#", "exchange.rps_cmdlet"},
    {"", "Rps_Http_#", "exchange.rps_http"},
    {"Logging/HttpProxy", "HttpProxy_", "exchange.httpproxy"},
    {"ECP/Server", "ECPServer#", "exchange.ecp_server"},
    {"Logging/OABGeneratorLog", "OABGeneratorLog", "exchange.oab_generator"},
    {"Logging/OABGeneratorSimpleLog", "OABGeneratorSimpleLog", "exchange.oab_generator"},
    {"", "ExchangeSetup.log", "exchange.setup"},
    {"", "msert.log", "remediation"},
    {"", "msert.old.log", "remediation"},
    {"", "mrt.log", "remediation"},
    {"", "EOMT.log", "remediation"},
    {"", "EOMTSummary.txt", "remediation"},
    {"LogFiles/HTTPERR", "httperr", "iis.httperr"},
    {"ECP/Activity", "ECPActivity_#", "exchange.ecp_activity"},
    {"Logging/Ews", "Ews_#", "exchange.ews"},
    {"Logging/Autodiscover", "Autod_#", "exchange.autodiscover"},
    {"Logging/OWA", "OWAServer#", "exchange.owa"},
    {"Logging/MapiHttp", "MapiHttp_#", "exchange.mapihttp"},
    {"Logging/CmdletInfra", "Rps_AuthZ_#", "exchange.other"},
    {"Logs/MessageTracking", "MSGTRK#", "exchange.message_tracking"},
    {"", "MSGTRKMA#", "exchange.message_tracking"},
    {"", "MSGTRKMD#", "exchange.message_tracking"},
    {"", "MSGTRKMS#", "exchange.message_tracking"},
    {"ProtocolLog/SmtpReceive", "RECV#", "exchange.smtp"},
    {"ProtocolLog/SmtpSend", "SEND#", "exchange.smtp"},
    {"Logs/FrontEnd/AgentLog", "AgentLog#", "exchange.agent"},
    {"Logs/Hub/AgentLog", "", "exchange.agent"},
    {"Logs/Mailbox/AgentLog", "", "exchange.agent"},
    {"Logs/Edge/AgentLog", "", "exchange.agent"},
    {"Logs/FrontEnd/Connectivity", "CONNECTLOG#", "exchange.connectivity"},
    {"Logs/Hub/Connectivity", "", "exchange.connectivity"},
    {"Logs/Mailbox/Connectivity", "", "exchange.connectivity"},
    {"Logs/Edge/Connectivity", "", "exchange.connectivity"},
    {"LocalQueue/Exchange", "", "exchange.audit"},
    {"CosmosQueue/audit", "", "exchange.audit"},
    {"Logging/MitigationService", "", "exchange.mitigation"},
    {"W3SVC1", "u_ex", "iis.w3c"},
    {"W3SVC2", "u_extend", "iis.w3c"},
    {"", "access.log", "web.access"},
    {"", "access_log", "web.access"},
    {"", "localhost_access_log", "web.access"},
};

/* Whether the path holds a folder of the logs of any web site: W3SVC and its number. */
static bool is_in_site_folder(struct str path)
{
    struct str head = STR("W3SVC");
    for (size_t at = str_ifind(path, head, 0); at != SIZE_MAX;
         at = str_ifind(path, head, at + 1)) {
        size_t to = at + head.n;
        while (to < path.n && path.p[to] >= '0' && path.p[to] <= '9')
            to++;
        bool starts = at == 0 || path.p[at - 1] == '/' || path.p[at - 1] == '\\';
        if (starts && to > at + head.n && to < path.n &&
            (path.p[to] == '/' || path.p[to] == '\\'))
            return true;
    }
    return false;
}

/* "RECV2023011116-1.LOG" is a log of ours, "recvfrom.log" is not. */
static bool starts_so(struct str name, struct str start)
{
    bool digit = start.n > 0 && start.p[start.n - 1] == '#';
    if (digit)
        start.n--;
    if (start.n == 0 || !str_istarts(name, start))
        return false;
    return !digit || (name.n > start.n && name.p[start.n] >= '0' && name.p[start.n] <= '9');
}

struct str log_place(struct str path)
{
    struct str name = path_base_name(path);
    if (str_iends(name, STR(".evtx")))
        return STR("windows");
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const struct place *p = &places[i];
        size_t end;
        if ((p->folder[0] && path_has_folder(path, str_of(p->folder), &end)) ||
            starts_so(name, str_of(p->name)))
            return str_of(p->source);
    }
    return is_in_site_folder(path) ? STR("iis.w3c") : STR("");
}

bool log_names_channel(struct str path, struct str channel)
{
    struct str name = path_base_name(path);
    for (size_t at = 0; at < name.n; at++) {
        size_t n = at;
        size_t c = 0;
        while (c < channel.n && n < name.n) {
            bool slash = channel.p[c] == '/' && n + 1 < name.n && name.p[n] == '%' &&
                         name.p[n + 1] == '4';
            if (!slash && ascii_lower(channel.p[c]) != ascii_lower(name.p[n]))
                break;
            n += slash ? 2 : 1;
            c++;
        }
        if (c == channel.n)
            return channel.n > 0;
    }
    return false;
}
