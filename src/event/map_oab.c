#include "event/map_oab.h"

#include "base/utf.h"
#include "event/web.h"
#include "event/webpath.h"
#include "format/exch_csv.h"
#include "format/line.h"
#include "format/textlog.h"

enum { ITEMS_MOST = 64 }; /* name=value items of one line that become fields */

struct oab_events {
    struct lines lines;
    struct arena *arena;
    struct exch_layout layout; /* n == 0: the log names no columns */
    instant last;              /* of the line before, or by the file's name */
    struct str line;           /* of the event given last */
    size_t text_at;            /* where its text starts, behind its time */
    bool is_row;               /* it fits the layout */
    struct csv_row row;
};

struct oab_events *oab_events_open(struct bytes file, struct str path, struct span span,
                                   struct arena *arena)
{
    struct oab_events *s = ARENA_NEW(arena, struct oab_events);
    s->lines = lines_of(file, span.from, span.to, arena);
    s->arena = arena;
    s->last = textlog_name_time(path_base_name(path));
    return s;
}

/* The time in whichever of the first cells holds one. */
static bool row_time(const struct oab_events *s, struct arena *arena, instant *ret)
{
    enum { CELLS = 3 };
    for (size_t i = 0; i < s->row.n && i < CELLS; i++) {
        struct str cell = str_trim(csv_text(s->row.cells[i], arena));
        if (cell.n > 10 && instant_parse(cell, ret))
            return true;
    }
    return false;
}

/* Finds the event's time and where its text starts. */
static void read_line(struct oab_events *s, struct arena *arena, struct event *ev)
{
    instant t;
    bool zone = false;
    s->text_at = 0;
    (void)csv_split(str_bytes(s->line), s->layout.n ? s->layout.separator : ',', &s->row);
    s->is_row = s->layout.n > 0 && s->row.n >= s->layout.n;
    if (s->is_row && row_time(s, arena, &t)) {
        ev->time = s->last = t;
        return;
    }
    size_t n = textlog_time(s->line, &t, &zone);
    ev->time = n ? t : s->last;
    if (!zone)
        ev->marks |= n ? MARK_TIME_GUESSED | MARK_NO_ZONE : MARK_TIME_GUESSED;
    s->last = ev->time;
    while (n && n < s->line.n && memchr(" \t,;-:|", s->line.p[n], 7))
        n++;
    s->text_at = n;
}

int oab_events_next(struct oab_events *s, struct arena *arena, struct event *ret,
                    struct span *gap, struct err *err)
{
    for (;;) {
        struct line line;
        int got = line_next(&s->lines, &line, err);
        if (got < 0)
            *gap = (struct span){.from = line.offset, .to = line.offset + line.size};
        if (got <= 0)
            return got;
        struct exch_layout layout;
        if (exch_layout_parse(line.text, s->arena, &layout)) {
            s->layout = layout;
            continue;
        }
        s->line = str_trim(utf8_repair(line.text, arena));
        if (s->line.n == 0 || s->line.p[0] == '#')
            continue;
        *ret = (struct event){
            .kind = EVENT_OAB_GENERATOR,
            .offset = line.offset,
            .size = line.size,
            .host = STR(""),
            .part = STR(""),
            .channel = STR(""),
            .provider = STR(""),
            .utc_hint = INSTANT_NONE,
        };
        read_line(s, arena, ret);
        return 1;
    }
}

static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = ascii_lower(s.p[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_'))
            return false;
    }
    return s.n > 0 && s.n <= 64;
}

static void add_items(struct event *ev, struct arena *arena, struct str text)
{
    struct str key;
    struct str value;
    size_t n = 0;
    for (size_t at = 0; n < ITEMS_MOST && exch_item_next(text, &at, arena, &key, &value);)
        if (is_name(key)) {
            event_add(ev, arena, SECTION_DATA, FIELD_TEXT, key, value);
            n++;
        }
}

static void add_columns(const struct oab_events *s, struct arena *arena, struct event *ev)
{
    for (size_t i = 0; i < s->layout.n; i++) {
        struct str value = csv_text(s->row.cells[i], arena);
        event_add(ev, arena, SECTION_DATA, value.n ? FIELD_TEXT : FIELD_NULL,
                  s->layout.names[i], value);
    }
    for (size_t i = 0; i < s->layout.n; i++)
        add_items(ev, arena, csv_text(s->row.cells[i], arena));
}

/* Whether the file lies where the address book's temporary files belong: below Exchange's
 * ClientAccess\OAB on a local disk, and is none that a web server would run. */
static bool is_expected(struct str path, struct arena *arena)
{
    static const char *const run[] = {".aspx", ".asp",  ".ashx", ".asmx",   ".asax", ".cshtml",
                                      ".php",  ".soap", ".svc",  ".config", ".exe",  ".dll"};
    static const char *const web[] = {"inetpub", "wwwroot", "HttpProxy", "aspnet_client"};
    size_t end;
    bool local = path.n > 3 && path.p[1] == ':' && (path.p[2] == '\\' || path.p[2] == '/');
    if (!local || str_find(path, STR(".."), 0) != SIZE_MAX ||
        !path_has_folder(path, STR("ClientAccess/OAB"), &end))
        return false;
    for (size_t i = 0; i < sizeof web / sizeof *web; i++)
        if (path_has_folder(path, str_of(web[i]), &end))
            return false;
    struct str name = text_lower(path_base_name(path), arena);
    for (size_t i = 0; i < sizeof run / sizeof *run; i++)
        if (str_find(name, str_of(run[i]), 0) != SIZE_MAX)
            return false;
    return true;
}

static struct str without_quotes(struct str s)
{
    while (s.n && memchr("'\"", s.p[0], 2))
        s = str_part(s, 1, s.n);
    while (s.n && memchr("'\"", s.p[s.n - 1], 2))
        s.n--;
    return s;
}

static void derive(struct event *ev, struct arena *arena, struct str line)
{
    struct str file = without_quotes(
        textlog_between(line, "Download failed and temporary file", "needs to be removed"));
    if (file.n == 0)
        return;
    web_derive(ev, arena, "TempFile", file);
    web_derive(ev, arena, "TempFileExpected",
               is_expected(file, arena) ? STR("true") : STR("false"));
    web_derive(ev, arena, "WebPath", webpath_of_file(file, arena));
}

void oab_events_fill(struct oab_events *s, struct arena *arena, struct event *ev)
{
    if (s->is_row)
        add_columns(s, arena, ev);
    else
        add_items(ev, arena, str_part(s->line, s->text_at, s->line.n));
    size_t at = 0;
    if (!event_find(ev, STR("Message"), &at))
        event_add(ev, arena, SECTION_DATA, FIELD_TEXT, STR("Message"),
                  str_part(s->line, s->text_at, s->line.n));
    derive(ev, arena, s->line);
}
