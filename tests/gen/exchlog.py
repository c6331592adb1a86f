"""Exchange's comma-separated logs of every type, made to measure.

    write_all(folder, seed) -> list of Written

Each log holds nasty cells: commas, quotes, newlines, items in single quotes, letters of other
scripts, nothing at all. A Written says where the file lies, what kind of event its rows are and
what every cell of them is, so that a reader can be compared with what was written.

The columns are those of servers (docs/formats/exchange-csv.md).
"""
import json
import pathlib
import random
from collections import namedtuple

# path; kind of event; part; rows: a list of lists of (column, text); marks: "header" or ""
Written = namedtuple("Written", "path kind part rows headed")

VERSION = "MajorVersion,MinorVersion,BuildVersion,RevisionVersion"
BUDGET = ("BeginBudgetConnections,EndBudgetConnections,BeginBudgetHangingConnections,"
          "EndBudgetHangingConnections,BeginBudgetAD,EndBudgetAD,BeginBudgetCAS,EndBudgetCAS,"
          "BeginBudgetRPC,EndBudgetRPC,BeginBudgetFindCount,EndBudgetFindCount,"
          "BeginBudgetSubscriptions,EndBudgetSubscriptions")
EWS_TAIL = ("ClientRequestId,AuthenticationType,IsAuthenticated,AuthenticatedUser,Organization,"
            "UserAgent,VersionInfo,ClientIpAddress,ServerHostName,FrontEndServer,SoapAction,"
            "HttpStatus,RequestSize,ResponseSize,ErrorCode,ImpersonatedUser,ProxyAsUser,ActAsUser,"
            "Cookie,CorrelationGuid,PrimaryOrProxyServer,TaskType,RemoteBackendCount,"
            "LocalMailboxCount,RemoteMailboxCount,LocalIdCount,RemoteIdCount," + BUDGET +
            ",MDBResource,MDBHealth,MDBHistoricalLoad,ThrottlingPolicy,ThrottlingDelay,"
            "ThrottlingRequestType,TotalDCRequestCount,TotalDCRequestLatency,TotalMBXRequestCount,"
            "TotalMBXRequestLatency,RecipientLookupLatency,ExchangePrincipalLatency,"
            "HttpPipelineLatency,CheckAccessCoreLatency,AuthModuleLatency,CallContextInitLatency,"
            "PreExecutionLatency,CoreExecutionLatency,TotalRequestTime,"
            "DetailedExchangePrincipalLatency,ClientStatistics,GenericInfo,AuthenticationErrors,"
            "GenericErrors,Puid")
TRACKING_2010 = ("date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,"
                 "connector-id,source,event-id,internal-message-id,message-id,recipient-address,"
                 "recipient-status,total-bytes,recipient-count,related-recipient-address,"
                 "reference,message-subject,sender-address,return-path,message-info,"
                 "directionality,tenant-id,original-client-ip,original-server-ip,custom-data")
TRACKING_2013 = TRACKING_2010.replace("message-id,recipient-address",
                                      "message-id,network-message-id,recipient-address")
TRACKING_2016 = TRACKING_2013 + ",transport-traffic-type,log-id,schema-version"
SMTP = ("date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,"
        "data,context")
FOUR = "TimeStamp,ServerName,EventId,EventData"

EX = "Program Files/Microsoft/Exchange Server/V15/"
LOGS = EX + "Logging/"
TRANSPORT = EX + "TransportRoles/Logs/"

