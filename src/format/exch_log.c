#include "format/exch_log.h"

#include <stdint.h>

#include "base/num.h"
#include "base/time.h"

enum {
    SNIFF_LINES = 32, /* lines of a log's start looked at */
    JOINS_MOST = 64,  /* lines of one row */
    SHAPE_CELLS = 4,  /* cells of a row whose form is looked at */
};

/* --- the logs --------------------------------------------------------------------------- */

#define GENERIC "GenericInfo", "GenericErrors"

static const struct exch_log LOGS[] = {
    {FORMAT_HTTPPROXY,
     "HttpProxy Logs",
     "AnchorMailbox|RoutingHint|BackEndCookie|TargetServerVersion|BackEndGenericInfo",
     1,
     "ServerHostName",
     {NULL},
     false,
     false},
    {FORMAT_ECP_SERVER, "ECP Server Log", "", 1, "ServerName", {"EventData"}, true, true},
    {FORMAT_ECP_ACTIVITY,
     "ECP Activity Context Log",
     "",
     1,
     "ServerName",
     {"EventData"},
     true,
     true},
    {FORMAT_EWS,
     "EWS Logs",
     "ImpersonatedUser|ActAsUser|ProxyAsUser|PrimaryOrProxyServer|LocalMailboxCount",
     1,
     "ServerHostName",
     {GENERIC, "AuthenticationErrors", "VersionInfo", "ClientStatistics"},
     false,
     false},
    {FORMAT_AUTODISCOVER,
     "Autodiscover Protocol Logs|Autodiscover Logs",
     "RedirectType|CallerADLatency|RequestedUserADLatency",
     1,
     "ServerHostName",
     {GENERIC, "AuthenticationErrors"},
     false,
     false},
    {FORMAT_OWA,
     "OWA Server Log|OWA Client Log|OWA Server Trace Log",
     "",
     1,
     "ServerName",
     {"EventData"},
     true,
     true},
    {FORMAT_MAPIHTTP,
     "MapiHttp Logs",
     "MapiRequestId|RopIds|SequenceCookie|SourceCafeServer|MapiClientInfo",
     1,
     NULL,
     {GENERIC, "OperationSpecific"},
     false,
     false},
    {FORMAT_RPS_CMDLET,
     "Rps Cmdlet Logs",
     "CmdletUniqueId|NonPiiParameters|ExecutingUserSid|UserBudgetOnStart|CmdletProxyStage",
     1,
     "ServerHostName",
     {GENERIC, "GenericLatency"},
     false,
     false},
    {FORMAT_RPS_HTTP,
     "Rps Http Logs",
     "ManagedOrganization|CommandId|ShellId|ClientInfo|FailFast",
     2,
     "ServerHostName",
     {GENERIC, "GenericLatency"},
     false,
     false},
    {FORMAT_MESSAGE_TRACKING,
     "Message Tracking Log",
     "internal-message-id|message-subject|recipient-address|sender-address|message-info",
     1,
     NULL, /* which column it is depends on the event */
     {"custom-data"},
     false,
     false},
    {FORMAT_SMTP,
     "SMTP Receive Protocol Log|SMTP Send Protocol Log",
     "connector-id|session-id|sequence-number|local-endpoint|remote-endpoint",
     4,
     NULL,
     {NULL},
     false,
     true},
    {FORMAT_AGENT,
     "Agent Log",
     "EnteredOrgFromIP|P1FromAddress|P2FromAddresses|NumRecipients",
     1,
     NULL,
     {NULL},
     false,
     false},
    {FORMAT_CONNECTIVITY,
     "Transport Connectivity Log",
     "session|source|destination|direction|description",
     5,
     NULL,
     {NULL},
     false,
     true},
    {FORMAT_AUDIT,
     "audit",
     "RecordType|UserKey|RecordId|Workload|ResultStatus",
     3,
     "Server",
     {NULL},
     false,
     false},
    {FORMAT_MITIGATION, /* by its name alone: no row was published */
     NULL,
     "",
     1,
     "ServerName",
     {"EventData", GENERIC},
     false,
     false},
    {FORMAT_EXCHANGE,
     NULL,
     "",
     1,
     NULL,
     {"EventData", GENERIC, "AuthenticationErrors", "custom-data", "GenericLatency"},
     false,
     false},
};

