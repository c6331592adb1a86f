#include "rule/logsource_name.h"

#include "rule/nearest.h"
#include "rule/rules_int.h"

enum { PARTS = 3 };
static const char *const keys[PARTS] = {"product", "category", "service"};

/* Which keys the parts may be: bits of `keys`. */
static const unsigned meanings[] = {1, 2, 4, 1 | 2, 1 | 4, 2 | 4, 1 | 2 | 4};

static unsigned bits(unsigned set)
{
    return (set & 1) + (set >> 1 & 1) + (set >> 2 & 1);
}

static struct yaml *member(struct arena *arena, const char *key, struct str text)
{
    struct yaml *y = ARENA_NEW(arena, struct yaml);
    *y = (struct yaml){.type = YAML_STRING, .key = str_of(key), .text = text};
    return y;
}

static const struct yaml *meant(struct arena *arena, const struct str *part, unsigned meaning)
{
    struct yaml *map = ARENA_NEW(arena, struct yaml);
    map->type = YAML_MAP;
    struct yaml **tail = &map->child;
    for (size_t i = 0, k = 0; i < PARTS; i++) {
        if (!(meaning >> i & 1))
            continue;
        *tail = member(arena, keys[i], part[k++]);
        tail = &(*tail)->next;
    }
    return map;
}

static size_t split(struct str text, struct str part[PARTS])
{
    size_t n = 0;
    for (size_t at = 0; n < PARTS; n++) {
        size_t end = str_find(text, STR("/"), at);
        part[n] = str_part(text, at, end);
        if (end == SIZE_MAX)
            return part[n].n ? n + 1 : 0;
        if (part[n].n == 0)
            return 0;
        at = end + 1;
    }
    return 0;
}

int logsource_named(const struct ruleset *set, struct str text, struct arena *arena,
                    const struct yaml **ret, struct err *err)
{
    struct str part[PARTS];
    size_t n = split(text, part);
    const struct feed **feeds = NULL;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        if (n == 0 || bits(meanings[i]) != n)
            continue;
        const struct yaml *y = meant(arena, part, meanings[i]);
        if (logsource_find(&set->map, y, arena, &feeds) > 0) {
            *ret = y;
            return 0;
        }
    }
    struct nearest near = nearest_to(n ? part[n - 1] : text);
    for (size_t i = 0; i < set->map.n; i++) {
        nearest_try(&near, set->map.feeds[i]->product);
        nearest_try(&near, set->map.feeds[i]->category);
        nearest_try(&near, set->map.feeds[i]->service);
    }
    (void)err_set(err, ERR_NOT_FOUND, "no evidence that is read is of log source '%.*s'",
                  (int)(text.n > 80 ? 80 : text.n), text.p);
    return near.best.n ? err_behind(err, " (did you mean '%.*s'?)", STR_ARG(near.best)) : -1;
}
