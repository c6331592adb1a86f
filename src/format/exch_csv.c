#include "format/exch_csv.h"

#include <stdint.h>
#include <string.h>

#include "base/utf.h"
#include "format/scan_bytes.h"

enum {
    TYPE_MOST = 4,    /* letters of an item's type: S, Dbl, I32 */
    NAME_MOST = 80,   /* bytes of a column's name */
    HEADER_LEAST = 3, /* columns of a header without "#Fields:" */
};

static struct str as_text(struct bytes b)
{
    return (struct str){(const char *)b.p, b.n};
}

static struct bytes part(struct bytes b, size_t from, size_t to)
{
    return (struct bytes){b.p + from, to - from};
}

static size_t find_byte(struct bytes b, char c, size_t from)
{
    const uint8_t *hit = from < b.n ? memchr(b.p + from, c, b.n - from) : NULL;
    return hit ? (size_t)(hit - b.p) : b.n;
}

/* The quote that closes a cell opened before `at`; b.n if none does. */
static size_t find_close(struct bytes b, size_t at)
{
    for (;;) {
        at = find_byte(b, '"', at);
        if (at + 1 >= b.n || b.p[at + 1] != '"')
            return at;
        at += 2;
    }
}

static enum csv_split split_from(struct bytes line, size_t at, char separator, bool quotes,
                                 struct csv_row *ret)
{
    while (at <= line.n) {
        if (ret->n == CSV_COLUMNS)
            return CSV_WIDE;
        struct csv_cell *cell = &ret->cells[ret->n++];
        cell->quoted = quotes && at < line.n && line.p[at] == '"';
        if (!cell->quoted) {
            size_t to = find_byte(line, separator, at);
            cell->raw = part(line, at, to);
            at = to + 1;
            continue;
        }
        size_t close = find_close(line, at + 1);
        cell->raw = part(line, at + 1, close);
        if (close == line.n)
            return CSV_OPEN;
        at =
            find_byte(line, separator, close) + 1; /* text behind the quote: nobody writes it */
    }
    return CSV_OK;
}

/* A line in which nothing is quoted. */
static enum csv_split split_unquoted(struct bytes line, char separator, struct csv_row *ret)
{
    uint32_t ends[CSV_COLUMNS + 1];
    size_t n = scan_bytes(line, (uint8_t)separator, ends, CSV_COLUMNS);
    size_t at = 0;
    bool wide = n == CSV_COLUMNS;
    if (!wide)
        ends[n++] = (uint32_t)line.n;
    for (size_t i = 0; i < n; i++) {
        ret->cells[i] = (struct csv_cell){.raw = part(line, at, ends[i])};
        at = (size_t)ends[i] + 1;
    }
    ret->n = n;
    return wide ? CSV_WIDE : CSV_OK;
}

static enum csv_split split(struct bytes line, char separator, bool quotes, struct csv_row *ret)
{
    if (line.n < UINT32_MAX && (!quotes || find_byte(line, '"', 0) == line.n))
        return split_unquoted(line, separator, ret);
    ret->n = 0;
    return split_from(line, 0, separator, quotes, ret);
}

enum csv_split csv_split_on(struct bytes line, size_t n, char separator, struct csv_row *row)
{
    struct csv_cell *open = &row->cells[row->n - 1];
    const uint8_t *before = open->raw.p + open->raw.n - n; /* where the text was */
    for (size_t i = 0; i < row->n; i++)
        row->cells[i].raw.p = line.p + (row->cells[i].raw.p - before);
    size_t from = (size_t)(open->raw.p - line.p);
    size_t close = find_close(line, n);
    open->raw = part(line, from, close);
    if (close == line.n)
        return CSV_OPEN;
    return split_from(line, find_byte(line, separator, close) + 1, separator, true, row);
}

enum csv_split csv_split(struct bytes line, char separator, struct csv_row *ret)
{
    return split(line, separator, true, ret);
}

enum csv_split csv_split_plain(struct bytes line, char separator, struct csv_row *ret)
{
    return split(line, separator, false, ret);
}

/* A text with every doubled `quote` made single. */
static struct str undouble(struct str s, char quote, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, char, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        out[n++] = s.p[i];
        if (s.p[i] == quote && i + 1 < s.n && s.p[i + 1] == quote)
            i++;
    }
    return (struct str){out, n};
}

struct str csv_text(struct csv_cell cell, struct arena *arena)
{
    struct str text = utf8_repair(cell.raw, arena);
    if (!cell.quoted || find_byte(str_bytes(text), '"', 0) == text.n)
        return text;
    return undouble(text, '"', arena);
}

