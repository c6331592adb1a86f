/* judge.h - from findings to the verdict. Pure: no files, no clock. */
#pragma once

#include "judge/verdict.h"
#include "rule/rules.h"

struct judge_input {
    const struct findings *findings;
    const struct ruleset *rules;
    const struct pack *packs;
    size_t n_packs;
    enum level level; /* a finding at or above it makes the exit status 1 */
    instant from, to; /* events outside were left out of the findings; INSTANT_NONE: none */
    bool plain;       /* nothing that is encoded was decoded */
};

/* Judges. Times in `input->findings` are left as recorded; corrections are the facts'.
 * arena  owns the result */
void judge_run(const struct judge_input *input, struct arena *arena, struct verdict *ret);
