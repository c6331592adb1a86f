/* digest.h - SHA-256, and two older ones. The one file that includes OpenSSL is digest.c. */
#pragma once

#include <stdint.h>

#include "base/str.h"

enum { SHA256_SIZE = 32, SHA256_TEXT = 65 };

/* MD5 and SHA-1 as lower-case hex digits and a NUL: for comparing with lists that have nothing
 * better, never as proof. */
enum { MD5_TEXT = 33, SHA1_TEXT = 41 };
void md5_text(struct bytes data, char ret[MD5_TEXT]);
void sha1_text(struct bytes data, char ret[SHA1_TEXT]);

void sha256(struct bytes data, uint8_t ret[SHA256_SIZE]);

/* The same over data that come in pieces. */
struct sha256_run;
struct sha256_run *sha256_start(void);
void sha256_add(struct sha256_run *run, struct bytes piece);
void sha256_end(struct sha256_run *run, uint8_t ret[SHA256_SIZE]); /* frees it */

/* HMAC-SHA-256: a digest that nobody can make or guess who does not know the key.
 * Source: RFC 2104, RFC 4231 */
void hmac_sha256(struct bytes key, struct bytes data, uint8_t ret[SHA256_SIZE]);

/* As 64 lower-case hex digits and a NUL. */
void sha256_text(const uint8_t digest[SHA256_SIZE], char ret[SHA256_TEXT]);

/* The id of a finding or fact: the first 12 hex digits of SHA-256 over the parts, each
 * followed by a NUL byte, so that ("ab","c") and ("a","bc") differ. NUL-terminated. */
enum { ID_TEXT = 13 };
void id_of(const struct str *parts, size_t n, char ret[ID_TEXT]);
