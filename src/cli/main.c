#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/safe.h"
#include "cli/cmd.h"
#include "cli/help.h"
#include "cli/profile.h"
#include "cli/run.h"
#include "rule/nearest.h"

enum {
    NAME_SHOWN = 60, /* of a word that names nothing */
    HELP_BYTES = 1 << 20,
};

const struct cmd *const COMMANDS[] = {
    &CMD_DUMP,   &CMD_EXPLAIN,  &CMD_EXPORT, &CMD_HELP,    &CMD_INDICATORS,
    &CMD_PACKS,  &CMD_REPORT,   &CMD_RULES,  &CMD_SCAN,    &CMD_SEAL,
    &CMD_SEARCH, &CMD_TIMELINE, &CMD_VERIFY, &CMD_VERSION, NULL,
};

/* "list" of "rules": the command "rules list". */
static const char *name_of_part(const struct cmd *part)
{
    return strrchr(part->name, ' ') + 1;
}

static const struct cmd *find(const char *name, struct err *err)
{
    struct nearest near = nearest_to(str_of(name));
    for (size_t i = 0; COMMANDS[i]; i++) {
        if (strcmp(COMMANDS[i]->name, name) == 0)
            return COMMANDS[i];
        nearest_try(&near, str_of(COMMANDS[i]->name));
    }
    (void)err_set(err, ERR_INVALID, "there is no command \"%.*s\"; `assay help` lists them",
                  NAME_SHOWN, name);
    if (near.best.n)
        (void)err_behind(err, " (did you mean \"%.*s\"?)", STR_ARG(near.best));
    return NULL;
}

static const struct cmd *find_part(const struct cmd *cmd, const char *name, struct err *err)
{
    struct nearest near = nearest_to(str_of(name));
    for (size_t i = 0; cmd->parts && cmd->parts[i]; i++) {
        if (strcmp(name_of_part(cmd->parts[i]), name) == 0)
            return cmd->parts[i];
        nearest_try(&near, str_of(name_of_part(cmd->parts[i])));
    }
    (void)err_set(err, ERR_INVALID, "%s %.*s: want one of those that `assay %s --help` lists",
                  cmd->name, NAME_SHOWN, name, cmd->name);
    if (near.best.n)
        (void)err_behind(err, " (did you mean \"%.*s\"?)", STR_ARG(near.best));
    return NULL;
}

int cmd_find(const char *const *words, size_t n, const struct cmd **ret, struct err *err)
{
    const struct cmd *cmd = find(words[0], err);
    if (cmd && n > 1)
        cmd = find_part(cmd, words[1], err);
    if (!cmd)
        return -1;
    *ret = cmd;
    return 0;
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

/* Which command the first words name; *ret_used of them. */
static int choose(int argc, char **argv, const struct cmd **ret, int *ret_used, struct err *err)
{
    const char *words[] = {argv[1], argc > 2 ? argv[2] : ""};
    const struct cmd *cmd = NULL;
    if (cmd_find(words, 1, &cmd, err) < 0)
        return -1;
    bool has_part = cmd->parts && argc > 2 && argv[2][0] != '-';
    if (has_part && cmd_find(words, 2, &cmd, err) < 0)
        return -1;
    *ret = cmd;
    *ret_used = has_part ? 3 : 2;
    return 0;
}

static int print(void (*put)(const struct cmd *, struct buf *), const struct cmd *cmd)
{
    struct buf out = buf_new(HELP_BYTES);
    struct err err = {0};
    put(cmd, &out);
    int failed = run_print(buf_str(&out), &err);
    buf_free(&out);
    if (failed)
        complain(err.msg);
    return failed ? EXIT_ERROR : EXIT_OK;
}

static void put_first_page(const struct cmd *none, struct buf *out)
{
    (void)none;
    help_first_page(out);
}

static void put_overview(const struct cmd *none, struct buf *out)
{
    (void)none;
    help_overview(COMMANDS, out);
}

int main(int argc, char **argv)
{
    const struct cmd *cmd = NULL;
    struct err err = {0};
    int used = 2;
    if (argc < 2) { /* nothing was judged: no status that could be taken for a verdict */
        (void)print(put_first_page, NULL);
        return EXIT_ERROR;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return print(put_overview, NULL);
    if (strcmp(argv[1], "--version") == 0) {
        cmd = &CMD_VERSION;
    } else if (choose(argc, argv, &cmd, &used, &err) < 0) {
        complain(err.msg);
        return EXIT_ERROR;
    }
    if (wants_help(argc - used, argv + used))
        return print(help_command, cmd);
    return run(cmd, argc - used, argv + used);
}
