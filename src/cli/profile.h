/* profile.h - options kept in a file, so that a team scans alike.
 *
 * Source: docs/formats/profile.md
 */
#pragma once

#include "cli/cmd.h"

/* Applies the value of the command's option "profile", if it was given: each option that the
 * profile holds and the command line does not is set. Paths in a profile are from its own
 * folder. What a profile may hold and this command does not know is left out.
 *
 * errors  ERR_IO, ERR_INVALID "file:line:column: ..."
 */
int profile_apply(const struct cmd *cmd, struct args *args, struct err *err);

/* The same from a text. `file` is for messages and for its folder. */
int profile_apply_text(const struct cmd *cmd, struct str file, struct str text,
                       struct args *args, struct err *err);
