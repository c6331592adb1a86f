/* pipeline_doc.c - a rule's document taken apart, and put together again. */
#include "rule/pipeline_int.h"

/* ---- apart ---- */

struct pl_part *pl_part_new(struct pl_run *run, enum pl_kind kind)
{
    (void)pl_spend(run, PL_COST_PART);
    struct pl_part *part = ARENA_NEW(run->arena, struct pl_part);
    part->kind = kind;
    return part;
}

/* "field|modifier|...": values; a key without field holds keywords. */
static struct pl_part *item_of(struct pl_run *run, struct str key, const struct yaml *values)
{
    struct pl_part *item = pl_part_new(run, PL_ITEM);
    const char *bar = key.n ? memchr(key.p, '|', key.n) : NULL;
    size_t n = bar ? (size_t)(bar - key.p) : key.n;
    item->field = str_part(key, 0, n);
    item->modifiers = str_part(key, n, key.n);
    item->values = values;
    item->line = values->line;
    return item;
}

static bool is_nested(const struct yaml *y)
{
    return y->type == YAML_MAP || y->type == YAML_LIST || y->type == YAML_ANY;
}

static bool has_nested(const struct yaml *list)
{
    for (const struct yaml *y = list->child; y; y = y->next) {
        if (is_nested(y))
            return true;
    }
    return false;
}

struct pl_part *pl_part_of(struct pl_run *run, const struct yaml *definition)
{
    bool is_map = definition->type == YAML_MAP;
    bool is_any = definition->type == YAML_ANY;
    if (!is_map && !is_any && (definition->type != YAML_LIST || !has_nested(definition)))
        return item_of(run, STR(""), definition);
    struct pl_part *part = pl_part_new(run, is_map ? PL_ALL : PL_ANY);
    struct pl_part **tail = &part->child;
    part->line = definition->line;
    for (const struct yaml *y = definition->child; y && !run->failed; y = y->next) {
        *tail = is_map && y->type != YAML_ANY ? item_of(run, y->key, y) : pl_part_of(run, y);
        tail = &(*tail)->next;
    }
    return part;
}

static bool is_selection(const struct yaml *y)
{
    return !str_eq(y->key, STR("condition")) && !str_eq(y->key, STR("timeframe"));
}

static void take_detection(struct pl_run *run, const struct yaml *detection, struct pl_rule *r)
{
    struct pl_selection **tail = &r->selections;
    const struct yaml *condition = yaml_get(detection, "condition");
    for (const struct yaml *y = condition ? pl_first(condition) : NULL; y;
         y = pl_after(condition, y))
        pl_name_add(run, &r->conditions, y->text);
    if (!detection || detection->type != YAML_MAP)
        return;
    for (const struct yaml *y = detection->child; y && !run->failed; y = y->next) {
        if (!is_selection(y))
            continue;
        *tail = ARENA_NEW(run->arena, struct pl_selection);
        **tail =
            (struct pl_selection){.name = y->key, .part = pl_part_of(run, y), .line = y->line};
        tail = &(*tail)->next;
    }
}

int pl_take_apart(struct pl_run *run, const struct yaml *document, struct pl_rule *ret)
{
    const struct yaml *logsource = yaml_get(document, "logsource");
    const struct yaml *fields = yaml_get(document, "fields");
    ret->document = document;
    ret->correlation = yaml_get(document, "correlation");
    ret->is_correlation = ret->correlation != NULL;
    ret->category = yaml_text(logsource, "category");
    ret->product = yaml_text(logsource, "product");
    ret->service = yaml_text(logsource, "service");
    for (const struct yaml *y = fields ? pl_first(fields) : NULL; y; y = pl_after(fields, y))
        pl_name_add(run, &ret->fields, y->text);
    take_detection(run, yaml_get(document, "detection"), ret);
    return run->failed ? -1 : 0;
}

/* ---- together ---- */

struct yaml *pl_yaml(struct pl_run *run, enum yaml_type type, struct str key, struct str text)
{
    (void)pl_spend(run, PL_COST_PART);
    struct yaml *y = ARENA_NEW(run->arena, struct yaml);
    y->type = type;
    y->key = key;
    y->text = text;
    return y;
}

void pl_place(struct yaml *node, const struct yaml *like)
{
    node->line = like->line;
    node->column = like->column;
    node->key_at = like->key_at;
    node->form = YAML_FORM_OTHER;
    node->key_form = YAML_FORM_OTHER;
}

struct yaml *pl_moved(struct pl_run *run, const struct yaml *from, struct str key)
{
    struct yaml *y = pl_yaml(run, from->type, key, from->text);
    bool same_key = str_eq(from->key, key);
    *y = *from;
    y->next = NULL;
    y->key = key;
    y->key_form = same_key ? from->key_form : YAML_FORM_OTHER;
    return y;
}

/* Takes out what was dropped. Whether anything is left. */
static bool prune(struct pl_part *part)
{
    if (part->kind == PL_ITEM || !part->child)
        return part->kind != PL_GONE;
    struct pl_part **at = &part->child;
    while (*at) {
        if (prune(*at))
            at = &(*at)->next;
        else
            *at = (*at)->next;
    }
    return part->child != NULL;
}

static struct yaml *definition(struct pl_run *run, const struct pl_part *part, struct str key);

