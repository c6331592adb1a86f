/* pipeline_read.c - a pipeline's YAML becomes steps. */
#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"
#include "rule/nearest.h"
#include "rule/pipeline_int.h"

/* What any step may have beside its own parameters. `expression` is how some write `expr`. */
static const char *const step_keys =
    "type id rule_conditions rule_cond_expr rule_cond_expression rule_cond_op rule_cond_not "
    "detection_item_conditions detection_item_cond_expr detection_item_cond_expression "
    "detection_item_cond_op detection_item_cond_not field_name_conditions field_name_cond_expr "
    "field_name_cond_expression field_name_cond_op field_name_cond_not";

int pl_fail_at(struct err *err, const struct yaml *at, const char *fmt, ...)
{
    char what[sizeof err->msg];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    return err_set(err, ERR_INVALID, "line %u, column %u: %.200s", at->line, at->column, what);
}

/* ---- parameters ---- */

/* The next word of "needed! optional". */
static bool next_word(const char **at, struct str *ret, bool *needed)
{
    const char *p = *at;
    while (p && *p == ' ')
        p++;
    if (!p || !*p)
        return false;
    size_t n = strcspn(p, " ");
    *at = p + n;
    *needed = p[n - 1] == '!';
    *ret = (struct str){p, n - (*needed ? 1 : 0)};
    return true;
}

static bool has_word(const char *words, struct str key)
{
    struct str word;
    bool needed;
    while (next_word(&words, &word, &needed)) {
        if (str_eq(word, key))
            return true;
    }
    return false;
}

static const struct yaml *member(const struct yaml *map, struct str key)
{
    for (const struct yaml *y = map->child; y; y = y->next) {
        if (str_eq(y->key, key))
            return y;
    }
    return NULL;
}

int pl_params_check(const struct yaml *map, const char *params, const char *always,
                    struct err *err)
{
    struct str word;
    bool needed;
    for (const struct yaml *y = map->child; y; y = y->next) {
        if (!has_word(params, y->key) && !has_word(always, y->key))
            return pl_fail_at(err, y, "unknown parameter '%.*s'",
                              (int)(y->key.n > 60 ? 60 : y->key.n), y->key.p);
    }
    for (const char *at = params; next_word(&at, &word, &needed);) {
        if (needed && !member(map, word))
            return pl_fail_at(err, map, "the parameter '%.*s' is missing", STR_ARG(word));
    }
    return 0;
}

bool pl_true(const struct yaml *map, const char *key)
{
    const struct yaml *y = yaml_get(map, key);
    return y && y->type == YAML_BOOL && y->integer;
}

struct regex *pl_regex_new(struct pipeline *p, const struct yaml *pattern, struct err *err)
{
    if (pattern->type == YAML_LIST || pattern->type == YAML_MAP) {
        (void)pl_fail_at(err, pattern, "a regular expression must be text");
        return NULL;
    }
    struct err why = {0};
    struct pl_regex *entry = ARENA_NEW(p->arena, struct pl_regex);
    entry->regex = regex_new(pattern->text, 0, p->arena, &why);
    if (!entry->regex) {
        (void)pl_fail_at(err, pattern, "%s", why.msg);
        return NULL;
    }
    entry->next = p->regexes;
    p->regexes = entry;
    return entry->regex;
}

/* ---- steps ---- */

/* NULL if there is none of that name; `near` is then the one that is meant, perhaps. */
static const struct pl_step_type *find_type(struct str name, struct nearest *near)
{
    static const struct pl_step_type *const tables[] = {pl_rule_steps,        pl_field_steps,
                                                        pl_value_steps,       pl_split_steps,
                                                        pl_placeholder_steps, pl_refused_steps};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        for (const struct pl_step_type *t = tables[i]; t->name; t++) {
            if (str_eq(str_of(t->name), name))
                return t;
            nearest_try(near, str_of(t->name));
        }
    }
    return NULL;
}

static int unknown_type(const struct yaml *type, const struct nearest *near, struct err *err)
{
    (void)pl_fail_at(err, type, "unknown transformation '%.*s'",
                     (int)(type->text.n > 60 ? 60 : type->text.n), type->text.p);
    return near->best.n ? err_behind(err, " (did you mean '%.*s'?)", STR_ARG(near->best)) : -1;
}

