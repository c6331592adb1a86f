#include "format/scan_bytes.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* From `at` on; `n` offsets are in ret already. */
static size_t scan_from(struct bytes b, size_t at, uint8_t wanted, uint32_t *ret, size_t n,
                        size_t most)
{
    for (; at < b.n && n < most; at++)
        if (b.p[at] == wanted)
            ret[n++] = (uint32_t)at;
    return n;
}

size_t scan_bytes_plain(struct bytes b, uint8_t wanted, uint32_t *ret, size_t most)
{
    return scan_from(b, 0, wanted, ret, 0, most);
}

#if defined(__SSE2__) /* every x86-64 has it: nothing to find out at run time */

enum { STEP = 16, BLOCK = 4 * STEP };

static uint64_t hits_of(const uint8_t *p, __m128i pattern)
{
    __m128i step = _mm_loadu_si128((const __m128i *)(const void *)p);
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(step, pattern));
}

size_t scan_bytes(struct bytes b, uint8_t wanted, uint32_t *ret, size_t most)
{
    const __m128i pattern = _mm_set1_epi8((char)wanted);
    size_t n = 0;
    size_t at = 0;
    for (; b.n - at >= BLOCK && n + BLOCK <= most; at += BLOCK) {
        const uint8_t *p = b.p + at;
        uint64_t hits = hits_of(p, pattern) | hits_of(p + STEP, pattern) << STEP |
                        hits_of(p + (size_t)2 * STEP, pattern) << 2 * STEP |
                        hits_of(p + (size_t)3 * STEP, pattern) << 3 * STEP;
        for (; hits; hits &= hits - 1)
            ret[n++] = (uint32_t)at + (uint32_t)__builtin_ctzll(hits);
    }
    for (; b.n - at >= STEP && n + STEP <= most; at += STEP)
        for (uint64_t hits = hits_of(b.p + at, pattern); hits; hits &= hits - 1)
            ret[n++] = (uint32_t)at + (uint32_t)__builtin_ctzll(hits);
    return scan_from(b, at, wanted, ret, n, most);
}

#else

size_t scan_bytes(struct bytes b, uint8_t wanted, uint32_t *ret, size_t most)
{
    return scan_bytes_plain(b, wanted, ret, most);
}

#endif
