/* correlation_int.h - what the files of the correlations share. */
#pragma once

#include "rule/correlation.h"
#include "rule/documents.h"
#include "rule/rules_int.h"

struct correlation_alias {
    struct str name;
    struct str rule; /* as the correlation calls its member */
    struct str field;
    const struct yaml *at;
    bool used;
};

/* A correlation as it is written: members are names. */
struct correlation_text {
    struct correlation made;
    struct str rules[CORRELATION_MEMBERS_MAX];
    const struct yaml *rules_at[CORRELATION_MEMBERS_MAX];
    struct correlation_alias *aliases;
    size_t n_aliases;
    size_t cap_aliases;
};

/* Reads a document's `correlation` part.
 *
 * at      where it failed
 * errors  ERR_INVALID, ERR_UNSUPPORTED, ERR_LIMIT
 */
int correlation_parse(const struct yaml *document, struct arena *arena,
                      struct compile_place *at, struct correlation_text *ret, struct err *err);

/* A rule of old form: "selection | count() by field > 5". */
struct correlation_old {
    struct str conditions[CORRELATION_MEMBERS_MAX]; /* one for each member */
    struct correlation_text text;
};

/* Whether a rule's condition has an aggregation. */
bool correlation_is_old(const struct yaml *document);

/* Reads it. The members have no names. errors as above */
int correlation_old_parse(const struct yaml *document, struct arena *arena,
                          struct compile_place *at, struct correlation_old *ret,
                          struct err *err);

/* The rule that one of its members is: the old one with a plain condition. */
const struct yaml *correlation_old_member(const struct yaml *document, struct str condition,
                                          struct arena *arena);

/* "15m" as a time. */
int correlation_span_parse(struct str text, instant *ret, struct err *err);
