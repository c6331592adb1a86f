/* decode_row_avx2.c - the glance of decode_row.c with AVX2. It says what the plain one says. */
#include "event/decode_int.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

enum {
    WIDE = 32,
    WORD = 64,
    WORDS = GLANCE_MAX / WORD + 3, /* two more are looked at */
    RUN = 16,                      /* characters of base64 in a row */
    GUID = 36,
    LISTED = 7, /* of so many separators none makes a list */
};

/* A set of bytes is made of sets of pairs of upper and lower halves: a bit each. */

/* What may be at a place. */
enum {
    AT_QUOTE = 1,    /* "#$%'( */
    AT_BRACKET = 2,  /* [ \ ] ^ */
    AT_TICK = 4,     /* ` and NUL */
    AT_DASH = 8,     /* - and / */
    AT_DOT = 16,     /* . */
    AT_BLANK = 32,   /* a space */
    AT_CONTROL = 64, /* the other blanks */
    AT_COMMA = 128,  /* , and | */
};
static const uint8_t AT_LOW[16] = {AT_TICK | AT_BLANK,
                                   0,
                                   AT_QUOTE,
                                   AT_QUOTE,
                                   AT_QUOTE,
                                   AT_QUOTE,
                                   0,
                                   AT_QUOTE,
                                   AT_QUOTE,
                                   AT_CONTROL,
                                   AT_CONTROL,
                                   AT_BRACKET | AT_CONTROL,
                                   AT_BRACKET | AT_CONTROL | AT_COMMA,
                                   AT_BRACKET | AT_CONTROL | AT_DASH,
                                   AT_BRACKET | AT_DOT,
                                   AT_DASH};
static const uint8_t AT_HIGH[16] = {[0] = AT_TICK | AT_CONTROL,
                                    [2] = AT_QUOTE | AT_DASH | AT_DOT | AT_BLANK | AT_COMMA,
                                    [5] = AT_BRACKET,
                                    [6] = AT_TICK,
                                    [7] = AT_COMMA};

/* What may be at the next place. Case does not count, nor the bit that tells it. */
enum {
    NEXT_BCIJ = 1,
    NEXT_RS = 2,
    NEXT_F = 4,
    NEXT_C = 8,
    NEXT_DASH = 16, /* - and / */
    NEXT_DIGIT = 32,
    NEXT_AF = 64,
};
static const uint8_t NEXT_LOW[16] = {NEXT_DIGIT,
                                     NEXT_DIGIT | NEXT_AF,
                                     NEXT_DIGIT | NEXT_AF | NEXT_BCIJ | NEXT_RS,
                                     NEXT_DIGIT | NEXT_AF | NEXT_BCIJ | NEXT_RS | NEXT_C,
                                     NEXT_DIGIT | NEXT_AF,
                                     NEXT_DIGIT | NEXT_AF,
                                     NEXT_DIGIT | NEXT_AF | NEXT_F,
                                     NEXT_DIGIT,
                                     NEXT_DIGIT,
                                     NEXT_DIGIT | NEXT_BCIJ,
                                     NEXT_BCIJ,
                                     0,
                                     0,
                                     NEXT_DASH,
                                     0,
                                     NEXT_DASH};
static const uint8_t NEXT_HIGH[16] = {
    [1] = NEXT_DIGIT, [2] = NEXT_DASH,
    [3] = NEXT_DIGIT, [4] = NEXT_AF | NEXT_BCIJ | NEXT_F | NEXT_C,
    [5] = NEXT_RS,    [6] = NEXT_AF | NEXT_BCIJ | NEXT_F | NEXT_C,
    [7] = NEXT_RS};

/* What may be at the places behind it, likewise. */
enum {
    AFTER_EO = 1,
    AFTER_PRSX = 2,
    AFTER_AO = 4, /* a-o */
    AFTER_PZ = 8, /* p-z */
    AFTER_DIGIT = 16,
    AFTER_AF = 32,
};
static const uint8_t AFTER_LOW[16] = {AFTER_DIGIT | AFTER_PZ | AFTER_PRSX,
                                      AFTER_DIGIT | AFTER_PZ | AFTER_AO | AFTER_AF,
                                      AFTER_DIGIT | AFTER_PZ | AFTER_AO | AFTER_AF | AFTER_PRSX,
                                      AFTER_DIGIT | AFTER_PZ | AFTER_AO | AFTER_AF | AFTER_PRSX,
                                      AFTER_DIGIT | AFTER_PZ | AFTER_AO | AFTER_AF,
                                      AFTER_DIGIT | AFTER_PZ | AFTER_AO | AFTER_AF | AFTER_EO,
                                      AFTER_DIGIT | AFTER_PZ | AFTER_AO | AFTER_AF,
                                      AFTER_DIGIT | AFTER_PZ | AFTER_AO,
                                      AFTER_DIGIT | AFTER_PZ | AFTER_AO | AFTER_PRSX,
                                      AFTER_DIGIT | AFTER_PZ | AFTER_AO,
                                      AFTER_PZ | AFTER_AO,
                                      AFTER_AO,
                                      AFTER_AO,
                                      AFTER_AO,
                                      AFTER_AO,
                                      AFTER_AO | AFTER_EO};
