#include "event/map_exch.h"

#include <stdint.h>

#include "base/limits.h"
#include "base/utf.h"
#include "event/decode_event.h"
#include "event/map_exch_int.h"
#include "event/web.h"
#include "event/webpath.h"

enum {
    DERIVED_MOST = 48, /* fields we add to a row's own, as a rule */
    JOINS_MOST = 64,   /* lines of one row */
    HEAD_LINES = 32,   /* lines of a log's start in which its name stands */
};

static const char *const NAMES[KNOWN] = {
    [ACT_AS] = "ActAsUser",
    [ACT_AS_MAIL] = "ActAsUserEmail",
    [AGENT] = "Agent",
    [ANCHOR] = "AnchorMailbox",
    [APPLICATION] = "ClientApplication",
    [BACK_END_COOKIE] = "BackEndCookie",
    [BUILD] = "BuildVersion",
    [CLIENT] = "ClientIpAddress",
    [CLIENT_HOST] = "client-hostname",
    [CLIENT_INFO] = "ClientInfo",
    [CLIENT_IP] = "client-ip",
    [CLIENT_IP_MAPI] = "ClientIP",
    [CMDLET] = "Cmdlet",
    [COMMAND_NAME] = "CommandName",
    [CONNECTOR] = "connector-id",
    [CONTEXT] = "context",
    [DATA] = "Data",
    [DESTINATION] = "Destination",
    [ENTERED_FROM] = "EnteredOrgFromIP",
    [EVENT] = "event",
    [EVENT_DATA] = "EventData",
    [EVENT_ID] = "event-id",
    [EXECUTION_RESULT] = "ExecutionResult",
    [GENERIC_INFO] = "GenericInfo",
    [IMAP_CLIENT] = "cIp",
    [IMPERSONATED] = "ImpersonatedUser",
    [MAILBOX_ID] = "MailboxId",
    [MAJOR] = "MajorVersion",
    [MESSAGE_INFO] = "message-info",
    [MINOR] = "MinorVersion",
    [OPERATION] = "Operation",
    [ORIGINAL_CLIENT] = "original-client-ip",
    [P1_FROM] = "P1FromAddress",
    [PARAMETERS] = "Parameters",
    [PROCESS_NAME] = "ProcessName",
    [PROTOCOL] = "Protocol",
    [PROXY_AS] = "ProxyAsUser",
    [QUERY] = "UrlQuery",
    [RECIPIENT] = "Recipient",
    [RECIPIENT_ADDRESS] = "recipient-address",
    [REMOTE_ENDPOINT] = "remote-endpoint",
    [REMOTE_ENDPOINT_AGENT] = "RemoteEndpoint",
    [REQUEST] = "RequestId",
    [RESULT_STATUS] = "ResultStatus",
    [REVISION] = "RevisionVersion",
    [SCHEMA_VERSION] = "schema-version",
    [SENDER_ADDRESS] = "sender-address",
    [SERVER_HOST] = "server-hostname",
    [SOFTWARE] = "ClientSoftware",
    [SOURCE] = "source",
    [STEM] = "UrlStem",
    [SUBJECT] = "message-subject",
    [USER] = "AuthenticatedUser",
    [USER_AGENT] = "UserAgent",
    [USER_KEY] = "UserKey",
    [USER_MAIL] = "AuthenticatedUserEmail",
};

