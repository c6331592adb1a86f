/* time.h - instants, and the forms in which evidence writes them. Always UTC. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

typedef int64_t instant; /* 100 ns steps since 1970-01-01T00:00:00 UTC */

#define INSTANT_NONE INT64_MIN /* the time is not known */
#define INSTANT_SECOND INT64_C(10000000)
#define INSTANT_MINUTE (60 * INSTANT_SECOND)
#define INSTANT_HOUR (60 * INSTANT_MINUTE)
#define INSTANT_DAY (24 * INSTANT_HOUR)

/* Room for "2021-03-14T06:40:13.6601234Z" and a NUL. */
enum { INSTANT_TEXT = 32 };

/* A FILETIME (100 ns since 1601-01-01 UTC) as an instant. INSTANT_NONE for 0 and for
 * values that no calendar date of four digits can show. */
instant instant_of_filetime(uint64_t filetime);

/* Seconds since 1970 as an instant. */
instant instant_of_unix(int64_t seconds);

/* A civil date and time as an instant; INSTANT_NONE if a part is out of its range. */
instant instant_of_civil(int year, int month, int day, int hour, int minute, int second);

/* Reads ISO 8601 and its relatives: "2021-03-14T06:40:13.66Z", "2021-03-14 06:40:13",
 * "2021-03-14T01:40:13+05:30", "2021-03-14". One to nine digits of fraction (truncated to
 * 100 ns). Without an offset the text is taken as UTC.
 *
 * returns false, with *ret untouched, if the whole text is not such a time
 */
bool instant_parse(struct str text, instant *ret);

/* The minute of the time that was read last; all zero at first. */
struct instant_near {
    char minute[17]; /* as it is written: "2021-03-02T03:04:" */
    instant at;      /* when it begins */
};

/* The same, faster where times of the form "2021-03-02T03:04:05.123Z" follow each other closely, as in
 * logs. */
bool instant_parse_near(struct str text, struct instant_near *near, instant *ret);

/* Reads a duration: a whole number and one of s, m, h, d ("90m"). False if it is not one. */
bool duration_parse(struct str text, int64_t *ret);

/* Writes "2021-03-14T06:40:13.6601234Z" (the fraction only where it is not zero, three or
 * seven digits) or "" for INSTANT_NONE.
 * returns a view of `out`, which is also NUL-terminated
 */
struct str instant_text(instant t, char out[INSTANT_TEXT]);

/* Same to whole seconds, for people: "2021-03-14 06:40:13 UTC", "" for INSTANT_NONE. */
struct str instant_text_plain(instant t, char out[INSTANT_TEXT]);
