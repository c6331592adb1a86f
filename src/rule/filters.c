/* filters.c - see filters.h. */
#include "rule/filters.h"

#include "rule/yaml_edit.h"

static bool is_scalar(const struct yaml *y)
{
    return y->type != YAML_LIST && y->type != YAML_MAP && y->type != YAML_NULL;
}

static size_t count(const struct yaml *parent)
{
    size_t n = 0;
    for (const struct yaml *y = parent->child; y; y = y->next)
        n++;
    return n;
}

static int read_targets(const struct yaml *rules, struct arena *arena, struct filter *filter,
                        struct err *err)
{
    bool is_list = rules->type == YAML_LIST;
    if (!is_list && !is_scalar(rules))
        return err_set(err, ERR_INVALID,
                       "filter: 'rules' wants 'any', or the ids or names of rules");
    filter->any = is_list ? count(rules) == 0 : str_ieq(rules->text, STR("any"));
    if (filter->any)
        return 0;
    filter->targets =
        ARENA_ARRAY(arena, struct filter_target, is_list ? count(rules) : (size_t)1);
    for (const struct yaml *y = is_list ? rules->child : rules; y;
         y = is_list ? y->next : NULL) {
        if (!is_scalar(y) || y->text.n == 0)
            return err_set(err, ERR_INVALID, "filter: 'rules' has what is no id and no name");
        filter->targets[filter->n_targets++].name = y->text;
    }
    return 0;
}

static int check_detection(const struct yaml *detection, struct err *err)
{
    const struct yaml *condition = yaml_get(detection, "condition");
    if (!condition || !is_scalar(condition))
        return err_set(err, ERR_INVALID, "filter: wants one condition, as text");
    if (count(detection) < 2)
        return err_set(err, ERR_INVALID, "filter: no selection");
    return 0;
}

int filter_parse(const struct document *document, struct arena *arena, struct filter *ret,
                 struct err *err)
{
    struct filter filter = {.document = document};
    const struct yaml *part = yaml_get(document->yaml, "filter");
    if (document_check_logsource(document->yaml, err) != 0)
        return err_at(err, "filter");
    if (!part || part->type != YAML_MAP)
        return err_set(err, ERR_INVALID, "filter: 'filter' wants a map");
    const struct yaml *rules = yaml_get(part, "rules");
    if (!rules)
        return err_set(err, ERR_INVALID, "filter: no 'rules' that it is meant for");
    struct yaml *detection = yaml_copy(part, arena);
    yaml_remove(detection, "rules");
    if (read_targets(rules, arena, &filter, err) != 0 || check_detection(detection, err) != 0)
        return -1;
    filter.detection = detection;
    *ret = filter;
    return 0;
}

/* Whether the rule has all that the filter's log source says. */
static bool covers(const struct yaml *filter, const struct yaml *rule)
{
    static const char *const keys[] = {"product", "category", "service"};
    const struct yaml *wanted = yaml_get(filter, "logsource");
    const struct yaml *has = yaml_get(rule, "logsource");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct str want = yaml_text(wanted, keys[i]);
        if (want.n && !str_ieq(want, yaml_text(has, keys[i])))
            return false;
    }
    return true;
}

bool filter_applies(struct filter *filter, const struct yaml *rule)
{
    struct str id = yaml_text(rule, "id");
    struct str name = yaml_text(rule, "name");
    bool meant = filter->any;
    for (size_t i = 0; i < filter->n_targets; i++) {
        struct filter_target *t = &filter->targets[i];
        if ((id.n && str_ieq(t->name, id)) || (name.n && str_eq(t->name, name)))
            meant = t->known = true;
    }
    return meant && covers(filter->document->yaml, rule);
}

const struct yaml *filter_on(const struct filter *filter, const struct yaml *rule,
                             struct arena *arena)
{
    struct yaml *copy = yaml_copy(rule, arena);
    yaml_put(copy, STR("detection"), filter->detection, arena);
    return copy;
}