static const enum event_kind KINDS[FORMATS] = {
    [FORMAT_HTTPPROXY] = EVENT_HTTPPROXY,
    [FORMAT_ECP_SERVER] = EVENT_ECP_SERVER,
    [FORMAT_ECP_ACTIVITY] = EVENT_ECP_ACTIVITY,
    [FORMAT_EWS] = EVENT_EWS,
    [FORMAT_AUTODISCOVER] = EVENT_AUTODISCOVER,
    [FORMAT_OWA] = EVENT_OWA,
    [FORMAT_MAPIHTTP] = EVENT_MAPIHTTP,
    [FORMAT_RPS_CMDLET] = EVENT_RPS_CMDLET,
    [FORMAT_RPS_HTTP] = EVENT_RPS_HTTP,
    [FORMAT_MESSAGE_TRACKING] = EVENT_MESSAGE_TRACKING,
    [FORMAT_SMTP] = EVENT_SMTP,
    [FORMAT_AGENT] = EVENT_AGENT,
    [FORMAT_CONNECTIVITY] = EVENT_CONNECTIVITY,
    [FORMAT_AUDIT] = EVENT_AUDIT,
    [FORMAT_MITIGATION] = EVENT_MITIGATION,
    [FORMAT_EXCHANGE] = EVENT_EXCHANGE,
};

/* --- columns ---------------------------------------------------------------------------- */

static size_t find_host(const struct exch_events *s, const struct exch_layout *layout)
{
    if (s->log->host)
        return exch_column(layout, s->log->host);
    if (s->kind != EVENT_EXCHANGE)
        return SIZE_MAX;
    size_t at = exch_column(layout, "ServerHostName");
    return at != SIZE_MAX ? at : exch_column(layout, "ServerName");
}

static void note_names(struct exch_events *s)
{
    s->plain_names = true;
    s->n_carriers = 0;
    s->layouts++;
    for (size_t i = 0; i < s->layout.n; i++) {
        s->plain_names &= row_may_name(s->layout.names[i]);
        if (!decode_event_looks(s->kind, s->layout.names[i]))
            continue;
        s->plain_names &= s->n_carriers < ROW_CARRIERS;
        if (s->plain_names)
            s->carriers[s->n_carriers++] = i;
    }
}

static void use_layout(struct exch_events *s, const struct exch_layout *layout, bool guessed)
{
    s->layout = *layout;
    s->has_layout = true;
    s->guessed = guessed;
    s->free_tail = s->log->free_tail || str_ieq(layout->names[layout->n - 1], STR("EventData"));
    s->shape = NULL;
    s->time_at = exch_time_column(layout);
    s->host_at = find_host(s, layout);
    for (size_t i = 0; i < EXCH_KEYED; i++) {
        const char *name = s->log->keyed[i];
        s->keyed_at[i] = name ? exch_column(layout, name) : SIZE_MAX;
        s->keyed_name[i] = s->keyed_at[i] != SIZE_MAX ? layout->names[s->keyed_at[i]] : STR("");
    }
    for (size_t i = 0; i < KNOWN; i++)
        s->at[i] = exch_column(layout, NAMES[i]);
    note_names(s);
}

/* --- parts ------------------------------------------------------------------------------ */

/* A name in the spelling of Exchange's own folders; unknown ones as they are. */
static struct str part_name(struct str name)
{
    static const char *const names[] = {"Autodiscover",
                                        "Eas",
                                        "Ecp",
                                        "Ews",
                                        "Mapi",
                                        "Oab",
                                        "Owa",
                                        "PowerShell",
                                        "RpcHttp",
                                        "Rest",
                                        "FrontEnd",
                                        "OwaCalendar",
                                        "Hub",
                                        "Mailbox",
                                        "Edge",
                                        "LocalQueue",
                                        "CosmosQueue",
                                        "LocalPowerShell",
                                        "Server",
                                        "Client",
                                        "Powershell-Proxy",
                                        "PushNotifications"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_ieq(name, str_of(names[i])))
            return str_of(names[i]);
    return name;
}

/* The folder below `root`: ".../HttpProxy/Ecp/HttpProxy_2021030306-1.LOG" -> "Ecp". */
static struct str folder_below(struct str path, struct str root)
{
    size_t at;
    if (!path_has_folder(path, root, &at))
        return STR("");
    size_t to = at;
    while (to < path.n && path.p[to] != '/' && path.p[to] != '\\')
        to++;
    return to < path.n ? part_name(str_part(path, at, to)) : STR("");
}

