#include "detect/correlate.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/utf.h"
#include "detect/tuples.h"
#include "rule/fold.h"
#include "sys/chance.h"

enum {
    TEXT_SLOTS = 1024,
    CARRIED_MAX = 256, /* groups of a result that it counts in, for each correlation of it */
    NUMBER_TEXT = 48,
    VALUE_ROOM = 8192,
};

/* ---- texts as numbers ---- */

struct texts {
    struct arena *arena;
    struct hash_key key; /* evidence chooses the texts */
    struct str *at;      /* by number; 0: none */
    uint32_t n;
    size_t cap;
    uint32_t *slots;
    size_t n_slots;
    size_t bytes, most;
};

static uint32_t *slot_of(struct texts *t, struct str s)
{
    size_t i = (size_t)hash_keyed(&t->key, str_bytes(s)) & (t->n_slots - 1);
    while (t->slots[i] && !str_eq(t->at[t->slots[i]], s))
        i = (i + 1) & (t->n_slots - 1);
    return &t->slots[i];
}

static void grow_texts(struct texts *t)
{
    t->n_slots = t->n_slots ? 2 * t->n_slots : TEXT_SLOTS;
    t->slots = ARENA_ARRAY(t->arena, uint32_t, t->n_slots);
    for (uint32_t i = 1; i < t->n; i++)
        *slot_of(t, t->at[i]) = i;
}

/* 0 if there is no more room. */
static uint32_t text_number(struct texts *t, struct str s)
{
    if (2 * (size_t)t->n + 2 > t->n_slots)
        grow_texts(t);
    if (t->n == 0) {
        t->at = arena_grow(t->arena, t->at, t->n, &t->cap, sizeof *t->at);
        t->at[t->n++] = STR("");
    }
    uint32_t *slot = slot_of(t, s);
    uint32_t known = *slot;
    if (known)
        return known;
    if (t->bytes + s.n > t->most || t->n == UINT32_MAX / 4)
        return 0;
    t->at = arena_grow(t->arena, t->at, t->n, &t->cap, sizeof *t->at);
    t->at[t->n] = arena_str(t->arena, s);
    t->bytes += s.n + sizeof s;
    *slot = t->n;
    return t->n++;
}

/* Several values as one text: each behind its length. */
static void put_value(struct buf *b, struct str s)
{
    uint32_t n = (uint32_t)s.n;
    buf_add(b, &n, sizeof n);
    buf_add_str(b, s);
}

static struct str take_value(struct str *rest)
{
    uint32_t n = 0;
    if (rest->n < sizeof n)
        return STR("");
    memcpy(&n, rest->p, sizeof n);
    struct str s = str_part(*rest, sizeof n, sizeof n + n);
    *rest = str_part(*rest, sizeof n + n, rest->n);
    return s;
}

/* ---- what correlations know of each other ---- */

struct upward { /* a correlation that has this one for a member */
    uint32_t correlation, member;
};

struct of_rule { /* by number of rule, for correlations */
    const struct correlation *c;
    struct upward *up;
    size_t n_up;
    struct correlate_told told;
    uint64_t n_results;
};

struct short_result { /* what a correlation means to another: where it came about */
    uint32_t rule;
    struct tuple first, reached;
    uint32_t link; /* of the reached one */
};

struct correlate {
    const struct ruleset *rules;
    struct arena *arena; /* what comes out */
    struct arena *own;
    struct arena *scratch;
    struct texts texts;
    struct of_rule *of;
    struct tuples *level[CORRELATION_CHAIN_MAX];
    size_t n_levels;
    const size_t *same;
    struct short_result *shorts;
    size_t n_shorts, cap_shorts;
    struct correlate_result *results;
    size_t n_results, cap_results;
    struct correlate_told *told;
    size_t n_told;
    struct buf key;
    bool all; /* silent ones are told too */
};

static void add_upward(struct correlate *c, uint32_t member, struct upward up)
{
    struct of_rule *of = &c->of[member];
    struct upward *more = ARENA_ARRAY(c->own, struct upward, of->n_up + 1);
    if (of->n_up)
        memcpy(more, of->up, of->n_up * sizeof *more);
    more[of->n_up++] = up;
    of->up = more;
}

