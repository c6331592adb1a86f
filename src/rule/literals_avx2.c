/* literals_avx2.c - the passes over a block with AVX2. They give what the plain ones give, in the
 * same order. */
#include "rule/literals_int.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi")))

bool avx2_is_here(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
}

AVX2 static inline __m128i load128(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

AVX2 static inline __m256i load256(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* Eight grams at successive places of a stride. */
AVX2 static inline __m256i eight_grams(const uint8_t *p, unsigned stride)
{
    const __m256i by_one = _mm256_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6, 4,
                                            5, 6, 7, 5, 6, 7, 8, 6, 7, 8, 9, 7, 8, 9, 10);
    const __m256i by_two = _mm256_setr_epi8(0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7, 8, 9, 0,
                                            1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7, 8, 9);
    if (stride == 1)
        return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(load128(p)), by_one);
    if (stride == 2)
        return _mm256_shuffle_epi8(
            _mm256_inserti128_si256(_mm256_castsi128_si256(load128(p)), load128(p + 8), 1),
            by_two);
    return load256(p);
}

/* For eight grams: the signs say which have both their bits in their words. */
AVX2 static inline __m256i grams_known(const struct gram_table *t, __m256i grams)
{
    const __m256i all = _mm256_set1_epi32(31);
    __m256i hash = _mm256_mullo_epi32(grams, _mm256_set1_epi32((int)HASH_FACTOR));
    __m256i word =
        _mm256_i32gather_epi32((const int *)(const void *)t->words,
                               _mm256_srl_epi32(hash, _mm_cvtsi32_si128((int)t->shift)), 4);
    __m256i mixed = _mm256_xor_si256(hash, _mm256_srli_epi32(hash, 15));
    /* A bit becomes the sign when it is shifted left by 31 minus its number. */
    __m256i one = _mm256_sllv_epi32(word, _mm256_andnot_si256(mixed, all));
    __m256i two =
        _mm256_sllv_epi32(word, _mm256_andnot_si256(_mm256_srli_epi32(mixed, 5), all));
    return _mm256_and_si256(one, two);
}

AVX2 static inline unsigned signs(__m256i v)
{
    return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(v));
}

AVX2 static inline __attribute__((always_inline)) bool grams_by(struct scan *s,
                                                                const struct gram_table *t,
                                                                const uint8_t *block, size_t n,
                                                                size_t base, unsigned stride)
{
    const size_t eight = 8 * (size_t)stride;
    for (size_t i = 0; i < n; i += 2 * eight) {
        unsigned some = signs(grams_known(t, eight_grams(block + i, stride))) |
                        signs(grams_known(t, eight_grams(block + i + eight, stride))) << 8;
        for (; some; some &= some - 1) {
            size_t at = i + (size_t)__builtin_ctz(some) * stride;
            if (scan_gram(s, t, base + at, load32(block + at)))
                return true;
        }
    }
    return false;
}

AVX2 bool pass_grams_avx2(struct scan *s, const struct gram_table *t, const uint8_t *block,
                          size_t n, size_t base)
{
    if (t->stride == 1)
        return grams_by(s, t, block, n, base, 1);
    if (t->stride == 2)
        return grams_by(s, t, block, n, base, 2);
    return grams_by(s, t, block, n, base, 4);
}

AVX2 bool pass_pairs_avx2(struct scan *s, const struct short_table *t, const uint8_t *block,
                          size_t n, size_t base)
{
    const __m256i all = _mm256_set1_epi32(31);
    const __m256i pair = _mm256_set1_epi32(PAIR);
    for (size_t i = 0; i < n; i += 8) {
        __m256i grams = eight_grams(block + i, 1);
        __m256i hash = _mm256_mullo_epi32(_mm256_and_si256(grams, pair),
                                          _mm256_set1_epi32((int)HASH_FACTOR));
        __m256i word =
            _mm256_i32gather_epi32((const int *)(const void *)t->words,
                                   _mm256_srl_epi32(hash, _mm_cvtsi32_si128((int)t->shift)), 4);
        __m256i third = _mm256_srli_epi32(grams, THIRD_SHIFT);
        unsigned some = signs(_mm256_sllv_epi32(word, _mm256_andnot_si256(third, all)));
        for (; some; some &= some - 1) {
            size_t at = i + (size_t)__builtin_ctz(some);
            if (scan_pair(s, t, base + at, block + at))
                return true;
        }
    }
    return false;
}

struct halves {
    __m256i low, high;
};

AVX2 static inline struct halves halves_of(const struct few_table *t, unsigned place)
{
    return (struct halves){_mm256_broadcastsi128_si256(load128(t->low[place])),
                           _mm256_broadcastsi128_si256(load128(t->high[place]))};
}