/* The transport service that wrote a log: FrontEnd, Hub, Mailbox, Edge. */
static struct str transport_role(struct str path)
{
    static const char *const roles[] = {"FrontEnd", "Hub", "Mailbox", "Edge"};
    struct str role = folder_below(path, STR("TransportRoles/Logs"));
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (str_eq(role, str_of(roles[i])))
            return role;
    return STR("");
}

static struct str tracking_part(struct str path)
{
    static const struct {
        const char *head, *part;
    } names[] = {{"MSGTRKMA", "moderation"},
                 {"MSGTRKMD", "delivery"},
                 {"MSGTRKMS", "submission"},
                 {"MSGTRK", "transport"}};
    struct str name = path_base_name(path);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_istarts(name, str_of(names[i].head)))
            return str_of(names[i].part);
    return STR("");
}

static struct str smtp_part(const struct exch_events *s, struct str path)
{
    struct str role = transport_role(path);
    const char *way = s->sends ? "SmtpSend" : "SmtpReceive";
    if (role.n == 0 || !s->way_known)
        return s->way_known ? str_of(way) : role;
    return arena_printf(s->arena, "%.*s/%s", STR_ARG(role), way);
}

static struct str audit_part(struct str path)
{
    size_t ignored;
    if (path_has_folder(path, STR("LocalQueue"), &ignored))
        return STR("LocalQueue");
    return path_has_folder(path, STR("CosmosQueue"), &ignored) ? STR("CosmosQueue") : STR("");
}

static struct str part_of(const struct exch_events *s, struct str path, struct str type)
{
    /* The folder whose folders are the parts. */
    static const char *const roots[EVENT_KINDS] = {
        [EVENT_HTTPPROXY] = "HttpProxy",  [EVENT_RPS_CMDLET] = "CmdletInfra",
        [EVENT_RPS_HTTP] = "CmdletInfra", [EVENT_OWA] = "Logging/OWA",
        [EVENT_MAPIHTTP] = "MapiHttp",
    };
    if (roots[s->kind])
        return folder_below(path, str_of(roots[s->kind]));
    if (s->kind == EVENT_MESSAGE_TRACKING)
        return tracking_part(path);
    if (s->kind == EVENT_SMTP)
        return smtp_part(s, path);
    if (s->kind == EVENT_AGENT || s->kind == EVENT_CONNECTIVITY)
        return transport_role(path);
    if (s->kind == EVENT_AUDIT)
        return audit_part(path);
    return type;
}

/* --- opening ---------------------------------------------------------------------------- */

static bool is_start(const struct exch_events *s);
static void split(struct exch_events *s, struct line *line);

/* The start of the line before the one that starts at `at`. */
static size_t line_before(struct bytes text, size_t at)
{
    const uint8_t *nl = at > 1 ? memrchr(text.p, '\n', at - 1) : NULL;
    return nl ? (size_t)(nl - text.p) + 1 : 0;
}

/* A span may start behind a newline that stands inside a quoted cell. That row is the span's
 * before, which reads it to its end: so do we, and start there. */
static void skip_tail(struct exch_events *s, size_t from)
{
    struct lines own = s->lines;
    struct err ignored = {0};
    struct line line;
    if (s->lines.unit != 1 || is_start(s))
        return;
    size_t at = from;
    for (int i = 0; i < JOINS_MOST && at > 0 && from - at < LIMIT_LINE; i++) {
        at = line_before(own.text, at);
        s->lines.at = at;
        if (!is_start(s))
            continue;
        if (line_next(&s->lines, &line, &ignored) > 0)
            split(s, &line);
        break;
    }
    if (s->lines.at <= from)
        line_back(&s->lines, &own);
}

/* What the log calls itself, at its start. */
static struct str log_type(struct bytes file, struct arena *arena)
{
    struct str mark = STR("#Log-type:");
    struct lines lines = lines_of(file, 0, file.n, arena);
    struct err ignored = {0};
    struct line line;
    for (int i = 0; i < HEAD_LINES && line_next(&lines, &line, &ignored) > 0; i++) {
        struct str text = utf8_repair(line.text, arena);
        if (str_istarts(text, mark))
            return arena_str(arena, str_trim(str_part(text, mark.n, text.n)));
    }
    return STR("");
}

