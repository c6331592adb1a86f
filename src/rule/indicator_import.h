/* indicator_import.h - lists of indicators in the forms in which they are passed on.
 *
 * The form is told by the content: STIX 2 bundles, MISP events and feeds, CSV with a header,
 * lists of the LOKI kind (fields between semicolons), and plain text with one value a line.
 * A line or object that cannot be used is a note of its list, never silence.
 *
 * Source: docs/formats/indicators.md
 */
#pragma once

#include "base/err.h"
#include "rule/indicator.h"

#define INDICATOR_LIST_MAX ((size_t)512 << 20) /* bytes of one list */

/* Adds one list.
 *
 * path     for people
 * content  the whole file; nothing borrows from it
 * errors   ERR_INVALID (no list of a known form)
 */
int indicators_import(struct indicators *set, struct str path, struct bytes content,
                      struct err *err);

/* The parts of it: each adds to the list begun last. */
void indicators_read_lines(struct indicators *set, struct str text); /* text and LOKI */
bool indicators_read_table(struct indicators *set, struct str text); /* false: no header */
void indicators_read_stix(struct indicators *set, struct str text);  /* JSON */
void indicators_read_misp(struct indicators *set, struct str text);  /* JSON */

/* Adds what is in one value of a type as lists name it, also "domain|ip". `item` holds the
 * rest. False if the type is not one that is looked for. */
bool indicators_add_named(struct indicators *set, struct indicator_item item, struct str type);

/* A score as lists write it: 0 to 100, "75%", "high". False if it is none. */
bool indicator_score(struct str text, struct indicator_item *item);
