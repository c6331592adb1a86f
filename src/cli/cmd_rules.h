/* cmd_rules.h - what the parts of `assay rules` share. */
#pragma once

#include "cli/cmd.h"

extern const struct cmd CMD_RULES_LIST, CMD_RULES_CHECK, CMD_RULES_TEST, CMD_RULES_IMPORT,
    CMD_RULES_COVERAGE;