struct correlate *correlate_new(const struct ruleset *rules,
                                const struct correlate_limits *limits, struct arena *arena)
{
    struct arena *own = arena_new();
    struct correlate *c = ARENA_NEW(own, struct correlate);
    uint32_t n = (uint32_t)ruleset_count(rules);
    size_t memory = limits->memory ? limits->memory : CORRELATE_MEMORY;
    *c = (struct correlate){.rules = rules, .arena = arena, .own = own, .all = limits->all};
    c->scratch = arena_new();
    c->texts.arena = own;
    c->texts.key = chance_key();
    c->texts.most = limits->texts ? limits->texts : CORRELATE_TEXTS;
    c->of = ARENA_ARRAY(own, struct of_rule, n);
    c->key = buf_new((size_t)CORRELATION_CARRY_MAX * VALUE_ROOM);
    for (uint32_t i = 0; i < n; i++) {
        const struct correlation *k = ruleset_get(rules, i)->correlation;
        c->of[i].c = k;
        for (uint32_t m = 0; k && m < k->n_members; m++)
            if (k->members[m].is_correlation)
                add_upward(c, k->members[m].rule, (struct upward){i, m});
        if (k && k->chain + 1 > c->n_levels)
            c->n_levels = k->chain + 1;
    }
    for (size_t i = 0; i < c->n_levels; i++)
        c->level[i] = tuples_new(memory / c->n_levels, limits->folder, own);
    return c;
}

void correlate_free(struct correlate *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->n_levels; i++)
        tuples_free(c->level[i]);
    buf_free(&c->key);
    arena_free(c->scratch);
    arena_free(c->own);
}

/* ---- taking matches ---- */

/* The number of values that stand at these places; 0 if one is missing or there is no room,
 * which *ret_lost tells. */
static uint32_t number_of_values(struct correlate *c, const struct str *values,
                                 const uint16_t *places, uint32_t n, bool fold, bool *ret_lost)
{
    buf_clear(&c->key);
    for (uint32_t i = 0; i < n; i++) {
        struct str v = values[places[i]];
        if (v.n == 0)
            return 0;
        put_value(&c->key, signal_value(fold ? fold_str(v, c->scratch) : v, c->scratch));
    }
    uint32_t number = text_number(&c->texts, buf_str(&c->key));
    *ret_lost = *ret_lost || number == 0;
    return number;
}

/* What a correlation carries for others may be missing: it is theirs to say so. */
static uint32_t number_of_carried(struct correlate *c, const struct str *values,
                                  const uint16_t *places, uint32_t n, bool *ret_lost)
{
    buf_clear(&c->key);
    for (uint32_t i = 0; i < n; i++)
        put_value(&c->key, signal_value(values[places[i]], c->scratch));
    uint32_t number = n ? text_number(&c->texts, buf_str(&c->key)) : 0;
    *ret_lost = *ret_lost || (n && number == 0);
    return number;
}

static bool is_numeric(const struct correlation *c)
{
    return c->type == CORRELATE_SUM || c->type == CORRELATE_AVERAGE ||
           c->type == CORRELATE_RANK;
}

/* Completes a tuple with what its group and values are, and keeps it. */
static void add_tuple(struct correlate *c, uint32_t rule, uint32_t member, struct tuple *t,
                      const struct str *values)
{
    struct of_rule *of = &c->of[rule];
    const struct correlation *k = of->c;
    const struct correlation_member *m = &k->members[member];
    correlation_number ignored;
    bool lost = false;
    t->correlation = rule;
    t->member = member;
    t->group = number_of_values(c, values, m->group, k->n_group, true, &lost);
    if (!lost && t->group == 0) {
        of->told.without_group++;
        return;
    }
    t->shown = number_of_values(c, values, m->group, k->n_group, false, &lost);
    if (k->n_value)
        t->value = number_of_values(c, values, m->value, k->n_value, true, &lost);
    if (!lost && k->n_value &&
        (t->value == 0 ||
         (is_numeric(k) && !correlation_number_parse(values[m->value[0]], &ignored)))) {
        of->told.without_value++;
        return;
    }
    t->carry = number_of_carried(c, values, m->carry, k->n_carry, &lost);
    if (lost || !tuples_add(c->level[k->chain], t))
        of->told.lost++;
    else
        of->told.matches++;
}

