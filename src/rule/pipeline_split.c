/* pipeline_split.c - steps that make several items of one, after what its values say. */
#include "rule/pipeline_int.h"
#include "rule/sigma_value.h"

/* ---- hashes_fields ---- */

static struct str without(struct str text, const char *before, const char *behind)
{
    size_t from = 0;
    size_t to = text.n;
    while (from < to && text.p[from] && strchr(before, text.p[from]))
        from++;
    while (to > from && text.p[to - 1] && strchr(behind, text.p[to - 1]))
        to--;
    return str_part(text, from, to);
}

static struct str algorithm_by_length(size_t n)
{
    return n == 32    ? STR("MD5")
           : n == 40  ? STR("SHA1")
           : n == 64  ? STR("SHA256")
           : n == 128 ? STR("SHA512")
                      : STR("");
}

static bool lists(const struct yaml *list, struct str text)
{
    for (const struct yaml *y = pl_first(list); y; y = pl_after(list, y)) {
        if (str_eq(y->text, text))
            return true;
    }
    return false;
}

/* "MD5=..." or "MD5|...", or a hash alone, whose length tells what it is. False for a hash of
 * an algorithm that the step does not list. */
static bool read_hash(struct pl_run *run, const struct pl_step *s, struct str shown,
                      struct str *ret_algorithm, struct str *ret_hash)
{
    struct str mark = str_find(shown, STR("|"), 0) != SIZE_MAX ? STR("|") : STR("=");
    size_t at = str_find(shown, mark, 0);
    size_t again = at == SIZE_MAX ? SIZE_MAX : str_find(shown, mark, at + 1);
    if (at != SIZE_MAX && again == SIZE_MAX) {
        struct str name = without(str_part(shown, 0, at), "*", "");
        struct buf upper = pl_buf(run);
        for (size_t i = 0; i < name.n; i++) {
            char c = name.p[i];
            buf_add_char(&upper, c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
        }
        *ret_algorithm = pl_keep(run, &upper);
        *ret_hash = without(str_part(shown, at + 1, shown.n), "*?", "*?");
    } else {
        *ret_hash = without(str_part(shown, 0, at), "*?", "*?");
        *ret_algorithm = algorithm_by_length(ret_hash->n);
    }
    return ret_algorithm->n && lists(yaml_get(s->params, "valid_hash_algos"), *ret_algorithm);
}

/* An item like `of`, but for its field and values. */
static struct pl_part *item_like(struct pl_run *run, const struct pl_part *of, struct str field,
                                 const struct yaml *values)
{
    struct pl_part *part = pl_part_new(run, PL_ITEM);
    part->field = field;
    part->line = of->line;
    part->applied = of->applied;
    part->values = values;
    return part;
}

static struct str hash_field(struct pl_run *run, const struct pl_step *s, struct str algorithm)
{
    struct str prefix = yaml_text(s->params, "field_prefix");
    struct str name =
        pl_true(s->params, "drop_algo_prefix") ? prefix : pl_join(run, prefix, algorithm);
    return str_eq(name, STR("keyword")) ? STR("") : name;
}

static bool all_text(const struct pl_value *v)
{
    for (; v; v = v->next) {
        if (v->kind != PL_TEXT)
            return false;
    }
    return true;
}

static void become(struct pl_part *item, enum pl_kind kind, struct pl_part *parts)
{
    *item =
        (struct pl_part){.kind = kind, .child = parts, .next = item->next, .line = item->line};
}

/* The field for one value; false if the step does not list its algorithm. */
static bool hash_of(struct pl_run *run, const struct pl_step *s, const struct pl_value *v,
                    struct str *ret_field, struct str *ret_hash)
{
    struct str algorithm = {0};
    if (run->failed || !read_hash(run, s, pl_shown(run, v->coded), &algorithm, ret_hash))
        return false;
    *ret_field = hash_field(run, s, algorithm);
    return true;
}

/* All hashes that go to one field. */
static struct pl_part *hashes_for(struct pl_run *run, const struct pl_step *s,
                                  const struct pl_part *item, const struct pl_value *values,
                                  struct str field)
{
    struct yaml *list = pl_yaml(run, YAML_LIST, STR(""), STR(""));
    struct yaml **tail = &list->child;
    for (const struct pl_value *v = values; v; v = v->next) {
        struct str hash = {0};
        struct str to = {0};
        if (!hash_of(run, s, v, &to, &hash) || !str_eq(to, field))
            continue;
        *tail = pl_yaml(run, YAML_STRING, STR(""), hash);
        tail = &(*tail)->next;
    }
    return item_like(run, item, field, list);
}

static int hashes_fields(struct pl_run *run, const struct pl_step *s, struct pl_part *item)
{
    const struct yaml *fields = yaml_get(s->params, "field_to_parse");
    struct pl_name *seen = NULL;
    struct pl_part *parts = NULL;
    struct pl_part **tail = &parts;
    bool parses = fields
                      ? lists(fields, item->field)
                      : str_eq(item->field, STR("Hashes")) || str_eq(item->field, STR("Hash"));
    const struct pl_value *values = parses ? pl_values(run, item) : NULL;
    if (!values || !all_text(values))
        return 0;
    if (pl_has_modifier(item->modifiers, "neq"))
        return pl_fail(run, "hashes that must not be equal cannot be taken apart");
    for (const struct pl_value *v = values; v; v = v->next) {
        struct str hash = {0};
        struct str to = {0};
        if (!hash_of(run, s, v, &to, &hash) || pl_name_has(seen, to))
            continue;
        pl_name_add(run, &seen, to);
        *tail = hashes_for(run, s, item, values, to);
        tail = &(*tail)->next;
    }
    if (!parts)
        return pl_fail(run, "'%.*s' has no hash that the pipeline lists", STR_ARG(item->field));
    become(item, pl_has_modifier(item->modifiers, "all") ? PL_ALL : PL_ANY, parts);
    return run->failed ? -1 : 1;
}

/* ---- extract_fields ---- */

static int check_extract(struct pipeline *p, struct pl_step *s, struct err *err)
{
    const struct yaml *regex = yaml_get(s->params, "regex");
    bool named = false;
    s->regex = pl_regex_new(p, regex, err);
    if (!s->regex)
        return -1;
    if (regex_groups(s->regex) > PL_GROUPS_MAX)
        return pl_fail_at(err, regex, "more than %d groups", PL_GROUPS_MAX - 1);
    for (size_t i = 1; i < regex_groups(s->regex); i++)
        named = named || regex_group_name(s->regex, i).n;
    return named ? 0 : pl_fail_at(err, regex, "the expression has no group with a name");
}

/* Words for nothing are null; digits are a number unless a 0 leads. */
static const struct yaml *typed(struct pl_run *run, struct str text)
{
    bool is_null = str_ieq(text, STR("null")) || str_ieq(text, STR("none"));
    const struct yaml *number = NULL;
    if (!is_null && (text.n == 1 || text.p[0] != '0'))
        number = pl_number(run, text);
    return number ? number : pl_yaml(run, is_null ? YAML_NULL : YAML_STRING, STR(""), text);
}

static struct pl_part *extracted(struct pl_run *run, const struct pl_step *s, struct str text,
                                 const struct regex_group *groups, const struct pl_part *item)
{
    struct str prefix = yaml_text(s->params, "field_prefix");
    struct pl_part *all = NULL;
    struct pl_part **tail = NULL;
    for (size_t i = 1; i < regex_groups(s->regex) && !run->failed; i++) {
        struct str name = regex_group_name(s->regex, i);
        if (!name.n || groups[i].from == SIZE_MAX || groups[i].to == groups[i].from)
            continue;
        struct str field = name;
        if (prefix.n)
            field = pl_join(run, pl_join(run, prefix, STR(".")), name);
        if (!all) {
            all = pl_part_new(run, PL_ALL);
            tail = &all->child;
        }
        *tail = item_like(run, item, field,
                          typed(run, str_part(text, groups[i].from, groups[i].to)));
        tail = &(*tail)->next;
    }
    return all;
}

static int extract_one(struct pl_run *run, const struct pl_step *s, struct str text,
                       const struct pl_part *item, struct pl_part **ret)
{
    struct regex_group groups[PL_GROUPS_MAX];
    enum regex_result result = REGEX_NO;
    if (pl_spend(run, PL_COST_REGEX + text.n))
        result =
            regex_find(s->regex, text, 0, true, groups, PL_GROUPS_MAX, run->pipeline->scratch);
    if (result == REGEX_LIMIT)
        return pl_fail(run, "a regular expression of the pipeline was given up");
    *ret = NULL;
    if (result == REGEX_YES) {
        *ret = extracted(run, s, text, groups, item);
    } else if (pl_true(s->params, "preserve_unmatched")) {
        *ret = item_like(run, item, item->field, pl_yaml(run, YAML_STRING, STR(""), text));
    }
    return run->failed ? -1 : 0;
}

static int extract_fields(struct pl_run *run, const struct pl_step *s, struct pl_part *item)
{
    struct pl_part *parts = NULL;
    struct pl_part **tail = &parts;
    struct pl_value *values = pl_values(run, item);
    if (!values || !all_text(values))
        return 0;
    for (const struct pl_value *v = values; v; v = v->next) {
        if (extract_one(run, s, pl_shown(run, v->coded), item, tail) != 0)
            return -1;
        tail = *tail ? &(*tail)->next : tail;
    }
    if (!parts)
        return 0;
    if (pl_has_modifier(item->modifiers, "neq"))
        return pl_fail(run, "values that must not be equal cannot be taken apart");
    become(item, pl_has_modifier(item->modifiers, "all") ? PL_ALL : PL_ANY, parts);
    return 1;
}

const struct pl_step_type pl_split_steps[] = {
    {.name = "hashes_fields",
     .params = "valid_hash_algos! field_prefix drop_algo_prefix field_to_parse",
     .on_item = hashes_fields},
    {.name = "extract_fields",
     .params = "regex! field_prefix preserve_unmatched",
     .check = check_extract,
     .on_item = extract_fields},
    {0},
};
