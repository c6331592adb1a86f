#include "format/ncsa.h"

#include <string.h>

#include "base/utf.h"

enum {
    PREFIX_TOKENS = 24
}; /* looked at one by one before the date; further ones are the user */

static struct bytes part(struct bytes b, size_t from, size_t to)
{
    return (struct bytes){b.p + from, to - from};
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_dash(struct bytes b)
{
    return b.n == 1 && b.p[0] == '-';
}

static int digits(const uint8_t *p, size_t n)
{
    int v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (p[i] - '0');
    return v;
}

/* --- the date -------------------------------------------------------------------------- */

/* Whether bytes follow a pattern: '0' stands for a digit, 'a' for a letter. */
static bool has_shape(struct bytes b, size_t at, const char *shape)
{
    for (size_t i = 0; shape[i]; i++) {
        if (at + i >= b.n)
            return false;
        uint8_t c = b.p[at + i];
        uint8_t low = c | 32;
        bool fits = shape[i] == '0'   ? is_digit(c)
                    : shape[i] == 'a' ? low >= 'a' && low <= 'z'
                                      : c == (uint8_t)shape[i];
        if (!fits)
            return false;
    }
    return true;
}

static int month_of(const uint8_t *p)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (int m = 0; m < 12; m++) {
        const char *name = names + 3 * (size_t)m;
        if ((p[0] | 32) == name[0] && (p[1] | 32) == name[1] && (p[2] | 32) == name[2])
            return m + 1;
    }
    return 0;
}

enum { MINUTE = sizeof((struct ncsa_clock *)0)->minute };

static const char UTC_END[] = " +0000]";

/* A date of the minute that the clock knows, in UTC and with no fraction; moves behind its
 * bracket. False: it has to be read. */
static bool is_near(struct bytes line, size_t *at, const struct ncsa_clock *clock,
                    struct ncsa_row *ret)
{
    enum { DATE = 20, END = sizeof UTC_END - 1 };
    const uint8_t *p = line.p + *at;
    if (line.n - *at < DATE + END || !clock->minute[0] ||
        memcmp(p, clock->minute, MINUTE) != 0 || memcmp(p + DATE, UTC_END, END) != 0 ||
        p[MINUTE] < '0' || p[MINUTE] > '5' || !is_digit(p[MINUTE + 1]))
        return false;
    ret->time = clock->at + digits(p + MINUTE, 2) * INSTANT_SECOND;
    ret->zoned = true;
    *at += DATE + END;
    return true;
}

/* Keeps the minute of the date at `from` that was read, up to `to`. */
static void keep_minute(struct bytes line, size_t from, size_t to, const struct ncsa_row *row,
                        struct ncsa_clock *clock)
{
    enum { DATE = 20, END = sizeof UTC_END - 1 };
    const uint8_t *p = line.p + from;
    if (row->time == INSTANT_NONE || to - from != DATE + END ||
        memcmp(p + DATE, UTC_END, END) != 0)
        return;
    memcpy(clock->minute, p, MINUTE);
    clock->at = row->time - digits(p + MINUTE, 2) * INSTANT_SECOND;
}

/* "05/Mar/2021:03:06:27" at `at`, with what may follow up to the bracket. */
static bool read_date(struct bytes line, size_t *at, struct ncsa_row *ret)
{
    enum { DATE = 20, FRACTION = 9 };
    const uint8_t *p = line.p + *at;
    int64_t minutes = 0;
    if (!has_shape(line, *at, "00/aaa/0000:00:00:00"))
        return false;
    instant t = instant_of_civil(digits(p + 7, 4), month_of(p + 3), digits(p, 2),
                                 digits(p + 12, 2), digits(p + 15, 2), digits(p + 18, 2));
    *at += DATE;
    if (*at < line.n && (line.p[*at] == '.' || line.p[*at] == ',')) {
        int64_t step = INSTANT_SECOND / 10;
        for (size_t i = 0; i < FRACTION && *at + 1 < line.n && is_digit(line.p[*at + 1]); i++) {
            t = t == INSTANT_NONE ? t : t + (line.p[++*at] - '0') * step;
            step /= 10;
        }
        ++*at;
    }
    bool west = has_shape(line, *at, " -0000");
    ret->zoned = west || has_shape(line, *at, " +0000");
    if (ret->zoned) {
        minutes = digits(line.p + *at + 2, 2) * 60 + digits(line.p + *at + 4, 2);
        *at += 6;
    }
    if (*at >= line.n || line.p[*at] != ']')
        return false;
    ++*at;
    ret->time = t == INSTANT_NONE ? t : t - (west ? -minutes : minutes) * INSTANT_MINUTE;
    return true;
}

