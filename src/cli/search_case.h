/* search_case.h - a hunt over what a case holds: findings with the records that are kept of
 * them, facts, and the list of evidence.
 *
 * Source: docs/search.md, docs/case.md
 */
#pragma once

#include "cli/found.h"
#include "rule/rules.h"

struct case_search {
    struct arena *arena;
    struct ruleset *rules; /* frozen: the expression, for events of any log source */
    struct found_form form;
    instant from, to; /* INSTANT_NONE: no bound */
    bool plain;       /* not in what was decoded */
    bool count_only;
    uint64_t limit; /* 0: none */
};

/* Searches and prints; tells on standard error what was looked into, and what the case does not
 * hold. One entry at a time is in memory.
 *
 * returns EXIT_OK: found; EXIT_SEEN: not found; EXIT_NOT_COVERED: not found, but of some
 *         findings the case does not keep the whole record; EXIT_ERROR and err
 * errors  as case_reader_open_rows
 */
int search_case(const char *path, const struct case_search *search, struct err *err);
