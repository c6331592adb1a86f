#include "cli/cmd_rules.h"

static const struct cmd *const parts[] = {&CMD_RULES_LIST,   &CMD_RULES_CHECK,
                                          &CMD_RULES_TEST,   &CMD_RULES_COVERAGE,
                                          &CMD_RULES_IMPORT, NULL};

const struct cmd CMD_RULES = {
    .name = "rules",
    .summary = "list, check, test, import Sigma rules; what they can see",
    .operands = "list|check|test|coverage|import ...",
    .parts = parts,
    .least = 1,
    .most = ARGS_MAX,
    .run = cmd_wants_part,
};
