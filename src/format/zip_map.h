/* zip_map.h - where everything in a ZIP lies: each byte belongs to a member, to the directory and
 * what ends it, or to none of them.
 *
 * A reader that trusts the directory alone does not see members that it leaves out, the first of
 * two archives that were joined, or what lies before, between and behind the members. Here such
 * stretches are searched for members' own headers, and what is left of them is a place of its own.
 *
 * Source: PKWARE's APPNOTE.TXT 6.3.10, 4.3.6 (the order of all), 4.3.14 to 4.3.16 (the end)
 */
#pragma once

#include "base/arena.h"
#include "format/zip_entry.h"

#define ZIP_UNLISTED UINT64_MAX        /* entry: no directory tells of this member */
#define ZIP_BETWEEN (UINT64_MAX - 1)   /* bytes that belong to no member */
#define ZIP_DIRECTORY (UINT64_MAX - 2) /* the directory's own: not to be read */

enum {
    ZIP_ENTRIES_MAX = 1 << 20,  /* of one directory: no more members are read */
    ZIP_UNLISTED_MAX = 1 << 16, /* members found beside it, and stretches between */
    ZIP_NOTES = 12,
};

struct zip_place {
    uint64_t from;  /* of the member's own header; may lie behind the end */
    uint64_t entry; /* of its entry in the directory, or one of the above */
    uint64_t to;    /* where its bytes end; not of listed members */
};

struct zip_map { /* places ascend */
    struct zip_place *at;
    size_t n, cap;
    uint64_t shift; /* what the directory calls 0 lies here: to be added, modulo 2^64 */
    bool directory; /* there is one */
    size_t unlisted, between;
    struct str notes[ZIP_NOTES]; /* what is wrong with it: a gap each */
    size_t n_notes;
};

/* file   the whole archive
 * arena  owns the places and notes */
void zip_map_read(struct bytes file, struct arena *arena, struct zip_map *ret);

/* What is known of a member: `ret` as its entry says, `ret_own` as its own header.
 *
 * returns  false where its own header is damaged: nothing of it can be read, but ret says what the
 *          directory tells of it */
bool zip_map_member(struct bytes file, const struct zip_place *place, struct zip_entry *ret,
                    struct zip_entry *ret_own);
