#include "event/map_setup.h"

#include "base/utf.h"
#include "event/web.h"
#include "format/exch_build.h"
#include "format/line.h"
#include "format/textlog.h"

enum {
    JOINS_MOST = 2000, /* lines of one entry: a script that setup shows has some hundreds */
    KEPT_MOST = 256,   /* bytes of what a run tells of itself */
    HOST_WITHIN = 16 << 20, /* bytes of a log's start: every run names it, and logs have less */
    NAME_MOST = 64,         /* bytes of a computer's name; DNS and NetBIOS have less */
};

struct run { /* one start of setup, as far as the log has told */
    struct str product, version, mode;
    bool mode_named;   /* on the command line */
    bool prepares;     /* the directory only */
    bool tools_only;   /* installs no server */
    bool failed;       /* it said so: no later entry of it proves its version */
    bool half_way;     /* an earlier upgrade did not come to its end */
    struct str result; /* of the entry given last */
};

struct setup_events {
    struct lines lines;
    struct arena *arena;
    struct str host;
    struct run run;
    instant last;
    bool headed; /* the entry given last has a head of its own */
    struct setup_line entry;
    struct str build; /* that the entry given last proves; "" if none */
};

/* "... for the local machine with name 'MX01'." stands in every run. */
static struct str find_host(struct bytes text, struct arena *arena)
{
    static const char mark[] = "for the local machine with name '";
    if (text.n > HOST_WITHIN) /* it is looked for in every span of a log */
        text.n = HOST_WITHIN;
    const uint8_t *p = text.n ? memmem(text.p, text.n, mark, sizeof mark - 1) : NULL;
    if (!p)
        return STR("");
    size_t from = (size_t)(p - text.p) + sizeof mark - 1;
    size_t to = from;
    while (to < text.n && to - from < NAME_MOST && text.p[to] != '\'' && text.p[to] > ' ')
        to++;
    bool closed = to < text.n && text.p[to] == '\'';
    struct bytes name = {text.p + from, to - from};
    return closed ? arena_str(arena, utf8_repair(name, arena)) : STR("");
}

struct setup_events *setup_events_open(struct bytes file, struct str path, struct span span,
                                       struct arena *arena)
{
    struct setup_events *s = ARENA_NEW(arena, struct setup_events);
    (void)path;
    s->lines = lines_of(file, span.from, span.to, arena);
    s->arena = arena;
    s->host = find_host(s->lines.text, arena);
    s->last = INSTANT_NONE;
    return s;
}

/* --- entries ----------------------------------------------------------------------------- */

static bool next_is_head(const struct setup_events *s)
{
    enum { ENOUGH = 64 };
    char next[ENOUGH];
    struct setup_line ignored;
    struct str start = {next, line_peek(&s->lines, next, sizeof next)};
    return textlog_setup_line(start, &ignored);
}

/* Takes the lines that belong to an entry: those behind it that have no time. */
static void join(struct setup_events *s, struct line *line)
{
    for (int i = 0; i < JOINS_MOST && s->lines.at < s->lines.end; i++)
        if (next_is_head(s) || !line_join(&s->lines, line))
            return;
}

/* --- what a run tells of itself ---------------------------------------------------------- */

static struct str keep(struct setup_events *s, struct str text)
{
    struct str start = str_part(text, 0, KEPT_MOST);
    return arena_str(s->arena, utf8_repair(str_bytes(start), s->arena));
}

static struct str without_dot(struct str s)
{
    s = str_trim(s);
    return s.n && s.p[s.n - 1] == '.' ? str_part(s, 0, s.n - 1) : s;
}

static struct str build_of(struct str text, struct arena *arena)
{
    struct exch_build b;
    return exch_build_parse(without_dot(text), &b) ? exch_build_text(b, arena) : STR("");
}

static struct str quoted(struct str text, const char *head)
{
    return textlog_between(text, head, "'");
}

static bool is_any(struct str text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq(text, str_of(words[i])))
            return true;
    return false;
}

static void take_parameter(struct setup_events *s, struct str text)
{
    static const char *const prepare[] = {"preparead",
                                          "prepareschema",
                                          "preparealldomains",
                                          "preparedomain",
                                          "p",
                                          "ps",
                                          "preparetopology",
                                          "pad",
                                          "pd"};
    struct str name = quoted(text, "Name='");
    struct str value = quoted(text, "Value='");
    if (str_ieq(name, STR("mode")) || str_ieq(name, STR("m"))) {
        s->run.mode = keep(s, value);
        s->run.mode_named = true;
    } else if (is_any(name, prepare, sizeof prepare / sizeof *prepare)) {
        s->run.prepares = true;
    } else if (str_ieq(name, STR("roles")) || str_ieq(name, STR("role")) ||
               str_ieq(name, STR("r"))) {
        static const char *const tools[] = {"mt", "t", "managementtools"};
        s->run.tools_only = is_any(value, tools, sizeof tools / sizeof *tools);
    }
}

/* Whether the end of this run means that its version is what the server runs now. */
static bool installs_server(const struct run *run)
{
    static const char *const modes[] = {"install", "upgrade", "recoverserver",
                                        "buildtobuildupgrade", "disasterrecovery"};
    if (run->tools_only || (run->prepares && !run->mode_named))
        return false;
    return is_any(run->mode, modes, sizeof modes / sizeof *modes);
}

