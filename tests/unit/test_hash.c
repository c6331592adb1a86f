#include "base/hash.h"

#include "t.h"

/* Each byte counts, at each length, and the length too; what lies behind does not. */
static void each_byte_counts(void)
{
    uint8_t p[100];
    size_t wrong = 0;
    for (size_t n = 0; n < 80; n++) {
        memset(p, 'x', sizeof p);
        uint64_t h = hash_bytes((struct bytes){p, n});
        p[n] = 'y';
        wrong += hash_bytes((struct bytes){p, n}) != h;
        p[n] = 'x';
        wrong += hash_bytes((struct bytes){p, n + 1}) == h;
        for (size_t at = 0; at < n; at++) {
            p[at] ^= 1;
            wrong += hash_bytes((struct bytes){p, n}) == h;
            p[at] ^= 1;
        }
    }
    T_EQ(wrong, 0);
}

/* Tables take the lower bits, of texts that differ in their last characters. */
static void lower_bits_differ(void)
{
    enum { SLOTS = 1024 };
    bool used[SLOTS] = {false};
    size_t n = 0;
    for (int i = 0; i < 256; i++) {
        char text[32];
        int size = snprintf(text, sizeof text, "198.51.100.%d", i);
        bool *slot =
            &used[hash_bytes((struct bytes){(const uint8_t *)text, (size_t)size}) % SLOTS];
        n += !*slot;
        *slot = true;
    }
    T_OK(n > 200); /* 226 are to be expected */
}

/* Source: the vectors of its authors: the key's bytes count up, so do those of the text */
static void the_keyed_one_is_siphash(void)
{
    static const struct hash_key key = {UINT64_C(0x0706050403020100),
                                        UINT64_C(0x0f0e0d0c0b0a0908)};
    static const struct hash_key other = {UINT64_C(0x0706050403020101),
                                          UINT64_C(0x0f0e0d0c0b0a0908)};
    uint8_t p[15];
    for (size_t i = 0; i < sizeof p; i++)
        p[i] = (uint8_t)i;
    T_EQ(hash_keyed(&key, (struct bytes){p, 15}), UINT64_C(0xa129ca6149be45e5));
    T_EQ(hash_keyed(&key, (struct bytes){p, 0}), UINT64_C(0x726fdb47dd0e0e31));
    T_OK(hash_keyed(&other, (struct bytes){p, 15}) != UINT64_C(0xa129ca6149be45e5));
}

int main(void)
{
    T_RUN(each_byte_counts);
    T_RUN(lower_bits_differ);
    T_RUN(the_keyed_one_is_siphash);
    return t_done();
}
