/* documents.h - rule documents as they were added, before they are compiled. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "rule/yaml.h"

struct document {
    struct str path; /* file it came from */
    struct str pack; /* "" for a user's */
    const struct yaml *yaml;
    struct document *next;
};

struct documents {
    struct arena *arena; /* owns the documents */
    struct document *first;
    struct document *last;
};

/* Reads all documents of one YAML text.
 *
 * path, pack  not copied
 * ret_at      where it failed
 * errors      ERR_LIMIT (size, nesting), ERR_INVALID (not YAML); nothing is added then
 */
int documents_add(struct documents *list, struct str path, struct str pack, struct str text,
                  struct yaml_mark *ret_at, struct err *err);

/* Whether a document is a rule, with a log source and without anything that we do not
 * evaluate as a whole.
 *
 * errors  ERR_INVALID, ERR_UNSUPPORTED
 */
int document_check(const struct yaml *document, struct err *err);
