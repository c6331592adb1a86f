#include "event/map_removal.h"

#include "base/utf.h"
#include "event/web.h"
#include "event/webpath.h"
#include "format/exch_csv.h"
#include "format/line.h"
#include "format/textlog.h"

enum {
    SNIFF_BYTES = 64 * 1024,
    JOINS_MOST = 500, /* lines of one message of EOMT, or of its summary */
    BANNER_LINES = 6, /* behind a scanner's name, until it says when it started */
    KEPT_MOST = 512,  /* bytes of what is carried from line to line */
};

struct threat { /* of a scanner's report */
    struct str name, outcome, action, action_result;
};

struct removal_events {
    struct lines lines;
    struct arena *arena;
    enum textlog kind;
    struct str tool, version, host;
    instant time; /* of the run, or of the line before */
    bool detect_only;
    struct threat threat;
    struct exch_layout layout; /* of a table */
    struct csv_row row;
    struct str text;  /* of the event given last, behind its time */
    struct str level; /* EOMT's */
};

static struct str keep(struct removal_events *s, struct str text)
{
    struct str start = str_part(text, 0, KEPT_MOST);
    return arena_str(s->arena, utf8_repair(str_bytes(start), s->arena));
}

static struct str tool_of(enum textlog kind, struct str head)
{
    switch (kind) {
    case TEXTLOG_EOMT:
    case TEXTLOG_SUMMARY:
        return str_ifind(head, STR("EOMTv2"), 0) != SIZE_MAX ? STR("EOMTv2") : STR("EOMT");
    case TEXTLOG_MITIGATIONS:
        return STR("ExchangeMitigations");
    case TEXTLOG_HASHES:
        return STR("CompareExchangeHashes");
    case TEXTLOG_SCANNER: /* each run names it */
    case TEXTLOG_NONE:
    case TEXTLOG_OAB:
    case TEXTLOG_SETUP:
        break;
    }
    return STR("");
}

/* The log's start as text. */
static struct str start_of(const struct lines *lines, struct arena *arena)
{
    size_t skip = lines->at < lines->text.n ? lines->at : lines->text.n;
    struct bytes head = {lines->text.p + skip, lines->text.n - skip};
    head.n = head.n < SNIFF_BYTES ? head.n : SNIFF_BYTES;
    return lines->unit == 2 ? utf16le_decode(head, arena) : utf8_repair(head, arena);
}

struct removal_events *removal_events_open(struct bytes file, struct str path, struct span span,
                                           struct arena *arena)
{
    struct removal_events *s = ARENA_NEW(arena, struct removal_events);
    (void)path;
    s->lines = lines_of(file, span.from, span.to, arena);
    s->arena = arena;
    s->time = INSTANT_NONE;
    struct str text = start_of(&s->lines, arena);
    s->kind = textlog_sniff(text);
    s->tool = tool_of(s->kind, text);
    s->host = s->version = s->level = STR("");
    return s;
}

/* --- scanners ---------------------------------------------------------------------------- */

/* "Microsoft Safety Scanner v1.405, (build 1.405.445.0)" */
static struct str scanner_of(struct str line)
{
    if (str_istarts(line, STR("Microsoft Safety Scanner v")))
        return STR("MSERT");
    if (str_istarts(line, STR("Microsoft Windows Malicious Software Removal Tool v")))
        return STR("MRT");
    return STR("");
}

static bool read_started(struct str line, instant *ret)
{
    struct str mark = STR("Started On ");
    return str_istarts(line, mark) && textlog_asctime(str_part(line, mark.n, line.n), ret);
}

/* When the run that starts here started: a line or two below the name. */
static instant time_of_run(const struct removal_events *s, struct arena *arena)
{
    struct lines ahead = s->lines;
    ahead.room = NULL; /* the line in hand stays as it is */
    ahead.room_size = 0;
    ahead.arena = arena;
    struct line line;
    struct err ignored = {0};
    instant t;
    for (int i = 0; i < BANNER_LINES && line_next(&ahead, &line, &ignored) > 0; i++)
        if (read_started(str_trim(utf8_repair(line.text, arena)), &t))
            return t;
    return INSTANT_NONE;
}

