#include "cli/cmd_rules.h"

static const struct cmd *const parts[] = {&CMD_RULES_LIST,   &CMD_RULES_CHECK,
                                          &CMD_RULES_TEST,   &CMD_RULES_COVERAGE,
                                          &CMD_RULES_IMPORT, NULL};

static int rules(const struct args *args, struct err *err)
{
    (void)err_set(err, ERR_INVALID,
                  "rules %s: want one of those that `assay rules --help` lists",
                  args->operands[0]);
    return EXIT_ERROR;
}

const struct cmd CMD_RULES = {
    .name = "rules",
    .summary = "list, check, test, import Sigma rules; what they can see",
    .operands = "list|check|test|coverage|import ...",
    .parts = parts,
    .least = 1,
    .most = ARGS_MAX,
    .run = rules,
};
