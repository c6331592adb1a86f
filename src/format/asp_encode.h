/* asp_encode.h - VBScript.Encode and JScript.Encode, undone.
 *
 * Source: docs/web-shells.md, "Encoded script"
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* Decodes each "#@~^LLLLLL==...CCCCCC==^#~@" of a script, where it stands. An encoded text
 * that is cut off gives what is there.
 *
 * ret      the script with plain text in the places, in the arena; untouched if there is none
 * returns  whether there was one
 */
bool asp_encode_undo(struct str code, struct arena *arena, struct str *ret);
