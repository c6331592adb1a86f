/* dir.h - what lies below a path, in an order that depends on names alone. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

enum dir_problem { DIR_OK, DIR_UNREADABLE, DIR_LINK, DIR_SPECIAL, DIR_TOO_DEEP };

struct dir_entry {
    struct str path;  /* as opened: the root given, then the rest; NUL-terminated */
    struct str below; /* the part below the root; the file name for a root that is a file */
    size_t root;      /* index of the root it was found under */
    uint64_t size;    /* bytes */
    instant modified;
    enum dir_problem problem; /* not DIR_OK: it could not be taken; `why` says it */
    struct str why;
};

struct dir_list {
    struct dir_entry *entries; /* sorted by root, then by path bytes */
    size_t n;
    size_t cap;
};

/* Lists every regular file below `root`. Symbolic links are never followed; links, special
 * files and unreadable folders are entries with a problem. The same file met twice (hard
 * links aside) cannot happen since no link is followed.
 *
 * index   stored in the entries' `root`
 * errors  ERR_IO (root itself cannot be read)
 */
int dir_walk(const char *root, size_t index, struct arena *arena, struct dir_list *list,
             struct err *err);
