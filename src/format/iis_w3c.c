#include "format/iis_w3c.h"

#include <stdint.h>
#include <string.h>

#include "base/utf.h"
#include "format/scan_bytes.h"

enum {
    TOKENS = IIS_COLUMNS + 64, /* blanks inside values that we can cope with: 64 */
    DISORDER_MINUTES = 10,     /* by how much a row may be older than the one before it */
};

enum check {
    CHECK_NONE,
    CHECK_DATE,
    CHECK_TIME,
    CHECK_ADDRESS,
    CHECK_NUMBER, /* or "-" */
    CHECK_ALWAYS, /* a number; IIS never leaves it out */
    CHECK_STEM,
    CHECK_VERSION, /* or "-" */
};

static const struct {
    const char *name;
    signed char check;
    signed char column; /* enum iis_column, or -1 */
} KNOWN[] = {
    {"date", CHECK_DATE, IIS_DATE},
    {"time", CHECK_TIME, IIS_TIME},
    {"s-ip", CHECK_ADDRESS, -1},
    {"cs-method", CHECK_NONE, IIS_METHOD},
    {"cs-uri-stem", CHECK_STEM, IIS_STEM},
    {"cs-uri-query", CHECK_NONE, IIS_QUERY},
    {"s-port", CHECK_ALWAYS, IIS_PORT},
    {"cs-username", CHECK_NONE, IIS_USER},
    {"c-ip", CHECK_ADDRESS, IIS_CLIENT},
    {"cs(User-Agent)", CHECK_NONE, IIS_AGENT},
    {"cs(Referer)", CHECK_NONE, IIS_REFERER},
    {"cs(Cookie)", CHECK_NONE, IIS_COOKIE},
    {"sc-status", CHECK_ALWAYS, IIS_STATUS},
    {"sc-substatus", CHECK_ALWAYS, -1},
    {"sc-win32-status", CHECK_ALWAYS, -1},
    {"sc-bytes", CHECK_NUMBER, -1},
    {"cs-bytes", CHECK_NUMBER, -1},
    {"time-taken", CHECK_ALWAYS, -1},
    {"s-computername", CHECK_NONE, IIS_COMPUTER},
    {"s-sitename", CHECK_NONE, IIS_SITE},
    {"cs-uri", CHECK_NONE, IIS_URI},
    {"s-reason", CHECK_NONE, IIS_REASON},
    {"c-port", CHECK_NUMBER, -1},
    {"s-siteid", CHECK_NUMBER, -1},
    {"cs-version", CHECK_VERSION, -1},
};

static struct str as_text(struct bytes b)
{
    return (struct str){(const char *)b.p, b.n};
}

static struct bytes part(struct bytes b, size_t from, size_t to)
{
    return (struct bytes){b.p + from, to - from};
}

static size_t find_between(struct bytes b, size_t from, uint8_t between)
{
    const uint8_t *blank = from < b.n ? memchr(b.p + from, between, b.n - from) : NULL;
    return blank ? (size_t)(blank - b.p) : b.n;
}

static void layout_add(struct iis_layout *l, struct str name)
{
    size_t at = l->n++;
    l->names[at] = name;
    l->check[at] = CHECK_NONE;
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
        if (!str_ieq(name, str_of(KNOWN[i].name)))
            continue;
        l->check[at] = KNOWN[i].check;
        if (KNOWN[i].column >= 0 && l->at[KNOWN[i].column] == SIZE_MAX)
            l->at[KNOWN[i].column] = at;
    }
}

static void layout_clear(struct iis_layout *l)
{
    l->n = 0;
    l->between = ' ';
    for (size_t i = 0; i < IIS_KNOWN; i++)
        l->at[i] = SIZE_MAX;
}

/* HTTP.sys's error log leaves out what was not known of a broken request. */
static void relax(struct iis_layout *l)
{
    for (size_t i = 0; l->at[IIS_REASON] != SIZE_MAX && i < l->n; i++)
        if (l->check[i] == CHECK_ALWAYS)
            l->check[i] = CHECK_NUMBER;
}

