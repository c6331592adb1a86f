/* crc32_clmul.h - the CRC-32 by carry-less multiplication, where the processor can. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CRC32_CLMUL_LEAST = 64, CRC32_CLMUL_STEP = 16 };

bool crc32_clmul_can(void);

/* Continues the register (not yet inverted at the end) over n bytes.
 *
 * n  at least CRC32_CLMUL_LEAST, a multiple of CRC32_CLMUL_STEP
 */
uint32_t crc32_clmul(uint32_t reg, const uint8_t *p, size_t n);