/* "Trojan:JS/Chopper!dha and Removed!", "Virus:DOS/X, not removed." */
static struct threat read_threat(struct str text)
{
    size_t to = 0;
    while (to < text.n && text.p[to] != ' ' && text.p[to] != ',')
        to++;
    struct str rest = str_trim(str_part(text, to, text.n));
    if (rest.n && rest.p[0] == ',')
        rest = str_trim(str_part(rest, 1, rest.n));
    if (str_istarts(rest, STR("and ")))
        rest = str_part(rest, 4, rest.n);
    while (rest.n && (rest.p[rest.n - 1] == '.' || rest.p[rest.n - 1] == '!'))
        rest.n--;
    return (struct threat){.name = str_part(text, 0, to), .outcome = rest};
}

static void keep_threat(struct removal_events *s, struct threat t)
{
    s->threat = (struct threat){.name = keep(s, t.name), .outcome = keep(s, t.outcome)};
}

static void take_scanner(struct removal_events *s, struct str line, struct arena *arena)
{
    struct str tool = scanner_of(line);
    if (tool.n) {
        s->tool = tool;
        s->version = keep(s, textlog_between(line, "(build ", ")"));
        s->time = time_of_run(s, arena);
        s->threat = (struct threat){0};
    } else if (str_istarts(line, STR("reboot-mode:"))) {
        s->detect_only = str_ifind(line, STR("detect-only-mode: 1"), 0) != SIZE_MAX;
    } else if (str_istarts(line, STR("Results Summary")) || read_started(line, &s->time)) {
        s->threat = (struct threat){0};
    } else if (str_istarts(line, STR("Threat Detected:"))) {
        keep_threat(s, read_threat(str_trim(str_part(line, 16, line.n))));
    } else if (str_istarts(line, STR("Action:"))) {
        s->threat.action = keep(s, textlog_between(line, "Action:", ","));
        s->threat.action_result = keep(s, textlog_between(line, "Result:", ""));
    } else if (str_istarts(line, STR("Found "))) {
        keep_threat(s, read_threat(str_trim(str_part(line, 6, line.n))));
    } else if (str_istarts(line, STR("Return code:"))) {
        s->threat = (struct threat){0};
        s->detect_only = false;
    }
}

static bool is_zero(struct str number)
{
    if (str_istarts(number, STR("0x")))
        number = str_part(number, 2, number.n);
    for (size_t i = 0; i < number.n; i++)
        if (number.p[i] != '0')
            return false;
    return true;
}

/* What became of it, in the words "removed", "not removed" or the scanner's own. */
static struct str result_of(const struct removal_events *s, struct arena *arena)
{
    const struct threat *t = &s->threat;
    struct str outcome = text_lower(t->outcome, arena);
    bool failed = !is_zero(t->action_result) || str_ieq(t->action, STR("NoAction"));
    bool removed = str_eq(outcome, STR("removed")) ||
                   (outcome.n == 0 && str_ieq(t->action, STR("Remove")));
    if (removed && (failed || s->detect_only))
        return STR("not removed");
    return removed ? STR("removed") : outcome;
}

/* "file://C:\x\y.aspx->(SCRIPT0000)": what a threat was found in. */
static void derive_resource(struct event *ev, struct arena *arena, struct str line)
{
    enum { KIND_MOST = 24 };
    size_t at = str_find(str_part(line, 0, KIND_MOST), STR("://"), 0);
    if (at == SIZE_MAX || at == 0)
        return;
    struct str kind = str_part(line, 0, at);
    struct str path = str_part(line, at + 3, line.n);
    path = str_trim(str_part(path, 0, str_find(path, STR("->"), 0)));
    web_derive(ev, arena, "ResourceKind", text_lower(kind, arena));
    if (!str_ieq(kind, STR("file")) && !str_ieq(kind, STR("containerfile")))
        return;
    web_derive(ev, arena, "Path", path);
    web_derive(ev, arena, "WebPath", webpath_of_file(path, arena));
}

static void derive_scanner(const struct removal_events *s, struct event *ev,
                           struct arena *arena)
{
    if (s->threat.name.n == 0)
        return;
    web_derive(ev, arena, "Threat", s->threat.name);
    web_derive(ev, arena, "Action", s->threat.action);
    web_derive(ev, arena, "ActionResult", s->threat.action_result);
    web_derive(ev, arena, "Result", result_of(s, arena));
    derive_resource(ev, arena, s->text);
}

/* --- mitigation -------------------------------------------------------------------------- */

struct said { /* what a line of these tools says */
    const char *start;
    const char *action; /* "" if it says the host only */
};

