#include "scan/memory.h"

#include <stdint.h>

#include "scan/porting.h"
#include "sys/proc.h"

enum {
    MB = 1 << 20,
    OWN_LEAST = 48 * MB,      /* findings, verdict, text */
    ANSWERS_LEAST = 48 * MB,  /* those on their way, and those that wait */
    HELD_LEAST = 64 * MB,     /* members of carriers: a window or two */
    COUNTED_LEAST = 16 * MB,  /* correlations */
    WORKER_LEAST = 64 * MB,   /* reads what is usual */
    WORKER_WANTED = 192 * MB, /* rather fewer workers than less for each */
};

struct shares {
    size_t own, answers, held, counted, workers;
};

static size_t at_least(size_t n, size_t least)
{
    return n > least ? n : least;
}

static size_t at_most(size_t n, size_t most)
{
    return n < most ? n : most;
}

/* False: too little. */
static bool share_out(const struct memory_need *need, size_t limit, struct shares *ret)
{
    if (limit <= need->in_use)
        return false;
    size_t all = limit - need->in_use;
    struct shares s = {
        .own = at_least(all / 6, OWN_LEAST),
        .answers = at_least(all / 6, ANSWERS_LEAST),
        .held = need->carriers ? at_least(all / 5, HELD_LEAST) : 0,
        .counted = need->correlations ? at_least(all / 12, COUNTED_LEAST) : 0,
    };
    size_t taken = s.own + s.answers + s.held + s.counted;
    s.workers = taken < all ? all - taken : 0;
    *ret = s;
    return s.workers > 0;
}

static size_t each_of(const struct memory_need *need, const struct shares *s, size_t jobs,
                      size_t lanes)
{
    return s->workers / (jobs + (need->carriers ? lanes * PORTING_DEPTH : 0));
}

/* As many workers as get what they want; else one. */
static bool choose(const struct memory_need *need, const struct shares *s,
                   struct memory_plan *ret)
{
    for (size_t jobs = need->jobs; jobs > 0; jobs--) {
        for (size_t lanes = porting_lanes(jobs); lanes > 0; lanes /= 2) {
            ret->jobs = jobs;
            ret->lanes = lanes;
            ret->worker = each_of(need, s, jobs, lanes);
            if (ret->worker >= WORKER_WANTED)
                return true;
        }
    }
    return ret->worker >= WORKER_LEAST;
}

static bool divide(const struct memory_need *need, size_t limit, struct memory_plan *ret)
{
    struct shares s;
    struct memory_plan plan = {0};
    if (!share_out(need, limit, &s) || !choose(need, &s, &plan))
        return false;
    plan.worker = at_most(plan.worker, (size_t)PROC_MEMORY << 30);
    /* Waiting, on their way, and one more that just came; each may be half empty. */
    plan.reply = at_most(need->reply, s.answers / 6);
    plan.arriving = at_most(PROC_ARRIVING, s.answers / 6);
    plan.stored = at_most(need->stored, s.answers / 6);
    plan.held = at_most(PORTING_HELD_MAX, s.held / 2); /* the oldest carrier may double it */
    plan.correlate = s.counted / 2;
    plan.texts = s.counted / 2;
    plan.parent = need->in_use + s.own + s.answers + s.counted;
    *ret = plan;
    return true;
}

/* In megabytes. */
static size_t least(const struct memory_need *need)
{
    struct memory_plan plan;
    size_t mb = need->in_use / MB + 1;
    while (mb < (size_t)1 << 24 && !divide(need, mb * MB, &plan))
        mb++;
    return mb;
}

int memory_divide(const struct memory_need *need, struct memory_plan *ret, struct err *err)
{
    if (need->limit == 0) {
        *ret = (struct memory_plan){.jobs = need->jobs,
                                    .lanes = porting_lanes(need->jobs),
                                    .worker = (size_t)PROC_MEMORY << 30,
                                    .reply = need->reply,
                                    .arriving = PROC_ARRIVING,
                                    .stored = need->stored,
                                    .held = PORTING_HELD_MAX};
        return 0;
    }
    if (!divide(need, need->limit, ret))
        return err_set(err, ERR_LIMIT,
                       "%zu MB of memory are too little for these rules and this evidence: "
                       "--max-memory %zu is the least",
                       need->limit / MB, least(need));
    return 0;
}
