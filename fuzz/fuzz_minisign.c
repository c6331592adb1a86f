/* Any text as a key and as a signature. Keys with a password are left out: it takes long to try one. */
#include "sys/minisign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str text = {(const char *)data, n};
    struct minisign_secret secret = {0};
    struct minisign_public key = {0};
    struct minisign_signature s;
    struct err err;
    (void)minisign_read_secret(text, NULL, &secret, &err);
    (void)minisign_read_public(text, &key, &err);
    if (minisign_read_signature(text, &s, &err) == 0)
        (void)minisign_check(&key, &s, (struct bytes){data, n}, &err);
    return 0;
}
