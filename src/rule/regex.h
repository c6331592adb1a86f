/* regex.h - regular expressions with a bound on their work. The one file that includes
 * <pcre2.h> is regex.c.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum regex_flag {
    REGEX_IGNORE_CASE = 1,
    REGEX_MULTILINE = 2,
    REGEX_DOT_ALL = 4,
    REGEX_AT_START = 8, /* a match begins with the text */
    REGEX_AT_END = 16,  /* a match ends with it */
};

enum regex_result { REGEX_NO, REGEX_YES, REGEX_LIMIT };

struct regex;

/* Compiles a pattern, with machine code where the library has it. Shared by all workers;
 * never written to after this.
 *
 * flags   of enum regex_flag, or-ed together
 * returns NULL on failure
 * errors  ERR_INVALID with the place and the library's reason
 */
struct regex *regex_new(struct str pattern, unsigned flags, struct arena *arena,
                        struct err *err);
void regex_free(struct regex *r); /* NULL is fine; the arena keeps the handle's memory */

/* The pattern it was made of; lives with the handle. */
struct str regex_pattern(const struct regex *r);

struct regex_scratch; /* one for each worker */

struct regex_scratch *regex_scratch_new(struct arena *arena);
void regex_scratch_free(struct regex_scratch *s); /* NULL is fine */

/* Whether the pattern occurs in the text. REGEX_LIMIT: it was given up. */
enum regex_result regex_search(const struct regex *r, struct str text,
                               struct regex_scratch *scratch);

struct regex_group { /* bytes of the text; from == SIZE_MAX: the group took no part */
    size_t from, to;
};

/* Where the pattern occurs at or behind `at`; with `there`, only exactly at `at`. Slower
 * than regex_search; for text that is UTF-8.
 *
 * at      not more than text.n
 * groups  room for n; [0] is the whole match
 */
enum regex_result regex_find(const struct regex *r, struct str text, size_t at, bool there,
                             struct regex_group *groups, size_t n,
                             struct regex_scratch *scratch);

size_t regex_groups(const struct regex *r); /* how many, [0] counted */

/* The name of a group, "" if it has none; borrows from the pattern's handle. */
struct str regex_group_name(const struct regex *r, size_t group);
