/* row_window.h - a stretch of a text log looked through at once, for the rows in it.
 *
 * Rows are short and most hold nothing that is looked for: to look through many of them in one
 * go costs a fraction of what it costs line by line.
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"
#include "rule/literals.h"

struct row_window; /* one worker's */

struct row_window *row_window_new(struct arena *arena);

/* To be called when other literals are looked for, or the memory of the rows may hold others. */
void row_window_forget(struct row_window *w);

enum window_look {
    WINDOW_NONE,   /* the row has to be looked at by itself */
    WINDOW_PLAIN,  /* the literals that stand in it are in `hits`; it has no mark */
    WINDOW_MARKED, /* it may have one of the marks of event/row.h; `hits` says nothing */
};

/* What stands in a row.
 *
 * l     of literals_new_raw; the same since the last row_window_forget
 * text  the memory that the rows are parts of, in the order in which they are asked for; for a
 *       row that lies elsewhere it is WINDOW_NONE
 * hits  cleared, and filled
 */
enum window_look row_window_look(struct row_window *w, const struct literals *l,
                                 struct bytes text, struct bytes row,
                                 struct literal_hits *hits);