static int read_step(struct pipeline *p, const struct yaml *y, struct pl_step *s,
                     struct err *err)
{
    if (y->type != YAML_MAP)
        return pl_fail_at(err, y, "a transformation must be a map");
    if (++p->n_all > PL_STEPS_MAX)
        return pl_fail_at(err, y, "more than %d transformations", PL_STEPS_MAX);
    const struct yaml *type = yaml_get(y, "type");
    struct nearest near = nearest_to(yaml_text(y, "type"));
    if (!type)
        return pl_fail_at(err, y, "a transformation without type");
    s->type = find_type(yaml_text(y, "type"), &near);
    s->params = y;
    s->id = yaml_text(y, "id");
    if (!s->type)
        return unknown_type(type, &near, err);
    if (s->type->refused)
        return pl_fail_at(err, type, "%s: %s", s->type->name, s->type->refused);
    if (pl_params_check(y, s->type->params, step_keys, err) != 0)
        return -1;
    for (enum pl_about about = PL_ABOUT_RULE; about < PL_ABOUTS; about++) {
        if (pl_conditions_read(p, y, about, &s->conditions[about], err) != 0)
            return -1;
    }
    return s->type->check ? s->type->check(p, s, err) : 0;
}

int pl_steps_read(struct pipeline *p, const struct yaml *list, struct pl_step **ret,
                  size_t *ret_n, struct err *err)
{
    size_t n = 0;
    if (list->type != YAML_LIST && list->type != YAML_NULL)
        return pl_fail_at(err, list, "transformations must be a list");
    if (p->depth == PL_NEST_MAX)
        return pl_fail_at(err, list, "transformations are nested too deeply");
    for (const struct yaml *y = list->child; y; y = y->next)
        n++;
    struct pl_step *steps = ARENA_ARRAY(p->arena, struct pl_step, n);
    p->depth++;
    n = 0;
    for (const struct yaml *y = list->child; y; y = y->next) {
        if (read_step(p, y, &steps[n++], err) != 0)
            return -1;
    }
    p->depth--;
    *ret = steps;
    *ret_n = n;
    return 0;
}

/* ---- the whole ---- */

static void notice(struct pipeline *p, const struct yaml *at)
{
    p->notices =
        arena_grow(p->arena, p->notices, p->n_notices, &p->cap_notices, sizeof *p->notices);
    p->notices[p->n_notices++] =
        arena_printf(p->arena, "line %u: %.*s forms the text of queries: left out", at->line,
                     STR_ARG(at->key));
}

static int read_members(struct pipeline *p, const struct yaml *document, struct err *err)
{
    static const char *const keys = "name priority vars transformations postprocessing "
                                    "finalizers allowed_backends";
    const struct yaml *priority = yaml_get(document, "priority");
    const struct yaml *steps = yaml_get(document, "transformations");
    const struct yaml *vars = yaml_get(document, "vars");
    if (pl_params_check(document, keys, "", err) != 0)
        return -1;
    if (priority && priority->type != YAML_INT)
        return pl_fail_at(err, priority, "the priority must be a number");
    if (vars && vars->type != YAML_MAP && vars->type != YAML_NULL)
        return pl_fail_at(err, vars, "vars must be a map");
    p->name = yaml_text(document, "name");
    p->priority = priority ? priority->integer : 0;
    p->vars = vars;
    for (const struct yaml *y = document->child; y; y = y->next) {
        bool is_text =
            str_eq(y->key, STR("postprocessing")) || str_eq(y->key, STR("finalizers"));
        if (is_text && y->child)
            notice(p, y);
    }
    return steps ? pl_steps_read(p, steps, &p->steps, &p->n, err) : 0;
}

static int read_text(struct pipeline *p, struct str text, struct err *err)
{
    struct yaml *document = NULL;
    if (text.n > LIMIT_RULE_FILE)
        return err_set(err, ERR_LIMIT, "a pipeline of %zu bytes, more than %d", text.n,
                       LIMIT_RULE_FILE);
    if (yaml_parse(text, p->arena, &document, err) != 0)
        return -1;
    if (!document || document->type != YAML_MAP)
        return err_set(err, ERR_INVALID, "line 1, column 1: not a pipeline: no map");
    if (document->next)
        return pl_fail_at(err, document->next, "a second document in one pipeline");
    return read_members(p, document, err);
}

int pipeline_parse(struct str text, struct arena *arena, struct pipeline **ret, struct err *err)
{
    struct pipeline *p = ARENA_NEW(arena, struct pipeline);
    p->arena = arena;
    if (read_text(p, text, err) != 0) {
        pipeline_free(p);
        return -1;
    }
    p->scratch = regex_scratch_new(arena);
    *ret = p;
    return 0;
}

void pipeline_free(struct pipeline *p)
{
    if (!p)
        return;
    for (struct pl_regex *r = p->regexes; r; r = r->next)
        regex_free(r->regex);
    p->regexes = NULL;
    regex_scratch_free(p->scratch);
    p->scratch = NULL;
}

struct str pipeline_name(const struct pipeline *p)
{
    return p->name;
}

int64_t pipeline_priority(const struct pipeline *p)
{
    return p->priority;
}

size_t pipeline_notices(const struct pipeline *p, const struct str **ret)
{
    *ret = p->notices;
    return p->n_notices;
}
