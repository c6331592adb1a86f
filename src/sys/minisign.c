#include "sys/minisign.h"

#include <stdio.h>

#include "base/base64.h"
#include "base/blake2b.h"
#include "base/cur.h"
#include "base/utf.h"

#define UNTRUSTED "untrusted comment: "
#define TRUSTED "trusted comment: "

enum {
    KIND = 2, /* bytes that name an algorithm */
    PUBLIC_BYTES = KIND + MINISIGN_ID + SIGN_PUBLIC,
    SIGNATURE_BYTES = KIND + MINISIGN_ID + SIGN_SIZE,
    SUM = 32, /* bytes of a secret key's check sum */
    SECRET_PART = MINISIGN_ID + SIGN_SEED + SIGN_PUBLIC + SUM, /* what a password encrypts */
    SECRET_AT = MINISIGN_SECRET - SECRET_PART,
    COST_MAX = 20,   /* 2^20 * 1 KiB: 1 GiB, what minisign itself takes */
    REPEATS_MAX = 4, /* times that much */
};

/* --- texts --------------------------------------------------------------------------------- */

/* The next line without its end; false where there is none. */
static bool next_line(struct str *text, struct str *ret)
{
    size_t end = str_find(*text, STR("\n"), 0);
    if (text->n == 0)
        return false;
    *ret = str_part(*text, 0, end);
    *text = str_part(*text, end == SIZE_MAX ? text->n : end + 1, text->n);
    if (ret->n && ret->p[ret->n - 1] == '\r')
        ret->n--;
    return true;
}

/* Base64 of exactly n bytes, in the one form that encoding gives: no bit of it is without
 * meaning. */
static bool read_base64(struct str line, uint8_t *ret, size_t n)
{
    char again[BASE64_ROOM(MINISIGN_SECRET)];
    if (line.n + 1 != BASE64_ROOM(n))
        return false;
    struct arena *arena = arena_new();
    struct bytes got = base64_decode(line, arena);
    bool right = got.n == n;
    if (right) {
        base64_encode(got, again);
        right = str_eq(str_of(again), line);
        sign_wipe(again, sizeof again);
        memcpy(ret, got.p, n);
    }
    sign_wipe((void *)(uintptr_t)got.p, got.n);
    arena_free(arena);
    return right;
}

static bool has_controls(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7f)
            return true;
    return !utf8_valid(str_bytes(s));
}

void minisign_id(const uint8_t id[MINISIGN_ID], char ret[MINISIGN_ID_TEXT])
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < MINISIGN_ID; i++) {
        ret[2 * i] = digits[id[MINISIGN_ID - 1 - i] >> 4]; /* a number, its low byte first */
        ret[2 * i + 1] = digits[id[MINISIGN_ID - 1 - i] & 15];
    }
    ret[MINISIGN_ID_TEXT - 1] = '\0';
}

/* --- public keys --------------------------------------------------------------------------- */

int minisign_read_public(struct str text, struct minisign_public *ret, struct err *err)
{
    struct str line = {0};
    struct str behind = {0};
    uint8_t raw[PUBLIC_BYTES];
    if (!next_line(&text, &line))
        return err_set(err, ERR_INVALID, "no public key of minisign: it is empty");
    if (str_starts(line, STR(UNTRUSTED)) && !next_line(&text, &line))
        return err_set(err, ERR_INVALID, "no public key of minisign: it ends early");
    if (next_line(&text, &behind) || !read_base64(line, raw, sizeof raw))
        return err_set(err, ERR_INVALID, "no public key of minisign");
    if (memcmp(raw, "Ed", KIND) != 0)
        return err_set(err, ERR_UNSUPPORTED, "a public key of another kind than Ed25519");
    memcpy(ret->id, raw + KIND, MINISIGN_ID);
    memcpy(ret->key, raw + KIND + MINISIGN_ID, SIGN_PUBLIC);
    return 0;
}

void minisign_write_public(const struct minisign_public *key, struct buf *out)
{
    uint8_t raw[PUBLIC_BYTES] = "Ed";
    char text[BASE64_ROOM(sizeof raw)];
    char id[MINISIGN_ID_TEXT];
    memcpy(raw + KIND, key->id, MINISIGN_ID);
    memcpy(raw + KIND + MINISIGN_ID, key->key, SIGN_PUBLIC);
    base64_encode((struct bytes){raw, sizeof raw}, text);
    minisign_id(key->id, id);
    buf_addf(out, UNTRUSTED "minisign public key %s\n%s\n", id, text);
}