static void add_members(struct pl_run *run, const struct pl_part *part, struct yaml ***tail)
{
    struct yaml *y = NULL;
    if (part->kind == PL_ALL) {
        for (const struct pl_part *p = part->child; p && !run->failed; p = p->next)
            add_members(run, p, tail);
        return;
    }
    if (part->kind == PL_ITEM) {
        y = pl_moved(run, part->values, pl_join(run, part->field, part->modifiers));
    } else {
        y = definition(run, part, STR(""));
        y->type = YAML_ANY;
    }
    **tail = y;
    *tail = &y->next;
}

static void add_choices(struct pl_run *run, const struct pl_part *part, struct yaml ***tail)
{
    for (const struct pl_part *p = part->child; p && !run->failed; p = p->next) {
        if (p->kind == PL_ANY) {
            add_choices(run, p, tail);
            continue;
        }
        **tail = definition(run, p, STR(""));
        *tail = &(**tail)->next;
    }
}

/* A selection: a map of what must hold, or a list of such. */
static struct yaml *definition(struct pl_run *run, const struct pl_part *part, struct str key)
{
    struct yaml *y = pl_yaml(run, part->kind == PL_ANY ? YAML_LIST : YAML_MAP, key, STR(""));
    struct yaml **tail = &y->child;
    y->line = part->line;
    if (part->kind == PL_ANY)
        add_choices(run, part, &tail);
    else
        add_members(run, part, &tail);
    return y;
}

static struct yaml *conditions(struct pl_run *run, const struct yaml *old)
{
    struct yaml *list = pl_yaml(run, YAML_LIST, STR("condition"), STR(""));
    struct yaml **tail = &list->child;
    pl_place(list, old);
    for (const struct pl_name *c = run->rule->conditions; c; c = c->next) {
        *tail = pl_yaml(run, YAML_STRING, STR(""), c->text);
        pl_place(*tail, old);
        tail = &(*tail)->next;
    }
    return list;
}

static struct yaml *detection(struct pl_run *run, const struct yaml *old)
{
    struct yaml *map = pl_yaml(run, YAML_MAP, old->key, STR(""));
    struct yaml **tail = &map->child;
    pl_place(map, old);
    for (const struct pl_selection *s = run->rule->selections; s && !run->failed; s = s->next) {
        bool had = s->part->kind == PL_ITEM || s->part->child || s->part->kind == PL_GONE;
        *tail = had && !prune(s->part) ? pl_yaml(run, YAML_ANY, s->name, STR(""))
                                       : definition(run, s->part, s->name);
        tail = &(*tail)->next;
    }
    for (const struct yaml *y = old->child; y; y = y->next) {
        if (is_selection(y))
            continue;
        bool is_condition = str_eq(y->key, STR("condition"));
        *tail = is_condition ? conditions(run, y) : pl_moved(run, y, y->key);
        tail = &(*tail)->next;
    }
    return map;
}

static struct yaml *logsource(struct pl_run *run, const struct yaml *old)
{
    const struct pl_rule *r = run->rule;
    const struct {
        struct str key, text;
    } members[] = {{STR("category"), r->category},
                   {STR("product"), r->product},
                   {STR("service"), r->service}};
    struct yaml *map = pl_yaml(run, YAML_MAP, STR("logsource"), STR(""));
    struct yaml **tail = &map->child;
    pl_place(map, old);
    for (size_t i = 0; i < 3; i++) {
        if (members[i].text.n == 0)
            continue;
        *tail = pl_yaml(run, YAML_STRING, members[i].key, members[i].text);
        tail = &(*tail)->next;
    }
    return map;
}

static struct yaml *fields(struct pl_run *run)
{
    struct yaml *list = pl_yaml(run, YAML_LIST, STR("fields"), STR(""));
    struct yaml **tail = &list->child;
    for (const struct pl_name *f = run->rule->fields; f; f = f->next) {
        *tail = pl_yaml(run, YAML_STRING, STR(""), f->text);
        tail = &(*tail)->next;
    }
    return list;
}

static struct yaml *rewritten(struct pl_run *run, const struct yaml *y)
{
    const struct pl_rule *r = run->rule;
    if (str_eq(y->key, STR("detection")) && y->type == YAML_MAP)
        return detection(run, y);
    if (str_eq(y->key, STR("logsource")) && r->new_logsource)
        return logsource(run, y);
    if (str_eq(y->key, STR("correlation")))
        return pl_moved(run, r->correlation, y->key);
    if (str_eq(y->key, STR("fields")))
        return NULL; /* below */
    for (const struct pl_pair *a = r->attributes; a; a = a->next) {
        if (str_eq(a->key, y->key))
            return NULL;
    }
    return pl_moved(run, y, y->key);
}

int pl_put_together(struct pl_run *run, const struct yaml **ret)
{
    const struct yaml *old = run->rule->document;
    struct yaml *document = pl_moved(run, old, old->key);
    struct yaml **tail = &document->child;
    *tail = NULL;
    for (const struct yaml *y = old->child; y && !run->failed; y = y->next) {
        *tail = rewritten(run, y);
        tail = *tail ? &(*tail)->next : tail;
    }
    if (run->rule->fields) {
        *tail = fields(run);
        tail = &(*tail)->next;
    }
    for (const struct pl_pair *a = run->rule->attributes; a && !run->failed; a = a->next) {
        *tail = pl_moved(run, a->value, a->key);
        tail = &(*tail)->next;
    }
    if (run->failed)
        return -1;
    *ret = document;
    return 0;
}
