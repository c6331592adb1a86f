/* matcher.c - one worker's matching of events by a frozen rule set: see rules.h. */
#include <assert.h>

#include "rule/fold.h"
#include "rule/matcher_int.h"
#include "rule/sigma_values.h"
#include "rule/unit.h"
#include "rule/unit_row.h"
#include "rule/verdicts.h"

enum {
    CLASS_BUCKETS = 4096,
    CLASSES_MAX = 16384,           /* then the table starts anew, */
    CLASSES_BYTES_MAX = 256 << 20, /* so it does beyond this; all of Sigma: some 50 MB */
};

static struct matcher *new_matcher(const struct ruleset *set, bool plain)
{
    assert(set->frozen);
    struct arena *arena = arena_new();
    struct matcher *m = ARENA_NEW(arena, struct matcher);
    size_t pairs = 0;
    for (size_t i = 0; i < set->n; i++)
        pairs += set->compiled[i].n_feeds;
    m->set = set;
    m->plain = plain;
    m->arena = arena;
    m->class_arena = arena_new();
    m->eval = (struct eval){.names = &set->names,
                            .arena = arena_new(),
                            .scratch = regex_scratch_new(arena),
                            .fields = ARENA_ARRAY(arena, struct values, set->names.n),
                            .views = ARENA_ARRAY(arena, struct values, set->map.n_views)};
    m->work = unit_work_new(arena);
    m->verdicts = verdicts_new(arena);
    m->buckets = ARENA_ARRAY(arena, struct class *, CLASS_BUCKETS);
    m->scratch = ARENA_ARRAY(arena, struct candidate, pairs);
    m->matches = ARENA_ARRAY(arena, uint32_t, set->n);
    m->marks = ARENA_ARRAY(arena, unsigned, set->n);
    m->feeds = ARENA_ARRAY(arena, const struct feed *, set->n);
    m->decoded = ARENA_ARRAY(arena, const struct value *, set->n);
    return m;
}

struct matcher *matcher_new(const struct ruleset *set)
{
    return new_matcher(set, false);
}

struct matcher *matcher_new_plain(const struct ruleset *set)
{
    return new_matcher(set, true);
}

void matcher_free(struct matcher *m)
{
    if (!m)
        return;
    regex_scratch_free(m->eval.scratch);
    arena_free(m->eval.arena);
    arena_free(m->class_arena);
    arena_free(m->arena);
}

static uint64_t hash_of(const struct event *head)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ head->event_id ^ (uint64_t)head->kind << 40;
    for (size_t i = 0; i < head->channel.n; i++)
        h = (h ^ (unsigned char)head->channel.p[i]) * UINT64_C(0x100000001b3);
    h *= UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 32;
}

/* Whether events of this class can satisfy the rule through the feed. */
static bool is_candidate(struct matcher *m, const struct compiled *rule,
                         const struct feed *feed, struct str channel)
{
    if (!logsource_takes(feed, m->eval.ev, channel))
        return false;
    sigma_eval_feed(&m->eval, NULL);
    if (feed->conditions && sigma_eval_head(&m->eval, feed->conditions) == TRI_NO)
        return false;
    sigma_eval_feed(&m->eval, feed);
    return sigma_eval_head(&m->eval, rule->node) != TRI_NO;
}

static struct event head_of(const struct class *class)
{
    return (struct event){.kind = class->kind,
                          .time = INSTANT_NONE,
                          .event_id = class->event_id,
                          .channel = class->channel};
}

static void fill_class(struct matcher *m, struct class *class)
{
    struct event head = head_of(class);
    sigma_eval_event(&m->eval, &head);
    struct str channel = fold_str(class->channel, m->class_arena);
    size_t n = 0;
    for (size_t i = 0; i < m->set->n; i++) {
        const struct compiled *rule = &m->set->compiled[i];
        for (size_t k = 0; k < rule->n_feeds; k++) {
            const struct feed *feed = rule->feeds[k];
            if (is_candidate(m, rule, feed, channel))
                m->scratch[n++] = (struct candidate){
                    .rule = (uint32_t)i,
                    .reduced = logsource_reduces(feed, &m->set->names, rule->node),
                    .feed = feed};
        }
    }
    class->candidates = ARENA_ARRAY(m->class_arena, struct candidate, n);
    if (n)
        memcpy(class->candidates, m->scratch, n * sizeof *class->candidates);
    class->n = n;
}

