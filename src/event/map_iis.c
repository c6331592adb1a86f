#include "event/map_iis.h"

#include <stdint.h>
#include <string.h>

#include "base/utf.h"
#include "event/decode_event.h"
#include "event/web.h"
#include "event/webpath.h"
#include "format/iis_w3c.h"
#include "format/line.h"

enum {
    HEADER_LINES = 8,   /* lines of one header block */
    DERIVED_MOST = 14,  /* fields we add to a row's own */
    HEADER_BACK = 1024, /* bytes before "#Fields:" in which the block can start */
};

enum { WISHES = 16 };

struct some { /* which fields a wish means in rows of a layout */
    uint32_t wish;
    uint32_t layout;
    bool columns[IIS_COLUMNS];
    bool key[IIS_COLUMNS]; /* those that what is derived is made from, too */
    unsigned derived;      /* enum web_group */
};

struct iis_events {
    struct lines lines;
    struct arena *arena;
    struct iis_layout layout;
    struct str names[IIS_COLUMNS]; /* as our fields are called */
    bool has_layout;
    bool guessed; /* the layout is the default one: the log named no columns */
    enum event_kind kind;
    struct iis_clock clock; /* by "#Date:", or the file's name */
    struct str part;        /* by the path; "" if it does not say */
    bool other_site;        /* by the path: of neither of Exchange's web sites */
    struct iis_row row;
    struct bytes line;             /* of the row */
    bool plain_names;              /* no column is called as a derived field is */
    size_t carriers[ROW_CARRIERS]; /* columns that decode_event looks at */
    size_t n_carriers;
    uint32_t layouts; /* how many there were */
    struct some some[WISHES];
    bool is_utf8; /* the row's line is UTF-8, and so is each of its values */
};