/* The bracket of the date: the first that holds one. *ret_end is behind it. */
static bool find_date(struct bytes line, struct ncsa_clock *clock, size_t *ret_start,
                      size_t *ret_end, struct ncsa_row *ret)
{
    size_t at = 0;
    while (at < line.n) {
        const uint8_t *open = memchr(line.p + at, '[', line.n - at);
        if (!open)
            return false;
        size_t start = (size_t)(open - line.p);
        size_t end = start + 1;
        bool here = start == 0 || line.p[start - 1] == ' ';
        if (here && (is_near(line, &end, clock, ret) || read_date(line, &end, ret))) {
            keep_minute(line, start + 1, end, ret, clock);
            *ret_start = start;
            *ret_end = end;
            return true;
        }
        at = start + 1;
    }
    return false;
}

/* --- what stands before it ---------------------------------------------------------------- */

static bool is_address(struct bytes b)
{
    size_t marks = 0;
    for (size_t i = 0; i < b.n; i++) {
        uint8_t c = b.p[i];
        uint8_t low = c | 32;
        marks += c == '.' || c == ':';
        if (c == '%')
            break; /* the scope of an IPv6 address */
        if (!is_digit(c) && c != '.' && c != ':' && c != '[' && c != ']' &&
            !(low >= 'a' && low <= 'f'))
            return false;
    }
    return marks > 1;
}

struct tokens {
    struct bytes at[PREFIX_TOKENS];
    size_t n;
};

static void split_blanks(struct bytes b, struct tokens *ret)
{
    size_t at = 0;
    ret->n = 0;
    while (at < b.n && ret->n < PREFIX_TOKENS) {
        size_t to = at;
        while (to < b.n && b.p[to] != ' ')
            to++;
        if (to > at)
            ret->at[ret->n++] = part(b, at, to);
        at = to + 1;
    }
}

static struct bytes from_to(struct bytes first, struct bytes last)
{
    return (struct bytes){first.p, (size_t)(last.p + last.n - first.p)};
}

static struct bytes without_quotes(struct bytes b)
{
    if (b.n >= 2 && b.p[0] == '"' && b.p[b.n - 1] == '"')
        return part(b, 1, b.n - 1);
    return b;
}

/* Addresses and names before the ident: "client", "server client", "server proxies client",
 * "client server:port". */
static void read_hosts(const struct tokens *t, size_t n, struct ncsa_row *ret)
{
    size_t first = 0;
    ret->client = t->at[0];
    if (n == 1)
        return;
    bool server_last = n == 2 && is_address(t->at[0]) && !is_address(t->at[1]) &&
                       memchr(t->at[1].p, ':', t->at[1].n);
    if (server_last) {
        ret->server = t->at[1];
        return;
    }
    if (t->at[0].p[t->at[0].n - 1] != ',') {
        ret->server = t->at[0];
        first = 1;
    }
    ret->client = t->at[n - 1];
    if (n - 1 > first)
        ret->forwarded = without_quotes(from_to(t->at[first], t->at[n - 2]));
    while (ret->forwarded.n && ret->forwarded.p[ret->forwarded.n - 1] == ',')
        ret->forwarded.n--;
}

/* The ident is "-" nearly always; what stands behind it is the user, blanks and all. */
static bool read_prefix(struct bytes b, struct ncsa_row *ret)
{
    struct tokens t;
    while (b.n && b.p[b.n - 1] == ' ')
        b.n--;
    split_blanks(b, &t);
    if (t.n == 0)
        return true;
    size_t ident = 0;
    for (size_t i = 1; i + 1 < t.n && ident == 0; i++)
        ident = is_dash(t.at[i]) ? i : 0;
    if (ident == 0)
        ident = t.n == 3 ? 1 : t.n > 3 ? (is_address(t.at[0]) ? 1 : 2) : 0;
    if (ident == 0)
        return false;
    read_hosts(&t, ident, ret);
    ret->ident = t.at[ident];
    ret->user = without_quotes(part(b, (size_t)(t.at[ident + 1].p - b.p), b.n));
    return true;
}

/* --- what stands behind it ------------------------------------------------------------------ */

static bool is_escaped(struct bytes b, size_t from, size_t at)
{
    size_t n = 0;
    while (at > from && b.p[at - 1] == '\\') {
        n++;
        at--;
    }
    return n % 2 == 1;
}

