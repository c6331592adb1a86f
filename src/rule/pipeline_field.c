/* pipeline_field.c - steps that rename fields: in selections, in references to other
 * fields, in a rule's `fields`, in correlations. */
#include "rule/pipeline_int.h"
#include "rule/sigma_value.h"

static struct pl_name *one(struct pl_run *run, struct str text)
{
    struct pl_name *list = NULL;
    pl_name_add(run, &list, text);
    return list;
}

/* ---- the ways of renaming ---- */

static bool is_keyword_key(struct str key)
{
    return key.n == 0 || str_eq(key, STR("null")) || str_eq(key, STR("~"));
}

static struct pl_name *from_mapping(struct pl_run *run, const struct pl_step *s,
                                    struct str field)
{
    struct pl_name *list = NULL;
    const struct yaml *mapping = yaml_get(s->params, "mapping");
    for (const struct yaml *y = mapping ? mapping->child : NULL; y; y = y->next) {
        if (field.n ? !str_eq(y->key, field) : !is_keyword_key(y->key))
            continue;
        for (const struct yaml *to = pl_first(y); to; to = pl_after(y, to))
            pl_name_add(run, &list, to->text);
        return list;
    }
    return NULL;
}

static struct pl_name *from_prefixes(struct pl_run *run, const struct pl_step *s,
                                     struct str field)
{
    struct pl_name *list = NULL;
    const struct yaml *mapping = yaml_get(s->params, "mapping");
    for (const struct yaml *y = mapping->child; y && field.n; y = y->next) {
        if (!str_starts(field, y->key))
            continue;
        for (const struct yaml *to = pl_first(y); to; to = pl_after(y, to))
            pl_name_add(run, &list, pl_join(run, to->text, str_part(field, y->key.n, field.n)));
        return list;
    }
    return NULL;
}

static struct pl_name *with_prefix(struct pl_run *run, const struct pl_step *s,
                                   struct str field)
{
    return field.n ? one(run, pl_join(run, yaml_text(s->params, "prefix"), field)) : NULL;
}

static struct pl_name *with_suffix(struct pl_run *run, const struct pl_step *s,
                                   struct str field)
{
    return field.n ? one(run, pl_join(run, field, yaml_text(s->params, "suffix"))) : NULL;
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
    return is_upper(c) || (c >= 'a' && c <= 'z');
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

/* Field names are ASCII; other letters stay as they are. */
static struct str transformed(struct pl_run *run, struct str how, struct str field)
{
    struct buf out = pl_buf(run);
    for (size_t i = 0; i < field.n; i++) {
        char c = field.p[i];
        bool starts = i == 0 || !is_letter(field.p[i - 1]);
        if (str_eq(how, STR("snake_case")) && i > 0 && is_upper(c))
            buf_add_char(&out, '_');
        bool raise = str_eq(how, STR("upper")) || (str_eq(how, STR("title")) && starts);
        buf_add_char(&out, raise ? upper(c) : ascii_lower(c));
    }
    return pl_keep(run, &out);
}

static struct pl_name *by_function(struct pl_run *run, const struct pl_step *s,
                                   struct str field)
{
    if (field.n == 0)
        return NULL;
    struct pl_name *listed = from_mapping(run, s, field);
    return listed ? listed
                  : one(run, transformed(run, yaml_text(s->params, "transform_func"), field));
}

/* ---- checks ---- */

static int check_mapping(struct pipeline *p, struct pl_step *s, struct err *err)
{
    (void)p;
    const struct yaml *mapping = yaml_get(s->params, "mapping");
    if (mapping && mapping->type != YAML_MAP)
        return pl_fail_at(err, mapping, "mapping must be a map");
    for (const struct yaml *y = mapping ? mapping->child : NULL; y; y = y->next) {
        if (y->type == YAML_LIST && !y->child)
            return pl_fail_at(err, y, "a field mapped to nothing; drop_detection_item drops");
        for (const struct yaml *to = pl_first(y); to; to = pl_after(y, to)) {
            if (to->type == YAML_LIST || to->type == YAML_MAP || to->type == YAML_NULL ||
                to->text.n == 0)
                return pl_fail_at(err, to, "a field must be mapped to a name or to names");
        }
    }
    return 0;
}

static int check_prefixes(struct pipeline *p, struct pl_step *s, struct err *err)
{
    const struct yaml *mapping = yaml_get(s->params, "mapping");
    for (const struct yaml *y = mapping->child; y; y = y->next) {
        if (y->key.n == 0)
            return pl_fail_at(err, y, "an empty prefix");
    }
    return check_mapping(p, s, err);
}

static int check_function(struct pipeline *p, struct pl_step *s, struct err *err)
{
    static const char *const ways[] = {"lower", "upper", "title", "snake_case"};
    const struct yaml *way = yaml_get(s->params, "transform_func");
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (str_eq(str_of(ways[i]), way->text))
            return check_mapping(p, s, err);
    }
    return pl_fail_at(err, way, "transform_func must be lower, upper, title or snake_case");
}

/* ---- names outside of selections ---- */

