/* literals.h - which of many literals stand in a text.
 *
 * Texts and literals are folded already (rule/fold.h). Each literal is looked for as a whole
 * text, at its start, at its end or anywhere; what is found is told by the literal's id, once
 * for each scan however often it is found. Several literals may have the same id.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "rule/sigma_value.h"

struct literal {
    uint32_t id;         /* below literal_hits.n_ids of the scans */
    enum text_test test; /* TEXT_EXACT, TEXT_PREFIX, TEXT_SUFFIX or TEXT_CONTAINS */
    struct str text;     /* not empty, but for TEXT_EXACT; borrowed by the table */
};

/* What the scans of one event have found. */
struct literal_hits {
    uint32_t *stamp; /* per id: the epoch in which it was found last */
    uint32_t *list;  /* ids found in this epoch, in the order of finding */
    uint32_t n;
    uint32_t epoch; /* never 0 */
    uint32_t n_ids;
};

void literal_hits_init(struct literal_hits *hits, uint32_t n_ids, struct arena *arena);
void literal_hits_clear(struct literal_hits *hits);

static inline bool literal_hits_has(const struct literal_hits *hits, uint32_t id)
{
    return hits->stamp[id] == hits->epoch;
}

struct literals;

/* Builds the table; immutable, may be shared. `arena` owns it; NULL for no literals. */
struct literals *literals_new(const struct literal *list, size_t n, struct arena *arena);

/* Adds the ids of all literals that stand in the text to `hits`. `l` may be NULL. */
void literals_scan(const struct literals *l, struct str folded, struct literal_hits *hits);