static const size_t LOG_COUNT = sizeof LOGS / sizeof *LOGS;

const struct exch_log *exch_log_of(enum format format)
{
    for (size_t i = 0; i < LOG_COUNT; i++)
        if (LOGS[i].format == format)
            return &LOGS[i];
    return NULL;
}

/* --- rows without a header -------------------------------------------------------------- */

static struct str as_text(struct bytes b)
{
    return (struct str){(const char *)b.p, b.n};
}

static bool is_time(struct str s)
{
    instant t;
    return s.n > 10 && instant_parse(s, &t);
}

static bool is_guid(struct str s)
{
    if (s.n != 36)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        char c = ascii_lower(s.p[i]);
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (dash ? c != '-' : !hex)
            return false;
    }
    return true;
}

static bool is_number(struct str s)
{
    uint64_t v;
    return num_u64(s, &v);
}

/* The kind of a row in the transport's logs: connect, disconnect, sent, received, note. */
static bool is_sign(struct str s)
{
    return s.n == 1 && memchr("+-><*", s.p[0], 5) != NULL;
}

static bool is_endpoint(struct str s)
{
    return s.n > 2 && memchr(s.p, ':', s.n) != NULL;
}

static bool is_object(struct str s)
{
    return s.n > 0 && s.p[0] == '{';
}

static bool is_truth(struct str s)
{
    return str_ieq(s, STR("true")) || str_ieq(s, STR("false"));
}

/* RECEIVE, STOREDRIVER: the words of message tracking. */
static bool is_capitals(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 'A' || s.p[i] > 'Z')
            return false;
    return s.n > 2;
}

static bool is_ecp_event(struct str s)
{
    return str_ieq(s, STR("ECP.Request"));
}

static bool is_activity_event(struct str s)
{
    return str_ieq(s, STR("Request")) || str_ieq(s, STR("GlobalActivity"));
}

static bool is_word(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = ascii_lower(s.p[i]);
        if (c < 'a' || c > 'z')
            return false;
    }
    return s.n > 1;
}

struct exch_shape {
    enum format format;
    size_t least, most; /* cells of a row */
    struct {
        size_t at;
        bool (*fits)(struct str cell); /* NULL behind the last */
    } cells[SHAPE_CELLS];
    const char *columns; /* as in "#Fields:" */
};

#define VERSION "MajorVersion,MinorVersion,BuildVersion,RevisionVersion,"
#define BUDGET                                                                          \
    "BeginBudgetConnections,EndBudgetConnections,BeginBudgetHangingConnections,"        \
    "EndBudgetHangingConnections,BeginBudgetAD,EndBudgetAD,BeginBudgetCAS,"             \
    "EndBudgetCAS,BeginBudgetRPC,EndBudgetRPC,BeginBudgetFindCount,EndBudgetFindCount," \
    "BeginBudgetSubscriptions,EndBudgetSubscriptions,"
#define EWS_TAIL                                                                            \
    "ClientRequestId,AuthenticationType,IsAuthenticated,AuthenticatedUser,Organization,"    \
    "UserAgent,VersionInfo,ClientIpAddress,ServerHostName,FrontEndServer,SoapAction,"       \
    "HttpStatus,RequestSize,ResponseSize,ErrorCode,ImpersonatedUser,ProxyAsUser,ActAsUser," \
    "Cookie,CorrelationGuid,PrimaryOrProxyServer,TaskType,RemoteBackendCount,"              \
    "LocalMailboxCount,RemoteMailboxCount,LocalIdCount,RemoteIdCount," BUDGET               \
    "MDBResource,MDBHealth,MDBHistoricalLoad,ThrottlingPolicy,ThrottlingDelay,"             \
    "ThrottlingRequestType,TotalDCRequestCount,TotalDCRequestLatency,TotalMBXRequestCount," \
    "TotalMBXRequestLatency,RecipientLookupLatency,ExchangePrincipalLatency,"               \
    "HttpPipelineLatency,CheckAccessCoreLatency,AuthModuleLatency,CallContextInitLatency,"  \
    "PreExecutionLatency,CoreExecutionLatency,TotalRequestTime,"                            \
    "DetailedExchangePrincipalLatency,ClientStatistics,GenericInfo,AuthenticationErrors,"   \
    "GenericErrors,Puid"
