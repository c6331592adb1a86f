#include "format/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    (void)format_name(format_sniff((struct bytes){data, n}));
    return 0;
}
