#include "sys/sign.h"

#include <string.h>
#include <sys/random.h>

#include <openssl/evp.h>

int sign_random(uint8_t *ret, size_t n, struct err *err)
{
    if (getrandom(ret, n, 0) != (ssize_t)n) /* up to 256 bytes are given at once */
        return err_set(err, ERR_IO, "the system gives no random bytes");
    return 0;
}

void sign_wipe(void *secret, size_t n)
{
    explicit_bzero(secret, n);
}

static EVP_PKEY *secret_key(const uint8_t seed[SIGN_SEED])
{
    return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, SIGN_SEED);
}

int sign_public(const uint8_t seed[SIGN_SEED], uint8_t ret[SIGN_PUBLIC], struct err *err)
{
    size_t n = SIGN_PUBLIC;
    EVP_PKEY *key = secret_key(seed);
    bool got = key && EVP_PKEY_get_raw_public_key(key, ret, &n) == 1 && n == SIGN_PUBLIC;
    EVP_PKEY_free(key);
    return got ? 0 : err_set(err, ERR_UNSUPPORTED, "Ed25519 is not available here");
}

int sign_make(const uint8_t seed[SIGN_SEED], struct bytes message, uint8_t ret[SIGN_SIZE],
              struct err *err)
{
    size_t n = SIGN_SIZE;
    EVP_PKEY *key = secret_key(seed);
    EVP_MD_CTX *run = EVP_MD_CTX_new();
    bool made = key && run && EVP_DigestSignInit(run, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestSign(run, ret, &n, message.n ? message.p : (const uint8_t *)"",
                               message.n) == 1 &&
                n == SIGN_SIZE;
    EVP_MD_CTX_free(run);
    EVP_PKEY_free(key);
    return made ? 0 : err_set(err, ERR_UNSUPPORTED, "Ed25519 is not available here");
}

bool sign_check(const uint8_t key[SIGN_PUBLIC], struct bytes message,
                const uint8_t signature[SIGN_SIZE])
{
    EVP_PKEY *public = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, SIGN_PUBLIC);
    EVP_MD_CTX *run = EVP_MD_CTX_new();
    bool right = public && run && EVP_DigestVerifyInit(run, NULL, NULL, NULL, public) == 1 &&
                 EVP_DigestVerify(run, signature, SIGN_SIZE,
                                  message.n ? message.p : (const uint8_t *)"", message.n) == 1;
    EVP_MD_CTX_free(run);
    EVP_PKEY_free(public);
    return right;
}

int sign_stretch(struct str password, struct bytes salt, struct sign_cost cost, uint8_t *ret,
                 size_t n, struct err *err)
{
    static const uint64_t SPARE = 1 << 20; /* what scrypt needs beside its table */
    uint64_t memory =
        ((uint64_t)128 << cost.n_log2) * cost.r + (uint64_t)128 * cost.r * cost.p + SPARE;
    if (EVP_PBE_scrypt(password.p, password.n, salt.p, salt.n, (uint64_t)1 << cost.n_log2,
                       cost.r, cost.p, memory, ret, n) != 1)
        return err_set(err, ERR_LIMIT,
                       "the key of a password cannot be made: it needs %llu MB of memory",
                       (unsigned long long)(memory >> 20));
    return 0;
}
