#include "base/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

enum { HMAC_BLOCK = 64 }; /* bytes that SHA-256 takes in at once */

/* OpenSSL fails here only for want of memory or of its default provider. */
static _Noreturn void broken(void)
{
    (void)fputs("assay: SHA-256 is not available\n", stderr);
    abort();
}

/* Looked up once: that takes longer than the digest of a short text. */
static const EVP_MD *kind_sha256(void)
{
    static EVP_MD *kind;
    if (!kind)
        kind = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!kind)
        broken();
    return kind;
}

void sha256(struct bytes data, uint8_t ret[SHA256_SIZE])
{
    unsigned n = SHA256_SIZE;
    if (EVP_Digest(data.n ? data.p : (const uint8_t *)"", data.n, ret, &n, kind_sha256(),
                   NULL) != 1)
        broken();
}

/* The library's own state stands behind the name. */
struct sha256_run *sha256_start(void)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx || EVP_DigestInit_ex(ctx, kind_sha256(), NULL) != 1)
        broken();
    return (struct sha256_run *)ctx;
}

void sha256_add(struct sha256_run *run, struct bytes piece)
{
    if (EVP_DigestUpdate((EVP_MD_CTX *)run, piece.p ? piece.p : (const uint8_t *)"", piece.n) !=
        1)
        broken();
}

void sha256_end(struct sha256_run *run, uint8_t ret[SHA256_SIZE])
{
    unsigned size = SHA256_SIZE;
    if (EVP_DigestFinal_ex((EVP_MD_CTX *)run, ret, &size) != 1)
        broken();
    EVP_MD_CTX_free((EVP_MD_CTX *)run);
}

static void keyed(const uint8_t block[], uint8_t pad, struct bytes data,
                  uint8_t ret[SHA256_SIZE])
{
    uint8_t padded[HMAC_BLOCK];
    for (size_t i = 0; i < HMAC_BLOCK; i++)
        padded[i] = block[i] ^ pad;
    struct sha256_run *run = sha256_start();
    sha256_add(run, (struct bytes){padded, HMAC_BLOCK});
    sha256_add(run, data);
    sha256_end(run, ret);
}

void hmac_sha256(struct bytes key, struct bytes data, uint8_t ret[SHA256_SIZE])
{
    uint8_t block[HMAC_BLOCK] = {0};
    uint8_t inner[SHA256_SIZE];
    if (key.n > HMAC_BLOCK)
        sha256(key, block);
    else if (key.n)
        memcpy(block, key.p, key.n);
    keyed(block, 0x36, data, inner);
    keyed(block, 0x5c, (struct bytes){inner, SHA256_SIZE}, ret);
}

static void put_hex(const uint8_t *digest, size_t n, char *ret)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        ret[2 * i] = hex[digest[i] >> 4];
        ret[2 * i + 1] = hex[digest[i] & 15];
    }
    ret[2 * n] = '\0';
}

/* The text stays empty where the system's policy has switched the algorithm off. */
static void old_digest(struct bytes data, const EVP_MD *kind, char *ret)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    ret[0] = '\0';
    if (EVP_Digest(data.n ? data.p : (const uint8_t *)"", data.n, digest, &n, kind, NULL) == 1)
        put_hex(digest, n, ret);
}

void md5_text(struct bytes data, char ret[MD5_TEXT])
{
    old_digest(data, EVP_md5(), ret);
}

void sha1_text(struct bytes data, char ret[SHA1_TEXT])
{
    old_digest(data, EVP_sha1(), ret);
}

void sha256_text(const uint8_t digest[SHA256_SIZE], char ret[SHA256_TEXT])
{
    put_hex(digest, SHA256_SIZE, ret);
}

/* A text of many parts is mostly short: then one call takes it all. */
static void digest_parts(const struct str *parts, size_t n, uint8_t ret[SHA256_SIZE])
{
    struct sha256_run *run = sha256_start();
    uint8_t joined[512];
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].n >= sizeof joined - used) {
            sha256_add(run, (struct bytes){joined, used});
            used = 0;
        }
        if (parts[i].n >= sizeof joined)
            sha256_add(run, str_bytes(parts[i]));
        else if (parts[i].n)
            memcpy(joined + used, parts[i].p, parts[i].n);
        used += parts[i].n < sizeof joined ? parts[i].n : 0;
        joined[used++] = 0;
    }
    sha256_add(run, (struct bytes){joined, used});
    sha256_end(run, ret);
}

void id_of(const struct str *parts, size_t n, char ret[ID_TEXT])
{
    uint8_t digest[SHA256_SIZE];
    char text[SHA256_TEXT];
    digest_parts(parts, n, digest);
    sha256_text(digest, text);
    memcpy(ret, text, ID_TEXT - 1);
    ret[ID_TEXT - 1] = '\0';
}