static bool is_class(const struct class *class, const struct event *head)
{
    return class->event_id == head->event_id && class->kind == head->kind &&
           str_eq(class->channel, head->channel);
}

/* Evidence may invent channels: what is kept of them has a bound. */
static bool is_full(const struct matcher *m)
{
    return m->n_classes == CLASSES_MAX || arena_used(m->class_arena) > CLASSES_BYTES_MAX;
}

static void start_anew(struct matcher *m)
{
    memset(m->buckets, 0, CLASS_BUCKETS * sizeof(struct class *));
    memset(m->recent, 0, sizeof m->recent);
    arena_reset(m->class_arena);
    m->text_sets = NULL;
    m->n_classes = 0;
}

static struct class *find_class(struct matcher *m, const struct event *head)
{
    uint64_t hash = hash_of(head);
    struct class *class = m->buckets[hash % CLASS_BUCKETS];
    while (class && !(class->hash == hash && is_class(class, head)))
        class = class->next;
    if (class)
        return class;
    if (is_full(m))
        start_anew(m);
    struct class **bucket = &m->buckets[hash % CLASS_BUCKETS];
    class = ARENA_NEW(m->class_arena, struct class);
    *class = (struct class){.kind = head->kind,
                            .event_id = head->event_id,
                            .channel = arena_str(m->class_arena, head->channel),
                            .hash = hash,
                            .next = *bucket};
    *bucket = class;
    m->n_classes++;
    fill_class(m, class);
    return class;
}

static struct class *class_of(struct matcher *m, const struct event *head)
{
    struct class **recent = &m->recent[head->event_id % CLASSES_RECENT];
    if (!*recent || !is_class(*recent, head)) {
        struct class *class = find_class(m, head); /* may forget all */
        *recent = class;
    }
    return *recent;
}

bool matcher_wants(struct matcher *m, const struct event *head)
{
    return class_of(m, head)->n > 0;
}

/* The unit of a class; NULL if the matcher is plain. No event is in force then. */
static struct unit *unit_of(struct matcher *m, struct class *class)
{
    if (!m->plain && !class->unit) {
        struct event head = head_of(class);
        sigma_eval_event(&m->eval, &head);
        m->wish_id += m->wish_id == UINT32_MAX ? 2 : 1;
        class->unit = unit_new(m, class);
    }
    return class->unit;
}

void matcher_raw(struct matcher *m, struct bytes raw)
{
    if (raw.p == m->raw.p && raw.n == m->raw.n)
        return;
    m->raw = raw;
    m->raw_turn++;
}

void matcher_text(struct matcher *m, struct bytes text)
{
    m->text = text;
    m->text_turn++;
}

const struct wish *matcher_wish(struct matcher *m, const struct event *head)
{
    struct class *class = class_of(m, head);
    struct unit *u = unit_of(m, class);
    return u ? unit_wish(u, m) : NULL;
}

struct verdicts *matcher_verdicts(struct matcher *m)
{
    return m->verdicts;
}

bool matcher_may(struct matcher *m, const struct event *ev)
{
    struct class *class = class_of(m, ev);
    if (class->n == 0)
        return false;
    struct unit *u = unit_of(m, class);
    sigma_eval_event(&m->eval, ev);
    return u ? unit_may(u, m->work, &m->eval) : true;
}

static void fill_row_needs(struct matcher *m, struct class *class)
{
    struct arena *scratch = arena_new();
    struct row_rule *rules = ARENA_ARRAY(scratch, struct row_rule, class->n);
    for (size_t i = 0; i < class->n; i++)
        rules[i] = (struct row_rule){m->set->compiled[class->candidates[i].rule].node,
                                     class->candidates[i].feed};
    class->row_needs =
        row_needs_new(&m->set->names, class->kind, rules, class->n, m->class_arena);
    arena_free(scratch);
}

