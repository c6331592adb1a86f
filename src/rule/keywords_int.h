/* keywords_int.h - the table of keywords.c, for its vector twin. */
#pragma once

#include <stdint.h>

#include "rule/keywords.h"

enum {
    KEYWORD_GRAM = 3, /* characters of a text that are looked for first */
    KEYWORD_BLOCK = 32,
    KEYWORD_AHEAD = 4, /* bytes behind a place that are looked at: UTF-16 */
};

/* Texts are in eight groups; a bit stands for each. A place is looked at closer if some group
 * has all three of its bytes, wide (every other byte) or narrow. */
struct keywords {
    struct keyword {
        struct str text;
        size_t gram; /* characters into the text */
        uint8_t group;
    } * list;
    size_t n;
    uint8_t has[KEYWORD_GRAM][256]; /* groups by character and byte */
    uint8_t low[KEYWORD_GRAM][16]; /* the same by half a byte: the two and-ed have a few more */
    uint8_t high[KEYWORD_GRAM][16];
    bool vectors;
};

bool keywords_avx2_is_here(void);

/* The first place at or behind `from` that is worth a closer look, or from which on too few bytes
 * are left for a block. */
size_t keywords_next_avx2(const struct keywords *k, struct bytes raw, size_t from);