/* --- secret keys --------------------------------------------------------------------------- */

int minisign_new(struct minisign_secret *ret, struct err *err)
{
    struct minisign_secret key = {0};
    if (sign_random(key.open.id, MINISIGN_ID, err) < 0 ||
        sign_random(key.seed, SIGN_SEED, err) < 0 ||
        sign_public(key.seed, key.open.key, err) < 0)
        return -1;
    *ret = key;
    sign_wipe(&key, sizeof key);
    return 0;
}

/* What the two numbers of a key's file mean for scrypt: how libsodium takes them.
 * Source: https://doc.libsodium.org/advanced/scrypt and its pickparams() */
static struct sign_cost cost_of(uint64_t operations, uint64_t memory)
{
    struct sign_cost cost = {.r = 8, .p = 1};
    operations = operations < 32768 ? 32768 : operations;
    bool by_time = operations < memory / 32;
    uint64_t most =
        by_time ? operations / ((uint64_t)cost.r * 4) : memory / ((uint64_t)cost.r * 128);
    for (cost.n_log2 = 1; cost.n_log2 < 63; cost.n_log2++)
        if ((uint64_t)1 << cost.n_log2 > most / 2)
            break;
    if (!by_time) {
        uint64_t repeats = operations / 4 / ((uint64_t)1 << cost.n_log2);
        cost.p = (uint32_t)(repeats > 0x3fffffff ? 0x3fffffff : repeats) / cost.r;
    }
    return cost;
}

static int stretch(const char *password, struct bytes head, uint8_t ret[SECRET_PART],
                   struct err *err)
{
    struct cur c = cur_of(head, 0);
    cur_skip(&c, (size_t)KIND * 3);
    struct bytes salt = cur_take(&c, MINISIGN_SALT);
    uint64_t operations = cur_u64(&c);
    uint64_t memory = cur_u64(&c);
    struct sign_cost cost = cost_of(operations, memory);
    if (cost.n_log2 > COST_MAX || cost.p < 1 || cost.p > REPEATS_MAX)
        return err_set(err, ERR_LIMIT,
                       "the secret key's password would take more memory or time than "
                       "minisign's own keys do");
    return sign_stretch(str_of(password), salt, cost, ret, SECRET_PART, err);
}

static void check_sum(const uint8_t *raw, uint8_t ret[SUM])
{
    const struct bytes parts[] = {{raw, KIND}, {raw + SECRET_AT, SECRET_PART - SUM}};
    blake2b(parts, 2, SUM, ret);
}

/* Takes the password off. */
static int open_secret(uint8_t raw[MINISIGN_SECRET], const char *password, struct err *err)
{
    uint8_t over[SECRET_PART];
    uint8_t sum[SUM];
    if (!password)
        return err_set(err, ERR_NOT_FOUND, "the secret key is encrypted: it needs a password");
    if (stretch(password, (struct bytes){raw, SECRET_AT}, over, err) < 0)
        return -1;
    for (size_t i = 0; i < SECRET_PART; i++)
        raw[SECRET_AT + i] ^= over[i];
    sign_wipe(over, sizeof over);
    check_sum(raw, sum);
    bool right = memcmp(sum, raw + MINISIGN_SECRET - SUM, SUM) == 0;
    sign_wipe(sum, sizeof sum);
    return right ? 0 : err_set(err, ERR_INVALID, "another password than the secret key's");
}