#define TRACKING_HEAD                                                               \
    "date-time,client-ip,client-hostname,server-ip,server-hostname,source-context," \
    "connector-id,source,event-id,internal-message-id,message-id,"
#define TRACKING_TAIL                                                                 \
    "recipient-address,recipient-status,total-bytes,recipient-count,"                 \
    "related-recipient-address,reference,message-subject,sender-address,return-path," \
    "message-info,directionality,tenant-id,original-client-ip,original-server-ip,custom-data"

/* Sources of each order: docs/formats/exchange-csv.md, "Columns". The most telling first. */
static const struct exch_shape SHAPES[] = {
    {FORMAT_ECP_SERVER,
     4,
     CSV_COLUMNS,
     {{0, is_time}, {2, is_ecp_event}},
     "TimeStamp,ServerName,EventId,EventData"},
    {FORMAT_ECP_ACTIVITY,
     4,
     CSV_COLUMNS,
     {{0, is_time}, {2, is_activity_event}},
     "TimeStamp,ServerName,EventId,EventData"},
    {FORMAT_SMTP,
     9,
     9,
     {{0, is_time}, {3, is_number}, {6, is_sign}},
     "date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,"
     "data,context"},
    {FORMAT_CONNECTIVITY,
     6,
     CSV_COLUMNS,
     {{0, is_time}, {2, is_word}, {4, is_sign}},
     "date-time,session,source,Destination,direction,description"},
    {FORMAT_MESSAGE_TRACKING,
     30,
     30,
     {{0, is_time}, {7, is_capitals}, {8, is_capitals}},
     TRACKING_HEAD "network-message-id," TRACKING_TAIL
                   ",transport-traffic-type,log-id,schema-version"},
    {FORMAT_MESSAGE_TRACKING,
     27,
     27,
     {{0, is_time}, {7, is_capitals}, {8, is_capitals}},
     TRACKING_HEAD "network-message-id," TRACKING_TAIL},
    {FORMAT_MESSAGE_TRACKING,
     26,
     26,
     {{0, is_time}, {7, is_capitals}, {8, is_capitals}},
     TRACKING_HEAD TRACKING_TAIL},
    {FORMAT_AUDIT,
     12,
     12,
     {{0, is_time}, {2, is_guid}, {4, is_object}},
     "Timestamp,Server,TenantId,RecordType,Data,UserKey,RecordId,Operation,Workload,"
     "ResultStatus,Version,Scope"},
    {FORMAT_AGENT,
     20,
     20,
     {{0, is_time}, {3, is_endpoint}, {9, is_number}},
     "Timestamp,SessionId,LocalEndpoint,RemoteEndpoint,EnteredOrgFromIP,MessageId,"
     "P1FromAddress,P2FromAddresses,Recipient,NumRecipients,Agent,Event,Action,SmtpResponse,"
     "Reason,ReasonData,Diagnostics,NetworkMsgID,TenantID,Directionality"},
    {FORMAT_RPS_HTTP,
     38,
     38,
     {{0, is_time}, {1, is_time}, {2, is_guid}},
     "DateTime,StartTime,RequestId," VERSION
     "ClientRequestId,UrlHost,UrlStem,AuthenticationType,IsAuthenticated,AuthenticatedUser,"
     "Organization,ManagedOrganization,ClientIpAddress,ServerHostName,FrontEndServer,"
     "HttpStatus,SubStatus,ErrorCode,Action,CommandId,CommandName,SessionId,ShellId,FailFast,"
     "ContributeToFailFast,RequestBytes,ClientInfo,CPU,Memory,ActivityContextLifeTime,"
     "TotalTime,UrlQuery,GenericLatency,GenericInfo,GenericErrors"},
    {FORMAT_RPS_CMDLET,
     67,
     67,
     {{0, is_time}, {1, is_time}, {2, is_guid}},
     "DateTime,StartTime,RequestId,ClientRequestId," VERSION
     "ServerHostName,ProcessId,ProcessName,ThreadId,CultureInfo,Organization,"
     "AuthenticatedUser,ExecutingUserSid,EffectiveOrganization,UserServicePlan,IsAdmin,"
     "ClientApplication,Cmdlet,Parameters,CmdletUniqueId,UserBudgetOnStart,"
     "ContributeToFailFast,RunspaceSettingsCreationHint,ADViewEntireForest,"
     "ADRecipientViewRoot,ADConfigurationDomainControllers,ADPreferredGlobalCatalogs,"
     "ADPreferredDomainControllers,ADUserConfigurationDomainController,"
     "ADUserPreferredGlobalCatalog,ADuserPreferredDomainControllers,ThrottlingInfo,DelayInfo,"
     "ThrottlingDelay,IsOutputObjectRedacted,CmdletProxyStage,CmdletProxyRemoteServer,"
     "CmdletProxyRemoteServerVersion,CmdletProxyMethod,ProxiedObjectCount,CmdletProxyLatency,"
     "OutputObjectCount,ParameterBinding,BeginProcessing,ProcessRecord,EndProcessing,"
     "StopProcessing,BizLogic,PowerShellLatency,UserInteractionLatency,"
     "ProvisioningLayerLatency,ActivityContextLifeTime,TotalTime,ErrorType,ExecutionResult,"
     "CacheHitCount,CacheMissCount,GenericLatency,GenericInfo,GenericErrors,ObjectGuid,"
     "ExternalDirectoryOrganizationId,ExternalDirectoryObjectId,NonPiiParameters"},
    {FORMAT_EWS,
     92,
     92,
     {{0, is_time}, {1, is_guid}, {9, is_truth}},
     "DateTime,RequestId," VERSION "Ring," EWS_TAIL
     ",StartTime,ProcessId,TimeInGC,StartTotalMemory,EndTotalMemory,StartGCCounts,EndGCCounts,"
     "TokenBasedThrottlingPolicy,BudgetKey,CoinsCharged,CoinsChargedMethod,SidBudgetInfo,"
     "AppBudgetInfo,TenantBudgetInfo,ResourceAccessed,ResourceHealthBasedThreshold,"
     "ThrottledBy,BackoffHint,WorkClassification"},
    {FORMAT_EWS,
     72,
     72,
     {{0, is_time}, {1, is_guid}, {8, is_truth}},
     "DateTime,RequestId," VERSION EWS_TAIL},
    {FORMAT_AUTODISCOVER,
     39,
     39,
     {{0, is_time}, {1, is_guid}, {8, is_truth}},
     "DateTime,RequestId," VERSION
     "ClientRequestId,AuthenticationType,IsAuthenticated,AuthenticatedUser,Organization,"
     "UserAgent,ClientIpAddress,ServerHostName,FrontEndServer,SoapAction,HttpStatus,ErrorCode,"
     "RedirectType,BeginBudgetConnections,EndBudgetConnections,BeginBudgetAD,EndBudgetAD,"
     "BeginBudgetCAS,EndBudgetCAS,ThrottlingPolicy,TotalDCRequestCount,TotalDCRequestLatency,"
     "HttpPipelineLatency,CheckAccessCoreLatency,CoreExecutionLatency,CallerADLatency,"
     "RequestedUserADLatency,ExchangePrincipalLatency,TotalRequestTime,GenericInfo,"
     "AuthenticationErrors,GenericErrors,Puid"},
    {FORMAT_MAPIHTTP,
     46,
     46,
     {{0, is_time}, {1, is_guid}, {4, is_word}, {9, is_number}},
     "DateTime,RequestId,MapiRequestId,ClientRequestId,RequestType,HttpStatusCode,"
     "ResponseCode,StatusCode,ReturnCode,TotalRequestLatency,DeploymentRing," VERSION
     "AuthenticatedUserEmail,UPN,Puid,TenantGuid,MailboxId,MDBGuid,ActAsUserEmail,ClientIP,"
     "SourceCafeServer,EdgeInfo,NetworkDeviceInfo,SessionCookie,SequenceCookie,"
     "MapiClientInfo,ClientSoftware,ClientSoftwareVersion,ClientMode,AuthenticationType,"
     "AuthModuleLatency,LiveIdBasicLog,LiveIdBasicError,LiveIdNegotiateError,OAuthLatency,"
     "OAuthError,OAuthErrorCategory,OAuthExtraInfo,AuthenticatedUser,RopIds,"
     "OperationSpecific,GenericInfo,GenericErrors"},
    /* The oldest builds lack some of the columns, which ones depends on the build. */
    {FORMAT_HTTPPROXY,
     40,
     CSV_COLUMNS,
     {{0, is_time}, {1, is_guid}},
     "DateTime,RequestId," VERSION
     "ClientRequestId,Protocol,UrlHost,UrlStem,ProtocolAction,AuthenticationType,"
     "IsAuthenticated,AuthenticatedUser,Organization,AnchorMailbox,UserAgent,ClientIpAddress,"
     "ServerHostName,HttpStatus,BackEndStatus,ErrorCode,Method,ProxyAction,TargetServer,"
     "TargetServerVersion,RoutingType,RoutingHint,BackEndCookie,ServerLocatorHost,"
     "ServerLocatorLatency,RequestBytes,ResponseBytes,TargetOutstandingRequests,"
     "AuthModulePerfContext,HttpPipelineLatency,CalculateTargetBackEndLatency,"
     "GlsLatencyBreakup,TotalGlsLatency,AccountForestLatencyBreakup,"
     "TotalAccountForestLatency,ResourceForestLatencyBreakup,TotalResourceForestLatency,"
     "ADLatency,SharedCacheLatencyBreakup,TotalSharedCacheLatency,ActivityContextLifeTime,"
     "ModuleToHandlerSwitchingLatency,ClientReqStreamLatency,BackendReqInitLatency,"
     "BackendReqStreamLatency,BackendProcessingLatency,BackendRespInitLatency,"
     "BackendRespStreamLatency,ClientRespStreamLatency,KerberosAuthHeaderLatency,"
     "HandlerCompletionLatency,RequestHandlerLatency,HandlerToModuleSwitchingLatency,"
     "ProxyTime,CoreLatency,RoutingLatency,HttpProxyOverhead,TotalRequestTime,"
     "RouteRefresherLatency,UrlQuery,BackEndGenericInfo,GenericInfo,GenericErrors,EdgeTraceId,"
     "DatabaseGuid,UserADObjectGuid,PartitionEndpointLookupLatency,RoutingStatus"},
    {FORMAT_EXCHANGE, /* POP3 and IMAP4 */
     13,
     13,
     {{0, is_time}, {2, is_number}, {6, is_number}, {9, is_word}},
     "dateTime,sessionId,seqNumber,sIp,cIp,user,duration,rqsize,rpsize,command,parameters,"
     "context,puid"},
};

