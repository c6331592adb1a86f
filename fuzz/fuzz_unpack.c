/* Any bytes as a gzip file and as a zstd file. */
#include <assert.h>

#include "format/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum { MOST = 1 << 22 };
    const enum format formats[] = {FORMAT_GZIP, FORMAT_ZSTD};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct buf out = buf_new(MOST);
        struct err err = {0};
        int r = unpack_all((struct bytes){data, n}, formats[i], &out, &err);
        assert(r == 0 || err.code != ERR_NONE);
        buf_free(&out);
    }
    return 0;
}
