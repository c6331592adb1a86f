/* longwork.h - the options of commands that read much: progress, and how much of the machine
 * they take. */
#pragma once

#include "cli/cmd.h"
#include "cli/progress.h"

enum { LONGWORK_PROGRESS, LONGWORK_NICE, LONGWORK_MEMORY, LONGWORKS };

#define LONGWORK_ROWS(first)                                                               \
    [(first) +                                                                             \
        LONGWORK_PROGRESS] = {0, "progress", "auto|text|json|none",                        \
                              "how far it is, on standard error (default auto: text on\n"  \
                              "a terminal); json: one object a line for programs",         \
                              OPT_TEXT},                                                   \
        [(first) + LONGWORK_NICE] = {0, "nice", NULL,                                      \
                                     "run only when nothing else wants the processor or\n" \
                                     "the disk",                                           \
                                     OPT_FLAG},                                            \
        [(first) +                                                                         \
            LONGWORK_MEMORY] = {0, "max-memory", "MB",                                     \
                                "take no more memory than this, all processes together;\n" \
                                "what cannot be read within it is told as not read",       \
                                OPT_TEXT}

#define LONGWORK_GROUP          \
    {                           \
        "progress", "long work" \
    }

struct longwork {
    enum progress_mode progress;
    size_t max_memory; /* bytes; 0: no limit of the whole */
};

/* Reads them, and gives up priority at once where --nice says so.
 * errors ERR_INVALID, ERR_IO (the system refuses) */
int longwork_read(const struct args *args, size_t first, struct longwork *ret, struct err *err);
