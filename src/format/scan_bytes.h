/* scan_bytes.h - where a byte occurs, many times over: the separators of a log's row.
 *
 * memchr is fastest to the next one far away; here the next one is a dozen bytes away.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Writes the offsets of the byte `wanted`, ascending, to ret.
 *
 * most    room in ret; the search ends when it is full
 * returns how many were written
 */
size_t scan_bytes(struct bytes b, uint8_t wanted, uint32_t *ret, size_t most);

/* The same, byte by byte: what scan_bytes must agree with. */
size_t scan_bytes_plain(struct bytes b, uint8_t wanted, uint32_t *ret, size_t most);
