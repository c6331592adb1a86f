#include "event/map_access.h"

#include "base/utf.h"
#include "event/web.h"
#include "event/webpath.h"
#include "format/iis_native.h"
#include "format/iis_w3c.h"
#include "format/line.h"
#include "format/ncsa.h"

enum { FIELDS_MOST = NCSA_EXTRA + 32 };

struct access_events {
    struct lines lines;
    bool native;
    instant named; /* the day in the file's name */
    struct ncsa_row ncsa;
    struct iis_native_row row;
    struct bytes line; /* of the row */
};

struct access_events *access_events_open(struct bytes file, enum format format, struct str path,
                                         struct span span, struct arena *arena)
{
    struct access_events *s = ARENA_NEW(arena, struct access_events);
    s->lines = lines_of(file, span.from, span.to, arena);
    s->native = format == FORMAT_IIS_NATIVE;
    s->named = iis_day_of_name(path_base_name(path));
    return s;
}

static bool split(struct access_events *s, struct bytes line)
{
    return s->native ? iis_native_split(line, &s->row) : ncsa_split(line, &s->ncsa);
}

static bool is_missing(struct bytes b)
{
    return b.n == 0 || (b.n == 1 && b.p[0] == '-');
}

/* FTP and SMTP services of IIS write its form too. */
static struct str part_of_site(struct bytes site)
{
    struct str name = {(const char *)site.p, site.n};
    if (str_istarts(name, STR("MSFTPSVC")) || str_istarts(name, STR("FTPSVC")))
        return STR("ftp");
    return str_istarts(name, STR("SMTPSVC")) ? STR("smtp") : STR("");
}

static void fill_head(const struct access_events *s, const struct line *line,
                      struct arena *arena, struct event *ret)
{
    bool local = s->native || !s->ncsa.zoned;
    struct bytes computer = s->native ? s->row.cells[NATIVE_COMPUTER] : (struct bytes){0};
    *ret = (struct event){
        .kind = EVENT_ACCESS,
        .time = s->native ? iis_native_time(&s->row, s->named) : s->ncsa.time,
        .offset = line->offset,
        .size = line->size,
        .marks = local ? MARK_TIME_GUESSED | MARK_NO_ZONE : 0,
        .host = is_missing(computer) ? STR("") : utf8_or_ansi(computer, arena),
        .part = s->native ? part_of_site(s->row.cells[NATIVE_SITE]) : STR(""),
        .channel = STR(""),
        .provider = STR(""),
        .utc_hint = INSTANT_NONE,
    };
}

/* Reads on over damaged lines that follow at once, so that they are one gap. */
static int damaged(struct access_events *s, struct line first, struct span *gap,
                   struct err *err)
{
    struct err ignored = {0};
    struct line line;
    uint64_t to = first.offset + first.size;
    struct lines before = s->lines;
    while (line_next(&s->lines, &line, &ignored) > 0 && line.text.n > 0 &&
           !split(s, line.text)) {
        to = line.offset + line.size;
        before = s->lines;
    }
    s->lines = before;
    *gap = (struct span){.from = first.offset, .to = to};
    return err_set(err, ERR_CORRUPT,
                   first.cut ? "row is cut off" : "row has not the form of its log");
}

int access_events_next(struct access_events *s, struct arena *arena, struct event *ret,
                       struct span *gap, struct err *err)
{
    for (;;) {
        struct line line;
        int got = line_next(&s->lines, &line, err);
        if (got < 0)
            *gap = (struct span){.from = line.offset, .to = line.offset + line.size};
        if (got <= 0)
            return got;
        if (line.text.n == 0 || line.text.p[0] == '#')
            continue;
        if (!split(s, line.text))
            return damaged(s, line, gap, err);
        s->line = line.text;
        fill_head(s, &line, arena, ret);
        return 1;
    }
}

/* --- fields ------------------------------------------------------------------------------ */

static bool is_number(struct bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] < '0' || b.p[i] > '9')
            return false;
    return b.n > 0 && b.n < 19;
}

