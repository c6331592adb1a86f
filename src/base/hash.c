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

/* --- keyed ------------------------------------------------------------------------------------- */

static uint64_t turn(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}

static void rounds(uint64_t v[4], int n)
{
    for (int i = 0; i < n; i++) {
        v[0] += v[1];
        v[1] = turn(v[1], 13) ^ v[0];
        v[0] = turn(v[0], 32);
        v[2] += v[3];
        v[3] = turn(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = turn(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = turn(v[1], 17) ^ v[2];
        v[2] = turn(v[2], 32);
    }
}

static void take_word(uint64_t v[4], uint64_t w)
{
    v[3] ^= w;
    rounds(v, 2);
    v[0] ^= w;
}

uint64_t hash_keyed(const struct hash_key *key, struct bytes b)
{
    enum { WORD = 8, LAST_ROUNDS = 4 };
    uint64_t v[4] = {
        key->a ^ UINT64_C(0x736f6d6570736575), key->b ^ UINT64_C(0x646f72616e646f6d),
        key->a ^ UINT64_C(0x6c7967656e657261), key->b ^ UINT64_C(0x7465646279746573)};
    size_t n = b.n;
    const uint8_t *p = b.p;
    uint64_t last = (uint64_t)b.n << 56;
    for (; n >= WORD; p += WORD, n -= WORD) {
        uint64_t w = 0;
        for (size_t i = 0; i < WORD; i++)
            w |= (uint64_t)p[i] << 8 * i;
        take_word(v, w);
    }
    for (size_t i = 0; i < n; i++)
        last |= (uint64_t)p[i] << 8 * i;
    take_word(v, last);
    v[2] ^= 0xff;
    rounds(v, LAST_ROUNDS);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
