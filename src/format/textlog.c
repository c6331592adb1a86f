#include "format/textlog.h"

#include "base/num.h"

enum {
    HEAD_LINES = 40, /* lines of a log's start that are looked at */
    SETUP_HEADS = 2, /* entries that a piece of a setup log must show */
};

/* --- numbers and dates ------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads digits at *at: at least `least`, at most `most`. */
static bool digits(struct str s, size_t *at, size_t least, size_t most, int *ret)
{
    size_t i = *at;
    int v = 0;
    while (i < s.n && i - *at < most && is_digit(s.p[i]))
        v = v * 10 + (s.p[i++] - '0');
    if (i - *at < least)
        return false;
    *at = i;
    *ret = v;
    return true;
}

/* One character of a date or a time that is no digit and no letter: cultures differ. */
static bool separator(struct str s, size_t *at)
{
    static const struct str known = {"/.-:", 4};
    if (*at >= s.n || !memchr(known.p, s.p[*at], known.n))
        return false;
    (*at)++;
    return true;
}

struct clock {
    int hour, minute, second, ms;
};

/* "05:01:28.0382": the fraction counts milliseconds, whatever its digits. */
static bool read_clock(struct str s, size_t *at, struct clock *ret)
{
    struct clock c = {0};
    if (!digits(s, at, 1, 2, &c.hour) || !separator(s, at) || !digits(s, at, 2, 2, &c.minute) ||
        !separator(s, at) || !digits(s, at, 2, 2, &c.second))
        return false;
    size_t behind = *at;
    if (behind < s.n && (s.p[behind] == '.' || s.p[behind] == ',')) {
        behind++;
        if (digits(s, &behind, 1, 4, &c.ms))
            *at = behind;
        while (*at == behind && behind < s.n && is_digit(s.p[behind]))
            *at = ++behind;
        c.ms = c.ms < 1000 ? c.ms : 0;
    }
    *ret = c;
    return true;
}

static instant instant_at(int year, int month, int day, const struct clock *c)
{
    instant t = instant_of_civil(year, month, day, c->hour, c->minute, c->second);
    return t == INSTANT_NONE ? t : t + c->ms * (INSTANT_SECOND / 1000);
}

/* "03/13/2021 05:01:28.0382". The month stands first on servers of every language; a first
 * number that is no month can only be a day. */
static bool read_us(struct str s, size_t *at, instant *ret, bool *ret_odd)
{
    int month, day, year;
    struct clock c = {0};
    size_t i = *at;
    if (!digits(s, &i, 1, 2, &month) || !separator(s, &i) || !digits(s, &i, 1, 2, &day) ||
        !separator(s, &i) || !digits(s, &i, 4, 4, &year) || i >= s.n || s.p[i] != ' ')
        return false;
    i++;
    if (!read_clock(s, &i, &c))
        return false;
    *ret_odd = month > 12 && day <= 12;
    instant t = *ret_odd ? instant_at(year, day, month, &c) : instant_at(year, month, day, &c);
    if (t == INSTANT_NONE)
        return false;
    *ret = t;
    *at = i;
    return true;
}

/* The end of a text that looks like an ISO time; letters other than T and Z end it. */
static size_t iso_end(struct str s, size_t at)
{
    size_t i = at;
    while (i < s.n && i - at < 40 &&
           (is_digit(s.p[i]) || s.p[i] == '-' || s.p[i] == ':' || s.p[i] == '.' ||
            s.p[i] == '+' || s.p[i] == 'T' || s.p[i] == 'Z' ||
            (s.p[i] == ' ' && i - at == 10 && i + 1 < s.n && is_digit(s.p[i + 1]))))
        i++;
    return i;
}

static bool says_zone(struct str time)
{
    if (time.n < 12)
        return false;
    struct str clock = str_part(time, 11, time.n);
    return clock.p[clock.n - 1] == 'Z' || memchr(clock.p, '+', clock.n) ||
           memchr(clock.p, '-', clock.n);
}

static bool read_iso(struct str s, size_t *at, instant *ret, bool *ret_zone)
{
    size_t end = iso_end(s, *at);
    while (end > *at && (s.p[end - 1] == ':' || s.p[end - 1] == '-' || s.p[end - 1] == '.'))
        end--;
    struct str time = str_part(s, *at, end);
    if (time.n < 16 || time.p[4] != '-' || !instant_parse(time, ret))
        return false;
    *ret_zone = says_zone(time);
    *at = end;
    return true;
}

