/* yaml.h - YAML documents as trees. The one file that includes <yaml.h> is yaml.c. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum yaml_type { YAML_NULL, YAML_BOOL, YAML_INT, YAML_FLOAT, YAML_STRING, YAML_LIST, YAML_MAP };

struct yaml {
    enum yaml_type type;   /* of plain scalars by the YAML 1.1 core rules; quoted: STRING */
    struct str key;        /* where the parent is a map */
    struct str text;       /* scalars: the text as written (unquoted) */
    int64_t integer;       /* YAML_INT; YAML_BOOL as 0 or 1 */
    struct yaml *child;    /* first element or member */
    struct yaml *next;     /* sibling */
    unsigned line, column; /* from 1, for messages */
};

/* Parses all documents of a text. Aliases are refused (no rule needs them, bombs do).
 *
 * returns 0 with *ret = the first document (siblings by ->next; NULL if there is none)
 * errors  ERR_INVALID "line L, column C: ...", ERR_LIMIT (nesting)
 */
int yaml_parse(struct str text, struct arena *arena, struct yaml **ret, struct err *err);

/* The member of a map with this name, or NULL (also where `map` is NULL or no map). */
const struct yaml *yaml_get(const struct yaml *map, const char *key);

/* A scalar member's text, or "" where it is missing. */
struct str yaml_text(const struct yaml *map, const char *key);
