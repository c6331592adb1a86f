/* recover.h - records that lie outside the chunks of event logs, in the second phase.
 *
 * The first phase says where there may be some (LATER_SLACK) and which templates undamaged
 * records define (LATER_TEMPLATE), because what is left of a record may need a definition
 * that only another chunk, or another log of the same host, still has. The second phase reads
 * them log by log: docs/formats/evtx.md, "Recovery".
 */
#pragma once

#include "event/source.h"
#include "scan/work.h"

/* Says what a span that was read leaves for the second phase.
 *
 * read      the span's source, at its end
 * evidence  that it is of
 * host      named by its first record; "" if none
 */
void recover_note(const struct source *read, const struct evidence *evidence, struct span span,
                  struct str host, struct buf *out);

/* The same of a span of a file that is no log: an image of a disk or of memory. */
void recover_seek(struct bytes file, struct span span, struct buf *out);

struct recover_known; /* templates and findings that are there already */

struct recover_known *recover_known_new(struct arena *arena);

/* Whether to keep a LATER_TEMPLATE: 1 it is the first of its kind, 0 it is not, -1 there is
 * no more room. */
int recover_template(struct recover_known *k, const struct signal *signal);

/* Notes a finding. Returns whether the same rule is told of the same record already, from the
 * record itself or from another copy. */
bool recover_tells_again(struct recover_known *k, const struct hit *hit);

struct recover;

/* Gathers what the first phase left, and maps the files that define templates: workers forked
 * later can open nothing. arena owns the result, which borrows from f */
struct recover *recover_gather(const struct findings *f, struct arena *arena);
void recover_close(struct recover *r);

size_t recover_works(const struct recover *r);
struct work recover_work(const struct recover *r, size_t item);

/* Does one piece of work: one log, whose bytes are `file`. */
void recover_answer(const struct recover *r, const struct work *work,
                    const struct work_shared *shared, struct bytes file, struct buf *reply);
