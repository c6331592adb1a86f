/* placeholder.h - %name% in the values of rules, and the lists of values it stands for.
 *
 * A list's values are taken as a rule's own: '*' and '?' are wildcards, a backslash escapes.
 *
 * Source: Sigma specification 2.1.0, "Placeholders"; pySigma.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct placeholder {
    struct str name;
    struct str *values;
    size_t n;
    size_t cap;
    struct placeholder *next;
};

struct placeholders {
    struct arena *arena; /* owns all */
    struct placeholder *first;
    size_t bytes; /* that have been spent on values */
};

/* Adds values to the list of a name. All texts are copied. */
void placeholders_add(struct placeholders *lists, struct str name, const struct str *values,
                      size_t n);

enum placeholder_use {
    PLACEHOLDER_SIGMA, /* a text with wildcards and escapes */
    PLACEHOLDER_PLAIN, /* as it is: a network */
    PLACEHOLDER_REGEX, /* one text: the values become alternatives */
};

/* What a value means: one text for each combination of its placeholders' values; the value
 * itself if it has none. "\%" is a percent sign.
 *
 * errors  ERR_INVALID (no list, or an empty one, for a name); ERR_LIMIT (texts of this
 *         value, memory for those of all)
 */
int placeholders_expand(struct placeholders *lists, struct str value, enum placeholder_use use,
                        struct str **ret, size_t *ret_n, struct err *err);