# name: (path, #Log-type, kind, part, columns)
TYPES = {
    "httpproxy": (LOGS + "HttpProxy/Ews/HttpProxy_2021030306-1.LOG", "HttpProxy Logs",
                  "httpproxy", "Ews",
                  "DateTime,RequestId," + VERSION + ",ClientRequestId,Protocol,UrlHost,UrlStem,"
                  "ProtocolAction,AuthenticationType,IsAuthenticated,AuthenticatedUser,"
                  "Organization,AnchorMailbox,UserAgent,ClientIpAddress,ServerHostName,"
                  "HttpStatus,BackEndStatus,ErrorCode,Method,UrlQuery,GenericInfo,GenericErrors"),
    "ecp-server": (LOGS + "ECP/Server/ECPServer20210303-1.LOG", "ECP Server Log", "ecp-server",
                   "", FOUR),
    "ecp-activity": (LOGS + "ECP/Activity/ECPActivity_7_20210303-1.LOG",
                     "ECP Activity Context Log", "ecp-activity", "", FOUR),
    "ews2013": (LOGS + "Ews/Ews_2021030306-1.LOG", "EWS Logs", "ews", "",
                "DateTime,RequestId," + VERSION + "," + EWS_TAIL),
    "ews2016": (LOGS + "Ews/Ews_2021030307-1.LOG", "EWS Logs", "ews", "",
                "DateTime,RequestId," + VERSION + ",Ring," + EWS_TAIL + ",StartTime,ProcessId,"
                "TimeInGC,StartTotalMemory,EndTotalMemory,StartGCCounts,EndGCCounts,"
                "TokenBasedThrottlingPolicy,BudgetKey,CoinsCharged,CoinsChargedMethod,"
                "SidBudgetInfo,AppBudgetInfo,TenantBudgetInfo,ResourceAccessed,"
                "ResourceHealthBasedThreshold,ThrottledBy,BackoffHint,WorkClassification"),
    "autodiscover": (LOGS + "Autodiscover/Autod_2021030306-1.LOG", "Autodiscover Protocol Logs",
                     "autodiscover", "",
                     "DateTime,RequestId," + VERSION + ",ClientRequestId,AuthenticationType,"
                     "IsAuthenticated,AuthenticatedUser,Organization,UserAgent,ClientIpAddress,"
                     "ServerHostName,FrontEndServer,SoapAction,HttpStatus,ErrorCode,RedirectType,"
                     "ThrottlingPolicy,TotalRequestTime,GenericInfo,AuthenticationErrors,"
                     "GenericErrors,Puid"),
    "owa": (LOGS + "OWA/Server/OWAServer20210303-1.LOG", "OWA Server Log", "owa", "Server", FOUR),
    "mapihttp": (LOGS + "MapiHttp/Mailbox/MapiHttp_2021030306-1.LOG", "MapiHttp Logs", "mapihttp",
                 "Mailbox",
                 "DateTime,RequestId,MapiRequestId,ClientRequestId,RequestType,HttpStatusCode,"
                 "ResponseCode,StatusCode,ReturnCode,TotalRequestLatency,DeploymentRing," +
                 VERSION + ",AuthenticatedUserEmail,UPN,Puid,TenantGuid,MailboxId,MDBGuid,"
                 "ActAsUserEmail,ClientIP,SourceCafeServer,EdgeInfo,NetworkDeviceInfo,"
                 "SessionCookie,SequenceCookie,MapiClientInfo,ClientSoftware,"
                 "ClientSoftwareVersion,ClientMode,AuthenticationType,AuthModuleLatency,"
                 "LiveIdBasicLog,LiveIdBasicError,LiveIdNegotiateError,OAuthLatency,OAuthError,"
                 "OAuthErrorCategory,OAuthExtraInfo,AuthenticatedUser,RopIds,OperationSpecific,"
                 "GenericInfo,GenericErrors"),
    "rps-cmdlet": (LOGS + "CmdletInfra/Powershell-Proxy/Cmdlet/Rps_Cmdlet_2021030306-1.LOG",
                   "Rps Cmdlet Logs", "rps-cmdlet", "Powershell-Proxy",
                   "DateTime,StartTime,RequestId,ClientRequestId," + VERSION + ",ServerHostName,"
                   "ProcessId,ProcessName,ThreadId,CultureInfo,Organization,AuthenticatedUser,"
                   "ExecutingUserSid,EffectiveOrganization,UserServicePlan,IsAdmin,"
                   "ClientApplication,Cmdlet,Parameters,CmdletUniqueId,ExecutionResult,ErrorType,"
                   "GenericLatency,GenericInfo,GenericErrors,NonPiiParameters"),
    "rps-local": (LOGS + "CmdletInfra/LocalPowerShell/Cmdlet/Rps_Cmdlet_2021030307-1.LOG",
                  "Rps Cmdlet Logs", "rps-cmdlet", "LocalPowerShell",
                  "DateTime,RequestId,ServerHostName,AuthenticatedUser,Cmdlet,Parameters,"
                  "CmdletUniqueId,ExecutionResult,GenericInfo"),
    "rps-http": (LOGS + "CmdletInfra/Powershell-Proxy/Http/Rps_Http_2021030306-1.LOG",
                 "Rps Http Logs", "rps-http", "Powershell-Proxy",
                 "DateTime,StartTime,RequestId," + VERSION + ",ClientRequestId,UrlHost,UrlStem,"
                 "AuthenticationType,IsAuthenticated,AuthenticatedUser,Organization,"
                 "ManagedOrganization,ClientIpAddress,ServerHostName,FrontEndServer,HttpStatus,"
                 "SubStatus,ErrorCode,Action,CommandId,CommandName,SessionId,ShellId,FailFast,"
                 "ContributeToFailFast,RequestBytes,ClientInfo,CPU,Memory,ActivityContextLifeTime,"
                 "TotalTime,UrlQuery,GenericLatency,GenericInfo,GenericErrors"),
    "tracking2010": (TRANSPORT + "MessageTracking/MSGTRK20210303-1.LOG", "Message Tracking Log",
                     "message-tracking", "transport", TRACKING_2010),
    "tracking2013": (TRANSPORT + "MessageTracking/MSGTRKMD2021030306-1.LOG",
                     "Message Tracking Log", "message-tracking", "delivery", TRACKING_2013),
    "tracking2016": (TRANSPORT + "MessageTracking/MSGTRKMS2021030306-1.LOG",
                     "Message Tracking Log", "message-tracking", "submission", TRACKING_2016),
    "smtp-receive": (TRANSPORT + "FrontEnd/ProtocolLog/SmtpReceive/RECV2021030306-1.LOG",
                     "SMTP Receive Protocol Log", "smtp", "FrontEnd/SmtpReceive", SMTP),
    "smtp-send": (TRANSPORT + "Hub/ProtocolLog/SmtpSend/SEND2021030306-1.LOG",
                  "SMTP Send Protocol Log", "smtp", "Hub/SmtpSend", SMTP),
    "agent": (TRANSPORT + "Hub/AgentLog/AgentLog20210303-1.LOG", "Agent Log", "agent", "Hub",
              "Timestamp,SessionId,LocalEndpoint,RemoteEndpoint,EnteredOrgFromIP,MessageId,"
              "P1FromAddress,P2FromAddresses,Recipient,NumRecipients,Agent,Event,Action,"
              "SmtpResponse,Reason,ReasonData,Diagnostics,NetworkMsgID,TenantID,Directionality"),
    "connectivity": (TRANSPORT + "Hub/Connectivity/CONNECTLOG20210303-1.LOG",
                     "Transport Connectivity Log", "connectivity", "Hub",
                     "date-time,session,source,Destination,direction,description"),
    "audit": (LOGS + "LocalQueue/Exchange/audit20210303-1.LOG", "audit", "audit", "LocalQueue",
              "Timestamp,Server,TenantId,RecordType,Data,UserKey,RecordId,Operation,Workload,"
              "ResultStatus,Version,Scope"),
    "mitigation": (LOGS + "MitigationService/MitigationService20210930-1.LOG",
                   "Mitigation Service Log", "mitigation", "", FOUR),
    "imap": (LOGS + "Imap4/IMAP420210303-1.LOG", "IMAP4 Log", "exchange", "IMAP4 Log",
             "dateTime,sessionId,seqNumber,sIp,cIp,user,duration,rqsize,rpsize,command,parameters,"
             "context,puid"),
    "unknown": (LOGS + "Frob/Frob_2021030306-1.LOG", "Frob Diagnostics Log", "exchange",
                "Frob Diagnostics Log", "DateTime,ServerHostName,What,GenericInfo"),
}

