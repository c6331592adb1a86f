/* uuid.h - UUIDs made of names: the same name gives the same UUID everywhere. */
#pragma once

#include "base/str.h"

enum { UUID_TEXT = 37 };

struct uuid {
    unsigned char byte[16];
};

/* The version 5 UUID of a name, as text and a NUL.
 * Source: RFC 9562, 5.5 */
void uuid5(const struct uuid *space, struct str name, char ret[UUID_TEXT]);