static bool name_fits(struct pl_run *run, const struct pl_step *s, const struct pl_part *item,
                      struct str field)
{
    const struct pl_conditions *c = &s->conditions[PL_ABOUT_FIELD];
    struct pl_subject on = {.item = item, .field = field, .by_name = true};
    return c->n == 0 || pl_holds(run, c, &on);
}

/* Keeps which steps have renamed what became these names. */
static void track(struct pl_run *run, const struct pl_step *s, struct str from,
                  const struct pl_name *to)
{
    const struct pl_ids *ids = NULL;
    if (to && !to->next && str_eq(to->text, from))
        return;
    for (struct pl_field **f = &run->rule->field_applied; *f;) {
        if (str_eq((*f)->field, from)) {
            ids = (*f)->applied;
            *f = (*f)->next;
        } else {
            f = &(*f)->next;
        }
    }
    ids = pl_ids_add(run, ids, s->id);
    for (; to && pl_spend(run, PL_COST_PART); to = to->next) {
        struct pl_field *f = ARENA_NEW(run->arena, struct pl_field);
        *f = (struct pl_field){to->text, ids, run->rule->field_applied};
        run->rule->field_applied = f;
    }
}

static struct pl_name *renamed(struct pl_run *run, const struct pl_step *s, struct str field)
{
    struct pl_name *to = s->type->rename(run, s, field);
    if (!to || !name_fits(run, s, NULL, field))
        return one(run, field);
    track(run, s, field, to);
    return to;
}

static void rename_fields(struct pl_run *run, const struct pl_step *s)
{
    struct pl_name *all = NULL;
    struct pl_name **tail = &all;
    for (const struct pl_name *f = run->rule->fields; f && !run->failed; f = f->next) {
        *tail = renamed(run, s, f->text);
        while (*tail)
            tail = &(*tail)->next;
    }
    run->rule->fields = all;
}

/* ---- correlations ---- */

struct renaming {
    struct pl_run *run;
    const struct pl_step *step;
    const struct yaml *aliases;
};

/* A copy of a tree in which names of fields are renamed. `depth` bounds what evidence-like
 * input may nest: YAML has its own limit, this repeats it. */
static struct yaml *copy(struct renaming *r, const struct yaml *from, bool are_names,
                         bool only_one, unsigned depth);

static bool is_alias(const struct renaming *r, struct str name)
{
    for (const struct yaml *y = r->aliases ? r->aliases->child : NULL; y; y = y->next) {
        if (str_eq(y->key, name))
            return true;
    }
    return false;
}

static void copy_names(struct renaming *r, const struct yaml *from, bool only_one,
                       struct yaml ***tail)
{
    const struct pl_name *names = is_alias(r, from->text) && !only_one
                                      ? one(r->run, from->text)
                                      : renamed(r->run, r->step, from->text);
    if (only_one && names && names->next)
        (void)pl_fail(r->run, "a correlation's field '%.*s' is mapped to several",
                      (int)(from->text.n > 60 ? 60 : from->text.n), from->text.p);
    for (; names && !r->run->failed; names = names->next) {
        **tail = pl_yaml(r->run, YAML_STRING, from->key, names->text);
        (**tail)->line = from->line;
        *tail = &(**tail)->next;
    }
}

static struct yaml *copy(struct renaming *r, const struct yaml *from, bool are_names,
                         bool only_one, unsigned depth)
{
    struct yaml *to = pl_yaml(r->run, from->type, from->key, from->text);
    struct yaml **tail = &to->child;
    to->integer = from->integer;
    to->line = from->line;
    if (depth == PL_DEPTH_MAX)
        (void)pl_fail(r->run, "a correlation is nested too deeply");
    for (const struct yaml *y = from->child; y && !r->run->failed; y = y->next) {
        if (are_names && y->type == YAML_STRING) {
            copy_names(r, y, only_one, &tail);
        } else {
            *tail = copy(r, y, are_names, only_one, depth + 1);
            tail = &(*tail)->next;
        }
    }
    return to;
}

static void rename_member(struct renaming *r, const struct yaml *y, struct yaml ***tail)
{
    bool group = str_eq(y->key, STR("group-by"));
    bool aliases = str_eq(y->key, STR("aliases"));
    const struct yaml *field = str_eq(y->key, STR("condition")) ? yaml_get(y, "field") : NULL;
    if (group && y->type == YAML_STRING) {
        struct yaml *list = pl_yaml(r->run, YAML_LIST, y->key, STR(""));
        struct yaml **names = &list->child;
        copy_names(r, y, false, &names);
        **tail = list;
    } else if (field && field->type == YAML_STRING) {
        struct yaml *condition = copy(r, y, false, true, 0);
        struct pl_name *to = renamed(r->run, r->step, field->text);
        if (to && to->next)
            (void)pl_fail(r->run, "a correlation's field is mapped to several");
        for (struct yaml *c = condition->child; c; c = c->next) {
            if (to && str_eq(c->key, STR("field")))
                c->text = to->text;
        }
        **tail = condition;
    } else {
        **tail = copy(r, y, group || aliases || field, !group, 0);
    }
    *tail = &(**tail)->next;
}

