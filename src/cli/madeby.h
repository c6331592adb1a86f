/* madeby.h - what decides a verdict, written down: the program, its packs, the options and the
 * files that they name, the paths of the evidence.
 *
 * Source: docs/seal.md (how files are digested)
 */
#pragma once

#include "cli/cmd.h"
#include "cli/setup.h"
#include "store/casefile.h"

/* Writes it down. Options that say where and how results go, and passwords, are left out.
 *
 * cmd    whose options `args` are; its operands are the evidence
 * arena  owns the result
 * errors ERR_IO (a file that an option names can no longer be read)
 */
int madeby(const struct cmd *cmd, const struct args *args, const struct setup *setup,
           struct arena *arena, struct casefile_setup **ret, size_t *ret_n, struct err *err);
