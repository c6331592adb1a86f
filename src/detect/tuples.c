#include "detect/tuples.h"

#include <stdlib.h>

enum {
    AHEAD = 512, /* tuples read from a run at a time */
    RUNS_MAX = 4096,
    MEMORY_LEAST = 16 * sizeof(struct tuple),
};

struct run {           /* sorted; in the file, or the last one in memory */
    uint64_t at, left; /* tuples in the file that are not read yet */
    const struct tuple *next;
    size_t n; /* of them in memory */
    struct tuple *room;
};

struct tuples {
    struct arena *arena;
    struct buf held;
    size_t memory;
    const char *folder;
    struct spill file;
    struct run *runs;
    size_t n_runs, cap_runs;
    struct run **heap;
    size_t n_heap;
    struct buf group;
    uint64_t spilled;
    bool sorted;
    bool broken; /* nothing more can be written */
};

struct tuples *tuples_new(size_t memory, const char *folder, struct arena *arena)
{
    struct tuples *t = ARENA_NEW(arena, struct tuples);
    t->arena = arena;
    t->memory = memory > MEMORY_LEAST ? memory : MEMORY_LEAST;
    t->folder = folder;
    t->held = buf_new(SIZE_MAX / 2);
    t->group = buf_new(SIZE_MAX / 2);
    t->file.fd = -1;
    return t;
}

void tuples_free(struct tuples *t)
{
    if (!t)
        return;
    buf_free(&t->held);
    buf_free(&t->group);
    spill_close(&t->file);
}

uint64_t tuples_spilled(const struct tuples *t)
{
    return t->spilled;
}

static int by_number(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_group(const struct tuple *a, const struct tuple *b)
{
    int d = by_number(a->correlation, b->correlation);
    return d ? d : by_number(a->group, b->group);
}

/* What else there is, so that equal ones are equal in all that is told. */
static int by_rest(const struct tuple *a, const struct tuple *b)
{
    int d = by_number(a->record, b->record);
    d = d ? d : by_number(a->link, b->link);
    d = d ? d : by_number(a->value, b->value);
    d = d ? d : by_number(a->carry, b->carry);
    d = d ? d : by_number(a->shown, b->shown);
    return d ? d : by_number(a->marks, b->marks);
}

static int by_all(const void *x, const void *y)
{
    const struct tuple *a = x;
    const struct tuple *b = y;
    int d = by_group(a, b);
    d = d ? d : a->time < b->time ? -1 : a->time > b->time;
    d = d ? d : by_number(a->member, b->member);
    d = d ? d : by_number(a->evidence, b->evidence);
    d = d ? d : by_number(a->offset, b->offset);
    return d ? d : by_rest(a, b);
}

static struct tuple *held(struct tuples *t, size_t *ret_n)
{
    *ret_n = t->held.n / sizeof(struct tuple);
    return (struct tuple *)(void *)t->held.p;
}

static void sort_held(struct tuples *t)
{
    size_t n;
    struct tuple *at = held(t, &n);
    if (n)
        qsort(at, n, sizeof *at, by_all);
}

static void add_run(struct tuples *t, const struct run *run)
{
    t->runs = arena_grow(t->arena, t->runs, t->n_runs, &t->cap_runs, sizeof *t->runs);
    t->runs[t->n_runs++] = *run;
}

static bool spill_held(struct tuples *t)
{
    struct err err = {0};
    size_t n = t->held.n / sizeof(struct tuple);
    if (t->broken || !t->folder || t->n_runs == RUNS_MAX)
        return false;
    sort_held(t);
    if (t->file.fd < 0 && spill_open(t->folder, &t->file, &err) != 0) {
        t->broken = true;
        return false;
    }
    struct run run = {.at = t->file.size / sizeof(struct tuple), .left = n};
    struct spill before = t->file;
    if (spill_write(&t->file, (struct bytes){(const uint8_t *)t->held.p, t->held.n}, &err)) {
        t->file = before;
        t->broken = true;
        return false;
    }
    add_run(t, &run);
    t->spilled += n;
    buf_clear(&t->held);
    return true;
}

bool tuples_add(struct tuples *t, const struct tuple *tuple)
{
    if (t->held.n + sizeof *tuple > t->memory && !spill_held(t))
        return false;
    buf_add(&t->held, tuple, sizeof *tuple);
    return true;
}

/* ---- merging ---- */

/* Sees to it that the run has its next tuple in memory. returns 1, 0 at its end, -1 */
static int fill(struct tuples *t, struct run *run, struct err *err)
{
    if (run->n)
        return 1;
    if (run->left == 0)
        return 0;
    size_t n = run->left < AHEAD ? (size_t)run->left : AHEAD;
    if (!run->room)
        run->room = ARENA_ARRAY(t->arena, struct tuple, AHEAD);
    if (spill_read(&t->file, run->at * sizeof *run->room, run->room, n * sizeof *run->room,
                   err) != 0)
        return -1;
    run->at += n;
    run->left -= n;
    run->next = run->room;
    run->n = n;
    return 1;
}

static bool before(const struct run *a, const struct run *b)
{
    int d = by_all(a->next, b->next);
    return d ? d < 0 : a < b;
}

static void sink(struct tuples *t, size_t i)
{
    for (;;) {
        size_t least = i;
        for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < t->n_heap; k++)
            if (before(t->heap[k], t->heap[least]))
                least = k;
        if (least == i)
            return;
        struct run *r = t->heap[i];
        t->heap[i] = t->heap[least];
        t->heap[least] = r;
        i = least;
    }
}

static int start(struct tuples *t, struct err *err)
{
    size_t n;
    const struct tuple *at = held(t, &n);
    t->sorted = true;
    sort_held(t);
    add_run(t, &(struct run){.next = at, .n = n});
    t->heap = ARENA_ARRAY(t->arena, struct run *, t->n_runs);
    for (size_t i = 0; i < t->n_runs; i++) {
        int got = fill(t, &t->runs[i], err);
        if (got < 0)
            return -1;
        if (got)
            t->heap[t->n_heap++] = &t->runs[i];
    }
    for (size_t i = t->n_heap; i > 0; i--)
        sink(t, i - 1);
    return 0;
}

static int drop_first(struct tuples *t, struct err *err)
{
    struct run *run = t->heap[0];
    run->next++;
    run->n--;
    int got = fill(t, run, err);
    if (got < 0)
        return -1;
    if (got == 0)
        t->heap[0] = t->heap[--t->n_heap];
    sink(t, 0);
    return 0;
}

int tuples_next(struct tuples *t, size_t most, struct tuple **ret, size_t *ret_n,
                uint64_t *ret_more, struct err *err)
{
    uint64_t more = 0;
    if (!t->sorted && start(t, err) != 0)
        return -1;
    if (t->n_heap == 0)
        return 0;
    struct tuple first = *t->heap[0]->next;
    buf_clear(&t->group);
    while (t->n_heap && by_group(t->heap[0]->next, &first) == 0) {
        if (t->group.n / sizeof first < most)
            buf_add(&t->group, t->heap[0]->next, sizeof first);
        else
            more++;
        if (drop_first(t, err) != 0)
            return -1;
    }
    *ret = (struct tuple *)(void *)t->group.p;
    *ret_n = t->group.n / sizeof first;
    *ret_more = more;
    return 1;
}
