/* layout_index.h - where a text log says what its columns are.
 *
 * A log is read in spans, and the "#Fields:" line in force at the start of a span may lie
 * far before it. This finds all such lines in one fast pass.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "format/line.h"

struct layout_index {
    uint64_t *at; /* offsets of line starts, ascending */
    size_t n;
    struct bytes file;
    struct lines lines; /* where the search stands */
    size_t cap;
    size_t first; /* behind a byte order mark */
    bool names;   /* the line before was "#TYPE" */
};

/* Finds every line that starts with "#Fields:" or is an Exchange header row without it
 * (exch_layout_parse, and the row of names below "#TYPE"). A byte order mark counts as part
 * of the first line: its offset is 0. The table is in `arena`. */
struct layout_index layout_index_of(struct bytes file, struct arena *arena);

/* The same in steps: after each, the file is looked through up to `to` at least, a line's end.
 *
 * to  beyond the file's end: all of it */
struct layout_index layout_index_start(struct bytes file, struct arena *arena);
void layout_index_go(struct layout_index *index, uint64_t to, struct arena *arena);

/* The file has grown, or lies elsewhere now; what was looked through is as it was, and ended
 * behind a newline. */
void layout_index_more(struct layout_index *index, struct bytes file);

/* Whether a span may start at `from`: not where the rows say the time of day only, for
 * their day follows from all rows before them. */
bool layout_may_cut(const struct layout_index *index, uint64_t from);

/* The last such line that starts before `from`; 0 if there is none. What to put into
 * struct span's `layout`. */
uint64_t layout_before(const struct layout_index *index, uint64_t from);