static const uint8_t AFTER_HIGH[16] = {[1] = AFTER_DIGIT,
                                       [3] = AFTER_DIGIT,
                                       [4] = AFTER_EO | AFTER_AO | AFTER_AF,
                                       [5] = AFTER_PRSX | AFTER_PZ,
                                       [6] = AFTER_EO | AFTER_AO | AFTER_AF,
                                       [7] = AFTER_PRSX | AFTER_PZ};

/* Characters of base64, in both alphabets, and which of them a GUID has. */
enum {
    RUN_AO = 1,
    RUN_PZ = 2,
    RUN_DIGIT = 4,
    RUN_MARK = 8,       /* + and / */
    RUN_UNDERLINE = 16, /* _ */
    RUN_AF = 32,        /* a-f */
    RUN_DASH = 64,
};
static const uint8_t RUN_LOW[16] = {RUN_PZ | RUN_DIGIT,
                                    RUN_AO | RUN_PZ | RUN_DIGIT | RUN_AF,
                                    RUN_AO | RUN_PZ | RUN_DIGIT | RUN_AF,
                                    RUN_AO | RUN_PZ | RUN_DIGIT | RUN_AF,
                                    RUN_AO | RUN_PZ | RUN_DIGIT | RUN_AF,
                                    RUN_AO | RUN_PZ | RUN_DIGIT | RUN_AF,
                                    RUN_AO | RUN_PZ | RUN_DIGIT | RUN_AF,
                                    RUN_AO | RUN_PZ | RUN_DIGIT,
                                    RUN_AO | RUN_PZ | RUN_DIGIT,
                                    RUN_AO | RUN_PZ | RUN_DIGIT,
                                    RUN_AO | RUN_PZ,
                                    RUN_AO | RUN_MARK,
                                    RUN_AO,
                                    RUN_AO | RUN_DASH,
                                    RUN_AO,
                                    RUN_AO | RUN_MARK | RUN_UNDERLINE};
static const uint8_t RUN_HIGH[16] = {
    [2] = RUN_MARK | RUN_DASH,    [3] = RUN_DIGIT,       [4] = RUN_AO | RUN_AF,
    [5] = RUN_PZ | RUN_UNDERLINE, [6] = RUN_AO | RUN_AF, [7] = RUN_PZ};

struct glance {
    uint64_t run[WORDS]; /* bit by bit for each place of the text */
    uint64_t hex[WORDS];
    uint64_t dash[WORDS];
};

AVX2 static inline __m256i load(const char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

AVX2 static inline __m256i table(const uint8_t *t)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)t));
}

AVX2 static inline __m256i sets_of(__m256i v, __m256i low, __m256i high)
{
    const __m256i half = _mm256_set1_epi8(15);
    return _mm256_and_si256(
        _mm256_shuffle_epi8(low, _mm256_and_si256(v, half)),
        _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(v, 4), half)));
}

/* Places that are in none of these sets. */
AVX2 static inline __m256i in_none(__m256i sets, int which)
{
    return _mm256_cmpeq_epi8(_mm256_and_si256(sets, _mm256_set1_epi8((char)which)),
                             _mm256_setzero_si256());
}

AVX2 static inline uint32_t mask(__m256i v)
{
    return (uint32_t)_mm256_movemask_epi8(v);
}

