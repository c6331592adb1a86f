/* logsource.c - see logsource.h; the form of the files is told in rules/map/windows.yml. */
#include "rule/logsource.h"

#include "rule/fold.h"

static size_t count(const struct yaml *list)
{
    size_t n = 0;
    for (const struct yaml *y = list->child; y; y = y->next)
        n++;
    return n;
}

static int fail(const struct yaml *at, const char *what, struct err *err)
{
    return err_set(err, ERR_INVALID, "line %u: %s", at->line, what);
}

static int read_kind(const struct yaml *feed, enum event_kind *ret, struct err *err)
{
    struct str name = yaml_text(feed, "kind");
    *ret = EVENT_WINDOWS;
    if (name.n == 0)
        return 0;
    for (int k = 0; k < EVENT_KINDS; k++) {
        if (str_eq(str_of(event_kind_name((enum event_kind)k)), name)) {
            *ret = (enum event_kind)k;
            return 0;
        }
    }
    return fail(feed, "unknown kind of event", err);
}

static void read_swap(struct arena *arena, struct str from, struct str to, struct swap *ret)
{
    *ret = (struct swap){fold_str(from, arena), to};
}

/* {from: to, from: [to, to]}: one row for each `to`. */
static struct swap *read_swaps(struct arena *arena, const struct yaml *map, size_t *n)
{
    *n = 0;
    if (!map || map->type != YAML_MAP)
        return NULL;
    size_t most = 0;
    for (const struct yaml *y = map->child; y; y = y->next)
        most += y->type == YAML_LIST ? count(y) : 1;
    struct swap *rows = ARENA_ARRAY(arena, struct swap, most);
    for (const struct yaml *y = map->child; y; y = y->next) {
        if (y->type != YAML_LIST) {
            read_swap(arena, y->key, y->text, &rows[(*n)++]);
            continue;
        }
        for (const struct yaml *to = y->child; to; to = to->next)
            read_swap(arena, y->key, to->text, &rows[(*n)++]);
    }
    return rows;
}

static int read_view(struct compiler *c, const struct yaml *y, struct view *ret,
                     struct err *err)
{
    ret->field = names_intern(c->names, y->key);
    const struct yaml *join = y->type == YAML_MAP ? yaml_get(y, "join") : y;
    if (!join || (y->type == YAML_MAP && join->type != YAML_LIST) || y->type == YAML_LIST)
        return fail(y, "a field needs a name or join: [...]", err);
    bool is_list = join->type == YAML_LIST;
    ret->n_from = is_list ? count(join) : 1;
    ret->from = ARENA_ARRAY(c->arena, uint32_t, ret->n_from);
    const struct yaml *name = is_list ? join->child : join;
    for (size_t i = 0; i < ret->n_from; i++, name = name->next)
        ret->from[i] = names_intern(c->names, name->text);
    ret->with = yaml_text(y, "with");
    ret->values = read_swaps(c->arena, yaml_get(y, "values"), &ret->n_values);
    ret->prefixes = read_swaps(c->arena, yaml_get(y, "prefixes"), &ret->n_prefixes);
    return 0;
}

static int read_views(struct compiler *c, const struct yaml *fields, struct feed *feed,
                      struct err *err)
{
    if (!fields)
        return 0;
    if (fields->type != YAML_MAP)
        return fail(fields, "fields must be a map", err);
    feed->views = ARENA_ARRAY(c->arena, struct view, count(fields));
    for (const struct yaml *y = fields->child; y; y = y->next) {
        if (read_view(c, y, &feed->views[feed->n_views++], err) != 0)
            return -1;
    }
    return 0;
}

static void read_lacks(struct arena *arena, const struct yaml *y, struct feed *feed)
{
    const struct yaml *lacks = yaml_get(y, "lacks");
    feed->lacks = lacks ? ARENA_ARRAY(arena, struct str, count(lacks)) : NULL;
    for (const struct yaml *i = lacks ? lacks->child : NULL; i; i = i->next)
        feed->lacks[feed->n_lacks++] = i->text;
}

static int read_class(struct arena *arena, const struct yaml *y, struct feed *feed,
                      struct err *err)
{
    const struct yaml *channels = yaml_get(y, "channels");
    const struct yaml *ids = yaml_get(y, "event_ids");
    feed->channels = channels ? ARENA_ARRAY(arena, struct str, count(channels)) : NULL;
    for (const struct yaml *i = channels ? channels->child : NULL; i; i = i->next)
        feed->channels[feed->n_channels++] = fold_str(i->text, arena);
    feed->event_ids = ids ? ARENA_ARRAY(arena, uint32_t, count(ids)) : NULL;
    for (const struct yaml *i = ids ? ids->child : NULL; i; i = i->next) {
        if (i->type != YAML_INT || i->integer < 0 || i->integer > UINT32_MAX)
            return fail(i, "an EventID must be a number", err);
        feed->event_ids[feed->n_event_ids++] = (uint32_t)i->integer;
    }
    return 0;
}

static void append(struct logsource_map *map, struct feed *feed)
{
    map->feeds = arena_grow(map->arena, map->feeds, map->n, &map->cap, sizeof(struct feed *));
    map->feeds[map->n++] = feed;
}

