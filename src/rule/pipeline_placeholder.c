/* pipeline_placeholder.c - %name% in values becomes what the pipeline's vars say, or a
 * wildcard. It is replaced before any other modifier acts, as rule/placeholder.h does. */
#include "rule/pipeline_int.h"

static int check_lists(struct pipeline *p, struct pl_step *s, struct err *err)
{
    (void)p;
    const struct yaml *include = yaml_get(s->params, "include");
    const struct yaml *exclude = yaml_get(s->params, "exclude");
    if (include && exclude)
        return pl_fail_at(err, exclude, "include and exclude exclude each other");
    if (include && include->type != YAML_LIST)
        return pl_fail_at(err, include, "include must be a list");
    if (exclude && exclude->type != YAML_LIST)
        return pl_fail_at(err, exclude, "exclude must be a list");
    return 0;
}

static bool lists(const struct yaml *list, struct str name)
{
    for (const struct yaml *y = list->child; y; y = y->next) {
        if (str_eq(y->text, name))
            return true;
    }
    return false;
}

static bool is_handled(const struct pl_step *s, struct str name)
{
    const struct yaml *include = yaml_get(s->params, "include");
    const struct yaml *exclude = yaml_get(s->params, "exclude");
    return include ? lists(include, name) : !(exclude && lists(exclude, name));
}

/* The variable of that name; of several pipelines the last one's. */
static const struct yaml *variable(const struct pl_run *run, struct str name)
{
    for (size_t i = run->n; i-- > 0;) {
        const struct yaml *vars = run->pipelines[i]->vars;
        for (const struct yaml *y = vars ? vars->child : NULL; y; y = y->next) {
            if (str_eq(y->key, name))
                return y;
        }
    }
    return NULL;
}

/* How a value's text is read: a star is a wildcard, part of an expression, or itself. */
enum use { USE_SIGMA, USE_REGEX, USE_NETWORK };

struct filling {
    struct pl_run *run;
    const struct pl_step *step;
    bool wildcards; /* else variables */
    enum use use;
};

/* A value that nothing behind it is escaped by. */
static struct str closed(const struct filling *f, struct str text)
{
    size_t n = 0;
    while (n < text.n && text.p[text.n - 1 - n] == '\\')
        n++;
    return f->use == USE_SIGMA && n % 2 ? pl_join(f->run, text, STR("\\")) : text;
}

static int replacements(const struct filling *f, struct str hole, struct pl_name **ret)
{
    struct str name = str_part(hole, 1, hole.n - 1);
    struct pl_run *run = f->run;
    int shown = (int)(name.n > 60 ? 60 : name.n);
    if (!is_handled(f->step, name)) {
        pl_name_add(run, ret, hole);
        return 0;
    }
    if (f->wildcards) {
        pl_name_add(run, ret, f->use == USE_REGEX ? STR(".*") : STR("*"));
        return 0;
    }
    const struct yaml *values = variable(run, name);
    if (!values)
        return pl_fail(run, "there is no variable '%.*s'", shown, name.p);
    if (!pl_first(values))
        return pl_fail(run, "the variable '%.*s' has no value", shown, name.p);
    struct pl_name **tail = ret;
    for (const struct yaml *y = pl_first(values); y && !run->failed; y = pl_after(values, y)) {
        if (y->type == YAML_LIST || y->type == YAML_MAP || y->type == YAML_NULL)
            return pl_fail(run, "the variable '%.*s' has a value that is no text or number",
                           shown, name.p);
        pl_name_add(run, tail, closed(f, y->text));
        tail = *tail ? &(*tail)->next : tail;
    }
    return 0;
}

/* Each of the texts with each of the pieces behind it. */
static struct pl_name *extend(struct pl_run *run, const struct pl_name *heads,
                              const struct pl_name *pieces)
{
    struct pl_name *all = NULL;
    struct pl_name **tail = &all;
    for (const struct pl_name *h = heads; h && !run->failed; h = h->next) {
        for (const struct pl_name *p = pieces; p && !run->failed; p = p->next) {
            pl_name_add(run, tail, pl_join(run, h->text, p->text));
            tail = *tail ? &(*tail)->next : tail;
        }
    }
    return all;
}

/* All texts that a text with holes stands for. */
static int fill(const struct filling *f, struct str text, struct pl_name **ret)
{
    struct pl_name *texts = NULL;
    pl_name_add(f->run, &texts, STR(""));
    for (size_t at = 0; at < text.n && !f->run->failed;) {
        struct pl_name *pieces = NULL;
        struct str part = pl_stretch(text, at);
        at += part.n;
        if ((unsigned char)part.p[0] != CODED_HOLE)
            pl_name_add(f->run, &pieces, part);
        else if (replacements(f, part, &pieces) != 0)
            return -1;
        texts = extend(f->run, texts, pieces);
    }
    *ret = texts;
    return f->run->failed ? -1 : 0;
}

