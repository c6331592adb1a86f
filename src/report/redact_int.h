/* redact_int.h - the parts of redaction. */
#pragma once

#include "report/redact.h"

enum { REDACT_BUCKETS = 4096, REDACT_HEAD = 3, REDACT_NAMES_MOST = 1 << 18 };

struct redact_entry {
    struct str text;  /* in lower case */
    struct str canon; /* what the token is made of */
    enum redact_class class;
    bool anywhere; /* also within a word */
    struct redact_entry *next;
};

struct redactor {
    struct arena *arena;
    struct bytes key;
    size_t n;
    bool full;
    /* by their first REDACT_HEAD bytes; long ones first */
    struct redact_entry *bucket[REDACT_BUCKETS];
};

struct redact_hit { /* in a text */
    size_t keep;    /* bytes in front that stay */
    size_t n;       /* all of it */
    enum redact_class class;
    struct str value; /* borrowed from the text */
};

/* Whether something that can be recognised by its form begins at `at`. */
bool redact_form_at(struct str text, size_t at, struct redact_hit *ret);

/* Percent signs, \u and \x escapes undone; the text itself where there are none. */
struct str redact_decoded(struct str text, struct arena *arena);
