/* Windows of random events against a plain reading of docs/formats/correlation.md: every window
 * is looked at anew, and nothing is carried from one to the next. */
#include "detect/windows.h"

#include "detect/tuples.h"
#include "t.h"

enum { EVENTS = 40, ROUNDS = 4000 };

static uint64_t state;

static uint32_t dice(uint32_t n)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 33) % n;
}

static int by_number(const void *x, const void *y)
{
    const correlation_number *a = x;
    const correlation_number *b = y;
    return *a < *b ? -1 : *a > *b;
}

static bool compare(const struct correlation_test *t, correlation_number is)
{
    return t->op == CORRELATE_GT    ? is > t->than
           : t->op == CORRELATE_GTE ? is >= t->than
           : t->op == CORRELATE_LT  ? is < t->than
           : t->op == CORRELATE_LTE ? is <= t->than
           : t->op == CORRELATE_EQ  ? is == t->than
                                    : is != t->than;
}

/* What is compared, of the events from..to; the average times their number. */
static correlation_number measured(const struct correlation *c, const struct tuple *at,
                                   const correlation_number *numbers, size_t from, size_t to)
{
    correlation_number sum = 0;
    correlation_number sorted[EVENTS];
    uint64_t members = 0;
    size_t different = 0;
    for (size_t i = from; i < to; i++) {
        bool seen = false;
        for (size_t k = from; k < i; k++)
            seen = seen || at[k].value == at[i].value;
        different += !seen;
        sum += numbers[i];
        sorted[i - from] = numbers[i];
        members |= UINT64_C(1) << at[i].member;
    }
    size_t n = to - from;
    qsort(sorted, n, sizeof *sorted, by_number);
    size_t k = (n * c->percentile + 99) / 100;
    switch (c->type) {
    case CORRELATE_EVENTS:
        return (correlation_number)n * CORRELATION_MICRO;
    case CORRELATE_VALUES:
        return (correlation_number)different * CORRELATION_MICRO;
    case CORRELATE_SUM:
    case CORRELATE_AVERAGE:
        return sum;
    case CORRELATE_RANK:
        return sorted[k ? k - 1 : 0];
    case CORRELATE_NEAR:
    case CORRELATE_ORDERED:
    case CORRELATIONS:
        break;
    }
    size_t present = 0;
    for (; members; members &= members - 1)
        present++;
    return (correlation_number)present * CORRELATION_MICRO;
}

static bool plain_holds(const struct correlation *c, const struct tuple *at,
                        const correlation_number *numbers, size_t from, size_t to)
{
    correlation_number is = measured(c, at, numbers, from, to);
    for (uint32_t i = 0; i < c->n_tests; i++) {
        struct correlation_test t = c->tests[i];
        if (c->type == CORRELATE_AVERAGE)
            t.than *= (correlation_number)(to - from);
        if (!compare(&t, is))
            return false;
    }
    return true;
}

/* The end of the first chain of all members in order among the events, from the one given. */
static bool plain_chain(const struct correlation *c, const struct tuple *at, size_t n,
                        size_t from, size_t *ret_end)
{
    uint32_t member = 0;
    for (size_t i = from; i < n && at[i].time - at[from].time <= c->span; i++) {
        if (at[i].member == member && ++member == c->n_members) {
            *ret_end = i;
            return true;
        }
    }
    return false;
}

static size_t plain_ordered(const struct correlation *c, const struct tuple *at, size_t n,
                            enum windows_how how, struct window *ret)
{
    size_t found = 0;
    for (size_t start = 0; start < n;) {
        bool any = false;
        struct window w = {.to = n};
        for (size_t from = start; from < n; from++) { /* the earliest end, the latest start */
            size_t end = 0;
            if (at[from].member == 0 && plain_chain(c, at, n, from, &end) &&
                (!any || end <= w.reached)) {
                w = (struct window){.from = from, .to = end + 1, .reached = end};
                any = true;
            }
        }
        if (!any)
            break;
        while (how == WINDOWS_WHOLE && w.to < n && at[w.to].time - at[w.from].time <= c->span)
            w.to++;
        ret[found++] = w;
        start = w.to;
    }
    return found;
}

static size_t plain_find(const struct correlation *c, const struct tuple *at,
                         const correlation_number *numbers, size_t n, enum windows_how how,
                         struct window *ret)
{
    size_t found = 0;
    if (c->type == CORRELATE_ORDERED)
        return plain_ordered(c, at, n, how, ret);
    for (size_t start = 0; start < n;) {
        bool any = false;
        struct window w = {0};
        for (size_t from = start; from < n && !any; from++) {
            size_t to = from;
            while (to < n && at[to].time - at[from].time <= c->span)
                to++;
            any = plain_holds(c, at, numbers, from, to);
            w = (struct window){.from = from, .to = to};
        }
        if (!any)
            break;
        if (how == WINDOWS_SHORT && correlation_grows(c)) { /* the earliest end */
            for (size_t end = start + 1; end <= n; end++) {
                size_t from = start;
                while (at[end - 1].time - at[from].time > c->span)
                    from++;
                if (!plain_holds(c, at, numbers, from, end))
                    continue;
                w = (struct window){.from = from, .to = end};
                break;
            }
        }
        ret[found++] = w;
        start = w.to;
    }
    return found;
}

