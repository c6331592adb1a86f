#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/safe.h"
#include "cli/cmd.h"
#include "cli/profile.h"

static const struct cmd *const commands[] = {
    &CMD_SCAN,  &CMD_SEARCH, &CMD_EXPLAIN,    &CMD_DUMP,
    &CMD_PACKS, &CMD_RULES,  &CMD_INDICATORS, &CMD_VERSION,
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static void usage(void)
{
    (void)printf("assay - was this server entered? An answer from its own evidence.\n\n"
                 "usage: assay COMMAND ...\n\ncommands:\n");
    for (size_t i = 0; i < COMMANDS; i++)
        (void)printf("  %-10s  %s\n", commands[i]->name, commands[i]->summary);
    (void)printf(
        "\nStart with:  assay scan FOLDER\n"
        "Nothing collected yet?  assay packs show exchange-proxylogon --collect\n"
        "`assay COMMAND --help` tells more. The network is never used and evidence is\n"
        "never changed.\n");
}

static const struct cmd *find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

/* "list" of "rules": the command "rules list". */
static const struct cmd *find_part(const struct cmd *cmd, const char *word)
{
    for (size_t i = 0; cmd->parts && cmd->parts[i]; i++)
        if (strcmp(strrchr(cmd->parts[i]->name, ' ') + 1, word) == 0)
            return cmd->parts[i];
    return NULL;
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

/* What failed may be named by evidence: a file's name, a rule's text. */
static void complain(const char *what)
{
    enum { LINE_MAX_BYTES = 65536 };
    struct buf text = buf_new(LINE_MAX_BYTES);
    safe_terminal(&text, str_of(what));
    (void)fprintf(stderr, "assay: %.*s\n", STR_ARG(buf_str(&text)));
    buf_free(&text);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct arena *arena = arena_new();
    struct args args;
    struct err err = {0};
    int status = EXIT_ERROR;
    if (args_parse(cmd, argc, argv, arena, &args, &err) == 0 &&
        profile_apply(cmd, &args, &err) == 0)
        status = cmd->run(&args, &err);
    if (fflush(stdout) != 0 && err.code == ERR_NONE)
        status = err_set(&err, ERR_IO, "standard output: the text could not be written") < 0
                     ? EXIT_ERROR
                     : status;
    if (status == EXIT_ERROR && err.code != ERR_NONE)
        complain(err.msg);
    arena_free(arena);
    return status;
}

int main(int argc, char **argv)
{
    bool help = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
                             strcmp(argv[1], "help") == 0);
    if (argc < 2 || help) {
        usage();
        return argc < 2 ? EXIT_ERROR : EXIT_OK;
    }
    const struct cmd *cmd = strcmp(argv[1], "--version") == 0 ? &CMD_VERSION : find(argv[1]);
    if (!cmd) {
        (void)fprintf(stderr, "assay: there is no command \"%s\"; `assay --help` lists them\n",
                      argv[1]);
        return EXIT_ERROR;
    }
    int used = 2;
    const struct cmd *part = argc > 2 ? find_part(cmd, argv[2]) : NULL;
    if (part) {
        cmd = part;
        used = 3;
    }
    if (wants_help(argc - used, argv + used)) {
        cmd_help(cmd);
        return EXIT_OK;
    }
    return run(cmd, argc - used, argv + used);
}
