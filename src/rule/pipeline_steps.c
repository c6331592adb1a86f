/* pipeline_steps.c - steps applied in order; those that are about the rule as a whole. */
#include "rule/pipeline_int.h"

/* ---- applying ---- */

static int apply_item(struct pl_run *run, const struct pl_step *s, struct pl_part *item)
{
    struct pl_subject on = {.item = item, .field = item->field};
    const struct pl_conditions *about_item = &s->conditions[PL_ABOUT_ITEM];
    const struct pl_conditions *about_field = &s->conditions[PL_ABOUT_FIELD];
    if (!pl_spend(run, PL_COST_TEST) || (about_item->n && !pl_holds(run, about_item, &on)) ||
        (about_field->n && !pl_holds(run, about_field, &on)))
        return run->failed ? -1 : 0;
    int changed = s->type->on_item(run, s, item);
    if (changed > 0)
        pl_mark(run, item, s->id);
    return changed < 0 || run->failed ? -1 : 0;
}

static int apply_part(struct pl_run *run, const struct pl_step *s, struct pl_part *part,
                      unsigned depth)
{
    if (part->kind == PL_GONE)
        return 0;
    if (part->kind == PL_ITEM)
        return apply_item(run, s, part);
    if (depth == PL_DEPTH_MAX)
        return pl_fail(run, "a selection is nested too deeply");
    for (struct pl_part *p = part->child; p; p = p->next) {
        if (apply_part(run, s, p, depth + 1) != 0)
            return -1;
    }
    return 0;
}

static int apply_step(struct pl_run *run, const struct pl_step *s)
{
    const struct pl_subject on = {0};
    const struct pl_conditions *about_rule = &s->conditions[PL_ABOUT_RULE];
    if (!pl_spend(run, PL_COST_TEST) || (about_rule->n && !pl_holds(run, about_rule, &on)))
        return run->failed ? -1 : 0;
    if (s->type->on_rule && s->type->on_rule(run, s) != 0)
        return -1;
    run->rule->applied = pl_ids_add(run, run->rule->applied, s->id);
    for (struct pl_selection *sel = run->rule->selections; s->type->on_item && sel;
         sel = sel->next) {
        if (apply_part(run, s, sel->part, 0) != 0)
            return -1;
    }
    return run->failed ? -1 : 0;
}

int pl_apply_steps(struct pl_run *run, const struct pl_step *steps, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (apply_step(run, &steps[i]) != 0)
            return -1;
    }
    return 0;
}

/* ---- adding conditions ---- */

/* $category, ${product}, $service; $$ is one $. Anything else stays as it is. */
static struct str fill_in(struct pl_run *run, struct str text)
{
    const struct pl_rule *r = run->rule;
    const struct {
        struct str name, value;
    } names[] = {{STR("$category"), r->category},
                 {STR("${category}"), r->category},
                 {STR("$product"), r->product},
                 {STR("${product}"), r->product},
                 {STR("$service"), r->service},
                 {STR("${service}"), r->service},
                 {STR("$$"), STR("$")}};
    struct buf out = pl_buf(run);
    for (size_t at = 0; at < text.n;) {
        size_t used = 0;
        for (size_t i = 0; i < sizeof names / sizeof names[0] && !used; i++) {
            struct str rest = str_part(text, at, text.n);
            size_t end = names[i].name.n;
            bool longer = rest.n > end && i % 2 == 0 && i < 6 &&
                          ((unsigned char)((rest.p[end] | 32) - 'a') < 26 ||
                           (unsigned char)(rest.p[end] - '0') < 10 || rest.p[end] == '_');
            if (!str_starts(rest, names[i].name) || longer)
                continue;
            /* Python writes a missing part of the log source as None. */
            buf_add_str(&out, names[i].value.n ? names[i].value : STR("None"));
            used = end;
        }
        if (!used)
            buf_add_char(&out, text.p[at]);
        at += used ? used : 1;
    }
    return pl_keep(run, &out);
}

static struct yaml *filled(struct pl_run *run, const struct yaml *from)
{
    struct yaml *y = pl_yaml(run, from->type, from->key, from->text);
    struct yaml **tail = &y->child;
    y->integer = from->integer;
    y->line = from->line;
    if (y->type == YAML_STRING)
        y->text = fill_in(run, from->text);
    for (const struct yaml *c = from->child; c && !run->failed; c = c->next) {
        *tail = filled(run, c);
        tail = &(*tail)->next;
    }
    return y;
}

