/* documents.c - see documents.h. */
#include "rule/documents.h"

#include "base/limits.h"
#include "rule/yaml_edit.h"

enum { MERGE_STEPS = 1 << 20 }; /* of one text: thousands of usual rules */

struct collection {            /* one text being read */
    struct yaml *global;       /* what is added to each rule; NULL = nothing */
    const struct yaml *before; /* what `repeat` repeats; NULL = nothing */
    struct arena *arena;
    size_t steps; /* work left: a few bytes of text may ask for a large rule again and again */
};

static struct document *append(struct documents *list, struct str path, struct str pack,
                               const struct yaml *yaml)
{
    struct document *d = ARENA_NEW(list->arena, struct document);
    *d = (struct document){.path = path, .pack = pack, .yaml = yaml};
    if (list->last)
        list->last->next = d;
    else
        list->first = d;
    list->last = d;
    return d;
}

void documents_add_yaml(struct documents *list, struct str path, const struct yaml *yaml)
{
    (void)append(list, path, STR(""), yaml);
}

static bool is_rule(const struct yaml *yaml)
{
    return yaml->type == YAML_MAP && !yaml_get(yaml, "filter") &&
           !yaml_get(yaml, "correlation");
}

static struct yaml *without_action(const struct collection *c, const struct yaml *yaml)
{
    struct yaml *copy = yaml_copy(yaml, c->arena);
    yaml_remove(copy, "action");
    return copy;
}

static size_t weight(const struct yaml *tree)
{
    size_t sum = 1 + tree->text.n / 64;
    for (const struct yaml *y = tree->child; y; y = y->next)
        sum += weight(y); /* as deep as documents may nest */
    return sum;
}

static int merge(struct collection *c, const struct yaml *map, const struct yaml *over,
                 struct yaml **ret, struct err *err)
{
    struct yaml *both = NULL;
    if (yaml_merge(map, over, c->arena, &c->steps, &both, err) != 0)
        return -1;
    size_t cost = weight(both);
    if (cost > c->steps)
        return err_set(err, ERR_LIMIT,
                       "the rules of this collection are too many or too large");
    c->steps -= cost;
    *ret = both;
    return 0;
}

static int add_global(struct collection *c, const struct yaml *yaml, struct err *err)
{
    struct yaml *all = without_action(c, yaml);
    if (c->global && merge(c, c->global, all, &all, err) != 0)
        return -1;
    c->global = all;
    c->before = all;
    return 0;
}

/* What a document with an action means: 1 a rule, 0 nothing of its own, -1 a mistake. */
static int act(struct collection *c, const struct yaml *yaml, struct yaml **ret,
               struct err *err)
{
    struct str action = yaml_text(yaml, "action");
    if (str_eq(action, STR("global")))
        return add_global(c, yaml, err);
    if (str_eq(action, STR("reset"))) {
        c->global = NULL;
        return 0;
    }
    if (!str_eq(action, STR("repeat")))
        return err_set(err, ERR_INVALID, "unknown action '%.*s'; want global, repeat or reset",
                       (int)(action.n > 60 ? 60 : action.n), action.p);
    if (!c->before)
        return err_set(err, ERR_INVALID, "action: repeat, and no rule before it");
    struct yaml *own = without_action(c, yaml);
    if (merge(c, c->before, own, ret, err) != 0)
        return -1;
    c->before = *ret;
    return 1;
}

/* The rule that a document means, with what the collection adds to it; as `act`. */
static int read_document(struct collection *c, struct yaml *yaml, struct yaml **ret,
                         struct err *err)
{
    *ret = yaml;
    if (!is_rule(yaml))
        return 1;
    if (yaml_get(yaml, "action"))
        return act(c, yaml, ret, err);
    if (c->global && merge(c, yaml, c->global, ret, err) != 0)
        return -1;
    c->before = *ret;
    return 1;
}

int documents_add(struct documents *list, struct str path, struct str pack, struct str text,
                  struct yaml_mark *ret_at, struct err *err)
{
    struct yaml *first = NULL;
    struct collection c = {.arena = list->arena, .steps = MERGE_STEPS};
    if (text.n > LIMIT_RULE_FILE)
        return err_set(err, ERR_LIMIT, "the file has %zu bytes, more than %d", text.n,
                       LIMIT_RULE_FILE);
    if (arena_used(list->arena) > LIMIT_RULES_MEMORY)
        return err_set(err, ERR_LIMIT, "the rules read before it take all memory they may");
    *ret_at = (struct yaml_mark){1, 1};
    if (yaml_parse_at(text, list->arena, &first, ret_at, err) != 0)
        return -1;
    for (struct yaml *yaml = first; yaml; yaml = yaml->next) {
        struct yaml *rule = yaml;
        struct err problem = {0};
        if (yaml->type == YAML_NULL)
            continue; /* an empty document between two "---" */
        if (read_document(&c, yaml, &rule, &problem) != 0)
            append(list, path, pack, rule)->problem = problem;
    }
    return 0;
}

bool document_means_rule(const struct yaml *document)
{
    static const char *const keys[] = {"title",       "detection", "logsource",
                                       "correlation", "filter",    "action"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (yaml_get(document, keys[i]))
            return true;
    return document->type != YAML_MAP;
}

bool document_is_filter(const struct document *document)
{
    return yaml_get(document->yaml, "filter") != NULL;
}

bool document_is_correlation(const struct document *document)
{
    return document->yaml->type == YAML_MAP && yaml_get(document->yaml, "correlation");
}

int document_check_logsource(const struct yaml *document, struct err *err)
{
    const struct yaml *logsource = yaml_get(document, "logsource");
    if (!logsource || logsource->type != YAML_MAP)
        return err_set(err, ERR_INVALID, "no log source");
    size_t said = yaml_text(logsource, "product").n + yaml_text(logsource, "category").n +
                  yaml_text(logsource, "service").n;
    if (said == 0)
        return err_set(err, ERR_INVALID,
                       "the log source has no product, no category and no service");
    return 0;
}

int document_check(const struct yaml *document, struct err *err)
{
    if (document->type != YAML_MAP)
        return err_set(err, ERR_INVALID, "not a rule: the document is not a map");
    return document_check_logsource(document, err);
}
