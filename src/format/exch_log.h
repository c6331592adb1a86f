/* exch_log.h - which logs Exchange writes in its comma-separated form, and how to tell them.
 *
 * One table. A log says its name ("#Log-type:"); a copy that lost it is told by its columns,
 * one that lost those too by the shape of a row. A log of the same form with a name that the
 * table does not have is FORMAT_EXCHANGE: read all the same, by its own header.
 *
 * Source: docs/formats/exchange-csv.md
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "format/exch_csv.h"
#include "format/format.h"

enum { EXCH_KEYED = 6 }; /* columns of one log that hold items "K=V;" */

struct exch_log {
    enum format format;
    const char *types;  /* its names in "#Log-type:", '|' between; NULL: none known */
    const char *marks;  /* columns that few other logs have, '|' between */
    size_t marks_least; /* how many of them a header must have */
    const char *host;   /* column with the name of the server that wrote the row */
    const char *keyed[EXCH_KEYED]; /* columns that hold items "K=V;"; NULL behind the last */
    bool plain_keys;               /* the items are fields of their own name, without the
                                      column's before it: the log has no other columns */
    bool free_tail;                /* an unquoted comma in the last column is text */
};

/* What is known of a log; for FORMAT_EXCHANGE what can be said of any. NULL if the format is
 * no Exchange log of this form. */
const struct exch_log *exch_log_of(enum format format);

/* Tells an Exchange log of this form by its start. FORMAT_UNKNOWN if it is none; FORMAT_TEXT
 * if it looks like one and is not (a header of unknown columns, nothing that names Exchange). */
enum format exch_log_sniff(struct str text);
