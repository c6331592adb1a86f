/* row_avx2.c - the marks of row.c with AVX2. It says what the plain ones say. */
#include "event/row.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

enum { WIDE = ROW_MARKS_LEAST };

bool row_avx2_is_here(void)
{
    return __builtin_cpu_supports("avx2");
}

AVX2 static inline __m256i load(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

AVX2 static inline __m256i is(__m256i v, char c)
{
    return _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c));
}

AVX2 static inline __m256i is_slash(__m256i v)
{
    return _mm256_or_si256(is(v, '/'), is(v, '\\'));
}

/* The signs of those bytes that give a mark. */
AVX2 static inline __m256i marked(const uint8_t *p)
{
    __m256i c = load(p);
    __m256i last = load(p - 1);
    __m256i quotes =
        _mm256_and_si256(_mm256_or_si256(is(c, '"'), is(c, '\'')), _mm256_cmpeq_epi8(c, last));
    __m256i slashes = _mm256_andnot_si256(is(load(p - 2), ':'),
                                          _mm256_and_si256(is_slash(c), is_slash(last)));
    return _mm256_or_si256(_mm256_or_si256(c, is(c, '%')), _mm256_or_si256(quotes, slashes));
}

AVX2 bool row_has_mark_avx2(const uint8_t *p, size_t n)
{
    __m256i any = marked(p + n - WIDE);
    for (size_t at = 0; n - at > WIDE; at += WIDE)
        any = _mm256_or_si256(any, marked(p + at));
    return _mm256_movemask_epi8(any) != 0;
}

#else

bool row_avx2_is_here(void)
{
    return false;
}

bool row_has_mark_avx2(const uint8_t *p, size_t n)
{
    return row_marks_plain((struct bytes){p - 2, n + 2}) != 0;
}

#endif
