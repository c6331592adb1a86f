/* sigma_parse.c - a rule's detection part as one tree. */
#include "rule/sigma_int.h"

const struct node *sigma_node(struct compiler *c, enum node_kind kind,
                              const struct node **child, uint32_t n)
{
    if (n == 1 && kind != NODE_NOT)
        return child[0];
    struct node *node = ARENA_NEW(c->arena, struct node);
    node->kind = kind;
    node->n = n;
    node->child = ARENA_ARRAY(c->arena, const struct node *, n);
    for (uint32_t i = 0; i < n; i++) { /* insertion keeps the order of equals */
        uint32_t at = i;
        for (; at > 0 && n <= 64 && node->child[at - 1]->cost > child[i]->cost; at--)
            node->child[at] = node->child[at - 1];
        node->child[at] = child[i];
        uint64_t cost = (uint64_t)node->cost + child[i]->cost;
        node->cost = cost > UINT32_MAX ? UINT32_MAX : (uint32_t)cost;
    }
    return node;
}

static uint32_t count(const struct yaml *parent)
{
    uint32_t n = 0;
    for (const struct yaml *y = parent->child; y; y = y->next)
        n++;
    return n;
}

static int list_selection(struct compiler *c, const struct yaml *list, const struct node **ret,
                          struct err *err);

/* Recursion ends with what pipelines nest (PL_DEPTH_MAX). */
static int map_selection(struct compiler *c, const struct yaml *map, const struct node **ret,
                         struct err *err)
{
    uint32_t n = count(map);
    if (n == 0)
        return err_set(err, ERR_INVALID, "an empty selection");
    const struct node **child = ARENA_ARRAY(c->arena, const struct node *, n);
    uint32_t i = 0;
    for (const struct yaml *y = map->child; y; y = y->next) {
        int rc = y->type == YAML_ANY ? list_selection(c, y, &child[i++], err)
                                     : sigma_item(c, y->key, y, &child[i++], err);
        if (rc != 0 && y->type == YAML_ANY)
            return -1; /* the key is further in */
        if (rc != 0)
            return err_at(err, "'%.*s'", (int)(y->key.n > 80 ? 80 : y->key.n), y->key.p);
    }
    *ret = sigma_node(c, NODE_AND, child, n);
    return 0;
}

/* Maps, keywords and further lists, any of which may match. As deep as documents may nest. */
static int list_selection(struct compiler *c, const struct yaml *list, const struct node **ret,
                          struct err *err)
{
    uint32_t n = count(list);
    if (n == 0)
        return err_set(err, ERR_INVALID, "an empty selection");
    const struct node **child = ARENA_ARRAY(c->arena, const struct node *, n);
    uint32_t i = 0;
    for (const struct yaml *y = list->child; y; y = y->next, i++) {
        if (sigma_selection(c, y, &child[i], err) != 0)
            return -1;
    }
    *ret = sigma_node(c, NODE_OR, child, n);
    return 0;
}

int sigma_selection(struct compiler *c, const struct yaml *selection, const struct node **ret,
                    struct err *err)
{
    c->at = (struct compile_place){.node = selection};
    if (selection->type == YAML_MAP)
        return map_selection(c, selection, ret, err);
    if (selection->type == YAML_LIST || selection->type == YAML_ANY)
        return list_selection(c, selection, ret, err);
    return sigma_item(c, STR(""), selection, ret, err);
}

static bool is_selection(const struct yaml *y)
{
    return !str_eq(y->key, STR("condition")) && !str_eq(y->key, STR("timeframe"));
}

static int conditions(struct compiler *c, const struct yaml *condition,
                      struct selection *selections, size_t n, const struct node **ret,
                      struct err *err)
{
    bool is_list = condition->type == YAML_LIST;
    c->at = (struct compile_place){.node = condition};
    uint32_t n_conditions = is_list ? count(condition) : 1;
    if (n_conditions == 0 || condition->type == YAML_MAP || condition->type == YAML_NULL)
        return err_set(err, ERR_INVALID, "the condition is empty");
    const struct node **child = ARENA_ARRAY(c->arena, const struct node *, n_conditions);
    const struct yaml *y = is_list ? condition->child : condition;
    for (uint32_t i = 0; i < n_conditions; i++, y = y->next) {
        c->at = (struct compile_place){.node = y};
        if (sigma_condition(c, y->text, selections, n, &child[i], err) != 0)
            return -1;
    }
    *ret = sigma_node(c, NODE_OR, child, n_conditions);
    return 0;
}

int sigma_detection(struct compiler *c, const struct yaml *detection, const struct node **ret,
                    struct err *err)
{
    c->at = (struct compile_place){.node = detection};
    if (!detection || detection->type != YAML_MAP)
        return err_set(err, ERR_INVALID, "no detection part");
    const struct yaml *condition = yaml_get(detection, "condition");
    if (!condition)
        return err_set(err, ERR_INVALID, "no condition");
    struct selection *selections =
        ARENA_ARRAY(c->arena, struct selection, (size_t)count(detection) + 1);
    size_t n = 0;
    for (const struct yaml *y = detection->child; y; y = y->next) {
        if (!is_selection(y))
            continue;
        c->at = (struct compile_place){.node = y, .key = true};
        if (y->key.n == 0)
            return err_set(err, ERR_INVALID, "a selection without a name");
        selections[n].name = y->key;
        bool is_gone = y->type == YAML_ANY && !y->child;
        if (!is_gone && sigma_selection(c, y, &selections[n].node, err) != 0)
            return err_at(err, "%.*s", (int)(y->key.n > 80 ? 80 : y->key.n), y->key.p);
        n++;
    }
    if (conditions(c, condition, selections, n, ret, err) != 0)
        return -1;
    c->at = (struct compile_place){.node = yaml_get(detection, "timeframe"), .key = true};
    if (c->at.node)
        return err_set(err, ERR_UNSUPPORTED,
                       "a timeframe is for aggregations, and there is none");
    return 0;
}
