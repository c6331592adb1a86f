#include "rule/trace.h"

#include <assert.h>

#include "base/buf.h"
#include "rule/fold.h"
#include "rule/rules_int.h"
#include "rule/sigma_eval.h"
#include "rule/sigma_values.h"

enum {
    VALUES_MAX = 64, /* of one field that are shown */
};

struct part { /* of a rule, compiled */
    enum trace_kind kind;
    struct str name;
    uint32_t need;
    const struct node *node; /* ITEM */
    const struct yaml *values;
    struct part **child;
    size_t n;
};

struct tracer {
    struct ruleset *set;
    struct arena *arena;
    size_t rule;
    struct part *root;
    struct str *fields; /* that it asks for */
    uint32_t *numbers;  /* beside them */
    size_t n_fields;
    size_t cap_fields;
    size_t cap_numbers;
    struct eval eval;
};

/* ---- taking a rule apart ---- */

static size_t count(const struct yaml *parent)
{
    size_t n = 0;
    for (const struct yaml *y = parent->child; y; y = y->next)
        n++;
    return n;
}

static struct part *new_part(struct tracer *t, enum trace_kind kind, struct str name, size_t n)
{
    struct part *p = ARENA_NEW(t->arena, struct part);
    *p = (struct part){.kind = kind, .name = name, .n = n};
    p->child = ARENA_ARRAY(t->arena, struct part *, n);
    return p;
}

static void note_field(struct tracer *t, uint32_t field)
{
    for (size_t i = 0; i < t->n_fields; i++)
        if (t->numbers[i] == field)
            return;
    if (field == FIELD_KEYWORD)
        return;
    t->fields = arena_grow(t->arena, t->fields, t->n_fields, &t->cap_fields, sizeof *t->fields);
    t->numbers =
        arena_grow(t->arena, t->numbers, t->n_fields, &t->cap_numbers, sizeof *t->numbers);
    t->fields[t->n_fields] = t->set->names.list[field];
    t->numbers[t->n_fields++] = field;
}

static int item_part(struct tracer *t, struct str key, const struct yaml *value,
                     struct part **ret, struct err *err)
{
    struct part *p = new_part(t, TRACE_ITEM, key, 0);
    p->values = value;
    if (sigma_item(&t->set->compiler, key, value, &p->node, err) < 0)
        return -1;
    note_field(t, p->node->item->field);
    *ret = p;
    return 0;
}

/* As deep as documents nest. */
static int selection_part(struct tracer *t, const struct yaml *y, struct part **ret,
                          struct err *err)
{
    if (y->type != YAML_MAP && y->type != YAML_LIST && y->type != YAML_ANY)
        return item_part(t, STR(""), y, ret, err);
    bool map = y->type == YAML_MAP;
    struct part *p = new_part(t, map ? TRACE_ALL : TRACE_ANY, STR(""), count(y));
    size_t i = 0;
    for (const struct yaml *c = y->child; c; c = c->next, i++) {
        int failed = map && c->type != YAML_ANY ? item_part(t, c->key, c, &p->child[i], err)
                                                : selection_part(t, c, &p->child[i], err);
        if (failed)
            return -1;
    }
    *ret = p;
    return 0;
}

struct leaf { /* a selection as the condition's parser sees it */
    struct node node;
    struct item item;
    struct part *part;
};

struct leaves {
    struct leaf *p;
    struct selection *selections;
    size_t n;
};

static struct part *find_leaf(const struct leaves *l, const struct item *item)
{
    for (size_t i = 0; i < l->n; i++)
        if (&l->p[i].item == item)
            return l->p[i].part;
    return NULL;
}

/* The tree of a condition, its leaves the selections. As deep as conditions nest. */
static struct part *condition_part(struct tracer *t, const struct leaves *l,
                                   const struct node *node)
{
    static const enum trace_kind kinds[] = {[NODE_ITEM] = TRACE_ITEM,
                                            [NODE_NOT] = TRACE_NOT,
                                            [NODE_AND] = TRACE_ALL,
                                            [NODE_OR] = TRACE_ANY,
                                            [NODE_AT_LEAST] = TRACE_AT_LEAST};
    if (node->kind == NODE_ITEM)
        return find_leaf(l, node->item);
    struct part *p = new_part(t, kinds[node->kind], STR(""), node->n);
    p->need = node->need;
    for (uint32_t i = 0; i < node->n; i++)
        p->child[i] = condition_part(t, l, node->child[i]);
    return p;
}

