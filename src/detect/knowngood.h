/* knowngood.h - digests of files that Exchange shipped with, to March 2021.
 *
 * Source: data/README.md
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether a file with this SHA-256 was shipped. False says nothing: later builds and files
 * that setup changes are not in the set. */
bool knowngood_has(const uint8_t sha256[32]);

/* How many digests the set holds. */
size_t knowngood_count(void);