size_t textlog_time(struct str text, instant *ret, bool *ret_zone)
{
    bool odd;
    bool zone = false;
    instant t;
    bool bracket = text.n && text.p[0] == '[';
    size_t at = bracket;
    if (!read_iso(text, &at, &t, &zone) && !read_us(text, &at, &t, &odd))
        return 0;
    if (bracket && (at >= text.n || text.p[at] != ']'))
        return 0;
    *ret = t;
    *ret_zone = zone;
    return at + bracket;
}

static int month_of(struct str name)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; name.n == 3 && i < 12; i++)
        if (str_ieq(name, (struct str){names + 3 * (size_t)i, 3}))
            return i + 1;
    return 0;
}

bool textlog_asctime(struct str text, instant *ret)
{
    int day, year;
    struct clock c = {0};
    text = str_trim(text);
    size_t at = 8;
    if (text.n < 24 || text.p[3] != ' ' || text.p[7] != ' ')
        return false;
    int month = month_of(str_part(text, 4, 7));
    while (at < text.n && text.p[at] == ' ')
        at++;
    if (!month || !digits(text, &at, 1, 2, &day) || at >= text.n || text.p[at++] != ' ' ||
        !read_clock(text, &at, &c) || at >= text.n || text.p[at++] != ' ' ||
        !digits(text, &at, 4, 4, &year) || at != text.n)
        return false;
    instant t = instant_at(year, month, day, &c);
    if (t == INSTANT_NONE)
        return false;
    *ret = t;
    return true;
}

instant textlog_name_time(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        size_t to = i;
        int year, month, day, hour = 0;
        while (to < name.n && is_digit(name.p[to]))
            to++;
        size_t at = i;
        if ((to - i == 8 || to - i == 10) && digits(name, &at, 4, 4, &year) &&
            digits(name, &at, 2, 2, &month) && digits(name, &at, 2, 2, &day) &&
            (to == at || digits(name, &at, 2, 2, &hour)))
            return instant_of_civil(year, month, day, hour, 0, 0);
        i = to > i ? to : i;
    }
    return INSTANT_NONE;
}

/* --- ExchangeSetup.log ------------------------------------------------------------------- */

/* "[0]" or "[ERROR]" at *at, and the blanks behind it. */
static bool bracketed(struct str s, size_t *at, struct str *ret)
{
    if (*at >= s.n || s.p[*at] != '[')
        return false;
    size_t close = str_find(str_part(s, *at, *at + 24), STR("]"), 1);
    if (close == SIZE_MAX)
        return false;
    *ret = str_part(s, *at + 1, *at + close);
    *at += close + 1;
    while (*at < s.n && s.p[*at] == ' ')
        (*at)++;
    return true;
}

static bool is_severity(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 'A' || s.p[i] > 'Z')
            return false;
    return s.n >= 4;
}

bool textlog_setup_line(struct str line, struct setup_line *ret)
{
    struct setup_line l = {.severity = STR("")};
    size_t at = 1;
    if (line.n < 30 || line.p[0] != '[' || !read_us(line, &at, &l.time, &l.odd) ||
        at + 2 >= line.n || line.p[at] != ']' || line.p[at + 1] != ' ')
        return false;
    at += 2;
    if (!bracketed(line, &at, &l.level) || l.level.n == 0 || l.level.n > 2 ||
        !is_digit(l.level.p[0]) || !is_digit(l.level.p[l.level.n - 1]))
        return false;
    size_t behind = at;
    struct str word;
    if (bracketed(line, &behind, &word) && is_severity(word)) {
        l.severity = word;
        at = behind;
    }
    l.text = str_part(line, at, line.n);
    *ret = l;
    return true;
}

/* --- telling them apart ------------------------------------------------------------------ */

struct str textlog_between(struct str text, const char *head, const char *tail)
{
    struct str h = str_of(head);
    struct str t = str_of(tail[0] ? tail : "\n");
    size_t from = str_ifind(text, h, 0);
    if (from == SIZE_MAX)
        return STR("");
    from += h.n;
    size_t to = str_ifind(text, t, from);
    if (to == SIZE_MAX && tail[0])
        return STR("");
    return str_trim(str_part(text, from, to));
}

static bool has(struct str text, const char *word)
{
    return str_ifind(text, str_of(word), 0) != SIZE_MAX;
}

static bool next_line(struct str text, size_t *at, struct str *ret)
{
    if (*at >= text.n)
        return false;
    const char *nl = memchr(text.p + *at, '\n', text.n - *at);
    size_t to = nl ? (size_t)(nl - text.p) : text.n;
    *ret = str_trim(str_part(text, *at, to));
    *at = to + 1;
    return true;
}

