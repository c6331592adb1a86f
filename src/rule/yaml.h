/* yaml.h - YAML documents as trees. The one file that includes <yaml.h> is yaml.c. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum yaml_type {
    YAML_NULL,
    YAML_BOOL,
    YAML_INT,
    YAML_FLOAT,
    YAML_STRING,
    YAML_LIST,
    YAML_MAP,
    YAML_ANY, /* in no text: made by pipelines as a member of a selection, any one of whose
                 children (selections) must match; a selection without any is left out of
                 the condition */
};

struct yaml_mark {         /* a place in a text, for messages; columns are characters */
    unsigned line, column; /* from 1; 0: not known */
};

enum yaml_form {                  /* how a scalar's text lies in its line */
                 YAML_FORM_OTHER, /* over several lines, or with escapes */
                 YAML_FORM_PLAIN, /* character for character */
                 YAML_FORM_QUOTED /* the same, behind a quote */
};

struct yaml {
    enum yaml_type type; /* of plain scalars by the YAML 1.1 core rules; quoted: STRING */
    enum yaml_form form;
    enum yaml_form key_form;
    struct str key;        /* where the parent is a map */
    struct str text;       /* scalars: the text as written (unquoted) */
    int64_t integer;       /* YAML_INT (one above INT64_MAX as that; `text` has it exactly);
                              YAML_BOOL as 0 or 1 */
    struct yaml *child;    /* first element or member */
    struct yaml *next;     /* sibling */
    unsigned line, column; /* from 1, for messages */
    struct yaml_mark key_at;
};

/* Parses all documents of a text. Aliases are refused (no rule needs them, bombs do).
 *
 * returns 0 with *ret = the first document (siblings by ->next; NULL if there is none)
 * errors  ERR_INVALID "line L, column C: ...", ERR_LIMIT (nesting)
 */
int yaml_parse(struct str text, struct arena *arena, struct yaml **ret, struct err *err);

/* The same; where it fails, the place is in *ret_at and not in the message. */
int yaml_parse_at(struct str text, struct arena *arena, struct yaml **ret,
                  struct yaml_mark *ret_at, struct err *err);

/* Sets type and integer of a scalar by its text, as if it stood plain in a file. A number that
 * does not fit 64 bits stays text, and so do dates and base-60 numbers: no rule means them. */
void yaml_classify(struct yaml *node);

/* Where a byte of a scalar's text, or of its key, stands. The start of the scalar where that
 * cannot be told (escapes, several lines); all zero for NULL.
 *
 * key     true: an offset into node->key
 */
struct yaml_mark yaml_mark_of(const struct yaml *node, bool key, size_t offset);

/* The member of a map with this name, or NULL (also where `map` is NULL or no map). */
const struct yaml *yaml_get(const struct yaml *map, const char *key);

/* A scalar member's text, or "" where it is missing. */
struct str yaml_text(const struct yaml *map, const char *key);
