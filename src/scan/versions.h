/* versions.h - what changed in IIS's configuration from one of its versions to the next.
 *
 * IIS keeps its last versions in inetpub\history\CFGHISTORY_<n>. What rules match in several of them the
 * judge joins (judge/config_history.c). Here all of them are compared in what decides who answers a
 * request and what is kept of it: modules, handlers, filters, folders, rewrite rules, machine keys,
 * logging. What came or went between two versions that were read without a gap is one event for each
 * kind, with the fields Change, ChangedKind, Changed, From, To; rules say what to make of it.
 */
#pragma once

#include "scan/work.h"

struct versions;

/* Sorts and compares what f->later holds of configurations, the same in every run.
 * arena  owns the result, which borrows from f */
struct versions *versions_gather(const struct findings *f, struct arena *arena);

size_t versions_works(const struct versions *v);
struct work versions_work(const struct versions *v, size_t item);

void versions_answer(const struct versions *v, const struct work *work,
                     const struct work_shared *shared, struct buf *reply);
