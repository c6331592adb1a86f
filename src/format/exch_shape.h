/* exch_shape.h - the columns of Exchange's logs as they are known, for rows without a header.
 *
 * Source: docs/formats/exchange-csv.md, "Columns"
 */
#pragma once

#include <stdbool.h>

#include "format/exch_csv.h"
#include "format/format.h"

/* A known order of columns, for rows that came without a header. */
struct exch_shape;

/* The log whose order it is. */
enum format exch_shape_format(const struct exch_shape *shape);

/* The order that a row's shape tells of (time, identifiers, number of cells), among those of
 * this log; of all logs for FORMAT_UNKNOWN. NULL if it has none of them. */
const struct exch_shape *exch_shape_find(enum format format, const struct csv_row *row);

/* Whether a row of so many cells can be of this order at all. */
bool exch_shape_holds(const struct exch_shape *shape, size_t cells);

void exch_shape_layout(const struct exch_shape *shape, struct exch_layout *ret);
