/* cmd_rules.h - what the parts of `assay rules` share. */
#pragma once

#include "cli/cmd.h"

extern const struct cmd CMD_RULES_LIST, CMD_RULES_CHECK, CMD_RULES_TEST, CMD_RULES_IMPORT;

enum rules_format { RULES_TEXT, RULES_JSON, RULES_CSV };

/* Reads the value of --format; NULL leaves *ret. errors ERR_INVALID */
int rules_format(const char *text, bool csv, enum rules_format *ret, struct err *err);