/* Whether an SMTP log is of what was received or of what was sent. */
static void find_way(struct exch_events *s, struct str path, struct str type)
{
    static const char *const words[] = {"Receive", "Send"};
    static const char *const folders[] = {"SmtpReceive", "SmtpSend"};
    static const char *const names[] = {"RECV", "SEND"};
    size_t ignored;
    for (size_t i = 0; i < 2 && !s->way_known; i++) {
        bool told = type.n ? str_ifind(type, str_of(words[i]), 0) != SIZE_MAX
                           : path_has_folder(path, str_of(folders[i]), &ignored) ||
                                 str_istarts(path_base_name(path), str_of(names[i]));
        s->way_known = told;
        s->sends = told && i == 1;
    }
}

struct exch_events *exch_events_open(struct bytes file, enum format format, struct str path,
                                     struct span span, struct arena *arena)
{
    struct exch_events *s = ARENA_NEW(arena, struct exch_events);
    s->lines = lines_of(file, span.from, span.to, arena);
    s->arena = arena;
    s->format = format;
    s->kind = KINDS[format];
    s->log = exch_log_of(format);
    struct str type = STR("");
    if (s->kind == EVENT_SMTP || s->kind == EVENT_EXCHANGE)
        type = log_type(file, arena);
    find_way(s, path, type);
    s->part = part_of(s, path, type);
    if (span.from > 0 && span.layout < span.from) {
        struct exch_layout layout;
        struct bytes line = line_at(&s->lines, span.layout, NULL);
        if (exch_layout_parse(line, arena, &layout) || exch_layout_names(line, arena, &layout))
            use_layout(s, &layout, false);
    }
    if (s->lines.at > 0 && s->lines.at == span.from)
        skip_tail(s, s->lines.at);
    return s;
}

/* --- rows ------------------------------------------------------------------------------- */

/* Whether a line starts as only a record or a header does: what stands before it is over. */
static bool is_start(const struct exch_events *s)
{
    enum { LOOK = 12 };
    char p[LOOK];
    size_t n = line_peek(&s->lines, p, LOOK);
    size_t at = n && p[0] == '"' ? 1 : 0;
    if (n < at + LOOK - 1)
        return false;
    return p[at] == '#' || (p[at + 4] == '-' && p[at + 7] == '-' && p[at + 10] == 'T');
}

/* Cells beyond those that a row has room for: they are part of the last one. */
static void keep_rest(struct exch_events *s, const struct line *line)
{
    struct csv_cell *last = &s->row.cells[s->row.n - 1];
    last->raw.n = (size_t)(line->text.p + line->text.n - last->raw.p);
    last->quoted = false;
}

/* Splits the row that starts with this line, over several lines if a quote is open. */
static void split(struct exch_events *s, struct line *line)
{
    char separator = s->has_layout ? s->layout.separator : ',';
    enum csv_split got = csv_split(line->text, separator, &s->row);
    if (got == CSV_WIDE)
        keep_rest(s, line);
    if (got != CSV_OPEN)
        return;
    struct lines before = s->lines;
    struct line first = *line;
    for (int i = 0; got == CSV_OPEN && i < JOINS_MOST && !is_start(s); i++) {
        size_t n = line->text.n;
        if (!line_join(&s->lines, line))
            break;
        got = csv_split_on(line->text, n, separator, &s->row);
    }
    if (got == CSV_WIDE)
        keep_rest(s, line);
    if (got != CSV_OPEN)
        return;
    /* Never closed: the quote is part of the text. */
    line_back(&s->lines, &before);
    *line = first;
    (void)csv_split_plain(line->text, separator, &s->row);
}

