/* pipeline_cond.c - the conditions that steps know. */
#include "rule/pipeline_int.h"
#include "rule/sigma_value.h"

/* ---- comparing ---- */

enum relation { REL_EQ, REL_NE, REL_GTE, REL_GT, REL_LTE, REL_LT, REL_IN, REL_NOT_IN };

static const char *const relations[] = {"eq", "ne", "gte", "gt", "lte", "lt", "in", "not_in"};

static enum relation relation_of(const struct yaml *params)
{
    struct str op = yaml_text(params, "op");
    for (size_t i = 0; i < sizeof relations / sizeof relations[0]; i++) {
        if (str_eq(str_of(relations[i]), op))
            return (enum relation)i;
    }
    return REL_EQ;
}

static int check_relation(const struct yaml *params, size_t n, struct err *err)
{
    const struct yaml *op = yaml_get(params, "op");
    bool known = !op;
    for (size_t i = 0; i < n && op; i++)
        known = known || str_eq(str_of(relations[i]), op->text);
    return known ? 0 : pl_fail_at(err, op, "unknown relation '%.*s'", STR_ARG(op->text));
}

static bool related(enum relation relation, int order)
{
    switch (relation) {
    case REL_EQ:
    case REL_IN:
        return order == 0;
    case REL_NE:
    case REL_NOT_IN:
        return order != 0;
    case REL_GTE:
        return order >= 0;
    case REL_GT:
        return order > 0;
    case REL_LTE:
        return order <= 0;
    case REL_LT:
        return order < 0;
    }
    return false;
}

static bool as_number(const struct yaml *y, struct number *ret)
{
    if (y->type != YAML_INT && y->type != YAML_FLOAT && y->type != YAML_BOOL)
        return false;
    *ret = number_of(y->integer);
    return y->type == YAML_BOOL || number_parse(y->text, ret) || y->type == YAML_INT;
}

/* Whether two scalars can be compared: numbers with numbers, texts with texts. */
static bool compare(const struct yaml *a, const struct yaml *b, int *ret)
{
    struct number x;
    struct number y;
    if (as_number(a, &x) && as_number(b, &y)) {
        *ret = number_compare(x, y);
        return true;
    }
    if (a->type == YAML_STRING && b->type == YAML_STRING) {
        *ret = str_cmp(a->text, b->text);
        return true;
    }
    *ret = 0;
    return a->type == YAML_NULL && b->type == YAML_NULL;
}

/* ---- about the run: state, steps applied ---- */

static int check_state(struct pipeline *p, struct pl_condition *c, struct err *err)
{
    (void)p;
    return check_relation(c->params, REL_IN, err);
}

static bool state_holds(struct pl_run *run, const struct pl_condition *c,
                        const struct pl_subject *on)
{
    (void)on;
    struct str key = yaml_text(c->params, "key");
    enum relation relation = relation_of(c->params);
    int order = 0;
    for (const struct pl_pair *s = run->rule->state; s; s = s->next) {
        if (!str_eq(s->key, key))
            continue;
        if (!compare(s->value, yaml_get(c->params, "val"), &order))
            return relation == REL_NE;
        return related(relation, order);
    }
    return false;
}

static bool rule_applied(struct pl_run *run, const struct pl_condition *c,
                         const struct pl_subject *on)
{
    (void)on;
    return pl_ids_have(run->rule->applied, yaml_text(c->params, "processing_item_id"));
}

static bool item_applied(struct pl_run *run, const struct pl_condition *c,
                         const struct pl_subject *on)
{
    (void)run;
    return pl_ids_have(on->item->applied, yaml_text(c->params, "processing_item_id"));
}

static bool field_applied(struct pl_run *run, const struct pl_condition *c,
                          const struct pl_subject *on)
{
    if (on->item)
        return item_applied(run, c, on);
    for (const struct pl_field *f = run->rule->field_applied; f; f = f->next) {
        if (str_eq(f->field, on->field))
            return pl_ids_have(f->applied, yaml_text(c->params, "processing_item_id"));
    }
    return false;
}

/* ---- about the rule ---- */

static int check_logsource(struct pipeline *p, struct pl_condition *c, struct err *err)
{
    (void)p;
    return yaml_get(c->params, "category") || yaml_get(c->params, "product") ||
                   yaml_get(c->params, "service")
               ? 0
               : pl_fail_at(err, c->params, "a log source without product, category, service");
}

static bool same_or_unasked(const struct yaml *params, const char *key, struct str have)
{
    const struct yaml *y = yaml_get(params, key);
    return !y || y->type == YAML_NULL || str_eq(y->text, have);
}

