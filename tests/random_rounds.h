/* random_rounds.h - the frame of tests over made events: a round for each seed. */
#pragma once

#include <stdint.h>

struct tally {
    uint64_t rounds, rules, events, matches, differences;
};

/* Calls `round` for each seed of the file argv[2] (one at the start of a line: those that once
 * told a difference), then for argv[1] seeds from 1 on. ASSAY_ENGINE_ROUNDS and ASSAY_ENGINE_SEED of the
 * environment say another number and another start. Exits with 2 if the file cannot be read. */
struct tally random_rounds(int argc, char **argv,
                           void (*round)(uint64_t seed, struct tally *t));
