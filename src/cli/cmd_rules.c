#include "cli/cmd_rules.h"

#include <string.h>

static const struct cmd *const parts[] = {&CMD_RULES_LIST, &CMD_RULES_CHECK, &CMD_RULES_TEST,
                                          &CMD_RULES_IMPORT, NULL};

static int rules(const struct args *args, struct err *err)
{
    (void)err_set(err, ERR_INVALID,
                  "rules %s: want one of those that `assay rules --help` lists",
                  args->operands[0]);
    return EXIT_ERROR;
}

int rules_format(const char *text, bool csv, enum rules_format *ret, struct err *err)
{
    static const char *const names[] = {"text", "json", "csv"};
    for (int i = RULES_TEXT; text && i <= (csv ? RULES_CSV : RULES_JSON); i++) {
        if (strcmp(text, names[i]) == 0) {
            *ret = (enum rules_format)i;
            return 0;
        }
    }
    if (!text)
        return 0;
    return err_set(err, ERR_INVALID, "--format %s: want text%s", text,
                   csv ? ", json or csv" : " or json");
}

const struct cmd CMD_RULES = {
    .name = "rules",
    .summary = "list, check, test and import Sigma rules",
    .operands = "list|check|test|import ...",
    .parts = parts,
    .least = 1,
    .most = ARGS_MAX,
    .run = rules,
};
