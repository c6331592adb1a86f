/* names.h - texts and their numbers: each text once, in the order in which it came. */
#pragma once

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"

struct names {
    struct hash_key
        key; /* set with the first text: evidence chooses the texts, and cannot foresee it */
    struct str *at;
    size_t n, cap;
    size_t *slots; /* number + 1, or 0; a power of two of them, at most half in use */
    size_t n_slots;
};

/* The number of a text: of an earlier equal one, or a new one. The text is borrowed. */
size_t names_number(struct names *names, struct str text, struct arena *arena);

/* The same of a text that may not be there; SIZE_MAX then. */
size_t names_find(const struct names *names, struct str text);

struct numbers { /* a number for each text */
    struct names names;
    size_t *value;
    size_t cap;
};

/* The number that was set last for a text; SIZE_MAX if none was. */
size_t numbers_get(const struct numbers *numbers, struct str text);
void numbers_set(struct numbers *numbers, struct str text, size_t value, struct arena *arena);
