/* names.h - texts and their numbers: each text once, in the order in which it came. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

struct names {
    struct str *at;
    size_t n, cap;
    size_t *slots; /* number + 1, or 0; a power of two of them, at most half in use */
    size_t n_slots;
};

/* The number of a text: of an earlier equal one, or a new one. The text is borrowed. */
size_t names_number(struct names *names, struct str text, struct arena *arena);

/* The same of a text that may not be there; SIZE_MAX then. */
size_t names_find(const struct names *names, struct str text);
