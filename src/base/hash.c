#include "base/hash.h"

static uint64_t word(const uint8_t *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

static const uint64_t ODD[4] = {UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xff51afd7ed558ccd),
                                UINT64_C(0xc4ceb9fe1a85ec53), UINT64_C(0xd6e8feb86659fd93)};

static uint64_t mix(uint64_t h, uint64_t w, uint64_t odd)
{
    h = (h ^ w) * odd;
    return h ^ h >> 29;
}

/* Of up to 8 bytes: those from both ends, which may be the same ones. */
static uint64_t short_word(const uint8_t *p, size_t n)
{
    uint32_t first;
    uint32_t last;
    if (n == 0)
        return 0;
    if (n < sizeof first)
        return p[0] | (uint64_t)p[n / 2] << 8 | (uint64_t)p[n - 1] << 16;
    memcpy(&first, p, sizeof first);
    memcpy(&last, p + n - sizeof last, sizeof last);
    return first | (uint64_t)last << 32;
}

/* Long ones in lanes, so that one product need not wait for the other. */
uint64_t hash_bytes(struct bytes b)
{
    enum { LANES = 4, WORD = 8, STEP = LANES * WORD };
    const uint8_t *p = b.p;
    size_t n = b.n;
    uint64_t all = mix(ODD[3], n, ODD[2]);
    if (n > STEP) {
        uint64_t h[LANES] = {0, 1, 2, 3};
        for (; n > STEP; p += STEP, n -= STEP)
            for (size_t i = 0; i < LANES; i++)
                h[i] = mix(h[i], word(p + WORD * i), ODD[i]);
        for (size_t i = 0; i < LANES; i++)
            all = mix(all, h[i], ODD[1]);
    }
    for (; n > WORD; p += WORD, n -= WORD)
        all = mix(all, word(p), ODD[0]);
    all = mix(all, n == WORD ? word(p) : short_word(p, n), ODD[1]);
    all = (all ^ all >> 32) * ODD[3]; /* tables take the lower bits */
    return all ^ all >> 32;
}
