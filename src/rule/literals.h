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
    struct str text;     /* not empty, but for TEXT_EXACT */
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

static inline void literal_hits_add(struct literal_hits *hits, uint32_t id)
{
    if (hits->stamp[id] != hits->epoch) {
        hits->stamp[id] = hits->epoch;
        hits->list[hits->n++] = id;
    }
}

struct literals;

/* Builds the table; immutable, may be shared. `arena` owns it, copies of the texts too; NULL
 * for no literals. */
struct literals *literals_new(const struct literal *list, size_t n, struct arena *arena);

/* Adds the ids of all literals that stand in the text to `hits`. `l` may be NULL. */
void literals_scan(const struct literals *l, struct str folded, struct literal_hits *hits);

/* From now on the scans of this table use no vector instructions: they are slower and find the
 * same, in the same order. */
void literals_no_vectors(struct literals *l);

/* ---- texts that are not folded: rows of text logs as they stand in the file ---- */

/* A map of bytes: A-Z to a-z, and the first byte of each pair in `pairs` to the second, as
 * STR("+ \\/") makes a plus a space and a backslash a slash. All others are themselves: folding
 * other letters than these needs a text that is folded as a whole. */
void literals_classes(struct str pairs, uint8_t ret[static 256]);

/* A table for such texts: a literal is found where it is equal when each byte of it and of the
 * text is replaced by its class.
 *
 * list      of TEXT_CONTAINS only
 * class_of  the map; copied
 */
struct literals *literals_new_raw(const struct literal *list, size_t n,
                                  const uint8_t class_of[static 256], struct arena *arena);

/* The same as literals_scan for a table of literals_new_raw. */
void literals_scan_raw(const struct literals *l, struct bytes raw, struct literal_hits *hits);

/* Whether any literal of a table of literals_new_raw stands in the text; ends at the first. */
bool literals_any_raw(const struct literals *l, struct bytes raw);

struct literal_place {
    uint32_t at; /* where it starts */
    uint32_t n;  /* its bytes */
    uint32_t id;
};

enum { LITERALS_BEHIND = 64 }; /* bytes */

/* Where the literals of a table of literals_new_raw stand in a text, but for those with a byte of
 * 0x80 and above: each place, in no order.
 *
 * room  for the text, with LITERALS_BEHIND bytes behind it
 * most  places that there is room for
 * returns false if there are more */
bool literals_places_raw(const struct literals *l, struct bytes raw, uint8_t *room,
                         struct literal_place *ret, size_t most, size_t *ret_n);
