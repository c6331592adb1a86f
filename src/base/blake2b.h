/* blake2b.h - BLAKE2b, without a key: the digest that minisign uses. OpenSSL 3.0 has it in one
 * length only, and secret keys carry a shorter one.
 *
 * Source: RFC 7693
 */
#pragma once

#include "base/str.h"

enum { BLAKE2B_MAX = 64 };

/* The digest of the parts, one behind the other.
 *
 * size  of the digest, 1 to BLAKE2B_MAX bytes; a shorter one is no part of a longer one
 * ret   of that size
 */
void blake2b(const struct bytes *parts, size_t n, size_t size, uint8_t *ret);