bool iis_layout_parse(struct bytes line, struct arena *arena, struct iis_layout *ret)
{
    struct str head = STR("#Fields:");
    if (!str_istarts(as_text(line), head))
        return false;
    struct str rest =
        arena_str(arena, str_trim(utf8_repair(part(line, head.n, line.n), arena)));
    layout_clear(ret);
    if (rest.n && memchr(rest.p, '\t', rest.n))
        ret->between = '\t';
    size_t at = 0;
    while (at < rest.n) {
        size_t to = find_between(str_bytes(rest), at, ret->between);
        struct str name = str_trim(str_part(rest, at, to));
        if (name.n && ret->n == IIS_COLUMNS)
            return false;
        if (name.n)
            layout_add(ret, name);
        at = to + 1;
    }
    relax(ret);
    return ret->n > 0;
}

void iis_layout_default(struct iis_layout *ret)
{
    static const char *const names[] = {
        "date",         "time",
        "s-ip",         "cs-method",
        "cs-uri-stem",  "cs-uri-query",
        "s-port",       "cs-username",
        "c-ip",         "cs(User-Agent)",
        "cs(Referer)",  "sc-status",
        "sc-substatus", "sc-win32-status",
        "time-taken",
    };
    layout_clear(ret);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        layout_add(ret, str_of(names[i]));
    ret->check[2] = CHECK_NONE; /* reports that quote single rows blank the server's address */
}

void iis_layout_httperr(struct iis_layout *ret)
{
    static const char *const names[] = {
        "date",      "time",   "c-ip",      "c-port",   "s-ip",     "s-port",      "cs-version",
        "cs-method", "cs-uri", "sc-status", "s-siteid", "s-reason", "s-queuename",
    };
    layout_clear(ret);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        layout_add(ret, str_of(names[i]));
    relax(ret);
}

bool iis_date_parse(struct bytes line, instant *ret)
{
    struct str head = STR("#Date:");
    if (!str_istarts(as_text(line), head))
        return false;
    return instant_parse(str_trim(as_text(part(line, head.n, line.n))), ret);
}

/* Whether a value follows a pattern in which '0' stands for a digit. */
static bool has_shape(struct bytes b, const char *shape)
{
    size_t i = 0;
    for (; i < b.n && shape[i]; i++) {
        bool digit = b.p[i] >= '0' && b.p[i] <= '9';
        if (shape[i] == '0' ? !digit : b.p[i] != (uint8_t)shape[i])
            return false;
    }
    return i == b.n && !shape[i];
}

static unsigned is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool are_digits(const uint8_t *p, size_t a, size_t b)
{
    return (is_digit(p[a]) & is_digit(p[a + 1]) & is_digit(p[b]) & is_digit(p[b + 1])) != 0;
}

/* 0000-00-00 */
static bool is_date(struct bytes b)
{
    return b.n == 10 && b.p[4] == '-' && b.p[7] == '-' && are_digits(b.p, 0, 2) &&
           are_digits(b.p, 5, 8);
}

/* 00:00:00, 00:00:00.000 */
static bool is_time(struct bytes b)
{
    return (b.n == 8 && b.p[2] == ':' && b.p[5] == ':' && are_digits(b.p, 0, 3) &&
            are_digits(b.p, 6, 6)) ||
           has_shape(b, "00:00:00.000");
}

static bool is_number(struct bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] < '0' || b.p[i] > '9')
            return false;
    return b.n > 0 && b.n <= 20;
}

static bool is_address(struct bytes b)
{
    bool separated = false;
    for (size_t i = 0; i < b.n; i++) {
        uint8_t c = b.p[i];
        if (c == '%')
            break; /* the scope of an IPv6 address: any text */
        separated |= c == '.' || c == ':';
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (!hex && c != '.' && c != ':')
            return false;
    }
    return separated;
}

