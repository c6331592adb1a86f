#include "format/vdir_dump.h"

#include "base/num.h"

enum {
    JOIN_MOST = 4096, /* bytes of a value that lines are still joined to */
    KEY_MOST = 128,   /* bytes of a key */
    ROWS_LEAST = 5,   /* rows that make a table */
    NUMBERS = 6,      /* of a date and time */
};

static size_t line_end(struct str text, size_t at)
{
    const char *nl = at < text.n ? memchr(text.p + at, '\n', text.n - at) : NULL;
    return nl ? (size_t)(nl - text.p) : text.n;
}

static bool is_letter(char c)
{
    c = ascii_lower(c);
    return c >= 'a' && c <= 'z';
}

/* Splits "Name            : value". A key is one word; blanks pad it. */
static bool split_row(struct str line, struct vdir_row *ret)
{
    size_t key = 0;
    while (key < line.n && key <= KEY_MOST &&
           (is_letter(line.p[key]) || (key > 0 && line.p[key] >= '0' && line.p[key] <= '9')))
        key++;
    size_t colon = key;
    while (colon < line.n && line.p[colon] == ' ')
        colon++;
    if (key == 0 || colon == key || colon >= line.n || line.p[colon] != ':')
        return false;
    ret->key = str_part(line, 0, key);
    ret->value = str_trim(str_part(line, colon + 1, line.n));
    return true;
}

/* A line with no key of its own goes on with the row before it. */
static void add_line(struct vdir_dump *dump, struct str line, struct arena *arena)
{
    struct vdir_row row;
    if (split_row(line, &row)) {
        if (dump->n < VDIR_ROWS)
            dump->rows[dump->n++] = row;
        return;
    }
    struct str more = str_trim(line);
    if (more.n == 0 || dump->n == 0)
        return;
    if (more.p[0] == ':')
        more = str_trim(str_part(more, 1, more.n));
    struct vdir_row *last = &dump->rows[dump->n - 1];
    if (last->value.n + more.n > JOIN_MOST)
        return;
    last->value = arena_printf(arena, "%.*s, %.*s", STR_ARG(last->value), STR_ARG(more));
}

static bool has(const struct vdir_dump *dump, const char *key)
{
    for (size_t i = 0; i < dump->n; i++)
        if (str_ieq(dump->rows[i].key, str_of(key)))
            return true;
    return false;
}

static bool is_table(const struct vdir_dump *dump)
{
    return dump->n >= ROWS_LEAST && has(dump, "Name") &&
           (has(dump, "MetabasePath") || has(dump, "ExternalUrl") || has(dump, "InternalUrl"));
}

bool vdir_dump_parse(struct str text, struct arena *arena, struct vdir_dump *ret)
{
    struct vdir_dump *dump = ARENA_NEW(arena, struct vdir_dump);
    size_t joined = 0;
    for (size_t at = 0; at < text.n;) {
        size_t to = line_end(text, at);
        size_t before = dump->n;
        /* Each joining copies the value: bounded, so that a long file stays cheap. */
        if (dump->n < VDIR_ROWS && joined < VDIR_ROWS)
            add_line(dump, str_part(text, at, to), arena);
        joined += dump->n == before;
        at = to + 1;
    }
    if (!is_table(dump))
        return false;
    *ret = *dump;
    return true;
}

bool vdir_dump_is(struct str text)
{
    size_t rows = 0;
    bool name = false;
    bool place = false;
    for (size_t at = 0; at < text.n;) {
        size_t to = line_end(text, at);
        struct vdir_row row;
        if (split_row(str_part(text, at, to), &row)) {
            rows++;
            name |= str_ieq(row.key, STR("Name"));
            place |= str_ieq(row.key, STR("MetabasePath")) ||
                     str_ieq(row.key, STR("ExternalUrl")) ||
                     str_ieq(row.key, STR("InternalUrl"));
        }
        at = to + 1;
    }
    return rows >= ROWS_LEAST && name && place;
}

struct str vdir_dump_get(const struct vdir_dump *dump, const char *key)
{
    for (size_t i = 0; i < dump->n; i++)
        if (str_ieq(dump->rows[i].key, str_of(key)))
            return dump->rows[i].value;
    return STR("");
}

/* The numbers of "3/14/2021 6:40:12 AM". */
struct local_time {
    uint64_t v[NUMBERS]; /* three of the date as written, then hour, minute, second */
    bool year_first;
};