static bool shape_fits(const struct exch_shape *shape, const struct csv_row *row)
{
    if (row->n < shape->least || row->n > shape->most)
        return false;
    for (size_t i = 0; i < SHAPE_CELLS && shape->cells[i].fits; i++)
        if (!shape->cells[i].fits(as_text(row->cells[shape->cells[i].at].raw)))
            return false;
    return true;
}

const struct exch_shape *exch_shape_find(enum format format, const struct csv_row *row)
{
    for (size_t i = 0; i < sizeof SHAPES / sizeof *SHAPES; i++)
        if ((format == FORMAT_UNKNOWN || SHAPES[i].format == format) &&
            shape_fits(&SHAPES[i], row))
            return &SHAPES[i];
    return NULL;
}

bool exch_shape_holds(const struct exch_shape *shape, size_t cells)
{
    return cells >= shape->least && cells <= shape->most;
}

void exch_shape_layout(const struct exch_shape *shape, struct exch_layout *ret)
{
    struct str rest = str_of(shape->columns); /* plain names: nothing must be copied */
    ret->n = 0;
    ret->separator = ',';
    while (ret->n < CSV_COLUMNS) {
        const char *comma = rest.n ? memchr(rest.p, ',', rest.n) : NULL;
        size_t to = comma ? (size_t)(comma - rest.p) : rest.n;
        ret->names[ret->n++] = str_part(rest, 0, to);
        if (!comma)
            return;
        rest = str_part(rest, to + 1, rest.n);
    }
}