static int take_secret(uint8_t raw[MINISIGN_SECRET], const char *password,
                       struct minisign_secret *ret, struct err *err)
{
    if (memcmp(raw, "Ed", KIND) != 0 || memcmp(raw + (size_t)KIND * 2, "B2", KIND) != 0)
        return err_set(err, ERR_UNSUPPORTED, "a secret key of another kind than Ed25519");
    bool encrypted = memcmp(raw + KIND, "Sc", KIND) == 0;
    if (!encrypted && memcmp(raw + KIND, "\0\0", KIND) != 0)
        return err_set(err, ERR_UNSUPPORTED, "a secret key that is encrypted in another way");
    if (encrypted && open_secret(raw, password, err) < 0)
        return -1;
    struct minisign_secret key;
    const uint8_t *part = raw + SECRET_AT;
    memcpy(key.open.id, part, MINISIGN_ID);
    memcpy(key.seed, part + MINISIGN_ID, SIGN_SEED);
    int failed = sign_public(key.seed, key.open.key, err);
    if (!failed && memcmp(key.open.key, part + MINISIGN_ID + SIGN_SEED, SIGN_PUBLIC) != 0)
        failed = err_set(err, ERR_INVALID, "a damaged secret key: its two halves do not fit");
    if (!failed)
        *ret = key;
    sign_wipe(&key, sizeof key);
    return failed;
}

int minisign_read_secret(struct str text, const char *password, struct minisign_secret *ret,
                         struct err *err)
{
    struct str comment = {0};
    struct str line = {0};
    struct str behind = {0};
    uint8_t raw[MINISIGN_SECRET];
    if (!next_line(&text, &comment) || !str_starts(comment, STR(UNTRUSTED)) ||
        !next_line(&text, &line) || next_line(&text, &behind) ||
        !read_base64(line, raw, sizeof raw))
        return err_set(err, ERR_INVALID, "no secret key of minisign");
    int failed = take_secret(raw, password, ret, err);
    sign_wipe(raw, sizeof raw);
    return failed;
}

static void put_le64(uint8_t *ret, uint64_t v)
{
    for (size_t i = 0; i < 8; i++)
        ret[i] = (uint8_t)(v >> 8 * i);
}

static int close_secret(uint8_t raw[MINISIGN_SECRET], const char *password, unsigned memory,
                        struct err *err)
{
    uint8_t over[SECRET_PART];
    uint8_t *salt = raw + (size_t)KIND * 3;
    memcpy(raw + KIND, "Sc", KIND);
    if (sign_random(salt, MINISIGN_SALT, err) < 0)
        return -1;
    put_le64(salt + MINISIGN_SALT,
             (uint64_t)memory << 15); /* as minisign has them: 2^25, 2^30 */
    put_le64(salt + MINISIGN_SALT + 8, (uint64_t)memory << 20);
    check_sum(raw, raw + MINISIGN_SECRET - SUM);
    if (stretch(password, (struct bytes){raw, SECRET_AT}, over, err) < 0)
        return -1;
    for (size_t i = 0; i < SECRET_PART; i++)
        raw[SECRET_AT + i] ^= over[i];
    sign_wipe(over, sizeof over);
    return 0;
}

int minisign_write_secret(const struct minisign_secret *key, const char *password,
                          unsigned memory, char ret[MINISIGN_SECRET_TEXT], struct err *err)
{
    static const char head[] = UNTRUSTED "minisign encrypted secret key\n";
    static const char plain[] = UNTRUSTED "minisign secret key without a password\n";
    uint8_t raw[MINISIGN_SECRET] = "Ed";
    uint8_t *part = raw + SECRET_AT;
    memcpy(raw + (size_t)KIND * 2, "B2", KIND);
    memcpy(part, key->open.id, MINISIGN_ID);
    memcpy(part + MINISIGN_ID, key->seed, SIGN_SEED);
    memcpy(part + MINISIGN_ID + SIGN_SEED, key->open.key, SIGN_PUBLIC);
    int failed = password ? close_secret(raw, password, memory, err) : 0;
    if (!failed) {
        char text[BASE64_ROOM(MINISIGN_SECRET)];
        base64_encode((struct bytes){raw, sizeof raw}, text);
        (void)snprintf(ret, MINISIGN_SECRET_TEXT, "%s%s\n", password ? head : plain, text);
        sign_wipe(text, sizeof text);
    }
    sign_wipe(raw, sizeof raw);
    return failed;
}

/* --- signatures ---------------------------------------------------------------------------- */

