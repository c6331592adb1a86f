/* iis_w3c.h - rows of an IIS log in W3C extended format.
 *
 * The columns are what the last "#Fields:" line says; it may change inside a file.
 *
 * Source: docs/formats/iis-w3c.md
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/time.h"

enum { IIS_COLUMNS = 128 }; /* IIS itself has 22; custom ones come on top */

enum iis_column { /* the columns that we look for by name */
                  IIS_DATE,
                  IIS_TIME,
                  IIS_METHOD,
                  IIS_STEM,
                  IIS_QUERY,
                  IIS_PORT,
                  IIS_USER,
                  IIS_CLIENT,
                  IIS_AGENT,
                  IIS_REFERER,
                  IIS_COOKIE,
                  IIS_STATUS,
                  IIS_COMPUTER,
                  IIS_KNOWN,
};

struct iis_layout {
    size_t n;
    struct str names[IIS_COLUMNS];  /* as written; borrowed from the line, or in the arena */
    signed char check[IIS_COLUMNS]; /* what a value must look like; private to iis_w3c.c */
    size_t at[IIS_KNOWN];           /* SIZE_MAX where the log has no such column */
};

struct iis_row {
    size_t n;
    struct bytes cells[IIS_COLUMNS]; /* borrowed from the line; "-" is a missing value */
};

/* Reads a "#Fields:" line. False if it is not one, or names no column or too many. */
bool iis_layout_parse(struct bytes line, struct arena *arena, struct iis_layout *ret);

/* The columns of IIS 7.5 and later as installed, for a row that comes without "#Fields:". */
void iis_layout_default(struct iis_layout *ret);

/* Reads the "#Date:" line: when the lines behind it begin. False if it is not one. */
bool iis_date_parse(struct bytes line, instant *ret);

/* Splits a row.
 *
 * Values are separated by single blanks. Some rows hold more: two blanks in a row, or a
 * value with a blank inside (a user name). If the count does not fit, the surplus is taken
 * out where the columns with a known shape (date, address, status) then all fit.
 *
 * returns false if the row cannot be made to fit the layout
 */
bool iis_row_split(const struct iis_layout *layout, struct bytes line, struct iis_row *ret);

/* The row's time: its date and time columns. `day` is used where there is no date column.
 * INSTANT_NONE if neither says. */
instant iis_row_time(const struct iis_layout *layout, const struct iis_row *row, instant day);
