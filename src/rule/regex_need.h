/* regex_need.h - texts of which a regular expression needs one.
 *
 * Most expressions can only match where some literal stands. To look for literals is much
 * cheaper than to run the expression.
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

struct regex_need {
    struct str
        *any; /* folded (rule/fold.h); a text that matches holds, when folded, one of these */
    size_t n; /* 0: nothing is known to be needed */
    size_t shortest; /* bytes */
};

enum { REGEX_NEED_MAX = 64 }; /* literals of one expression; beyond that nothing is known */

/* What an expression needs.
 *
 * pattern  of PCRE2, UTF-8, compiled without PCRE2_EXTENDED; with or without regard to case
 * ret      texts live in `arena`
 */
void regex_need_of(struct str pattern, struct arena *arena, struct regex_need *ret);
