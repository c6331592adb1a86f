/* yaml_edit.h - new trees out of parsed ones, which are never changed: what is copied is the
 * node itself and the list of its members; what lies below them is shared.
 */
#pragma once

#include "rule/yaml.h"

/* A copy that yaml_put and yaml_remove may be used on. It is nobody's sibling. */
struct yaml *yaml_copy(const struct yaml *node, struct arena *arena);

/* Sets a member of a copied map to a copy of `value`, in the place of an older one or at the
 * end. */
void yaml_put(struct yaml *map, struct str key, const struct yaml *value, struct arena *arena);

/* Takes a member out of a copied map, if it is there. */
void yaml_remove(struct yaml *map, const char *key);

/* A map with the members of both: where both have a member, two maps are joined in the same
 * way, anything else is what `over` says.
 *
 * steps   work left, in comparisons of keys; lowered
 * errors  ERR_LIMIT (no steps left)
 */
int yaml_merge(const struct yaml *map, const struct yaml *over, struct arena *arena,
               size_t *steps, struct yaml **ret, struct err *err);
