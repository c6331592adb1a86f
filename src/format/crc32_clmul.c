/* Sixteen bytes are a polynomial; one that stands n bits before another is worth its product with
 * x^n modulo the CRC's polynomial. So blocks are folded into those behind them, four at a time,
 * then the last one is reduced (Barrett).
 *
 * Source: Gopal and others, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ
 * Instruction", Intel, 2009: its method, and its constants for the reflected 0x04c11db7.
 */
#include "format/crc32_clmul.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define WITH_CLMUL __attribute__((target("pclmul,sse4.1")))

/* x^n mod P, reflected; the low half is for the half that stands further in front */
static const uint64_t BY_64[2] = {UINT64_C(0x154442bd4), UINT64_C(0x1c6e41596)};
static const uint64_t BY_16[2] = {UINT64_C(0x1751997d0), UINT64_C(0x0ccaa009e)};
static const uint64_t BY_8[2] = {UINT64_C(0x163cd6124), 0};
static const uint64_t REDUCE[2] = {UINT64_C(0x1db710641), UINT64_C(0x1f7011641)}; /* P, mu */

bool crc32_clmul_can(void)
{
    return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
}

WITH_CLMUL static inline __m128i load(const void *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

WITH_CLMUL static inline __m128i fold(__m128i front, __m128i behind, __m128i by)
{
    __m128i low = _mm_clmulepi64_si128(front, by, 0x00);
    __m128i high = _mm_clmulepi64_si128(front, by, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), behind);
}

WITH_CLMUL static uint32_t reduce(__m128i x)
{
    const __m128i low32 = _mm_set_epi32(0, -1, 0, -1);
    __m128i by = load(BY_16);
    x = _mm_xor_si128(_mm_srli_si128(x, 8), _mm_clmulepi64_si128(x, by, 0x10));
    by = load(BY_8);
    x = _mm_xor_si128(_mm_srli_si128(x, 4),
                      _mm_clmulepi64_si128(_mm_and_si128(x, low32), by, 0x00));
    by = load(REDUCE);
    __m128i q = _mm_clmulepi64_si128(_mm_and_si128(x, low32), by, 0x10);
    q = _mm_clmulepi64_si128(_mm_and_si128(q, low32), by, 0x00);
    return (uint32_t)_mm_extract_epi32(_mm_xor_si128(x, q), 1);
}

WITH_CLMUL uint32_t crc32_clmul(uint32_t reg, const uint8_t *p, size_t n)
{
    __m128i a = _mm_xor_si128(load(p), _mm_cvtsi32_si128((int)reg));
    __m128i b = load(p + 16);
    __m128i c = load(p + 32);
    __m128i d = load(p + 48);
    __m128i by = load(BY_64);
    size_t at = 64;
    for (; n - at >= 64; at += 64) {
        a = fold(a, load(p + at), by);
        b = fold(b, load(p + at + 16), by);
        c = fold(c, load(p + at + 32), by);
        d = fold(d, load(p + at + 48), by);
    }
    by = load(BY_16);
    a = fold(fold(fold(a, b, by), c, by), d, by);
    for (; n - at >= 16; at += 16)
        a = fold(a, load(p + at), by);
    return reduce(a);
}

#else

bool crc32_clmul_can(void)
{
    return false;
}

uint32_t crc32_clmul(uint32_t reg, const uint8_t *p, size_t n)
{
    (void)p;
    (void)n;
    return reg;
}

#endif