void correlate_add(struct correlate *c, const struct matched *m, size_t evidence)
{
    const struct tapped *tapped = ruleset_tapped(c->rules, m->rule);
    if (!tapped || m->n_values != tapped->n_fields)
        return; /* no worker of ours says so */
    buf_clear(&c->key);
    put_value(&c->key, m->host);
    put_value(&c->key, m->source);
    uint32_t origin = text_number(&c->texts, buf_str(&c->key));
    struct tuple t = {.time = m->time,
                      .offset = m->offset,
                      .record = m->record,
                      .evidence = (uint32_t)evidence,
                      .origin = origin,
                      .size = m->size > UINT32_MAX ? UINT32_MAX : (uint32_t)m->size,
                      .marks = (uint16_t)m->marks,
                      .kind = (uint16_t)m->kind};
    for (size_t i = 0; i < tapped->n_taps; i++) {
        struct of_rule *of = &c->of[tapped->taps[i].correlation];
        struct tuple own = t;
        if (m->time == INSTANT_NONE)
            of->told.without_time++;
        else if (origin == 0)
            of->told.lost++;
        else
            add_tuple(c, tapped->taps[i].correlation, tapped->taps[i].member, &own, m->values);
    }
    arena_reset(c->scratch);
}

/* ---- one record counts once ---- */

#define ORDER(x, y) \
    if ((x) != (y)) \
    return (x) < (y) ? -1 : 1

static int by_record(const void *x, const void *y)
{
    const struct tuple *a = x;
    const struct tuple *b = y;
    ORDER(a->time, b->time);
    ORDER(a->group, b->group); /* stands for member or value while copies are looked for */
    ORDER(a->origin, b->origin);
    ORDER(a->record, b->record);
    ORDER(a->marks & MARK_RECOVERED, b->marks & MARK_RECOVERED);
    ORDER(a->evidence, b->evidence);
    ORDER(a->offset, b->offset);
    ORDER(a->member, b->member);
    return 0;
}

static int by_place(const void *x, const void *y)
{
    const struct tuple *a = x;
    const struct tuple *b = y;
    ORDER(a->time, b->time);
    ORDER(a->group, b->group);
    ORDER(a->link, b->link);
    ORDER(a->evidence, b->evidence);
    ORDER(a->offset, b->offset);
    ORDER(a->member, b->member);
    return 0;
}

/* The order of a result: that of time, then of the place. */
static int by_time(const void *x, const void *y)
{
    const struct tuple *a = x;
    const struct tuple *b = y;
    ORDER(a->time, b->time);
    ORDER(a->member, b->member);
    ORDER(a->evidence, b->evidence);
    ORDER(a->offset, b->offset);
    ORDER(a->record, b->record);
    ORDER(a->link, b->link);
    return 0;
}

static bool same_place(const struct tuple *a, const struct tuple *b)
{
    return a->time == b->time && a->group == b->group && a->link == b->link &&
           a->evidence == b->evidence && a->offset == b->offset;
}

/* The same event log record in another file, or recovered. */
static bool same_record(const struct tuple *a, const struct tuple *b)
{
    return a->time == b->time && a->group == b->group && a->link == 0 && b->link == 0 &&
           a->kind == EVENT_WINDOWS && b->kind == EVENT_WINDOWS && a->record &&
           a->record == b->record && a->origin == b->origin;
}

static size_t drop(struct tuple *at, size_t n, int (*order)(const void *, const void *),
                   bool (*same)(const struct tuple *, const struct tuple *))
{
    size_t kept = 0;
    qsort(at, n, sizeof *at, order);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || !same(&at[kept - 1], &at[i]))
            at[kept++] = at[i];
    return kept;
}

/* Leaves out copies of records. Where events are counted, a record that two members match is
 * one event; where members are looked for, it is each of them, and where values are, it has one
 * for each member. */
static size_t drop_copies(struct correlate *c, const struct correlation *k, struct tuple *at,
                          size_t n)
{
    bool by_member = k->type == CORRELATE_NEAR || k->type == CORRELATE_ORDERED;
    bool by_value = k->type == CORRELATE_VALUES;
    uint32_t group = at[0].group;
    for (size_t i = 0; i < n; i++) {
        at[i].evidence = (uint32_t)c->same[at[i].evidence];
        at[i].group = by_member ? at[i].member : by_value ? at[i].value : 0;
    }
    n = drop(at, n, by_place, same_place);
    n = drop(at, n, by_record, same_record);
    for (size_t i = 0; i < n; i++)
        at[i].group = group;
    qsort(at, n, sizeof *at, by_time);
    return n;
}

/* ---- results ---- */

__extension__ typedef unsigned __int128 magnitude;