static struct str field_name(struct str column)
{
    static const char *const names[][2] = {{"cs(User-Agent)", "cs-user-agent"},
                                           {"cs(Referer)", "cs-referer"},
                                           {"cs(Cookie)", "cs-cookie"},
                                           {"cs(Host)", "cs-host"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_ieq(column, str_of(names[i][0])))
            return str_of(names[i][1]);
    return column;
}

static void note_names(struct iis_events *s)
{
    s->plain_names = true;
    s->n_carriers = 0;
    s->layouts++;
    for (size_t i = 0; i < s->layout.n; i++) {
        s->plain_names &= row_may_name(s->names[i]);
        if (!decode_event_looks(s->kind, s->names[i]))
            continue;
        s->plain_names &= s->n_carriers < ROW_CARRIERS - 1; /* one more may be derived */
        if (s->plain_names)
            s->carriers[s->n_carriers++] = i;
    }
}

static void name_fields(struct iis_events *s)
{
    for (size_t i = 0; i < s->layout.n; i++)
        s->names[i] = field_name(s->layout.names[i]);
    note_names(s);
}

/* Whose log it is: other programs use the form too, and are no evidence about IIS. */
static void read_software(struct iis_events *s, struct str line)
{
    struct str head = STR("#Software:");
    if (!str_istarts(line, head))
        return;
    struct str name = str_trim(str_part(line, head.n, line.n));
    if (str_istarts(name, STR("Microsoft HTTP API")))
        s->kind = EVENT_HTTPERR;
    else if (str_istarts(name, STR("Microsoft Internet Information")))
        s->kind = EVENT_IIS;
    else
        s->kind = EVENT_ACCESS;
}

/* Takes in a line that starts with '#'. */
static void read_directive(struct iis_events *s, struct bytes line)
{
    struct iis_layout layout;
    if (iis_layout_parse(line, s->arena, &layout)) {
        s->layout = layout;
        s->has_layout = true;
        s->guessed = false;
        name_fields(s);
    }
    (void)iis_date_parse(line, &s->clock.at);
    read_software(s, (struct str){(const char *)line.p, line.n});
}

/* Where the block of '#' lines starts that a line belongs to. */
static uint64_t block_start(const struct lines *lines, uint64_t line)
{
    uint64_t start = line;
    for (uint64_t back = line; back > 0 && line - back < HEADER_BACK;) {
        back -= lines->unit;
        if (back > 0 && lines->text.p[back - lines->unit] != '\n')
            continue;
        struct bytes text = line_at(lines, back, NULL);
        if (text.n && text.p[0] != '#')
            break;
        start = back;
    }
    return start;
}

/* The header block in force where the span starts: its "#Fields:" line, and a "#Date:"
 * that may stand before or behind it. */
static void read_header(struct iis_events *s, uint64_t layout, uint64_t from)
{
    uint64_t at = block_start(&s->lines, layout);
    for (int i = 0; i < 2 * HEADER_LINES && at < from; i++) {
        uint64_t next;
        struct bytes line = line_at(&s->lines, at, &next);
        if (line.n && line.p[0] == '#')
            read_directive(s, line);
        else if (at > layout)
            break;
        at = next;
    }
}

static struct str part_of_path(struct str path)
{
    size_t end;
    if (path_has_folder(path, STR("W3SVC1"), &end))
        return STR("frontend");
    return path_has_folder(path, STR("W3SVC2"), &end) ? STR("backend") : STR("");
}

/* "W3SVC3": Exchange's front end is the site that IIS numbers first, and no other. */
static bool is_other_site(struct str name)
{
    static const char head[] = "W3SVC";
    struct str number = str_part(name, sizeof head - 1, name.n);
    return str_istarts(name, str_of(head)) && number.n > 0 && number.p[0] >= '0' &&
           number.p[0] <= '9' && !str_eq(number, STR("1"));
}

/* By the folder that the log lies in. */
static bool lies_with_other_site(struct str path)
{
    struct str base = path_base_name(path);
    struct str folder = str_part(path, 0, path.n > base.n ? path.n - base.n - 1 : 0);
    return is_other_site(path_base_name(folder));
}

struct iis_events *iis_events_open(struct bytes file, enum format format, struct str path,
                                   struct span span, struct arena *arena)
{
    struct iis_events *s = ARENA_NEW(arena, struct iis_events);
    s->lines = lines_of(file, span.from, span.to, arena);
    s->arena = arena;
    s->kind = format == FORMAT_HTTPERR ? EVENT_HTTPERR : EVENT_IIS;
    s->clock.at = iis_day_of_name(path_base_name(path));
    s->part = part_of_path(path);
    s->other_site = lies_with_other_site(path);
    if (span.from > 0)
        read_header(s, 0, s->lines.at); /* who writes the log may be said there only */
    if (span.from > 0 && span.layout > 0 && span.layout < s->lines.text.n &&
        span.layout < span.from)
        read_header(s, span.layout, s->lines.at);
    return s;
}

/* A row without "#Fields:" above it: taken if the columns as installed fit it. */
static bool split_unheaded(struct iis_events *s, struct bytes line)
{
    struct iis_layout layout;
    if (s->kind == EVENT_HTTPERR)
        iis_layout_httperr(&layout);
    else
        iis_layout_default(&layout);
    if (!iis_row_split(&layout, line, &s->row))
        return false;
    s->layout = layout;
    s->has_layout = true;
    s->guessed = true;
    name_fields(s);
    return true;
}

static bool split(struct iis_events *s, struct bytes line)
{
    return s->has_layout ? iis_row_split(&s->layout, line, &s->row) : split_unheaded(s, line);
}

static struct bytes cell(const struct iis_events *s, enum iis_column column)
{
    size_t at = s->layout.at[column];
    struct bytes none = {(const uint8_t *)"", 0};
    if (at == SIZE_MAX)
        return none;
    struct bytes b = s->row.cells[at];
    return b.n == 1 && b.p[0] == '-' ? none : b;
}

static struct str text_of(const struct iis_events *s, struct bytes b, struct arena *arena)
{
    return s->is_utf8 ? (struct str){(const char *)b.p, b.n} : utf8_or_ansi(b, arena);
}

static struct str cell_text(const struct iis_events *s, enum iis_column column,
                            struct arena *arena)
{
    return text_of(s, cell(s, column), arena);
}

/* The ports of web sites are anybody's: what else is known of the site comes first. */
static struct str part_of_port(const struct iis_events *s, struct str part)
{
    struct bytes b = cell(s, IIS_SITE);
    bool other = s->other_site || is_other_site((struct str){(const char *)b.p, b.n});
    return other && str_eq(part, STR("frontend")) ? STR("other") : part;
}

static struct str part_of_row(const struct iis_events *s)
{
    static const char *const of_port[][2] = {{"80", "frontend"}, {"443", "frontend"},
                                             {"81", "backend"},  {"444", "backend"},
                                             {"21", "ftp"},      {"25", "smtp"}};
    static const char *const of_site[][2] = {{"W3SVC1", "frontend"},
                                             {"W3SVC2", "backend"},
                                             {"FTPSVC", "ftp"},
                                             {"MSFTPSVC", "ftp"},
                                             {"SMTPSVC", "smtp"}};
    struct bytes b = cell(s, IIS_PORT);
    struct str port = {(const char *)b.p, b.n};
    for (size_t i = 0; port.n && i < sizeof of_port / sizeof *of_port; i++)
        if (str_eq(port, str_of(of_port[i][0])))
            return part_of_port(s, str_of(of_port[i][1]));
    b = cell(s, IIS_SITE);
    struct str site = {(const char *)b.p, b.n};
    for (size_t i = 0; site.n && i < sizeof of_site / sizeof *of_site; i++)
        if (i < 2 ? str_ieq(site, str_of(of_site[i][0]))
                  : str_istarts(site, str_of(of_site[i][0])))
            return str_of(of_site[i][1]);
    return s->part;
}

/* FTP and SMTP write the same form; what they say covers no web site. */
static bool is_web(struct str part)
{
    return !str_eq(part, STR("ftp")) && !str_eq(part, STR("smtp"));
}

static void fill_head(struct iis_events *s, const struct line *line, struct arena *arena,
                      struct event *ret)
{
    struct str part = part_of_row(s);
    s->is_utf8 = line_is_ascii(&s->lines, line); /* else nobody has looked yet */
    *ret = (struct event){
        .kind = is_web(part) ? s->kind : EVENT_ACCESS,
        .time = iis_row_time(&s->layout, &s->row, &s->clock),
        .offset = line->offset,
        .size = line->size,
        .host = cell_text(s, IIS_COMPUTER, arena),
        .part = part,
        .channel = STR(""),
        .provider = STR(""),
        .utc_hint = INSTANT_NONE,
    };
    if (s->guessed)
        ret->marks |= MARK_NO_HEADER;
    if (s->layout.at[IIS_DATE] == SIZE_MAX)
        ret->marks |= MARK_TIME_GUESSED;
}

/* Takes in the line: 1 it is a row, 0 it is none, -1 it should be one and is damaged. */
static int take_line(struct iis_events *s, const struct line *line)
{
    if (line->text.n == 0)
        return 0;
    if (line->text.p[0] == '#') {
        read_directive(s, line->text);
        return 0;
    }
    return split(s, line->text) ? 1 : -1;
}

/* Reads on over damaged lines that follow at once, so that they are one gap. */
static int damaged(struct iis_events *s, struct line first, struct span *gap, struct err *err)
{
    struct err ignored = {0};
    struct line line;
    bool unheaded = !s->has_layout;
    uint64_t to = first.offset + first.size;
    struct lines before = s->lines;
    while (line_next(&s->lines, &line, &ignored) > 0 && line.text.n > 0 &&
           line.text.p[0] != '#' && !split(s, line.text)) {
        to = line.offset + line.size;
        before = s->lines;
    }
    s->lines = before;
    *gap = (struct span){.from = first.offset, .to = to};
    if (unheaded)
        return err_set(err, ERR_CORRUPT, "rows without a #Fields line");
    return err_set(err, ERR_CORRUPT,
                   first.cut ? "row is cut off" : "row does not fit its #Fields line");
}

int iis_events_next(struct iis_events *s, struct arena *arena, struct event *ret,
                    struct span *gap, struct err *err)
{
    for (;;) {
        struct line line;
        int got = line_next(&s->lines, &line, err);
        if (got < 0)
            *gap = (struct span){.from = line.offset, .to = line.offset + line.size};
        if (got <= 0)
            return got;
        int row = take_line(s, &line);
        if (row < 0)
            return damaged(s, line, gap, err);
        if (row > 0) {
            s->line = line.text;
            fill_head(s, &line, arena, ret);
            return 1;
        }
    }
}

static enum field_type type_of(struct bytes b)
{
    if (b.n == 0 || (b.n == 1 && b.p[0] == '-'))
        return FIELD_NULL;
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] < '0' || b.p[i] > '9')
            return FIELD_TEXT;
    return b.n < 19 ? FIELD_NUMBER : FIELD_TEXT;
}

