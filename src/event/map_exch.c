#include "event/map_exch.h"

#include <inttypes.h>
#include <stdint.h>

#include "base/num.h"
#include "base/utf.h"
#include "event/anchor.h"
#include "event/cmdlet.h"
#include "event/web.h"
#include "event/webpath.h"
#include "format/exch_build.h"
#include "format/exch_csv.h"
#include "format/line.h"

enum {
    ROW_LEAST = 4,     /* cells of a row without header */
    DERIVED_MOST = 32, /* fields we add to a row's own, as a rule */
    JOINS_MOST = 64,   /* lines of one row: each joining splits the row again */
};

enum known { /* columns that we look for by name */
             ANCHOR,
             BACK_END_COOKIE,
             BUILD,
             CLIENT,
             EVENT_DATA,
             GENERIC_INFO,
             MAJOR,
             MINOR,
             PROTOCOL,
             QUERY,
             REQUEST,
             REVISION,
             STEM,
             USER,
             USER_AGENT,
             KNOWN,
};

static const char *const NAMES[KNOWN] = {
    [ANCHOR] = "AnchorMailbox", [BACK_END_COOKIE] = "BackEndCookie",
    [BUILD] = "BuildVersion",   [CLIENT] = "ClientIpAddress",
    [EVENT_DATA] = "EventData", [GENERIC_INFO] = "GenericInfo",
    [MAJOR] = "MajorVersion",   [MINOR] = "MinorVersion",
    [PROTOCOL] = "Protocol",    [QUERY] = "UrlQuery",
    [REQUEST] = "RequestId",    [REVISION] = "RevisionVersion",
    [STEM] = "UrlStem",         [USER] = "AuthenticatedUser",
    [USER_AGENT] = "UserAgent",
};

/* A text made of a number: it is the same in row after row. */
struct memo {
    struct exch_build of;
    struct str text; /* in the reader's arena; "" before the first use */
};

struct exch_events {
    struct lines lines;
    struct arena *arena;
    enum event_kind kind;
    struct exch_layout layout;
    bool has_layout;
    bool guessed; /* the layout is the known one: the log had no header */
    size_t time_at;
    size_t host_at;
    size_t at[KNOWN]; /* SIZE_MAX where the log has no such column */
    struct memo build;
    struct memo be_version;
    struct str part; /* by the path */
    struct csv_row row;
};

static void use_layout(struct exch_events *s, const struct exch_layout *layout, bool guessed)
{
    bool ecp = s->kind == EVENT_ECP_SERVER;
    s->layout = *layout;
    s->has_layout = true;
    s->guessed = guessed;
    s->time_at = exch_column(layout, ecp ? "TimeStamp" : "DateTime");
    s->host_at = exch_column(layout, ecp ? "ServerName" : "ServerHostName");
    for (size_t i = 0; i < KNOWN; i++)
        s->at[i] = exch_column(layout, NAMES[i]);
}

/* The protocol in the spelling of the folders; unknown ones as they are. */
static struct str part_name(struct str protocol)
{
    static const char *const names[] = {"Autodiscover", "Eas",     "Ecp",  "Ews",
                                        "Mapi",         "Oab",     "Owa",  "OwaCalendar",
                                        "PowerShell",   "RpcHttp", "Rest", "PushNotifications"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_ieq(protocol, str_of(names[i])))
            return str_of(names[i]);
    return protocol;
}

/* ".../HttpProxy/Ecp/HttpProxy_2021030306-1.LOG" -> "Ecp" */
static struct str part_of_path(struct str path)
{
    size_t at;
    if (!path_has_folder(path, STR("HttpProxy"), &at))
        return STR("");
    size_t to = at;
    while (to < path.n && path.p[to] != '/' && path.p[to] != '\\')
        to++;
    return to < path.n ? part_name(str_part(path, at, to)) : STR("");
}

struct exch_events *exch_events_open(struct bytes file, enum format format, struct str path,
                                     struct span span, struct arena *arena)
{
    enum event_kind kind = format == FORMAT_ECP_SERVER ? EVENT_ECP_SERVER : EVENT_HTTPPROXY;
    struct exch_events *s = ARENA_NEW(arena, struct exch_events);
    s->lines = lines_of(file, span.from, span.to, arena);
    s->arena = arena;
    s->kind = kind;
    s->part = kind == EVENT_HTTPPROXY ? part_of_path(path) : STR("");
    if (span.from > 0 && span.layout < span.from) {
        struct exch_layout layout;
        if (exch_layout_parse(line_at(&s->lines, span.layout, NULL), arena, &layout))
            use_layout(s, &layout, false);
    }
    return s;
}

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