struct str exch_text(const struct exch_events *s, size_t column, struct arena *arena)
{
    const struct csv_cell *cell = &s->row.cells[column];
    return s->is_ascii && !cell->quoted ? (struct str){(const char *)cell->raw.p, cell->raw.n}
                                        : csv_text(*cell, arena);
}

static struct str cell_text(const struct exch_events *s, size_t at, struct arena *arena)
{
    return at < s->row.n && at < s->layout.n ? exch_text(s, at, arena) : STR("");
}

struct str exch_cell(const struct exch_events *s, enum known which, struct arena *arena)
{
    return cell_text(s, s->at[which], arena);
}

/* A row without a header above it: taken if its shape is a known one. */
static bool guess_layout(struct exch_events *s)
{
    const struct exch_shape *shape = exch_shape_find(s->format, &s->row);
    if (shape && shape != s->shape) {
        struct exch_layout layout;
        exch_shape_layout(shape, &layout);
        use_layout(s, &layout, true);
        s->shape = shape;
    }
    return shape || (s->shape && exch_shape_holds(s->shape, s->row.n));
}

/* Where the last column is free text, a comma that was not quoted belongs to it. */
static void join_last(struct exch_events *s, const struct line *line)
{
    if (!s->free_tail || s->row.n <= s->layout.n)
        return;
    struct csv_cell *cell = &s->row.cells[s->layout.n - 1];
    if (cell->quoted)
        return;
    cell->raw.n = (size_t)(line->text.p + line->text.n - cell->raw.p);
    s->row.n = s->layout.n;
}

static bool row_time(struct exch_events *s, struct arena *arena, instant *ret)
{
    struct str time = cell_text(s, s->time_at == SIZE_MAX ? 0 : s->time_at, arena);
    if (time.n > 10 && instant_parse_near(time, &s->near, ret))
        return true;
    *ret = INSTANT_NONE;
    return s->time_at == SIZE_MAX; /* a log that has no times is read all the same */
}

/* Whether the row is whole: enough cells, and a time where the layout says. */
static bool row_fits(struct exch_events *s, struct line *line, struct arena *arena,
                     instant *ret)
{
    split(s, line);
    s->is_ascii = line_is_ascii(&s->lines, line);
    if ((!s->has_layout || s->guessed) && !guess_layout(s))
        return false;
    if (!s->guessed && s->row.n < s->layout.n)
        (void)csv_split_plain(line->text, s->layout.separator, &s->row);
    if (!s->guessed && s->row.n < s->layout.n)
        return false;
    join_last(s, line);
    return row_time(s, arena, ret);
}

/* Records start with a digit. */
static bool may_be_header(struct bytes line)
{
    return line.n > 2 && !(line.p[0] >= '0' && line.p[0] <= '9') &&
           !(line.p[1] >= '0' && line.p[1] <= '9');
}

/* A header's text that outlives the line: the names of the columns are part of it. */
static struct bytes header_text(const struct exch_events *s, const struct line *line)
{
    return s->lines.unit == 1 ? line->text : line_at(&s->lines, line->offset, NULL);
}

/* The row of names below "#TYPE Selected...": which ones and in which order, the person
 * decided who made the export. */
static bool take_export(struct exch_events *s, const struct line *line)
{
    struct exch_layout layout;
    s->after_type = false;
    if (!exch_layout_names(header_text(s, line), s->arena, &layout))
        return false;
    use_layout(s, &layout, false);
    return true;
}

static bool take_header(struct exch_events *s, const struct line *line)
{
    struct exch_layout layout;
    if (s->after_type && take_export(s, line))
        return true;
    if (may_be_header(line->text) &&
        exch_layout_parse(header_text(s, line), s->arena, &layout)) {
        use_layout(s, &layout, false);
        return true;
    }
    if (line->text.n == 0 || line->text.p[0] != '#')
        return line->text.n == 0;
    struct str text = {(const char *)line->text.p, line->text.n};
    s->after_type = str_istarts(text, STR("#TYPE "));
    if (str_istarts(text, STR("#Fields:"))) /* one that cannot be read ends the one before */
        s->has_layout = s->guessed = false;
    return true;
}