static struct correlation random_correlation(struct correlation_member *members)
{
    struct correlation c = {.type = (enum correlation_type)dice(CORRELATIONS),
                            .span = 1 + dice(12),
                            .percentile = dice(5) * 25,
                            .members = members,
                            .n_members = 1 + dice(3),
                            .n_tests = 1 + dice(2)};
    bool counts =
        c.type != CORRELATE_SUM && c.type != CORRELATE_AVERAGE && c.type != CORRELATE_RANK;
    for (uint32_t i = 0; i < c.n_tests; i++)
        c.tests[i] = (struct correlation_test){
            .op = (enum correlation_op)dice(6),
            .than = (correlation_number)dice(counts ? 6 : 15) * CORRELATION_MICRO};
    if (c.type == CORRELATE_ORDERED) {
        c.n_tests = 0;
        c.n_members = 2 + dice(2);
    }
    return c;
}

static void random_events_as_read_plainly(void)
{
    struct arena *arena = arena_new();
    struct correlation_member members[3] = {{0}};
    size_t windows = 0;
    for (size_t round = 0; round < ROUNDS && !t_failed; round++) {
        struct correlation c = random_correlation(members);
        struct tuple at[EVENTS] = {{0}};
        correlation_number numbers[EVENTS];
        struct window want[EVENTS];
        struct window *got = NULL;
        size_t n = dice(EVENTS);
        for (size_t i = 0; i < n; i++) {
            uint32_t value = dice(9);
            at[i] = (struct tuple){.time = (i ? at[i - 1].time : 0) + dice(4),
                                   .member = dice(c.n_members),
                                   .value = value};
            if (i && at[i].time == at[i - 1].time && at[i].member < at[i - 1].member)
                at[i].member = at[i - 1].member; /* by time, then member */
            numbers[i] = ((correlation_number)value - 2) * CORRELATION_MICRO;
        }
        for (int how = WINDOWS_WHOLE; how <= WINDOWS_SHORT; how++) {
            size_t k = windows_find(&c, at, numbers, n, (enum windows_how)how, arena, &got);
            size_t wanted = plain_find(&c, at, numbers, n, (enum windows_how)how, want);
            T_EQ(k, wanted);
            for (size_t i = 0; i < k && i < wanted; i++) {
                T_EQ(got[i].from, want[i].from);
                T_EQ(got[i].to, want[i].to);
                T_OK(got[i].reached >= got[i].from && got[i].reached < got[i].to);
            }
            windows += k;
            if (t_failed)
                printf("round %zu: type %u, how %d, %zu events\n", round, (unsigned)c.type, how,
                       n);
        }
        arena_reset(arena);
    }
    T_OK(windows > ROUNDS); /* it was about something */
    arena_free(arena);
}

/* Sorted out the same from memory and through a file. */
static void tuples_come_sorted(void)
{
    enum { MANY = 20000 };
    struct arena *arena = arena_new();
    struct err err = {0};
    struct tuples *stores[] = {tuples_new(SIZE_MAX / 4, NULL, arena),
                               tuples_new(1000 * sizeof(struct tuple), ".", arena)};
    state = 7;
    for (uint32_t i = 0; i < MANY; i++) {
        struct tuple t = {.time = dice(1000),
                          .correlation = dice(3),
                          .group = dice(50),
                          .member = dice(2),
                          .offset = i};
        T_OK(tuples_add(stores[0], &t) && tuples_add(stores[1], &t));
    }
    T_EQ(tuples_spilled(stores[0]), 0);
    T_OK(tuples_spilled(stores[1]) > MANY / 2);
    size_t all = 0;
    for (;;) {
        struct tuple *a = NULL;
        struct tuple *b = NULL;
        size_t n = 0;
        size_t m = 0;
        uint64_t more = 0;
        uint64_t other = 0;
        int got = tuples_next(stores[0], 60, &a, &n, &more, &err);
        T_EQ(tuples_next(stores[1], 60, &b, &m, &other, &err), got);
        if (got <= 0)
            break;
        T_OK(n == m && more == other && n > 0 && n <= 60);
        T_OK(memcmp(a, b, n * sizeof *a) == 0);
        for (size_t i = 1; i < n; i++)
            T_OK(a[i].group == a[0].group && a[i - 1].time <= a[i].time);
        all += n + (size_t)more;
    }
    T_EQ(all, MANY);
    T_EQ(err.code, ERR_NONE);
    tuples_free(stores[0]);
    tuples_free(stores[1]);
    arena_free(arena);
}

/* Without a file, what does not fit is said to be lost. */
static void no_room_is_told(void)
{
    struct arena *arena = arena_new();
    struct tuples *t = tuples_new(1, NULL, arena);
    struct tuples *nowhere = tuples_new(1, "/nonexistent", arena);
    size_t kept = 0;
    for (int i = 0; i < 100; i++) {
        kept += tuples_add(t, &(struct tuple){0});
        (void)tuples_add(nowhere, &(struct tuple){0});
    }
    T_EQ(kept, 16);
    T_OK(!tuples_add(nowhere, &(struct tuple){0}));
    tuples_free(t);
    tuples_free(nowhere);
    arena_free(arena);
}

int main(void)
{
    T_RUN(random_events_as_read_plainly);
    T_RUN(tuples_come_sorted);
    T_RUN(no_room_is_told);
    return t_done();
}