bool matcher_may_row(struct matcher *m, const struct event *head, struct bytes row)
{
    struct class *class = class_of(m, head);
    m->row_needs = NULL;
    if (class->n == 0 || m->plain)
        return class->n > 0;
    if (!class->row_needs)
        fill_row_needs(m, class);
    m->row_needs = class->row_needs;
    if (class->text_turn != m->text_turn)
        row_needs_forget(class->row_needs);
    class->text_turn = m->text_turn;
    struct arena_mark mark = arena_mark(m->eval.arena);
    bool met = row_needs_met(class->row_needs, m->text, row, m->eval.arena);
    arena_back(m->eval.arena, &mark);
    return met;
}

bool matcher_sure_row(struct matcher *m, struct bytes row, bool narrow)
{
    return !m->row_needs || row_needs_sure(m->row_needs, row, narrow);
}

const struct wish *matcher_rest_wish(struct matcher *m)
{
    return m->row_needs ? row_needs_wish(m->row_needs, &m->wish_id) : NULL;
}

bool matcher_may_rest(struct matcher *m, const struct event *ev)
{
    const struct class *class = class_of(m, ev);
    const uint32_t *left;
    if (class->n == 0 || !class->row_needs)
        return class->n > 0;
    uint64_t limits = m->eval.limits;
    size_t n = row_needs_left(class->row_needs, &left);
    bool may = false;
    sigma_eval_event(&m->eval, ev);
    for (size_t i = 0; i < n && !may; i++)
        may = matcher_satisfies(m, &class->candidates[left[i]]);
    return may || m->eval.limits != limits;
}

bool matcher_satisfies(struct matcher *m, const struct candidate *c)
{
    sigma_eval_feed(&m->eval, NULL);
    if (c->feed->conditions && !sigma_eval(&m->eval, c->feed->conditions))
        return false;
    sigma_eval_feed(&m->eval, c->feed);
    return sigma_eval(&m->eval, m->set->compiled[c->rule].node);
}

static size_t keep_match(struct matcher *m, const struct candidate *c, size_t n)
{
    m->marks[n] = c->reduced ? MARK_REDUCED : 0;
    m->feeds[n] = c->feed;
    m->decoded[n] = m->eval.decoded;
    m->matches[n] = c->rule;
    return n + 1;
}

static size_t run_plain(struct matcher *m, const struct class *class)
{
    size_t n = 0;
    for (size_t i = 0; i < class->n; i++) {
        const struct candidate *c = &class->candidates[i];
        if (n && m->matches[n - 1] == c->rule)
            continue;
        if (matcher_satisfies(m, c))
            n = keep_match(m, c, n);
    }
    return n;
}

/* The plain evaluator has the last word: it also says what text made the match. */
static size_t run_unit(struct matcher *m, const struct class *class, struct unit *u)
{
    const uint32_t *found = NULL;
    size_t most = unit_run(u, m->work, &m->eval, &found);
    size_t n = 0;
    for (size_t i = 0; i < most; i++)
        if (matcher_satisfies(m, &class->candidates[found[i]]))
            n = keep_match(m, &class->candidates[found[i]], n);
    return n;
}

size_t matcher_run(struct matcher *m, const struct event *ev, const uint32_t **ret)
{
    struct class *class = class_of(m, ev);
    *ret = m->matches;
    if (class->n == 0)
        return 0;
    struct unit *u = unit_of(m, class);
    sigma_eval_event(&m->eval, ev);
    return u ? run_unit(m, class, u) : run_plain(m, class);
}

unsigned matcher_marks(const struct matcher *m, size_t match)
{
    return m->marks[match];
}

struct str matcher_decoded(const struct matcher *m, size_t match, struct str *ret_how)
{
    const struct value *v = m->decoded[match];
    *ret_how = v ? str_of(v->how) : STR("");
    return v ? v->raw : STR("");
}

bool matcher_field(struct matcher *m, size_t match, uint32_t field, struct str *ret)
{
    const struct event *ev = m->eval.ev;
    sigma_eval_feed(&m->eval, m->feeds[match]);
    const struct values *f = sigma_values(&m->eval, field);
    if (f->own && f->v[0].raw.n) {
        *ret = f->v[0].raw;
        return true;
    }
    struct str name = m->set->names.list[field];
    bool host = str_eq(name, STR("ComputerName")) || str_eq(name, STR("Computer"));
    *ret = host ? ev->host : STR("");
    return ret->n > 0;
}

uint64_t matcher_limits(const struct matcher *m)
{
    return m->eval.limits;
}
