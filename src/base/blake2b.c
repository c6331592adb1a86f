#include "base/blake2b.h"

#include <assert.h>

enum { BLOCK = 128, ROUNDS = 12, WORDS = 16 };

static const uint64_t START[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

static const uint8_t ORDER[10][WORDS] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

/* Which four words a step mixes: columns first, then diagonals. */
static const uint8_t MIXED[8][4] = {
    {0, 4, 8, 12},  {1, 5, 9, 13},  {2, 6, 10, 14}, {3, 7, 11, 15},
    {0, 5, 10, 15}, {1, 6, 11, 12}, {2, 7, 8, 13},  {3, 4, 9, 14},
};

struct state {
    uint64_t h[8];
    uint64_t counted; /* bytes; a text of 2^64 of them does not exist */
    uint8_t block[BLOCK];
    size_t used;
};

static uint64_t turn(uint64_t v, unsigned by)
{
    return v >> by | v << (64 - by);
}

static void mix(uint64_t *v, const uint8_t at[4], uint64_t x, uint64_t y)
{
    uint64_t a = v[at[0]] + v[at[1]] + x;
    uint64_t d = turn(v[at[3]] ^ a, 32);
    uint64_t c = v[at[2]] + d;
    uint64_t b = turn(v[at[1]] ^ c, 24);
    a += b + y;
    d = turn(d ^ a, 16);
    c += d;
    v[at[0]] = a;
    v[at[1]] = turn(b ^ c, 63);
    v[at[2]] = c;
    v[at[3]] = d;
}

static void press(struct state *s, const uint8_t *block, bool last)
{
    uint64_t m[WORDS];
    uint64_t v[WORDS];
    for (size_t i = 0; i < WORDS; i++) {
        m[i] = 0;
        for (size_t k = 8; k > 0; k--)
            m[i] = m[i] << 8 | block[i * 8 + k - 1];
        v[i] = i < 8 ? s->h[i] : START[i - 8];
    }
    v[12] ^= s->counted;
    v[14] = last ? ~v[14] : v[14];
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < 8; i++)
            mix(v, MIXED[i], m[ORDER[round % 10][2 * i]], m[ORDER[round % 10][2 * i + 1]]);
    for (size_t i = 0; i < 8; i++)
        s->h[i] ^= v[i] ^ v[i + 8];
}

/* The last block is pressed by the end, which knows that it is the last. */
static void add(struct state *s, struct bytes part)
{
    while (part.n) {
        if (s->used == BLOCK) {
            s->counted += BLOCK;
            press(s, s->block, false);
            s->used = 0;
        }
        size_t n = BLOCK - s->used < part.n ? BLOCK - s->used : part.n;
        memcpy(s->block + s->used, part.p, n);
        s->used += n;
        part = (struct bytes){part.p + n, part.n - n};
    }
}

void blake2b(const struct bytes *parts, size_t n, size_t size, uint8_t *ret)
{
    assert(size >= 1 && size <= BLAKE2B_MAX);
    struct state s = {0};
    memcpy(s.h, START, sizeof s.h);
    s.h[0] ^= 0x01010000 ^ size;
    for (size_t i = 0; i < n; i++)
        add(&s, parts[i]);
    s.counted += s.used;
    memset(s.block + s.used, 0, BLOCK - s.used);
    press(&s, s.block, true);
    for (size_t i = 0; i < size; i++)
        ret[i] = (uint8_t)(s.h[i / 8] >> 8 * (i % 8));
    explicit_bzero(&s, sizeof s); /* it may have been a secret */
}
