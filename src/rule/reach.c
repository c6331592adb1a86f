#include "rule/reach.h"

#include "rule/fold.h"
#include "rule/rules_int.h"
#include "rule/sigma_eval.h"

const char *reach_state_name(enum reach_state s)
{
    static const char *const names[REACH_STATES] = {"unreadable",     "source_absent",
                                                    "event_not_seen", "field_not_logged",
                                                    "partly",         "could_fire"};
    return names[s];
}

struct host {
    struct str name;
    size_t *classes;
    size_t n;
    size_t cap;
};

struct reacher {
    const struct ruleset *set;
    const struct reach_class *classes;
    struct str *channels; /* of the classes, folded */
    size_t n;
    struct host *hosts;
    size_t n_hosts, cap_hosts;
    struct arena *arena;
    struct eval eval;
};

/* "mail01" and "mail01.example.com" are one host. */
static bool same_host(struct str a, struct str b)
{
    struct str shorter = a.n < b.n ? a : b;
    struct str longer = a.n < b.n ? b : a;
    return shorter.n ? str_istarts(longer, shorter) &&
                           (longer.n == shorter.n || longer.p[shorter.n] == '.')
                     : longer.n == 0;
}

/* Records that name no host are of the only one that others name. */
static void join_nameless(struct reacher *r)
{
    size_t nameless = r->hosts && r->n_hosts == 2 && r->hosts[0].name.n ? 1 : 0;
    if (r->n_hosts != 2 || r->hosts[nameless].name.n)
        return;
    struct host *to = &r->hosts[1 - nameless];
    for (size_t i = 0; i < r->hosts[nameless].n; i++) {
        to->classes = arena_grow(r->arena, to->classes, to->n, &to->cap, sizeof *to->classes);
        to->classes[to->n++] = r->hosts[nameless].classes[i];
    }
    r->hosts[0] = *to;
    r->n_hosts = 1;
}

static struct host *host_of(struct reacher *r, struct str name)
{
    for (size_t i = 0; i < r->n_hosts; i++)
        if (same_host(r->hosts[i].name, name))
            return &r->hosts[i];
    r->hosts = arena_grow(r->arena, r->hosts, r->n_hosts, &r->cap_hosts, sizeof *r->hosts);
    r->hosts[r->n_hosts] = (struct host){.name = name};
    return &r->hosts[r->n_hosts++];
}

struct reacher *reacher_new(const struct ruleset *set, const struct reach_class *classes,
                            size_t n)
{
    struct arena *arena = arena_new();
    struct reacher *r = ARENA_NEW(arena, struct reacher);
    *r = (struct reacher){.set = set, .classes = classes, .n = n, .arena = arena};
    r->channels = ARENA_ARRAY(arena, struct str, n);
    for (size_t i = 0; i < n; i++) {
        struct host *h = host_of(r, classes[i].host);
        h->classes = arena_grow(arena, h->classes, h->n, &h->cap, sizeof *h->classes);
        h->classes[h->n++] = i;
        r->channels[i] = fold_str(classes[i].channel, arena);
    }
    join_nameless(r);
    r->eval = (struct eval){.names = &set->names,
                            .arena = arena_new(),
                            .scratch = regex_scratch_new(arena),
                            .fields = ARENA_ARRAY(arena, struct values, set->names.n),
                            .views = ARENA_ARRAY(arena, struct values, set->map.n_views)};
    return r;
}

void reacher_free(struct reacher *r)
{
    if (!r)
        return;
    regex_scratch_free(r->eval.scratch);
    arena_free(r->eval.arena);
    arena_free(r->arena);
}

size_t reacher_hosts(const struct reacher *r)
{
    return r->n_hosts;
}

/* ---- fields ---- */