int minisign_read_signature(struct str text, struct minisign_signature *ret, struct err *err)
{
    struct str line[4];
    struct str behind = {0};
    uint8_t raw[SIGNATURE_BYTES];
    struct minisign_signature s = {0};
    for (size_t i = 0; i < 4; i++)
        if (!next_line(&text, &line[i]))
            return err_set(err, ERR_INVALID, "no signature of minisign: it ends early");
    if (next_line(&text, &behind) || !str_starts(line[0], STR(UNTRUSTED)) ||
        !str_starts(line[2], STR(TRUSTED)) || !read_base64(line[1], raw, sizeof raw) ||
        !read_base64(line[3], s.global, SIGN_SIZE))
        return err_set(err, ERR_INVALID, "no signature of minisign");
    if (memcmp(raw, "Ed", KIND) != 0 && memcmp(raw, "ED", KIND) != 0)
        return err_set(err, ERR_UNSUPPORTED, "a signature of another kind than Ed25519");
    s.comment = str_part(line[2], sizeof TRUSTED - 1, line[2].n);
    if (s.comment.n > MINISIGN_COMMENT || has_controls(s.comment))
        return err_set(err, ERR_INVALID, "the signature's comment is no line of text");
    s.hashed = raw[1] == 'D';
    memcpy(s.id, raw + KIND, MINISIGN_ID);
    memcpy(s.signature, raw + KIND + MINISIGN_ID, SIGN_SIZE);
    *ret = s;
    return 0;
}

/* What is signed: the file, or its digest. */
static struct bytes signed_bytes(struct bytes message, bool hashed, uint8_t room[BLAKE2B_MAX])
{
    if (!hashed)
        return message;
    blake2b(&message, 1, BLAKE2B_MAX, room);
    return (struct bytes){room, BLAKE2B_MAX};
}

/* The signature, then the comment. */
static struct bytes commented(const uint8_t signature[SIGN_SIZE], struct str comment,
                              uint8_t room[SIGN_SIZE + MINISIGN_COMMENT])
{
    memcpy(room, signature, SIGN_SIZE);
    if (comment.n)
        memcpy(room + SIGN_SIZE, comment.p, comment.n);
    return (struct bytes){room, SIGN_SIZE + comment.n};
}

int minisign_sign(const struct minisign_secret *key, struct bytes message, struct str comment,
                  bool hashed, struct buf *out, struct err *err)
{
    uint8_t digest[BLAKE2B_MAX];
    uint8_t room[SIGN_SIZE + MINISIGN_COMMENT];
    uint8_t raw[SIGNATURE_BYTES] = "Ed";
    uint8_t global[SIGN_SIZE];
    char text[BASE64_ROOM(SIGNATURE_BYTES)];
    if (comment.n > MINISIGN_COMMENT || has_controls(comment))
        return err_set(err, ERR_INVALID, "the signature's comment is no line of text");
    uint8_t *signature = raw + KIND + MINISIGN_ID;
    raw[1] = hashed ? 'D' : 'd';
    memcpy(raw + KIND, key->open.id, MINISIGN_ID);
    if (sign_make(key->seed, signed_bytes(message, hashed, digest), signature, err) < 0 ||
        sign_make(key->seed, commented(signature, comment, room), global, err) < 0)
        return -1;
    base64_encode((struct bytes){raw, sizeof raw}, text);
    buf_addf(out, UNTRUSTED "signature from assay\n%s\n" TRUSTED "%.*s\n", text,
             STR_ARG(comment));
    base64_encode((struct bytes){global, sizeof global}, text);
    buf_addf(out, "%s\n", text);
    return 0;
}

int minisign_check(const struct minisign_public *key, const struct minisign_signature *s,
                   struct bytes message, struct err *err)
{
    uint8_t digest[BLAKE2B_MAX];
    uint8_t room[SIGN_SIZE + MINISIGN_COMMENT];
    char made[MINISIGN_ID_TEXT];
    char given[MINISIGN_ID_TEXT];
    minisign_id(s->id, made);
    minisign_id(key->id, given);
    if (memcmp(s->id, key->id, MINISIGN_ID) != 0)
        return err_set(err, ERR_NOT_FOUND, "it was made with the key %s, not with %s", made,
                       given);
    if (!sign_check(key->key, signed_bytes(message, s->hashed, digest), s->signature))
        return err_set(err, ERR_CORRUPT, "it is not of this content by the key %s", given);
    if (!sign_check(key->key, commented(s->signature, s->comment, room), s->global))
        return err_set(err, ERR_CORRUPT, "its comment is not the one that was signed");
    return 0;
}
