/* again.h - the later phases: what needs knowledge of other records, spans or files.
 *
 * In the first phase workers say what is to be done again (SIGNAL_LATER); the parent keeps
 * that in the order of the evidence, so that nothing depends on which worker was faster.
 * Then new workers are forked, which see all of it, and get the work planned here; so once
 * more for what needs the recovered records too.
 */
#pragma once

#include "scan/work.h"

struct blocks;
struct hives;
struct recover;
struct tasks;
struct versions;

enum again_phase {
    AGAIN_HIVES,   /* hives that need their logs */
    AGAIN_RECOVER, /* records outside the logs' own */
    AGAIN_COMPARE, /* what several sources tell of one thing */
    AGAIN_JOIN,    /* scripts in parts, some of which may have been recovered */
    AGAIN_PHASES,
};

struct again {
    const struct work *work; /* in the order of the evidence */
    size_t n;
    const struct blocks *blocks;     /* WORK_BLOCK: work.item is one of its works */
    struct hives *hives;             /* WORK_HIVE: likewise */
    struct recover *recover;         /* WORK_RECOVER: likewise */
    const struct tasks *tasks;       /* WORK_TASKS: likewise */
    const struct versions *versions; /* WORK_VERSIONS: likewise */
};

/* Plans a phase from what those before it left (f->later), in the order of the evidence.
 *
 * arena  owns *ret; ret->n is 0 where there is nothing to do
 */
void again_plan(const struct findings *f, enum again_phase phase, struct arena *arena,
                struct again *ret);

/* Does one piece of it, in a worker. file: what it is of, where it needs it */
void again_answer(const struct work_shared *shared, const struct work *work, struct bytes file,
                  struct buf *reply);

void again_close(const struct again *again); /* after its phase */