/* --- by the start of a file ------------------------------------------------------------- */

/* The next of the texts in "a|b|c"; false behind the last. */
static bool next_of(const char **list, struct str *ret)
{
    if (!*list || !**list)
        return false;
    const char *bar = strchr(*list, '|');
    size_t n = bar ? (size_t)(bar - *list) : strlen(*list);
    *ret = (struct str){*list, n};
    *list += n + (bar ? 1 : 0);
    return true;
}

static enum format format_of_type(struct str type)
{
    for (size_t i = 0; i < LOG_COUNT; i++) {
        const char *list = LOGS[i].types;
        struct str name;
        while (next_of(&list, &name))
            if (str_ieq(type, name))
                return LOGS[i].format;
    }
    /* Names vary a little between versions ("HttpProxy Log"). */
    static const struct {
        const char *word;
        enum format format;
    } words[] = {
        {"HttpProxy", FORMAT_HTTPPROXY},
        {"ECP Server", FORMAT_ECP_SERVER},
        {"ECP Activ", FORMAT_ECP_ACTIVITY},
        {"MapiHttp", FORMAT_MAPIHTTP},
        {"Autodiscover", FORMAT_AUTODISCOVER},
        {"Rps Cmdlet", FORMAT_RPS_CMDLET},
        {"Rps Http", FORMAT_RPS_HTTP},
        {"Message Tracking", FORMAT_MESSAGE_TRACKING},
        {"SMTP Receive", FORMAT_SMTP},
        {"SMTP Send", FORMAT_SMTP},
        {"Transport Connectivity", FORMAT_CONNECTIVITY},
        {"Mitigation", FORMAT_MITIGATION},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_ifind(type, str_of(words[i].word), 0) != SIZE_MAX)
            return words[i].format;
    return FORMAT_UNKNOWN;
}