static bool is_setup(struct str head)
{
    struct str line;
    struct setup_line l;
    size_t at = 0;
    int heads = 0;
    for (int i = 0; i < HEAD_LINES && next_line(head, &at, &line); i++)
        heads += textlog_setup_line(line, &l);
    return heads > 0 && (has(head, "Exchange") || has(head, "Setup version:")) &&
           (heads >= SETUP_HEADS || has(head, "Starting Microsoft Exchange Server"));
}

/* The banner must be among the first lines, and the start behind it. */
static bool is_scanner(struct str head)
{
    struct str line;
    size_t at = 0;
    for (int i = 0; i < HEAD_LINES && next_line(head, &at, &line); i++)
        if (str_istarts(line, STR("Microsoft Safety Scanner v")) ||
            str_istarts(line, STR("Microsoft Windows Malicious Software Removal Tool v")))
            return has(str_part(head, at, head.n), "Started On");
    return false;
}

/* "2021-03-16 10:11:12 Info: ..." */
static bool is_eomt(struct str head)
{
    struct str line;
    size_t at = 0;
    instant t;
    bool zone;
    if (!next_line(head, &at, &line))
        return false;
    size_t n = textlog_time(line, &t, &zone);
    struct str rest = str_trim(str_part(line, n, line.n));
    bool level = str_istarts(rest, STR("Info:")) || str_istarts(rest, STR("Notice:")) ||
                 str_istarts(rest, STR("Error:"));
    return n == 19 && level && has(head, "EOMT");
}

/* What a PowerShell transcript, or a redirected verbose stream, starts with. */
static bool is_mitigations(struct str head)
{
    bool starts = str_istarts(head, STR("VERBOSE:")) || str_istarts(head, STR("**********")) ||
                  str_istarts(head, STR("[INFO]")) || str_istarts(head, STR("[OK]"));
    if (!starts)
        return false;
    return (has(head, "[OK] Rewrite rule ") || has(head, "[INFO] Starting mitigation ")) &&
           !has(head, "function ") && !has(head, "Write-Verbose");
}

static bool is_hashes(struct str head)
{
    struct str line = STR("");
    size_t at = 0;
    while (next_line(head, &at, &line) && (line.n == 0 || str_istarts(line, STR("#TYPE"))))
        continue;
    return has(line, "FilePath") && has(line, "FileHash") && has(line, "LastWriteTimeUtc") &&
           has(line, "PDir") && has(line, ",");
}

static bool is_directive(struct str line)
{
    static const char *const names[] = {
        "#Software:", "#Version:", "#Log-type:", "#Date:", "#Fields:"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_istarts(line, str_of(names[i])))
            return true;
    return false;
}

/* No sample is known: its name in the header, or in the text of a log. */
static bool is_oab(struct str head)
{
    struct str line;
    size_t at = 0;
    bool log = false;
    instant t;
    bool zone;
    for (int i = 0; i < HEAD_LINES && next_line(head, &at, &line); i++) {
        if (str_istarts(line, STR("#Log-type:")))
            return has(line, "OAB") && has(line, "Gen");
        if (str_istarts(line, STR("#Software: Microsoft Internet")) ||
            str_istarts(line, STR("#Software: Microsoft HTTP API")))
            return false;
        log = log || is_directive(line) || textlog_time(line, &t, &zone) > 0;
    }
    if (!log || has(head, "AnchorMailbox") || has(head, "\tfunction "))
        return false;
    return has(head, "OABGenerator") ||
           textlog_between(head, "Download failed and temporary file", "needs to be removed").n;
}

enum textlog textlog_sniff(struct str head)
{
    head = str_trim(head);
    if (is_setup(head))
        return TEXTLOG_SETUP;
    if (is_scanner(head))
        return TEXTLOG_SCANNER;
    if (is_eomt(head))
        return TEXTLOG_EOMT;
    if (str_istarts(head,
                    STR("Microsoft Safety Scanner and CVE-2021-26855 mitigation summary")) ||
        str_istarts(head, STR("EOMTv2 mitigation summary")))
        return TEXTLOG_SUMMARY;
    if (is_hashes(head))
        return TEXTLOG_HASHES;
    if (is_oab(head))
        return TEXTLOG_OAB;
    return is_mitigations(head) ? TEXTLOG_MITIGATIONS : TEXTLOG_NONE;
}
