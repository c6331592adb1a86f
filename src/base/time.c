#include "base/time.h"

#include <stdio.h>
#include <string.h>

#include "base/ckd.h"

enum { TICKS = 10000000 }; /* per second */

static const int64_t FILETIME_EPOCH = INT64_C(116444736000000000); /* 1970 in FILETIME */
static const int64_t LAST_SECOND = INT64_C(253402300799);          /* 9999-12-31T23:59:59 */
static const int64_t FIRST_SECOND = INT64_C(-62135596800);         /* 0001-01-01T00:00:00 */

instant instant_of_filetime(uint64_t filetime)
{
    if (filetime == 0 || filetime > (uint64_t)INT64_MAX)
        return INSTANT_NONE;
    int64_t t = (int64_t)filetime - FILETIME_EPOCH;
    return t / TICKS > LAST_SECOND ? INSTANT_NONE : t;
}

instant instant_of_unix(int64_t seconds)
{
    if (seconds < FIRST_SECOND || seconds > LAST_SECOND)
        return INSTANT_NONE;
    return seconds * TICKS;
}

/* Days since 1970-01-01 of a date of the Gregorian calendar.
 * Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (public domain). */
static int64_t days_of_civil(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void civil_of_days(int64_t z, int *year, int *month, int *day)
{
    z += 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

/* Whether a calendar of four digits shows it: what we write can be read again. */
static bool is_shown(instant t)
{
    return t >= FIRST_SECOND * TICKS && t < (LAST_SECOND + 1) * TICKS;
}

instant instant_of_civil(int year, int month, int day, int hour, int minute, int second)
{
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month))
        return INSTANT_NONE;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return INSTANT_NONE;
    int64_t s = days_of_civil(year, month, day) * 86400;
    return (s + (int64_t)hour * 3600 + (int64_t)minute * 60 + second) * TICKS;
}

/* A reader over a text; every step fails softly and stays failed. */
struct scan {
    struct str s;
    size_t at;
    bool bad;
};

static char peek(const struct scan *c)
{
    return c->at < c->s.n ? c->s.p[c->at] : '\0';
}

static int take_digits(struct scan *c, size_t n)
{
    int v = 0;
    for (size_t i = 0; i < n; i++) {
        char d = peek(c);
        if (d < '0' || d > '9') {
            c->bad = true;
            return 0;
        }
        v = v * 10 + (d - '0');
        c->at++;
    }
    return v;
}

static void take(struct scan *c, char want)
{
    if (peek(c) != want)
        c->bad = true;
    else
        c->at++;
}

/* ".6601" as 100 ns steps; up to nine digits are read, seven count. */
static int64_t take_fraction(struct scan *c)
{
    if (peek(c) != '.' && peek(c) != ',')
        return 0;
    c->at++;
    int64_t v = 0;
    size_t n = 0;
    for (; peek(c) >= '0' && peek(c) <= '9' && n < 9; n++, c->at++)
        v = n < 7 ? v * 10 + (peek(c) - '0') : v;
    if (n == 0)
        c->bad = true;
    for (; n < 7; n++)
        v *= 10;
    return v;
}

/* "Z", "+05:30", "-0500", " UTC" or nothing: what to subtract, in seconds. */
static int64_t take_offset(struct scan *c)
{
    if (c->s.n - c->at == 4 && memcmp(c->s.p + c->at, " UTC", 4) == 0) {
        c->at += 4;
        return 0;
    }
    char sign = peek(c);
    if (sign == 'Z' || sign == 'z')
        c->at++;
    if (sign != '+' && sign != '-')
        return 0;
    c->at++;
    int h = take_digits(c, 2);
    if (peek(c) == ':')
        c->at++;
    int m = take_digits(c, 2);
    if (h > 14 || m > 59)
        c->bad = true;
    int64_t seconds = (int64_t)h * 3600 + (int64_t)m * 60;
    return sign == '-' ? -seconds : seconds;
}

bool instant_parse(struct str text, instant *ret)
{
    struct scan c = {.s = text};
    int y = take_digits(&c, 4);
    take(&c, '-');
    int mo = take_digits(&c, 2);
    take(&c, '-');
    int d = take_digits(&c, 2);

    int h = 0;
    int mi = 0;
    int s = 0;
    int64_t fraction = 0;
    int64_t offset = 0;
    if (!c.bad && c.at < c.s.n) {
        if (peek(&c) == 'T' || peek(&c) == 't' || peek(&c) == ' ')
            c.at++;
        else
            c.bad = true;
        h = take_digits(&c, 2);
        take(&c, ':');
        mi = take_digits(&c, 2);
        take(&c, ':');
        s = take_digits(&c, 2);
        fraction = take_fraction(&c);
        offset = take_offset(&c);
    }
    if (c.bad || c.at != c.s.n)
        return false;
    instant t = instant_of_civil(y, mo, d, h, mi, s);
    if (t == INSTANT_NONE)
        return false;
    t += fraction - offset * TICKS;
    if (!is_shown(t))
        return false;
    *ret = t;
    return true;
}

