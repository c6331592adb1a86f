/* sign.h - Ed25519 signatures, and a secret out of a password by scrypt.
 *
 * Source: RFC 8032 (Ed25519), RFC 7914 (scrypt)
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { SIGN_SEED = 32, SIGN_PUBLIC = 32, SIGN_SIZE = 64 };

/* Bytes that nobody can foresee, for keys. errors ERR_IO: the system gives none */
int sign_random(uint8_t *ret, size_t n, struct err *err);

/* The public key of a secret one. */
int sign_public(const uint8_t seed[SIGN_SEED], uint8_t ret[SIGN_PUBLIC], struct err *err);

/* Signs. errors ERR_UNSUPPORTED: the system's policy has switched Ed25519 off */
int sign_make(const uint8_t seed[SIGN_SEED], struct bytes message, uint8_t ret[SIGN_SIZE],
              struct err *err);

/* Whether a signature is of this message by this key. */
bool sign_check(const uint8_t key[SIGN_PUBLIC], struct bytes message,
                const uint8_t signature[SIGN_SIZE]);

struct sign_cost {   /* of scrypt, by its own names */
    unsigned n_log2; /* memory: 2^n_log2 * r * 128 bytes */
    uint32_t r, p;
};

/* Secret bytes out of a password. errors ERR_LIMIT (there is not so much memory) */
int sign_stretch(struct str password, struct bytes salt, struct sign_cost cost, uint8_t *ret,
                 size_t n, struct err *err);

/* Overwrites a secret; no compiler leaves that out. */
void sign_wipe(void *secret, size_t n);