/* Millionths as a decimal number, without zeros behind. */
static struct str number_text(correlation_number v, struct arena *arena)
{
    char text[NUMBER_TEXT];
    size_t at = sizeof text;
    bool minus = v < 0;
    magnitude left = minus ? -(magnitude)v : (magnitude)v;
    for (unsigned digit = 0, kept = 0; left || digit < 7; digit++, left /= 10) {
        unsigned value = (unsigned)(left % 10);
        if (digit == 6 && kept)
            text[--at] = '.';
        if (digit >= 6 || value || kept) {
            text[--at] = (char)('0' + value);
            kept = 1;
        }
    }
    if (minus)
        text[--at] = '-';
    return arena_str(arena, (struct str){text + at, sizeof text - at});
}

static struct str measure_text(const struct correlation *k, const struct window *w,
                               struct arena *arena)
{
    struct str field = k->n_value ? k->value[0] : STR("");
    struct str more = k->n_value > 1 ? STR(" and others") : STR("");
    correlation_number is = w->is;
    if (k->type == CORRELATE_AVERAGE && w->of)
        is /= (correlation_number)w->of;
    struct str number = number_text(is, arena);
    switch (k->type) {
    case CORRELATE_VALUES:
        return arena_printf(arena, "%.*s different values of %.*s%.*s", STR_ARG(number),
                            STR_ARG(field), STR_ARG(more));
    case CORRELATE_SUM:
        return arena_printf(arena, "the sum of %.*s is %.*s", STR_ARG(field), STR_ARG(number));
    case CORRELATE_AVERAGE:
        return arena_printf(arena, "the average of %.*s is %.*s", STR_ARG(field),
                            STR_ARG(number));
    case CORRELATE_RANK:
        return arena_printf(arena, "the percentile %" PRIu32 " of %.*s is %.*s", k->percentile,
                            STR_ARG(field), STR_ARG(number));
    case CORRELATE_EVENTS:
    case CORRELATE_NEAR:
    case CORRELATE_ORDERED:
    case CORRELATIONS:
        break;
    }
    return STR("");
}

struct gathering { /* events of a result */
    struct correlate *c;
    struct correlated_event at[CORRELATED_EVENTS_MAX];
    size_t n;
};

static struct correlated_event event_of(const struct correlate *c, uint32_t rule,
                                        const struct tuple *t)
{
    struct str rest = c->texts.at[t->origin];
    struct str host = take_value(&rest);
    return (struct correlated_event){.rule = rule,
                                     .kind = (enum event_kind)t->kind,
                                     .evidence = t->evidence,
                                     .time = t->time,
                                     .offset = t->offset,
                                     .size = t->size,
                                     .record = t->record,
                                     .marks = t->marks,
                                     .host = arena_str(c->arena, host),
                                     .source = arena_str(c->arena, take_value(&rest))};
}

static void gather(struct gathering *g, const struct tuple *t);

/* Where a member is a correlation, its own first and decisive events stand for it. */
static void gather_link(struct gathering *g, uint32_t link)
{
    const struct short_result *r = &g->c->shorts[link - 1];
    gather(g, &r->first);
    if (r->reached.offset != r->first.offset || r->reached.evidence != r->first.evidence ||
        r->reached.link != r->first.link)
        gather(g, &r->reached);
}

static void gather(struct gathering *g, const struct tuple *t)
{
    const struct correlation *k = g->c->of[t->correlation].c;
    if (t->link) { /* as deep as correlations are chained */
        gather_link(g, t->link);
        return;
    }
    if (g->n < CORRELATED_EVENTS_MAX)
        g->at[g->n++] = event_of(g->c, k->members[t->member].rule, t);
}

/* The first event of each member, or the chain; of counts the first events and the last. */
static void choose_events(struct gathering *g, const struct correlation *k,
                          const struct tuple *at, const struct window *w)
{
    uint64_t seen = 0;
    size_t n = w->to - w->from;
    size_t first = n > CORRELATE_EVENTS_SHOWN ? CORRELATE_EVENTS_SHOWN - 1 : n;
    if (w->chain) {
        for (uint32_t i = 0; i < k->n_members; i++)
            gather(g, &at[w->chain[i]]);
        return;
    }
    for (size_t i = w->from; i < w->to && k->type == CORRELATE_NEAR; i++) {
        uint64_t bit = UINT64_C(1) << at[i].member;
        if (!(seen & bit))
            gather(g, &at[i]);
        seen |= bit;
    }
    for (size_t i = w->from; i < w->from + first && k->type != CORRELATE_NEAR; i++)
        gather(g, &at[i]);
    if (first < n && k->type != CORRELATE_NEAR)
        gather(g, &at[w->to - 1]);
}