/* Names are the same without regard to case and blanks: what event_find takes at most. */
static bool same_name(struct str a, struct str b)
{
    size_t i = 0;
    size_t k = 0;
    for (;;) {
        while (i < a.n && a.p[i] == ' ')
            i++;
        while (k < b.n && b.p[k] == ' ')
            k++;
        if (i == a.n || k == b.n)
            return i == a.n && k == b.n;
        if (ascii_lower(a.p[i++]) != ascii_lower(b.p[k++]))
            return false;
    }
}

enum presence { ABSENT, EMPTY, FILLED };

/* What a rule's events are taken to be: a class of the evidence, or one with every field but
 * those that the feed's events never have. */
struct look {
    struct reacher *r;
    const struct feed *feed;
    const struct reach_class *class; /* NULL: every field */
    struct reach *missing;           /* fields that are asked for are added; NULL: no */
    bool negated;
};

static bool is_head(struct str name)
{
    static const char *const heads[] = {"EventID", "Channel", "Provider_Name", "Computer"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (str_eq(name, str_of(heads[i])))
            return true;
    return false;
}

static enum presence own_presence(const struct look *l, struct str name)
{
    enum presence best = ABSENT;
    if (l->feed->kind == EVENT_WINDOWS && is_head(name))
        return FILLED;
    for (size_t i = 0; i < l->feed->n_lacks && !l->class; i++)
        if (str_ieq(l->feed->lacks[i], name))
            return ABSENT;
    for (size_t i = 0; l->class && i < l->class->n_fields && best != FILLED; i++)
        if (same_name(l->class->fields[i].name, name))
            best = l->class->fields[i].filled ? FILLED : EMPTY;
    return l->class ? best : FILLED;
}

static enum presence presence(const struct look *l, uint32_t field)
{
    const struct names *names = l->r->eval.names;
    enum presence best = ABSENT;
    for (size_t i = 0; i < l->feed->n_views; i++) {
        const struct view *v = &l->feed->views[i];
        for (size_t k = 0; v->field == field && k < v->n_from; k++) {
            enum presence p = own_presence(l, names->list[v->from[k]]);
            best = p > best ? p : best;
        }
        if (v->field == field)
            return best;
    }
    return own_presence(l, names->list[field]);
}

static void note(struct str *list, size_t *n, struct str name)
{
    for (size_t i = 0; i < *n; i++)
        if (str_eq(list[i], name))
            return;
    if (*n < REACH_FIELDS)
        list[(*n)++] = name;
}

/* ---- three values ---- */

static bool wants_value(const struct item *item)
{
    for (size_t i = 0; i < item->n; i++)
        for (const struct pattern *p = &item->patterns[i]; p; p = p->or_else)
            if (p->op == OP_EXISTS ? p->yes : p->op != OP_NULL)
                return true;
    return false;
}

/* One form of a value, over a field that is never there, or there and empty ("" or "-"). */
static enum tri form_tri(const struct pattern *p, enum presence has)
{
    if (p->op == OP_EXISTS)
        return (has == EMPTY) == p->yes ? TRI_YES : TRI_NO;
    if (p->op == OP_NULL)
        return has == EMPTY ? TRI_MAYBE : TRI_YES;
    if (has == ABSENT)
        return TRI_NO;
    if (p->op == OP_REGEX)
        return TRI_MAYBE;
    if (p->op != OP_TEXT)
        return TRI_NO;
    bool dash = text_matches(&p->text, STR("-"));
    bool nothing = text_matches(&p->text, STR(""));
    return dash || nothing ? TRI_MAYBE : TRI_NO;
}

static enum tri item_tri(const struct look *l, const struct node *node)
{
    const struct item *item = node->item;
    enum tri head = sigma_eval_head(&l->r->eval, node);
    if (head != TRI_MAYBE || item->field == FIELD_KEYWORD ||
        item->patterns[0].part != PART_NONE)
        return head;
    enum presence has = presence(l, item->field);
    if (has == FILLED)
        return TRI_MAYBE;
    struct str name = l->r->eval.names->list[item->field];
    if (l->missing && wants_value(item)) {
        if (l->negated != item->negate)
            note(l->missing->filters, &l->missing->n_filters, name);
        else
            note(l->missing->fields, &l->missing->n_fields, name);
    }
    enum tri whole = item->all ? TRI_YES : TRI_NO;
    for (size_t i = 0; i < item->n; i++) {
        enum tri any = TRI_NO;
        for (const struct pattern *p = &item->patterns[i]; p; p = p->or_else) {
            enum tri t = form_tri(p, has);
            any = t > any ? t : any;
        }
        whole = item->all ? (any < whole ? any : whole) : (any > whole ? any : whole);
    }
    return item->negate ? (enum tri)(TRI_YES - whole) : whole;
}

/* As deep as conditions nest. */
static enum tri node_tri(const struct look *l, const struct node *node)
{
    uint32_t yes = 0;
    uint32_t no = 0;
    if (node->kind == NODE_ITEM)
        return item_tri(l, node);
    struct look in = *l;
    in.negated = l->negated != (node->kind == NODE_NOT);
    for (uint32_t i = 0; i < node->n; i++) {
        enum tri t = node_tri(&in, node->child[i]);
        yes += t == TRI_YES;
        no += t == TRI_NO;
    }
    uint32_t need = node->kind == NODE_AND ? node->n : node->kind == NODE_OR ? 1 : node->need;
    if (node->kind == NODE_NOT)
        return yes ? TRI_NO : no ? TRI_YES : TRI_MAYBE;
    if (yes >= need)
        return TRI_YES;
    return node->n - no < need ? TRI_NO : TRI_MAYBE;
}

/* ---- one rule ---- */

/* Whether events with this head may satisfy the rule, whatever fields they have. */
static bool head_fits(struct reacher *r, const struct compiled *rule, const struct feed *feed,
                      const struct event *head)
{
    sigma_eval_event(&r->eval, head);
    if (feed->conditions && sigma_eval_head(&r->eval, feed->conditions) == TRI_NO)
        return false;
    sigma_eval_feed(&r->eval, feed);
    return sigma_eval_head(&r->eval, rule->node) != TRI_NO;
}

static struct event head_of(enum event_kind kind, struct str channel, uint32_t id)
{
    return (struct event){
        .kind = kind, .time = INSTANT_NONE, .channel = channel, .event_id = id};
}

/* What the rule can do with events of a class that its feed takes. REACH_STATES: their head
 * is none of its. */
static enum reach_state class_state(struct reacher *r, const struct compiled *rule,
                                    const struct feed *feed, const struct reach_class *class,
                                    struct reach *missing)
{
    struct event head = head_of(class->kind, class->channel, class->event_id);
    struct look l = {.r = r, .feed = feed, .class = class, .missing = missing};
    missing->n_fields = missing->n_filters = 0;
    if (!head_fits(r, rule, feed, &head))
        return REACH_STATES;
    if (feed->conditions && node_tri(&l, feed->conditions) == TRI_NO)
        return missing->n_fields + missing->n_filters ? REACH_NO_FIELD : REACH_STATES;
    if (node_tri(&l, rule->node) == TRI_NO)
        return missing->n_fields + missing->n_filters ? REACH_NO_FIELD : REACH_STATES;
    return missing->n_fields + missing->n_filters ? REACH_PARTLY : REACH_FULL;
}

static bool is_source(const struct feed *feed, const struct reach_class *class,
                      struct str channel)
{
    if (feed->kind != class->kind)
        return false;
    for (size_t i = 0; i < feed->n_channels; i++)
        if (str_eq(feed->channels[i], channel))
            return true;
    return feed->n_channels == 0;
}

struct best { /* of the classes */
    enum reach_state state;
    struct reach missing;
    const struct feed *feed;
    const struct reach_class *class;
};

/* Whether one state with what it lacks is better than another. */
static bool is_better(const struct best *a, const struct best *b)
{
    size_t lacks = a->missing.n_fields + a->missing.n_filters;
    return a->state != b->state
               ? a->state > b->state
               : a->class && (!b->class || lacks < b->missing.n_fields + b->missing.n_filters);
}

static void host_state(struct reacher *r, const struct compiled *rule, const struct host *h,
                       struct best *best)
{
    *best = (struct best){.state = REACH_NO_SOURCE};
    for (size_t i = 0; i < h->n; i++) {
        const struct reach_class *class = &r->classes[h->classes[i]];
        struct str channel = r->channels[h->classes[i]];
        struct event head = head_of(class->kind, class->channel, class->event_id);
        for (size_t k = 0; k < rule->n_feeds; k++) {
            const struct feed *feed = rule->feeds[k];
            struct best b = {.state = REACH_NO_EVENT, .feed = feed};
            if (!is_source(feed, class, channel))
                continue;
            if (logsource_takes(feed, &head, channel)) {
                b.state = class_state(r, rule, feed, class, &b.missing);
                b.class = class;
            }
            if (b.state == REACH_STATES)
                b = (struct best){.state = REACH_NO_EVENT, .feed = feed};
            if (is_better(&b, best))
                *best = b;
        }
    }
}

/* ---- what would help ---- */

static void add_id(struct reach_need *n, uint32_t id)
{
    for (size_t i = 0; i < n->n_ids; i++)
        if (n->ids[i] == id)
            return;
    if (n->n_ids < REACH_IDS)
        n->ids[n->n_ids++] = id;
}

static void try_id(struct reacher *r, const struct compiled *rule, const struct feed *feed,
                   uint32_t id, struct reach_need *need)
{
    struct event head = head_of(feed->kind, need->channel, id);
    if (head_fits(r, rule, feed, &head))
        add_id(need, id);
}

/* The EventIDs that the rule's own clauses name. As deep as conditions nest. */
static void named_ids(struct reacher *r, const struct compiled *rule, const struct feed *feed,
                      const struct node *node, struct reach_need *need)
{
    const struct item *item = node->kind == NODE_ITEM ? node->item : NULL;
    bool ids = item && item->field != FIELD_KEYWORD &&
               str_eq(r->eval.names->list[item->field], STR("EventID"));
    for (size_t i = 0; ids && i < item->n; i++)
        for (const struct pattern *p = &item->patterns[i]; p; p = p->or_else)
            if (p->op == OP_NUMBER && p->number.whole && !p->number.minus &&
                p->number.size <= UINT32_MAX)
                try_id(r, rule, feed, (uint32_t)p->number.size, need);
    for (uint32_t i = 0; i < node->n; i++)
        named_ids(r, rule, feed, node->child[i], need);
}

static void add_need(struct reach *to, const struct reach_need *need)
{
    for (size_t i = 0; i < to->n_needs; i++) {
        const struct reach_need *n = &to->needs[i];
        if (n->kind == need->kind && str_eq(n->channel, need->channel) &&
            str_eq(n->field, need->field) && n->n_ids == need->n_ids &&
            memcmp(n->ids, need->ids, n->n_ids * sizeof *n->ids) == 0)
            return;
    }
    if (to->n_needs < REACH_NEEDS)
        to->needs[to->n_needs++] = *need;
}

/* The events of a feed, if the rule could fire on them. */
static void need_feed(struct reacher *r, const struct compiled *rule, const struct feed *feed,
                      struct reach *to)
{
    struct reach_need need = {.kind = feed->kind};
    if (feed->n_channels)
        need.channel = feed->channels[0];
    for (size_t i = 0; i < feed->n_event_ids; i++)
        try_id(r, rule, feed, feed->event_ids[i], &need);
    if (feed->n_event_ids == 0 && feed->kind == EVENT_WINDOWS)
        named_ids(r, rule, feed, rule->node, &need);
    if (feed->n_event_ids && need.n_ids == 0)
        return;
    struct event head = head_of(feed->kind, need.channel, need.n_ids ? need.ids[0] : 0);
    struct look l = {.r = r, .feed = feed};
    sigma_eval_event(&r->eval, &head);
    sigma_eval_feed(&r->eval, feed);
    if ((need.n_ids || feed->kind != EVENT_WINDOWS) && node_tri(&l, rule->node) == TRI_NO)
        return;
    add_need(to, &need);
}

static bool never_has(const struct feed *feed, struct str field)
{
    for (size_t i = 0; i < feed->n_lacks; i++)
        if (str_ieq(feed->lacks[i], field))
            return true;
    return false;
}

static void need_field(struct reacher *r, const struct compiled *rule, const struct best *best,
                       struct str field, struct reach *to)
{
    struct reach_need need = {.kind = best->class->kind, .field = field};
    if (never_has(best->feed, field)) { /* other events may have it */
        for (size_t i = 0; i < rule->n_feeds; i++)
            if (rule->feeds[i] != best->feed && !never_has(rule->feeds[i], field))
                need_feed(r, rule, rule->feeds[i], to);
        return;
    }
    need.channel = fold_str(best->class->channel, r->arena);
    if (need.kind == EVENT_WINDOWS)
        need.ids[need.n_ids++] = best->class->event_id;
    add_need(to, &need);
}

static void find_needs(struct reacher *r, const struct compiled *rule, const struct best *best,
                       struct reach *to)
{
    if (best->state == REACH_FULL)
        return;
    if (best->state < REACH_NO_FIELD) {
        for (size_t i = 0; i < rule->n_feeds; i++)
            need_feed(r, rule, rule->feeds[i], to);
        return;
    }
    for (size_t i = 0; i < to->n_fields; i++)
        need_field(r, rule, best, to->fields[i], to);
    for (size_t i = 0; i < to->n_filters; i++)
        need_field(r, rule, best, to->filters[i], to);
}

/* Whether a correlation needs all of its members; else one is enough. */
static bool needs_all(const struct correlation *c)
{
    bool any = c->type != CORRELATE_NEAR && c->type != CORRELATE_ORDERED;
    for (uint32_t i = 0; c->words && i < c->n_words; i++)
        any = any || c->words[i].kind == CORRELATE_OR;
    return !any;
}

/* A correlation can what its members can. As deep as correlations are chained. */
static void reach_correlation(struct reacher *r, const struct correlation *c, struct reach *ret)
{
    bool all = needs_all(c);
    for (uint32_t i = 0; i < c->n_members; i++) {
        struct reach *m = ARENA_NEW(r->arena, struct reach);
        reach_rule(r, c->members[i].rule, m);
        if (i == 0 || (all ? m->state < ret->state : m->state > ret->state))
            *ret = *m;
    }
}

void reach_rule(struct reacher *r, size_t number, struct reach *ret)
{
    const struct compiled *rule = &r->set->compiled[number];
    if (r->set->rules[number].correlation) {
        reach_correlation(r, r->set->rules[number].correlation, ret);
        return;
    }
    struct best best = {.state = rule->n_feeds ? REACH_NO_SOURCE : REACH_UNREADABLE};
    size_t hosts[REACH_STATES] = {0};
    for (size_t i = 0; i < r->n_hosts && rule->n_feeds; i++) {
        struct best b;
        host_state(r, rule, &r->hosts[i], &b);
        hosts[b.state]++;
        if (is_better(&b, &best))
            best = b;
    }
    if (rule->n_feeds == 0)
        hosts[REACH_UNREADABLE] = r->n_hosts;
    *ret = best.missing;
    ret->state = best.state;
    ret->n_needs = 0;
    memcpy(ret->hosts, hosts, sizeof hosts);
    find_needs(r, rule, &best, ret);
}