static int damaged(struct exch_events *s, struct line first, struct arena *arena,
                   struct span *gap, struct err *err)
{
    struct err ignored = {0};
    struct line line;
    bool unheaded = !s->has_layout;
    size_t cells = s->row.n;
    uint64_t to = first.offset + first.size;
    struct lines before = s->lines;
    instant time;
    while (line_next(&s->lines, &line, &ignored) > 0 && line.text.n > 0 &&
           line.text.p[0] != '#') {
        struct exch_layout header;
        if (exch_layout_parse(line.text, arena, &header) || row_fits(s, &line, arena, &time))
            break;
        to = line.offset + line.size;
        before = s->lines;
    }
    line_back(&s->lines, &before);
    *gap = (struct span){.from = first.offset, .to = to};
    if (unheaded)
        return err_set(err, ERR_CORRUPT, "rows without a #Fields line");
    return err_set(err, ERR_CORRUPT, "row of %zu cells does not fit %zu columns", cells,
                   s->layout.n);
}

static struct str host_of(const struct exch_events *s, struct arena *arena)
{
    if (s->kind == EVENT_MESSAGE_TRACKING)
        return exch_tracking_host(s, arena);
    if (s->kind == EVENT_SMTP)
        return exch_smtp_host(s, arena);
    return cell_text(s, s->host_at, arena);
}

static void fill_head(struct exch_events *s, const struct line *line, instant time,
                      struct arena *arena, struct event *ret)
{
    struct str protocol = s->kind == EVENT_HTTPPROXY ? exch_cell(s, PROTOCOL, arena) : STR("");
    *ret = (struct event){
        .kind = s->kind,
        .time = time,
        .offset = line->offset,
        .size = line->size,
        .marks = s->guessed ? MARK_NO_HEADER : 0,
        .host = host_of(s, arena),
        .part = protocol.n ? part_name(protocol) : s->part,
        .channel = STR(""),
        .provider = STR(""),
        .utc_hint = INSTANT_NONE,
    };
}

int exch_events_next(struct exch_events *s, struct arena *arena, struct event *ret,
                     struct span *gap, struct err *err)
{
    for (;;) {
        struct line line;
        instant time;
        int got = line_next(&s->lines, &line, err);
        if (got < 0)
            *gap = (struct span){.from = line.offset, .to = line.offset + line.size};
        if (got <= 0)
            return got;
        if (take_header(s, &line))
            continue;
        if (!row_fits(s, &line, arena, &time))
            return damaged(s, line, arena, gap, err);
        s->line = line.text;
        fill_head(s, &line, time, arena, ret);
        return 1;
    }
}

enum field_type exch_type_of(struct str s)
{
    if (s.n == 0)
        return FIELD_NULL;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return FIELD_TEXT;
    return s.n < 19 ? FIELD_NUMBER : FIELD_TEXT;
}

static void fill(struct exch_events *s, struct arena *arena, struct event *ev,
                 const struct exch_some *some)
{
    size_t n = s->row.n;
    web_make_room(ev, arena, n + DERIVED_MOST);
    for (size_t i = 0; i < n; i++) {
        if (some && i < s->layout.n && !some->columns[i])
            continue;
        struct str value = exch_text(s, i, arena);
        struct str name =
            i < s->layout.n ? s->layout.names[i] : arena_printf(arena, "Column%zu", i + 1);
        event_add(ev, arena, SECTION_DATA, exch_type_of(value), name, value);
    }
    if (!some)
        exch_derive(s, arena, ev);
    else
        exch_derive_httpproxy(s, arena, ev, some->derived);
}

void exch_events_fill(struct exch_events *s, struct arena *arena, struct event *ev)
{
    fill(s, arena, ev, NULL);
}

