/* tasks.h - scheduled tasks as the registry and their files tell of them, beside each other.
 *
 * Windows runs what the registry says; its tools show what the files say. So each task of a hive
 * SOFTWARE is looked for among the files of the same system's folder Tasks, and the other way round.
 * That something is missing on one side is told only where that side was read whole: the hive
 * without a gap, the folder as far as it was taken. Differences are events of the kind "task", with
 * the field TaskState, and rules say what they mean.
 */
#pragma once

#include "scan/work.h"

struct tasks;

/* Sorts and compares what f->later holds of tasks, the same in every run.
 * arena  owns the result, which borrows from f */
struct tasks *tasks_gather(const struct findings *f, struct arena *arena);

/* How many pieces of work they are, and each of them, in the order of the evidence. */
size_t tasks_works(const struct tasks *t);
struct work tasks_work(const struct tasks *t, size_t item);

/* Evaluates the tasks of one piece of work. */
void tasks_answer(const struct tasks *t, const struct work *work,
                  const struct work_shared *shared, struct buf *reply);
