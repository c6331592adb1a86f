#include <stdio.h>

#include "cli/cmd.h"
#include "cli/setup.h"
#include "detect/knowngood.h"

static int version(const struct args *args, struct err *err)
{
    struct pack *packs = NULL;
    size_t n = 0;
    if (setup_packs(args->arena, &packs, &n, err) < 0)
        return EXIT_ERROR;
    (void)printf("assay %s\n", ASSAY_VERSION);
    for (size_t i = 0; i < n; i++)
        (void)printf("pack %.*s, as of %.*s\n", STR_ARG(packs[i].id), STR_ARG(packs[i].as_of));
    (void)printf("known-good files: %zu\n", knowngood_count());
    return EXIT_OK;
}

const struct cmd CMD_VERSION = {
    .name = "version",
    .summary = "print the version, and the age of what it knows",
    .operands = "",
    .least = 0,
    .most = 0,
    .run = version,
};
