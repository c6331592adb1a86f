#include "format/exch_csv.h"

#include <stdint.h>
#include <string.h>

#include "base/time.h"
#include "base/utf.h"

static const char *const HTTPPROXY[] = {
    "DateTime",
    "RequestId",
    "MajorVersion",
    "MinorVersion",
    "BuildVersion",
    "RevisionVersion",
    "ClientRequestId",
    "Protocol",
    "UrlHost",
    "UrlStem",
    "ProtocolAction",
    "AuthenticationType",
    "IsAuthenticated",
    "AuthenticatedUser",
    "Organization",
    "AnchorMailbox",
    "UserAgent",
    "ClientIpAddress",
    "ServerHostName",
    "HttpStatus",
    "BackEndStatus",
    "ErrorCode",
    "Method",
    "ProxyAction",
    "TargetServer",
    "TargetServerVersion",
    "RoutingType",
    "RoutingHint",
    "BackEndCookie",
    "ServerLocatorHost",
    "ServerLocatorLatency",
    "RequestBytes",
    "ResponseBytes",
    "TargetOutstandingRequests",
    "AuthModulePerfContext",
    "HttpPipelineLatency",
    "CalculateTargetBackEndLatency",
    "GlsLatencyBreakup",
    "TotalGlsLatency",
    "AccountForestLatencyBreakup",
    "TotalAccountForestLatency",
    "ResourceForestLatencyBreakup",
    "TotalResourceForestLatency",
    "ADLatency",
    "SharedCacheLatencyBreakup",
    "TotalSharedCacheLatency",
    "ActivityContextLifeTime",
    "ModuleToHandlerSwitchingLatency",
    "ClientReqStreamLatency",
    "BackendReqInitLatency",
    "BackendReqStreamLatency",
    "BackendProcessingLatency",
    "BackendRespInitLatency",
    "BackendRespStreamLatency",
    "ClientRespStreamLatency",
    "KerberosAuthHeaderLatency",
    "HandlerCompletionLatency",
    "RequestHandlerLatency",
    "HandlerToModuleSwitchingLatency",
    "ProxyTime",
    "CoreLatency",
    "RoutingLatency",
    "HttpProxyOverhead",
    "TotalRequestTime",
    "RouteRefresherLatency",
    "UrlQuery",
    "BackEndGenericInfo",
    "GenericInfo",
    "GenericErrors",
    "EdgeTraceId",
    "DatabaseGuid",
    "UserADObjectGuid",
    "PartitionEndpointLookupLatency",
    "RoutingStatus",
};

static const char *const ECP[] = {"TimeStamp", "ServerName", "EventId", "EventData"};

enum {
    ROW_LEAST = 40, /* cells of an HttpProxy row; the oldest builds have more than 60 */
    TYPE_MOST = 4,  /* letters of an item's type: S, Dbl, I32 */
};

static struct str as_text(struct bytes b)
{
    return (struct str){(const char *)b.p, b.n};
}

static struct bytes part(struct bytes b, size_t from, size_t to)
{
    return (struct bytes){b.p + from, to - from};
}

static size_t find_byte(struct bytes b, char c, size_t from)
{
    const uint8_t *hit = from < b.n ? memchr(b.p + from, c, b.n - from) : NULL;
    return hit ? (size_t)(hit - b.p) : b.n;
}

/* The quote that closes a cell opened before `at`; b.n if none does. */
static size_t find_close(struct bytes b, size_t at)
{
    for (;;) {
        at = find_byte(b, '"', at);
        if (at + 1 >= b.n || b.p[at + 1] != '"')
            return at;
        at += 2;
    }
}

static enum csv_split split(struct bytes line, bool quotes, struct csv_row *ret)
{
    ret->n = 0;
    for (size_t at = 0; at <= line.n;) {
        if (ret->n == CSV_COLUMNS)
            return CSV_WIDE;
        struct csv_cell *cell = &ret->cells[ret->n++];
        cell->quoted = quotes && at < line.n && line.p[at] == '"';
        if (!cell->quoted) {
            size_t to = find_byte(line, ',', at);
            cell->raw = part(line, at, to);
            at = to + 1;
            continue;
        }
        size_t close = find_close(line, at + 1);
        cell->raw = part(line, at + 1, close);
        if (close == line.n)
            return CSV_OPEN;
        at = find_byte(line, ',', close) + 1; /* text behind the quote: nobody writes it */
    }
    return CSV_OK;
}

enum csv_split csv_split(struct bytes line, struct csv_row *ret)
{
    return split(line, true, ret);
}

enum csv_split csv_split_plain(struct bytes line, struct csv_row *ret)
{
    return split(line, false, ret);
}

/* A text with every doubled `quote` made single. */
static struct str undouble(struct str s, char quote, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, char, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        out[n++] = s.p[i];
        if (s.p[i] == quote && i + 1 < s.n && s.p[i + 1] == quote)
            i++;
    }
    return (struct str){out, n};
}

