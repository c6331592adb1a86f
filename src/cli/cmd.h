/* cmd.h - commands and their options as data: one table gives parsing and help. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

enum { /* exit statuses; `scan` says more, see docs/verdict.md */
       EXIT_OK = 0,
       EXIT_SEEN = 1,
       EXIT_ERROR = 2,
       EXIT_NOT_COVERED = 3,
};

enum opt_kind { OPT_FLAG, OPT_TEXT, OPT_TEXTS };

struct opt {
    char letter;       /* 0: none */
    const char *name;  /* without the dashes; NULL ends a table */
    const char *value; /* what stands for the value in help; NULL for flags */
    const char *help;
    enum opt_kind kind;
};

enum { ARGS_MAX = 4096, OPTS_MAX = 40 };

struct args {            /* what a command was given */
    struct arena *arena; /* of the run */
    bool flag[OPTS_MAX]; /* by place in the command's table */
    const char *text[OPTS_MAX];
    const char **texts[OPTS_MAX]; /* OPT_TEXTS, in order */
    size_t n_texts[OPTS_MAX];
    const char **operands;
    size_t n_operands;
};

struct cmd {
    const char *name; /* of a part: "rules list" */
    const char *summary;
    const char *operands; /* for help */
    const char *detail;   /* more help; may be NULL */
    const struct opt *opts;
    size_t least, most;             /* operands */
    const struct cmd *const *parts; /* "rules" has list, check, ...; NULL-ended, or NULL */
    int (*run)(const struct args *args, struct err *err); /* exit status; EXIT_ERROR with err
                                                             set, or told already (code NONE) */
};

extern const struct cmd CMD_SCAN, CMD_DUMP, CMD_EXPLAIN, CMD_INDICATORS, CMD_PACKS, CMD_RULES,
    CMD_SEARCH, CMD_VERSION;

/* Reads a command line behind the command's name. Takes "--name value", "--name=value",
 * "-n value", "-nvalue" and "--"; options and operands in any order.
 * errors ERR_INVALID */
int args_parse(const struct cmd *cmd, int argc, char **argv, struct arena *arena,
               struct args *ret, struct err *err);

enum cmd_format { AS_TEXT, AS_JSON, AS_CSV, AS_JSONL };

/* Reads the value of --format; NULL leaves *ret. Takes those up to `last`.
 * errors ERR_INVALID */
int cmd_format(const char *text, enum cmd_format last, enum cmd_format *ret, struct err *err);

/* Reads the value of --jobs and of an option that is a time; NULL leaves *ret.
 * errors ERR_INVALID */
int cmd_jobs(const char *text, size_t *ret, struct err *err);
int cmd_time(const char *option, const char *text, instant *ret, struct err *err);

/* Prints a command's help to standard output. */
void cmd_help(const struct cmd *cmd);
