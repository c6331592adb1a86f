"""The text logs of Exchange and IIS: rows, and the files they are written to.

Source of the HttpProxy column order, of the ECP Server keys and of the IIS query that
carries cafeReqId: rows of production servers published by Qazeer, by Microsoft support and
by HelseCERT (2021-march-exchange).
"""

import random

from server import (DATABASE, DAY, EX, FQDN, HOST, HOUR, INSIDE, NETBIOS, PUBLIC, dotted, guid,
                    iso, moment, packed_version, padded)

HTTPPROXY_COLUMNS = (
    "DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,ClientRequestId,"
    "Protocol,UrlHost,UrlStem,ProtocolAction,AuthenticationType,IsAuthenticated,"
    "AuthenticatedUser,Organization,AnchorMailbox,UserAgent,ClientIpAddress,ServerHostName,"
    "HttpStatus,BackEndStatus,ErrorCode,Method,ProxyAction,TargetServer,TargetServerVersion,"
    "RoutingType,RoutingHint,BackEndCookie,ServerLocatorHost,ServerLocatorLatency,RequestBytes,"
    "ResponseBytes,TargetOutstandingRequests,AuthModulePerfContext,HttpPipelineLatency,"
    "CalculateTargetBackEndLatency,GlsLatencyBreakup,TotalGlsLatency,"
    "AccountForestLatencyBreakup,TotalAccountForestLatency,ResourceForestLatencyBreakup,"
    "TotalResourceForestLatency,ADLatency,SharedCacheLatencyBreakup,TotalSharedCacheLatency,"
    "ActivityContextLifeTime,ModuleToHandlerSwitchingLatency,ClientReqStreamLatency,"
    "BackendReqInitLatency,BackendReqStreamLatency,BackendProcessingLatency,"
    "BackendRespInitLatency,BackendRespStreamLatency,ClientRespStreamLatency,"
    "KerberosAuthHeaderLatency,HandlerCompletionLatency,RequestHandlerLatency,"
    "HandlerToModuleSwitchingLatency,ProxyTime,CoreLatency,RoutingLatency,HttpProxyOverhead,"
    "TotalRequestTime,RouteRefresherLatency,UrlQuery,BackEndGenericInfo,GenericInfo,"
    "GenericErrors,EdgeTraceId,DatabaseGuid,UserADObjectGuid,PartitionEndpointLookupLatency,"
    "RoutingStatus"
)
COLUMN = {name: i for i, name in enumerate(HTTPPROXY_COLUMNS.split(","))}

# Columns that a healthy request fills with 0 or with its whole duration.
ZERO_COLUMNS = [COLUMN[name] for name in (
    "HttpPipelineLatency", "CalculateTargetBackEndLatency", "TotalGlsLatency",
    "TotalAccountForestLatency", "TotalResourceForestLatency", "ADLatency",
    "TotalSharedCacheLatency", "ModuleToHandlerSwitchingLatency", "ClientReqStreamLatency")]
DURATION_COLUMNS = [COLUMN[name] for name in ("ActivityContextLifeTime", "CoreLatency",
                                              "TotalRequestTime")]

IIS_FIELDS = ("date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
              "cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken")

ECP_COLUMNS = "TimeStamp,ServerName,EventId,EventData"

BOM = "\ufeff"