/* The selection of that name, or a new one. */
static struct pl_selection *selection(struct pl_run *run, struct str name)
{
    struct pl_selection **at = &run->rule->selections;
    for (; *at; at = &(*at)->next) {
        if (name.n && str_eq((*at)->name, name))
            return *at;
    }
    *at = ARENA_NEW(run->arena, struct pl_selection);
    (*at)->name = name;
    return *at;
}

/* A name that no selection has. With '_' before it, `them` does not mean it. */
static struct str free_name(struct pl_run *run)
{
    for (;;) {
        struct str name = arena_printf(run->arena, "_cond_%u", ++run->rule->added);
        const struct pl_selection *s = run->rule->selections;
        while (s && !str_eq(s->name, name))
            s = s->next;
        if (!s || !pl_spend(run, PL_COST_PART))
            return name;
    }
}

/* "NAME and (CONDITION)"; what counts matches stays outside of the parentheses. */
static struct str linked(struct pl_run *run, struct str condition, struct str name, bool negate)
{
    struct buf out = pl_buf(run);
    size_t bar = str_find(condition, STR("|"), 0);
    struct str logic = str_part(condition, 0, bar);
    buf_add_cstr(&out, negate ? "not " : "");
    buf_add_str(&out, name);
    if (str_trim(logic).n) {
        buf_add_cstr(&out, " and (");
        buf_add_str(&out, logic);
        buf_add_cstr(&out, ")");
    }
    if (bar != SIZE_MAX) {
        buf_add_char(&out, ' ');
        buf_add_str(&out, str_part(condition, bar, condition.n));
    }
    return pl_keep(run, &out);
}

static int check_add_condition(struct pipeline *p, struct pl_step *s, struct err *err)
{
    (void)p;
    const struct yaml *y = yaml_get(s->params, "conditions");
    if (y->type != YAML_MAP || !y->child)
        return pl_fail_at(err, y, "conditions must be a map that is not empty");
    return 0;
}

static int add_condition(struct pl_run *run, const struct pl_step *s)
{
    if (run->rule->is_correlation)
        return 0;
    struct str name = yaml_text(s->params, "name");
    name = name.n ? name : free_name(run);
    struct pl_selection *sel = selection(run, name);
    const struct yaml *conditions = yaml_get(s->params, "conditions");
    sel->part =
        pl_part_of(run, pl_true(s->params, "template") ? filled(run, conditions) : conditions);
    pl_mark(run, sel->part, s->id);
    for (struct pl_name *c = run->rule->conditions; c; c = c->next)
        c->text = linked(run, c->text, name, pl_true(s->params, "negated"));
    return 0;
}

/* ---- the log source ---- */

static int check_logsource(struct pipeline *p, struct pl_step *s, struct err *err)
{
    (void)p;
    return yaml_get(s->params, "category") || yaml_get(s->params, "product") ||
                   yaml_get(s->params, "service")
               ? 0
               : pl_fail_at(err, s->params, "a log source without product, category, service");
}

static int change_logsource(struct pl_run *run, const struct pl_step *s)
{
    struct pl_rule *r = run->rule;
    if (r->is_correlation)
        return 0;
    r->category = yaml_text(s->params, "category");
    r->product = yaml_text(s->params, "product");
    r->service = yaml_text(s->params, "service");
    r->new_logsource = true;
    return 0;
}

/* ---- state and attributes ---- */

static void set_pair(struct pl_run *run, struct pl_pair **list, struct str key,
                     const struct yaml *value)
{
    while (*list && !str_eq((*list)->key, key))
        list = &(*list)->next;
    if (!*list && pl_spend(run, PL_COST_PART))
        *list = ARENA_NEW(run->arena, struct pl_pair);
    if (!*list)
        return;
    (*list)->key = key;
    (*list)->value = value;
}

static int set_state(struct pl_run *run, const struct pl_step *s)
{
    set_pair(run, &run->rule->state, yaml_text(s->params, "key"), yaml_get(s->params, "val"));
    return 0;
}

static int check_attribute(struct pipeline *p, struct pl_step *s, struct err *err)
{
    (void)p;
    static const char *const parts[] = {"detection", "logsource", "correlation", "filter",
                                        "action",    "fields",    "assay"};
    const struct yaml *y = yaml_get(s->params, "attribute");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (str_eq(str_of(parts[i]), y->text))
            return pl_fail_at(err, y, "'%s' is a part of rules and cannot be set", parts[i]);
    }
    return 0;
}

static int set_attribute(struct pl_run *run, const struct pl_step *s)
{
    set_pair(run, &run->rule->attributes, yaml_text(s->params, "attribute"),
             yaml_get(s->params, "value"));
    return 0;
}

