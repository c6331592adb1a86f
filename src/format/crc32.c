#include "format/crc32.h"

#include <zlib.h>

uint32_t crc32_of(uint32_t crc, struct bytes b)
{
    return (uint32_t)crc32_z(crc, b.p, b.n);
}