struct str csv_text(struct csv_cell cell, struct arena *arena)
{
    struct str text = utf8_repair(cell.raw, arena);
    if (!cell.quoted || find_byte(str_bytes(text), '"', 0) == text.n)
        return text;
    return undouble(text, '"', arena);
}

bool exch_layout_parse(struct bytes line, struct arena *arena, struct exch_layout *ret)
{
    struct str head = STR("#Fields:");
    bool directive = str_istarts(as_text(line), head);
    if (!directive && (line.n < 9 || (line.p[0] | 0x20) < 'a'))
        if (line.n == 0 || line.p[0] != '"')
            return false;
    if (directive)
        line = str_bytes(str_trim(as_text(part(line, head.n, line.n))));

    struct csv_row row;
    if (csv_split(line, &row) != CSV_OK || line.n == 0)
        return false;
    struct str first = str_trim(csv_text(row.cells[0], arena));
    if (!directive &&
        (row.n < 4 || (!str_ieq(first, STR("DateTime")) && !str_ieq(first, STR("TimeStamp")))))
        return false;
    ret->n = row.n;
    for (size_t i = 0; i < row.n; i++)
        ret->names[i] = str_trim(csv_text(row.cells[i], arena));
    return true;
}

static void layout_of(const char *const *names, size_t n, struct exch_layout *ret)
{
    ret->n = n;
    for (size_t i = 0; i < n; i++)
        ret->names[i] = str_of(names[i]);
}

void exch_layout_httpproxy(struct exch_layout *ret)
{
    layout_of(HTTPPROXY, sizeof HTTPPROXY / sizeof *HTTPPROXY, ret);
}

void exch_layout_ecp(struct exch_layout *ret)
{
    layout_of(ECP, sizeof ECP / sizeof *ECP, ret);
}

size_t exch_column(const struct exch_layout *layout, const char *name)
{
    for (size_t i = 0; i < layout->n; i++)
        if (str_ieq(layout->names[i], str_of(name)))
            return i;
    return SIZE_MAX;
}

static bool is_guid(struct bytes b)
{
    if (b.n != 36)
        return false;
    for (size_t i = 0; i < b.n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        uint8_t c = b.p[i] | 0x20;
        bool hex = (b.p[i] >= '0' && b.p[i] <= '9') || (c >= 'a' && c <= 'f');
        if (dash ? b.p[i] != '-' : !hex)
            return false;
    }
    return true;
}

static bool starts_with_time(const struct csv_row *row)
{
    struct str first = as_text(row->cells[0].raw);
    instant t;
    return row->n > 0 && first.n > 10 && instant_parse(first, &t);
}

bool exch_is_httpproxy_row(const struct csv_row *row)
{
    return row->n >= ROW_LEAST && starts_with_time(row) && is_guid(row->cells[1].raw);
}

bool exch_is_ecp_row(const struct csv_row *row)
{
    return row->n >= 4 && starts_with_time(row) &&
           str_ieq(as_text(row->cells[2].raw), STR("ECP.Request"));
}

/* The quote that ends an item wrapped in single quotes; s.n if none does. */
static size_t item_close(struct str s, size_t at)
{
    for (;;) {
        at = find_byte(str_bytes(s), '\'', at);
        if (at + 1 >= s.n || s.p[at + 1] != '\'')
            return at;
        at += 2;
    }
}

/* The item without its type: "S:CMD=x" -> "CMD=x". */
static struct str without_type(struct str item)
{
    for (size_t i = 0; i < item.n && i <= TYPE_MOST; i++) {
        if (item.p[i] == ':' && i > 0)
            return str_part(item, i + 1, item.n);
        char c = ascii_lower(item.p[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            break;
    }
    return item;
}

bool exch_item_next(struct str cell, size_t *at, struct arena *arena, struct str *ret_key,
                    struct str *ret_value)
{
    while (*at < cell.n && (cell.p[*at] == ';' || cell.p[*at] == ' '))
        ++*at;
    if (*at >= cell.n)
        return false;

    struct str item;
    if (cell.p[*at] == '\'') {
        size_t close = item_close(cell, *at + 1);
        item = undouble(str_part(cell, *at + 1, close), '\'', arena);
        *at = find_byte(str_bytes(cell), ';', close);
    } else {
        size_t to = find_byte(str_bytes(cell), ';', *at);
        item = str_part(cell, *at, to);
        *at = to;
    }

    item = without_type(item);
    size_t equals = find_byte(str_bytes(item), '=', 0);
    bool keyed = equals < item.n;
    *ret_key = keyed ? str_part(item, 0, equals) : STR("");
    *ret_value = keyed ? str_part(item, equals + 1, item.n) : item;
    return true;
}
