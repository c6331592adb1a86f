#include "random_rounds.h"

#include <stdio.h>
#include <stdlib.h>

static void old_seeds(const char *path, void (*round)(uint64_t, struct tally *),
                      struct tally *t)
{
    char line[64];
    FILE *f = fopen(path, "r");
    if (!f) {
        perror(path);
        exit(2);
    }
    while (fgets(line, sizeof line, f))
        if (line[0] >= '0' && line[0] <= '9')
            round(strtoull(line, NULL, 10), t);
    (void)fclose(f);
}

struct tally random_rounds(int argc, char **argv, void (*round)(uint64_t, struct tally *))
{
    struct tally t = {0};
    const char *more = getenv("ASSAY_ENGINE_ROUNDS");
    const char *from = getenv("ASSAY_ENGINE_SEED");
    uint64_t rounds = strtoull(more ? more : argc > 1 ? argv[1] : "1", NULL, 10);
    uint64_t first = from ? strtoull(from, NULL, 10) : 1;
    if (argc > 2)
        old_seeds(argv[2], round, &t);
    for (uint64_t i = 0; i < rounds; i++)
        round(first + i, &t);
    return t;
}
