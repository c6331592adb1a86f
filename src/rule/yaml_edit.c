/* yaml_edit.c - see yaml_edit.h. */
#include "rule/yaml_edit.h"

static struct yaml *clone(const struct yaml *node, struct arena *arena)
{
    struct yaml *copy = ARENA_NEW(arena, struct yaml);
    *copy = *node;
    copy->next = NULL;
    return copy;
}

struct yaml *yaml_copy(const struct yaml *node, struct arena *arena)
{
    struct yaml *copy = clone(node, arena);
    struct yaml **tail = &copy->child;
    for (const struct yaml *y = node->child; y; y = y->next) {
        *tail = clone(y, arena);
        tail = &(*tail)->next;
    }
    *tail = NULL;
    return copy;
}

/* Where the member hangs, or where it would be added. */
static struct yaml **place_of(struct yaml *map, struct str key)
{
    struct yaml **at = &map->child;
    while (*at && !str_eq((*at)->key, key))
        at = &(*at)->next;
    return at;
}

static void put(struct yaml **at, struct str key, struct yaml *value)
{
    value->key = key;
    value->next = *at ? (*at)->next : NULL;
    *at = value;
}

void yaml_put(struct yaml *map, struct str key, const struct yaml *value, struct arena *arena)
{
    put(place_of(map, key), key, clone(value, arena));
}

void yaml_remove(struct yaml *map, const char *key)
{
    struct yaml **at = place_of(map, str_of(key));
    if (*at)
        *at = (*at)->next;
}

static size_t count(const struct yaml *map)
{
    size_t n = 0;
    for (const struct yaml *y = map->child; y; y = y->next)
        n++;
    return n;
}

/* Nests no deeper than a parsed document. */
int yaml_merge(const struct yaml *map, const struct yaml *over, struct arena *arena,
               size_t *steps, struct yaml **ret, struct err *err)
{
    size_t cost = count(map) + count(over) * (count(map) + count(over) + 1);
    if (cost > *steps)
        return err_set(err, ERR_LIMIT, "merging the documents of this file is too much work");
    *steps -= cost;
    struct yaml *both = yaml_copy(map, arena);
    for (const struct yaml *y = over->child; y; y = y->next) {
        struct yaml **at = place_of(both, y->key);
        struct yaml *value = NULL;
        if (!*at || (*at)->type != YAML_MAP || y->type != YAML_MAP)
            value = clone(y, arena);
        else if (yaml_merge(*at, y, arena, steps, &value, err) != 0)
            return -1;
        put(at, y->key, value);
    }
    *ret = both;
    return 0;
}
