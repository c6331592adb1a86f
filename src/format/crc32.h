/* crc32.h - the checksum of EVTX, ZIP and gzip. */
#pragma once

#include <stdint.h>

#include "base/str.h"

/* Continues a checksum over more bytes; start with 0.
 * Source: ISO 3309, reflected polynomial 0xedb88320 */
uint32_t crc32_of(uint32_t crc, struct bytes b);

/* The same, always by zlib: what crc32_of must agree with. */
uint32_t crc32_plain(uint32_t crc, struct bytes b);
