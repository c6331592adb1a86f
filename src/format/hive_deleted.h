/* hive_deleted.h - keys and values that were deleted from a registry hive, as far as nothing was
 * written over them.
 *
 * A deleted key's cell is given up, not cleared: in free cells stand keys, lists and values as
 * they were. A key names its parent. That reference is taken only where it can be true: a key
 * is there, in use or deleted, and was written to no earlier than the deleted one, for its own
 * time changes when a key below it is deleted. What has no such parent is given without its
 * place.
 *
 * Source: docs/formats/registry.md
 */
#pragma once

#include "format/hive.h"

#define HIVE_ORPHAN "$Orphan" /* a path starts with it where the place is not known */

struct hive_deleted;

/* h, w and arena must outlive it; w must have come to its end. */
struct hive_deleted *hive_deleted_new(const struct hive *h, const struct hive_walk *w,
                                      struct arena *arena);

/* The hive in which the cells of what it gives are read (hive_data, hive_find_value, ...). */
const struct hive *hive_deleted_view(const struct hive_deleted *d);

/* The next deleted value, or key of which no value is left: keys in the order of their places,
 * then values that belong to none of them. What is the same in a key in use is left out.
 *
 * ret        as hive_walk_next gives it; of a value without a key, key->cell is HIVE_NO_CELL
 * ret_place  whether its path is known: else it starts with HIVE_ORPHAN
 * returns 1, 0 at the end
 */
int hive_deleted_next(struct hive_deleted *d, struct hive_item *ret, bool *ret_place);