/* Source: docs/formats/remediation.md */
static const struct said SAID[] = {
    {"Mitigation complete on ", "applied"},
    {"Rollback of mitigation complete on ", "removed"},
    {"Mitigation not present on ", "absent"},
    {"Mitigation failed on ", "failed"},
    {"[OK] Rewrite rule configuration complete for ", "applied"},
    {"[OK] Rewrite rule mitigation removed for ", "removed"},
    {"[INFO] Rewrite rule mitigation does not exist for ", "absent"},
    {"[ERROR] Mitigation failed on ", "failed"},
    {"EOMT preCheck complete on ", ""},
    {"EOMTv2 preCheck complete on ", ""},
    {"Starting mitigation process on ", ""},
    {"Starting rollback of mitigation on ", ""},
    {"[INFO] Starting mitigation process on ", ""},
    {"[INFO] Starting mitigation rollback process on ", ""},
};

static const struct said *said_in(struct str text, struct str *ret_rest)
{
    for (size_t i = 0; i < sizeof SAID / sizeof *SAID; i++) {
        struct str start = str_of(SAID[i].start);
        if (!str_istarts(text, start))
            continue;
        *ret_rest = str_part(text, start.n, text.n);
        return &SAID[i];
    }
    return NULL;
}

static struct str first_word(struct str s)
{
    size_t to = 0;
    while (to < s.n && s.p[to] > ' ' && s.p[to] != ',')
        to++;
    return str_part(s, 0, to);
}

/* "Starting EOMT.ps1 version 21.03.18.1330 on MX01" */
static void take_start(struct removal_events *s, struct str text)
{
    struct str rest;
    struct str started = textlog_between(text, "Starting EOMT", "");
    if (started.n && str_istarts(text, STR("Starting EOMT"))) {
        s->version = keep(s, first_word(textlog_between(text, ".ps1 version ", "")));
        s->host = keep(s, first_word(textlog_between(text, " on ", "")));
    } else if (said_in(text, &rest)) {
        s->host = keep(s, first_word(rest));
    }
}

static void derive_mitigation(const struct removal_events *s, struct event *ev,
                              struct arena *arena)
{
    struct str rest;
    const struct said *said = said_in(s->text, &rest);
    if (!said || !said->action[0])
        return;
    bool v2 = str_eq(s->tool, STR("EOMTv2"));
    web_derive(ev, arena, "Mitigation",
               v2 ? STR("PowerShell - inbound") : STR("X-BEResource, X-AnonResource-Backend"));
    web_derive(ev, arena, "MitigationAction", str_of(said->action));
    web_derive(ev, arena, "Site", textlog_between(rest, ":: ", ""));
}

static bool starts_entry(struct str line)
{
    instant t;
    bool zone;
    return textlog_time(line, &t, &zone) > 0;
}

/* Takes the lines that belong to a message: those behind it without a time, or all. */
static void join(struct removal_events *s, struct line *line)
{
    enum { ENOUGH = 64 };
    for (int i = 0; i < JOINS_MOST && s->lines.at < s->lines.end; i++) {
        char next[ENOUGH];
        struct str start = {next, line_peek(&s->lines, next, sizeof next)};
        if (s->kind == TEXTLOG_EOMT && starts_entry(start))
            return;
        if (!line_join(&s->lines, line))
            return;
    }
}

static void take_eomt(struct removal_events *s, struct str line)
{
    instant t;
    bool zone;
    size_t n = textlog_time(line, &t, &zone);
    s->level = STR("");
    if (n) {
        s->time = t;
        s->text = str_trim(str_part(line, n, line.n));
        size_t colon = str_find(str_part(s->text, 0, 12), STR(":"), 0);
        if (colon != SIZE_MAX) {
            s->level = str_part(s->text, 0, colon);
            s->text = str_trim(str_part(s->text, colon + 1, s->text.n));
        }
    }
    take_start(s, s->text);
}

/* A transcript says when it began: "Start time: 20210305101112". */
static void take_transcript(struct removal_events *s, struct str line)
{
    struct str began = textlog_between(line, "Start time: ", "");
    if (began.n >= 14 && str_istarts(line, STR("Start time: "))) {
        instant hour = textlog_name_time(str_part(began, 0, 10));
        s->time = hour == INSTANT_NONE ? s->time : hour;
    }
    if (str_istarts(line, STR("VERBOSE:")))
        s->text = str_trim(str_part(line, 8, line.n));
    take_start(s, s->text);
}

/* --- tables ------------------------------------------------------------------------------ */

