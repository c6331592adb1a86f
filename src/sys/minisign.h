/* minisign.h - keys and signatures in minisign's files, so that minisign itself can check what
 * was signed here, and the other way round.
 *
 * Source: https://jedisct1.github.io/minisign/ (formats of the files), checked against
 * minisign 0.11; docs/seal.md
 */
#pragma once

#include "base/buf.h"
#include "sys/sign.h"

enum {
    MINISIGN_ID = 8,         /* of a key: a number made by chance */
    MINISIGN_SALT = 32,      /* of a password */
    MINISIGN_SECRET = 158,   /* of a secret key as bytes */
    MINISIGN_COMMENT = 8192, /* bytes of the trusted comment */
    MINISIGN_FILE = 16384,   /* more bytes than any of the files has */
};

struct minisign_public {
    uint8_t id[MINISIGN_ID];
    uint8_t key[SIGN_PUBLIC];
};

struct minisign_secret { /* sign_wipe it after use */
    struct minisign_public open;
    uint8_t seed[SIGN_SEED];
};

struct minisign_signature {
    bool
        hashed; /* of the BLAKE2b of the file, as minisign signs now; else of the file itself */
    uint8_t id[MINISIGN_ID];
    uint8_t signature[SIGN_SIZE];
    struct str comment;        /* trusted: it is signed, too. Borrowed from the text */
    uint8_t global[SIGN_SIZE]; /* of the signature and that comment */
};

/* A key's number as minisign shows it: 16 upper-case hex digits. NUL-terminated. */
enum { MINISIGN_ID_TEXT = 17 };
void minisign_id(const uint8_t id[MINISIGN_ID], char ret[MINISIGN_ID_TEXT]);

/* Makes a key. errors ERR_IO, ERR_UNSUPPORTED */
int minisign_new(struct minisign_secret *ret, struct err *err);

/* Reads a public key: the text of a file, or its Base64 alone.
 * errors ERR_INVALID (no such key), ERR_UNSUPPORTED (of another kind) */
int minisign_read_public(struct str text, struct minisign_public *ret, struct err *err);

/* Reads a secret key.
 *
 * password  of one that is encrypted; NULL: none is known
 * errors    ERR_INVALID (no such key, or another password), ERR_NOT_FOUND (it needs a password),
 *           ERR_UNSUPPORTED, ERR_LIMIT (its password would take more memory or time than keys do)
 */
int minisign_read_secret(struct str text, const char *password, struct minisign_secret *ret,
                         struct err *err);

/* Reads a signature; every byte of the text is held to the form.
 * errors ERR_INVALID, ERR_UNSUPPORTED */
int minisign_read_signature(struct str text, struct minisign_signature *ret, struct err *err);

void minisign_write_public(const struct minisign_public *key, struct buf *out);

/* The text of a secret key's file; wipe it after use.
 *
 * password  that encrypts it; NULL: it is written as it is
 * memory    MiB that it takes to try a password; minisign takes 1024
 * ret       NUL-terminated
 * errors    ERR_IO, ERR_LIMIT (not so much memory)
 */
enum { MINISIGN_SECRET_TEXT = 320 };
int minisign_write_secret(const struct minisign_secret *key, const char *password,
                          unsigned memory, char ret[MINISIGN_SECRET_TEXT], struct err *err);

/* Signs a file's content. The text of the signature is put into `out`.
 *
 * comment  trusted: one line without control characters
 * hashed   as minisign signs now; false: as old versions did
 */
int minisign_sign(const struct minisign_secret *key, struct bytes message, struct str comment,
                  bool hashed, struct buf *out, struct err *err);

/* Whether a signature is of this content by this key.
 * errors ERR_NOT_FOUND (made with another key), ERR_CORRUPT (the content or the comment is not
 *        what was signed) */
int minisign_check(const struct minisign_public *key, const struct minisign_signature *s,
                   struct bytes message, struct err *err);
