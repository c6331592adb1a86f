/* exch_csv.h - rows of Exchange's text logs: comma-separated, with a "#Fields:" line.
 *
 * One dialect for many folders. Cells are quoted only where needed, quotes inside are
 * doubled. The header is a "#Fields:" line or a bare row of names, and may come again
 * inside a file, with other columns. Copies that were exported again are separated by tabs
 * or semicolons. Which log it is: exch_log.h.
 *
 * Source: docs/formats/exchange-csv.md
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

enum { CSV_COLUMNS = 256 }; /* the widest log known (EWS) has about 90 */

struct csv_cell {
    struct bytes raw; /* without the quotes around it; borrowed from the line */
    bool quoted;      /* quotes inside are doubled */
};

struct csv_row {
    size_t n;
    struct csv_cell cells[CSV_COLUMNS];
};

enum csv_split {
    CSV_OK,
    CSV_OPEN, /* a quote is not closed: the row may go on in the next line */
    CSV_WIDE, /* more than CSV_COLUMNS cells; the row holds the first ones */
};

/* Splits one row. separator  ',' as a rule: the layout's */
enum csv_split csv_split(struct bytes line, char separator, struct csv_row *ret);

/* Goes on where csv_split found an open quote: `line` is the same text, perhaps in another
 * place, with more behind it; n is how many bytes of it were split. */
enum csv_split csv_split_on(struct bytes line, size_t n, char separator, struct csv_row *row);

/* Splits at every separator, quotes or not: for a row whose quotes are broken. */
enum csv_split csv_split_plain(struct bytes line, char separator, struct csv_row *ret);

/* A cell's text, its quotes undoubled. Borrowed from the line where it can be. */
struct str csv_text(struct csv_cell cell, struct arena *arena);

struct exch_layout {
    size_t n;
    char separator;                /* ',' or what an export used: tab, ';' */
    struct str names[CSV_COLUMNS]; /* borrowed from the line, or in the arena */
};

/* Reads a header: "#Fields: a,b", or a bare row of names, one of them a time's.
 * False, and nothing changed, if the line is neither. */
bool exch_layout_parse(struct bytes line, struct arena *arena, struct exch_layout *ret);

/* Reads a row that must be names, whichever they are: the one below "#TYPE Selected...", in
 * which somebody chose what to export. False, and nothing changed, if it is not names. */
bool exch_layout_names(struct bytes line, struct arena *arena, struct exch_layout *ret);

/* The column with the time of the record (DateTime, TimeStamp, date-time, ...); SIZE_MAX if
 * no name says that it is one. */
size_t exch_time_column(const struct exch_layout *layout);

/* The column with this name, ignoring case; SIZE_MAX if there is none. */
size_t exch_column(const struct exch_layout *layout, const char *name);
size_t exch_column_of(const struct exch_layout *layout, struct str name);

/* The items of a key/value cell: "S:TIME=13;'S:CMD=Set-X.Y=''z''';Dbl:WLM.TS=0".
 *
 * Start with *at = 0. The type before the colon is dropped, quotes around an item are
 * taken off. An item without '=' has an empty key and is all value.
 * returns false at the end
 */
bool exch_item_next(struct str cell, size_t *at, struct arena *arena, struct str *ret_key,
                    struct str *ret_value);