/* The buckets with a literal that has these bytes at a place. */
AVX2 static inline __m256i buckets_at(struct halves t, const uint8_t *p)
{
    const __m256i half = _mm256_set1_epi8(15);
    __m256i v = load256(p);
    return _mm256_and_si256(
        _mm256_shuffle_epi8(t.low, _mm256_and_si256(v, half)),
        _mm256_shuffle_epi8(t.high, _mm256_and_si256(_mm256_srli_epi16(v, 4), half)));
}

AVX2 bool pass_few_avx2(struct scan *s, const struct few_table *t, const uint8_t *block,
                        size_t n, size_t base)
{
    enum { WIDE = 32 };
    _Static_assert(GRAM == 4, "each place is looked at here");
    const struct halves first = halves_of(t, 0);
    const struct halves second = halves_of(t, 1);
    const struct halves third = halves_of(t, 2);
    const struct halves fourth = halves_of(t, 3);
    for (size_t i = 0; i < n; i += WIDE) {
        const uint8_t *p = block + i;
        __m256i buckets = _mm256_and_si256(
            _mm256_and_si256(buckets_at(first, p), buckets_at(second, p + 1)),
            _mm256_and_si256(buckets_at(third, p + 2), buckets_at(fourth, p + 3)));
        unsigned some =
            ~(unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(buckets, _mm256_setzero_si256()));
        if (!some)
            continue;
        uint8_t at_place[WIDE];
        _mm256_storeu_si256((__m256i *)(void *)at_place, buckets);
        for (; some; some &= some - 1) {
            unsigned k = (unsigned)__builtin_ctz(some);
            if (scan_buckets(s, t, at_place[k], base + i + k, block + i + k))
                return true;
        }
    }
    return false;
}

/* What class_of changes, if that is no more than one range of bytes and two others. */
struct changes {
    struct class_range range;
    struct class_range one[2];
};

static bool changes_of(const struct literals *l, struct changes *ret)
{
    unsigned n_range = 0;
    unsigned n_one = 0;
    *ret = (struct changes){0}; /* what is not there adds nothing */
    for (unsigned k = 0; k < l->n_ranges; k++) {
        const struct class_range *r = &l->ranges[k];
        if (r->last == 0 && n_one < 2)
            ret->one[n_one++] = *r;
        else if (n_range++ == 0)
            ret->range = *r;
        else
            return false;
    }
    return true;
}

/* What is to be added to the bytes that are `one`. */
AVX2 static inline __m256i added(__m256i v, struct class_range one)
{
    return _mm256_and_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8((char)one.first)),
                            _mm256_set1_epi8((char)one.add));
}

AVX2 void fold_classes_avx2(const struct literals *l, const uint8_t *from, size_t n,
                            uint8_t *to)
{
    enum { WIDE = 32 };
    struct changes c;
    if (!changes_of(l, &c)) {
        fold_classes(l, from, n, to);
        return;
    }
    const __m256i first = _mm256_set1_epi8((char)c.range.first);
    const __m256i last = _mm256_set1_epi8((char)c.range.last);
    const __m256i add = _mm256_set1_epi8((char)c.range.add);
    size_t i = 0;
    for (; n - i >= WIDE; i += WIDE) {
        const __m256i v = load256(from + i);
        __m256i place = _mm256_sub_epi8(v, first);
        __m256i in = _mm256_cmpeq_epi8(_mm256_min_epu8(place, last), place);
        __m256i all = _mm256_or_si256(added(v, c.one[0]), added(v, c.one[1]));
        all = _mm256_or_si256(all, _mm256_and_si256(in, add));
        _mm256_storeu_si256((__m256i *)(void *)(to + i), _mm256_add_epi8(v, all));
    }
    fold_classes(l, from + i, n - i, to + i);
}

#else

bool avx2_is_here(void)
{
    return false;
}

bool pass_grams_avx2(struct scan *s, const struct gram_table *t, const uint8_t *block, size_t n,
                     size_t base)
{
    return pass_grams(s, t, block, n, base);
}

bool pass_few_avx2(struct scan *s, const struct few_table *t, const uint8_t *block, size_t n,
                   size_t base)
{
    return pass_few(s, t, block, n, base);
}

bool pass_pairs_avx2(struct scan *s, const struct short_table *t, const uint8_t *block,
                     size_t n, size_t base)
{
    return pass_pairs(s, t, block, n, base);
}

void fold_classes_avx2(const struct literals *l, const uint8_t *from, size_t n, uint8_t *to)
{
    fold_classes(l, from, n, to);
}

#endif