/* All selections; those that pipelines have emptied stay without a node. */
static int read_leaves(struct tracer *t, const struct yaml *detection, struct leaves *l,
                       struct err *err)
{
    l->p = ARENA_ARRAY(t->arena, struct leaf, count(detection));
    l->selections = ARENA_ARRAY(t->arena, struct selection, count(detection));
    for (const struct yaml *y = detection->child; y; y = y->next) {
        if (str_eq(y->key, STR("condition")) || str_eq(y->key, STR("timeframe")))
            continue;
        struct leaf *leaf = &l->p[l->n];
        l->selections[l->n++].name = y->key;
        if (y->type == YAML_ANY && !y->child)
            continue;
        leaf->part = new_part(t, TRACE_SELECTION, y->key, 1);
        leaf->node = (struct node){.kind = NODE_ITEM, .item = &leaf->item};
        l->selections[l->n - 1].node = &leaf->node;
        if (selection_part(t, y, &leaf->part->child[0], err) < 0)
            return -1;
    }
    return 0;
}

static int detection_part(struct tracer *t, const struct yaml *detection, struct part **ret,
                          struct err *err)
{
    struct leaves l = {0};
    const struct yaml *condition = yaml_get(detection, "condition");
    bool list = condition && condition->type == YAML_LIST;
    if (!condition || read_leaves(t, detection, &l, err) < 0)
        return condition ? -1 : err_set(err, ERR_INVALID, "no condition");
    struct part *any = new_part(t, TRACE_ANY, STR(""), list ? count(condition) : 1);
    const struct yaml *y = list ? condition->child : condition;
    for (size_t i = 0; i < any->n; i++, y = y->next) {
        const struct node *node = NULL;
        if (sigma_condition(&t->set->compiler, y->text, l.selections, l.n, &node, err) < 0)
            return -1;
        any->child[i] = condition_part(t, &l, node);
    }
    *ret = any->n == 1 ? any->child[0] : any;
    return 0;
}

static int filter_part(struct tracer *t, const struct filter *f, const struct rule *rule,
                       struct part **ret, struct err *err)
{
    const struct yaml *yaml = filter_on(f, rule->document, t->arena);
    struct part *p = new_part(t, TRACE_FILTER, yaml_text(f->document->yaml, "title"), 1);
    if (rule->pack.n == 0 && t->set->n_pipelines &&
        pipeline_apply(t->set->pipelines, t->set->n_pipelines, yaml, t->arena, &yaml, err) < 0)
        return -1;
    *ret = p;
    return detection_part(t, yaml_get(yaml, "detection"), &p->child[0], err);
}

/* The rule, and all of the filters that are joined to it. */
static int whole_part(struct tracer *t, struct part **ret, struct err *err)
{
    const struct rule *rule = &t->set->rules[t->rule];
    size_t n = 1;
    struct part *all = new_part(t, TRACE_ALL, STR(""), (size_t)rule->n_filters + 1);
    if (detection_part(t, yaml_get(rule->document, "detection"), &all->child[0], err) < 0)
        return -1;
    for (struct filter *f = t->set->filters; f && n < all->n; f = f->next) {
        if (filter_applies(f, rule->document) &&
            filter_part(t, f, rule, &all->child[n++], err) < 0)
            return -1;
    }
    all->n = n;
    *ret = n == 1 ? all->child[0] : all;
    return 0;
}

int tracer_new(struct ruleset *set, size_t rule, struct tracer **ret, struct err *err)
{
    assert(set->frozen && rule < set->n);
    struct arena *arena = arena_new();
    struct tracer *t = ARENA_NEW(arena, struct tracer);
    *t = (struct tracer){.set = set, .arena = arena, .rule = rule};
    if (whole_part(t, &t->root, err) < 0) {
        arena_free(arena);
        return -1;
    }
    t->eval = (struct eval){.names = &set->names,
                            .arena = arena_new(),
                            .scratch = regex_scratch_new(arena),
                            .fields = ARENA_ARRAY(arena, struct values, set->names.n),
                            .views = ARENA_ARRAY(arena, struct values, set->map.n_views)};
    *ret = t;
    return 0;
}

void tracer_free(struct tracer *t)
{
    if (!t)
        return;
    regex_scratch_free(t->eval.scratch);
    arena_free(t->eval.arena);
    arena_free(t->arena);
}

