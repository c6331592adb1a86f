/* evtx_int.h - little-endian loads, and a hash, for the hot loops of the EVTX files.
 *
 * These check nothing. Each use stands behind one bound proved in the same function;
 * everything that is read once per chunk or less uses base/cur.h instead.
 */
#pragma once

#include <stdint.h>

#include "base/str.h"

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

/* Numbers and bytes into one number: quick, and no secret. */
static inline uint64_t evtx_mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * UINT64_C(0xff51afd7ed558ccd);
    return h ^ h >> 31;
}

static inline uint64_t evtx_mix_bytes(uint64_t h, struct bytes b)
{
    size_t i = 0;
    for (; b.n - i >= 8; i += 8)
        h = evtx_mix(h, le64(b.p + i));
    uint64_t rest = b.n;
    for (; i < b.n; i++)
        rest = rest << 8 | b.p[i];
    return evtx_mix(h, rest);
}
