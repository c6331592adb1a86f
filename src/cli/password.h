/* password.h - the password of encrypted members of archives, as commands take it. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

#define PASSWORD_ROWS(first)                                                                 \
    [first] = {0, "password", "TEXT",                                                        \
               "of encrypted ZIP archives; other users of this machine\n"                    \
               "may see it: rather use --password-file",                                     \
               OPT_TEXT},                                                                    \
    [(first) + 1] = {0, "password-file", "FILE", "a file whose first line is that password", \
                     OPT_TEXT}

/* The option's rows are two. *ret is NULL where neither was given.
 * errors ERR_INVALID (both given, an empty one), ERR_IO */
int password_read(const char *text, const char *file, struct arena *arena, const char **ret,
                  struct err *err);
