/* setup.h - rules and packs, from the program itself and from the user. */
#pragma once

#include "base/arena.h"
#include "base/embed.h"
#include "base/err.h"
#include "detect/detect.h"
#include "rule/pack.h"
#include "rule/rules.h"
#include "rule/tune.h"

struct setup {
    struct ruleset *rules;
    struct pack *packs; /* chosen ones, by id */
    size_t n_packs;
    struct detect_config detect;
    struct tuning *tuning;         /* NULL: none */
    struct indicators *indicators; /* NULL: none */
    struct yara_set *yara;         /* NULL: none */
};

struct setup_options {
    const char *const *rule_paths; /* Sigma rules: files, folders, ZIPs, imported sets */
    size_t n_rule_paths;
    const struct choice *choice;     /* which of those; NULL: all */
    const char *const *placeholders; /* "NAME=FILE": values of %NAME% in rules */
    size_t n_placeholders;
    const char *const *pipelines; /* files, or names of those the program brings along */
    size_t n_pipelines;
    const char *const *tune_paths; /* tuning lists */
    size_t n_tune_paths;
    const char *const *indicator_paths; /* lists of indicators: files, or folders of them */
    size_t n_indicator_paths;
    const char *const *pack_ids; /* names of packs to use, none: all; folders of further ones */
    size_t n_pack_ids;
    bool no_yara;  /* leave YARA rules out: events are asked about, not files */
    bool no_packs; /* the user's rules only */
};

/* Loads everything. Rules that cannot be used are refusals in the ruleset.
 * errors ERR_INVALID (unknown pack, damaged pack), ERR_IO (a path) */
int setup_load(const struct setup_options *options, struct arena *arena, struct setup *ret,
               struct err *err);
void setup_close(struct setup *setup); /* an empty one is fine */

/* Loads lists of indicators: a file, or each file of a folder. A file of a folder that is no
 * list is a note of the set; one that was named is an error.
 * errors ERR_IO, ERR_INVALID, ERR_LIMIT */
int setup_indicators(const char *const *paths, size_t n, struct indicators **ret,
                     struct err *err);

/* Reads the values of "NAME=FILE", the form of --placeholder. errors ERR_INVALID, ERR_IO */
int setup_list(const char *option, struct arena *arena, struct str *ret_name, struct str **ret,
               size_t *ret_n, struct err *err);
