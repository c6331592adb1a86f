/* listing.h - the files below some paths, and what each of them is. */
#pragma once

#include "detect/findings.h"

/* Lists every file below the paths; workers look at its first bytes. What cannot be opened, and
 * what may hold evidence but is not read, is a gap.
 *
 * names      what each path is called in all that is told; NULL: as it is
 * leave_out  a file that is no evidence; NULL: none
 * arena      owns the result
 * ret        its evidence and gaps are filled; does not depend on the order of the paths
 * errors     ERR_IO (a path cannot be read)
 */
int listing_make(const char *const *paths, const char *const *names, size_t n,
                 const char *leave_out, struct arena *arena, struct findings *ret,
                 struct err *err);

/* Why a file is a gap of which its format says that it is no evidence to this program, but
 * which may hold some: an archive that cannot be opened, or a file where a log should be; ""
 * for any other. */
struct str listing_unread(const struct evidence *e);

/* Where the further segments of an image lie, in their order, up to the first that is not
 * there; none for any other evidence. arena owns *ret */
size_t listing_segments(const struct findings *f, size_t evidence, struct arena *arena,
                        const struct str **ret);

/* Keeps a gap. One that goes on where the last one ends, for the same reason, extends it. */
void listing_gap(struct findings *f, struct arena *arena, size_t evidence, uint64_t from,
                 uint64_t to, struct str why);
