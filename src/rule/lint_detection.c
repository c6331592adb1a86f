/* lint_detection.c - selections and conditions. What the engine says of each key, value and
 * condition is an error; it is asked item by item, so that one does not hide the next. */
#include "rule/lint_int.h"

enum { LINT_SELECTIONS = 1000 }; /* of one rule that are looked at together */

static struct yaml_mark place_of(const struct compiler *c)
{
    return yaml_mark_of(c->at.node, c->at.key, c->at.offset);
}

static void tell_refusal(struct lint_file *f, const struct err *err)
{
    bool ours = err->code == ERR_UNSUPPORTED || err->code == ERR_NOT_FOUND;
    lint_tell(f, ours ? LINT_WARNING : LINT_ERROR, place_of(f->compiler),
              ours ? "not-evaluated" : "refused", "%s", err->msg);
}

/* A map's members, or the one value; true if the engine takes all. */
static bool try_items(struct lint_file *f, const struct yaml *y)
{
    const struct node *node = NULL;
    bool is_map = y->type == YAML_MAP && y->child;
    bool good = true;
    const struct yaml *item = is_map ? y->child : y;
    for (; item; item = is_map ? item->next : NULL) {
        struct err err = {0};
        f->compiler->expanded = 0;
        int failed = is_map ? sigma_item(f->compiler, item->key, item, &node, &err)
                            : sigma_selection(f->compiler, item, &node, &err);
        if (failed)
            tell_refusal(f, &err);
        else if (is_map)
            lint_item(f, item);
        good = good && !failed;
    }
    return good;
}

static bool look_at_selection(struct lint_file *f, const struct yaml *y)
{
    bool good = true;
    if (y->type != YAML_LIST || !y->child)
        return try_items(f, y);
    for (const struct yaml *part = y->child; part; part = part->next)
        if (part->type == YAML_MAP)
            good = try_items(f, part) && good;
    return good;
}

/* ---- conditions ---- */

static bool is_word_of_conditions(struct str name)
{
    static const char *const words[] = {"and", "or", "not", "of", "them", "all", "any", "1"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_ieq(name, str_of(words[i])))
            return true;
    return false;
}

/* "them" where there is one selection only. */
static void look_at_them(struct lint_file *f, const struct yaml *condition,
                         const struct selection *selections, size_t n)
{
    size_t meant = 0;
    for (size_t i = 0; i < n; i++)
        meant += selections[i].name.p[0] != '_';
    size_t at = str_find(condition->text, STR(" of them"), 0);
    if (meant == 1 && at < condition->text.n)
        lint_tell(f, LINT_WARNING,
                  yaml_mark_of(condition, false, at + sizeof " of them" - sizeof "them"),
                  "lonely-them", "'them' is one selection only; name it");
}

/* Selections that an aggregation names behind the bar: "near other and third". */
static void mark_words(struct str text, struct selection *selections, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = str_find(text, selections[i].name, 0);
        selections[i].used = selections[i].used || at != SIZE_MAX;
    }
}

/* The condition without its aggregation, which the engine looks at with the whole rule. */
static struct str without_aggregation(struct lint_file *f, const struct yaml *y,
                                      struct selection *selections, size_t n)
{
    size_t bar = str_find(y->text, STR("|"), 0);
    if (bar == SIZE_MAX)
        return y->text;
    lint_tell(f, LINT_NOTE, yaml_mark_of(y, false, bar), "old-aggregation",
              "aggregations in conditions are of Sigma 1; correlations took their place");
    mark_words(str_part(y->text, bar, y->text.n), selections, n);
    return str_part(y->text, 0, bar);
}

static bool look_at_condition(struct lint_file *f, const struct yaml *condition,
                              struct selection *selections, size_t n)
{
    bool is_list = condition->type == YAML_LIST;
    bool good = true;
    const struct yaml *y = is_list ? condition->child : condition;
    for (; y; y = is_list ? y->next : NULL) {
        struct err err = {0};
        const struct node *node = NULL;
        f->compiler->at = (struct compile_place){.node = y};
        if (y->type == YAML_MAP || y->type == YAML_LIST || y->type == YAML_NULL)
            return false; /* the engine tells it, of the rule as a whole */
        struct str text = is_list ? y->text : without_aggregation(f, y, selections, n);
        if (sigma_condition(f->compiler, text, selections, n, &node, &err) != 0) {
            tell_refusal(f, &err);
            good = false;
        } else {
            look_at_them(f, y, selections, n);
        }
    }
    return good;
}

static void tell_unused(struct lint_file *f, const struct yaml *detection,
                        const struct selection *selections, size_t n)
{
    const struct yaml *y = detection->child;
    for (size_t i = 0; i < n; i++) {
        while (y && !str_eq(y->key, selections[i].name))
            y = y->next;
        if (y && !selections[i].used)
            lint_tell(f, LINT_WARNING, y->key_at, "unused-selection",
                      "the condition does not use '%.*s'", STR_ARG(lint_short(y->key)));
    }
}

void lint_detection(struct lint_file *f, const struct yaml *detection)
{
    static const struct node nothing;
    const struct yaml *condition = yaml_get(detection, "condition");
    if (detection->type != YAML_MAP)
        return;
    size_t room = 0;
    for (const struct yaml *y = detection->child; y && room < LINT_SELECTIONS; y = y->next)
        room++;
    struct selection *selections = ARENA_ARRAY(f->arena, struct selection, room);
    size_t n = 0;
    bool complete = true;
    for (const struct yaml *y = detection->child; y; y = y->next) {
        if (y == condition || str_eq(y->key, STR("timeframe")) || y->key.n == 0)
            continue;
        (void)look_at_selection(f, y);
        if (is_word_of_conditions(y->key))
            lint_tell(f, LINT_WARNING, y->key_at, "bad-name",
                      "'%.*s' is a word of conditions and cannot be named by one",
                      STR_ARG(y->key));
        complete = complete && n < room;
        if (complete)
            selections[n++] = (struct selection){.name = y->key, .node = &nothing};
    }
    if (condition && complete && !f->collection &&
        look_at_condition(f, condition, selections, n))
        tell_unused(f, detection, selections, n);
}
