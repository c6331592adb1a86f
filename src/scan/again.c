#include "scan/again.h"

#include "scan/blocks.h"

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
    *ret = (struct again){.work = p.work, .n = p.n, .blocks = blocks};
}

void again_answer(const struct work_shared *shared, const struct work *work, struct buf *reply)
{
    if (work->kind == WORK_BLOCK)
        blocks_answer(shared->again->blocks, work, shared, reply);
}