static bool parse_local(struct str text, struct local_time *ret)
{
    struct local_time t = {0};
    size_t at = 0;
    size_t n = 0;
    while (n < NUMBERS && at < text.n) {
        size_t to = at;
        while (to < text.n && text.p[to] >= '0' && text.p[to] <= '9')
            to++;
        if (to == at) {
            at++;
            continue;
        }
        if (to - at > 4 || !num_u64(str_part(text, at, to), &t.v[n++]))
            return false;
        at = to;
    }
    if (n < 5) /* seconds may be missing */
        return false;
    t.year_first = t.v[0] > 31;
    struct str rest = str_trim(str_part(text, at, text.n));
    bool pm = str_istarts(rest, STR("PM")) || str_istarts(rest, STR("p.m"));
    bool am = str_istarts(rest, STR("AM")) || str_istarts(rest, STR("a.m"));
    if ((pm || am) && t.v[3] <= 12)
        t.v[3] = t.v[3] % 12 + (pm ? 12 : 0);
    *ret = t;
    return true;
}

enum order { ORDER_UNKNOWN, ORDER_DAY_FIRST, ORDER_MONTH_FIRST };

static enum order order_of(const struct vdir_dump *dump)
{
    static const char *const dates[] = {"WhenChangedUTC", "WhenCreatedUTC", "WhenChanged",
                                        "WhenCreated"};
    enum order found = ORDER_UNKNOWN;
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        struct local_time t;
        if (!parse_local(vdir_dump_get(dump, dates[i]), &t) || t.year_first)
            continue;
        enum order here = t.v[0] > 12   ? ORDER_DAY_FIRST
                          : t.v[1] > 12 ? ORDER_MONTH_FIRST
                                        : ORDER_UNKNOWN;
        if (here != ORDER_UNKNOWN && found != ORDER_UNKNOWN && here != found)
            return ORDER_UNKNOWN;
        if (here != ORDER_UNKNOWN)
            found = here;
    }
    return found;
}

instant vdir_dump_changed(const struct vdir_dump *dump)
{
    struct local_time t;
    if (!parse_local(vdir_dump_get(dump, "WhenChangedUTC"), &t))
        return INSTANT_NONE;
    uint64_t *v = t.v;
    if (t.year_first)
        return instant_of_civil((int)v[0], (int)v[1], (int)v[2], (int)v[3], (int)v[4],
                                (int)v[5]);
    enum order order = order_of(dump);
    if (v[0] == v[1])
        order = ORDER_DAY_FIRST; /* 3/3: both orders say the same */
    if (order == ORDER_UNKNOWN)
        return INSTANT_NONE;
    uint64_t day = order == ORDER_DAY_FIRST ? v[0] : v[1];
    uint64_t month = order == ORDER_DAY_FIRST ? v[1] : v[0];
    uint64_t year = v[2] < 100 ? v[2] + 2000 : v[2];
    return instant_of_civil((int)year, (int)month, (int)day, (int)v[3], (int)v[4], (int)v[5]);
}

bool vdir_dump_has_script(const struct vdir_dump *dump)
{
    for (size_t i = 0; i < dump->n; i++) {
        struct str value = dump->rows[i].value;
        if (!str_iends(dump->rows[i].key, STR("Url")))
            continue;
        if (str_ifind(value, STR("<script"), 0) != SIZE_MAX ||
            str_ifind(value, STR("%3Cscript"), 0) != SIZE_MAX ||
            str_ifind(value, STR("<%"), 0) != SIZE_MAX ||
            str_ifind(value, STR("runat"), 0) != SIZE_MAX)
            return true;
    }
    return false;
}

static size_t skip_blanks(struct str s, size_t at)
{
    while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\t'))
        at++;
    return at;
}

/* Behind "Request": [".Item" and so on] then a bracket, a quote, the name, the quote. */
static struct str key_behind(struct str s, size_t at)
{
    static const char *const members[] = {".Item",   ".Form",    ".QueryString",
                                          ".Params", ".Headers", ".Cookies"};
    at = skip_blanks(s, at);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (str_istarts(str_part(s, at, s.n), str_of(members[i]))) {
            at = skip_blanks(s, at + str_of(members[i]).n);
            break;
        }
    }
    if (at >= s.n || (s.p[at] != '[' && s.p[at] != '('))
        return STR("");
    at = skip_blanks(s, at + 1);
    if (at >= s.n || (s.p[at] != '"' && s.p[at] != '\''))
        return STR("");
    const char *close = memchr(s.p + at + 1, s.p[at], s.n - at - 1);
    size_t to = close ? (size_t)(close - s.p) : at + 1;
    return to - at - 1 <= KEY_MOST ? str_part(s, at + 1, to) : STR("");
}

struct str script_request_key(struct str text)
{
    size_t at = 0;
    while ((at = str_ifind(text, STR("Request"), at)) != SIZE_MAX) {
        at += 7;
        struct str key = key_behind(text, at);
        if (key.n)
            return key;
    }
    return STR("");
}
