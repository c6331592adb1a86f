/* help.h - the table of commands as text for people, and as JSON for what is made of it. */
#pragma once

#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/packs.h"

/* A command's help, at most 80 columns wide. */
void help_command(const struct cmd *cmd, struct buf *out);

/* What somebody sees who calls the program alone; and all commands. */
void help_first_page(struct buf *out);
void help_overview(const struct cmd *const *commands, struct buf *out);

/* All commands, parts and options, of which tools/command_docs.py makes manual pages and
 * completions. */
void help_dump(const struct cmd *const *commands, const struct pack_set *packs,
               struct buf *out);
