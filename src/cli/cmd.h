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
       EXIT_INTERRUPTED = 130, /* as shells tell of Ctrl-C */
};

enum opt_kind { OPT_FLAG, OPT_TEXT, OPT_TEXTS };

/* `value` says what stands for the value in help, and what may be completed: words in small
 * letters are values to choose from ("text|json"); of those in capitals some have a meaning:
 * PATH, FILE, DIR, CASE and ARCHIVE are names of files, PACK that of a pack. */
struct opt {
    char letter;       /* 0: none */
    const char *name;  /* without the dashes; NULL ends a table */
    const char *value; /* NULL for flags */
    const char *help;
    enum opt_kind kind;
};

struct opt_group {     /* of a long table, from one option to the next group's first */
    const char *first; /* the option's name; NULL ends the list */
    const char *title;
};

struct example {
    const char *line; /* "assay ..."; NULL ends the list */
    const char *what;
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
    const char *operands; /* for help and completion, as `value` of an option */
    const char *detail;   /* more help; may be NULL. An empty line parts paragraphs */
    const struct opt *opts;
    const struct opt_group *groups; /* may be NULL */
    const struct example *examples; /* may be NULL */
    size_t least, most;             /* operands */
    const struct cmd *const *parts; /* "rules" has list, check, ...; NULL-ended, or NULL */
    int (*run)(const struct args *args, struct err *err); /* exit status; EXIT_ERROR with err
                                                             set, or told already (code NONE) */
};

/* What an option takes that is a level; those that choose how results are printed list the
 * names that cmd_format knows. */
#define CMD_LEVELS "informational|low|medium|high|critical"

extern const struct cmd *const COMMANDS[]; /* all of them; NULL-ended. In main.c */

extern const struct cmd CMD_DUMP, CMD_EXPLAIN, CMD_EXPORT, CMD_HELP, CMD_INDICATORS, CMD_PACKS,
    CMD_REPORT, CMD_RULES, CMD_SCAN, CMD_SEAL, CMD_SEARCH, CMD_TIMELINE, CMD_VERIFY,
    CMD_VERSION;

/* Finds a command, or a part of one, by its words: "rules", "list".
 *
 * n       1 or 2; the second word must name a part
 * errors  ERR_INVALID: says which word is near
 */
int cmd_find(const char *const *words, size_t n, const struct cmd **ret, struct err *err);

/* Reads a command line behind the command's name. Takes "--name value", "--name=value",
 * "-n value", "-nvalue" and "--"; options and operands in any order.
 * errors ERR_INVALID */
int args_parse(const struct cmd *cmd, int argc, char **argv, struct arena *arena,
               struct args *ret, struct err *err);

/* `run` of a command that has parts, called without one of them. errors ERR_INVALID */
int cmd_wants_part(const struct args *args, struct err *err);

enum cmd_format { AS_TEXT, AS_JSON, AS_CSV, AS_JSONL };

/* Reads the value of --format; NULL leaves *ret. Takes those up to `last`.
 * errors ERR_INVALID */
int cmd_format(const char *text, enum cmd_format last, enum cmd_format *ret, struct err *err);

/* Reads the value of --jobs and of an option that is a time; NULL leaves *ret.
 * errors ERR_INVALID */
int cmd_jobs(const char *text, size_t *ret, struct err *err);
int cmd_time(const char *option, const char *text, instant *ret, struct err *err);
