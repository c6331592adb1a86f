#include "base/ascii.h"

#include <string.h>

enum { STEP = 16, LOW = 0x80 };

#if defined(__SSE2__)

#include <emmintrin.h>

static __m128i load(const void *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

/* All bits set where a byte is A-Z. Only comparisons of signed bytes exist: moved by a constant,
 * the 26 letters are the lowest of them. */
static __m128i upper(__m128i v)
{
    __m128i moved = _mm_add_epi8(v, _mm_set1_epi8((char)(0x80 - 'A')));
    return _mm_cmplt_epi8(moved, _mm_set1_epi8((char)(0x80 + 26)));
}

static size_t run_steps(const char *p, size_t n)
{
    size_t i = 0;
    for (; n - i >= (size_t)4 * STEP; i += (size_t)4 * STEP) {
        __m128i some = _mm_or_si128(
            _mm_or_si128(load(p + i), load(p + i + STEP)),
            _mm_or_si128(load(p + i + (size_t)2 * STEP), load(p + i + (size_t)3 * STEP)));
        if (_mm_movemask_epi8(some))
            break;
    }
    for (; n - i >= STEP; i += STEP) {
        unsigned high = (unsigned)_mm_movemask_epi8(load(p + i));
        if (high)
            return i + (size_t)__builtin_ctz(high);
    }
    return i;
}

static size_t upper_steps(const char *p, size_t n, bool *ret)
{
    size_t i = 0;
    __m128i some = _mm_setzero_si128();
    for (; n - i >= STEP; i += STEP)
        some = _mm_or_si128(some, upper(load(p + i)));
    *ret = _mm_movemask_epi8(some) != 0;
    return i;
}

static size_t lower_steps(char *out, const char *p, size_t n)
{
    size_t i = 0;
    for (; n - i >= STEP; i += STEP) {
        __m128i v = load(p + i);
        __m128i add = _mm_and_si128(upper(v), _mm_set1_epi8('a' - 'A'));
        _mm_storeu_si128((__m128i *)(void *)(out + i), _mm_add_epi8(v, add));
    }
    return i;
}

/* Packing makes 0 of what is over 0x7fff and at least 0x80 of what is over 0x7f, so a byte
 * of 0x01 to 0x7f tells that the character was the same. */
static size_t narrow_steps(char *out, const uint8_t *p, size_t units)
{
    size_t i = 0;
    for (; units - i >= STEP; i += STEP) {
        __m128i v = _mm_packus_epi16(load(p + 2 * i), load(p + 2 * i + STEP));
        unsigned zero = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_setzero_si128()));
        unsigned stop = zero | (unsigned)_mm_movemask_epi8(v);
        _mm_storeu_si128((__m128i *)(void *)(out + i), v);
        if (stop)
            return i + (size_t)__builtin_ctz(stop);
    }
    return i;
}

#else

static size_t run_steps(const char *p, size_t n)
{
    (void)p, (void)n;
    return 0;
}

static size_t upper_steps(const char *p, size_t n, bool *ret)
{
    (void)p, (void)n;
    *ret = false;
    return 0;
}

static size_t lower_steps(char *out, const char *p, size_t n)
{
    (void)out, (void)p, (void)n;
    return 0;
}

static size_t narrow_steps(char *out, const uint8_t *p, size_t units)
{
    (void)out, (void)p, (void)units;
    return 0;
}

#endif

/* Whether the bytes from `at` on are ASCII, of a text of some words; seen by its last word. */
static bool is_low_word(const char *p, size_t n, size_t at)
{
    uint64_t last;
    uint64_t first;
    if (n < sizeof last || n - at > 2 * sizeof last)
        return false;
    memcpy(&first, n - at > sizeof first ? p + at : p + n - sizeof first, sizeof first);
    memcpy(&last, p + n - sizeof last, sizeof last);
    return ((first | last) & UINT64_C(0x8080808080808080)) == 0;
}

size_t ascii_run(const char *p, size_t n)
{
    size_t i = run_steps(p, n);
    if (i < n && is_low_word(p, n, i))
        return n;
    while (i < n && (unsigned char)p[i] < LOW)
        i++;
    return i;
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

bool ascii_has_upper(const char *p, size_t n)
{
    bool some;
    for (size_t i = upper_steps(p, n, &some); i < n; i++)
        some |= is_upper(p[i]);
    return some;
}

void ascii_lower_put(char *out, const char *p, size_t n)
{
    for (size_t i = lower_steps(out, p, n); i < n; i++)
        out[i] = (char)(p[i] + (is_upper(p[i]) ? 'a' - 'A' : 0));
}

size_t ascii_narrow(char *out, const uint8_t *p, size_t units)
{
    size_t i = narrow_steps(out, p, units);
    for (; i < units && p[2 * i] && p[2 * i] < LOW && p[2 * i + 1] == 0; i++)
        out[i] = (char)p[2 * i];
    return i;
}
