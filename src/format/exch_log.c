#include "format/exch_log.h"

#include <stdint.h>

#include "format/exch_shape.h"

enum {
    SNIFF_LINES = 32, /* lines of a log's start looked at */
    JOINS_MOST = 64,  /* lines of one row */
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
    return shape && (exch_shape_format(shape) == FORMAT_ECP_SERVER ||
                     exch_shape_format(shape) == FORMAT_ECP_ACTIVITY)
               ? exch_shape_format(shape)
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
        return exch_shape_format(shape);
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
