/* hash.h - hashes for tables of this process. */
#pragma once

#include "base/str.h"

/* No secret: evidence may choose collisions, so what is found by it is compared. */
uint64_t hash_bytes(struct bytes b);

struct hash_key {
    uint64_t a, b;
};

/* Nobody who does not know the key can choose collisions.
 * Source: J.-P. Aumasson and D. J. Bernstein, SipHash: a fast short-input PRF (2012); 2-4 */
uint64_t hash_keyed(const struct hash_key *key, struct bytes b);