static bool cell_fits(signed char check, struct bytes cell)
{
    if (cell.n == 1 && cell.p[0] == '-')
        return check != CHECK_ALWAYS;
    switch (check) {
    case CHECK_DATE:
        return is_date(cell);
    case CHECK_TIME:
        return is_time(cell);
    case CHECK_ADDRESS:
        return is_address(cell);
    case CHECK_NUMBER:
    case CHECK_ALWAYS:
        return is_number(cell);
    case CHECK_VERSION:
        return cell.n > 5 && memcmp(cell.p, "HTTP/", 5) == 0;
    case CHECK_STEM:
        return cell.n > 0 && (cell.p[0] == '/' || cell.p[0] == '*');
    default:
        return true;
    }
}

bool iis_cell_fits(const struct iis_layout *layout, size_t column, struct bytes cell)
{
    return cell_fits(layout->check[column], cell);
}

static bool row_fits(const struct iis_layout *l, const struct iis_row *row)
{
    for (size_t i = 0; i < l->n; i++)
        if (!cell_fits(l->check[i], row->cells[i]))
            return false;
    return true;
}

/* A row of the right count: the columns every row must have decide. Others may be odd; the
 * row is evidence all the same. */
static bool row_starts_right(const struct iis_layout *l, const struct iis_row *row)
{
    static const int must[] = {IIS_DATE, IIS_TIME};
    for (size_t i = 0; i < sizeof must / sizeof *must; i++) {
        size_t at = l->at[must[i]];
        if (at != SIZE_MAX && !cell_fits(l->check[at], row->cells[at]))
            return false;
    }
    return l->at[IIS_DATE] != SIZE_MAX || l->at[IIS_TIME] != SIZE_MAX || row_fits(l, row);
}

/* The row with the empty values left out, if it fits then. */
static bool without_empty(const struct iis_layout *l, const struct bytes *tokens, size_t n,
                          struct iis_row *ret)
{
    ret->n = 0;
    for (size_t i = 0; i < n; i++) {
        if (tokens[i].n == 0)
            continue;
        if (ret->n == l->n)
            return false;
        ret->cells[ret->n++] = tokens[i];
    }
    return ret->n == l->n && row_fits(l, ret);
}

/* The row with the surplus blanks taken as part of column `at`. No value ends in a blank
 * and "-": that is a missing value of its own. */
static bool joined_at(const struct iis_layout *l, const struct bytes *tokens, size_t n,
                      size_t at, struct iis_row *ret)
{
    size_t surplus = n - l->n;
    ret->n = l->n;
    for (size_t i = 0; i < l->n; i++)
        ret->cells[i] = tokens[i <= at ? i : i + surplus];
    struct bytes last = tokens[at + surplus];
    if (last.n == 1 && last.p[0] == '-')
        return false;
    ret->cells[at].n = (size_t)(last.p + last.n - ret->cells[at].p);
    return row_fits(l, ret);
}

/* Text that people and programs write: user names hold blanks most often. */
static bool joined(const struct iis_layout *l, const struct bytes *tokens, size_t n,
                   struct iis_row *ret)
{
    static const int likely[] = {IIS_URI,  IIS_USER,    IIS_AGENT, IIS_QUERY,
                                 IIS_STEM, IIS_REFERER, IIS_COOKIE};
    for (size_t i = 0; i < sizeof likely / sizeof *likely; i++) {
        size_t at = l->at[likely[i]];
        if (at != SIZE_MAX && joined_at(l, tokens, n, at, ret))
            return true;
    }
    for (size_t at = l->n; at > 0; at--)
        if (l->check[at - 1] == CHECK_NONE && joined_at(l, tokens, n, at - 1, ret))
            return true;
    return false;
}

/* The surplus blanks of a row are taken out where the row then fits. */
static bool split_surplus(const struct iis_layout *layout, struct bytes line,
                          const uint32_t *ends, size_t n, struct iis_row *ret)
{
    struct bytes tokens[TOKENS];
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        tokens[i] = part(line, at, ends[i]);
        at = (size_t)ends[i] + 1;
    }
    return without_empty(layout, tokens, n, ret) || joined(layout, tokens, n, ret);
}