/* The milliseconds of "05.123Z"; -1 if it is not of that form. */
static int32_t milliseconds(const char *p)
{
    static const char form[] = "00.000Z";
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == '0' ? p[i] < '0' || p[i] > '9' : p[i] != form[i])
            return -1;
    if (p[0] > '5')
        return -1;
    return ((p[0] - '0') * 10 + p[1] - '0') * 1000 + (p[3] - '0') * 100 + (p[4] - '0') * 10 +
           p[5] - '0';
}

bool instant_parse_near(struct str text, struct instant_near *near, instant *ret)
{
    enum { MINUTE = sizeof near->minute, WHOLE = MINUTE + 7 };
    int32_t ms = text.n == WHOLE ? milliseconds(text.p + MINUTE) : -1;
    if (ms >= 0 && near->minute[0] && memcmp(text.p, near->minute, MINUTE) == 0) {
        *ret = near->at + ms * (INSTANT_SECOND / 1000);
        return true;
    }
    if (!instant_parse(text, ret))
        return false;
    if (ms >= 0) {
        memcpy(near->minute, text.p, MINUTE);
        near->at = *ret - ms * (INSTANT_SECOND / 1000);
    }
    return true;
}

static int64_t unit_of(char letter)
{
    switch (letter) {
    case 's':
        return INSTANT_SECOND;
    case 'm':
        return INSTANT_MINUTE;
    case 'h':
        return INSTANT_HOUR;
    case 'd':
        return INSTANT_DAY;
    default:
        return 0;
    }
}

bool duration_parse(struct str text, int64_t *ret)
{
    int64_t v = 0;
    if (text.n < 2 || text.n > 9)
        return false;
    for (size_t i = 0; i + 1 < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        v = v * 10 + (text.p[i] - '0');
    }
    int64_t unit = unit_of(text.p[text.n - 1]);
    if (unit == 0 || ckd_mul(&v, v, unit))
        return false;
    *ret = v;
    return true;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

struct parts {
    int year, month, day, hour, minute, second;
    int fraction; /* 100 ns steps */
};

static struct parts parts_of(instant t)
{
    struct parts p;
    int64_t seconds = floor_div(t, TICKS);
    int64_t days = floor_div(seconds, 86400);
    int rest = (int)(seconds - days * 86400);
    civil_of_days(days, &p.year, &p.month, &p.day);
    p.hour = rest / 3600;
    p.minute = rest / 60 % 60;
    p.second = rest % 60;
    p.fraction = (int)(t - seconds * TICKS);
    return p;
}

static struct str finish(char out[INSTANT_TEXT], int n)
{
    size_t len = n < 0 ? 0 : (size_t)n < INSTANT_TEXT ? (size_t)n : INSTANT_TEXT - 1;
    out[len] = '\0';
    return (struct str){out, len};
}

static char *put_digits(char *to, int v, int n)
{
    for (int i = n; i-- > 0; v /= 10)
        to[i] = (char)('0' + v % 10);
    return to + n;
}

static char *put_part(char *to, char before, int v)
{
    *to++ = before;
    return put_digits(to, v, 2);
}

/* Written digit by digit: every finding has some times. */
static struct str four_digit_year_text(const struct parts *p, char out[INSTANT_TEXT])
{
    char *at = put_digits(out, p->year, 4);
    at = put_part(at, '-', p->month);
    at = put_part(at, '-', p->day);
    at = put_part(at, 'T', p->hour);
    at = put_part(at, ':', p->minute);
    at = put_part(at, ':', p->second);
    if (p->fraction) {
        bool fine = p->fraction % 10000;
        *at++ = '.';
        at = put_digits(at, fine ? p->fraction : p->fraction / 10000, fine ? 7 : 3);
    }
    *at++ = 'Z';
    return finish(out, (int)(at - out));
}

struct str instant_text(instant t, char out[INSTANT_TEXT])
{
    if (t == INSTANT_NONE)
        return finish(out, 0);
    struct parts p = parts_of(t);
    if (p.year >= 0 && p.year <= 9999)
        return four_digit_year_text(&p, out);
    char fraction[12] = "";
    if (p.fraction % 10000)
        (void)snprintf(fraction, sizeof fraction, ".%07d", p.fraction);
    else if (p.fraction)
        (void)snprintf(fraction, sizeof fraction, ".%03d", p.fraction / 10000);
    return finish(out, snprintf(out, INSTANT_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", p.year,
                                p.month, p.day, p.hour, p.minute, p.second, fraction));
}

struct str instant_text_plain(instant t, char out[INSTANT_TEXT])
{
    if (t == INSTANT_NONE)
        return finish(out, 0);
    struct parts p = parts_of(t);
    return finish(out, snprintf(out, INSTANT_TEXT, "%04d-%02d-%02d %02d:%02d:%02d UTC", p.year,
                                p.month, p.day, p.hour, p.minute, p.second));
}
