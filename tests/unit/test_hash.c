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

int main(void)
{
    T_RUN(each_byte_counts);
    T_RUN(lower_bits_differ);
    return t_done();
}