bool iis_row_split(const struct iis_layout *layout, struct bytes line, struct iis_row *ret)
{
    uint32_t ends[TOKENS + 1];
    while (line.n > 0 && line.p[line.n - 1] == layout->between)
        line.n--;
    if (line.n > UINT32_MAX)
        return false;
    size_t n = scan_bytes(line, layout->between, ends, TOKENS);
    if (n == TOKENS || n + 1 < layout->n)
        return false;
    ends[n++] = (uint32_t)line.n;
    if (n > layout->n)
        return split_surplus(layout, line, ends, n, ret);
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        ret->cells[i] = part(line, at, ends[i]);
        at = (size_t)ends[i] + 1;
    }
    ret->n = n;
    return row_starts_right(layout, ret);
}

static int digits(const uint8_t *p, size_t n)
{
    int v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (p[i] - '0');
    return v;
}

bool iis_layout_is_dateless(const struct iis_layout *layout)
{
    return layout->at[IIS_DATE] == SIZE_MAX && layout->at[IIS_TIME] != SIZE_MAX;
}

/* The time of day in a cell; -1 if it is none. */
static instant time_of_day(struct bytes cell)
{
    const uint8_t *p = cell.p;
    if (cell.n < 8 || !cell_fits(CHECK_TIME, cell))
        return -1;
    if (digits(p, 2) > 23 || digits(p + 3, 2) > 59 || digits(p + 6, 2) > 60)
        return -1;
    instant t = digits(p, 2) * INSTANT_HOUR + digits(p + 3, 2) * INSTANT_MINUTE +
                digits(p + 6, 2) * INSTANT_SECOND;
    return cell.n > 8 ? t + digits(p + 9, 3) * (INSTANT_SECOND / 1000) : t;
}

/* The next instant with this time of day, or one that is hardly before the clock. */
static instant on_clock(struct iis_clock *clock, instant of_day)
{
    instant disorder = DISORDER_MINUTES * INSTANT_MINUTE;
    instant t = clock->at - clock->at % INSTANT_DAY + of_day;
    if (t > clock->at + INSTANT_DAY - disorder)
        t -= INSTANT_DAY; /* written late, over midnight */
    else if (t < clock->at - disorder)
        t += INSTANT_DAY;
    if (t > clock->at)
        clock->at = t;
    return t;
}

/* The day of a date that is one. */
static instant day_of_date(const uint8_t *p, struct iis_clock *clock)
{
    if (memcmp(p, clock->date, sizeof clock->date) != 0) {
        memcpy(clock->date, p, sizeof clock->date);
        clock->day =
            instant_of_civil(digits(p, 4), digits(p + 5, 2), digits(p + 8, 2), 0, 0, 0);
    }
    return clock->day;
}

instant iis_row_time(const struct iis_layout *layout, const struct iis_row *row,
                     struct iis_clock *clock)
{
    size_t at = layout->at[IIS_TIME];
    instant of_day = at == SIZE_MAX ? -1 : time_of_day(row->cells[at]);
    at = layout->at[IIS_DATE];
    if (at != SIZE_MAX && is_date(row->cells[at])) {
        instant day = day_of_date(row->cells[at].p, clock);
        return day == INSTANT_NONE || of_day < 0 ? day : day + of_day;
    }
    if (clock->at == INSTANT_NONE || of_day < 0)
        return clock->at;
    return on_clock(clock, of_day);
}

instant iis_day_of_name(struct str name)
{
    static const char *const heads[] = {"u_ex", "ex", "u_in", "in", "u_nc", "nc"};
    enum { DAY = 6 }; /* yymmdd */
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        size_t n = strlen(heads[i]);
        if (!str_istarts(name, str_of(heads[i])) || name.n < n + DAY)
            continue;
        const uint8_t *p = (const uint8_t *)name.p + n;
        if (!is_number((struct bytes){p, DAY}))
            continue;
        return instant_of_civil(2000 + digits(p, 2), digits(p + 2, 2), digits(p + 4, 2), 0, 0,
                                0);
    }
    return INSTANT_NONE;
}
