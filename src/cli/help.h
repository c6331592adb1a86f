/* help.h - the table of commands as text for people, and as JSON for what is made of it. */
#pragma once

#include "base/buf.h"
#include "cli/cmd.h"

/* A command's help, at most 80 columns wide. */
void help_command(const struct cmd *cmd, struct buf *out);

/* What somebody sees who calls the program alone; and all commands. */
void help_first_page(struct buf *out);
void help_overview(const struct cmd *const *commands, struct buf *out);

/* All commands, parts and options, from which tools/make_man.py and tools/make_completions.py
 * make manual pages and completions.
 *
 * packs  names that a pack may be called by; n_packs of them
 */
void help_dump(const struct cmd *const *commands, const struct str *packs, size_t n_packs,
               struct buf *out);
