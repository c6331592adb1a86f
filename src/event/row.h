/* row.h - a row of a text log before it has fields, and what its fields can be made of.
 *
 * Most rows are of no interest to any rule. That can be told from the line as it stands in the
 * file, if it is known how each field follows from the line: the readers say what they make
 * (source_row), and one table says how derived fields stand to the line (row_field_of).
 */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "event/event.h"
#include "event/wish.h"

enum { ROW_CARRIERS = 4 };

struct log_row {
    struct bytes text; /* the line, without its end; or all values of its fields */
    struct str client; /* what ClientAddress will be; "" for none, or where nobody asks */
    struct str build;  /* what Build will be; "" for none */
    struct str carriers[ROW_CARRIERS]; /* all that decode_event will look at */
    size_t n_carriers;
};

/* What a text that stands in a line has to be turned into before a value of a field can be
 * expected to stand in it. */
enum row_mark {                      /* or-ed together */
                ROW_PERCENT = 1,     /* a '%' */
                ROW_SLASHES = 2,     /* two slashes, of either kind, with no ':' before them */
                ROW_QUOTES = 4,      /* two double quotes */
                ROW_APOSTROPHES = 8, /* two single quotes */
                ROW_HIGH = 16,       /* a byte of 0x80 or above */
};

unsigned row_marks(struct bytes text);

/* The same, byte by byte: what row_marks must agree with. */
unsigned row_marks_plain(struct bytes text);

/* Which parts of so many bytes may have a byte that gives a mark; the pairs that give one are
 * looked for across parts, too.
 *
 * part  a multiple of 16
 * ret   one for each part that has begun */
void row_marks_by_part(struct bytes text, size_t part, bool *ret);

enum { ROW_MARKS_LEAST = 32 }; /* bytes, for row_has_mark_avx2 */

/* Whether one of n bytes, ROW_MARKS_LEAST at least, gives a mark, where two more are before them. To
 * be called where row_avx2_is_here. */
bool row_has_mark_avx2(const uint8_t *p, size_t n);
bool row_avx2_is_here(void);

enum row_relation {
    ROW_PIECE,   /* its text is a part of the line */
    ROW_WEBPATH, /* a part of the line as webpath_of_stem rewrites it */
    ROW_PATH,    /* a part of the line, but for a slash that may be put before it */
    ROW_MADE,    /* its text says nothing of the line's */
    ROW_AFTER,   /* made when the row is filled, from other evidence */
};

struct row_field {
    enum row_relation relation;
    const char *const *needs; /* where the field is there, one of these stands in the line,
                                 ignoring case; NULL: nothing is known. In lower case */
};

/* How a field of this name stands to the lines of the logs of this kind. Names are compared as
 * event_find does at its loosest. */
struct row_field row_field_of(enum event_kind kind, struct str name);

/* Whether row_field_of holds for a log with a column of this name: one that is called as a
 * derived field is holds what it likes. */
bool row_may_name(struct str name);

/* Whether event_find may take two names for the same: case and blanks do not count. */
bool row_same_name(struct str a, struct str b);

enum { ROW_KEY = 120 };

/* What the fields that are wished for are made from, of one row: where it is the same for two
 * rows of one source, so are these fields. */
struct row_key {
    size_t n;
    uint8_t bytes[ROW_KEY];
};

/* Adds a text, and where it ends. False if there is no room. */
bool row_key_add(struct row_key *key, struct str text);

/* Whether a field of this name may be one of those that are wished for. */
bool row_wishes(const struct wish *wish, struct str name);