/* ---- feeds ---- */

size_t tracer_feeds(const struct tracer *t)
{
    return t->set->compiled[t->rule].n_feeds;
}

struct str tracer_feed_text(const struct tracer *t, size_t feed, struct arena *arena)
{
    enum { TEXT_MAX = 4096 };
    const struct feed *f = t->set->compiled[t->rule].feeds[feed];
    struct buf b = buf_new(TEXT_MAX);
    if (f->kind != EVENT_WINDOWS || f->n_channels == 0)
        buf_addf(&b, "any %s event", event_kind_name(f->kind));
    for (size_t i = 0; i < f->n_channels; i++)
        buf_addf(&b, "%s%.*s", i ? " or " : "", STR_ARG(f->channels[i]));
    for (size_t i = 0; i < f->n_event_ids; i++)
        buf_addf(&b, "%s%u", i ? ", " : " EventID ", f->event_ids[i]);
    struct str text = arena_str(arena, buf_str(&b));
    buf_free(&b);
    return text;
}

/* ---- walking ---- */

/* Asks the plain evaluator about one value of the rule. */
static bool ask(struct tracer *t, const struct item *item, struct pattern *pattern)
{
    struct item one = {.field = item->field, .patterns = pattern, .n = 1};
    struct node node = {.kind = NODE_ITEM, .item = &one};
    return sigma_eval(&t->eval, &node);
}

static struct values *values_of(struct tracer *t, const struct item *item)
{
    return item->field == FIELD_KEYWORD ? sigma_texts(&t->eval)
                                        : sigma_values(&t->eval, item->field);
}

/* Whether any value of the rule matches this value of the event: the evaluator is shown it
 * alone. */
static bool value_hits(struct tracer *t, const struct item *item, struct values *f, size_t i)
{
    struct values all = *f;
    bool hit = false;
    f->v = all.v + i;
    f->n = 1;
    f->own = i < all.own;
    f->has_grams = false;
    for (size_t k = 0; k < item->n && !hit; k++) {
        enum op op = item->patterns[k].op;
        if (op != OP_NULL && op != OP_EXISTS)
            hit = ask(t, item, &item->patterns[k]);
    }
    *f = all;
    return hit;
}

/* Where a value of the rule that is plain text stands in that of the event. */
static size_t place_of(const struct yaml *asked, struct str text)
{
    const struct yaml *y = asked->type == YAML_LIST ? asked->child : asked;
    for (; y; y = asked->type == YAML_LIST ? y->next : NULL) {
        size_t at = y->text.n ? str_ifind(text, y->text, 0) : SIZE_MAX;
        if (at != SIZE_MAX)
            return at;
    }
    return 0;
}

/* The event's own name of a text that a keyword was looked for in. */
static struct str name_of_text(const struct event *ev, struct str text)
{
    for (size_t i = 0; i < ev->n; i++)
        if (ev->fields[i].value.p == text.p && ev->fields[i].value.n == text.n)
            return ev->fields[i].name;
    return STR("");
}

static struct str field_name(struct tracer *t, const struct item *item, struct arena *arena)
{
    const struct feed *feed = t->eval.feed;
    const struct names *names = t->eval.names;
    for (size_t i = 0; feed && i < feed->n_views; i++) {
        const struct view *v = &feed->views[i];
        if (v->field != item->field)
            continue;
        struct str text = names->list[v->from[0]];
        for (size_t k = 1; k < v->n_from; k++)
            text = arena_printf(arena, "%.*s + %.*s", STR_ARG(text),
                                STR_ARG(names->list[v->from[k]]));
        return text;
    }
    return names->list[item->field];
}

static void show_values(struct tracer *t, const struct part *p, bool hit, struct arena *arena,
                        struct trace *to)
{
    const struct item *item = p->node->item;
    bool keyword = item->field == FIELD_KEYWORD;
    struct values *f = values_of(t, item);
    struct str name = keyword ? STR("") : field_name(t, item, arena);
    to->values = ARENA_ARRAY(arena, struct trace_value, f->n < VALUES_MAX ? f->n : VALUES_MAX);
    for (size_t i = 0; i < f->n && to->n_values < VALUES_MAX && (hit || !keyword); i++) {
        bool is_hit = hit && value_hits(t, item, f, i);
        if (keyword && !is_hit)
            continue;
        struct value *v = &f->v[i];
        to->values[to->n_values++] = (struct trace_value){
            .field = keyword ? name_of_text(t->eval.ev, v->raw) : name,
            .text = v->raw,
            .how = v->how ? str_of(v->how) : STR(""),
            .hit = is_hit,
            .at = is_hit ? place_of(p->values, v->raw) : 0,
        };
    }
}