NASTY = ["", "", "", "plain", "a,b", 'say "x"', '"', '""', ",", "'", "it''s", " lead", "trail ",
         "line\r\nbreak", "Gr\u00fc\u00dfe \u2014 \u4e2d\u6587 \U0001f4be", "#hash", "=1+1", "0",
         "12345678901234567890", "<script>", "%41+%2f", "\\\\127.0.0.1\\c$\\x", "a;b=c", "$null"]
KEYED = ("GenericInfo", "GenericErrors", "EventData", "custom-data", "GenericLatency",
         "AuthenticationErrors", "ClientStatistics", "VersionInfo", "OperationSpecific")


def cell(text):
    """A cell as Exchange writes it: quoted only where it must be."""
    if any(c in text for c in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def item(kind, key, value):
    """K=V of a key/value cell; the whole in single quotes where the value needs it."""
    text = "%s:%s=%s" % (kind, key, value) if kind else "%s=%s" % (key, value)
    if any(c in value for c in ";'\""):
        return "'" + text.replace("'", "''") + "'"
    return text


def items(rng):
    """A key/value cell, and what is in it."""
    keys = rng.sample(["WLM.TS", "BudgUse.T[]", "CMD", "A", "PSSenderInfo", "Db", "x y"], 4)
    pairs = [(k, rng.choice(NASTY).replace("\r\n", " ")) for k in keys]
    text = ";".join(item(rng.choice(["", "S", "Dbl", "I32"]), k, v) for k, v in pairs)
    return text + rng.choice(["", ";"]), pairs


def audit_data(rng):
    return json.dumps({"Operation": "Set-Mailbox", "UserId": rng.choice(NASTY),
                       "OriginatingServer": "MAIL01 (15.01.2106.002)",
                       "Parameters": [{"Name": "Identity", "Value": rng.choice(NASTY)}]})


def value_of(rng, column, time):
    """What a row has in this column, as text."""
    fixed = {"RequestId": "29d1a846-41f6-4da6-9dbf-%012x" % rng.getrandbits(48),
             "ServerHostName": "MAIL01", "ServerName": "MAIL01", "Server": "MAIL01",
             "MajorVersion": "15", "MinorVersion": "1", "BuildVersion": "2106",
             "RevisionVersion": "2", "EventId": "ECP.Request", "Protocol": "Ews",
             "source": "SMTP", "event-id": "RECEIVE", "event": "<", "direction": ">"}
    if column.lower() in ("datetime", "timestamp", "date-time"):
        return time
    if column in KEYED:
        return items(rng)[0]
    if column == "Data":
        return audit_data(rng)
    return fixed.get(column) or rng.choice(NASTY)


def free_tail(columns, values):
    """In the last column of these logs an unquoted comma is text."""
    return columns[-1] in ("EventData", "context", "description") and "\r\n" not in values[-1]


def line_of(rng, columns, values):
    cells = [cell(v) for v in values]
    if free_tail(columns, values) and not values[-1].startswith('"') and rng.random() < 0.3:
        cells[-1] = values[-1]
    return ",".join(cells)


def write_log(folder, name, rng, count=12, start=0):
    """One log of this type below a folder."""
    path, log_type, kind, part, columns = TYPES[name]
    columns = columns.split(",")
    header = ["#Software: Microsoft Exchange Server", "#Version: 15.01.2106.002",
              "#Log-type: " + log_type, "#Date: 2021-03-03T06:00:00.000Z",
              "#Fields: " + ",".join(columns)]
    lines = [",".join(columns)] if rng.random() < 0.3 else []
    lines += header
    rows = []
    for i in range(count):
        time = "2021-03-03T06:%02d:%02d.%03dZ" % (start + i // 60, i % 60, rng.randrange(1000))
        values = [value_of(rng, column, time) for column in columns]
        rows.append(list(zip(columns, values)))
        lines.append(line_of(rng, columns, values))
        if i == count // 2:  # the service started anew
            lines += header
    target = pathlib.Path(folder) / path
    target.parent.mkdir(parents=True, exist_ok=True)
    mark = "\ufeff" if rng.random() < 0.7 else ""
    target.write_bytes((mark + "\r\n".join(lines) + "\r\n").encode("utf-8"))
    return Written(target, kind, part, rows, True)


def write_all(folder, seed=1):
    rng = random.Random(seed)
    return [write_log(folder, name, rng) for name in TYPES]
