/* base64.h - Base64 as tools and logs write it. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

/* Decodes Base64: both alphabets ('+' '/' and '-' '_'); ends at the first '=' or the end.
 * Bits that fill no byte are left out, so that a text that was cut off gives what it holds.
 *
 * returns the bytes, in the arena; none if another character stands in the text
 * Source: RFC 4648, 4 and 5
 */
struct bytes base64_decode(struct str text, struct arena *arena);

/* Room for n bytes as Base64, with the NUL behind it. */
#define BASE64_ROOM(n) (((n) + 2) / 3 * 4 + 1)

/* Writes bytes as Base64 ('+', '/', filled up with '='), NUL-terminated.
 * ret  room for BASE64_ROOM(data.n) */
void base64_encode(struct bytes data, char *ret);