static bool logsource_holds(struct pl_run *run, const struct pl_condition *c,
                            const struct pl_subject *on)
{
    (void)on;
    const struct pl_rule *r = run->rule;
    return !r->is_correlation && same_or_unasked(c->params, "category", r->category) &&
           same_or_unasked(c->params, "product", r->product) &&
           same_or_unasked(c->params, "service", r->service);
}

static bool value_is(struct pl_run *run, const struct pl_value *v, const struct yaml *want)
{
    struct number a;
    struct number b;
    switch (v->kind) {
    case PL_TEXT:
        return want->type == YAML_STRING &&
               str_eq(v->coded, sigma_value_code(want->text, run->arena));
    case PL_NUMBER:
        return want->type != YAML_BOOL && as_number(v->node, &a) && as_number(want, &b) &&
               number_compare(a, b) == 0;
    case PL_BOOL:
        return want->type == YAML_BOOL && v->node->integer == want->integer;
    case PL_NULL:
    case PL_REGEX:
    case PL_FIELDREF:
    case PL_OPAQUE:
        return false;
    }
    return false;
}

static bool part_has(struct pl_run *run, const struct pl_part *part, struct str field,
                     const struct yaml *value)
{
    if (!pl_spend(run, PL_COST_TEST))
        return false;
    for (const struct pl_part *p = part->child; p; p = p->next) {
        if (part_has(run, p, field, value))
            return true;
    }
    if (part->kind != PL_ITEM || part->field.n == 0 || !str_eq(part->field, field))
        return false;
    if (!value)
        return true;
    for (const struct pl_value *v = pl_values(run, part); v; v = v->next) {
        if (value_is(run, v, value))
            return true;
    }
    return false;
}

static bool rule_has(struct pl_run *run, const struct pl_condition *c,
                     const struct pl_subject *on)
{
    (void)on;
    struct str field = yaml_text(c->params, "field");
    for (const struct pl_selection *s = run->rule->selections; s; s = s->next) {
        if (part_has(run, s->part, field, yaml_get(c->params, "value")))
            return true;
    }
    return false;
}

static bool is_rule(struct pl_run *run, const struct pl_condition *c,
                    const struct pl_subject *on)
{
    (void)c;
    (void)on;
    return !run->rule->is_correlation;
}

static bool is_correlation(struct pl_run *run, const struct pl_condition *c,
                           const struct pl_subject *on)
{
    (void)c;
    (void)on;
    return run->rule->is_correlation;
}

static bool tag_holds(struct pl_run *run, const struct pl_condition *c,
                      const struct pl_subject *on)
{
    (void)on;
    struct str tag = yaml_text(c->params, "tag");
    const struct yaml *tags = yaml_get(run->rule->document, "tags");
    for (const struct yaml *y = tags ? tags->child : NULL; y; y = y->next) {
        if (str_eq(y->text, tag))
            return true;
    }
    return false;
}

/* ---- a rule's attributes ---- */

static const char *const levels[] = {"informational", "low",      "medium",
                                     "high",          "critical", NULL};
static const char *const statuses[] = {"unsupported", "deprecated", "experimental",
                                       "test",        "stable",     NULL};

static int place_in(const char *const *words, struct str word)
{
    for (int i = 0; words[i]; i++) {
        if (str_ieq(str_of(words[i]), word))
            return i;
    }
    return -1;
}

/* "2024-05-01" or "2024/05/01" as a number that grows with the day. */
static bool date_parse(struct str text, int *ret)
{
    int v = 0;
    if (text.n != 10)
        return false;
    for (size_t i = 0; i < 10; i++) {
        char c = text.p[i];
        bool is_mark = i == 4 || i == 7;
        if (is_mark ? c != '-' && c != '/' : c < '0' || c > '9')
            return false;
        v = is_mark ? v : v * 10 + (c - '0');
    }
    *ret = v;
    return true;
}

static const struct yaml *attribute_of(const struct pl_rule *rule, struct str name)
{
    for (const struct pl_pair *a = rule->attributes; a; a = a->next) {
        if (str_eq(a->key, name))
            return a->value;
    }
    for (const struct yaml *y = rule->document->child; y; y = y->next) {
        if (str_eq(y->key, name))
            return y;
    }
    return NULL;
}

static bool list_holds(const struct yaml *list, const struct yaml *want, enum relation relation)
{
    bool found = false;
    int order = 0;
    for (const struct yaml *y = list->child; y && !found; y = y->next)
        found = compare(y, want, &order) && order == 0;
    return relation == REL_IN       ? found
           : relation == REL_NOT_IN ? !found
                                    : relation == REL_NE; /* a list equals no single value */
}

