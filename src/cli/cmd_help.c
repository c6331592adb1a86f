#include <string.h>

#include "cli/cmd.h"
#include "cli/help.h"
#include "cli/packs.h"
#include "cli/run.h"

enum { O_DUMP };

static const struct opt OPTS[] = {
    [O_DUMP] = {0, "dump", NULL,
                "print the table of all commands as JSON: manual pages and\ncompletions are "
                "made of it",
                OPT_FLAG},
    {0},
};

static int dump(struct arena *arena, struct buf *out, struct err *err)
{
    struct pack_set packs = {0};
    if (packs_add_builtin(arena, &packs, err) < 0)
        return -1;
    help_dump(COMMANDS, &packs, out);
    return 0;
}

static int put(const struct args *args, struct buf *out, struct err *err)
{
    const struct cmd *cmd = NULL;
    if (args->flag[O_DUMP])
        return dump(args->arena, out, err);
    if (args->n_operands == 0) {
        help_overview(COMMANDS, out);
        return 0;
    }
    if (cmd_find(args->operands, args->n_operands, &cmd, err) < 0)
        return -1;
    help_command(cmd, out);
    return 0;
}

static int help(const struct args *args, struct err *err)
{
    struct buf out = buf_new((size_t)16 << 20);
    int failed = put(args, &out, err);
    if (failed == 0)
        failed = run_print(buf_str(&out), err);
    buf_free(&out);
    return failed ? EXIT_ERROR : EXIT_OK;
}

static const struct example EXAMPLES[] = {
    {"assay help scan", "what `assay scan --help` says"},
    {"assay help rules list", "one part of a command"},
    {0},
};

const struct cmd CMD_HELP = {
    .name = "help",
    .summary = "say what a command does and takes",
    .operands = "[COMMAND [PART]]",
    .detail = "Without COMMAND: a list of all of them.",
    .opts = OPTS,
    .examples = EXAMPLES,
    .least = 0,
    .most = 2,
    .run = help,
};
