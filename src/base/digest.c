#include "base/digest.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

/* OpenSSL fails here only for want of memory or of its default provider. */
static _Noreturn void broken(void)
{
    (void)fputs("assay: SHA-256 is not available\n", stderr);
    abort();
}

void sha256(struct bytes data, uint8_t ret[SHA256_SIZE])
{
    unsigned n = SHA256_SIZE;
    if (EVP_Digest(data.n ? data.p : (const uint8_t *)"", data.n, ret, &n, EVP_sha256(),
                   NULL) != 1)
        broken();
}

void sha256_text(const uint8_t digest[SHA256_SIZE], char ret[SHA256_TEXT])
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < SHA256_SIZE; i++) {
        ret[2 * i] = hex[digest[i] >> 4];
        ret[2 * i + 1] = hex[digest[i] & 15];
    }
    ret[SHA256_TEXT - 1] = '\0';
}

void id_of(const struct str *parts, size_t n, char ret[ID_TEXT])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t digest[SHA256_SIZE];
    unsigned size = SHA256_SIZE;
    if (!ctx || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
        broken();
    for (size_t i = 0; i < n; i++)
        if (EVP_DigestUpdate(ctx, parts[i].p ? parts[i].p : "", parts[i].n) != 1 ||
            EVP_DigestUpdate(ctx, "", 1) != 1)
            broken();
    if (EVP_DigestFinal_ex(ctx, digest, &size) != 1)
        broken();
    EVP_MD_CTX_free(ctx);
    char text[SHA256_TEXT];
    sha256_text(digest, text);
    memcpy(ret, text, ID_TEXT - 1);
    ret[ID_TEXT - 1] = '\0';
}