/* The sentence itself: an entry that quotes it, of another run perhaps, ends nothing. */
static bool tells_success(const struct setup_line *entry)
{
    struct str text = entry->text;
    if (str_istarts(text, STR("The ")))
        text = str_part(text, 4, text.n);
    if (str_istarts(text, STR("Microsoft ")))
        text = str_part(text, 10, text.n);
    return entry->severity.n == 0 &&
           str_istarts(text, STR("Exchange Server setup operation completed successfully"));
}

static struct str result_of(const struct setup_line *entry)
{
    struct str text = entry->text;
    if (tells_success(entry))
        return STR("success");
    bool failed =
        str_ifind(text, STR("Exchange Server setup operation didn't complete"), 0) !=
            SIZE_MAX ||
        str_istarts(text, STR("Setup checks failed")) ||
        str_istarts(text, STR("Exchange Server installation failed")) ||
        str_istarts(text, STR("The Exchange Server setup operation did not complete"));
    return failed ? STR("failed") : STR("");
}

static void take_end(struct setup_events *s)
{
    s->run.result = result_of(&s->entry);
    s->run.failed = s->run.failed || str_eq(s->run.result, STR("failed"));
    if (str_eq(s->run.result, STR("success")) && !s->run.failed && installs_server(&s->run))
        s->build = s->run.version;
}

static void take_text(struct setup_events *s, struct str text, struct arena *arena)
{
    if (str_istarts(text, STR("Starting Microsoft Exchange Server"))) {
        s->run = (struct run){.product = keep(s, textlog_between(text, "Starting ", " Setup")),
                              .version = STR(""),
                              .mode = STR(""),
                              .result = STR("")};
    } else if (str_istarts(text, STR("Setup version:"))) {
        s->run.version = keep(s, build_of(str_part(text, 14, text.n), arena));
    } else if (str_istarts(text, STR("Command Line Parameter Name="))) {
        take_parameter(s, text);
    } else if (str_istarts(text, STR("The installation mode is set to: '"))) {
        if (!s->run.mode_named)
            s->run.mode = keep(s, quoted(text, "set to: '"));
    } else if (str_istarts(text, STR("The backup copy of the previously installed version"))) {
        s->run.half_way = true;
    } else if (str_istarts(text, STR("The locally installed version is "))) {
        struct str version = build_of(str_part(text, 33, text.n), arena);
        s->build = s->run.half_way ? STR("") : version;
    } else {
        take_end(s);
    }
}

/* --- events ------------------------------------------------------------------------------ */

static void fill_head(struct setup_events *s, const struct line *line, struct event *ret)
{
    bool guessed = !s->headed || s->entry.odd;
    *ret = (struct event){
        .kind = EVENT_EXCHANGE_SETUP,
        .time = s->headed ? s->entry.time : s->last,
        .offset = line->offset,
        .size = line->size,
        .marks = guessed ? MARK_TIME_GUESSED : 0,
        .host = s->host,
        .part = STR(""),
        .channel = STR(""),
        .provider = STR(""),
        .utc_hint = INSTANT_NONE,
    };
    s->last = ret->time;
}

int setup_events_next(struct setup_events *s, struct arena *arena, struct event *ret,
                      struct span *gap, struct err *err)
{
    for (;;) {
        struct line line;
        int got = line_next(&s->lines, &line, err);
        if (got < 0)
            *gap = (struct span){.from = line.offset, .to = line.offset + line.size};
        if (got <= 0)
            return got;
        if (line.text.n == 0)
            continue;
        join(s, &line);
        struct str text = str_trim(utf8_repair(line.text, arena));
        s->headed = textlog_setup_line(text, &s->entry);
        if (!s->headed)
            s->entry = (struct setup_line){.level = STR(""), .severity = STR(""), .text = text};
        s->build = STR("");
        s->run.result = STR("");
        take_text(s, s->entry.text, arena);
        fill_head(s, &line, ret);
        return 1;
    }
}

static void add(struct event *ev, struct arena *arena, const char *name, struct str value)
{
    if (value.n)
        event_add(ev, arena, SECTION_DATA, FIELD_TEXT, str_of(name), value);
}

static struct str step_of(struct str text)
{
    static const char *const heads[] = {"Beginning processing ", "Ending processing "};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (str_istarts(text, str_of(heads[i])))
            return str_trim(str_part(text, strlen(heads[i]), text.n));
    return quoted(text, "Setup will run the task '");
}

void setup_events_fill(struct setup_events *s, struct arena *arena, struct event *ev)
{
    struct str text = s->entry.text;
    add(ev, arena, "Level", s->entry.level);
    add(ev, arena, "Severity", s->entry.severity);
    add(ev, arena, "Message", text);
    web_derive(ev, arena, "SetupProduct", s->run.product);
    web_derive(ev, arena, "SetupVersion", s->run.version);
    web_derive(ev, arena, "SetupMode", s->run.mode);
    web_derive(ev, arena, "SetupResult", s->run.result);
    web_derive(ev, arena, "SetupStep", step_of(text));
    if (str_istarts(text, STR("Logged on user:")))
        web_derive(ev, arena, "SetupUser", without_dot(str_part(text, 15, text.n)));
    if (str_istarts(text, STR("The locally installed version is ")))
        web_derive(ev, arena, "InstalledVersion", build_of(str_part(text, 33, text.n), arena));
    if (str_istarts(text, STR("The backup copy of the previously installed version is")))
        web_derive(ev, arena, "PreviousVersion", build_of(quoted(text, "is '"), arena));
    web_derive(ev, arena, "Build", s->build);
}