static bool ranked(struct pl_run *run, const char *const *words, const struct yaml *have,
                   const struct yaml *want, enum relation relation)
{
    int a = place_in(words, have->text);
    int b = place_in(words, want->text);
    if (b < 0)
        return pl_fail(run, "'%.*s' is no level or status", STR_ARG(want->text)) == 0;
    return a >= 0 && related(relation, a - b);
}

static bool attribute_holds(struct pl_run *run, const struct pl_condition *c,
                            const struct pl_subject *on)
{
    (void)on;
    struct str name = yaml_text(c->params, "attribute");
    const struct yaml *want = yaml_get(c->params, "value");
    const struct yaml *have = attribute_of(run->rule, name);
    enum relation relation = relation_of(c->params);
    int a = 0;
    int b = 0;
    if (!have || have->type == YAML_NULL || have->type == YAML_MAP)
        return false;
    if (have->type == YAML_LIST)
        return list_holds(have, want, relation);
    if (relation == REL_IN || relation == REL_NOT_IN)
        return false;
    if (str_eq(name, STR("level")))
        return ranked(run, levels, have, want, relation);
    if (str_eq(name, STR("status")))
        return ranked(run, statuses, have, want, relation);
    bool is_date = str_eq(name, STR("date")) || str_eq(name, STR("modified"));
    if (is_date && date_parse(have->text, &a) && date_parse(want->text, &b))
        return related(relation, a - b);
    if (have->type == YAML_STRING && relation != REL_EQ && relation != REL_NE)
        return pl_fail(run, "the rule's '%.*s' is text, which is only equal or not",
                       STR_ARG(name)) == 0;
    if (!compare(have, want, &a))
        return relation == REL_NE;
    return related(relation, a);
}

static int check_attribute(struct pipeline *p, struct pl_condition *c, struct err *err)
{
    (void)p;
    return check_relation(c->params, sizeof relations / sizeof relations[0], err);
}

/* ---- about an item: its values ---- */

static int check_cond(struct pipeline *p, struct pl_condition *c, struct err *err)
{
    (void)p;
    const struct yaml *cond = yaml_get(c->params, "cond");
    return str_eq(cond->text, STR("any")) || str_eq(cond->text, STR("all"))
               ? 0
               : pl_fail_at(err, cond, "cond must be 'any' or 'all'");
}

static int check_pattern(struct pipeline *p, struct pl_condition *c, struct err *err)
{
    c->regexes = ARENA_ARRAY(p->arena, struct regex *, 1);
    c->regexes[0] = pl_regex_new(p, yaml_get(c->params, "pattern"), err);
    c->n_regexes = 1;
    return c->regexes[0] ? check_cond(p, c, err) : -1;
}

static bool starts_with(struct pl_run *run, const struct regex *r, struct str text)
{
    if (!pl_spend(run, PL_COST_REGEX + text.n))
        return false;
    enum regex_result result = regex_find(r, text, 0, true, NULL, 0, run->pipeline->scratch);
    if (result == REGEX_LIMIT)
        (void)pl_fail(run, "a regular expression of the pipeline was given up");
    return result == REGEX_YES;
}

/* pySigma asks for a match at the start of the text, not anywhere in it. */
static bool matches_string(struct pl_run *run, const struct pl_condition *c,
                           const struct pl_value *v)
{
    bool result =
        v->kind == PL_TEXT && starts_with(run, c->regexes[0], pl_shown(run, v->coded));
    return result != pl_true(c->params, "negate");
}

static bool matches_value(struct pl_run *run, const struct pl_condition *c,
                          const struct pl_value *v)
{
    return value_is(run, v, yaml_get(c->params, "value"));
}

static bool has_wildcard(struct pl_run *run, const struct pl_condition *c,
                         const struct pl_value *v)
{
    (void)run;
    (void)c;
    if (v->kind != PL_TEXT)
        return false;
    for (size_t i = 0; i < v->coded.n; i++) {
        if ((unsigned char)v->coded.p[i] == CODED_STAR ||
            (unsigned char)v->coded.p[i] == CODED_ONE)
            return true;
    }
    return false;
}

static bool is_null(struct pl_run *run, const struct pl_condition *c, const struct pl_value *v)
{
    (void)run;
    (void)c;
    return v->kind == PL_NULL;
}

static bool
values_hold(struct pl_run *run, const struct pl_condition *c, const struct pl_part *item,
            bool (*one)(struct pl_run *, const struct pl_condition *, const struct pl_value *))
{
    bool any = str_eq(yaml_text(c->params, "cond"), STR("any"));
    for (const struct pl_value *v = pl_values(run, item); v; v = v->next) {
        if (one(run, c, v) == any)
            return any;
    }
    return !any;
}

static bool match_string(struct pl_run *run, const struct pl_condition *c,
                         const struct pl_subject *on)
{
    return values_hold(run, c, on->item, matches_string);
}