/* Whether a status stands at `at`. */
static bool is_status(struct bytes b, size_t at)
{
    return has_shape(b, at, "000") && (at + 3 == b.n || b.p[at + 3] == ' ');
}

/* The quote that ends the text from `from` on: one with a blank or nothing behind it; of
 * those, one that is not escaped. `from - 1` if there is none. */
static size_t find_quote(struct bytes b, size_t from, bool status_follows, bool escaped)
{
    for (size_t at = from; at < b.n; at++) {
        const uint8_t *quote = memchr(b.p + at, '"', b.n - at);
        if (!quote)
            break;
        at = (size_t)(quote - b.p);
        bool ends = at + 1 == b.n || b.p[at + 1] == ' ';
        if (ends && status_follows)
            ends = is_status(b, at + 2) || has_shape(b, at + 2, "- ");
        if (ends && (escaped || !is_escaped(b, from, at)))
            return at;
    }
    return from - 1;
}

static size_t closing_quote(struct bytes b, size_t from, bool status_follows)
{
    size_t at = find_quote(b, from, status_follows, false);
    return at != from - 1 ? at : find_quote(b, from, status_follows, true);
}

static size_t token_end(struct bytes b, size_t at)
{
    bool quoted = false;
    while (at < b.n && (quoted || b.p[at] != ' ')) {
        quoted ^= b.p[at] == '"';
        at++;
    }
    return at;
}

/* The next value, quoted or not; moves behind it. A quote that nothing closes: the row is cut
 * off in the middle of the value. False at the end. */
static bool next_value(struct bytes b, size_t *at, struct bytes *ret, bool *ret_quoted)
{
    while (*at < b.n && b.p[*at] == ' ')
        ++*at;
    if (*at >= b.n)
        return false;
    size_t from = *at;
    *ret_quoted = b.p[from] == '"';
    if (*ret_quoted) {
        size_t close = closing_quote(b, from + 1, false);
        close = close > from ? close : b.n;
        *ret = part(b, from + 1, close);
        *at = close + 1;
        return true;
    }
    size_t to = token_end(b, from);
    *ret = part(b, from, to);
    *at = to;
    return true;
}

/* Keeps a value; the last place takes all that is left, so that no row costs more than so
 * many looks at its end. False when it is full. */
static bool add_extra(struct ncsa_row *row, struct bytes b, struct bytes value)
{
    row->extra[row->n_extra++] = value;
    if (row->n_extra < NCSA_EXTRA)
        return true;
    row->extra[NCSA_EXTRA - 1] = part(b, (size_t)(value.p - b.p), b.n);
    return false;
}

/* Everything behind the size. The first two quoted values in a row are referer and agent. */
static void read_tail(struct bytes b, size_t at, struct ncsa_row *ret)
{
    struct bytes value;
    struct bytes held = {0}; /* a quoted value: the referer, if another follows */
    bool quoted = false;
    bool done = false;
    while (next_value(b, &at, &value, &quoted)) {
        if (held.p && quoted && !done) {
            ret->referer = held;
            ret->agent = value;
            held.p = NULL;
            done = true;
            continue;
        }
        if (held.p && !add_extra(ret, b, held))
            return;
        held.p = NULL;
        if (quoted && !done)
            held = value;
        else if (!add_extra(ret, b, value))
            return;
    }
    if (held.p)
        (void)add_extra(ret, b, held);
}

static bool is_count(struct bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (!is_digit(b.p[i]))
            return is_dash(b);
    return b.n > 0;
}

/* "request" status size ... */
static bool read_rest(struct bytes b, struct ncsa_row *ret)
{
    size_t at = 0;
    struct bytes value;
    bool quoted = false;
    if (b.n == 0 || b.p[0] != '"')
        return false;
    size_t close = closing_quote(b, 1, true);
    if (close == 0)
        return false;
    ret->request = part(b, 1, close);
    at = close + 1;
    if (!next_value(b, &at, &ret->status, &quoted) || quoted || ret->status.n > 3 ||
        !is_count(ret->status))
        return false;
    size_t behind = at;
    if (next_value(b, &at, &value, &quoted) && !quoted && is_count(value))
        ret->size = value;
    else
        at = behind;
    read_tail(b, at, ret);
    return true;
}

