/* iis_native.h - rows of IIS's own log format: fifteen values with a comma behind each.
 *
 * Times are the server's local time, without a zone.
 *
 * Source: docs/formats/iis-native.md
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "base/time.h"

enum iis_native_column {
    NATIVE_CLIENT,
    NATIVE_USER,
    NATIVE_DATE,
    NATIVE_TIME,
    NATIVE_SITE,
    NATIVE_COMPUTER,
    NATIVE_SERVER,
    NATIVE_TAKEN,
    NATIVE_RECEIVED,
    NATIVE_SENT,
    NATIVE_STATUS,
    NATIVE_WIN32,
    NATIVE_METHOD,
    NATIVE_STEM,
    NATIVE_QUERY,
    NATIVE_COLUMNS,
};

struct iis_native_row {
    struct bytes cells[NATIVE_COLUMNS]; /* without the blanks around them; "-" is missing */
};

/* Splits a row. False if it is none: the date, the time and the numbers are not in place. */
bool iis_native_split(struct bytes line, struct iis_native_row *ret);

/* The row's date and time, as if they were UTC. The order of day and month follows the
 * server's settings: month first, unless that makes no sense, or `named`, the day in the
 * file's name (iis_day_of_name), says otherwise. INSTANT_NONE if it is no date. */
instant iis_native_time(const struct iis_native_row *row, instant named);

/* What the columns are called in the W3C format. */
const char *iis_native_name(enum iis_native_column column);
