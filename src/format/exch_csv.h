/* exch_csv.h - rows of Exchange's text logs: comma-separated, with a "#Fields:" line.
 *
 * One dialect for many folders. Cells are quoted only where needed, quotes inside are
 * doubled. The header is a "#Fields:" line or a bare row of names, and may come again
 * inside a file, with other columns.
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

/* Splits one row. */
enum csv_split csv_split(struct bytes line, struct csv_row *ret);

/* Splits at every comma, quotes or not: for a row whose quotes are broken. */
enum csv_split csv_split_plain(struct bytes line, struct csv_row *ret);

/* A cell's text, its quotes undoubled. Borrowed from the line where it can be. */
struct str csv_text(struct csv_cell cell, struct arena *arena);

struct exch_layout {
    size_t n;
    struct str names[CSV_COLUMNS]; /* borrowed from the line, or in the arena */
};

/* Reads a header: "#Fields: a,b" or a bare row whose first cell is DateTime or TimeStamp.
 * False if the line is neither. */
bool exch_layout_parse(struct bytes line, struct arena *arena, struct exch_layout *ret);

/* The 74 columns of HttpProxy logs of Exchange 2016 and 2019, in their order: for rows that
 * come without a header. */
void exch_layout_httpproxy(struct exch_layout *ret);

/* The four columns of ECP Server logs. */
void exch_layout_ecp(struct exch_layout *ret);

/* The column with this name, ignoring case; SIZE_MAX if there is none. */
size_t exch_column(const struct exch_layout *layout, const char *name);

/* Whether a row that came without a header has the shape of an HttpProxy row (time, GUID,
 * at least 40 cells), or of an ECP Server row (time, server, ECP.Request, data). */
bool exch_is_httpproxy_row(const struct csv_row *row);
bool exch_is_ecp_row(const struct csv_row *row);

/* The items of a key/value cell: "S:TIME=13;'S:CMD=Set-X.Y=''z''';Dbl:WLM.TS=0".
 *
 * Start with *at = 0. The type before the colon is dropped, quotes around an item are
 * taken off. An item without '=' has an empty key and is all value.
 * returns false at the end
 */
bool exch_item_next(struct str cell, size_t *at, struct arena *arena, struct str *ret_key,
                    struct str *ret_value);