/* mod_ssl's own log: the date first, then client, protocol, cipher, request and size. */
static bool read_dated_first(struct bytes b, struct ncsa_row *ret)
{
    size_t at = 0;
    struct bytes value;
    bool quoted = false;
    if (!next_value(b, &at, &ret->client, &quoted) || quoted || !is_address(ret->client))
        return false;
    while (next_value(b, &at, &value, &quoted) && !quoted)
        if (!add_extra(ret, b, value))
            return false;
    if (!quoted)
        return false;
    ret->request = value;
    if (!next_value(b, &at, &ret->size, &quoted) || quoted || !is_count(ret->size))
        return false;
    read_tail(b, at, ret);
    return true;
}

bool ncsa_split(struct bytes line, struct ncsa_row *ret)
{
    struct ncsa_clock clock = {.at = 0};
    return ncsa_split_near(line, &clock, ret);
}

bool ncsa_split_near(struct bytes line, struct ncsa_clock *clock, struct ncsa_row *ret)
{
    size_t start;
    size_t end;
    struct bytes none = {(const uint8_t *)"", 0};
    ret->server = ret->forwarded = ret->client = ret->ident = ret->user = ret->request = none;
    ret->status = ret->size = ret->referer = ret->agent = none;
    ret->n_extra = 0;
    if (!find_date(line, clock, &start, &end, ret) || end + 1 >= line.n || line.p[end] != ' ')
        return false;
    struct bytes rest = part(line, end + 1, line.n);
    if (start == 0)
        return read_dated_first(rest, ret);
    return read_prefix(part(line, 0, start), ret) && ret->client.n && read_rest(rest, ret);
}

/* --- the request and its text --------------------------------------------------------------- */

bool ncsa_request_parse(struct str text, struct ncsa_request *ret)
{
    size_t blank = str_find(text, STR(" "), 0);
    if (blank == SIZE_MAX || blank == 0)
        return false;
    for (size_t i = 0; i < blank; i++) {
        char low = (char)(text.p[i] | 32);
        if (!(low >= 'a' && low <= 'z') && text.p[i] != '_' && text.p[i] != '-')
            return false;
    }
    struct str target = str_part(text, blank + 1, text.n);
    struct ncsa_request r = {str_part(text, 0, blank), STR(""), STR(""), STR("")};
    size_t last = target.n;
    while (last > 0 && target.p[last - 1] != ' ')
        last--;
    if (last > 0 && str_istarts(str_part(target, last, target.n), STR("HTTP/"))) {
        r.version = str_part(target, last, target.n);
        target = str_part(target, 0, last - 1);
    }
    struct str words = str_trim(target);
    bool blanks = words.n && memchr(words.p, ' ', words.n);
    if (words.n == 0 || str_eq(words, STR("-")) || (blanks && r.version.n == 0))
        return false;
    size_t mark = str_find(target, STR("?"), 0);
    r.stem = str_part(target, 0, mark);
    r.query = mark == SIZE_MAX ? STR("") : str_part(target, mark + 1, target.n);
    *ret = r;
    return true;
}

static int hex_digit(uint8_t c)
{
    uint8_t low = c | 32;
    if (is_digit(c))
        return c - '0';
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* Reads the escape behind the backslash at b.p[*at - 1]; -1 if no program writes it: what is
 * printable is escaped only if it is a quote or a backslash. */
static int read_escape(struct bytes b, size_t *at)
{
    if (*at >= b.n)
        return -1;
    uint8_t c = b.p[(*at)++];
    if (c == '"' || c == '\\')
        return c;
    if (c != 'x' || b.n - *at < 2)
        return -1;
    int high = hex_digit(b.p[*at]);
    int low = hex_digit(b.p[*at + 1]);
    *at += 2;
    if (high < 0 || low < 0)
        return -1;
    int v = high * 16 + low;
    bool printable = v >= 0x20 && v < 0x7f && v != '"' && v != '\\';
    return printable ? -1 : v;
}

struct str ncsa_text(struct bytes value, struct arena *arena)
{
    if (value.n == 0 || !memchr(value.p, '\\', value.n))
        return utf8_or_ansi(value, arena);
    char *out = ARENA_ARRAY(arena, char, value.n);
    size_t n = 0;
    for (size_t at = 0; at < value.n;) {
        int c = value.p[at++];
        if (c == '\\')
            c = read_escape(value, &at);
        if (c < 0)
            return utf8_or_ansi(value, arena);
        out[n++] = (char)c;
    }
    struct bytes clear = {(const uint8_t *)out, n};
    return utf8_valid(clear) ? (struct str){out, n} : utf8_or_ansi(value, arena);
}
