/* iis_w3c.h - rows of a log in W3C extended format: IIS, HTTP.sys's error log, others.
 *
 * The columns are what the last "#Fields:" line says; it may change inside a file.
 *
 * Source: docs/formats/iis-w3c.md, docs/formats/httperr.md
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
                  IIS_SITE,   /* s-sitename: W3SVC1, FTPSVC2 */
                  IIS_URI,    /* cs-uri: stem and query in one */
                  IIS_REASON, /* s-reason: HTTP.sys's error log has it */
                  IIS_KNOWN,
};

struct iis_layout {
    size_t n;
    uint8_t between;                /* what separates values: a blank, or a tab */
    struct str names[IIS_COLUMNS];  /* as written; in the arena, or literals */
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

/* The same for HTTP.sys's error log. */
void iis_layout_httperr(struct iis_layout *ret);

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

/* Whether a value looks as its column's values do; where they may be anything, it does. */
bool iis_cell_fits(const struct iis_layout *layout, size_t column, struct bytes cell);

/* Where a log without a date column is in time. */
struct iis_clock {
    instant at; /* of the last "#Date:", then of each row: not before it; or INSTANT_NONE */
    uint8_t date[10]; /* of the last row that has one, as it is written: rows share it, */
    instant day;      /* and the day that it means */
};

/* The row's time: its date and time columns. Without a date column the day is that of the
 * clock, and the next one as soon as the time of day goes back: rows are written in order,
 * within minutes. INSTANT_NONE if neither says. */
instant iis_row_time(const struct iis_layout *layout, const struct iis_row *row,
                     struct iis_clock *clock);

/* Whether rows of this layout say the time of day only. */
bool iis_layout_is_dateless(const struct iis_layout *layout);

/* The day in the name of a log file: "ex130730.log", "u_ex21030516_x.log". INSTANT_NONE if
 * the name is not of that kind. Source: system.applicationHost/sites/site/logFile */
instant iis_day_of_name(struct str name);