static struct str cell(const struct removal_events *s, const char *name, struct arena *arena)
{
    size_t at = exch_column(&s->layout, name);
    return at < s->row.n ? csv_text(s->row.cells[at], arena) : STR("");
}

/* Whether the line is a row; else it is the header, or nothing. */
static bool take_row(struct removal_events *s, struct str line, struct arena *arena)
{
    instant t;
    bool zone;
    (void)csv_split(str_bytes(line), ',', &s->row);
    if (line.p[0] == '#')
        return false;
    if (s->layout.n == 0) {
        for (size_t i = 0; i < s->row.n; i++)
            s->layout.names[i] = keep(s, csv_text(s->row.cells[i], arena));
        s->layout.n = s->row.n;
        s->layout.separator = ',';
        return false;
    }
    struct str written = cell(s, "LastWriteTimeUtc", arena);
    s->time = textlog_time(written, &t, &zone) ? t : INSTANT_NONE;
    return true;
}

static void derive_row(const struct removal_events *s, struct event *ev, struct arena *arena)
{
    struct str path = cell(s, "FilePath", arena);
    web_derive(ev, arena, "Result", cell(s, "Error", arena));
    web_derive(ev, arena, "Path", path);
    web_derive(ev, arena, "WebPath", webpath_of_file(path, arena));
}

/* --- events ------------------------------------------------------------------------------ */

/* Takes in a line: whether it is an event. */
static bool take(struct removal_events *s, struct str line, struct arena *arena)
{
    s->text = line;
    if (s->kind == TEXTLOG_HASHES)
        return take_row(s, line, arena);
    if (s->kind == TEXTLOG_SCANNER)
        take_scanner(s, line, arena);
    else if (s->kind == TEXTLOG_EOMT)
        take_eomt(s, line);
    else if (s->kind == TEXTLOG_MITIGATIONS)
        take_transcript(s, line);
    return line.n > 0 && line.p[0] != '-' && line.p[0] != '*';
}

int removal_events_next(struct removal_events *s, struct arena *arena, struct event *ret,
                        struct span *gap, struct err *err)
{
    for (;;) {
        struct line line;
        int got = line_next(&s->lines, &line, err);
        if (got < 0)
            *gap = (struct span){.from = line.offset, .to = line.offset + line.size};
        if (got <= 0)
            return got;
        if (s->kind == TEXTLOG_EOMT || s->kind == TEXTLOG_SUMMARY)
            join(s, &line);
        struct str text = str_trim(utf8_repair(line.text, arena));
        if (text.n == 0 || !take(s, text, arena))
            continue;
        bool sure = s->kind == TEXTLOG_HASHES;
        *ret = (struct event){
            .kind = EVENT_REMEDIATION,
            .time = s->time,
            .offset = line.offset,
            .size = line.size,
            .marks = sure ? 0 : MARK_TIME_GUESSED | MARK_NO_ZONE,
            .host = s->host,
            .part = STR(""),
            .channel = STR(""),
            .provider = STR(""),
            .utc_hint = INSTANT_NONE,
        };
        return 1;
    }
}

static void add_columns(const struct removal_events *s, struct arena *arena, struct event *ev)
{
    for (size_t i = 0; i < s->layout.n && i < s->row.n; i++) {
        struct str value = csv_text(s->row.cells[i], arena);
        event_add(ev, arena, SECTION_DATA, value.n ? FIELD_TEXT : FIELD_NULL,
                  s->layout.names[i], value);
    }
}

void removal_events_fill(struct removal_events *s, struct arena *arena, struct event *ev)
{
    if (s->kind == TEXTLOG_HASHES)
        add_columns(s, arena, ev);
    if (s->level.n)
        event_add(ev, arena, SECTION_DATA, FIELD_TEXT, STR("Level"), s->level);
    event_add(ev, arena, SECTION_DATA, FIELD_TEXT, STR("Message"), s->text);
    web_derive(ev, arena, "Tool", s->tool);
    web_derive(ev, arena, "ToolVersion", s->version);
    if (s->kind == TEXTLOG_HASHES)
        derive_row(s, ev, arena);
    else if (s->kind == TEXTLOG_SCANNER)
        derive_scanner(s, ev, arena);
    else if (s->kind == TEXTLOG_SUMMARY)
        web_derive(ev, arena, "Result",
                   str_ifind(s->text, STR("This attempt was unsuccessful"), 0) != SIZE_MAX
                       ? STR("failed")
                       : STR("complete"));
    else
        derive_mitigation(s, ev, arena);
}
