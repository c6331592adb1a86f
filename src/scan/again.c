#include "scan/again.h"

#include "scan/blocks.h"
#include "scan/recover.h"

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

void again_plan(const struct findings *f, struct arena *arena, struct again *ret)
{
    struct plan p = {.arena = arena};
    struct blocks *blocks = blocks_gather(f, arena);
    for (size_t i = 0; i < blocks_works(blocks); i++)
        add(&p, blocks_work(blocks, i));
    struct recover *recover = recover_gather(f, arena);
    for (size_t i = 0; i < recover_works(recover); i++)
        add(&p, recover_work(recover, i));
    *ret = (struct again){.work = p.work, .n = p.n, .blocks = blocks, .recover = recover};
}

void again_answer(const struct work_shared *shared, const struct work *work, struct buf *reply)
{
    if (work->kind == WORK_BLOCK)
        blocks_answer(shared->again->blocks, work, shared, reply);
    if (work->kind == WORK_RECOVER)
        recover_answer(shared->again->recover, work, shared, reply);
}