static int read_feed(struct logsource_map *map, struct compiler *c, const struct yaml *entry,
                     const struct yaml *y, struct err *err)
{
    struct feed *feed = ARENA_NEW(map->arena, struct feed);
    feed->product = yaml_text(entry, "product");
    feed->category = yaml_text(entry, "category");
    feed->service = yaml_text(entry, "service");
    const struct yaml *conditions = yaml_get(y, "conditions");
    if (y->type != YAML_MAP)
        return fail(y, "a feed must be a map", err);
    if (read_kind(y, &feed->kind, err) != 0 || read_class(map->arena, y, feed, err) != 0 ||
        read_views(c, yaml_get(y, "fields"), feed, err) != 0)
        return -1;
    if (conditions && sigma_selection(c, conditions, &feed->conditions, err) != 0)
        return -1;
    read_lacks(map->arena, y, feed);
    feed->base = map->n_views;
    map->n_views += (uint32_t)feed->n_views;
    append(map, feed);
    return 0;
}

int logsource_add(struct logsource_map *map, struct compiler *c, struct str text,
                  struct err *err)
{
    struct yaml *document = NULL;
    if (yaml_parse(text, map->arena, &document, err) != 0)
        return -1;
    const struct yaml *entries = yaml_get(document, "map");
    if (!entries || entries->type != YAML_LIST)
        return err_set(err, ERR_INVALID, "no list 'map'");
    for (const struct yaml *entry = entries->child; entry; entry = entry->next) {
        const struct yaml *feeds = yaml_get(entry, "feeds");
        if (!feeds || feeds->type != YAML_LIST)
            return fail(entry, "no list 'feeds'", err);
        for (const struct yaml *y = feeds->child; y; y = y->next) {
            if (read_feed(map, c, entry, y, err) != 0)
                return -1;
        }
    }
    return 0;
}

/* ---- finding ---- */

struct wanted {
    struct str product;
    struct str category;
    struct str service;
};

/* A rule without a product takes the feeds of Windows too (antivirus). */
static bool product_fits(const struct feed *feed, struct str product)
{
    return str_ieq(feed->product, product) ||
           (product.n == 0 && str_ieq(feed->product, STR("windows")));
}

static bool share_channel(const struct feed *a, const struct feed *b)
{
    for (size_t i = 0; i < a->n_channels; i++) {
        for (size_t k = 0; k < b->n_channels; k++) {
            if (str_eq(a->channels[i], b->channels[k]))
                return true;
        }
    }
    return false;
}

/* Whether the service that the rule names beside its category covers the feed. */
static bool service_covers(const struct logsource_map *map, const struct feed *feed,
                           const struct wanted *w)
{
    for (size_t i = 0; i < map->n; i++) {
        const struct feed *f = map->feeds[i];
        if (f->category.n == 0 && f->service.n && str_ieq(f->service, w->service) &&
            product_fits(f, w->product) && f->kind == feed->kind &&
            (f->n_channels == 0 || share_channel(f, feed)))
            return true;
    }
    return false;
}

static bool feeds_rule(const struct logsource_map *map, const struct feed *feed,
                       const struct wanted *w)
{
    if (!product_fits(feed, w->product) || !str_ieq(feed->category, w->category))
        return false;
    if (str_ieq(feed->service, w->service))
        return w->product.n + w->category.n + w->service.n > 0 &&
               (w->category.n + w->service.n > 0 || str_ieq(feed->product, w->product));
    return w->category.n && feed->service.n == 0 && service_covers(map, feed, w);
}

size_t logsource_find(const struct logsource_map *map, const struct yaml *logsource,
                      struct arena *arena, const struct feed ***ret)
{
    struct wanted w = {.product = yaml_text(logsource, "product"),
                       .category = yaml_text(logsource, "category"),
                       .service = yaml_text(logsource, "service")};
    size_t n = 0;
    for (size_t i = 0; i < map->n; i++)
        n += feeds_rule(map, map->feeds[i], &w);
    const struct feed **found = ARENA_ARRAY(arena, const struct feed *, n);
    size_t at = 0;
    for (size_t i = 0; i < map->n; i++) {
        if (feeds_rule(map, map->feeds[i], &w))
            found[at++] = map->feeds[i];
    }
    *ret = found;
    return n;
}

bool logsource_takes(const struct feed *feed, const struct event *head, struct str channel)
{
    if (feed->kind != head->kind)
        return false;
    bool channel_fits = feed->n_channels == 0;
    for (size_t i = 0; i < feed->n_channels && !channel_fits; i++)
        channel_fits = str_eq(feed->channels[i], channel);
    bool id_fits = feed->n_event_ids == 0;
    for (size_t i = 0; i < feed->n_event_ids && !id_fits; i++)
        id_fits = feed->event_ids[i] == head->event_id;
    return channel_fits && id_fits;
}

static bool lacks(const struct feed *feed, const struct names *names, uint32_t field)
{
    if (field == FIELD_KEYWORD)
        return false;
    for (size_t i = 0; i < feed->n_lacks; i++) {
        if (str_ieq(feed->lacks[i], names->list[field]))
            return true;
    }
    return false;
}

/* As deep as the evaluator goes. */
static bool reduces(const struct feed *feed, const struct names *names, const struct node *node,
                    bool negated)
{
    if (node->kind == NODE_ITEM)
        return negated != node->item->negate && lacks(feed, names, node->item->field);
    if (node->kind == NODE_NOT)
        negated = !negated;
    for (uint32_t i = 0; i < node->n; i++) {
        if (reduces(feed, names, node->child[i], negated))
            return true;
    }
    return false;
}

bool logsource_reduces(const struct feed *feed, const struct names *names,
                       const struct node *rule)
{
    return feed->n_lacks && reduces(feed, names, rule, false);
}