static instant begin_of(const struct correlate *c, const struct tuple *t)
{
    return t->link ? begin_of(c, &c->shorts[t->link - 1].first) : t->time;
}

static void tell(struct correlate *c, uint32_t rule, const struct tuple *at,
                 const struct window *w)
{
    struct of_rule *of = &c->of[rule];
    const struct correlation *k = of->c;
    struct correlated *found = ARENA_NEW(c->arena, struct correlated);
    struct str *values = ARENA_ARRAY(c->arena, struct str, k->n_group);
    struct str rest = c->texts.at[at[w->from].shown];
    struct gathering *g = ARENA_NEW(c->scratch, struct gathering);
    g->c = c;
    choose_events(g, k, at, w);
    for (uint32_t i = 0; i < k->n_group; i++)
        values[i] = arena_str(c->arena, take_value(&rest));
    struct correlated_event *events = ARENA_ARRAY(c->arena, struct correlated_event, g->n);
    if (g->n)
        memcpy(events, g->at, g->n * sizeof *events);
    *found = (struct correlated){.first = begin_of(c, &at[w->from]),
                                 .last = at[w->to - 1].time,
                                 .count = w->to - w->from,
                                 .measure = measure_text(k, w, c->arena),
                                 .fields = k->group,
                                 .values = values,
                                 .n_group = k->n_group,
                                 .events = events,
                                 .n_events = g->n};
    c->results =
        arena_grow(c->own, c->results, c->n_results, &c->cap_results, sizeof *c->results);
    c->results[c->n_results++] = (struct correlate_result){rule, found};
}

struct str correlated_text(const struct correlated *c, struct arena *arena)
{
    enum { TEXT_MAX = 16384, VALUE_MAX = 200 };
    char first[INSTANT_TEXT];
    char last[INSTANT_TEXT];
    struct buf b = buf_new(TEXT_MAX);
    buf_addf(&b, "%" PRIu64 " %s", c->count, c->count == 1 ? "event" : "events");
    buf_addf(&b, " from %.*s", STR_ARG(instant_text_plain(c->first, first)));
    buf_addf(&b, " to %.*s", STR_ARG(instant_text_plain(c->last, last)));
    if (c->measure.n)
        buf_addf(&b, "; %.*s", STR_ARG(c->measure));
    for (size_t i = 0; i < c->n_group; i++)
        buf_addf(&b, "%s%.*s=%.*s", i ? ", " : "; ", STR_ARG(c->fields[i]),
                 STR_ARG(str_part(c->values[i], 0, VALUE_MAX)));
    struct str text = utf8_repair(str_bytes(buf_str(&b)), arena);
    text = arena_str(arena, text);
    buf_free(&b);
    return text;
}

/* ---- chains ---- */

static int by_number(const void *x, const void *y)
{
    const uint32_t *a = x;
    const uint32_t *b = y;
    return *a < *b ? -1 : *a > *b;
}

/* A result counts in the groups of each of its events, once in each. */
static void hand_up(struct correlate *c, uint32_t rule, const struct tuple *at,
                    const struct window *w, struct upward up)
{
    const struct of_rule *of = &c->of[rule];
    const struct correlation *k = of->c;
    uint32_t *carried = ARENA_ARRAY(c->scratch, uint32_t, w->to - w->from);
    size_t n = 0;
    for (size_t i = w->from; i < w->to; i++)
        carried[n++] = at[i].carry;
    qsort(carried, n, sizeof *carried, by_number);
    size_t different = 0;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || carried[i] != carried[different - 1])
            carried[different++] = carried[i];
    if (different > CARRIED_MAX) {
        c->of[up.correlation].told.lost += different - CARRIED_MAX;
        different = CARRIED_MAX;
    }
    for (size_t i = 0; i < different; i++) {
        struct str values[CORRELATION_CARRY_MAX];
        struct str rest = carried[i] ? c->texts.at[carried[i]] : STR("");
        for (uint32_t f = 0; f < k->n_carry; f++)
            values[f] = take_value(&rest);
        struct tuple t = at[w->reached];
        t.link = (uint32_t)c->n_shorts;
        t.value = 0;
        t.carry = 0;
        add_tuple(c, up.correlation, up.member, &t, values);
    }
}