/* Splits the row that starts with this line, over several lines if a quote is open. */
static void split(struct exch_events *s, struct line *line)
{
    enum csv_split got = csv_split(line->text, &s->row);
    if (got != CSV_OPEN)
        return;
    struct lines before = s->lines;
    struct line first = *line;
    for (int i = 0; got == CSV_OPEN && i < JOINS_MOST && !is_start(s); i++) {
        if (!line_join(&s->lines, line))
            break;
        got = csv_split(line->text, &s->row);
    }
    if (got != CSV_OPEN)
        return;
    /* Never closed: the quote is part of the text. */
    s->lines = before;
    *line = first;
    (void)csv_split_plain(line->text, &s->row);
}

static struct str cell_text(const struct exch_events *s, size_t at, struct arena *arena)
{
    return at < s->row.n && at < s->layout.n ? csv_text(s->row.cells[at], arena) : STR("");
}

/* A row without a header above it: taken if its shape is the known one. */
static bool guess_layout(struct exch_events *s)
{
    struct exch_layout layout;
    if (s->kind == EVENT_ECP_SERVER) {
        if (!exch_is_ecp_row(&s->row))
            return false;
        exch_layout_ecp(&layout);
    } else {
        if (!exch_is_httpproxy_row(&s->row))
            return false;
        exch_layout_httpproxy(&layout);
    }
    use_layout(s, &layout, true);
    return true;
}

/* The ECP log's last column is free text: a comma that was not quoted belongs to it. */
static void join_last(struct exch_events *s, const struct line *line)
{
    size_t last = s->layout.n - 1;
    if (s->kind != EVENT_ECP_SERVER || s->row.n <= s->layout.n)
        return;
    struct csv_cell *cell = &s->row.cells[last];
    if (cell->quoted)
        return;
    cell->raw.n = (size_t)(line->text.p + line->text.n - cell->raw.p);
    s->row.n = s->layout.n;
}

/* Whether the row is whole: enough cells, and a time where the layout says. */
static bool row_fits(struct exch_events *s, struct line *line, struct arena *arena,
                     instant *ret)
{
    split(s, line);
    if (!s->has_layout && !guess_layout(s))
        return false;
    if (s->row.n < s->layout.n && !s->guessed)
        (void)csv_split_plain(line->text, &s->row);
    if (s->row.n < (s->guessed ? ROW_LEAST : s->layout.n))
        return false;
    join_last(s, line);
    struct str time = cell_text(s, s->time_at, arena);
    return time.n > 10 && instant_parse(time, ret);
}

static bool take_header(struct exch_events *s, const struct line *line)
{
    struct exch_layout layout;
    if (exch_layout_parse(line->text, s->arena, &layout)) {
        use_layout(s, &layout, false);
        return true;
    }
    return line->text.n == 0 || line->text.p[0] == '#';
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
    s->lines = before;
    *gap = (struct span){.from = first.offset, .to = to};
    if (unheaded)
        return err_set(err, ERR_CORRUPT, "rows without a #Fields line");
    return err_set(err, ERR_CORRUPT, "row of %zu cells does not fit %zu columns", cells,
                   s->layout.n);
}

static void fill_head(struct exch_events *s, const struct line *line, instant time,
                      struct arena *arena, struct event *ret)
{
    struct str protocol = cell_text(s, s->at[PROTOCOL], arena);
    *ret = (struct event){
        .kind = s->kind,
        .time = time,
        .offset = line->offset,
        .size = line->size,
        .marks = s->guessed ? MARK_NO_HEADER : 0,
        .host = cell_text(s, s->host_at, arena),
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
        fill_head(s, &line, time, arena, ret);
        return 1;
    }
}

static enum field_type type_of(struct str s)
{
    if (s.n == 0)
        return FIELD_NULL;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return FIELD_TEXT;
    return s.n < 19 ? FIELD_NUMBER : FIELD_TEXT;
}

static struct str column(const struct exch_events *s, enum known which, struct arena *arena)
{
    return cell_text(s, s->at[which], arena);
}

static bool read_number(const struct exch_events *s, enum known which, struct arena *arena,
                        uint32_t *ret)
{
    uint64_t v;
    if (!num_u64(column(s, which, arena), &v) || v > UINT32_MAX)
        return false;
    *ret = (uint32_t)v;
    return true;
}

static bool is_new(const struct memo *memo, struct exch_build b)
{
    return memo->text.n == 0 || exch_build_cmp(memo->of, b) != 0;
}

static void derive_build(struct exch_events *s, struct arena *arena, struct event *ev)
{
    struct exch_build b;
    if (!read_number(s, MAJOR, arena, &b.major) || !read_number(s, MINOR, arena, &b.minor) ||
        !read_number(s, BUILD, arena, &b.build) ||
        !read_number(s, REVISION, arena, &b.revision))
        return;
    if (is_new(&s->build, b))
        s->build = (struct memo){b, exch_build_text(b, s->arena)};
    web_derive(ev, arena, "Build", s->build.text);
}

