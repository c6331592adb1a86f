/* proc.h - worker processes that answer requests, and what becomes of them.
 *
 * Workers are forked from this process, so they share what was built before. A worker that
 * dies costs the request it was working on: the caller is told, and a new worker takes its
 * place. Behind this header a port can start its workers in another way.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { PROC_WORKERS_MAX = 256 };

/* Answers one request in the worker. What it appends to `reply` is what the caller gets. */
typedef void (*proc_answer)(void *context, struct bytes request, struct buf *reply);

struct proc_pool;

/* Makes a pool of n workers (1..PROC_WORKERS_MAX).
 *
 * answer, context  used in the workers
 * reply_max        largest reply in bytes; a worker that has more to say dies
 * errors ERR_IO
 */
int proc_open(size_t n, proc_answer answer, void *context, size_t reply_max,
              struct proc_pool **ret, struct err *err);
void proc_close(struct proc_pool *pool); /* NULL is fine; ends the workers */

/* A worker that has nothing to do; -1 if all are busy. */
int proc_idle(const struct proc_pool *pool);

/* Hands a request to an idle worker. errors ERR_IO */
int proc_send(struct proc_pool *pool, int worker, struct bytes request, struct err *err);

/* Waits for the next worker to finish.
 *
 * returns 1 with *ret_worker and *ret_reply (valid until the next call) set; 0 if no worker
 *         is busy; -1 if that worker died: *ret_worker is set, *err says how, and a new
 *         worker stands in its place
 */
int proc_wait(struct proc_pool *pool, int *ret_worker, struct bytes *ret_reply,
              struct err *err);
