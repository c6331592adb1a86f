/* choice.h - which rules a person wants: by level, status, tags, log source. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "rule/yaml.h"

enum { CHOICE_WORDS_MAX = 256 }; /* of one kind */

struct choice_words { /* any of `wanted` (none: all), none of `unwanted` */
    struct str wanted[CHOICE_WORDS_MAX];
    struct str unwanted[CHOICE_WORDS_MAX];
    size_t n_wanted;
    size_t n_unwanted;
};

struct choice {
    int min_level;                 /* enum level */
    struct choice_words status;    /* whole words */
    struct choice_words tags;      /* beginnings of a tag */
    struct choice_words logsource; /* "windows/process_creation": all parts must be there */
};

/* Adds "a,b,!c" to the words; blanks around them do not count. The text must outlive the
 * words. errors ERR_INVALID (an empty word), ERR_LIMIT */
int choice_add(struct choice_words *words, struct str text, struct err *err);

/* Whether the log source of a rule document is wanted. */
bool choice_takes_logsource(const struct choice *choice, const struct yaml *document);

/* Whether a correlation is, but for the log sources of its rules. */
bool choice_takes_correlation(const struct choice *choice, const struct yaml *document);

/* Whether a rule document is wanted. What the engine would refuse is: it is told then. */
bool choice_takes(const struct choice *choice, const struct yaml *document);
