/* A Windows program: headers, version, tables. Every text must be valid UTF-8. */
#include <assert.h>

#include "base/utf.h"
#include "format/pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *arena = arena_new();
    struct pe pe;
    if (pe_parse((struct bytes){data, n}, arena, &pe)) {
        assert(utf8_valid(str_bytes(pe.file_version)) && utf8_valid(str_bytes(pe.company)));
        for (size_t i = 0; i < pe.n_exports; i++)
            assert(utf8_valid(str_bytes(pe.exports[i])));
        for (size_t i = 0; i < pe.n_signers; i++)
            assert(utf8_valid(str_bytes(pe.signers[i])));
    }
    arena_free(arena);
    return 0;
}