/* ---- the list of fields ---- */

static int add_field(struct pl_run *run, const struct pl_step *s)
{
    const struct yaml *field = yaml_get(s->params, "field");
    for (const struct yaml *y = pl_first(field); y; y = pl_after(field, y))
        pl_name_add(run, &run->rule->fields, y->text);
    return 0;
}

static int remove_field(struct pl_run *run, const struct pl_step *s)
{
    const struct yaml *field = yaml_get(s->params, "field");
    for (const struct yaml *y = pl_first(field); y; y = pl_after(field, y)) {
        struct pl_name **at = &run->rule->fields;
        while (*at && !str_eq((*at)->text, y->text))
            at = &(*at)->next;
        if (*at)
            *at = (*at)->next;
    }
    return 0;
}

static int set_fields(struct pl_run *run, const struct pl_step *s)
{
    const struct yaml *fields = yaml_get(s->params, "fields");
    run->rule->fields = NULL;
    for (const struct yaml *y = pl_first(fields); y; y = pl_after(fields, y))
        pl_name_add(run, &run->rule->fields, y->text);
    return 0;
}

/* ---- failing ---- */

static int fail_with(struct pl_run *run, const struct pl_step *s)
{
    struct str message = yaml_text(s->params, "message");
    return pl_fail(run, "%.*s", (int)(message.n > 200 ? 200 : message.n), message.p);
}

static int fail_item(struct pl_run *run, const struct pl_step *s, struct pl_part *item)
{
    (void)item;
    return fail_with(run, s);
}

static int strict(struct pl_run *run, const struct pl_part *part)
{
    for (const struct pl_part *p = part->child; p; p = p->next) {
        if (strict(run, p) != 0)
            return -1;
    }
    if (!pl_spend(run, PL_COST_TEST))
        return -1;
    if (part->kind != PL_ITEM || part->field.n == 0 ||
        pl_name_has(run->rule->mapped, part->field))
        return 0;
    return pl_fail(run, "the field '%.*s' is not mapped",
                   (int)(part->field.n > 60 ? 60 : part->field.n), part->field.p);
}

static int all_mapped(struct pl_run *run, const struct pl_step *s)
{
    (void)s;
    for (const struct pl_selection *sel = run->rule->selections; sel; sel = sel->next) {
        if (strict(run, sel->part) != 0)
            return -1;
    }
    return 0;
}

/* ---- the rest ---- */

static int drop(struct pl_run *run, const struct pl_step *s, struct pl_part *item)
{
    (void)run;
    (void)s;
    item->kind = PL_GONE;
    return 1;
}

static int check_nest(struct pipeline *p, struct pl_step *s, struct err *err)
{
    return pl_steps_read(p, yaml_get(s->params, "items"), &s->nested, &s->n_nested, err);
}

static int nest(struct pl_run *run, const struct pl_step *s)
{
    return pl_apply_steps(run, s->nested, s->n_nested);
}

const struct pl_step_type pl_rule_steps[] = {
    {.name = "add_condition",
     .params = "conditions! name template negated",
     .check = check_add_condition,
     .on_rule = add_condition},
    {.name = "change_logsource",
     .params = "category product service",
     .check = check_logsource,
     .on_rule = change_logsource},
    {.name = "set_state", .params = "key! val!", .on_rule = set_state},
    {.name = "set_custom_attribute",
     .params = "attribute! value!",
     .check = check_attribute,
     .on_rule = set_attribute},
    {.name = "add_field", .params = "field!", .on_rule = add_field},
    {.name = "remove_field", .params = "field!", .on_rule = remove_field},
    {.name = "set_field", .params = "fields!", .on_rule = set_fields},
    {.name = "rule_failure", .params = "message!", .on_rule = fail_with},
    {.name = "detection_item_failure", .params = "message!", .on_item = fail_item},
    {.name = "strict_field_mapping_failure", .params = "", .on_rule = all_mapped},
    {.name = "drop_detection_item", .params = "", .on_item = drop},
    {.name = "nest", .params = "items!", .check = check_nest, .on_rule = nest},
    {0},
};

const struct pl_step_type pl_refused_steps[] = {
    {.name = "query_expression_placeholders",
     .refused = "it makes the text of a query, and here none is made"},
    {.name = "file_placeholders",
     .refused = "a pipeline reads no files; put the values into its vars"},
    {.name = "http_placeholders",
     .refused = "a pipeline asks no server; put the values into its vars"},
    {.name = "command_placeholders",
     .refused = "a pipeline runs no commands; put the values into its vars"},
    {0},
};
