/* json_read.h - a bounded reader of JSON texts, one value at a time.
 *
 * Reads values one after the other from a text, so that lines, an array's elements and
 * concatenated pretty-printed objects are all the same loop. Nesting and size are limited
 * (limits.h); escapes are decoded, lone surrogates and invalid UTF-8 become U+FFFD.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json {
    enum json_type type;
    struct str key;     /* member name, where the parent is an object */
    struct str text;    /* JSON_STRING: decoded; JSON_NUMBER: as written */
    struct json *child; /* first element or member, in file order */
    struct json *next;  /* sibling */
};

/* Reads the next value.
 *
 * text    must outlive the result (strings without escapes are borrowed from it)
 * at      in/out: where to start; on return, behind the value (also where damage was met)
 * arena   owns the result
 * returns 1 with *ret set; 0 if only white space is left; -1 damaged
 * errors  ERR_CORRUPT (not JSON, or it ends early), ERR_LIMIT (nesting)
 * Source: RFC 8259
 */
int json_next(struct str text, size_t *at, struct arena *arena, struct json **ret,
              struct err *err);

/* Reads a text that is one value, of our own making: with far more values than an event may
 * have (LIMIT_JSON_DOCUMENT_NODES).
 * errors  as json_next; ERR_CORRUPT where there is none, or anything behind it */
int json_document(struct str text, struct arena *arena, struct json **ret, struct err *err);

/* The member of an object with exactly this name; NULL if there is none. */
const struct json *json_get(const struct json *object, const char *key);
