/* documents.h - rule documents as they were added, before they are compiled. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "rule/yaml.h"

enum document_state {
    DOCUMENT_WAITING,
    DOCUMENT_OPEN, /* a correlation whose members are being compiled */
    DOCUMENT_USED,
    DOCUMENT_REFUSED,
    DOCUMENT_LEFT_OUT,
};

struct document {
    enum document_state state;
    bool needed;     /* by a correlation, though it was not chosen itself */
    uint32_t rule;   /* DOCUMENT_USED: its number */
    struct str path; /* file it came from */
    struct str pack; /* "" for a user's */
    const struct yaml *yaml;
    struct err problem; /* why it cannot be used, found while it was read; else ERR_NONE */
    struct document *next;
};

struct documents {
    struct arena *arena; /* owns the documents */
    struct document *first;
    struct document *last;
};

/* Reads all documents of one YAML text. Collections are put together: what a document with
 * `action: global` says is added to all rules that follow in the text, until `action: reset`;
 * `action: repeat` gives the rule before it once more, with its own members over it.
 *
 * path, pack  not copied
 * ret_at      where it failed
 * errors      ERR_LIMIT (size, nesting), ERR_INVALID (not YAML); nothing is added then
 *
 * Source: Sigma specification 1.0.3, "Rule Collections"; later versions no longer tell of
 * them, and pySigma still reads them.
 */
int documents_add(struct documents *list, struct str path, struct str pack, struct str text,
                  struct yaml_mark *ret_at, struct err *err);

/* Adds one document that is parsed already; nothing is copied. */
void documents_add_yaml(struct documents *list, struct str path, const struct yaml *yaml);

/* Whether a document means to be a rule at all: other YAML lies beside rules (SigmaHQ's
 * info.yml). What is no map does: it is refused as one. */
bool document_means_rule(const struct yaml *document);

bool document_is_filter(const struct document *document);
bool document_is_correlation(const struct document *document);

/* Whether a document is a rule, with a log source and without anything that we do not
 * evaluate as a whole.
 *
 * errors  ERR_INVALID, ERR_UNSUPPORTED
 */
int document_check(const struct yaml *document, struct err *err);

/* Whether there is a log source that says something. */
int document_check_logsource(const struct yaml *document, struct err *err);
