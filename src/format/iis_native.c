#include "format/iis_native.h"

#include <string.h>

enum { COMMAS_IN_USER = 4 }; /* names such as "Lee, Ann" */

static struct bytes trimmed(struct bytes b, size_t from, size_t to)
{
    while (from < to && b.p[from] == ' ')
        from++;
    while (to > from && b.p[to - 1] == ' ')
        to--;
    return (struct bytes){b.p + from, to - from};
}

static size_t find_comma(struct bytes b, size_t from)
{
    const uint8_t *comma = from < b.n ? memchr(b.p + from, ',', b.n - from) : NULL;
    return comma ? (size_t)(comma - b.p) : b.n;
}

/* One to `most` digits at *at; -1 if there is none. */
static int read_number(struct bytes b, size_t *at, size_t most)
{
    int v = 0;
    size_t n = 0;
    for (; *at < b.n && n < most && b.p[*at] >= '0' && b.p[*at] <= '9'; n++)
        v = v * 10 + (b.p[(*at)++] - '0');
    return n ? v : -1;
}

/* Three numbers with the same character between them, and nothing else. */
static bool read_three(struct bytes b, const char *between, int ret[3])
{
    enum { DIGITS = 4 };
    size_t at = 0;
    uint8_t mark = 0;
    for (int i = 0; i < 3; i++) {
        if (i > 0) {
            if (at >= b.n || !strchr(between, b.p[at]) || (i > 1 && b.p[at] != mark))
                return false;
            mark = b.p[at++];
        }
        ret[i] = read_number(b, &at, DIGITS);
        if (ret[i] < 0)
            return false;
    }
    return at == b.n;
}

static bool is_date(struct bytes b)
{
    int parts[3];
    return b.n >= 6 && read_three(b, "/.-", parts);
}

static bool is_time(struct bytes b)
{
    int parts[3];
    return b.n >= 5 && read_three(b, ":", parts);
}

static bool is_number(struct bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] < '0' || b.p[i] > '9')
            return b.n == 1 && b.p[0] == '-';
    return b.n > 0;
}

/* Splits off one value and its comma; false at the end. */
static bool next_cell(struct bytes line, size_t *at, struct bytes *ret)
{
    size_t to = find_comma(line, *at);
    if (to == line.n)
        return false;
    *ret = trimmed(line, *at, to);
    *at = to + 1;
    return true;
}

/* The user and the date behind it: a comma may be part of the name. */
static bool read_user(struct bytes line, size_t *at, struct iis_native_row *ret)
{
    size_t from = *at;
    struct bytes *c = ret->cells;
    size_t user_end = find_comma(line, from);
    for (int i = 0; i <= COMMAS_IN_USER && user_end < line.n; i++) {
        size_t behind = user_end + 1;
        if (next_cell(line, &behind, &c[NATIVE_DATE]) &&
            next_cell(line, &behind, &c[NATIVE_TIME]) && is_date(c[NATIVE_DATE]) &&
            is_time(c[NATIVE_TIME])) {
            c[NATIVE_USER] = trimmed(line, from, user_end);
            *at = behind;
            return true;
        }
        user_end = find_comma(line, user_end + 1);
    }
    return false;
}

/* What is left is the target and its parameters. A blank in them would be '+', so that a
 * comma with a blank ends the first; some services leave the blank out. */
static void read_target(struct bytes rest, struct iis_native_row *ret)
{
    rest = trimmed(rest, 0, rest.n);
    if (rest.n && rest.p[rest.n - 1] == ',')
        rest.n--;
    const uint8_t *mark = rest.n ? memmem(rest.p, rest.n, ", ", 2) : NULL;
    size_t to = mark ? (size_t)(mark - rest.p) : find_comma(rest, 0);
    ret->cells[NATIVE_STEM] = trimmed(rest, 0, to);
    ret->cells[NATIVE_QUERY] = trimmed(rest, to < rest.n ? to + 1 : to, rest.n);
}

bool iis_native_split(struct bytes line, struct iis_native_row *ret)
{
    static const enum iis_native_column numbers[] = {NATIVE_TAKEN, NATIVE_RECEIVED, NATIVE_SENT,
                                                     NATIVE_STATUS, NATIVE_WIN32};
    size_t at = 0;
    if (!next_cell(line, &at, &ret->cells[NATIVE_CLIENT]) || ret->cells[NATIVE_CLIENT].n == 0 ||
        !read_user(line, &at, ret))
        return false;
    for (int i = NATIVE_SITE; i <= NATIVE_METHOD; i++)
        if (!next_cell(line, &at, &ret->cells[i]))
            return false;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!is_number(ret->cells[numbers[i]]))
            return false;
    read_target((struct bytes){line.p + at, line.n - at}, ret);
    return true;
}

static int full_year(int year)
{
    return year >= 100 ? year : year < 70 ? 2000 + year : 1900 + year;
}

instant iis_native_time(const struct iis_native_row *row, instant named)
{
    int d[3] = {0, 0, 0};
    int t[3] = {0, 0, 0};
    if (!read_three(row->cells[NATIVE_DATE], "/.-", d) ||
        !read_three(row->cells[NATIVE_TIME], ":", t))
        return INSTANT_NONE;
    if (d[0] > 31)
        return instant_of_civil(d[0], d[1], d[2], t[0], t[1], t[2]);
    int year = full_year(d[2]);
    instant month_first = instant_of_civil(year, d[0], d[1], t[0], t[1], t[2]);
    instant day_first = instant_of_civil(year, d[1], d[0], t[0], t[1], t[2]);
    if (month_first == INSTANT_NONE)
        return day_first;
    bool other = named != INSTANT_NONE && day_first != INSTANT_NONE &&
                 month_first - month_first % INSTANT_DAY != named &&
                 day_first - day_first % INSTANT_DAY == named;
    return other ? day_first : month_first;
}

const char *iis_native_name(enum iis_native_column column)
{
    static const char *const names[NATIVE_COLUMNS] = {
        [NATIVE_CLIENT] = "c-ip",        [NATIVE_USER] = "cs-username",
        [NATIVE_DATE] = "date",          [NATIVE_TIME] = "time",
        [NATIVE_SITE] = "s-sitename",    [NATIVE_COMPUTER] = "s-computername",
        [NATIVE_SERVER] = "s-ip",        [NATIVE_TAKEN] = "time-taken",
        [NATIVE_RECEIVED] = "cs-bytes",  [NATIVE_SENT] = "sc-bytes",
        [NATIVE_STATUS] = "sc-status",   [NATIVE_WIN32] = "sc-win32-status",
        [NATIVE_METHOD] = "cs-method",   [NATIVE_STEM] = "cs-uri-stem",
        [NATIVE_QUERY] = "cs-uri-query",
    };
    return names[column];
}
