/* explain_rule.h - why a rule does or does not match one record, clause by clause. */
#pragma once

#include "cli/cmd.h"
#include "cli/setup.h"

struct explain_rule {
    const char *const *paths;
    size_t n_paths;
    bool by_offset; /* `number` is the record's offset in bytes, else its EventRecordID */
    uint64_t number;
    const char *rule; /* an id, its first digits, a name or title; or a rule file */
    enum cmd_format format;
    const char *password; /* of encrypted members of archives; NULL: none */
};

/* Finds the record, walks the rules over it and prints.
 *
 * options which rules there are; the rule's file is added
 * errors  ERR_NOT_FOUND (no such rule or record), ERR_IO, ERR_INVALID
 */
int explain_rule(const struct explain_rule *what, struct setup_options *options,
                 struct arena *arena, struct err *err);