static bool match_value(struct pl_run *run, const struct pl_condition *c,
                        const struct pl_subject *on)
{
    return values_hold(run, c, on->item, matches_value);
}

static bool contains_wildcard(struct pl_run *run, const struct pl_condition *c,
                              const struct pl_subject *on)
{
    return values_hold(run, c, on->item, has_wildcard);
}

static bool values_null(struct pl_run *run, const struct pl_condition *c,
                        const struct pl_subject *on)
{
    return values_hold(run, c, on->item, is_null);
}

/* ---- about a field ---- */

static int check_fields(struct pipeline *p, struct pl_condition *c, struct err *err)
{
    const struct yaml *fields = yaml_get(c->params, "fields");
    const struct yaml *mode = yaml_get(c->params, "mode");
    if (fields->type != YAML_LIST)
        return pl_fail_at(err, fields, "fields must be a list");
    if (!mode || str_eq(mode->text, STR("plain")))
        return 0;
    if (!str_eq(mode->text, STR("re")))
        return pl_fail_at(err, mode, "mode must be 'plain' or 're'");
    size_t n = 0;
    for (const struct yaml *y = fields->child; y; y = y->next)
        n++;
    c->regexes = ARENA_ARRAY(p->arena, struct regex *, n);
    for (const struct yaml *y = fields->child; y; y = y->next) {
        c->regexes[c->n_regexes] = pl_regex_new(p, y, err);
        if (!c->regexes[c->n_regexes++])
            return -1;
    }
    return 0;
}

static bool is_listed(struct pl_run *run, const struct pl_condition *c, struct str field)
{
    if (field.n == 0)
        return false;
    for (size_t i = 0; i < c->n_regexes; i++) {
        if (starts_with(run, c->regexes[i], field))
            return true;
    }
    const struct yaml *fields = yaml_get(c->params, "fields");
    for (const struct yaml *y = c->n_regexes ? NULL : fields->child; y; y = y->next) {
        if (str_eq(y->text, field))
            return true;
    }
    return false;
}

/* A name, or for an item: its field, or a field that one of its values refers to. */
static bool by_name(struct pl_run *run, const struct pl_condition *c,
                    const struct pl_subject *on, bool want)
{
    if (is_listed(run, c, on->field) == want)
        return true;
    if (on->by_name || !pl_has_modifier(on->item->modifiers, "fieldref"))
        return false;
    for (const struct pl_value *v = pl_values(run, on->item); v; v = v->next) {
        if (v->kind == PL_FIELDREF && is_listed(run, c, v->node->text) == want)
            return true;
    }
    return false;
}

static bool include_fields(struct pl_run *run, const struct pl_condition *c,
                           const struct pl_subject *on)
{
    return by_name(run, c, on, true);
}

static bool exclude_fields(struct pl_run *run, const struct pl_condition *c,
                           const struct pl_subject *on)
{
    return by_name(run, c, on, false);
}

/* ---- tables ---- */

static const struct pl_condition_type about_rule[] = {
    {"logsource", "category product service", check_logsource, logsource_holds},
    {"contains_detection_item", "field! value!", NULL, rule_has},
    {"contains_field", "field!", NULL, rule_has},
    {"processing_item_applied", "processing_item_id!", NULL, rule_applied},
    {"processing_state", "key! val! op", check_state, state_holds},
    {"is_sigma_rule", "", NULL, is_rule},
    {"is_sigma_correlation_rule", "", NULL, is_correlation},
    {"rule_attribute", "attribute! value! op", check_attribute, attribute_holds},
    {"tag", "tag!", NULL, tag_holds},
    {0},
};

static const struct pl_condition_type about_item[] = {
    {"match_string", "cond! pattern! negate", check_pattern, match_string},
    {"match_value", "cond! value!", check_cond, match_value},
    {"contains_wildcard", "cond!", check_cond, contains_wildcard},
    {"is_null", "cond!", check_cond, values_null},
    {"processing_item_applied", "processing_item_id!", NULL, item_applied},
    {"processing_state", "key! val! op", check_state, state_holds},
    {0},
};

static const struct pl_condition_type about_field[] = {
    {"include_fields", "fields! mode", check_fields, include_fields},
    {"exclude_fields", "fields! mode", check_fields, exclude_fields},
    {"processing_item_applied", "processing_item_id!", NULL, field_applied},
    {"processing_state", "key! val! op", check_state, state_holds},
    {0},
};

const struct pl_condition_type *pl_condition_types(enum pl_about about)
{
    return about == PL_ABOUT_RULE   ? about_rule
           : about == PL_ABOUT_ITEM ? about_item
                                    : about_field;
}
