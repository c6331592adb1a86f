/* rules_int.h - what a rule set is made of, for the files that fill it and that match by it. */
#pragma once

#include "rule/documents.h"
#include "rule/filters.h"
#include "rule/logsource.h"
#include "rule/pipeline.h"
#include "rule/rules.h"
#include "rule/sigma_int.h"

struct compiled {
    const struct node *node;
    const struct feed **feeds;
    size_t n_feeds;
};

struct ruleset {
    struct arena *arena;
    struct names names;
    struct compiler compiler;
    struct logsource_map map;
    struct documents documents;
    struct rule *rules;
    struct compiled *compiled; /* beside `rules` */
    size_t n;
    size_t cap;
    struct filter *filters;
    struct refusal_list {
        struct refusal *p;
        size_t n;
        size_t cap;
    } refusals, notices;
    const struct choice *choice;
    struct pipeline **pipelines;
    size_t n_pipelines;
    size_t cap_pipelines;
    size_t n_left_out;
    size_t n_others;
    bool frozen;
};
