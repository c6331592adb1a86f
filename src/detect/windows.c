#include "detect/windows.h"

#include <assert.h>
#include <stdlib.h>

struct sliding { /* a window's content while it moves over a group */
    const struct correlation *c;
    const struct tuple *at;
    const correlation_number *numbers;
    size_t n;
    uint64_t count;
    correlation_number sum;
    uint64_t distinct;
    uint32_t members[CORRELATION_MEMBERS_MAX];
    uint64_t present;                  /* members, a bit each */
    const uint32_t *ranks;             /* of values, from 0: equal ones have the same */
    uint32_t *counts;                  /* per rank; for percentiles a tree of sums (Fenwick) */
    const correlation_number *ordered; /* CORRELATE_RANK: the value of each rank */
    uint32_t n_ranks;
};

struct found {
    struct arena *arena;
    struct window *at;
    size_t n, cap;
};

/* ---- ranks of values ---- */

struct ranked {
    correlation_number value;
    size_t at;
};

static int by_value(const void *x, const void *y)
{
    const struct ranked *a = x;
    const struct ranked *b = y;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

static void rank(struct sliding *s, struct arena *arena)
{
    struct ranked *all = ARENA_ARRAY(arena, struct ranked, s->n);
    uint32_t *ranks = ARENA_ARRAY(arena, uint32_t, s->n);
    correlation_number *ordered = ARENA_ARRAY(arena, correlation_number, s->n);
    for (size_t i = 0; i < s->n; i++)
        all[i] = (struct ranked){s->numbers ? s->numbers[i] : s->at[i].value, i};
    if (s->n)
        qsort(all, s->n, sizeof *all, by_value);
    for (size_t i = 0; i < s->n; i++) {
        if (i == 0 || all[i].value != all[i - 1].value)
            ordered[s->n_ranks++] = all[i].value;
        ranks[all[i].at] = s->n_ranks - 1;
    }
    s->ranks = ranks;
    s->ordered = ordered;
    s->counts = ARENA_ARRAY(arena, uint32_t, (size_t)s->n_ranks + 1);
}

static void tree_add(struct sliding *s, uint32_t rank_of, bool more)
{
    for (uint32_t i = rank_of + 1; i <= s->n_ranks; i += i & -i)
        s->counts[i] += more ? 1U : UINT32_MAX;
}

/* The k-th value of the window in ascending order, from 1. */
static correlation_number tree_find(const struct sliding *s, uint64_t k)
{
    uint32_t at = 0;
    uint32_t step = 1;
    while (step <= s->n_ranks / 2)
        step *= 2;
    for (; step; step /= 2) {
        if (at + step <= s->n_ranks && s->counts[at + step] < k) {
            at += step;
            k -= s->counts[at];
        }
    }
    return s->ordered[at];
}

/* ---- content ---- */

static void add(struct sliding *s, size_t i)
{
    uint32_t member = s->at[i].member;
    s->count++;
    if (s->members[member]++ == 0)
        s->present |= UINT64_C(1) << member;
    if (s->c->type == CORRELATE_VALUES && s->counts[s->ranks[i]]++ == 0)
        s->distinct++;
    if (s->c->type == CORRELATE_RANK)
        tree_add(s, s->ranks[i], true);
    if (s->c->type == CORRELATE_SUM || s->c->type == CORRELATE_AVERAGE)
        s->sum += s->numbers[i];
}

static void take_out(struct sliding *s, size_t i)
{
    uint32_t member = s->at[i].member;
    s->count--;
    if (--s->members[member] == 0)
        s->present &= ~(UINT64_C(1) << member);
    if (s->c->type == CORRELATE_VALUES && --s->counts[s->ranks[i]] == 0)
        s->distinct--;
    if (s->c->type == CORRELATE_RANK)
        tree_add(s, s->ranks[i], false);
    if (s->c->type == CORRELATE_SUM || s->c->type == CORRELATE_AVERAGE)
        s->sum -= s->numbers[i];
}

/* ---- conditions ---- */

static bool words_hold(const struct correlation *c, uint64_t present)
{
    bool stack[CORRELATION_WORDS_MAX] = {false};
    size_t n = 0;
    for (uint32_t i = 0; i < c->n_words; i++) {
        const struct correlation_word *w = &c->words[i];
        if (w->kind == CORRELATE_MEMBER) {
            stack[n++] = present >> w->member & 1;
            continue;
        }
        n--;
        stack[n - 1] =
            w->kind == CORRELATE_AND ? stack[n - 1] && stack[n] : stack[n - 1] || stack[n];
    }
    return n == 1 && stack[0];
}

static unsigned bits(uint64_t v)
{
    unsigned n = 0;
    for (; v; v &= v - 1)
        n++;
    return n;
}

/* The percentile by nearest rank: the smallest value such that so many of a hundred are not
 * above it. */
static uint64_t nearest_rank(uint64_t count, uint32_t percentile)
{
    uint64_t k = (count * percentile + 99) / 100;
    return k ? k : 1;
}

static correlation_number measure(const struct sliding *s)
{
    switch (s->c->type) {
    case CORRELATE_EVENTS:
        return (correlation_number)s->count * CORRELATION_MICRO;
    case CORRELATE_VALUES:
        return (correlation_number)s->distinct * CORRELATION_MICRO;
    case CORRELATE_SUM:
    case CORRELATE_AVERAGE:
        return s->sum;
    case CORRELATE_RANK:
        return tree_find(s, nearest_rank(s->count, s->c->percentile));
    case CORRELATE_NEAR:
    case CORRELATE_ORDERED:
    case CORRELATIONS:
        break;
    }
    return (correlation_number)bits(s->present) * CORRELATION_MICRO;
}

static bool holds(const struct sliding *s)
{
    if (s->count == 0)
        return false;
    if (s->c->words)
        return words_hold(s->c, s->present);
    return correlation_holds(s->c, measure(s), s->c->type == CORRELATE_AVERAGE ? s->count : 1);
}

/* ---- windows ---- */

static void keep(struct found *f, const struct window *w)
{
    f->at = arena_grow(f->arena, f->at, f->n, &f->cap, sizeof *f->at);
    f->at[f->n++] = *w;
}

static bool within(const struct sliding *s, instant from, instant to)
{
    return s->c->endless || to - from <= s->c->span;
}

static void empty(struct sliding *s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        take_out(s, i);
}

/* The first tuple of a window with which its condition holds, if it then goes on to hold. */
static size_t reached_in(struct sliding *s, size_t from, size_t to)
{
    size_t i = from;
    if (!correlation_grows(s->c))
        return to - 1;
    empty(s, from, to);
    do
        add(s, i);
    while (!holds(s) && ++i < to);
    for (size_t k = i + 1; k < to; k++)
        add(s, k);
    return i;
}

static void find_whole(struct sliding *s, struct found *f)
{
    size_t to = 0;
    for (size_t from = 0; from < s->n;) {
        while (to < s->n && within(s, s->at[from].time, s->at[to].time))
            add(s, to++);
        if (!holds(s)) {
            take_out(s, from++);
            continue;
        }
        struct window w = {.from = from, .to = to, .is = measure(s), .of = s->count};
        w.reached = reached_in(s, from, to);
        keep(f, &w);
        empty(s, from, to);
        from = to;
    }
}

static void find_short(struct sliding *s, struct found *f)
{
    size_t from = 0;
    for (size_t i = 0; i < s->n; i++) {
        add(s, i);
        while (!within(s, s->at[from].time, s->at[i].time))
            take_out(s, from++);
        if (!holds(s))
            continue;
        keep(f, &(struct window){
                    .from = from, .to = i + 1, .reached = i, .is = measure(s), .of = s->count});
        empty(s, from, i + 1);
        from = i + 1;
    }
}

/* ---- in order ---- */

struct chains { /* for each member: the chain that ends with it and began last */
    size_t at[CORRELATION_MEMBERS_MAX][CORRELATION_MEMBERS_MAX];
    bool is[CORRELATION_MEMBERS_MAX];
};

/* Takes the tuple into a chain; true if that one is complete now. */
static bool extend(const struct sliding *s, struct chains *ch, size_t i)
{
    uint32_t k = s->at[i].member;
    if (k > 0) {
        if (!ch->is[k - 1] || !within(s, s->at[ch->at[k - 1][0]].time, s->at[i].time))
            return false;
        memcpy(ch->at[k], ch->at[k - 1], k * sizeof ch->at[k][0]);
    }
    ch->at[k][k] = i;
    ch->is[k] = true;
    return k + 1 == s->c->n_members;
}

static void find_ordered(struct sliding *s, enum windows_how how, struct found *f)
{
    struct chains *ch = ARENA_NEW(f->arena, struct chains);
    uint32_t last = s->c->n_members - 1;
    for (size_t i = 0; i < s->n; i++) {
        if (!extend(s, ch, i))
            continue;
        size_t *chain = ARENA_ARRAY(f->arena, size_t, last + 1);
        memcpy(chain, ch->at[last], ((size_t)last + 1) * sizeof *chain);
        struct window w = {.from = chain[0],
                           .to = i + 1,
                           .reached = i,
                           .is = (correlation_number)(last + 1) * CORRELATION_MICRO,
                           .of = 1,
                           .chain = chain};
        while (how == WINDOWS_WHOLE && w.to < s->n &&
               within(s, s->at[w.from].time, s->at[w.to].time))
            w.to++;
        keep(f, &w);
        memset(ch->is, 0, sizeof ch->is);
        i = w.to - 1;
    }
}

size_t windows_find(const struct correlation *c, const struct tuple *at,
                    const correlation_number *numbers, size_t n, enum windows_how how,
                    struct arena *arena, struct window **ret)
{
    struct sliding s = {.c = c, .at = at, .numbers = numbers, .n = n};
    struct found f = {.arena = arena};
    bool counts =
        c->type == CORRELATE_SUM || c->type == CORRELATE_AVERAGE || c->type == CORRELATE_RANK;
    assert(!counts || numbers || n == 0);
    assert(n <= UINT32_MAX);
    if (c->type == CORRELATE_VALUES || c->type == CORRELATE_RANK)
        rank(&s, arena);
    if (c->n_members == 0) /* it cannot be evaluated: the rule set tells why */
        f.n = 0;
    else if (c->type == CORRELATE_ORDERED)
        find_ordered(&s, how, &f);
    else if (how == WINDOWS_SHORT && correlation_grows(c))
        find_short(&s, &f);
    else
        find_whole(&s, &f);
    *ret = f.at;
    return f.n;
}
