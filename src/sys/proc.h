/* proc.h - worker processes that answer requests, and what becomes of them.
 *
 * Workers are forked from this process, so they share what was built before; then they enter
 * the jail (sys/jail.h), before their first request. Nothing that a worker does afterwards is
 * trusted: it may lie in its answer, stop in the middle of it, or never give one. One that dies
 * or takes too long costs the request it was working on: the caller is told, and a new worker
 * takes its place. Behind this header a port can start its workers in another way.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum {
    PROC_WORKERS_MAX = 256,
    PROC_SPECIAL_MAX = 64,
    PROC_NO_FILE = -1,
    PROC_MEMORY = 2, /* GiB that a worker may take besides what was there before the fork:
                        an unpacked log, an answer of the largest size, each while it grows */
    PROC_ARRIVING =
        512 << 20, /* bytes of answers on their way; then one worker is heard first */
};

/* Answers one request in the worker. What it appends to `reply` is what the caller gets.
 * file  a descriptor handed along, this worker's own to close; or PROC_NO_FILE */
typedef void (*proc_answer)(void *context, struct bytes request, int file, struct buf *reply);

struct proc_task {
    struct bytes request;
    int file;         /* handed along for reading; stays the caller's. PROC_NO_FILE: none */
    unsigned seconds; /* of processor time; a worker that needs more is ended */
};

struct proc_pool;

/* Makes a pool of n workers (1..PROC_WORKERS_MAX).
 *
 * answer, context  used in the workers
 * reply_max        largest reply in bytes; a worker that has more to say dies
 * errors ERR_IO
 */
int proc_open(size_t n, proc_answer answer, void *context, size_t reply_max,
              struct proc_pool **ret, struct err *err);

struct proc_limits { /* bytes */
    size_t reply;
    size_t memory;   /* of each worker, as PROC_MEMORY */
    size_t arriving; /* as PROC_ARRIVING */
};

/* The same with limits of its own. */
int proc_open_within(size_t n, proc_answer answer, void *context,
                     const struct proc_limits *limits, struct proc_pool **ret, struct err *err);
void proc_close(struct proc_pool *pool); /* NULL is fine; ends the workers */

/* Adds n special workers, which are asked by number and answer in a way of their own. Each is
 * started when it is first asked something; one that dies is not replaced before that.
 *
 * returns the number of the first; the others follow
 */
int proc_add(struct proc_pool *pool, size_t n, proc_answer answer, void *context);

/* Ends a special worker: the next request meets a new one, which knows nothing of the old. */
void proc_retire(struct proc_pool *pool, int worker);

/* The parts of the jail (enum jail_part) that hold in every worker of the pool. */
unsigned proc_jail(const struct proc_pool *pool);

/* The same, found out with a worker that is never asked anything. errors ERR_IO */
int proc_try_jail(unsigned *ret_parts, struct err *err);

/* A worker that has nothing to do, none of the special ones; -1 if all are busy. */
int proc_idle(const struct proc_pool *pool);

/* Hands a task to an idle worker. errors ERR_IO */
int proc_send(struct proc_pool *pool, int worker, const struct proc_task *task,
              struct err *err);

/* Waits for the next worker to finish.
 *
 * returns 1 with *ret_worker set, whose answer proc_reply has; 0 if no worker is busy; -1 if
 *         that worker died or was ended: *ret_worker is set, *err says how, and a new worker
 *         stands in its place
 * errors  with *ret_worker as it was: ERR_IO, and ERR_INTERRUPTED (sys/interrupt.h)
 */
int proc_wait(struct proc_pool *pool, int *ret_worker, struct err *err);

/* Hands over the answer of a worker that proc_wait named, the caller's to free. */
struct buf proc_reply(struct proc_pool *pool, int worker);
