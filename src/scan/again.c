#include "scan/again.h"

#include <stdlib.h>

#include "scan/blocks.h"
#include "scan/hives.h"
#include "scan/recover.h"
#include "scan/tasks.h"
#include "scan/versions.h"

struct plan {
    struct arena *arena;
    struct work *work;
    size_t n, cap;
};

static void add(struct plan *p, struct work work)
{
    p->work = arena_grow(p->arena, p->work, p->n, &p->cap, sizeof *p->work);
    p->work[p->n++] = work;
}

static void plan_recovery(const struct findings *f, struct plan *p, struct again *ret)
{
    struct recover *recover = recover_gather(f, p->arena);
    for (size_t i = 0; i < recover_works(recover); i++)
        add(p, recover_work(recover, i));
    ret->recover = recover;
}

static void plan_hives(const struct findings *f, struct plan *p, struct again *ret)
{
    struct hives *hives = hives_gather(f, p->arena);
    for (size_t i = 0; i < hives_works(hives); i++)
        add(p, hives_work(hives, i));
    ret->hives = hives;
}

static void plan_joining(const struct findings *f, struct plan *p, struct again *ret)
{
    struct blocks *blocks = blocks_gather(f, p->arena);
    for (size_t i = 0; i < blocks_works(blocks); i++)
        add(p, blocks_work(blocks, i));
    ret->blocks = blocks;
}

static int by_evidence(const void *x, const void *y)
{
    const struct work *a = x;
    const struct work *b = y;
    if (a->evidence != b->evidence)
        return a->evidence < b->evidence ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return a->item < b->item ? -1 : a->item > b->item;
}

static void plan_comparing(const struct findings *f, struct plan *p, struct again *ret)
{
    struct tasks *tasks = tasks_gather(f, p->arena);
    for (size_t i = 0; i < tasks_works(tasks); i++)
        add(p, tasks_work(tasks, i));
    struct versions *versions = versions_gather(f, p->arena);
    for (size_t i = 0; i < versions_works(versions); i++)
        add(p, versions_work(versions, i));
    if (p->n)
        qsort(p->work, p->n, sizeof *p->work, by_evidence);
    ret->tasks = tasks;
    ret->versions = versions;
}

void again_plan(const struct findings *f, enum again_phase phase, struct arena *arena,
                struct again *ret)
{
    struct plan p = {.arena = arena};
    struct again again = {0};
    if (phase == AGAIN_HIVES)
        plan_hives(f, &p, &again);
    else if (phase == AGAIN_RECOVER)
        plan_recovery(f, &p, &again);
    else if (phase == AGAIN_COMPARE)
        plan_comparing(f, &p, &again);
    else
        plan_joining(f, &p, &again);
    again.work = p.work;
    again.n = p.n;
    *ret = again;
}

void again_close(const struct again *again)
{
    if (again->hives)
        hives_close(again->hives);
    if (again->recover)
        recover_close(again->recover);
}

void again_answer(const struct work_shared *shared, const struct work *work, struct bytes file,
                  struct buf *reply)
{
    if (work->kind == WORK_BLOCK)
        blocks_answer(shared->again->blocks, work, shared, reply);
    if (work->kind == WORK_TASKS)
        tasks_answer(shared->again->tasks, work, shared, reply);
    if (work->kind == WORK_VERSIONS)
        versions_answer(shared->again->versions, work, shared, reply);
    if (work->kind == WORK_HIVE)
        hives_answer(shared->again->hives, work, shared, file, reply);
    if (work->kind == WORK_RECOVER)
        recover_answer(shared->again->recover, work, shared, file, reply);
}
