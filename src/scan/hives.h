/* hives.h - registry hives whose last changes only their transaction logs hold.
 *
 * A hive is read alone, and one that was not written whole would be read as it was before. So
 * where its logs lie beside it, it waits: a later phase hands it to a worker that has its logs,
 * and reads it as they make it. A hive without logs, or in a carrier, is read as it is, and a
 * gap says so.
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

struct hives;

/* Gathers those that wait, and maps their logs: workers forked later can open nothing. arena
 * owns the result, which borrows from f */
struct hives *hives_gather(const struct findings *f, struct arena *arena);
void hives_close(struct hives *h);

size_t hives_works(const struct hives *h);
struct work hives_work(const struct hives *h, size_t item);

/* Reads one of them, whose bytes are `file`. */
void hives_answer(const struct hives *h, const struct work *work,
                  const struct work_shared *shared, struct bytes file, struct buf *reply);