static const struct exch_some *some_of(struct exch_events *s, const struct wish *wish)
{
    struct exch_some *some = &s->some[wish->id % EXCH_WISHES];
    if (some->wish == wish->id && some->layout == s->layouts)
        return some;
    *some = (struct exch_some){.wish = wish->id, .layout = s->layouts};
    for (uint32_t i = 0; i < wish->n; i++) {
        bool column = false;
        for (size_t k = 0; k < s->layout.n; k++) {
            bool same = row_same_name(wish->names[i], s->layout.names[k]);
            some->columns[k] |= same;
            column |= same;
        }
        some->derived |= column ? 0U : (unsigned)exch_group_of(wish->names[i]);
    }
    for (size_t i = 0; i < s->layout.n; i++)
        if (some->columns[i])
            some->listed[some->n_listed++] = (uint16_t)i;
    return some;
}

void exch_events_fill_some(struct exch_events *s, struct arena *arena, struct event *ev,
                           const struct wish *wish)
{
    /* What is derived of these rows has no column's name. */
    bool apart = s->kind == EVENT_HTTPPROXY && s->plain_names;
    fill(s, arena, ev, apart ? some_of(s, wish) : NULL);
}

bool exch_events_key(struct exch_events *s, struct arena *arena, const struct wish *wish,
                     struct row_key *ret)
{
    if (s->kind != EVENT_HTTPPROXY || !s->plain_names || s->row.n > s->layout.n)
        return false;
    const struct exch_some *some = some_of(s, wish);
    const char layout[] = {(char)(s->layouts & 127), (char)(s->row.n & 127)};
    ret->n = 0;
    if (s->layouts > 127 || s->row.n > 127 || !row_key_add(ret, (struct str){layout, 2}))
        return false;
    for (size_t i = 0; i < some->n_listed; i++)
        if (some->listed[i] < s->row.n &&
            !row_key_add(ret, exch_text(s, some->listed[i], arena)))
            return false;
    return exch_key_httpproxy(s, arena, some->derived, ret);
}

/* --- rows without fields ------------------------------------------------------------------ */

/* The column with the client's address, for the logs whose clients are asked for. */
static enum known client_column(const struct exch_events *s)
{
    return s->kind == EVENT_MAPIHTTP ? CLIENT_IP_MAPI : CLIENT;
}

static bool has_client(enum event_kind kind)
{
    return kind == EVENT_HTTPPROXY || kind == EVENT_EWS || kind == EVENT_AUTODISCOVER ||
           kind == EVENT_MAPIHTTP || kind == EVENT_RPS_HTTP;
}

static bool has_build(enum event_kind kind)
{
    return has_client(kind) || kind == EVENT_RPS_CMDLET;
}

/* Logs of which a row's text, build and client can be told without its items. */
static bool has_rows(enum event_kind kind)
{
    return has_build(kind) || kind == EVENT_MESSAGE_TRACKING || kind == EVENT_SMTP ||
           kind == EVENT_AGENT || kind == EVENT_CONNECTIVITY;
}

/* A forged routing cookie: there are few, and much is derived from them. */
static bool is_forged(const struct exch_events *s, struct arena *arena)
{
    return s->kind == EVENT_HTTPPROXY &&
           str_istarts(str_trim(exch_cell(s, ANCHOR, arena)), STR("ServerInfo~"));
}

bool exch_events_row(struct exch_events *s, struct arena *arena, struct log_row *ret)
{
    if (s->lines.unit != 1 || !s->plain_names || !has_rows(s->kind) || is_forged(s, arena))
        return false;
    struct log_row row = {.text = s->line, .client = STR(""), .build = STR("")};
    if (has_client(s->kind))
        row.client = web_address(exch_cell(s, client_column(s), arena));
    if (has_build(s->kind))
        row.build = exch_row_build(s, arena);
    else if (s->kind == EVENT_MESSAGE_TRACKING)
        row.build = exch_tracking_build(s, arena);
    for (size_t i = 0; i < s->n_carriers; i++) {
        struct str text = cell_text(s, s->carriers[i], arena);
        if (text.n)
            row.carriers[row.n_carriers++] = text;
    }
    *ret = row;
    return true;
}
