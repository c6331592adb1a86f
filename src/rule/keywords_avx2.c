/* keywords_avx2.c - the search of keywords.c for places worth a look, 32 at a time. */
#include "rule/keywords_int.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi")))

bool keywords_avx2_is_here(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
}

struct halves {
    __m256i low, high;
};

AVX2 static inline __m256i table(const uint8_t half[16])
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)half));
}

/* The groups of 32 bytes from p on. */
AVX2 static inline __m256i groups(const struct halves *t, const uint8_t *p)
{
    const __m256i half = _mm256_set1_epi8(15);
    __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i low = _mm256_shuffle_epi8(t->low, _mm256_and_si256(v, half));
    __m256i high =
        _mm256_shuffle_epi8(t->high, _mm256_and_si256(_mm256_srli_epi16(v, 4), half));
    return _mm256_and_si256(low, high);
}

AVX2 size_t keywords_next_avx2(const struct keywords *k, struct bytes raw, size_t from)
{
    struct halves t[KEYWORD_GRAM];
    for (unsigned j = 0; j < KEYWORD_GRAM; j++)
        t[j] = (struct halves){table(k->low[j]), table(k->high[j])};
    /* The last byte read is at from + KEYWORD_BLOCK + KEYWORD_AHEAD - 1. */
    for (; raw.n - from >= KEYWORD_BLOCK + KEYWORD_AHEAD; from += KEYWORD_BLOCK) {
        const uint8_t *p = raw.p + from;
        __m256i first = groups(&t[0], p);
        __m256i third = groups(&t[2], p + 2);
        __m256i second = groups(&t[1], p + 1);
        __m256i narrow = _mm256_and_si256(second, third);
        __m256i wide = _mm256_and_si256(groups(&t[1], p + 2), groups(&t[2], p + 4));
        __m256i any = _mm256_and_si256(first, _mm256_or_si256(narrow, wide));
        unsigned none =
            (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(any, _mm256_setzero_si256()));
        if (~none)
            return from + (unsigned)__builtin_ctz(~none);
    }
    return from;
}

#else

bool keywords_avx2_is_here(void)
{
    return false;
}

size_t keywords_next_avx2(const struct keywords *k, struct bytes raw, size_t from)
{
    (void)k;
    (void)raw;
    return from;
}

#endif
