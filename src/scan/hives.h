/* hives.h - registry hives whose last changes only their transaction logs hold.
 *
 * A hive is read alone, and one that was not written whole would be read as it was before. So
 * where its logs lie beside it, it waits: a later phase hands it to a worker that has its logs,
 * and reads it as they make it. A hive without logs is read as it is, and a gap says so. Members
 * of carriers are not known to workers: there each hive that was not written whole waits.
 */
#pragma once

#include "scan/work.h"

/* Whether a hive is to wait; says so in `out`.
 *
 * f     the files that are known
 * file  the hive's bytes
 */
bool hives_wait(const struct findings *f, const struct evidence *hive, struct bytes file,
                struct buf *out);

/* Whether logs of a hive are among the evidence: then it may be said to wait. */
bool hives_logged(const struct findings *f, const struct evidence *hive);

struct hives;

enum { HIVES_LOGS_MAX = 256 << 20 }; /* bytes of logs that are members, together */

/* Gathers those that wait, and maps their logs: workers forked later can open nothing. arena
 * owns the result, which borrows from f */
struct hives *hives_gather(const struct findings *f, struct arena *arena);

/* The logs that are members of carriers, as numbers of evidence that ascend: to be read once more,
 * and given before workers are forked. The file, which is taken over, is as large as the evidence
 * says. */
size_t hives_missing(const struct hives *h, struct arena *arena, size_t **ret);
void hives_give(struct hives *h, size_t evidence, int file);
void hives_close(struct hives *h);

size_t hives_works(const struct hives *h);
struct work hives_work(const struct hives *h, size_t item);

/* Reads one of them, whose bytes are `file`. */
void hives_answer(const struct hives *h, const struct work *work,
                  const struct work_shared *shared, struct bytes file, struct buf *reply);