static size_t count_marks(const struct exch_layout *layout, const char *marks)
{
    size_t n = 0;
    struct str name;
    while (next_of(&marks, &name))
        for (size_t i = 0; i < layout->n; i++)
            n += str_ieq(layout->names[i], name);
    return n;
}

static enum format format_of_columns(const struct exch_layout *layout)
{
    enum format best = FORMAT_UNKNOWN;
    size_t most = 0;
    for (size_t i = 0; i < LOG_COUNT; i++) {
        size_t n = count_marks(layout, LOGS[i].marks);
        if (n >= LOGS[i].marks_least && n > most) {
            most = n;
            best = LOGS[i].format;
        }
    }
    return best;
}

/* What a log's start says of itself. */
struct start {
    bool exchange;   /* "#Software: Microsoft Exchange" */
    bool directives; /* some line starts with '#' */
    bool names;      /* the line before was "#TYPE": this one is names, whichever */
    bool headed;     /* layout is the first header, "#Fields:" or bare */
    struct exch_layout layout;
    struct str type;
    struct str row; /* the first line that is no header, and the text behind it */
};

static bool read_header(struct str line, struct arena *arena, struct start *start)
{
    struct exch_layout layout;
    bool is = start->names ? exch_layout_names(str_bytes(line), arena, &layout)
                           : exch_layout_parse(str_bytes(line), arena, &layout);
    start->names = false;
    if (is && !start->headed) {
        start->headed = true;
        start->layout = layout;
    }
    return is;
}

