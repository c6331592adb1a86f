/* sharing.h - what commands have in common that hand a case on. */
#pragma once

#include "cli/cmd.h"
#include "report/share.h"

/* Rows of the options, at consecutive places from `at`. */
#define SHARING_ROWS(at)                                                                       \
    [at] = {'l', "level", CMD_LEVELS, "findings from this level (default: all)", OPT_TEXT},    \
    [(at) + 1] = {0, "from", "TIME", "leave out what is before this time (UTC)", OPT_TEXT},    \
    [(at) + 2] = {0, "to", "TIME", "leave out what is after this time (UTC)", OPT_TEXT},       \
    [(at) + 3] = {0, "host", "HOST", "of this host only; its short name is enough", OPT_TEXT}, \
    [(at) + 4] = {0, "redact", NULL,                                                           \
                  "replace addresses, names of hosts and accounts, mailboxes\n"                \
                  "and subjects by tokens",                                                    \
                  OPT_FLAG},                                                                   \
    [(at) + 5] = {0, "redact-key", "FILE",                                                     \
                  "make the tokens with this key: equal in all exports that use\n"             \
                  "it (default: a new one each time); 16 bytes or more",                       \
                  OPT_TEXT},                                                                   \
    [(at) + 6] = {'o', "output", "FILE", "write to a file instead of standard output",         \
                  OPT_TEXT}

enum { SHARING_OPTIONS = 7 };

/* Opens the case, reads the options, and lets the redactor learn where one is wanted. Close the reader.
 *
 * ret_filter  a host as the case writes it
 * errors      ERR_INVALID, and those of case_reader_open */
int sharing_open(const struct args *args, size_t at, struct case_reader *reader,
                 struct share *ret, struct case_filter *ret_filter, struct err *err);