/* Names hold no such character; a list of them is separated by the first one found. */
static char separator_of(struct bytes names)
{
    static const char each[] = {',', '\t', ';'};
    for (size_t i = 0; i < sizeof each; i++)
        if (find_byte(names, each[i], 0) < names.n)
            return each[i];
    return ',';
}

static bool is_name(struct str s)
{
    if (s.n == 0 || s.n > NAME_MOST)
        return false;
    char first = ascii_lower(s.p[0]);
    if (first < 'a' || first > 'z')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = ascii_lower(s.p[i]);
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!word && c != '-' && c != '_' && c != '.' && c != ' ')
            return false;
    }
    return true;
}

/* Whether a line can be a row of names: every row of a log has a time, and so a colon. */
static bool may_be_names(struct bytes line)
{
    if (line.n < 8)
        return false;
    uint8_t first = line.p[0] == '"' ? line.p[1] : line.p[0];
    first |= 0x20;
    return first >= 'a' && first <= 'z' && find_byte(line, ':', 0) == line.n;
}

static bool all_names(const struct exch_layout *layout)
{
    for (size_t i = 0; i < layout->n; i++)
        if (!is_name(layout->names[i]))
            return false;
    return true;
}

static bool split_names(struct bytes line, struct arena *arena, struct exch_layout *ret)
{
    struct csv_row row;
    char separator = separator_of(line);
    if (line.n == 0 || csv_split(line, separator, &row) != CSV_OK)
        return false;
    ret->n = row.n;
    ret->separator = separator;
    for (size_t i = 0; i < row.n; i++)
        ret->names[i] = str_trim(csv_text(row.cells[i], arena));
    return true;
}

bool exch_layout_names(struct bytes line, struct arena *arena, struct exch_layout *ret)
{
    struct exch_layout layout;
    if (!may_be_names(line) || !split_names(line, arena, &layout) || !all_names(&layout))
        return false;
    *ret = layout;
    return true;
}

bool exch_layout_parse(struct bytes line, struct arena *arena, struct exch_layout *ret)
{
    struct str head = STR("#Fields:");
    if (str_istarts(as_text(line), head)) {
        struct str names = str_trim(as_text(part(line, head.n, line.n)));
        return split_names(str_bytes(names), arena, ret);
    }
    struct exch_layout layout;
    if (!exch_layout_names(line, arena, &layout) || layout.n < HEADER_LEAST ||
        exch_time_column(&layout) == SIZE_MAX)
        return false;
    *ret = layout;
    return true;
}

size_t exch_time_column(const struct exch_layout *layout)
{
    static const char *const names[] = {"DateTime", "date-time", "TimeStamp", "MyTimeStamp",
                                        "Time"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t at = exch_column(layout, names[i]);
        if (at != SIZE_MAX)
            return at;
    }
    return SIZE_MAX;
}

size_t exch_column_of(const struct exch_layout *layout, struct str name)
{
    for (size_t i = 0; i < layout->n; i++)
        if (str_ieq(layout->names[i], name))
            return i;
    return SIZE_MAX;
}

size_t exch_column(const struct exch_layout *layout, const char *name)
{
    return exch_column_of(layout, str_of(name));
}

/* The quote that ends an item wrapped in single quotes; s.n if none does. */
static size_t item_close(struct str s, size_t at)
{
    for (;;) {
        at = find_byte(str_bytes(s), '\'', at);
        if (at + 1 >= s.n || s.p[at + 1] != '\'')
            return at;
        at += 2;
    }
}

/* The item without its type: "S:CMD=x" -> "CMD=x". */
static struct str without_type(struct str item)
{
    for (size_t i = 0; i < item.n && i <= TYPE_MOST; i++) {
        if (item.p[i] == ':' && i > 0)
            return str_part(item, i + 1, item.n);
        char c = ascii_lower(item.p[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            break;
    }
    return item;
}

bool exch_item_next(struct str cell, size_t *at, struct arena *arena, struct str *ret_key,
                    struct str *ret_value)
{
    while (*at < cell.n && (cell.p[*at] == ';' || cell.p[*at] == ' '))
        ++*at;
    if (*at >= cell.n)
        return false;

    struct str item;
    if (cell.p[*at] == '\'') {
        size_t close = item_close(cell, *at + 1);
        item = undouble(str_part(cell, *at + 1, close), '\'', arena);
        *at = find_byte(str_bytes(cell), ';', close);
    } else {
        size_t to = find_byte(str_bytes(cell), ';', *at);
        item = str_part(cell, *at, to);
        *at = to;
    }

    item = without_type(item);
    size_t equals = find_byte(str_bytes(item), '=', 0);
    bool keyed = equals < item.n;
    *ret_key = keyed ? str_part(item, 0, equals) : STR("");
    *ret_value = keyed ? str_part(item, equals + 1, item.n) : item;
    return true;
}
