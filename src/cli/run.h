/* run.h - a scan from options to verdict, as several commands need it. */
#pragma once

#include "cli/cmd.h"
#include "cli/journal.h"
#include "cli/longwork.h"
#include "cli/setup.h"
#include "judge/judge.h"
#include "report/report.h"

struct run_case { /* of `scan -o CASE` */
    const char *path;
    bool resume;
    const struct cmd *cmd;
    const struct args *args;
};

struct run_options {
    struct setup_options setup;
    const char *const *paths;
    size_t n_paths;
    const char *const *names; /* what each is called in the verdict; NULL: as it is */
    const char *leave_out;    /* a file below them that is no evidence; NULL: none */
    struct str host;          /* whose evidence that names nobody is; "": its own */
    size_t jobs;
    enum level level;
    instant from, to;
    bool plain;           /* nothing is decoded */
    bool yara_logs;       /* YARA rules are asked about logs too */
    bool require_jail;    /* do not scan where workers cannot be confined fully */
    bool carve;           /* search what is no log for event records */
    bool no_recover;      /* leave records outside the chunks of event logs alone */
    const char *password; /* of encrypted members of archives; NULL: none */
    struct longwork work;
    size_t correlate_memory;  /* bytes of matches that correlations hold; 0: the default */
    const char *const *geoip; /* paths of address databases */
    size_t n_geoip;
    const struct run_case *output; /* the case that is written; NULL: none */
};

#define RUN_DEFAULTS                                                  \
    {                                                                 \
        .level = LEVEL_HIGH, .from = INSTANT_NONE, .to = INSTANT_NONE \
    }

/* The options of `scan` (CMD_SCAN), read from its arguments. format: stays where none is given
 * errors ERR_INVALID, ERR_IO */
int scan_options_read(const struct args *args, struct run_options *run, enum cmd_format *format,
                      struct err *err);

struct run {
    struct setup setup;
    struct geoip *geoip; /* NULL: none was given */
    struct findings findings;
    struct verdict verdict;
    struct journal *journal; /* NULL: no case is written */
};

/* Loads, scans, judges; shows progress on standard error where it is a terminal.
 * arena  owns the result, apart from the rules: run_close
 * errors ERR_INTERRUPTED: then *ret holds the journal, and nothing else */
int run_scan(const struct run_options *options, struct arena *arena, struct run *ret,
             struct err *err);
void run_close(struct run *run);

/* Says on standard error what this system lacks to confine readers of evidence; nothing where
 * all is there. parts: of sys/jail.h, those that held */
void run_tell_jail(unsigned parts);

/* For --require-jail: whether this system can confine readers of evidence in every way.
 * errors  ERR_UNSUPPORTED: says what it lacks; ERR_IO */
int run_require_jail(struct err *err);

struct report_input run_report(const struct run *run, const struct run_options *options);

/* Writes text to standard output. errors ERR_IO; a reader that has gone away is none */
int run_print(struct str text, struct err *err);
