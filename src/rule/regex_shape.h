/* regex_shape.h - regular expressions of a few simple shapes, tested without the library.
 *
 * "\+.*\+.*\+" asks for pieces one behind the other in a line, ".{200,}" for a long line. Such
 * expressions have no text that could be looked for first, and are slow: one of them can cost
 * more than all other rules together.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

struct regex_shape {
    bool known;
    bool whole;     /* lines do not count: a dot is any character */
    bool nocase;    /* pieces are in lower case */
    size_t n;       /* pieces; 0: a length is asked for */
    size_t longest; /* characters that a line must have at least */
    struct str *pieces;
};

/* The shape of a pattern that is looked for anywhere in a text: ret->known says whether it has
 * one.
 *
 * nocase, dot_all  as PCRE2's options
 * ret              texts live in `arena`
 */
void regex_shape_of(struct str pattern, bool nocase, bool dot_all, struct arena *arena,
                    struct regex_shape *ret);

/* Whether a text has it. A byte that is not UTF-8 counts as one character. */
bool regex_shape_test(const struct regex_shape *shape, struct str text);