static void add(struct event *ev, struct arena *arena, const char *name, struct str value)
{
    bool none = value.n == 0 || str_eq(value, STR("-"));
    enum field_type type = none                          ? FIELD_NULL
                           : is_number(str_bytes(value)) ? FIELD_NUMBER
                                                         : FIELD_TEXT;
    event_add(ev, arena, SECTION_DATA, type, str_of(name), none ? STR("") : value);
}

static void add_if(struct event *ev, struct arena *arena, const char *name, struct str value)
{
    if (value.n)
        add(ev, arena, name, value);
}

/* "www.example.com:443" */
static void add_server(struct event *ev, struct arena *arena, struct str server)
{
    struct str name = web_address(server);
    add_if(ev, arena, "cs-host", name);
    size_t behind = name.n + (server.n && server.p[0] == '[' ? 2 : 0);
    if (server.n > behind + 1 && server.p[behind] == ':')
        add(ev, arena, "s-port", str_part(server, behind + 1, server.n));
}

static void add_request(struct event *ev, struct arena *arena, struct str text,
                        struct web_request *ret)
{
    struct ncsa_request r;
    if (!ncsa_request_parse(text, &r)) {
        add(ev, arena, "cs-request", text);
        return;
    }
    add(ev, arena, "cs-method", r.method);
    add(ev, arena, "cs-uri-stem", r.stem);
    add(ev, arena, "cs-uri-query", r.query);
    add(ev, arena, "cs-version", r.version);
    ret->stem = r.stem;
    ret->query = r.query;
}

static void fill_ncsa(const struct access_events *s, struct arena *arena, struct event *ev,
                      struct web_request *r)
{
    const struct ncsa_row *row = &s->ncsa;
    r->client = ncsa_text(row->client, arena);
    r->user = ncsa_text(row->user, arena);
    r->agent = ncsa_text(row->agent, arena);
    add_server(ev, arena, utf8_or_ansi(row->server, arena));
    add_if(ev, arena, "x-forwarded-for", utf8_or_ansi(row->forwarded, arena));
    add(ev, arena, "c-ip", r->client);
    add(ev, arena, "c-ident", ncsa_text(row->ident, arena));
    add(ev, arena, "cs-username", r->user);
    add_request(ev, arena, ncsa_text(row->request, arena), r);
    add(ev, arena, "sc-status", utf8_or_ansi(row->status, arena));
    add(ev, arena, "sc-bytes", utf8_or_ansi(row->size, arena));
    if (row->agent.n || row->referer.n) {
        add(ev, arena, "cs-referer", ncsa_text(row->referer, arena));
        add(ev, arena, "cs-user-agent", r->agent);
    }
    for (size_t i = 0; i < row->n_extra; i++)
        add(ev, arena, arena_printf(arena, "extra-%zu", i + 1).p,
            ncsa_text(row->extra[i], arena));
}

static void fill_native(const struct access_events *s, struct arena *arena, struct event *ev,
                        struct web_request *r)
{
    struct str cells[NATIVE_COLUMNS];
    for (int i = 0; i < NATIVE_COLUMNS; i++) {
        struct bytes b = s->row.cells[i];
        cells[i] = utf8_or_ansi(b, arena);
        add(ev, arena, iis_native_name((enum iis_native_column)i), cells[i]);
        if (is_missing(b))
            cells[i] = STR("");
    }
    *r = (struct web_request){.stem = cells[NATIVE_STEM],
                              .query = cells[NATIVE_QUERY],
                              .client = cells[NATIVE_CLIENT],
                              .user = cells[NATIVE_USER],
                              .agent = STR("")};
}

void access_events_fill(struct access_events *s, struct arena *arena, struct event *ev)
{
    struct web_request r = {STR(""), STR(""), STR(""), STR(""), STR("")};
    web_make_room(ev, arena, FIELDS_MOST);
    if (s->native)
        fill_native(s, arena, ev, &r);
    else
        fill_ncsa(s, arena, ev, &r);
    web_derive(ev, arena, "cs-uri", r.query.n ? web_join(r.stem, '?', r.query, arena) : r.stem);
    web_derive_request(ev, arena, &r, WEB_ALL);
}

