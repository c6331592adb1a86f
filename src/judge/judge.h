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
    struct str host;  /* whose evidence that names nobody is; "": its own */
    instant from, to; /* events outside were left out of the findings; INSTANT_NONE: none */
    bool plain;       /* nothing that is encoded was decoded */
};

/* The folder, or place in a carrier, that stands for the machine which a piece of evidence is of:
 * all that starts with it is of one collection. Borrowed from its path. */
struct str judge_collection(const struct evidence *e);

/* Whether a file shows how the server once was: of a former Windows, of a shadow copy (as collecting
 * programs name them), a backup that Windows makes of its hives. */
bool judge_is_past(struct str path);

/* Judges. Times in `input->findings` are left as recorded; corrections are the facts'.
 * arena  owns the result */
void judge_run(const struct judge_input *input, struct arena *arena, struct verdict *ret);
