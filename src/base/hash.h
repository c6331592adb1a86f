/* hash.h - a hash for tables of this process. It is no secret: evidence may choose collisions,
 * so what is found by it is compared. */
#pragma once

#include "base/str.h"

uint64_t hash_bytes(struct bytes b);