/* ---- an item ---- */

/* Modifiers without `expand`, and without `all` where the values are alternatives. */
static struct str modifiers_without(struct pl_run *run, struct str modifiers, bool expand,
                                    bool all)
{
    struct buf out = pl_buf(run);
    for (size_t at = 0; at < modifiers.n;) {
        size_t end = str_find(modifiers, STR("|"), at + 1);
        struct str m = str_part(modifiers, at, end);
        at += m.n;
        if (!(expand && str_eq(m, STR("|expand"))) && !(all && str_eq(m, STR("|all"))))
            buf_add_str(&out, m);
    }
    return pl_keep(run, &out);
}

/* What a text becomes in a document: percents are escaped as long as there are holes. */
static struct str written(struct pl_run *run, struct str text, bool holes)
{
    struct buf out = pl_buf(run);
    for (size_t i = 0; i < text.n; i++) {
        bool is_hole = (unsigned char)text.p[i] == CODED_HOLE;
        if (holes && text.p[i] == '%')
            buf_add_char(&out, '\\');
        buf_add_char(&out, is_hole ? '%' : text.p[i]);
    }
    return pl_keep(run, &out);
}

/* One item like the first, with these texts as values. */
static struct pl_part *item_of(struct pl_run *run, const struct pl_part *item,
                               const struct pl_name *texts, bool alternatives)
{
    struct pl_part *part = pl_part_new(run, PL_ITEM);
    struct yaml *list = pl_yaml(run, YAML_LIST, STR(""), STR(""));
    struct yaml **tail = &list->child;
    bool holes = false;
    for (const struct pl_name *t = texts; t; t = t->next)
        holes = holes || pl_has_hole(t->text);
    for (const struct pl_name *t = texts; t && !run->failed; t = t->next) {
        *tail = pl_yaml(run, YAML_STRING, STR(""), written(run, t->text, holes));
        pl_place(*tail, item->values);
        tail = &(*tail)->next;
    }
    pl_place(list, item->values);
    part->field = item->field;
    part->modifiers = modifiers_without(run, item->modifiers, !holes, alternatives);
    part->values = list;
    part->applied = item->applied;
    part->line = item->line;
    return part;
}

static int placeholders(struct pl_run *run, const struct pl_step *s, struct pl_part *item,
                        bool wildcards)
{
    bool all = pl_has_modifier(item->modifiers, "all");
    bool neq = pl_has_modifier(item->modifiers, "neq");
    struct filling f = {run, s, wildcards,
                        pl_has_modifier(item->modifiers, "re")     ? USE_REGEX
                        : pl_has_modifier(item->modifiers, "cidr") ? USE_NETWORK
                                                                   : USE_SIGMA};
    struct pl_part *parts = NULL;
    struct pl_part **tail = &parts;
    struct pl_name *texts = NULL;
    struct pl_name **end = &texts;
    if (!pl_has_modifier(item->modifiers, "expand"))
        return 0;
    for (const struct yaml *y = pl_first(item->values); y && !run->failed;
         y = pl_after(item->values, y)) {
        if (y->type == YAML_NULL || y->type == YAML_LIST || y->type == YAML_MAP)
            return 0; /* the compiler tells what is wrong with it */
        if (fill(&f, pl_holes(run, y->text, f.use != USE_SIGMA), end) != 0)
            return -1;
        while (*end)
            end = &(*end)->next;
        if (!all)
            continue;
        /* The values of one placeholder are alternatives, also where all values must match. */
        *tail = item_of(run, item, texts, true);
        tail = &(*tail)->next;
        texts = NULL;
        end = &texts;
    }
    struct pl_part *next = item->next;
    if (run->failed || !(all ? parts != NULL : texts != NULL))
        return run->failed ? -1 : 0;
    if (all)
        *item =
            (struct pl_part){.kind = neq ? PL_ANY : PL_ALL, .child = parts, .line = item->line};
    else
        *item = *item_of(run, item, texts, false);
    item->next = next;
    return run->failed ? -1 : 1;
}

static int value_placeholders(struct pl_run *run, const struct pl_step *s, struct pl_part *item)
{
    return placeholders(run, s, item, false);
}

static int wildcard_placeholders(struct pl_run *run, const struct pl_step *s,
                                 struct pl_part *item)
{
    return placeholders(run, s, item, true);
}

const struct pl_step_type pl_placeholder_steps[] = {
    {.name = "value_placeholders",
     .params = "include exclude",
     .check = check_lists,
     .on_item = value_placeholders},
    {.name = "wildcard_placeholders",
     .params = "include exclude",
     .check = check_lists,
     .on_item = wildcard_placeholders},
    {0},
};