static void hand_all_up(struct correlate *c, uint32_t rule, const struct tuple *at,
                        const struct window *w)
{
    struct of_rule *of = &c->of[rule];
    if (c->n_shorts >= CORRELATE_GROUP_MAX) {
        for (size_t i = 0; i < of->n_up; i++)
            c->of[of->up[i].correlation].told.lost++;
        return;
    }
    c->shorts = arena_grow(c->own, c->shorts, c->n_shorts, &c->cap_shorts, sizeof *c->shorts);
    c->shorts[c->n_shorts++] =
        (struct short_result){.rule = rule, .first = at[w->from], .reached = at[w->reached]};
    for (size_t i = 0; i < of->n_up; i++)
        hand_up(c, rule, at, w, of->up[i]);
}

/* ---- groups ---- */

static correlation_number *numbers_of(struct correlate *c, const struct tuple *at, size_t n)
{
    correlation_number *numbers = ARENA_ARRAY(c->scratch, correlation_number, n);
    for (size_t i = 0; i < n; i++) {
        struct str rest = c->texts.at[at[i].value];
        (void)correlation_number_parse(take_value(&rest), &numbers[i]); /* it was tried */
    }
    return numbers;
}

static void evaluate(struct correlate *c, struct tuple *at, size_t n)
{
    uint32_t rule = at[0].correlation;
    struct of_rule *of = &c->of[rule];
    struct window *windows = NULL;
    size_t all = n;
    n = drop_copies(c, of->c, at, n);
    of->told.copies += all - n;
    const correlation_number *numbers = is_numeric(of->c) ? numbers_of(c, at, n) : NULL;
    if (c->all || !ruleset_get(c->rules, rule)->silent) {
        size_t k = windows_find(of->c, at, numbers, n, WINDOWS_WHOLE, c->scratch, &windows);
        for (size_t i = 0; i < k; i++) {
            if (of->told.results++ < CORRELATE_FOUND_MAX)
                tell(c, rule, at, &windows[i]);
            else
                of->told.lost++;
        }
    }
    if (of->n_up) {
        size_t k = windows_find(of->c, at, numbers, n, WINDOWS_SHORT, c->scratch, &windows);
        for (size_t i = 0; i < k; i++)
            hand_all_up(c, rule, at, &windows[i]);
    }
    arena_reset(c->scratch);
}

static int by_result(const void *x, const void *y)
{
    const struct correlate_result *a = x;
    const struct correlate_result *b = y;
    ORDER(a->found->first, b->found->first);
    ORDER(a->found->last, b->found->last);
    ORDER(a->rule, b->rule);
    for (size_t i = 0; i < a->found->n_group; i++) {
        int d = str_cmp(a->found->values[i], b->found->values[i]);
        if (d)
            return d;
    }
    ORDER(a->found->count, b->found->count);
    return 0;
}

static void finish_told(struct correlate *c)
{
    size_t cap = 0;
    for (uint32_t i = 0; i < ruleset_count(c->rules); i++) {
        if (!c->of[i].c)
            continue;
        c->told = arena_grow(c->arena, c->told, c->n_told, &cap, sizeof *c->told);
        c->of[i].told.rule = i;
        c->told[c->n_told++] = c->of[i].told;
    }
}

static int run_level(struct correlate *c, size_t level, struct err *err)
{
    struct tuple *at = NULL;
    size_t n = 0;
    uint64_t more = 0;
    int got;
    while ((got = tuples_next(c->level[level], CORRELATE_GROUP_MAX, &at, &n, &more, err)) > 0) {
        c->of[at[0].correlation].told.lost += more;
        evaluate(c, at, n);
    }
    tuples_free(c->level[level]);
    return got;
}

int correlate_run(struct correlate *c, const size_t *same, struct correlate_result **ret,
                  size_t *ret_n, struct err *err)
{
    int failed = 0;
    c->same = same;
    for (size_t i = 0; i < c->n_levels && failed == 0; i++)
        failed = run_level(c, i, err) < 0 ? -1 : 0;
    finish_told(c);
    if (failed)
        return -1;
    if (c->n_results)
        qsort(c->results, c->n_results, sizeof *c->results, by_result);
    *ret = c->results;
    *ret_n = c->n_results;
    return 0;
}

size_t correlate_told(const struct correlate *c, const struct correlate_told **ret)
{
    *ret = c->told;
    return c->n_told;
}

void correlate_lost(struct correlate *c, uint32_t rule, uint64_t n)
{
    const struct tapped *tapped = ruleset_tapped(c->rules, rule);
    for (size_t i = 0; tapped && i < tapped->n_taps; i++)
        c->of[tapped->taps[i].correlation].told.lost += n;
}