/* "FEAuth=BEVersion-1942063431": the version that the routing cookie claims. */
static void derive_version(struct exch_events *s, struct arena *arena, struct event *ev)
{
    struct str info = column(s, GENERIC_INFO, arena);
    struct str mark = STR("BEVersion-");
    size_t at = str_ifind(info, mark, 0);
    if (at == SIZE_MAX)
        return;
    size_t from = at + mark.n;
    size_t to = from;
    while (to < info.n && info.p[to] >= '0' && info.p[to] <= '9')
        to++;
    uint64_t v;
    if (!num_u64(str_part(info, from, to), &v) || v > UINT32_MAX)
        return;
    struct exch_build b = exch_build_unpack((uint32_t)v);
    if (is_new(&s->be_version, b))
        s->be_version =
            (struct memo){b, arena_printf(s->arena, "%" PRIu32 ".%" PRIu32 ".%" PRIu32, b.major,
                                          b.minor, b.build)};
    web_derive(ev, arena, "BEVersion", s->be_version.text);
}

/* Adds the anchor's parts; returns its path as written, "" if it has none. */
static struct str derive_anchor(const struct exch_events *s, struct arena *arena,
                                struct event *ev)
{
    struct anchor a;
    if (!anchor_parse(column(s, ANCHOR, arena), arena, &a))
        return STR("");
    web_derive(ev, arena, "AnchorKind", a.kind);
    if (!str_ieq(a.kind, STR("ServerInfo")))
        return STR("");
    web_derive(ev, arena, "AnchorHost", a.host);
    web_derive(ev, arena, "AnchorPort", a.port);
    web_derive(ev, arena, "AnchorPath", a.path);
    web_derive(ev, arena, "AnchorAuthorityRaw", a.authority);
    web_derive(ev, arena, "AnchorIsLoopback", a.loopback ? STR("true") : STR("false"));
    return a.url;
}

static void derive_httpproxy(struct exch_events *s, struct arena *arena, struct event *ev)
{
    struct str stem = column(s, STEM, arena);
    struct str webpath = webpath_of_stem(stem, arena);
    derive_build(s, arena, ev);
    web_add_client(ev, arena, column(s, CLIENT, arena));
    web_derive(ev, arena, "RequestGuid", web_guid(column(s, REQUEST, arena), arena));
    web_derive(ev, arena, "WebPath", webpath);
    if (web_is_static(webpath))
        web_derive(ev, arena, "StaticResource", STR("true"));
    if (web_is_probe(column(s, USER_AGENT, arena), column(s, USER, arena)))
        web_derive(ev, arena, "HealthProbe", STR("true"));
    struct str url = derive_anchor(s, arena, ev);
    derive_version(s, arena, ev);
    web_derive(ev, arena, "BackEndCookieServer",
               anchor_cookie_server(column(s, BACK_END_COOKIE, arena), arena));
    if (url.n)
        web_add_ddi(ev, arena, url, STR(""));
    else
        web_add_ddi(ev, arena, stem, column(s, QUERY, arena));
}

static void derive_item(struct event *ev, struct arena *arena, struct str key, struct str value)
{
    struct exch_build build;
    if (str_ieq(key, STR("CMD")))
        cmdlet_derive_ecp(ev, arena, value);
    else if (str_ieq(key, STR("BLD")) && exch_build_parse(value, &build))
        web_derive(ev, arena, "Build", exch_build_text(build, arena));
    else if (str_ieq(key, STR("URL")))
        web_add_ddi(ev, arena, value, STR(""));
    else if (str_ieq(key, STR("REQID")))
        web_derive(ev, arena, "RequestGuid", web_guid(value, arena));
}

static void derive_ecp(const struct exch_events *s, struct arena *arena, struct event *ev)
{
    struct str data = column(s, EVENT_DATA, arena);
    struct str key;
    struct str value;
    for (size_t at = 0; exch_item_next(data, &at, arena, &key, &value);)
        if (key.n)
            event_add(ev, arena, SECTION_DATA, type_of(value), key, value);
    for (size_t at = 0; exch_item_next(data, &at, arena, &key, &value);)
        derive_item(ev, arena, key, value);
}

void exch_events_fill(struct exch_events *s, struct arena *arena, struct event *ev)
{
    size_t n = s->row.n < s->layout.n ? s->row.n : s->layout.n;
    web_make_room(ev, arena, n + DERIVED_MOST);
    for (size_t i = 0; i < n; i++) {
        struct str value = csv_text(s->row.cells[i], arena);
        event_add(ev, arena, SECTION_DATA, type_of(value), s->layout.names[i], value);
    }
    if (s->kind == EVENT_ECP_SERVER)
        derive_ecp(s, arena, ev);
    else
        derive_httpproxy(s, arena, ev);
}
