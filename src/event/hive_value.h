/* hive_value.h - the data of a registry value as text. */
#pragma once

#include "base/arena.h"
#include "base/cur.h"
#include "base/str.h"
#include "format/hive.h"

enum {
    HIVE_HEX_MOST = 64,     /* bytes of binary data that are shown */
    HIVE_STRINGS_MOST = 512 /* strings of a REG_MULTI_SZ that are told apart */
};

bool hive_value_is_text(uint32_t type); /* of one string */

/* UTF-16LE up to its first NUL, as Windows' own tools show it. */
struct str hive_value_string(struct bytes data, struct arena *arena);

/* The next string of a REG_MULTI_SZ behind *at (start with 0): false at the end, which is an
 * empty one. */
bool hive_value_next(struct bytes data, size_t *at, struct arena *arena, struct str *ret);

/* The number that a REG_DWORD (either order) or REG_QWORD holds. False if it is none. */
bool hive_value_number(const struct hive *h, const struct hive_value *v, uint64_t *ret);

/* Lower-case hex of at most HIVE_HEX_MOST bytes; "..." behind it where there are more. */
struct str hive_value_hex(struct bytes data, struct arena *arena);

/* "S-1-5-18"; "" if the bytes do not start with a SID. */
struct str hive_value_sid(struct bytes data, struct arena *arena);