/* --- rows without fields ------------------------------------------------------------------ */

static void put(char *out, size_t *n, struct str value)
{
    if (value.n)
        memcpy(out + *n, value.p, value.n);
    *n += value.n;
    out[(*n)++] = '\n';
}

/* The values of a row with escapes in it as fields get them, one behind the other: each stands
 * in it as it stands in no line. */
static struct bytes clear_text(const struct ncsa_row *row, struct str request,
                               struct arena *arena)
{
    enum { VALUES = 9 };
    struct str values[VALUES + NCSA_EXTRA] = {
        utf8_or_ansi(row->server, arena), utf8_or_ansi(row->forwarded, arena),
        ncsa_text(row->client, arena),    ncsa_text(row->ident, arena),
        ncsa_text(row->user, arena),      utf8_or_ansi(row->status, arena),
        utf8_or_ansi(row->size, arena),   ncsa_text(row->referer, arena),
        ncsa_text(row->agent, arena)};
    size_t n_values = VALUES;
    for (size_t i = 0; i < row->n_extra; i++)
        values[n_values++] = ncsa_text(row->extra[i], arena);
    size_t room = request.n + 1;
    for (size_t i = 0; i < n_values; i++)
        room += values[i].n + 1;
    char *out = ARENA_ARRAY(arena, char, room);
    size_t n = 0;
    put(out, &n, request);
    for (size_t i = 0; i < n_values; i++)
        if (values[i].n)
            put(out, &n, values[i]);
    return (struct bytes){(const uint8_t *)out, n};
}

bool access_events_row(struct access_events *s, struct arena *arena, struct log_row *ret)
{
    struct log_row row = {.text = s->line, .client = STR(""), .build = STR("")};
    struct str query = STR("");
    if (s->lines.unit != 1)
        return false;
    if (s->native) {
        struct bytes b = s->row.cells[NATIVE_QUERY];
        query = is_missing(b) ? query : utf8_or_ansi(b, arena);
    } else {
        struct ncsa_request r;
        struct str request = ncsa_text(s->ncsa.request, arena);
        if (memchr(s->line.p, '\\', s->line.n))
            row.text = clear_text(&s->ncsa, request, arena);
        if (ncsa_request_parse(request, &r))
            query = r.query;
    }
    if (query.n)
        row.carriers[row.n_carriers++] = query;
    *ret = row;
    return true;
}

/* The text that decides what a field of a row of NCSA's forms is; false if that is not known, or
 * more than one text. */
static bool key_text(const struct ncsa_row *row, const struct ncsa_request *r, struct str name,
                     struct arena *arena, struct str *ret)
{
    const struct {
        const char *name;
        struct str text;
    } known[] = {
        {"cs-method", r->method},
        {"cs-uri-stem", r->stem},
        {"cs-uri-query", r->query},
        {"cs-version", r->version},
        {"WebPath", r->stem},
        {"StaticResource", r->stem},
        {"sc-status", {(const char *)row->status.p, row->status.n}},
        {"sc-bytes", {(const char *)row->size.p, row->size.n}},
        {"c-ip", {(const char *)row->client.p, row->client.n}},
        {"s-port", STR("")}, /* a part of the server's name, of which there is none */
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (row_same_name(name, str_of(known[i].name))) {
            *ret = known[i].text;
            return true;
        }
    bool probe = row_same_name(name, STR("HealthProbe"));
    if (probe)
        *ret = web_is_probe(ncsa_text(row->agent, arena), ncsa_text(row->user, arena))
                   ? STR("true")
                   : STR("");
    return probe;
}

bool access_events_key(struct access_events *s, struct arena *arena, const struct wish *wish,
                       struct row_key *ret)
{
    struct ncsa_request r;
    const struct ncsa_row *row = &s->ncsa;
    ret->n = 0;
    if (s->native || row->server.n || !ncsa_request_parse(ncsa_text(row->request, arena), &r))
        return false;
    for (uint32_t i = 0; i < wish->n; i++) {
        struct str text;
        if (!key_text(row, &r, wish->names[i], arena, &text) || !row_key_add(ret, text))
            return false;
    }
    return true;
}
