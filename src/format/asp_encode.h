/* asp_encode.h - VBScript.Encode and JScript.Encode, undone.
 *
 * Source: docs/web-shells.md, "Encoded script"
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* Decodes each "#@~^LLLLLL==...CCCCCC==^#~@" of a script, where it stands. An encoded text
 * that is cut off gives what is there.
 *
 * ret      the script with plain text in the places, in the arena; untouched if there is none
 * returns  whether there was one
 */
bool asp_encode_undo(struct str code, struct arena *arena, struct str *ret);

/* --- internal to asp_encode*.c ----------------------------------------------------------------- */

enum { ASP_ENCODE_TURNS = 64 };

/* A character that takes a place in the order of the tables. */
struct asp_encoded_char {
    char c;
    bool plain;  /* it stands for itself: it was written as an escape */
    bool blanks; /* a copy whose controls became blanks */
};

struct asp_encoded {
    struct asp_encoded_char *chars;
    size_t n;
};

/* What a character stands for at a place, which is less than ASP_ENCODE_TURNS. */
char asp_encode_char(struct asp_encoded_char e, size_t place);

/* The places of the characters of a script of which a copy lost some. ret_places has room for all.
 * False if it reads as script as it is, or is too long: nothing is given. */
bool asp_encode_mend(const struct asp_encoded *e, struct arena *arena, uint8_t *ret_places);
