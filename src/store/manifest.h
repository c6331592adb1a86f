/* manifest.h - what a seal says of a case: statements, one a line, in a form that leaves no
 * choice, so that the same case gives the same bytes.
 *
 * Source: docs/seal.md
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum {
    MANIFEST_FIELDS = 8,        /* of a line, at most */
    MANIFEST_BYTES = 256 << 20, /* of the text */
    MANIFEST_VERSION = 1,
};

struct statement {
    struct str kind;  /* "file", "row", ...: as docs/seal.md lists them */
    struct str about; /* what it is about: with the kind, which statement it is */
    struct str says;  /* the other fields, with the tabs between them */
    struct str line;  /* all of it, as written */
};

struct manifest {
    struct statement *list; /* by kind, about and the rest */
    size_t n;
};

/* Writes a line: fields, parted by tabs, a newline behind them. */
void manifest_line(struct buf *out, const struct str *fields, size_t n);

/* Reads a manifest whole.
 *
 * text    must outlive the result
 * arena   owns it
 * errors  ERR_INVALID (none, or a line that is not written as it would be), ERR_UNSUPPORTED (of
 *         a later version)
 */
int manifest_parse(struct str text, struct arena *arena, struct manifest *ret, struct err *err);

/* A field as it was before it was written. */
struct str manifest_plain(struct str field, struct arena *arena);

/* The field of a statement: 0 is the kind, 1 what it is about; "" behind the last. As written. */
struct str manifest_field(const struct statement *s, size_t at);

enum difference_kind { DIFFERENCE_CHANGED, DIFFERENCE_MISSING, DIFFERENCE_ADDED };

struct difference {
    enum difference_kind kind;
    const struct statement *sealed; /* NULL where it was added */
    const struct statement *found;  /* NULL where it is missing */
};

/* What does not stand in both, in the order of the statements.
 * arena  owns *ret */
size_t manifest_compare(const struct manifest *sealed, const struct manifest *found,
                        struct arena *arena, struct difference **ret);