def cell(text):
    """A CSV cell: quoted only where needed."""
    if any(c in text for c in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def keyed(key, value):
    """One K=V of an Exchange key/value cell; wrapped in quotes where the value needs it."""
    if any(c in value for c in ";'\"") and value != "<null>":
        return "'S:%s=%s'" % (key, value.replace("'", "''"))
    return "S:%s=%s" % (key, value)


class Request:
    """One request as the front end saw it. The defaults are those of a healthy request.

    backend_status None means that the request never left the front end; target_version is
    the packed number that a routing cookie asked for, else the server's own.
    """

    def __init__(self, protocol, stem, ip, **more):
        self.protocol = protocol
        self.stem = stem
        self.ip = ip
        self.method = "GET"
        self.host = PUBLIC
        self.query = ""
        self.auth = ""
        self.user = ""
        self.anchor = ""
        self.agent = ""
        self.referer = "-"
        self.status = 200
        self.substatus = 0
        self.backend_status = 200
        self.backend_stem = None
        self.backend_query = "-"
        self.backend_user = None
        self.error = ""
        self.errors = ""
        self.hint = ""
        self.target = FQDN
        self.target_version = None
        self.down_level = False
        self.request_bytes = 0
        self.response_bytes = 0
        self.duration = 20
        self.proxied = True
        for name, value in more.items():
            if not hasattr(self, name):
                raise TypeError("unknown member of Request: " + name)
            setattr(self, name, value)


def add_request(evidence, rng, time, request):
    """A request in all logs that record it: HttpProxy, IIS front end, IIS back end.

    Returns its id, which HttpProxy and IIS share.
    """
    request_id = guid(rng)
    if request.proxied and request.backend_status is not None:
        _backend_row(evidence, time, request)
    _frontend_row(evidence, time, request, request_id)
    _proxy_row(evidence, time, request, request_id)
    return request_id


def add_iis_only(evidence, time, request):
    """A request that no proxy module handled (a static file, or refused by IIS itself)."""
    query = request.query.lstrip("?") or "-"
    evidence.row("iis-frontend", time, _iis_row(time, request, request.stem, query,
                                                _iis_address(request), "443", request.user or "-",
                                                request.ip, request.status))


def _version_text(number):
    """15.01.2106.000 of a packed version, as the TargetServerVersion column has it."""
    if number < 1 << 16:
        return "0.00.%04d.000" % number
    return "%02d.%02d.%04d.000" % (number >> 22 & 63, number >> 16 & 63, number & 0x7FFF)


def _generic_info(time, request, version):
    begin = iso(time - request.duration)
    parts = ["BeginRequest=" + begin, "CorrelationID=<empty>"]
    if request.proxied:
        parts += ["ProxyState-Run=None", "FEAuth=BEVersion-%d" % version]
        if request.down_level:
            parts.append("ProxyToDownLevel=True")
        parts += ["BeginGetResponse=" + begin, "OnResponseReady=" + iso(time),
                  "ProxyState-Complete=" + ("ProxyResponseData" if request.backend_status == 200
                                            else "WaitForServerResponse"),
                  "SharedCacheGuard=0"]
    parts.append("EndRequest=" + iso(time))
    return ";".join(parts) + ";"


def _proxy_row(evidence, time, request, request_id):
    build = evidence.build_at(time)
    version = request.target_version
    if version is None:
        version = packed_version(build)
    values = {
        "DateTime": iso(time), "RequestId": request_id, "MajorVersion": build[0],
        "MinorVersion": build[1], "BuildVersion": build[2], "RevisionVersion": build[3],
        "Protocol": request.protocol, "UrlHost": request.host, "UrlStem": request.stem,
        "AuthenticationType": request.auth,
        "IsAuthenticated": "true" if request.user else "false",
        "AuthenticatedUser": request.user, "AnchorMailbox": request.anchor,
        "UserAgent": request.agent.replace(",", " "), "ClientIpAddress": request.ip,
        "ServerHostName": HOST, "HttpStatus": request.status, "ErrorCode": request.error,
        "Method": request.method, "RequestBytes": request.request_bytes,
        "ResponseBytes": request.response_bytes or "", "UrlQuery": request.query,
        "GenericInfo": _generic_info(time, request, version), "GenericErrors": request.errors,
        "RoutingStatus": "CafeV1",
    }
    if request.backend_status is not None:
        values["BackEndStatus"] = request.backend_status
    if request.proxied:
        values.update(ProxyAction="Proxy", TargetServer=request.target,
                      TargetServerVersion=_version_text(version), RoutingType="IntraForest",
                      RoutingHint=request.hint)
    if request.proxied and request.user:
        values["DatabaseGuid"] = "|RoutingDB:" + DATABASE
    row = [""] * len(COLUMN)
    for i in ZERO_COLUMNS:
        row[i] = "0"
    for i in DURATION_COLUMNS:
        row[i] = str(request.duration)
    for name, value in values.items():
        row[COLUMN[name]] = cell(str(value))
    evidence.row("httpproxy-" + request.protocol.lower(), time, ",".join(row))


def _iis_address(request):
    if request.ip in ("127.0.0.1", "::1"):
        return request.ip
    return INSIDE


def _iis_row(time, request, stem, query, server, port, user, client, status):
    stamp = moment(time).strftime("%Y-%m-%d %H:%M:%S")
    agent = request.agent.replace(" ", "+") or "-"
    referer = request.referer.replace(" ", "+")
    return " ".join((stamp, server, request.method, stem.replace(" ", "+"), query, port, user,
                     client, agent, referer, str(status), str(request.substatus), "0",
                     str(request.duration)))


def _frontend_row(evidence, time, request, request_id):
    query = "%s&CorrelationID=<empty>;&cafeReqId=%s;" % (request.query.lstrip("?"), request_id)
    if request.protocol in ("Owa", "Ecp"):
        query += "&encoding=;"
    evidence.row("iis-frontend", time, _iis_row(time, request, request.stem, query,
                                                _iis_address(request), "443",
                                                request.user or "-", request.ip, request.status))


def _backend_row(evidence, time, request):
    stem = request.backend_stem or request.stem
    user = request.backend_user or request.user or "%s\\%s$" % (NETBIOS, HOST)
    query = request.backend_query
    # Real back ends sometimes write two blanks before the user.  Source: plaso's test data.
    if request.protocol == "Mapi" and time % 97 == 0:
        user = " " + user
    evidence.row("iis-backend", time, _iis_row(time, request, stem, query, INSIDE, "444", user,
                                               INSIDE, request.backend_status))


def add_ecp(evidence, rng, time, command, url, duration=12, failure=""):
    """A row of the ECP Server log: one cmdlet that the control panel ran."""
    data = ";".join((
        "S:TIME=%d" % duration, "S:SID=" + guid(rng), keyed("CMD", command), "S:REQID=",
        keyed("URL", url), "S:REFERRER=", keyed("EX", failure), "S:ACTID=" + guid(rng), "S:RS=0",
        "S:BLD=" + dotted(evidence.build_at(time)), "S:TNAME=<null>", "S:TID=",
        "S:USID=" + guid(rng), "S:EDOID=", "S:ACID="))
    evidence.row("ecp", time, ",".join((iso(time), HOST, "ECP.Request", cell(data))))


# -- files -------------------------------------------------------------------------------


def documents(source, rows, evidence):
    """(path below C:, bytes, time) of each file that the rows of a source make."""
    if source.startswith("httpproxy-"):
        return _proxy_files(source, rows, evidence)
    if source.startswith("iis-"):
        return _iis_files(source, rows, evidence)
    return _ecp_files(rows)


def _grouped(rows, unit):
    group, key = [], None
    for time, text in rows:
        if time // unit != key and group:
            yield key * unit, group
            group = []
        key = time // unit
        group.append((time, text))
    if group:
        yield key * unit, group


def _restarts(rows, evidence):
    """Splits the rows of a file where a service restart made the log start a new header."""
    limits = [last for _, last in evidence.outages]
    part = []
    for time, text in rows:
        if part and any(part[-1][0] < limit <= time for limit in limits):
            yield part
            part = []
        part.append((time, text))
    if part:
        yield part


def _proxy_files(source, rows, evidence):
    protocol = source.split("-")[1].capitalize()
    for start, group in _grouped(rows, HOUR):
        lines = []
        bare = random.Random("%s %d" % (source, start)).random() < 0.1
        if bare and not evidence.headerless:
            lines.append(HTTPPROXY_COLUMNS)
        for part in _restarts(group, evidence):
            if not evidence.headerless:
                lines += ["#Software: Microsoft Exchange Server",
                          "#Version: " + padded(evidence.build_at(part[0][0])),
                          "#Log-type: HttpProxy Logs", "#Date: " + iso(part[0][0]),
                          "#Fields: " + HTTPPROXY_COLUMNS]
            lines += [text for _, text in part]
        text = "\r\n".join(lines) + "\r\n"
        name = "HttpProxy_%s-1.LOG" % moment(start).strftime("%Y%m%d%H")
        yield (EX + "Logging/HttpProxy/%s/%s" % (protocol, name),
               (text if evidence.headerless else BOM + text).encode("utf-8"), group[-1][0])


def _iis_files(source, rows, evidence):
    site = "W3SVC1" if source == "iis-frontend" else "W3SVC2"
    for start, group in _grouped(rows, DAY):
        lines = []
        for part in _restarts(group, evidence):
            lines += ["#Software: Microsoft Internet Information Services 10.0", "#Version: 1.0",
                      "#Date: " + moment(part[0][0]).strftime("%Y-%m-%d %H:%M:%S"),
                      "#Fields: " + IIS_FIELDS]
            lines += [text for _, text in part]
        name = "u_ex%s.log" % moment(start).strftime("%y%m%d")
        yield ("inetpub/logs/LogFiles/%s/%s" % (site, name),
               ("\r\n".join(lines) + "\r\n").encode("utf-8"), group[-1][0])


def _ecp_files(rows):
    for start, group in _grouped(rows, DAY):
        lines = ["#Software: Microsoft Exchange Server", "#Version: 15.0.0.0",
                 "#Log-type: ECP Server Log", "#Date: " + iso(group[0][0]),
                 "#Fields: " + ECP_COLUMNS]
        lines += [text for _, text in group]
        name = "ECPServer%s-1.LOG" % moment(start).strftime("%Y%m%d")
        yield (EX + "Logging/ECP/Server/" + name,
               (BOM + "\r\n".join(lines) + "\r\n").encode("utf-8"), group[-1][0])