static void rename_correlation(struct pl_run *run, const struct pl_step *s)
{
    const struct yaml *old = run->rule->correlation;
    struct renaming r = {run, s, yaml_get(old, "aliases")};
    struct yaml *map = pl_yaml(run, old->type, old->key, old->text);
    struct yaml **tail = &map->child;
    map->line = old->line;
    for (const struct yaml *y = old->child; y && !run->failed; y = y->next)
        rename_member(&r, y, &tail);
    run->rule->correlation = map;
}

static int rename_rule(struct pl_run *run, const struct pl_step *s)
{
    rename_fields(run, s);
    if (run->rule->correlation)
        rename_correlation(run, s);
    return run->failed ? -1 : 0;
}

/* ---- items ---- */

static int rename_references(struct pl_run *run, const struct pl_step *s, struct pl_part *item)
{
    struct pl_value *all = NULL;
    struct pl_value **tail = &all;
    bool changed = false;
    for (struct pl_value *v = pl_values(run, item); v && !run->failed;) {
        struct pl_value *next = v->next;
        v->next = NULL;
        if (v->kind != PL_FIELDREF || !name_fits(run, s, NULL, v->node->text)) {
            *tail = v;
            tail = &v->next;
            v = next;
            continue;
        }
        changed = true;
        for (const struct pl_name *n = renamed(run, s, v->node->text); n; n = n->next) {
            *tail = pl_value_new(run, PL_FIELDREF);
            (*tail)->node = pl_yaml(run, YAML_STRING, STR(""), n->text);
            tail = &(*tail)->next;
        }
        v = next;
    }
    if (!changed || run->failed)
        return run->failed ? -1 : 0;
    return pl_set_values(run, item, all) != 0 ? -1 : 1;
}

/* Keywords that become the values of a field stay what they were: found anywhere in it. */
static int anywhere(struct pl_run *run, struct pl_part *item)
{
    struct pl_value *values = pl_values(run, item);
    for (struct pl_value *v = values; v; v = v->next) {
        if (v->kind == PL_TEXT)
            v->coded = sigma_value_wrap(v->coded, true, true, run->arena);
    }
    return pl_set_values(run, item, values);
}

static void to_fields(struct pl_run *run, struct pl_part *item, const struct pl_name *names)
{
    struct pl_part base = *item;
    struct pl_part **tail = &item->child;
    if (!names->next) {
        item->field = names->text;
        return;
    }
    *item = (struct pl_part){.kind = PL_ANY, .next = base.next, .line = base.line};
    for (; names && !run->failed; names = names->next) {
        *tail = pl_part_new(run, PL_ITEM);
        **tail = base;
        (*tail)->next = NULL;
        (*tail)->field = names->text;
        tail = &(*tail)->next;
    }
}

static void keep_mapped(struct pl_run *run, struct str from, const struct pl_name *to)
{
    if (!pl_name_has(run->rule->mapped, from))
        pl_name_add(run, &run->rule->mapped, from);
    for (; to; to = to->next) {
        if (!pl_name_has(run->rule->mapped, to->text))
            pl_name_add(run, &run->rule->mapped, to->text);
    }
}

static int rename_item(struct pl_run *run, const struct pl_step *s, struct pl_part *item)
{
    int changed = 0;
    if (pl_has_modifier(item->modifiers, "fieldref") ||
        pl_has_modifier(item->modifiers, "equalsfield") ||
        pl_has_modifier(item->modifiers, "endswithfield"))
        changed = rename_references(run, s, item);
    if (changed < 0 || item->kind != PL_ITEM)
        return changed;
    struct pl_name *names = s->type->rename(run, s, item->field);
    if (!names || !name_fits(run, s, item, item->field))
        return run->failed ? -1 : changed;
    if (item->field.n == 0 && (anywhere(run, item) != 0 || item->kind != PL_ITEM))
        return pl_fail(run, "keywords of several kinds cannot become one field");
    keep_mapped(run, item->field, names);
    to_fields(run, item, names);
    return run->failed ? -1 : 1;
}

/* ---- table ---- */

const struct pl_step_type pl_field_steps[] = {
    {.name = "field_name_mapping",
     .params = "mapping!",
     .check = check_mapping,
     .on_rule = rename_rule,
     .on_item = rename_item,
     .rename = from_mapping},
    {.name = "field_name_prefix_mapping",
     .params = "mapping!",
     .check = check_prefixes,
     .on_rule = rename_rule,
     .on_item = rename_item,
     .rename = from_prefixes},
    {.name = "field_name_prefix",
     .params = "prefix!",
     .on_rule = rename_rule,
     .on_item = rename_item,
     .rename = with_prefix},
    {.name = "field_name_suffix",
     .params = "suffix!",
     .on_rule = rename_rule,
     .on_item = rename_item,
     .rename = with_suffix},
    {.name = "field_name_transform",
     .params = "transform_func! mapping",
     .check = check_function,
     .on_rule = rename_rule,
     .on_item = rename_item,
     .rename = by_function},
    {0},
};
