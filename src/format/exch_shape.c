#include "format/exch_shape.h"

#include <stdint.h>

#include "base/num.h"
#include "base/time.h"

enum {
    SHAPE_CELLS = 4, /* cells of a row whose form is looked at */
};

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

enum format exch_shape_format(const struct exch_shape *shape)
{
    return shape->format;
}
