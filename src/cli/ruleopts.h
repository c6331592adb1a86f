/* ruleopts.h - the options that say which rules are used, the same for every command. */
#pragma once

#include "cli/cmd.h"
#include "cli/setup.h"

/* Their places behind `first` in a command's table of options. */
enum {
    RULEOPT_RULES,
    RULEOPT_MIN_LEVEL,
    RULEOPT_STATUS,
    RULEOPT_TAG,
    RULEOPT_LOGSOURCE,
    RULEOPT_PLACEHOLDER,
    RULEOPT_PIPELINE,
    RULEOPT_PROFILE,
    RULEOPTS,
};

#define RULEOPT_ROWS(first)                                                                    \
    [(first) +                                                                                 \
        RULEOPT_RULES] = {'r', "rules", "PATH",                                                \
                          "add Sigma and YARA rules: a file, folder, ZIP or imported;\n"       \
                          "may be repeated",                                                   \
                          OPT_TEXTS},                                                          \
        [(first) + RULEOPT_MIN_LEVEL] = {0, "min-level", CMD_LEVELS,                           \
                                         "of these, rules from this level up", OPT_TEXT},      \
        [(first) +                                                                             \
            RULEOPT_STATUS] = {0, "status", "stable|test|experimental|deprecated|unsupported", \
                               "of these, rules of this status: stable,test", OPT_TEXTS},      \
        [(first) + RULEOPT_TAG] = {0, "tag", "T",                                              \
                                   "of these, rules with a tag that begins so:\n"              \
                                   "attack.t1505,cve.2021; a leading ! leaves out",            \
                                   OPT_TEXTS},                                                 \
        [(first) +                                                                             \
            RULEOPT_LOGSOURCE] = {0, "logsource", "L",                                         \
                                  "of these, rules of this log source: windows,\n"             \
                                  "windows/process_creation, ...; a leading ! leaves out",     \
                                  OPT_TEXTS},                                                  \
        [(first) + RULEOPT_PLACEHOLDER] = {0, "placeholder", "NAME=FILE",                      \
                                           "values of %NAME% in rules, one a line; may be\n"   \
                                           "repeated",                                         \
                                           OPT_TEXTS},                                         \
        [(first) + RULEOPT_PIPELINE] = {0, "pipeline",                                         \
                                        "sysmon|windows-audit|windows-logsources|FILE",        \
                                        "rewrite these by a processing pipeline: one of the\n" \
                                        "program's, or a YAML file; may be\n"                  \
                                        "repeated",                                            \
                                        OPT_TEXTS},                                            \
        [(first) + RULEOPT_PROFILE] = {0, "profile", "core|all|FILE",                          \
                                       "options from a file, or core (stable and test,\n"      \
                                       "high and critical) or all; those given here win",      \
                                       OPT_TEXT}

/* Their groups in help, where a command has many options. */
#define RULEOPT_GROUP          \
    {                          \
        "rules", "which rules" \
    }

/* Reads them. `args` must live as long as *ret. errors ERR_INVALID */
int ruleopts_read(const struct args *args, size_t first, struct setup_options *ret,
                  struct err *err);
