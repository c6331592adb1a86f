#include "event/logplace.h"

#include "event/webpath.h"

struct place {
    const char *folder; /* whole names, anywhere in the path; "": any */
    const char *name;   /* start of the file's name */
    const char *source;
};

/* Source: Exchange's and IIS's installed places; docs/formats */
static const struct place places[] = {
    {"Logging/HttpProxy", "HttpProxy_", "exchange.httpproxy"},
    {"ECP/Server", "ECPServer", "exchange.ecp_server"},
    {"Logging/OABGeneratorLog", "OABGeneratorLog", "exchange.oab_generator"},
    {"Logging/OABGeneratorSimpleLog", "OABGeneratorSimpleLog", "exchange.oab_generator"},
    {"", "ExchangeSetup.log", "exchange.setup"},
    {"", "msert.log", "remediation"},
    {"", "msert.old.log", "remediation"},
    {"", "mrt.log", "remediation"},
    {"", "EOMT.log", "remediation"},
    {"", "EOMTSummary.txt", "remediation"},
    {"LogFiles/HTTPERR", "httperr", "iis.httperr"},
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

struct str log_place(struct str path)
{
    struct str name = path_base_name(path);
    if (str_iends(name, STR(".evtx")))
        return STR("windows");
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        size_t end;
        bool in_folder =
            places[i].folder[0] && path_has_folder(path, str_of(places[i].folder), &end);
        if (in_folder || str_istarts(name, str_of(places[i].name)))
            return str_of(places[i].source);
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