/* rest  the text from the line on */
static void read_line(struct str line, struct str rest, struct arena *arena,
                      struct start *start)
{
    struct str type = STR("#Log-type:");
    start->directives |= line.n && line.p[0] == '#';
    if (read_header(line, arena, start))
        return;
    if (str_istarts(line, STR("#Software: Microsoft Exchange")))
        start->exchange = true;
    else if (str_istarts(line, type) && start->type.n == 0)
        start->type = str_trim(str_part(line, type.n, line.n));
    else if (str_istarts(line, STR("#TYPE ")))
        start->names = true;
    else if (line.n && line.p[0] != '#' && start->row.n == 0)
        start->row = rest;
}

static void read_start(struct str text, struct arena *arena, struct start *ret)
{
    *ret = (struct start){.type = STR(""), .row = STR("")};
    size_t at = 0;
    for (int i = 0; i < SNIFF_LINES && at < text.n; i++) {
        const char *nl = memchr(text.p + at, '\n', text.n - at);
        size_t to = nl ? (size_t)(nl - text.p) : text.n;
        read_line(str_trim(str_part(text, at, to)), str_part(text, at, text.n), arena, ret);
        at = to + 1;
    }
}

/* Splits the first row of a text: over several lines where a quote is open. */
static void split_first(struct str text, char separator, struct csv_row *ret)
{
    size_t to = 0;
    enum csv_split got = CSV_OPEN;
    for (int i = 0; i < JOINS_MOST && got == CSV_OPEN && to < text.n; i++) {
        const char *nl = memchr(text.p + to, '\n', text.n - to);
        size_t end = nl ? (size_t)(nl - text.p) : text.n;
        got = csv_split(str_bytes(str_trim(str_part(text, 0, end))), separator, ret);
        to = end + 1;
    }
}

/* The logs of four columns differ in what they call their events. */
static enum format format_of_events(const struct exch_layout *layout, struct str rows)
{
    if (exch_column(layout, "EventId") == SIZE_MAX ||
        exch_column(layout, "EventData") == SIZE_MAX ||
        exch_column(layout, "ServerName") == SIZE_MAX)
        return FORMAT_UNKNOWN;
    struct csv_row row = {0};
    split_first(rows, layout->separator, &row);
    const struct exch_shape *shape = exch_shape_find(FORMAT_UNKNOWN, &row);
    if (rows.n == 0)
        return FORMAT_ECP_SERVER; /* the only one that a fresh server leaves empty */
    return shape && (shape->format == FORMAT_ECP_SERVER || shape->format == FORMAT_ECP_ACTIVITY)
               ? shape->format
               : FORMAT_EXCHANGE;
}

static enum format format_of_start(const struct start *start)
{
    enum format format = format_of_type(start->type);
    if (format != FORMAT_UNKNOWN)
        return format;
    bool named = start->exchange || start->type.n > 0;
    if (start->headed) {
        if (start->type.n == 0)
            format = format_of_columns(&start->layout);
        if (format == FORMAT_UNKNOWN && start->type.n == 0)
            format = format_of_events(&start->layout, start->row);
        if (format != FORMAT_UNKNOWN)
            return format;
        return named && start->layout.n > 1 ? FORMAT_EXCHANGE : FORMAT_TEXT;
    }
    struct csv_row row = {0};
    split_first(start->row, ',', &row);
    const struct exch_shape *shape = exch_shape_find(FORMAT_UNKNOWN, &row);
    if (shape)
        return shape->format;
    if (start->exchange)
        return FORMAT_EXCHANGE;
    return start->directives ? FORMAT_TEXT : FORMAT_UNKNOWN;
}

enum format exch_log_sniff(struct str text)
{
    struct arena *scratch = arena_new();
    struct start start;
    read_start(text, scratch, &start);
    enum format format = format_of_start(&start);
    arena_free(scratch);
    return format;
}
