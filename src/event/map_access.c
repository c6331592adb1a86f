#include "event/map_access.h"

#include <string.h>

#include "base/utf.h"
#include "event/web.h"
#include "event/webpath.h"
#include "format/iis_native.h"
#include "format/iis_w3c.h"
#include "format/line.h"
#include "format/ncsa.h"

enum {
    FIELDS_MOST = NCSA_EXTRA + 32,
    WISHES = 16,
    WISHED = 12, /* names of one wish that are kept */
};

enum part { /* of a row, that decides what a field is */
            PART_METHOD,
            PART_STEM,
            PART_QUERY,
            PART_VERSION,
            PART_STATUS,
            PART_SIZE,
            PART_CLIENT,
            PART_NONE, /* it is always the same */
            PART_PROBE,
            PART_UNKNOWN, /* that is not known, or more than one */
};

struct some { /* which parts decide what a wish means */
    uint32_t wish;
    uint32_t n;
    uint8_t parts[WISHED]; /* enum part */
};

struct access_events {
    struct lines lines;
    bool native;
    instant named; /* the day in the file's name */
    struct ncsa_row ncsa;
    struct ncsa_clock clock;
    struct iis_native_row row;
    struct bytes line; /* of the row */
    bool is_ascii;     /* the line */
    bool has_escapes;  /* perhaps */
    bool has_request;  /* what follows was worked out for this row */
    bool is_request;   /* one that HTTP knows */
    struct str request_text;
    struct ncsa_request request;
    struct some some[WISHES];
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
    return s->native ? iis_native_split(line, &s->row)
                     : ncsa_split_near(line, &s->clock, &s->ncsa);
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
        s->is_ascii = line_is_ascii(&s->lines, &line);
        s->has_escapes = memchr(line.text.p, '\\', line.text.n) != NULL;
        s->has_request = false;
        fill_head(s, &line, arena, ret);
        return 1;
    }
}

/* --- texts ------------------------------------------------------------------------------- */

/* Whether a value stands in the line as ncsa_text gives it. */
static bool is_plain(const struct access_events *s, struct bytes value)
{
    return s->is_ascii &&
           !(s->has_escapes && value.n && memchr(value.p, '\\', value.n) != NULL);
}

static struct str text_of(const struct access_events *s, struct bytes value,
                          struct arena *arena)
{
    return is_plain(s, value) ? (struct str){(const char *)value.p, value.n}
                              : ncsa_text(value, arena);
}

/* The request of the row; its text is in s->request_text. False if HTTP knows none like it. */
static bool find_request(struct access_events *s, struct arena *arena)
{
    if (!s->has_request) {
        s->has_request = true;
        s->request_text = text_of(s, s->ncsa.request, arena);
        s->is_request = ncsa_request_parse(s->request_text, &s->request);
    }
    return s->is_request;
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

/* The line with its user as fields get it, if nothing else in it is escaped: people have names
 * of the form DOMAIN\user. False if it is not that simple. */
static bool with_clear_user(const struct access_events *s, struct arena *arena,
                            struct bytes *ret)
{
    struct bytes line = s->line;
    struct bytes user = s->ncsa.user;
    if (!s->is_ascii || user.n == 0)
        return false;
    size_t from = (size_t)(user.p - line.p);
    size_t to = from + user.n;
    if (memchr(line.p, '\\', from) || memchr(line.p + to, '\\', line.n - to))
        return false;
    struct str text = ncsa_text(user, arena);
    char *out = ARENA_ARRAY(arena, char, line.n + text.n);
    memcpy(out, line.p, from);
    memcpy(out + from, text.p, text.n);
    memcpy(out + from + text.n, line.p + to, line.n - to);
    *ret = (struct bytes){(const uint8_t *)out, line.n - user.n + text.n};
    return true;
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
        bool known = find_request(s, arena);
        if (s->has_escapes && !with_clear_user(s, arena, &row.text))
            row.text = clear_text(&s->ncsa, s->request_text, arena);
        if (known)
            query = s->request.query;
    }
    if (query.n)
        row.carriers[row.n_carriers++] = query;
    *ret = row;
    return true;
}

/* --- keys -------------------------------------------------------------------------------- */

static enum part part_of(struct str name)
{
    static const struct {
        const char *name;
        enum part part;
    } known[] = {
        {"cs-method", PART_METHOD},   {"cs-uri-stem", PART_STEM}, {"cs-uri-query", PART_QUERY},
        {"cs-version", PART_VERSION}, {"WebPath", PART_STEM},     {"StaticResource", PART_STEM},
        {"sc-status", PART_STATUS},   {"sc-bytes", PART_SIZE},    {"c-ip", PART_CLIENT},
        {"s-port", PART_NONE}, /* a part of the server's name, of which there is none */
        {"HealthProbe", PART_PROBE},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (row_same_name(name, str_of(known[i].name)))
            return known[i].part;
    return PART_UNKNOWN;
}

/* NULL if it asks for too much. */
static const struct some *some_of(struct access_events *s, const struct wish *wish)
{
    struct some *some = &s->some[wish->id % WISHES];
    if (wish->n > WISHED)
        return NULL;
    if (some->wish == wish->id)
        return some;
    *some = (struct some){.wish = wish->id, .n = wish->n};
    for (uint32_t i = 0; i < wish->n; i++)
        some->parts[i] = (uint8_t)part_of(wish->names[i]);
    return some;
}

static struct str as_str(struct bytes b)
{
    return (struct str){(const char *)b.p, b.n};
}

static bool is_probe(const struct access_events *s, struct arena *arena)
{
    return web_is_probe(text_of(s, s->ncsa.agent, arena), text_of(s, s->ncsa.user, arena));
}

/* The text of a part of a row with a request. */
static struct str part_text(const struct access_events *s, enum part part, struct arena *arena)
{
    const struct ncsa_row *row = &s->ncsa;
    const struct ncsa_request *r = &s->request;
    const struct str texts[] = {
        [PART_METHOD] = r->method,
        [PART_STEM] = r->stem,
        [PART_QUERY] = r->query,
        [PART_VERSION] = r->version,
        [PART_STATUS] = as_str(row->status),
        [PART_SIZE] = as_str(row->size),
        [PART_CLIENT] = as_str(row->client),
        [PART_NONE] = STR(""),
    };
    if (part == PART_PROBE)
        return is_probe(s, arena) ? STR("true") : STR("");
    return texts[part];
}

bool access_events_key(struct access_events *s, struct arena *arena, const struct wish *wish,
                       struct row_key *ret)
{
    const struct some *some = some_of(s, wish);
    ret->n = 0;
    if (s->native || s->ncsa.server.n || !some || !find_request(s, arena))
        return false;
    for (uint32_t i = 0; i < some->n; i++) {
        enum part part = (enum part)some->parts[i];
        if (part == PART_UNKNOWN || !row_key_add(ret, part_text(s, part, arena)))
            return false;
    }
    return true;
}
