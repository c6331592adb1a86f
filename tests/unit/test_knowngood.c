#include "detect/knowngood.h"

#include "base/num.h"
#include "t.h"

static void of_hex(const char *hex, uint8_t ret[32])
{
    for (size_t i = 0; i < 32; i++) {
        uint64_t v = 0;
        T_OK(num_hex((struct str){hex + 2 * i, 2}, &v));
        ret[i] = (uint8_t)v;
    }
}

static void knows_what_was_shipped(void)
{
    uint8_t digest[32];
    T_EQ(knowngood_count(), 130386);
    of_hex("00009d0212f55d6993c729ff4d553e0135a3e256837fa618349ebd8f20cb08f2", digest);
    T_OK(knowngood_has(digest));
    /* viewunifiedgroupdetails.aspx */
    of_hex("0001e0c575c5941eb2ea35337fd026d203cb8baa1c3bb446776b59ebba724cc5", digest);
    T_OK(knowngood_has(digest));
    digest[15] ^= 1;
    T_OK(!knowngood_has(digest));
}

static void does_not_know_shells(void)
{
    uint8_t digest[32];
    of_hex("b75f163ca9b9240bf4b37ad92bc7556b40a17e27c2b8ed5c8991385fe07d17d0", digest);
    T_OK(!knowngood_has(digest));
    memset(digest, 0, sizeof digest);
    T_OK(!knowngood_has(digest));
    memset(digest, 0xff, sizeof digest);
    T_OK(!knowngood_has(digest));
}

int main(void)
{
    T_RUN(knows_what_was_shipped);
    T_RUN(does_not_know_shells);
    return t_done();
}
