/* lint_int.h - what the files of the linter share. */
#pragma once

#include <stdbool.h>

#include "rule/lint.h"
#include "rule/sigma_int.h"

struct lint_file { /* the file in hand */
    struct lint *lint;
    struct arena *arena; /* of its documents; reset behind it */
    struct str path;
    struct compiler *compiler;
    const struct yaml *logsource; /* of the document in hand */
    bool collection; /* `action:` somewhere: what is missing may stand in another document */
};

/* Tells of a problem; the text is formatted. */
void lint_tell(struct lint_file *f, enum lint_severity severity, struct yaml_mark at,
               const char *check, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* The head of a document: keys, ids, dates, tags. */
void lint_head(struct lint_file *f, const struct yaml *document);

/* Tags of one rule. */
void lint_tags(struct lint_file *f, const struct yaml *tags);

/* The detection: what the engine refuses, and what its conditions and values look like. */
void lint_detection(struct lint_file *f, const struct yaml *detection);

/* A key with its values, behind the engine's own look at it. */
void lint_item(struct lint_file *f, const struct yaml *item);

/* Whether the events of the rule's log source have the item's field. */
void lint_field(struct lint_file *f, const struct yaml *item);

/* Notes an id; tells where it stood before. */
void lint_id(struct lint_file *f, const struct yaml *id);

/* Whether a text is a UUID as RFC 9562 writes it. */
bool lint_is_uuid(struct str text);

/* Cuts a text for a message. */
struct str lint_short(struct str text);
