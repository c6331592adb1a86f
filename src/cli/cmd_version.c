#include <stdio.h>

#include "cli/cmd.h"
#include "cli/packs.h"
#include "detect/knowngood.h"
#include "sys/jail.h"
#include "sys/proc.h"

/* What would confine the processes that read evidence, on this system. */
static int print_jail(struct err *err)
{
    enum { LINE = 200 };
    unsigned parts = 0;
    if (proc_try_jail(&parts, err) < 0)
        return -1;
    struct buf lacks = buf_new(LINE);
    jail_list(JAIL_ALL & ~parts, &lacks);
    if (parts == JAIL_ALL)
        (void)printf("jail: whole\n");
    else
        (void)printf("jail: without %.*s%s\n", STR_ARG(buf_str(&lacks)),
                     jail_left_out() ? " (a build with sanitizers)" : "");
    buf_free(&lacks);
    return 0;
}

static int version(const struct args *args, struct err *err)
{
    struct pack_set packs = {0};
    if (packs_add_builtin(args->arena, &packs, err) < 0)
        return EXIT_ERROR;
    (void)printf("assay %s\n", ASSAY_VERSION);
    for (size_t i = 0; i < packs.n; i++)
        (void)printf("pack %.*s, as of %.*s\n", STR_ARG(packs.list[i].pack.id),
                     STR_ARG(packs.list[i].pack.as_of));
    (void)printf("known-good files: %zu\n", knowngood_count());
    return print_jail(err) < 0 ? EXIT_ERROR : EXIT_OK;
}

const struct cmd CMD_VERSION = {
    .name = "version",
    .summary = "print the version, the age of what it knows, and its jail",
    .operands = "",
    .least = 0,
    .most = 0,
    .run = version,
};