/* The two parts of an address that the log has in one column, and the other way round. */
static void derive_uri(struct iis_events *s, struct arena *arena, struct event *ev,
                       struct str *stem, struct str *query)
{
    struct str uri = cell_text(s, IIS_URI, arena);
    if (s->layout.at[IIS_STEM] == SIZE_MAX && uri.n) {
        size_t mark = str_find(uri, STR("?"), 0);
        *stem = str_part(uri, 0, mark);
        *query = mark == SIZE_MAX ? STR("") : str_part(uri, mark + 1, uri.n);
        web_derive(ev, arena, "cs-uri-stem", *stem);
        web_derive(ev, arena, "cs-uri-query", *query);
    } else if (uri.n == 0) {
        web_derive(ev, arena, "cs-uri", query->n ? web_join(*stem, '?', *query, arena) : *stem);
    }
}

static void derive(struct iis_events *s, struct arena *arena, struct event *ev, unsigned groups)
{
    struct web_request r = {.stem = cell_text(s, IIS_STEM, arena),
                            .query = cell_text(s, IIS_QUERY, arena),
                            .client = cell_text(s, IIS_CLIENT, arena),
                            .user = cell_text(s, IIS_USER, arena),
                            .agent = cell_text(s, IIS_AGENT, arena)};
    if (groups & WEB_URI || s->layout.at[IIS_STEM] == SIZE_MAX)
        derive_uri(s, arena, ev, &r.stem, &r.query);
    if (groups & WEB_REQUEST)
        web_derive(ev, arena, "cafeReqId",
                   web_guid(web_parameter(r.query, STR("cafeReqId")), arena));
    web_derive_request(ev, arena, &r, groups);
}

