/* evtx_int.h - little-endian loads for the hot loops of the EVTX files.
 *
 * These check nothing. Each use stands behind one bound proved in the same function;
 * everything that is read once per chunk or less uses base/cur.h instead.
 */
#pragma once

#include <stdint.h>

static inline uint16_t le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t le64(const uint8_t *p)
{
    return (uint64_t)le32(p + 4) << 32 | le32(p);
}