static void walk_item(struct tracer *t, const struct part *p, struct arena *arena,
                      struct trace *to)
{
    const struct item *item = p->node->item;
    const struct yaml *y = p->values->type == YAML_LIST ? p->values->child : p->values;
    bool any = false;
    to->result = sigma_eval(&t->eval, p->node);
    to->all = item->all;
    to->asked = ARENA_ARRAY(arena, struct trace_asked, item->n);
    for (size_t i = 0; i < item->n; i++, y = y->next) {
        bool hit = ask(t, item, &item->patterns[i]);
        any = any || hit;
        to->asked[to->n_asked++] = (struct trace_asked){
            y->type == YAML_NULL && y->text.n == 0 ? STR("null") : y->text, hit};
    }
    show_values(t, p, any, arena, to);
}

/* As deep as conditions and selections nest. */
static struct trace *walk(struct tracer *t, const struct part *p, struct arena *arena)
{
    struct trace *to = ARENA_NEW(arena, struct trace);
    *to = (struct trace){.kind = p->kind, .name = p->name, .need = p->need, .n = p->n};
    if (p->kind == TRACE_ITEM) {
        walk_item(t, p, arena, to);
        return to;
    }
    size_t yes = 0;
    to->child = ARENA_ARRAY(arena, struct trace *, p->n);
    for (size_t i = 0; i < p->n; i++) {
        to->child[i] = walk(t, p->child[i], arena);
        yes += to->child[i]->result;
    }
    to->result = p->kind == TRACE_NOT        ? yes == 0
                 : p->kind == TRACE_ANY      ? yes > 0
                 : p->kind == TRACE_AT_LEAST ? yes >= p->need
                                             : yes == p->n;
    return to;
}

enum trace_feed tracer_run(struct tracer *t, size_t feed, const struct event *ev,
                           struct arena *arena, struct trace **ret)
{
    const struct compiled *c = &t->set->compiled[t->rule];
    const struct feed *f = feed < c->n_feeds ? c->feeds[feed] : NULL;
    enum trace_feed said = FEED_TAKES;
    sigma_eval_event(&t->eval, ev);
    if (f && !logsource_takes(f, ev, fold_str(ev->channel, arena)))
        said = FEED_OTHER;
    else if (f && f->conditions && !sigma_eval(&t->eval, f->conditions))
        said = FEED_CONDITION;
    sigma_eval_feed(&t->eval, f);
    *ret = walk(t, t->root, arena);
    return said;
}

size_t tracer_fields(const struct tracer *t, const struct str **ret)
{
    *ret = t->fields;
    return t->n_fields;
}

bool tracer_see(struct tracer *t, const struct event *ev, bool *seen)
{
    const struct compiled *c = &t->set->compiled[t->rule];
    bool any = false;
    sigma_eval_event(&t->eval, ev);
    struct str channel = fold_str(ev->channel, t->eval.arena);
    for (size_t i = 0; i < c->n_feeds; i++) {
        if (!logsource_takes(c->feeds[i], ev, channel))
            continue;
        any = true;
        sigma_eval_feed(&t->eval, c->feeds[i]);
        for (size_t k = 0; k < t->n_fields; k++)
            seen[k] = seen[k] || sigma_values(&t->eval, t->numbers[k])->own > 0;
    }
    return any;
}

/* ---- what matched ---- */

static size_t add_hits(const struct trace *t, struct trace_value *list, size_t n, size_t most)
{
    if (t->kind == TRACE_NOT || !t->result)
        return n;
    for (size_t i = 0; i < t->n_values && n < most; i++) {
        bool known = !t->values[i].hit;
        for (size_t k = 0; k < n && !known; k++)
            known = str_eq(list[k].field, t->values[i].field) &&
                    str_eq(list[k].text, t->values[i].text);
        if (!known)
            list[n++] = t->values[i];
    }
    for (size_t i = 0; i < t->n; i++)
        n = add_hits(t->child[i], list, n, most);
    return n;
}

size_t trace_hits(const struct trace *t, struct trace_value *list, size_t most)
{
    return add_hits(t, list, 0, most);
}