static void fill(struct iis_events *s, struct arena *arena, struct event *ev,
                 const struct some *some)
{
    struct bytes last = s->row.cells[s->row.n - 1];
    const uint8_t *first = s->row.cells[0].p;
    s->is_utf8 = utf8_valid((struct bytes){first, (size_t)(last.p + last.n - first)});
    web_make_room(ev, arena, s->row.n + DERIVED_MOST);
    for (size_t i = 0; i < s->row.n; i++) {
        if (some && !some->columns[i])
            continue;
        enum field_type type = type_of(s->row.cells[i]);
        struct str value = type == FIELD_NULL ? STR("") : text_of(s, s->row.cells[i], arena);
        event_add(ev, arena, SECTION_DATA, type, s->names[i], value);
    }
    derive(s, arena, ev, some ? some->derived : WEB_ALL);
}

void iis_events_fill(struct iis_events *s, struct arena *arena, struct event *ev)
{
    fill(s, arena, ev, NULL);
}

static void note_key(const struct iis_events *s, struct some *some)
{
    static const struct {
        unsigned groups;
        enum iis_column column;
    } from[] = {{WEB_URI | WEB_PAGE | WEB_DDI, IIS_STEM},
                {WEB_URI | WEB_DDI | WEB_REQUEST | WEB_TOKEN, IIS_QUERY},
                {WEB_URI, IIS_URI},
                {WEB_CLIENT, IIS_CLIENT}};
    bool split = s->layout.at[IIS_STEM] == SIZE_MAX; /* stem and query are parts of cs-uri */
    memcpy(some->key, some->columns, sizeof some->key);
    for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
        size_t at = s->layout.at[from[i].column];
        if (at != SIZE_MAX && (split || (some->derived & from[i].groups)))
            some->key[at] = true;
    }
}

static const struct some *some_of(struct iis_events *s, const struct wish *wish)
{
    struct some *some = &s->some[wish->id % WISHES];
    if (some->wish == wish->id && some->layout == s->layouts)
        return some;
    *some = (struct some){.wish = wish->id, .layout = s->layouts, .derived = web_groups(wish)};
    for (size_t i = 0; i < s->layout.n; i++)
        some->columns[i] = row_wishes(wish, s->names[i]);
    note_key(s, some);
    return some;
}

bool iis_events_key(struct iis_events *s, struct arena *arena, const struct wish *wish,
                    struct row_key *ret)
{
    const struct some *some = some_of(s, wish);
    bool probe = some->derived & WEB_PROBE &&
                 web_is_probe(cell_text(s, IIS_AGENT, arena), cell_text(s, IIS_USER, arena));
    const char head[] = {(char)(s->layouts & 127), (char)probe};
    ret->n = 0;
    if (s->layouts > 127 || s->row.n != s->layout.n ||
        !row_key_add(ret, (struct str){head, sizeof head}))
        return false;
    for (size_t i = 0; i < s->row.n; i++) {
        struct bytes b = s->row.cells[i];
        if (some->key[i] && !row_key_add(ret, (struct str){(const char *)b.p, b.n}))
            return false;
    }
    return true;
}

void iis_events_fill_some(struct iis_events *s, struct arena *arena, struct event *ev,
                          const struct wish *wish)
{
    fill(s, arena, ev, some_of(s, wish));
}

static void add_carrier(struct log_row *row, struct str text)
{
    if (text.n)
        row->carriers[row->n_carriers++] = text;
}

bool iis_events_row(struct iis_events *s, struct arena *arena, struct log_row *ret)
{
    if (s->lines.unit != 1 || !s->plain_names)
        return false;
    struct log_row row = {.text = s->line,
                          .client = web_address(cell_text(s, IIS_CLIENT, arena)),
                          .build = STR("")};
    for (size_t i = 0; i < s->n_carriers; i++) {
        struct bytes b = s->row.cells[s->carriers[i]];
        add_carrier(&row, type_of(b) == FIELD_NULL ? STR("") : text_of(s, b, arena));
    }
    struct str uri = cell_text(s, IIS_URI, arena);
    if (s->layout.at[IIS_STEM] == SIZE_MAX && uri.n) {
        size_t mark = str_find(uri, STR("?"), 0);
        add_carrier(&row, mark == SIZE_MAX ? STR("") : str_part(uri, mark + 1, uri.n));
    }
    *ret = row;
    return true;
}