/* Takes in 32 places; false if something may start at one of them. */
AVX2 static inline __attribute__((always_inline)) bool take(struct glance *g, const char *p,
                                                            size_t at, unsigned *listed)
{
    const __m256i c = load(p);
    const __m256i at_sets = sets_of(c, table(AT_LOW), table(AT_HIGH));
    const __m256i next = sets_of(load(p + 1), table(NEXT_LOW), table(NEXT_HIGH));
    const __m256i after = sets_of(load(p + 2), table(AFTER_LOW), table(AFTER_HIGH));
    const __m256i last = sets_of(load(p + 3), table(AFTER_LOW), table(AFTER_HIGH));
    const __m256i run = sets_of(c, table(RUN_LOW), table(RUN_HIGH));

    uint32_t dash = ~mask(in_none(at_sets, AT_DASH));
    uint32_t blank = ~mask(in_none(at_sets, AT_BLANK | AT_CONTROL));
    uint32_t word = ~mask(_mm256_or_si256(in_none(next, NEXT_BCIJ | NEXT_RS),
                                          in_none(after, AFTER_EO | AFTER_PRSX)));
    uint32_t format =
        ~mask(in_none(next, NEXT_F)) & mask(in_none(after, AFTER_AO | AFTER_PZ | AFTER_DIGIT));
    uint32_t starts =
        ~mask(in_none(at_sets, AT_QUOTE | AT_BRACKET | AT_TICK)) | (dash & (word | format)) |
        (~mask(_mm256_or_si256(in_none(at_sets, AT_DOT), in_none(next, NEXT_RS | NEXT_C)))) |
        (blank & ~mask(in_none(next, NEXT_DASH)));

    uint32_t minus = mask(_mm256_cmpeq_epi8(c, _mm256_set1_epi8('-')));
    uint32_t pair =
        minus &
        mask(_mm256_andnot_si256(_mm256_or_si256(in_none(next, NEXT_DIGIT | NEXT_AF),
                                                 in_none(after, AFTER_DIGIT | AFTER_AF)),
                                 in_none(last, AFTER_DIGIT | AFTER_AF)));
    __m256i colon = _mm256_or_si256(_mm256_cmpeq_epi8(c, _mm256_set1_epi8(':')),
                                    _mm256_cmpeq_epi8(c, _mm256_set1_epi8(';')));
    *listed += (unsigned)__builtin_popcount(blank | ~mask(in_none(at_sets, AT_COMMA)) |
                                            mask(colon) | pair);

    size_t shift = at % WORD;
    g->run[at / WORD] |= (uint64_t)~mask(_mm256_cmpeq_epi8(run, _mm256_setzero_si256()))
                         << shift;
    g->hex[at / WORD] |= (uint64_t)~mask(in_none(run, RUN_DIGIT | RUN_AF)) << shift;
    g->dash[at / WORD] |= (uint64_t)minus << shift;
    return starts == 0;
}

/* 64 places from `at` on. */
static uint64_t places(const uint64_t *bits, size_t at)
{
    uint64_t low = bits[at / WORD] >> (at % WORD);
    return at % WORD ? low | bits[at / WORD + 1] << (WORD - at % WORD) : low;
}

static bool is_guid(const struct glance *g, size_t from)
{
    const uint64_t all = (UINT64_C(1) << GUID) - 1;
    const uint64_t dashes =
        UINT64_C(1) << 8 | UINT64_C(1) << 13 | UINT64_C(1) << 18 | UINT64_C(1) << 23;
    return (places(g->dash, from) & all) == dashes &&
           (places(g->hex, from) & all) == (all ^ dashes);
}

/* The end of the run at `from`. */
AVX2 static size_t run_end(const struct glance *g, size_t from, size_t n)
{
    while (from < n) {
        uint64_t out = ~places(g->run, from);
        if (out)
            return from + (size_t)__builtin_ctzll(out);
        from += WORD;
    }
    return n;
}

/* Whether there is a run that is long enough and no GUID. */
AVX2 static bool has_run(const struct glance *g, size_t n)
{
    size_t at = 0;
    while (at + RUN <= n) {
        uint64_t run = places(g->run, at);
        uint64_t next = places(g->run, at + WORD);
        for (unsigned by = 1; by < RUN; by *= 2) { /* bits with twice as many behind them */
            run &= run >> by | next << (WORD - by);
            next &= next >> by;
        }
        if (!run) {
            at += WORD;
            continue;
        }
        size_t from = at + (size_t)__builtin_ctzll(run);
        size_t to = run_end(g, from, n);
        if (to - from != GUID || !is_guid(g, from))
            return true;
        at = to;
    }
    return false;
}

AVX2 bool decode_glance_avx2(const char *room, size_t n)
{
    struct glance g;
    unsigned listed = 0;
    const size_t words = n / WORD + 3;
    memset(g.run, 0, words * sizeof *g.run);
    memset(g.hex, 0, words * sizeof *g.hex);
    memset(g.dash, 0, words * sizeof *g.dash);
    for (size_t at = 0; at < n; at += WIDE)
        if (!take(&g, room + at, at, &listed))
            return false;
    return listed < LISTED && !has_run(&g, n);
}

bool decode_avx2_is_here(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("popcnt");
}

#else

bool decode_glance_avx2(const char *room, size_t n)
{
    return decode_glance(room, n);
}

bool decode_avx2_is_here(void)
{
    return false;
}

#endif
