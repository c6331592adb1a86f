/* decode_known.h - texts that were looked into before, and what they hide: the same command
 * lines and scripts are logged over and over. */
#pragma once

#include "event/decode.h"

struct decode_known;

/* An empty table. Its memory is bounded, and taken from `arena` when it is needed. */
struct decode_known *decode_known_new(struct arena *arena);

/* Says that what was given before is not looked at any more: from here on it may be forgotten. */
void decode_known_turn(struct decode_known *k);

/* As decode_text. The result borrows from `arena`, `text` or the table: it is valid until
 * decode_known_turn.
 *
 * k  NULL: nothing is known, nothing is kept
 */
void decode_known_text(struct decode_known *k, struct str text, unsigned hints,
                       struct arena *arena, struct decoded_list *ret);
