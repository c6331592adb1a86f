#include "format/crc32.h"

#include <zlib.h>

#include "format/crc32_clmul.h"

uint32_t crc32_plain(uint32_t crc, struct bytes b)
{
    return b.n ? (uint32_t)crc32_z(crc, b.p, b.n) : crc;
}

uint32_t crc32_of(uint32_t crc, struct bytes b)
{
    if (b.n >= CRC32_CLMUL_LEAST && crc32_clmul_can()) {
        size_t n = b.n - b.n % CRC32_CLMUL_STEP;
        crc = ~crc32_clmul(~crc, b.p, n);
        b = (struct bytes){b.p + n, b.n - n};
    }
    return crc32_plain(crc, b);
}
